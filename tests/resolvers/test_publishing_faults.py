"""What an operator publishes and what it reports about one charger: the later word counts, whichever way it came."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from models.errors import BadInput
from models.rules.fault import Severity
from models.rules.location import Location, Status
from resolvers import evses
from resolvers.evses import FaultReport, StatusReport
from tests.factories.catalogue import NOW, UPDATED, a_location, a_tariff, an_offer
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

PLACE = a_location()
CHARGER = PLACE.evses[0].id


async def report(world: World, status: Status, fault: FaultReport | None = None) -> None:
    """Report a state of the charger as its operator."""
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport(CHARGER, status, fault))
    await world.feed.synced()


async def open_faults(world: World) -> int:
    """Return how many faults are open."""
    async with world.database.reading() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM fault WHERE repaired_at IS NULL"))


def published(evse_updated: datetime, status: Status = Status.AVAILABLE) -> Location:
    """Return the Location as published after the report, with a state of the charger as of a moment."""
    evse = replace(PLACE.evses[0], status=status, last_updated=evse_updated)
    return replace(PLACE, evses=(evse,), last_updated=NOW + timedelta(hours=1))


def status(world: World) -> Status:
    """Return the charger's state as searches see it."""
    found = world.catalogue.evse(CHARGER)
    assert found is not None
    return found[1].status


async def test_a_document_with_an_older_state_does_not_heal_a_broken_charger(world: World) -> None:
    await world.publish(PLACE, an_offer(PLACE))
    await report(world, Status.OUTOFORDER)

    await world.publish(published(evse_updated=UPDATED))

    assert status(world) is Status.OUTOFORDER
    assert await open_faults(world) == 1


async def test_a_document_with_a_later_usable_state_ends_the_fault(world: World) -> None:
    await world.publish(PLACE, an_offer(PLACE))
    await report(world, Status.OUTOFORDER)

    await world.publish(published(evse_updated=NOW + timedelta(minutes=1)))

    assert status(world) is Status.AVAILABLE
    assert await open_faults(world) == 0


async def test_a_repeat_that_comes_after_the_expected_repair_returns_what_came_of_it(world: World) -> None:
    await world.publish(PLACE, an_offer(PLACE))
    key, end = a_key(), NOW + timedelta(hours=1)
    told = StatusReport(CHARGER, Status.OUTOFORDER, FaultReport(None, None, None, end))
    await evses.report_status(await world.call("cpo"), key, told)
    world.later(end)

    _, again = await evses.report_status(await world.call("cpo"), key, told)
    with pytest.raises(BadInput):
        await evses.report_status(await world.call("cpo"), a_key(), told)

    assert again.status is Status.OUTOFORDER
    assert await open_faults(world) == 1


async def test_a_warning_outlasts_a_document_that_says_available(world: World) -> None:
    await world.publish(PLACE, an_offer(PLACE))
    await report(world, Status.AVAILABLE, FaultReport("DIM", Severity.WARNING, "The display is dim", None))

    await world.publish(published(evse_updated=NOW + timedelta(minutes=1)))

    assert await open_faults(world) == 1


@pytest.mark.parametrize("gone", [Status.REMOVED, Status.PLANNED])
async def test_a_charger_taken_away_keeps_its_fault_open(world: World, gone: Status) -> None:
    await world.publish(PLACE, an_offer(PLACE))
    await report(world, Status.OUTOFORDER)

    await report(world, gone)

    assert await open_faults(world) == 1


async def test_a_document_written_before_the_report_still_updates_the_rest(world: World) -> None:
    await world.publish(PLACE, an_offer(PLACE))
    await report(world, Status.OUTOFORDER)

    earlier = replace(published(evse_updated=UPDATED), name="A new name", last_updated=UPDATED + timedelta(minutes=1))
    await world.publish(earlier)

    entry = world.catalogue.get(PLACE.id)
    assert entry is not None
    assert entry.published.location.name == "A new name"
    assert status(world) is Status.OUTOFORDER


async def test_collectors_that_ask_what_changed_are_told_of_prices_and_states_too(world: World) -> None:
    await world.publish(PLACE, an_offer(PLACE), a_tariff(), a_location("QUIET"))
    asked = "query ($since: DateTime!) { locations(updatedSince: $since) { edges { node { id } } } }"

    async def changed_since() -> list[str]:
        found = await world.execute("nap", asked, since=world.now.isoformat())
        assert found.errors == []
        return [edge["node"]["id"] for edge in found.data["locations"]["edges"]]

    world.later(NOW + timedelta(hours=2))
    assert await changed_since() == []
    await world.publish(a_tariff(last_updated=UPDATED + timedelta(minutes=1)))
    assert await changed_since() == [PLACE.id]

    world.later(NOW + timedelta(hours=3))
    assert await changed_since() == []
    await report(world, Status.INOPERATIVE)
    assert await changed_since() == [PLACE.id]
