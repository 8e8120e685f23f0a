"""Adding tokens to a booking, whoever else may use it: nothing else of it changes (BUC 2.1, 2.2)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from models.db import Connection
from models.errors import BadInput, NotAllowed
from models.queries import bookings as stored
from models.queries import events
from models.rules.booking import Booking, BookingRequest, BookingToken
from models.rules.booking_state import RequestKind, RequestStatus
from models.rules.role import Role
from resolvers import mandates, told
from resolvers.booking_reading import get
from resolvers.call import Call
from resolvers.for_whom import MOST_TOKENS, check_tokens, contracts_covered
from resolvers.locked_booking import check_changeable, check_undecided, lock_places, locked
from resolvers.once import once


@dataclass(frozen=True, slots=True)
class TokensToAdd:
    """Which tokens may use a booking too; if it had none, only those may from then on."""

    booking_id: str
    tokens: tuple[BookingToken, ...]


async def add_tokens(call: Call, idempotency_key: str, wanted: TokensToAdd) -> Booking:
    """Let more tokens use a booking while it is live, and return it; those it has stay as they are.

    Raise NotFound, NotAllowed or AlreadyFinal.
    """
    call.acting_as(Role.EMSP, Role.TO)
    if not 1 <= len(wanted.tokens) <= MOST_TOKENS:
        raise BadInput(f"Give 1 to {MOST_TOKENS} tokens.")

    async def first(connection: Connection) -> None:
        await lock_places(connection, wanted.booking_id)

    async def work(connection: Connection) -> None:
        old = await locked(call, connection, wanted.booking_id)
        check_changeable(call, old)
        await _check_may(call, connection, old, wanted)
        tokens = (*old.tokens, *_unknown(old.tokens, wanted.tokens))
        if len(tokens) > MOST_TOKENS:
            raise NotAllowed(f"A booking is for at most {MOST_TOKENS} tokens, and this one has {len(old.tokens)}.")
        contract_ids = {*old.contract_ids, *(token.contract_id for token in tokens)}
        new = replace(old, tokens=tokens, contract_ids=tuple(sorted(contract_ids)), last_updated=call.now)
        await stored.put(connection, old, new)
        await stored.add_request(connection, old, _request(call, old), _asked(wanted))
        await events.add(connection, [told.booking(new)], call.now)

    outcome = {"booking": wanted.booking_id}
    await once(call, idempotency_key, "bookingTokensAdd", wanted, outcome, work, first=first)
    return await get(call, wanted.booking_id)


async def _check_may(call: Call, connection: Connection, old: Booking, wanted: TokensToAdd) -> None:
    if old.pending is not None and old.pending.kind is RequestKind.CHANGE:
        check_undecided(old)
    named = {token.contract_id for token in wanted.tokens}
    check_tokens(old.emsp_id, wanted.tokens)
    contracts_covered(call.authenticated(), named)
    await mandates.check_booker(call, connection, old, {*old.contract_ids, *named})


def _unknown(known: Sequence[BookingToken], added: Sequence[BookingToken]) -> list[BookingToken]:
    """Return the tokens that are not known yet, each once; the standard compares their ids without case."""
    found = {_key(one) for one in known}
    new: dict[tuple[str, str, str], BookingToken] = {}
    for one in added:
        if _key(one) not in found:
            new.setdefault(_key(one), one)
    return list(new.values())


def _key(one: BookingToken) -> tuple[str, str, str]:
    return one.country_code.upper(), one.party_id.upper(), one.uid.upper()


def _request(call: Call, old: Booking) -> BookingRequest:
    caller = call.authenticated()
    return BookingRequest(
        RequestKind.CHANGE,
        RequestStatus.ACCEPTED,
        call.now,
        call.now,
        caller.role,
        caller.party_id,
        position=len(old.booking_requests),
    )


def _asked(wanted: TokensToAdd) -> dict[str, object]:
    return {"tokens_added": [asdict(token) for token in wanted.tokens]}
