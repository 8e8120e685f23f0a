"""Deciding whether somebody may charge at a charger, and keeping what was decided (BUC 3.1, 3.9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from models.charging_errors import ChargingRefused
from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound, Refusal
from models.events import EventKind
from models.queries import bookings as stored
from models.queries import charging, events, faults, locks
from models.queries.concerning import Condition
from models.rules.authorization import ChargingAuthorization
from models.rules.booking import Booking
from models.rules.charging import Allowed, ChargingRefusal, Decision, Presented, Refused
from models.rules.charging_decision import decide
from models.rules.charging_match import concerned, contract_of
from models.rules.identity import normalized, own_uuid, owner
from models.rules.location import Evse
from models.rules.parties import Parties
from models.rules.published import PublishedLocation
from models.rules.role import Role
from resolvers import access, attempts, booking_reading, revealing, told
from resolvers.call import Call
from resolvers.charging_scene import Credential, presented, scene
from resolvers.granting import as_stored
from resolvers.once import once
from resolvers.pages import Page, checked_first, cut, moment_and_id

GUESSED = frozenset({ChargingRefusal.REFERENCE_UNKNOWN, ChargingRefusal.REFERENCE_REPLACED})
"""Refusals of what may have been guessed; so many at one charger, and nobody may try again for some time."""


@dataclass(frozen=True, slots=True)
class WantedCharging:
    """At which charger somebody asks, and with what."""

    evse_id: str
    by: Credential


@dataclass(frozen=True, slots=True)
class Charger:
    """A charger of the caller's with its Location as the database has it, which stays so for the transaction."""

    published: PublishedLocation
    evse: Evse

    @property
    def location_id(self) -> str:
        """The id of its Location."""
        return self.published.location.id


@dataclass(frozen=True, slots=True)
class Authorized:
    """That somebody may charge, as it was decided, with the booking that is used as it is now."""

    authorization: ChargingAuthorization
    booking: Booking | None


async def authorize(call: Call, idempotency_key: str, wanted: WantedCharging) -> Authorized:
    """Decide whether somebody may charge at a charger of the caller's now, and keep what was decided.

    A charger that was any of a group is told to its holder here at the latest. Raise ChargingRefused, NotFound,
    NotAllowed or TooManyAttempts.
    """
    call.acting_as(Role.CPO)
    authorization_id = uuid4()

    async def first(connection: Connection) -> None:
        await keep_charger(connection, wanted.evse_id, wanted.by)

    async def work(connection: Connection) -> Refusal | None:
        charger = await owned(call, connection, wanted.evse_id)
        by = await asked(call, connection, charger, wanted.by)
        decision = decide(by, await scene(call, connection, charger.published, charger.evse, by))
        return await keep(call, connection, charger, by, decision, authorization_id)

    outcome = {"authorization": str(authorization_id)}
    came = await once(call, idempotency_key, "chargingAuthorize", wanted, outcome, work, first=first)
    async with call.database.reading() as connection:
        found = await charging.many(connection, [UUID(came["authorization"])])
    authorization = found.get(UUID(came["authorization"]))
    if authorization is None:
        raise NotFound("ChargingAuthorization", came["authorization"])
    booking_id = authorization.booking_object_id
    return Authorized(authorization, await booking_reading.get(call, booking_id) if booking_id else None)


async def page(
    call: Call, booking_id: str | None, evse_id: str | None, *, first: int, after: tuple[str, ...] | None
) -> Page[ChargingAuthorization]:
    """Return the decisions that concern the caller, in order of time; one statement."""
    holder, limit = access.holder(call), checked_first(first)
    if holder is None:
        return Page((), has_next=False)
    wanted: list[Condition] = []
    if booking_id is not None:
        wanted.append(("booking_id = {}", own_uuid(booking_id)))
    if evse_id is not None:
        wanted.append(("evse_id = {}", normalized(evse_id)))
    async with call.database.reading() as connection:
        found = await charging.listed(connection, holder, wanted, after=moment_and_id(after), limit=limit + 1)
    return cut([(one, (one.at.isoformat(), str(one.id))) for one in found], limit)


async def many(call: Call, ids: Sequence[str]) -> list[ChargingAuthorization | None]:
    """Return the decisions of composite ids, in order; None for one that the caller may not see; one statement."""
    wanted = [own_uuid(one) for one in ids]
    async with call.database.reading() as connection:
        found = await charging.many(connection, [one for one in wanted if one is not None])
    known = [found.get(one) if one else None for one in wanted]
    return [one if one is not None and access.concerns(call, one.parties) else None for one in known]


