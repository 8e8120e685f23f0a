"""The import into PostgreSQL: twice the same, never an older object over a newer, each whole or not at all."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from models.rules.location import Status
from server.demo.loading import ensure_network
from server.demo.network import SHARED_BAY_BOOKING_LOCATION, documents
from server.demo.operators import OPERATORS
from server.ocpi.importing import Summary, import_paths
from server.publisher import DatabasePublisher
from tests.factories.catalogue import NOW, at
from tests.world import World

pytestmark = pytest.mark.anyio

ROWS = """
SELECT (SELECT json_agg(t ORDER BY t.id) FROM (SELECT id, last_updated, version FROM location) t)::text
    || (SELECT json_agg(t ORDER BY t.id) FROM (SELECT location_id, id, status FROM evse) t)::text
    || (SELECT json_agg(t ORDER BY t.id) FROM (SELECT id, elements FROM tariff) t)::text
    || (SELECT json_agg(t ORDER BY t.id) FROM (SELECT id, tariff_ids, booking_terms FROM booking_location) t)::text
    || (SELECT count(*) FROM timeslot)::text
"""


def sample() -> dict[str, list[dict[str, Any]]]:
    """Return a part of the demo network: three sites with all that belongs to them."""
    made = documents(NOW)
    places = made.locations[:3]
    names = {(one["country_code"], one["party_id"], one["id"]) for one in places}
    offers = [
        one for one in made.booking_locations if (one["country_code"], one["party_id"], one["location_id"]) in names
    ]
    return {"tariffs": made.tariffs, "locations": places, "booking_locations": offers}


async def imported(world: World, folder: Path, parts: dict[str, list[dict[str, Any]]]) -> Summary:
    """Import documents, as bare lists in files of their own."""
    for name, objects in parts.items():
        (folder / f"{name}.json").write_text(json.dumps(objects))
    summary = await import_paths([folder], DatabasePublisher(world.database, lambda: world.now))
    await world.feed.synced()
    return summary


async def rows(world: World) -> str:
    """Return all that was stored."""
    async with world.database.reading() as connection:
        return str(await connection.fetchval(ROWS))


def outcomes(summary: Summary) -> dict[str, int]:
    """Return how many objects came to what, of all kinds."""
    total: dict[str, int] = {}
    for counts in summary.published.values():
        for outcome, number in counts.items():
            total[outcome.value] = total.get(outcome.value, 0) + number
    return total


async def test_twice_gives_the_same_rows_and_changes_nothing(world: World, tmp_path: Path) -> None:
    parts = sample()
    number = sum(map(len, parts.values()))

    first = await imported(world, tmp_path, parts)
    stored = await rows(world)
    second = await imported(world, tmp_path, parts)

    assert (outcomes(first), first.rejects) == ({"CREATED": number}, [])
    assert (outcomes(second), second.rejects) == ({"UNCHANGED": number}, [])
    assert await rows(world) == stored


async def test_a_bad_object_is_told_and_leaves_nothing_while_the_rest_goes_on(world: World, tmp_path: Path) -> None:
    parts = sample()
    broken = deepcopy(parts["locations"][1])
    broken["id"] = "BROKEN"
    broken["evses"][-1]["connectors"][0]["power_type"] = "STEAM"
    parts["locations"].insert(1, broken)

    for _ in range(2):
        summary = await imported(world, tmp_path, parts)
        (reject,) = summary.rejects
        last = len(broken["evses"]) - 1
        assert (reject.file.name, reject.path) == ("locations.json", f"$[1].evses[{last}].connectors[0].power_type")

    assert len(world.catalogue.ids()) == 3
    async with world.database.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM evse WHERE location_id LIKE '%BROKEN'") == 0


async def test_an_older_object_is_not_put_over_a_newer(world: World, tmp_path: Path) -> None:
    parts = sample()
    await imported(world, tmp_path, parts)
    stored = await rows(world)

    older = deepcopy(parts)
    for one in (*older["locations"], *older["tariffs"], *older["booking_locations"]):
        one["last_updated"] = "2020-01-01T00:00:00Z"
    for place in older["locations"]:
        place["name"] = "An old name"
    summary = await imported(world, tmp_path, older)

    assert outcomes(summary) == {"KEPT_NEWER": sum(map(len, parts.values()))}
    assert await rows(world) == stored


async def test_a_charger_that_is_no_longer_in_the_document_stays_as_removed(world: World, tmp_path: Path) -> None:
    parts = sample()
    await imported(world, tmp_path, parts)

    newer = deepcopy(parts["locations"][0])
    gone = newer["evses"].pop()
    newer["last_updated"] = "2026-12-02T00:00:00Z"
    await imported(world, tmp_path, {"locations": [newer]})

    evse = world.catalogue.evse(f"{newer['country_code']}*{newer['party_id']}*{newer['id']}*{gone['uid']}".upper())
    assert evse is not None
    assert evse[1].status is Status.REMOVED
    assert evse[1].connectors == ()


async def test_what_can_be_booked_at_an_unknown_location_is_refused(world: World, tmp_path: Path) -> None:
    summary = await imported(world, tmp_path, {"booking_locations": sample()["booking_locations"][:1]})

    (reject,) = summary.rejects
    assert (reject.path, reject.reason.startswith("There is no Location")) == ("$[0]", True)


async def test_the_demo_network_is_whole_and_keeps_its_calendars_ahead(world: World) -> None:
    assert await ensure_network(world.database, lambda: NOW)
    await world.feed.synced()
    first = world.catalogue.booking_location(SHARED_BAY_BOOKING_LOCATION)

    world.later(at(6, day=3))
    assert await ensure_network(world.database, lambda: world.now)
    await world.feed.synced()
    later = world.catalogue.booking_location(SHARED_BAY_BOOKING_LOCATION)

    assert len(world.catalogue.ids()) == 72
    assert len(OPERATORS) == 6
    assert first is not None
    assert later is not None
    assert later[1].calendars[0].covers.end > first[1].calendars[0].covers.end


async def test_an_interrupted_first_start_is_completed_by_the_next(world: World, tmp_path: Path) -> None:
    made = documents(NOW)
    await imported(world, tmp_path, {"tariffs": made.tariffs, "locations": made.locations})

    assert await ensure_network(world.database, lambda: NOW)
    await world.feed.synced()

    assert world.catalogue.booking_location(SHARED_BAY_BOOKING_LOCATION) is not None


async def test_a_database_of_other_locations_is_left_alone(world: World, tmp_path: Path) -> None:
    parts = sample()
    for place in parts["locations"]:
        place["id"] = f"OTHER-{place['id']}"
    await imported(world, tmp_path, {"locations": parts["locations"]})

    assert not await ensure_network(world.database, lambda: NOW)
    await world.feed.synced()

    assert len(world.catalogue.ids()) == 3
