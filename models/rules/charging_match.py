"""Which bookings somebody who presents a Token or a reference may use (BUC 3.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from models.rules.booking import Booking, BookingToken
from models.rules.charging import Presented
from models.rules.identity import object_id, owner
from models.rules.parties import Parties
from models.rules.token import Token, TokenType, contract_key, uid_key

Published = Mapping[str, Token]
"""What EMSPs published of the Tokens that bookings name, by composite id."""


def id_of(token: BookingToken) -> str:
    """Return the composite id that a booking's Token has, if its EMSP published it."""
    return object_id(token.country_code, token.party_id, token.type, uid_key(token.type, token.uid))


def used_token(one: Booking, presented: Presented, published: Published) -> BookingToken | None:
    """Return the Token by which whoever presents themselves may use a booking, or None if by none.

    That is a Token of the booking; any of its provider, under its contracts, if it names none; for an EMAID, one
    under a contract of the booking; and where the terms support groups, any of the group of a Token of it.
    """
    for token in one.tokens:
        if same(presented, token):
            return token
    own = [token for token in presented.known if token.emsp_id == one.emsp_id]
    by_contract = _by_contract(one, presented, own)
    if by_contract is not None:
        return by_contract
    if not one.tokens:
        named = {contract_key(name) for name in one.contract_ids}
        return next((t.of_booking for t in own if not named or contract_key(t.contract_id) in named), None)
    if one.booking_terms.token_groups_supported:
        groups = {_group(published[id_of(t)]) for t in one.tokens if id_of(t) in published} - {None}
        return next((token.of_booking for token in own if _group(token) in groups), None)
    return None


def standing(token: BookingToken | None, presented: Presented, published: Published) -> Token | None:
    """Return what was published of the Token that is used, so that one that is blocked opens nothing.

    Of an EMAID that was not published as such, that is what its provider published of another under its contract.
    """
    if token is None:
        return None
    named = id_of(token)
    known = {one.id: one for one in presented.known}
    found = known.get(named) or published.get(named)
    if found is None and presented.type is TokenType.EMAID:
        return next((one for one in known.values() if one.emsp_id == owner(named)), None)
    return found


def contract_of(one: Booking, presented: Presented) -> str | None:
    """Return under which contract whoever presents themselves uses a booking that they may use; None if by none."""
    named = next((token for token in one.tokens if same(presented, token)), None)
    own = [token for token in presented.known if token.emsp_id == one.emsp_id]
    used = named or _by_contract(one, presented, own) or next(iter(own), None)
    return used.contract_id if used else None


def concerned(one: Booking, contract_id: str | None) -> Parties:
    """Return whom it concerns that somebody uses a booking, or tries to, under a contract, if that is known.

    Those are the booking's parties; and whoever uses it under another contract, by a Token of the same group.
    """
    if contract_id is None or contract_key(contract_id) in map(contract_key, one.contract_ids):
        return one.parties
    return replace(one.parties, contract_ids=(*one.contract_ids, contract_id))


def best(found: list[Booking], evse_id: str, now: datetime) -> Booking | None:
    """Return the booking that is meant: the one that may be used now, rather on this charger; else the next one."""
    return min(
        found,
        key=lambda one: (
            one.opens_at > now,
            one.evse_id != evse_id,
            one.timeslot.period.start,
            str(one.id),
        ),
        default=None,
    )


def same(presented: Presented, token: BookingToken) -> bool:
    """Whether somebody presents that very Token."""
    return (
        presented.uid is not None
        and presented.type is not None
        and presented.type.value == token.type.upper()
        and uid_key(token.type, presented.uid) == uid_key(token.type, token.uid)
    )


def _by_contract(one: Booking, presented: Presented, own: Sequence[Token]) -> BookingToken | None:
    """Return under which contract of a booking a vehicle presents itself by an EMAID; None if by something else.

    An EMAID is a contract's id, and is under the contract too that its provider published it under.
    """
    emaid = presented.uid
    if presented.type is not TokenType.EMAID or emaid is None:
        return None
    wanted = {contract_key(emaid), *(contract_key(token.contract_id) for token in own)}
    country_code, party_id = one.emsp_id.split("*")
    for contract_id in (*(token.contract_id for token in one.tokens), *one.contract_ids):
        if contract_key(contract_id) in wanted:
            return BookingToken(country_code, party_id, emaid, TokenType.EMAID.value, contract_id)
    return None


def _group(token: Token) -> str | None:
    """Return the group of a Token as two are compared: without case (OCPI CiString)."""
    return token.group_id.upper() if token.group_id else None
