"""Booking several stops of one trip by their quotes, at any number of operators: all of them or none (BUC 2.1)."""

from collections import Counter
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import BadInput, ChargerUnusable, NotAllowed
from models.queries import locks
from models.queries import quotes as stored_quotes
from models.rules.booking import Booking, BookingToken
from models.rules.identity import uuid_of
from models.rules.role import Role
from resolvers import booking_reading, mandates
from resolvers.booking_making import Maker, store, taken_over
from resolvers.call import Call, Caller
from resolvers.for_whom import NOBODY, ForWhom, check_tokens, contracts
from resolvers.once import once
from resolvers.quotes import MOST_HOLDS


@dataclass(frozen=True, slots=True)
class Stop:
    """A quote to book; None leaves to the mission who may use it and which vehicle comes."""

    quote_id: str
    license_plate: str | None = None
    tokens: tuple[BookingToken, ...] | None = None

    def whom(self, mission: ForWhom) -> ForWhom:
        """Return for whom this stop is booked."""
        return replace(
            mission,
            tokens=mission.tokens if self.tokens is None else self.tokens,
            license_plate=self.license_plate or mission.license_plate,
        )


@dataclass(frozen=True, slots=True)
class MissionBooking:
    """The stops of one trip, and for whom they are."""

    stops: tuple[Stop, ...]
    whom: ForWhom = NOBODY


@dataclass(frozen=True, slots=True)
class Mission:
    """What one trip was booked as, in the order that its quotes were given."""

    id: UUID
    bookings: tuple[Booking, ...]


async def book(call: Call, idempotency_key: str, wanted: MissionBooking) -> Mission:
    """Book all stops of a trip, or none, and return them.

    A stop whose operator confirms bookings is asked for only, so that its answer may be PENDING, and it may be
    declined later, when the others stay as they are. A refusal tells of which quote it is. Raise NotFound,
    NotAllowed, QuoteExpired, QuoteUsed or ChargerUnusable.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    _check(wanted)
    stops = sorted(wanted.stops, key=lambda stop: str(uuid_of(stop.quote_id.strip())))
    booked_as = {stop.quote_id: uuid4() for stop in wanted.stops}
    mission_id = uuid4()

    async def first(connection: Connection) -> None:
        named = [uuid_of(stop.quote_id.strip()) for stop in stops]
        found = await stored_quotes.many(connection, [uuid for uuid in named if uuid is not None])
        await locks.share_many(connection, [one.grant.location_id for one in found.values()])

    async def work(connection: Connection) -> None:
        for stop in stops:
            await _book(call, connection, caller, stop, wanted.whom, booked_as[stop.quote_id], mission_id)

    outcome = {"mission": str(mission_id), "bookings": [str(one) for one in booked_as.values()]}
    came = await once(call, idempotency_key, "missionBook", wanted, outcome, work, first=first)
    made = await booking_reading.made(call, [UUID(one) for one in came["bookings"]])
    return Mission(UUID(came["mission"]), tuple(made))


async def _book(
    call: Call,
    connection: Connection,
    caller: Caller,
    stop: Stop,
    mission: ForWhom,
    booking_id: UUID,
    mission_id: UUID,
) -> None:
    """Book one stop; quotes are locked in the order of their ids, so that no two missions wait for each other."""
    whom = stop.whom(mission)
    try:
        contract_ids = contracts(caller, whom)
        emsp_id = await mandates.provider(call, connection, caller, whom, contract_ids)
        check_tokens(emsp_id, whom.tokens)
        quote = await taken_over(call, connection, stop.quote_id, booking_id)
        maker = Maker(call, caller, emsp_id, contract_ids, whom, mission_id)
        await store(call, connection, maker.booking(booking_id, str(uuid4()), quote.grant, quote.id), whom, quote)
    except ChargerUnusable as refusal:
        raise ChargerUnusable(refusal.booking_location_id, stop.quote_id) from None
    except NotAllowed as refusal:
        raise NotAllowed(f"Quote {stop.quote_id}: {refusal.reason}") from None


def _check(wanted: MissionBooking) -> None:
    if not 1 <= len(wanted.stops) <= MOST_HOLDS:
        raise BadInput(f"A mission has 1 to {MOST_HOLDS} quotes; this one has {len(wanted.stops)}.")
    ((name, times),) = Counter(stop.quote_id.strip().lower() for stop in wanted.stops).most_common(1)
    if times > 1:
        raise BadInput(f"Name each quote once; {name} is named {times} times.")
