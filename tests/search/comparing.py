"""What the product tells of one Location, held against the second opinion; and a network put where it searches."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID, uuid4

from hypothesis import event

from models.catalogue import Catalogue
from models.db import Database
from models.events import Cursor
from models.queries.documents import to_range
from models.rules.nearby_times import Closeness
from models.tables.allocation import AllocationKind
from resolvers.call import Call
from resolvers.free import Available, Free, NearMiss
from resolvers.pages import Page
from resolvers.pricing import PricedTimeslot
from tests.search.questions import Case
from tests.search.slow_hours import Doors
from tests.search.slow_scene import Scene, is_seen
from tests.search.slow_search import Answer, Expected, Slot

T = TypeVar("T")
KINDS = (AllocationKind.BOOKING, AllocationKind.WALK_UP, AllocationKind.OVERTIME)
HOLDER = UUID(int=9)
PUT = """
INSERT INTO allocation (
    location_id, id, evse_id, parking_bay_id, during, holder_id, kind, released_at, expires_at, quote_id
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def put(database: Database, case: Case) -> Call:
    """Let the database and the catalogue hold a network and nothing else, and return a call of who asks."""
    rows = [
        (
            one.published.location.id,
            uuid4(),
            taken.evse_id,
            taken.bay_id,
            to_range(taken.period),
            HOLDER,
            AllocationKind.HOLD if taken.expires_at else KINDS[number % len(KINDS)],
            case.now if taken.released else None,
            taken.expires_at,
            HOLDER if taken.expires_at else None,
        )
        for one in case.network
        for number, taken in enumerate(one.taken)
    ]
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")  # the chargers have no rows
        await connection.execute("DELETE FROM allocation")
        await connection.executemany(PUT, rows)
    catalogue = Catalogue()
    catalogue.load([one.published for one in case.network], Cursor("", 0, 0), case.now)
    return Call(case.caller, case.now, database, catalogue)


def scenes(case: Case) -> dict[str, Scene]:
    """Return the Locations that the caller sees, by id."""
    return {
        one.published.location.id: Scene(
            one.published,
            [taken for taken in one.taken if taken.is_live(case.now)],
            Doors(one.published.location, case.day),
        )
        for one in case.network
        if is_seen(case.caller, one.published)
    }


async def all_pages(first: int, ask: Callable[[tuple[str, ...] | None], Awaitable[Page[T]]]) -> list[T]:
    """Return everything that a list holds, asked page by page, so many at a time."""
    found: list[T] = []
    page = await ask(None)
    while True:
        found += [one for one, _ in page.items]
        if not page.has_next:
            return found
        assert 0 < len(page.items) <= first
        page = await ask(page.items[-1][1])


def assert_same(shown: Available, expected: Answer) -> None:
    """Assert that the product tells of a Location what it should."""
    assert [one.booking_location.id for one in shown.free] == list(expected.free)
    assert [one.booking_location.id for one in shown.near_misses] == list(expected.missed)
    for free in shown.free:
        _assert_free(free, expected.free[free.booking_location.id])
    for missed in shown.near_misses:
        _assert_missed(missed, expected.missed[missed.booking_location.id])
    assert {one.spot.evse.id for one in shown.walk_up} == expected.walk_up
    assert len(shown.walk_up) == len(expected.walk_up)
    if shown.walk_up:
        event("a charger to walk up to")


def _assert_free(shown: Free, expected: Expected) -> None:
    slots = [_slot(one) for one in shown.timeslots]
    in_time = [one[:3] for one in slots]
    assert {spot.evse.id for spot in shown.spots} == expected.compliant
    assert in_time == [one[:3] for one in expected.slots]
    if expected.most is None or len(slots) < expected.most:
        assert Counter(slots) == Counter(expected.slots)
    for side, found in ((Closeness.BEFORE, expected.before), (Closeness.AFTER, expected.after)):
        near = {_slot(one) for one in shown.closest if one.closeness == side}
        assert len(near) == min(len(found), 1)
        assert near <= found
        if near:
            event(f"closest {side}")
    event("starts" if expected.most else "windows" if slots else "closest alone")


def _assert_missed(shown: NearMiss, expected: Expected) -> None:
    assert len(set(shown.reasons)) == len(shown.reasons)
    assert frozenset(shown.reasons) in expected.reasons
    for reason in shown.reasons:
        event(f"missed: {reason}")


def _slot(one: PricedTimeslot) -> Slot:
    slot = one.slot
    powers = (slot.min_power, slot.max_power, slot.green_energy_support)
    return Slot(slot.period.start, slot.period.end, slot.available, powers)
