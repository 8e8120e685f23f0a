"""Asking an operator to start charging from afar, decided first as at the charger itself (BUC 3.3, 3.9)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound, Refusal
from models.queries import bookings as stored_bookings
from models.queries import faults, locks, tokens
from models.rules.booking import Booking, BookingToken
from models.rules.charging import Allowed, ChargingRefusal, Decision, Presented, Refused, StartMethod
from models.rules.charging_decision import decide
from models.rules.charging_match import concerned, id_of
from models.rules.identity import normalized, own_uuid, owner
from models.rules.parties import Parties
from models.rules.role import Role
from models.rules.session_request import (
    SessionRequest,
    SessionRequestKind,
    SessionRequestStatus,
    about_booking,
    answer_until,
    names_connector,
)
from models.rules.session_tariff import plug
from models.rules.token import Token
from resolvers import access, charging, mandates
from resolvers.call import Call
from resolvers.charging import Charger
from resolvers.charging_scene import Credential, scene
from resolvers.locked_booking import locked
from resolvers.once import once
from resolvers.session_request_asking import ask, charger_at, check_remote
from resolvers.session_request_reading import get

ANOTHERS_CONTRACTS = "The booking is for contracts that your token does not cover."
NOT_FOR_TOKEN = "The booking is not for that token; name one of the booking's, or none."  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True)
class WantedStart:
    """What to start: a booking, or charging at a charger with a Token, whether that is booked for it or not."""

    booking_id: str | None = None
    evse_id: str | None = None
    connector_id: str | None = None
    by: Credential | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """What may be started at a charger: the booking that is used, if one is, in whose name, and with which Token."""

    charger: Charger
    decision: Decision
    by: Presented
    booking: Booking | None = None
    token: BookingToken | None = None


async def start(call: Call, idempotency_key: str, wanted: WantedStart) -> SessionRequest:
    """Ask the operator of a charger to start charging there, and return the request.

    A charger that was any of a group is told to its holder here at the latest. Raise ChargingRefused, NotFound or
    NotAllowed.
    """
    call.acting_as(Role.EMSP, Role.TO)
    if (wanted.booking_id is None) == (wanted.evse_id is None):
        raise BadInput("Give either `bookingId` or `evseId`.")
    if wanted.booking_id is None and wanted.by is None:
        raise BadInput("At an `evseId` give the `token` with which to charge.")
    learned: dict[str, str] = {}

    async def first(connection: Connection) -> None:
        location_id = await _place(connection, wanted)
        if location_id is not None:
            await locks.share(connection, location_id)

    async def work(connection: Connection) -> Refusal | None:
        found = await (_of_booking if wanted.booking_id else _at_charger)(call, connection, wanted)
        if isinstance(found.decision, Refused):
            return await charging.keep(call, connection, found.charger, found.by, found.decision, uuid4())
        check_remote(found.charger.evse)
        new = _request(call, found, wanted)
        await ask(call, connection, new)
        await charging.keep(call, connection, found.charger, found.by, found.decision, uuid4())
        learned["session_request"] = new.object_id
        return None

    came = await once(call, idempotency_key, "sessionStart", wanted, {}, work, first=first, learned=lambda: learned)
    return await get(call, came["session_request"])


async def _place(connection: Connection, wanted: WantedStart) -> str | None:
    if wanted.evse_id is not None:
        return await faults.location_of_evse(connection, normalized(wanted.evse_id))
    uuid = own_uuid(wanted.booking_id or "")
    return await stored_bookings.location_of(connection, uuid) if uuid else None


async def _of_booking(call: Call, connection: Connection, wanted: WantedStart) -> Start:
    """Return whether a booking may be started at its charger."""
    one = await locked(call, connection, wanted.booking_id or "")
    if not access.may_change(call, one):
        raise NotAllowed(ANOTHERS_CONTRACTS)
    return await _with_booking(call, connection, one, wanted.by)


async def _with_booking(call: Call, connection: Connection, one: Booking, by: Credential | None) -> Start:
    """Return whether a locked booking may be started with a Token, or in the name of its provider."""
    charger = await charger_at(call, connection, one.location_id, one.evse_id)
    asking = Presented(StartMethod.REMOTE)
    if by is not None:
        asking = await _presented(connection, by, lambda token: _covered(call, one, token))
    around = await scene(call, connection, charger.published, charger.evse, asking)
    named = await tokens.many(connection, [id_of(token) for token in one.tokens])
    found = about_booking(one, None if by is None else asking, replace(around, published=named))
    if found is None:
        raise NotAllowed(NOT_FOR_TOKEN)
    decision, token = found
    if token is not None:
        await mandates.check_booker(call, connection, one, (token.contract_id,))
    return Start(charger, decision, asking, one, token)


async def _at_charger(call: Call, connection: Connection, wanted: WantedStart) -> Start:
    """Return whether a driver of the caller's may charge at a charger, with a booking of the caller's or without."""
    evse_id = normalized(wanted.evse_id or "")
    location_id = await faults.location_of_evse(connection, evse_id)
    if location_id is None:
        raise NotFound("Evse", evse_id)
    charger = await charger_at(call, connection, location_id, evse_id)
    if not access.sees_location(call, charger.published.location):
        raise NotFound("Evse", evse_id)
    by = await _presented(connection, wanted.by or Credential(), lambda token: _own(call, token))
    around = await scene(call, connection, charger.published, charger.evse, by)
    own = [one for one in around.bookings if access.sees_booking(call, one) and access.may_change(call, one)]
    decision = decide(by, replace(around, bookings=own))
    if isinstance(decision, Allowed) and decision.booking is not None:
        one = await locked(call, connection, decision.booking.object_id)
        return await _with_booking(call, connection, one, wanted.by)
    if isinstance(decision, Refused):
        return Start(charger, _unrevealed(call, decision), by)
    return Start(charger, decision, by, token=decision.token)


async def _presented(connection: Connection, by: Credential, own: Callable[[Token], bool]) -> Presented:
    if by.uid is None or by.type is None:
        raise ValueError("a start from afar is with a Token, never with a reference")
    known = [token for token in await tokens.presented(connection, by.uid, by.type) if own(token)]
    return Presented(StartMethod.REMOTE, by.uid, by.type, known=tuple(known))


def _covered(call: Call, one: Booking, token: Token) -> bool:
    """Whether the caller may use a Token with a booking: no fleet does at the expense of another one's contract."""
    return token.emsp_id == one.emsp_id and access.sees_contract(call, token.contract_id)


