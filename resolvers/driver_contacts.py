"""How the driver of a booking is reached: told by consent, seen by its operator for so long, then erased (BUC 3.11).

Nothing of it is told by events, kept with the booking's history or remembered with a key, not even as a digest,
by which a number could be found by trying all.
"""

from dataclasses import dataclass, field, replace

from models.db import Connection
from models.errors import AlreadyFinal, BadInput, NotAllowed, NotFound
from models.queries import driver_contacts as stored
from models.rules import driver_message as rules
from models.rules.booking import Booking
from models.rules.booking_state import ReservationStatus
from models.rules.driver_message import DriverContact
from models.rules.role import Role
from resolvers import access, booking_reading
from resolvers.call import Call
from resolvers.locked_booking import lock_places, locked
from resolvers.once import once

BATCH = 500


@dataclass(frozen=True, slots=True)
class ContactToShare:
    """How the driver of a booking is reached, which that one consents to; kept so many minutes after the slot."""

    booking_id: str
    consent: bool
    phone: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    language: str | None = None
    keep_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class ContactToWithdraw:
    """Of which booking the consent is taken back."""

    booking_id: str


async def share(call: Call, idempotency_key: str, wanted: ContactToShare) -> tuple[Booking, DriverContact]:
    """Let the operator of a booking know how its driver is reached, in the place of what it knew; return both.

    Raise NotFound, NotAllowed, AlreadyFinal, or BadInput without consent. A repeat raises NotFound once it is erased;
    one with another phone or name is taken for the same, and shares nothing anew.
    """
    call.acting_as(Role.EMSP, Role.TO)
    phone = _checked(wanted)

    async def first(connection: Connection) -> None:
        await lock_places(connection, wanted.booking_id)

    async def work(connection: Connection) -> None:
        one = await locked(call, connection, wanted.booking_id)
        _check_shared(call, one)
        erase_at = rules.erase_at(one.timeslot.period.end, wanted.keep_minutes)
        if erase_at <= call.now:
            raise NotAllowed("The slot is over for longer than the contact would be kept; give more `keepMinutes`.")
        language = rules.language(wanted.language)
        new = DriverContact(one.location_id, one.id, phone, wanted.name, language, call.now, erase_at)
        await stored.put(connection, new)

    outcome = {"booking": wanted.booking_id}
    asked = replace(wanted, phone="", name=None)
    await once(call, idempotency_key, "driverContactShare", asked, outcome, work, first=first)
    one, contact = await of(call, wanted.booking_id)
    if contact is None:
        raise NotFound("DriverContact", wanted.booking_id)
    return one, contact


async def withdraw(call: Call, idempotency_key: str, wanted: ContactToWithdraw) -> Booking:
    """Erase how the driver of a booking is reached, if that is known, and return the booking, which may be over.

    Raise NotFound or NotAllowed.
    """
    call.acting_as(Role.EMSP, Role.TO)

    async def first(connection: Connection) -> None:
        await lock_places(connection, wanted.booking_id)

    async def work(connection: Connection) -> None:
        one = await locked(call, connection, wanted.booking_id)
        if not access.may_change(call, one):
            raise NotAllowed("The booking is for contracts that your token does not cover.")
        await stored.remove(connection, one.location_id, one.id)

    outcome = {"booking": wanted.booking_id}
    await once(call, idempotency_key, "driverContactWithdraw", wanted, outcome, work, first=first)
    return await booking_reading.get(call, wanted.booking_id)


async def of(call: Call, booking_id: str) -> tuple[Booking, DriverContact | None]:
    """Return a booking of the caller's with how its driver is reached, if that is known and may be read now.

    An operator sees it until the booking is canceled, or comes to nothing otherwise; a fleet if all of the booking is
    under its contracts; nobody once it is to be erased, whether a worker came by or not. Raise NotFound.
    """
    caller = call.acting_as(Role.CPO, Role.EMSP, Role.TO)
    one = await booking_reading.get(call, booking_id)
    if not access.may_change(call, one):
        return one, None
    async with call.database.reading() as connection:
        found = await stored.of(connection, one.id)
    if found is None:
        return one, None
    contact, status = found
    by_operator = caller.role is Role.CPO
    if by_operator and lapsed(call, one):
        return one, None
    return one, contact if contact.seen(status, call.now, by_operator=by_operator) else None


async def moved(connection: Connection, old: Booking, new: Booking) -> None:
    """Keep the contact of a booking that got another slot as long after that one as it was to be kept."""
    later = new.timeslot.period.end - old.timeslot.period.end
    if later:
        await stored.moved(connection, new.location_id, new.id, later)


async def erase(call: Call) -> int:
    """Erase the contacts whose time is up, or whose booking came to nothing; return how many there were.

    Any number of workers may do so at once.
    """
    gone, batch = 0, -1
    while batch:
        batch = await call.database.write(lambda connection: stored.erase(connection, call.now, BATCH))
        gone += batch
    return gone


def lapsed(call: Call, one: Booking) -> bool:
    """Whether nobody used a booking in time, whether a worker came by or not."""
    return one.status is ReservationStatus.RESERVED and one.hazard is None and one.lapses_at <= call.now


def _check_shared(call: Call, one: Booking) -> None:
    """Raise NotAllowed if a booking is also under contracts of others, AlreadyFinal if it came to nothing."""
    if not access.may_change(call, one):
        raise NotAllowed("The booking is for contracts that your token does not cover.")
    if one.status not in rules.IN_USE:
        raise AlreadyFinal(one.status)
    if lapsed(call, one):
        raise AlreadyFinal(ReservationStatus.NO_SHOW)


def _checked(wanted: ContactToShare) -> str:
    """Return the number to be dialled, or raise BadInput, which repeats nothing of it."""
    if not wanted.consent:
        raise BadInput("Nobody's contact is shared without consent: ask the driver, then say `consent: true`.")
    phone = rules.phone(wanted.phone)
    if phone is None:
        raise BadInput("`phone` begins with + and the country, and has 7 to 15 digits, such as +31 6 12345678.")
    if wanted.name is not None and not 1 <= len(wanted.name.strip()) <= len(wanted.name) <= rules.LONGEST_NAME:
        raise BadInput(f"`name` has 1 to {rules.LONGEST_NAME} characters, not only spaces.")
    if wanted.language is not None and rules.language(wanted.language) is None:
        raise BadInput("`language` is two letters, such as en or nl.")
    if not 0 <= (wanted.keep_minutes or 0) <= rules.LONGEST_KEEP_MINUTES:
        raise BadInput(f"`keepMinutes` is 0 to {rules.LONGEST_KEEP_MINUTES}, which is 7 days after the slot.")
    return phone