async def keep_charger(connection: Connection, evse_id: str, by: Credential, *, alone: bool = False) -> None:
    """Keep the Location of a charger as it is, or for this transaction `alone`; before the first write.

    Where a reference is typed nobody else's is looked at meanwhile.
    """
    location_id = await faults.location_of_evse(connection, normalized(evse_id))
    if location_id is None:
        return
    await (locks.own if alone else locks.share)(connection, location_id)
    if by.reference is not None:
        await attempts.wait(connection, location_id, normalized(evse_id))


async def owned(call: Call, connection: Connection, evse_id: str) -> Charger:
    """Return a charger of the caller's, whose Location is locked. Raise NotFound or NotAllowed."""
    location_id = await faults.location_of_evse(connection, normalized(evse_id))
    published = await as_stored(call, connection, location_id) if location_id is not None else None
    evse = published.location.evse(normalized(evse_id)) if published else None
    if published is None or evse is None:
        raise NotFound("Evse", evse_id)
    if access.owns(call, published.location):
        return Charger(published, evse)
    if access.sees_location(call, published.location):
        raise NotAllowed(f"Evse {evse_id} belongs to another operator.")
    raise NotFound("Evse", evse_id)


async def asked(call: Call, connection: Connection, charger: Charger, by: Credential) -> Presented:
    """Return who asks. Raise BadInput, or TooManyAttempts where too many references were guessed."""
    if (by.reference is None) == (by.uid is None):
        raise BadInput("Give either `token` or `reference`.")
    if by.reference is not None:
        await attempts.check(call, connection, charger.location_id, charger.evse.id)
    return await presented(connection, by)


async def keep(
    call: Call, connection: Connection, charger: Charger, by: Presented, decision: Decision, authorization_id: UUID
) -> ChargingRefused | None:
    """Keep a decision and all that it has for effect besides charging itself; return it if it is a refusal."""
    booking = decision.booking
    refused = decision if isinstance(decision, Refused) else None
    if refused is not None and refused.reason in GUESSED:
        await attempts.failed(call, connection, charger.location_id, charger.evse.id)
    if booking is not None and _arrived(decision):
        await _reveal(call, connection, booking)
    parties = _concerned(charger, by, decision)
    noted = ChargingAuthorization(
        id=authorization_id,
        location_id=charger.location_id,
        evse_id=charger.evse.id,
        at=call.now,
        method=by.method,
        basis=decision.basis if isinstance(decision, Allowed) else None,
        reason=refused.reason if refused else None,
        until=_until(decision),
        booking_id=booking.id if booking else None,
        parties=parties,
    )
    await charging.note(connection, noted)
    if refused is None:
        return None
    if parties.emsp_id is not None:
        kind = EventKind.CHARGING_REFUSED
        event = told.concerning(kind, noted.object_id, charger.location_id, parties)
        await events.add(connection, [event], call.now)
    return refusal(refused)


def refusal(refused: Refused) -> ChargingRefused:
    """Return a refusal as mutations raise it."""
    return ChargingRefused(refused.reason.value, refused.sentence, refused.from_, refused.evse_id)


def _until(decision: Decision) -> datetime | None:
    return decision.until if isinstance(decision, Allowed) else None


def _arrived(decision: Decision) -> bool:
    """Whether whoever asks stands there with a booking for about now, so that they are to know its charger."""
    return isinstance(decision, Allowed) or decision.reason in (
        ChargingRefusal.WRONG_CHARGER,
        ChargingRefusal.CHARGER_IN_USE,
        ChargingRefusal.METHOD_NOT_ACCEPTED,
    )


async def _reveal(call: Call, connection: Connection, booking: Booking) -> None:
    """Tell the holder of a booking its charger now, if that was still to come."""
    if booking.evse_revealed_at is not None and booking.evse_revealed_at <= call.now:
        return
    old = await stored.locked(connection, booking.location_id, booking.id)
    if old is None or old.evse_id != booking.evse_id:
        return  # it was moved this moment, which is told by itself
    await revealing.tell_now(call, connection, old)


def _concerned(charger: Charger, by: Presented, decision: Decision) -> Parties:
    """Return whom a decision concerns: those of the booking, or the provider of the Token, if there is one."""
    cpo_id = owner(charger.location_id)
    if decision.booking is not None:
        return concerned(decision.booking, contract_of(decision.booking, by))
    if len(by.known) == 1:
        return Parties(cpo_id, by.known[0].emsp_id, None, (by.known[0].contract_id,))
    return Parties(cpo_id)