def _own(call: Call, token: Token) -> bool:
    """Whether a Token is the caller's; of a fleet, under its contracts."""
    caller = call.authenticated()
    return token.emsp_id == caller.party_id and access.sees_contract(call, token.contract_id)


def _unrevealed(call: Call, refused: Refused) -> Refused:
    """Return a refusal without the charger of a booking that is not due, which may still be moved to another."""
    one = refused.booking
    hidden = one is not None and not access.sees_charger(call, one) and call.now < one.opens_at
    if one is not None and hidden and refused.reason is ChargingRefusal.WRONG_CHARGER:
        return Refused(ChargingRefusal.TOO_EARLY, one.opens_at, booking=one)
    return refused


def _request(call: Call, found: Start, wanted: WantedStart) -> SessionRequest:
    """Return the request that is put to the operator. Raise BadInput or NotAllowed unless its Connector is known."""
    caller, charger = call.authenticated(), found.charger
    connector = plug(charger.evse, wanted.connector_id, found.booking)
    if connector is None and wanted.connector_id is not None:
        raise BadInput(f"`connectorId` names no connector of {charger.evse.id}.")
    if connector is None and names_connector(charger.evse):
        raise NotAllowed("This charger has several connectors; give the `connectorId` of the one to start.")
    return SessionRequest(
        id=uuid4(),
        location_id=charger.location_id,
        kind=SessionRequestKind.START,
        status=SessionRequestStatus.PENDING,
        evse_id=charger.evse.id,
        connector_id=connector.id if connector else None,
        booking_id=found.booking.id if found.booking else None,
        session_id=None,
        parties=_parties(call, found),
        token=found.token,
        role=caller.role,
        requester_id=caller.party_id,
        requested_at=call.now,
        answer_until=answer_until(call.now),
    )


def _parties(call: Call, found: Start) -> Parties:
    """Return whom a request concerns: those of the booking that is used, or of a walk-up who asks."""
    contracts = () if found.token is None else (found.token.contract_id,)
    if found.booking is not None:
        return concerned(found.booking, next(iter(contracts), None))
    return Parties(owner(found.charger.location_id), call.authenticated().party_id, None, contracts)
