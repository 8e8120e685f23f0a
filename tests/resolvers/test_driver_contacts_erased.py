"""How drivers are reached: moved with the booking, erased in time, and kept nowhere else (BUC 3.11, GDPR)."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest

from models.errors import AlreadyFinal, NotAllowed
from models.rules.booking import Booking, BookingToken
from models.rules.booking_state import CanceledReason
from models.tables import metadata
from resolvers import bookings, driver_contacts
from resolvers.booking_cancel import Cancellation
from resolvers.booking_move import Move
from resolvers.driver_contacts import ContactToShare
from resolvers.for_whom import ForWhom
from resolvers.quotes import quote
from server import worker
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.lifecycle import E1, booked, change_quoted, changed
from tests.resolvers.messaging import DIALLED, NAME, PHONE, reached, shared, withdrawn
from tests.resolvers.quoting import a_slot, or_refusal
from tests.resolvers.reminding import by_worker, by_workers
from tests.resolvers.requests import ask
from tests.resolvers.warning import begun, stopped
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OTHER = a_location("LOC2")
FOREIGN = a_location("LOC9", owner=("DE", "XYZ"))
OFFER, OF_OTHER, OF_FOREIGN = an_offer(SITE), an_offer(OTHER), an_offer(FOREIGN)
KEPT = "SELECT count(*) FROM driver_contact"
MANY = 24


@pytest.fixture
async def site(world: World) -> World:
    """A world with two sites of one operator and one of another."""
    await world.publish(SITE, OTHER, FOREIGN, OFFER, OF_OTHER, OF_FOREIGN)
    return world


async def of_fleet(world: World, **changes: Any) -> Booking:
    """Return a booking from ten to eleven under the contract of the first fleet."""
    return await booked(world, OFFER, whom=ForWhom(contract_id=FLEET_CONTRACT), **changes)


async def canceled(world: World, one: Booking, caller: str = "emsp") -> None:
    wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await world.call(caller), a_key(), wanted)


async def kept_where(dsn: str, *words: str) -> list[str]:
    """Return the tables in which any of those words stands."""
    found = []
    for table in metadata.tables:
        rows = await run(dsn, f'SELECT one.*::text FROM "{table}" one')
        if any(word in str(row) for (row,) in rows for word in words):
            found.append(table)
    return found


async def test_an_operator_sees_nothing_of_a_booking_that_was_canceled_and_its_holder_until_it_is_erased(
    site: World, dsn: str
) -> None:
    one = await of_fleet(site)
    await shared(site, one)

    await canceled(site, one)

    assert [await reached(site, one, caller) for caller in ("cpo", "emsp", "fleet")] == [None, DIALLED, DIALLED]
    assert isinstance(await or_refusal(shared(site, one)), AlreadyFinal)
    assert await driver_contacts.erase(by_worker(site)) == 1
    assert await ask(dsn, KEPT) == 0


async def test_a_booking_that_is_over_can_still_be_withdrawn_from(site: World, dsn: str) -> None:
    one = await of_fleet(site)
    await shared(site, one)
    await canceled(site, one)

    await withdrawn(site, one)

    assert await ask(dsn, KEPT) == 0


async def test_a_no_show_shows_nothing_to_the_operator_even_before_a_worker_comes_by(site: World, dsn: str) -> None:
    one = await of_fleet(site)
    await shared(site, one)

    site.later(at(10.5))

    assert [await reached(site, one, caller) for caller in ("cpo", "emsp")] == [None, DIALLED]
    assert isinstance(await or_refusal(shared(site, one)), AlreadyFinal)
    assert await worker.due(by_worker(site))
    assert [await reached(site, one, caller) for caller in ("cpo", "emsp")] == [None, None]
    assert await ask(dsn, KEPT) == 0


async def test_a_driver_who_charged_is_reached_until_it_is_erased(site: World, dsn: str) -> None:
    one = await of_fleet(site, evse_id=E1)
    site.later(at(10))
    session = await begun(site, one)
    await shared(site, one)
    site.later(at(10.75))
    await stopped(site, session)
    site.later(at(34))

    assert await driver_contacts.erase(by_worker(site)) == 0
    assert await reached(site, one) == DIALLED
    site.later(at(35))
    refused = await or_refusal(shared(site, one))
    assert isinstance(refused, NotAllowed)
    assert await driver_contacts.erase(by_worker(site)) == 1
    assert await ask(dsn, KEPT) == 0


async def test_a_fleet_does_not_share_read_or_withdraw_for_contracts_of_others(site: World) -> None:
    both = [BookingToken("NL", "EMS", uid, "RFID", uid) for uid in (FLEET_CONTRACT, OTHER_CONTRACT)]
    one = await booked(site, OFFER, whom=ForWhom(tuple(both)))
    await shared(site, one)

    for asked in (shared(site, one, "fleet"), withdrawn(site, one, "fleet")):
        assert isinstance(await or_refusal(asked), NotAllowed)
    assert [await reached(site, one, caller) for caller in ("fleet", "other_fleet")] == [None, None]
    assert [await reached(site, one, caller) for caller in ("cpo", "emsp")] == [DIALLED, DIALLED]


async def test_a_booking_that_moves_to_another_site_and_time_keeps_it_as_long_after_its_new_slot(
    site: World, dsn: str
) -> None:
    one = await of_fleet(site)
    await shared(site, one, keep_minutes=60)
    quoted = await change_quoted(site, one, period=hours(14, 16), booking_location_id=OF_OTHER.id)

    moved = await changed(site, quoted)

    assert moved.location_id == OTHER.id
    assert await run(dsn, "SELECT location_id, booking_id, erase_at FROM driver_contact") == [
        (OTHER.id, one.id, at(17))
    ]
    earlier = await changed(site, await change_quoted(site, moved, period=hours(8, 9)))
    assert await reached(site, earlier) == DIALLED
    assert await run(dsn, "SELECT location_id, erase_at FROM driver_contact") == [(OTHER.id, at(10))]


async def test_a_booking_that_goes_to_another_operator_leaves_it_behind(site: World) -> None:
    one = await of_fleet(site)
    await shared(site, one)
    held = await quote(await site.call("emsp"), a_key(), a_slot(OF_FOREIGN, hours(14, 15)))

    moved = await bookings.move(await site.call("emsp"), a_key(), Move(one.object_id, str(held.id)))

    assert moved.cpo_id == "DE*XYZ"
    assert [await reached(site, moved, caller) for caller in ("other_cpo", "emsp")] == [None, None]
    assert await reached(site, one) is None


async def test_two_workers_at_once_erase_each_of_many_once(site: World, dsn: str) -> None:
    made = [await booked(site, OFFER, hours(7 + n / 2, 7.5 + n / 2)) for n in range(MANY)]
    for number, one in enumerate(made):
        await shared(site, one, keep_minutes=0)
        if number % 3 == 0:
            await canceled(site, one)
    site.later(at(13))
    due = sum(one.timeslot.period.end <= site.now or number % 3 == 0 for number, one in enumerate(made))

    async with AsyncExitStack() as stack:
        calls = await by_workers(site, dsn, 2, stack)
        shares = await asyncio.gather(*(driver_contacts.erase(call) for call in calls))

    assert sum(shares) == due
    assert await ask(dsn, KEPT) == MANY - due
    assert await driver_contacts.erase(by_worker(site)) == 0


async def test_a_contact_that_is_being_changed_is_left_to_the_next_round(site: World, dsn: str) -> None:
    one = await of_fleet(site)
    await shared(site, one)
    site.later(at(35))

    async def changing(connection: Any) -> int:
        await connection.execute("SELECT 1 FROM driver_contact FOR UPDATE")
        return await driver_contacts.erase(by_worker(site))

    assert await site.database.write(changing) == 0
    assert await driver_contacts.erase(by_worker(site)) == 1


async def test_nothing_of_it_is_in_events_history_keys_or_anywhere_else_nor_after_it_is_erased(
    site: World, dsn: str
) -> None:
    one = await of_fleet(site)
    digits = DIALLED[1:]
    await shared(site, one, language="nl")
    await shared(site, one, "fleet")
    await or_refusal(shared(site, one, "other_emsp"))

    assert await kept_where(dsn, digits, PHONE, NAME) == ["driver_contact"]
    assert digits not in repr(ContactToShare(one.object_id, True, PHONE, NAME))
    site.later(at(35))
    await worker.due(by_worker(site))
    assert await kept_where(dsn, digits, PHONE, NAME) == []


async def test_it_goes_with_its_booking(site: World, dsn: str) -> None:
    one = await of_fleet(site)
    await shared(site, one)
    connection = await asyncpg.connect(dsn)
    try:
        for table in ("booking_request", "booking_reference", "booking_token", "reminder"):
            await connection.execute(f"DELETE FROM {table}")
        await connection.execute("DELETE FROM booking WHERE id = $1", one.id)
    finally:
        await connection.close()

    assert await ask(dsn, KEPT) == 0
