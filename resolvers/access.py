"""Who may see what: one function per entity, used by root fields, loaders, `_entities` and subscriptions alike."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from models.rules.booking import Booking
from models.rules.booking_filter import Booker, Holder
from models.rules.booking_state import ReservationStatus
from models.rules.cdr import Creditor
from models.rules.identity import normalized, owner, party
from models.rules.location import Location
from models.rules.parties import Parties
from models.rules.provider_line import ProviderLine
from models.rules.quote import Quote
from models.rules.role import Role
from models.rules.token import contract_keys
from resolvers.call import Call, Caller


def sees_location(call: Call, location: Location) -> bool:
    """Published Locations, with their tariffs, terms and availability, are for all; others for their operator.

    One that its operator took back is for nobody.
    """
    return location.withdrawn_at is None and (location.publish or owns(call, location))


def owns(call: Call, location: Location) -> bool:
    """Whether the caller is the operator of the Location."""
    caller = call.caller
    if caller is None or caller.role is not Role.CPO:
        return False
    return caller.party_id == party(location.country_code, location.party_id)


def sees_booking(call: Call, booking: Booking) -> bool:
    """An operator sees its sites' bookings, a provider its own, a fleet its contracts'; nobody else any.

    A party that books on behalf of a provider sees what it made while it has a mandate for all its contracts.
    """
    return concerns(call, booking.parties)


def concerns(call: Call, parties: Parties) -> bool:
    """Whether the caller may see what concerns those parties; the rule for bookings and all that comes of them.

    A fleet's contract is one however it is spelt: API tokens, drivers' Tokens and bookings have it as their provider
    wrote it, and what is stored keeps the spelling that came. So contracts are compared by key, here as in lists.
    """
    caller = call.caller
    if caller is None:
        return False
    if caller.role is Role.CPO:
        return parties.cpo_id == caller.party_id
    if caller.role is Role.EMSP:
        return caller.party_id == parties.emsp_id or (
            caller.party_id == parties.booker_id
            and parties.mandated_until is not None
            and call.now < parties.mandated_until
        )
    if caller.role is Role.TO:
        own = contract_keys(caller.contract_ids)
        return parties.emsp_id == caller.party_id and not contract_keys(parties.contract_ids).isdisjoint(own)
    return False


class Concerning(Protocol):
    """What has a composite id of our own and concerns some parties."""

    @property
    def object_id(self) -> str:
        """Its composite id."""

    @property
    def parties(self) -> Parties:
        """Whom it concerns."""


C = TypeVar("C", bound=Concerning)


def seen(call: Call, one: C | None, named: str) -> C | None:
    """Return what was found by the UUID in the composite id `named`, or None if that is not its id.

    None too if the caller may not see it.
    """
    if one is None or one.object_id != normalized(named) or not concerns(call, one.parties):
        return None
    return one


def may_change(call: Call, booking: Booking) -> bool:
    """Whether a caller who sees a booking may change it; a fleet only if all of it is under its contracts."""
    return call.caller is None or covers(call.caller, booking.contract_ids)


def covers(caller: Caller, contract_ids: Iterable[str]) -> bool:
    """Whether a caller may act for all of those contracts: a fleet for its own only."""
    return caller.role is not Role.TO or contract_keys(contract_ids) <= contract_keys(caller.contract_ids)


def sees_quote(call: Call, quote: Quote, proposed_for: Booking | None = None) -> bool:
    """A quote is for the party that asked for it, in that role and, of a fleet, under those contracts.

    What an operator proposes is for all who see the booking that it is `proposed_for`.
    """
    caller = call.caller
    if quote.is_proposal:
        return proposed_for is not None and sees_booking(call, proposed_for)
    return caller is not None and (caller.party_id, caller.role, caller.contract_ids) == (
        quote.emsp_id,
        quote.role,
        quote.contract_ids,
    )


def sees_contract(call: Call, contract_id: str) -> bool:
    """Whether a caller who sees a booking is told what belongs to a contract: a fleet is, of its own."""
    return call.caller is None or covers(call.caller, (contract_id,))


def told_contract(call: Call, contract_id: str | None) -> bool:
    """Whether a caller is told the contract of something it sees, and the token with it; none is told to all."""
    return contract_id is None or sees_contract(call, contract_id)


def sees_code(booking: Booking) -> bool:
    """Whether those who see a booking are told what opens the gate: from its grant, unless it came to nothing."""
    return booking.status in (ReservationStatus.RESERVED, ReservationStatus.FULFILLED)


def sees_mission(call: Call) -> bool:
    """Whether a caller who sees a booking is told its trip: an operator not, which would learn of other stops."""
    return call.caller is None or call.caller.role is not Role.CPO


def sees_replaced(call: Call, booking: Booking) -> bool:
    """Whether a caller who sees a booking is told which it took the place of: an operator only of its own."""
    caller = call.caller
    if caller is None or caller.role is not Role.CPO or booking.replaces_id is None:
        return True
    return owner(booking.replaces_id) == caller.party_id


def sees_irregularity(call: Call) -> bool:
    """Whether a caller who sees a session is told why it would have been refused: its operator alone."""
    return call.caller is not None and call.caller.role is Role.CPO


def sees_charger(call: Call, booking: Booking) -> bool:
    """Whether a caller who sees a booking is told its charger: the operator always, others once it is revealed."""
    if call.caller is not None and call.caller.role is Role.CPO:
        return True
    return booking.evse_revealed_at is not None and booking.evse_revealed_at <= call.now


def holder(call: Call) -> Holder | None:
    """Return whose bookings the caller may list, or None if nobody's; the same rule as `sees_booking`."""
    caller = call.authenticated()
    if caller.role is Role.CPO:
        return Holder(cpo_id=caller.party_id)
    if caller.role is Role.EMSP:
        return Holder(emsp_id=caller.party_id, booker=Booker(caller.party_id, call.now))
    if caller.role is Role.TO:
        return Holder(emsp_id=caller.party_id, contract_ids=caller.contract_ids)
    return None


def sees_provider_line(call: Call, line: ProviderLine) -> bool:
    """What an EMSP adds is for itself and the fleets under whose contracts it is; not for who books in its place."""
    caller = call.caller
    if caller is None or caller.party_id != line.emsp_id:
        return False
    return caller.role is Role.EMSP or (
        caller.role is Role.TO and not contract_keys(line.contract_ids).isdisjoint(contract_keys(caller.contract_ids))
    )


def creditor(call: Call) -> Creditor:
    """Return whose record of a CDR tells how the caller stands to it: a fleet owes its EMSP, an EMSP the operator."""
    fleet = call.caller is not None and call.caller.role is Role.TO
    return Creditor.EMSP if fleet else Creditor.CPO


def sees_owed_by_fleet(call: Call, parties: Parties) -> bool:
    """Whether a caller who sees a CDR is told what its EMSP noted of the fleet: the two of them, and no operator.

    Nor is who booked in the EMSP's place.
    """
    caller = call.caller
    return caller is not None and caller.role in (Role.EMSP, Role.TO) and caller.party_id == parties.emsp_id


def sees_fault(call: Call, location: Location) -> bool:
    """Faults are for whoever has a token and sees the Location; an operator is told of its own only."""
    if call.caller is None:
        return False
    if call.caller.role is Role.CPO:
        return owns(call, location)
    return sees_location(call, location)
