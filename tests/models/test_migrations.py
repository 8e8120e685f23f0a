"""The tables that migrations make are the tables that the code declares, and a database goes there and back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from models import migrations
from models.catalogue import Catalogue
from models.db import Database, connected
from models.rules.calendars import weekly_calendar
from models.rules.location import RegularHours
from models.rules.published import PublishedLocation
from models.rules.weekly import WeeklyHours
from models.tables import metadata
from resolvers import withdrawing
from resolvers.catalogue import load
from resolvers.changes import Withdrawal
from tests.factories.catalogue import NOW, a_location, a_tariff, an_offer
from tests.models.databases import COLUMNS, CONSTRAINTS, INDEXES, create_all, described, made, run
from tests.models.furnishing import furnish
from tests.resolvers.bulk import a_maintenance, publish
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


@pytest.fixture(scope="module")
async def declared(cluster: str) -> AsyncIterator[str]:
    """A database whose tables are made from the code alone."""
    async with made(cluster) as dsn:
        await create_all(dsn)
        yield dsn


@pytest.mark.parametrize("statement", [CONSTRAINTS, INDEXES, COLUMNS], ids=["constraints", "indexes", "columns"])
async def test_migrations_make_what_the_tables_declare(dsn: str, declared: str, statement: str) -> None:
    migrated = await described(dsn, statement)

    assert migrated == await described(declared, statement)


async def test_every_constraint_that_the_tables_name_is_in_the_migrated_database(dsn: str) -> None:
    named = {
        f"{table.name} {constraint.name}" for table in metadata.tables.values() for constraint in table.constraints
    }
    indexes = {index.name for table in metadata.tables.values() for index in table.indexes}

    assert {name for name in named if name.endswith("_known")}
    assert named <= {name.replace('"', "") for name in map(str, await described(dsn, CONSTRAINTS))}
    assert indexes <= set(await described(dsn, INDEXES))


async def test_alembic_finds_no_difference(dsn: str) -> None:
    assert await migrations.differences(dsn) == []


async def test_the_migrated_database_is_at_the_newest_revision(dsn: str) -> None:
    assert await migrations.current(dsn) == migrations.head()


async def test_an_upgrade_of_what_is_up_to_date_changes_nothing(furnished: str) -> None:
    before = await run(furnished, "SELECT * FROM booking")

    await migrations.upgrade(furnished)

    assert len(before) == 1
    assert await run(furnished, "SELECT * FROM booking") == before


async def test_a_database_with_rows_goes_back_to_nothing_and_up_again(dsn: str) -> None:
    await furnish(dsn, hold=True)
    assert {name for (name,) in await run(dsn, TABLES)} > set(metadata.tables)

    await migrations.downgrade(dsn, "base")
    left = {name for (name,) in await run(dsn, TABLES)}
    await migrations.upgrade(dsn)

    assert left == {"alembic_version"}
    assert await migrations.differences(dsn) == []
    assert await run(dsn, "SELECT count(*) FROM event_floor") == [(1,)]
    await furnish(dsn)


async def test_what_an_earlier_release_cannot_read_goes_when_the_tables_shrink(dsn: str) -> None:
    await furnish(dsn, hold=True)

    await migrations.downgrade(dsn, "0002")

    old = await run(dsn, "SELECT DISTINCT kind, cause FROM event")
    held = await run(dsn, "SELECT kind FROM allocation")
    floor = await run(dsn, "SELECT bool_and(e.xid < f.xid) FROM event e, event_floor f")
    await migrations.upgrade(dsn)

    assert "MAINTENANCE_CHANGED" not in {kind for kind, _ in old}
    assert {cause for _, cause in old}.isdisjoint({"HOLD", "EXPIRY", "MAINTENANCE", "WITHDRAWAL"})
    assert held == [("BOOKING",)]
    assert floor == [(True,)]
    assert await migrations.differences(dsn) == []


async def test_what_the_first_release_had_stays_when_the_tables_grow(dsn: str) -> None:
    """A Location that was taken back is hidden from a release that knows no taking back."""
    async with connected(dsn) as database, World(database).living() as world:
        first, site = a_location(), a_location("LOC2")
        weekly = weekly_calendar("C1", 15, WeeklyHours((RegularHours(1, "08:00", "20:00"),), 7))
        await publish(world, a_tariff(), first, an_offer(first), a_maintenance())
        await publish(world, site, an_offer(site, calendars=(weekly,)), a_location("LOC3"))
        gone = [Withdrawal("NL*ABC*LOC3")]
        await withdrawing.locations_withdraw(await world.call("cpo"), a_key(), gone)
        before = await everything(database)

    await migrations.downgrade(dsn, "0001")
    old = await run(dsn, "SELECT id, publish FROM location ORDER BY id")
    slots = await run(dsn, "SELECT count(*) FROM timeslot")
    await migrations.upgrade(dsn)
    async with connected(dsn) as database:
        after = await everything(database)

    assert old == [("NL*ABC*LOC1", True), ("NL*ABC*LOC2", True), ("NL*ABC*LOC3", False)]
    assert slots == [(len(before["NL*ABC*LOC2"].booking_locations[0].calendars[0].available_timeslots) + 1,)]
    assert [one.location.id for one in after.values()] == list(before)
    assert after["NL*ABC*LOC1"].location == before["NL*ABC*LOC1"].location
    assert after["NL*ABC*LOC1"].booking_locations == before["NL*ABC*LOC1"].booking_locations
    assert after["NL*ABC*LOC1"].tariffs == before["NL*ABC*LOC1"].tariffs
    assert (after["NL*ABC*LOC3"].location.withdrawn_at, after["NL*ABC*LOC3"].location.publish) == (None, False)
    assert await migrations.differences(dsn) == []


async def everything(database: Database) -> dict[str, PublishedLocation]:
    """Return all that is published, by the ids of the Locations."""
    catalogue = Catalogue()
    await load(database, catalogue, NOW)
    found = [catalogue.get(one) for one in catalogue.ids()]
    return {one.published.location.id: one.published for one in found if one is not None}


async def test_two_processes_may_migrate_at_once(cluster: str) -> None:
    async with made(cluster) as dsn:
        await asyncio.gather(migrations.upgrade(dsn), migrations.upgrade(dsn))

        assert await migrations.current(dsn) == migrations.head()
