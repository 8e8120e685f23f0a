"""Letting a vehicle into a Location, or saying why not; either is kept (BUC 3.12)."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.queries import locks
from models.queries import site_entries as stored
from models.rules.booking import Booking
from models.rules.identity import normalized, owner
from models.rules.license_plate import folded
from models.rules.parties import Parties
from models.rules.reference import read
from models.rules.role import Role
from models.rules.site_entry import GUESSED, EntryRefusal, SiteEntry
from models.rules.site_entry_decision import Entering, Verdict
from models.rules.token import TokenType
from resolvers import access, attempts, booking_reading, revealing
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.charging_scene import Credential, presented
from resolvers.once import Outcome, once
from resolvers.site_entry_finding import verdict_on


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who asks to enter where: exactly one of plate, code, Token (uid and type) and reference is given."""

    location_id: str
    gate: str | None = None
    license_plate: str | None = None
    access_code: str | None = None
    uid: str | None = None
    type: TokenType | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a gate was answered: the entry as it is kept, the booking if it admits, else when it will, if ever."""

    entry: SiteEntry
    booking: Booking | None = None
    from_: datetime | None = None


async def authorize(call: Call, idempotency_key: str, wanted: Attempt) -> Answered:
    """Let a vehicle in, or say why not; either is kept, without what was presented.

    Who is let in is told the charger. Raise NotFound, NotAllowed, BadInput, or TooManyAttempts where codes and
    references are not taken at present; plates and Tokens are, as devices read them.
    """
    call.acting_as(Role.CPO)
    wanted = replace(_checked(wanted), location_id=normalized(wanted.location_id))
    await _check_owned(call, wanted.location_id)
    entry_id, came_of_it = uuid4(), Verdict(EntryRefusal.NO_BOOKING)

    async def first(connection: Connection) -> None:
        await locks.share(connection, wanted.location_id)
        if wanted.access_code is not None or wanted.reference is not None:
            await attempts.wait(connection, wanted.location_id, attempts.gate(wanted.gate))

    async def work(connection: Connection) -> None:
        nonlocal came_of_it
        came_of_it = await _decided(call, connection, wanted, entry_id)

    def learned() -> Outcome:
        return {"from": came_of_it.from_.isoformat() if came_of_it.from_ else None}

    kept = {"entry": str(entry_id)}
    came = await once(call, idempotency_key, "siteEntryAuthorize", wanted, kept, work, first=first, learned=learned)
    return await _answered(call, UUID(came["entry"]), came["from"])


async def _decided(call: Call, connection: Connection, wanted: Attempt, entry_id: UUID) -> Verdict:
    """Decide, keep what was decided, and tell the charger to whoever is let in; in a transaction."""
    asked = await _entering(connection, wanted)
    door = attempts.gate(wanted.gate)
    if asked.method in GUESSED:
        await attempts.check(call, connection, wanted.location_id, door)
    verdict = await verdict_on(call, connection, wanted.location_id, asked)
    if asked.method in GUESSED and verdict.reason is EntryRefusal.NO_BOOKING:
        await attempts.failed(call, connection, wanted.location_id, door)
    one = verdict.booking
    if one is not None and verdict.reason is None:
        await revealing.tell_now(call, connection, one)
    entry = SiteEntry(
        id=entry_id,
        location_id=wanted.location_id,
        at=call.now,
        gate=wanted.gate,
        method=asked.method,
        reason=verdict.reason,
        booking_id=one.id if one else None,
        parties=one.parties if one else Parties(owner(wanted.location_id)),
    )
    await stored.note(connection, entry)
    return verdict


async def _entering(connection: Connection, wanted: Attempt) -> Entering:
    token = None
    if wanted.uid is not None:
        token = await presented(connection, Credential(wanted.uid, wanted.type))
    code = "".join(wanted.access_code.split()) if wanted.access_code is not None else None
    reference = read(wanted.reference) if wanted.reference is not None else None
    return Entering(wanted.license_plate, code, token, reference)


def _checked(wanted: Attempt) -> Attempt:
    given = (wanted.license_plate, wanted.access_code, wanted.uid, wanted.reference)
    if sum(one is not None for one in given) != 1:
        raise BadInput("Give exactly one of `licensePlate`, `accessCode`, `token` and `reference`.")
    if wanted.license_plate is not None and not folded(wanted.license_plate):
        raise BadInput("`licensePlate` has at least one letter or digit.")
    return wanted


async def _check_owned(call: Call, location_id: str) -> None:
    """Raise NotFound, or NotAllowed for another operator's Location; one that was taken back has its gate still."""
    await remember(call, [location_id])
    entry = call.catalogue.get(location_id)
    if entry is not None and access.owns(call, entry.published.location):
        return
    if entry is not None and access.sees_location(call, entry.published.location):
        raise NotAllowed(f"Location {location_id} belongs to another operator.")
    raise NotFound("Location", location_id)


async def _answered(call: Call, entry_id: UUID, from_: str | None) -> Answered:
    async with call.database.reading() as connection:
        entry = (await stored.many(connection, [entry_id]))[entry_id]
    one = None
    if entry.reason is None and entry.booking_object_id is not None:
        one = await booking_reading.get(call, entry.booking_object_id)
    return Answered(entry, one, datetime.fromisoformat(from_) if from_ else None)
