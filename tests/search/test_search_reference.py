"""Searches of random networks agree with a slow second opinion that shares no code with them."""

from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from models.db import Database
from models.rules.published import PublishedLocation
from resolvers.availability import AvailabilityMatch, Box, Named, Near, availability
from resolvers.corridor import Corridor, CorridorMatch, corridor_availability
from tests.models.globe import apart, sampled
from tests.search.comparing import all_pages, assert_same, put, scenes
from tests.search.questions import Case, a_case
from tests.search.slow_routes import SHARE, arrivals, known_moments, passes, when_in, when_there
from tests.search.slow_scene import Scene
from tests.search.slow_search import Answer, answer

pytestmark = pytest.mark.anyio

SHORT = settings(max_examples=100, derandomize=True, suppress_health_check=list(HealthCheck))
NO_ETA: list[datetime | None] = [None]
SEEDS = st.integers(0, 2**24 - 1)
"""A network and a search follow from a seed, for drawing every part of them would take ten times as long."""

LOCATIONS = st.integers(1, 6)
LONG = settings(SHORT, max_examples=10_000)


@SHORT
@given(seed=SEEDS, locations=LOCATIONS)
async def test_a_search_finds_what_a_slow_search_finds(database: Database, seed: int, locations: int) -> None:
    await compare(database, a_case(seed, locations))


@pytest.mark.long
@LONG
@given(seed=SEEDS, locations=LOCATIONS)
async def test_thousands_of_searches_find_what_slow_ones_find(database: Database, seed: int, locations: int) -> None:
    await compare(database, a_case(seed, locations))


async def compare(database: Database, case: Case) -> None:
    """Compare what is found in a network with what should be."""
    if isinstance(case.where, Corridor):
        await compare_along(database, case, case.where)
    else:
        await compare_anywhere(database, case)


async def compare_anywhere(database: Database, case: Case) -> None:
    call, seen = await put(database, case), scenes(case)
    where = case.where
    assert not isinstance(where, Corridor)
    inside = {name: is_inside(where, scene.published) for name, scene in seen.items()}
    if None in inside.values():
        event("too close to call")
        return

    found = await all_pages(
        case.first,
        lambda after: availability(call, where, case.window, case.asked, first=case.first, after=after),
    )

    when = when_in(case.window, case.now)
    expected = {name: told for name in seen if inside[name] and (told := answer(seen[name], case.asked, when))}
    assert sorted(name_of(one) for one in found) == sorted(expected)
    for one in found:
        assert_same(one.available, expected[name_of(one)])
    assert_in_order(where, found)
    event(f"found anywhere: {len(found)}")


async def compare_along(database: Database, case: Case, corridor: Corridor) -> None:
    call, seen = await put(database, case), scenes(case)
    route = sampled(corridor.route)
    passed = {name: passes(route, place_of(scene.published), corridor.width_km) for name, scene in seen.items()}
    known = known_moments(corridor)
    if None in passed.values():
        event("too close to call")
        return

    found = await all_pages(
        case.first, lambda after: corridor_availability(call, corridor, case.asked, first=case.first, after=after)
    )

    for name, scene in seen.items():
        here = [one for one in found if name_of(one) == name]
        for one in passed[name] or ():
            etas = arrivals(corridor, known, one.off_km, one.along_km)
            hit = here.pop(0) if here and one.is_at(here[0].hit.off_route_km, here[0].hit.along_km) else None
            assert_pass(case, scene, hit, etas)
        assert here == [], "the route does not pass there"
    assert {name_of(one) for one in found} <= set(seen)
    order = [(round(one.hit.along_km, 4), name_of(one)) for one in found]
    assert order == sorted(order)
    event(f"found along: {len(found)}")


def assert_pass(case: Case, scene: Scene, hit: CorridorMatch | None, etas: list[datetime] | None) -> None:
    """Assert that a pass is told as it should be, or not told because there is nothing to tell."""
    if hit is None:
        assert any(not _answer_at(case, scene, eta) for eta in etas or NO_ETA)
        return
    assert (hit.eta is None) == (etas is None)
    if hit.eta is not None and etas is not None:
        assert min(etas) <= hit.eta <= max(etas)
    assert hit.detour_km == pytest.approx(2 * hit.hit.off_route_km)
    assert_same(hit.available, _answer_at(case, scene, hit.eta))


def _answer_at(case: Case, scene: Scene, eta: datetime | None) -> Answer:
    assert isinstance(case.where, Corridor)
    when = when_there(case.where, eta, case.now)
    return answer(scene, case.asked, when) if when else Answer({}, {}, frozenset())


def is_inside(where: Near | Box | Named, published: PublishedLocation) -> bool | None:
    """Whether a Location lies where is searched, or None if it is too close to call."""
    latitude, longitude = place_of(published)
    if isinstance(where, Named):
        return published.location.id in {one.upper() for one in where.location_ids}
    if isinstance(where, Near):
        km = apart(where.point, (latitude, longitude))
        return None if abs(km - where.radius_km) <= where.radius_km * SHARE else km <= where.radius_km
    wide = Fraction(where.east) - Fraction(where.west)
    east = (Fraction(longitude) - Fraction(where.west)) % 360
    return where.south <= latitude <= where.north and east <= (wide if wide >= 0 else wide + 360)


def assert_in_order(where: Near | Box | Named, found: list[AvailabilityMatch]) -> None:
    """Assert that the nearest come first, else that they come by id."""
    if not isinstance(where, Near):
        assert [one.distance_km for one in found] == [None] * len(found)
        assert [name_of(one) for one in found] == sorted(name_of(one) for one in found)
        return
    order = [(round(one.distance_km or 0.0, 4), name_of(one)) for one in found]
    assert order == sorted(order)
    for one in found:
        km = apart(where.point, place_of(one.available.published))
        assert one.distance_km == pytest.approx(km, rel=SHARE, abs=0.001)


def place_of(published: PublishedLocation) -> tuple[float, float]:
    return float(published.location.latitude), float(published.location.longitude)


def name_of(one: AvailabilityMatch | CorridorMatch) -> str:
    return one.available.published.location.id
