"""A database of bookings goes up to 0006 and back, with bookings in it at every moment of what they go through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from models import migrations
from models.db import connected
from models.errors import QuoteExpired, SlotTaken
from models.rules.booking import Booking
from models.rules.booking_location import Confirmation
from models.rules.booking_state import CanceledReason, RequestStatus, ReservationStatus
from models.rules.fit import Demand
from models.rules.quote import QuoteOutcome
from models.rules.vehicle import Vehicle
from resolvers import alternatives, bookings, mandates, quotes
from resolvers.alternative_suggesting import Suggestion
from resolvers.booking_cancel import Cancellation
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant
from resolvers.proposing import Proposal
from tests.factories.catalogue import TERMS, a_location, an_offer, at, hours
from tests.models.databases import COLUMNS, CONSTRAINTS, INDEXES, described, made, run
from tests.models.earlier import before_settlement
from tests.resolvers.bulk import a_maintenance, publish
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.resolvers.quoting import book, quoted
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE, ELSEWHERE = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(1, 7)}), a_location("LOC2")
OFFER = an_offer(SITE)
UNLIMITED = an_offer(SITE, "UNLIMITED", terms=replace(TERMS, noshow_timeout=None))
PATIENT = an_offer(SITE, "PATIENT", terms=replace(TERMS, noshow_timeout=90))
EARLY = an_offer(SITE, "EARLY", terms=replace(TERMS, early_start_allowed=True, early_start_time=20))
CONFIRMED = an_offer(SITE, "CONFIRMED", confirmation=Confirmation.OPERATOR)
THERE = an_offer(ELSEWHERE, "CONFIRMED", confirmation=Confirmation.OPERATOR)
AT_LOC2 = an_offer(ELSEWHERE)
TRUCK = Demand(connector_type="MCS", min_power=100_000, vehicle=Vehicle(length=1650, height=400, trailer=True))
LIVE = "SELECT kind, holder_id FROM allocation WHERE released_at IS NULL"
UNLIKE_THEIR_BOOKING = """
SELECT b.id
FROM booking b JOIN allocation a ON a.holder_id = b.id AND a.released_at IS NULL
WHERE (a.location_id, a.evse_id, a.parking_bay_id, a.during)
    IS DISTINCT FROM (b.location_id, b.evse_id, b.parking_bay_id, b.during)
"""


class Site:
    """A database that is looked at by one World after the other, as one release follows another."""

    def __init__(self, dsn: str) -> None:
        """Take an empty, migrated database."""
        self.dsn = dsn
        self.secrets: dict[str | None, str | None] | None = None

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        """Yield the world in it: the first time everything is published, then all is as it was left."""
        async with connected(self.dsn) as database:
            world = World(database)
            if self.secrets is None:
                async with world.living():
                    await world.publish(SITE, ELSEWHERE, OFFER, UNLIMITED, PATIENT, EARLY, CONFIRMED, THERE, AT_LOC2)
                    self.secrets = world.secrets
                    yield world
            else:
                world.secrets = self.secrets
                async with world.feed.following():
                    yield world

    async def read(self, *ids: UUID) -> list[Booking]:
        """Return the bookings of those ids as the operator reads them."""
        async with self.world() as world:
            found = await bookings.many(await world.call("cpo"), [f"NL*ABC*{one}" for one in ids])
        assert None not in found
        return [one for one in found if one is not None]


@pytest.fixture
async def site(dsn: str) -> Site:
    """A site whose chargers are booked."""
    return Site(dsn)


async def test_a_booking_goes_back_and_up_again_as_it_was(site: Site) -> None:
    async with site.world() as world:
        held = await quoted(world, OFFER, period=hours(8, 9), demand=TRUCK)
        made = [
            await book(await world.call("emsp"), held, license_plate="12-ABC-3"),
            await booked(world, OFFER, demand=TRUCK, evse_id=SITE.evses[0].id),
            await booked(world, EARLY, hours(12, 13)),
            await booked(world, UNLIMITED, hours(13, 14)),
            await booked(world, PATIENT, hours(14, 15)),
            await booked(world, OFFER, hours(15, 16)),
        ]
        wanted = Cancellation(made[-1].object_id, CanceledReason.TRAFFIC)
        made[-1] = await bookings.cancel(await world.call("emsp"), a_key(), wanted)

    await migrations.downgrade(site.dsn, "0005")
    old = await run(site.dsn, "SELECT power_required, vehicle_length, evse_revealed_at FROM booking ORDER BY during")
    await migrations.upgrade(site.dsn)

    assert old[:3] == [(100_000, 1650, None), (100_000, 1650, world.now), (None, None, None)]
    after = await site.read(*(one.id for one in made))
    assert [one.lapses_at for one in after] == [at(8.5), at(10.5), at(12.5), at(14), at(15), at(15.5)]
    assert [one.reveal_due_at for one in after] == [at(8), None, at(12) - timedelta(minutes=20), at(13), at(14), None]
    assert after == [before_settlement(one) for one in made]


async def test_of_bookings_from_before_requests_were_kept_whole_power_and_length_are_what_they_demand(
    site: Site,
) -> None:
    async with site.world() as world:
        made = await booked(world, OFFER, demand=TRUCK)
    await migrations.downgrade(site.dsn, "0005")
    await run(site.dsn, "UPDATE booking_request SET input = input - 'vehicle' - 'connector_type'")

    await migrations.upgrade(site.dsn)

    (after,) = await site.read(made.id)
    assert after.demand == Demand(min_power=100_000, vehicle=Vehicle(length=1650))


async def test_a_booking_that_waits_for_its_operator_waits_until_its_start(site: Site) -> None:
    async with site.world() as world:
        waiting = await booked(world, CONFIRMED)
        refused = await booked(world, CONFIRMED, hours(12, 13))
    await migrations.downgrade(site.dsn, "0005")
    reject = "WITH gone AS (UPDATE booking SET status = 'REJECTED' WHERE id = $1) "
    await run(site.dsn, f"{reject}UPDATE booking_request SET status = 'DECLINED' WHERE booking_id = $1", refused.id)

    await migrations.upgrade(site.dsn)

    kept, gone = await site.read(waiting.id, refused.id)
    (asked,) = waiting.booking_requests
    asked = replace(asked, decide_until=at(10))
    assert kept == before_settlement(replace(waiting, booking_requests=(asked,)))
    (asked,) = gone.booking_requests
    assert (gone.status, gone.confirmation) == (ReservationStatus.REJECTED, Confirmation.OPERATOR)
    assert (asked.status, asked.decided_at, asked.decide_until) == (RequestStatus.DECLINED, world.now, None)


async def test_what_is_held_stays_held_to_be_booked_given_back_or_to_expire(site: Site) -> None:
    async with site.world() as world:
        taken, given_back, left = [await quoted(world, OFFER, evse_id=one.id) for one in SITE.evses[:3]]
    await migrations.downgrade(site.dsn, "0005")

    await migrations.upgrade(site.dsn)

    async with site.world() as world:
        call = await world.call("emsp")
        with pytest.raises(SlotTaken):
            await booked(world, OFFER, evse_id=SITE.evses[0].id)
        made = await book(call, taken)
        await quotes.release(call, a_key(), str(given_back.id))
        ended = await quotes.expire(world.database, left.expires_at)
        settled = await quotes.many(call, [str(one.id) for one in (taken, given_back, left)])
        world.later(left.expires_at)
        with pytest.raises(QuoteExpired):
            await book(await world.call("emsp"), left)
    assert ended == 1
    outcomes = [QuoteOutcome.BOOKED, QuoteOutcome.RELEASED, QuoteOutcome.EXPIRED]
    assert [one.outcome for one in settled if one] == outcomes
    assert await run(site.dsn, LIVE) == [("BOOKING", made.id)]


async def test_what_is_under_way_when_the_tables_shrink_is_given_up_and_every_booking_keeps_its_slot(
    site: Site, cluster: str
) -> None:
    async with site.world() as world:
        moved = await book(await world.call("emsp"), await quoted(world, OFFER))
        moved = await changed(world, await change_quoted(world, moved, booking_location_id=AT_LOC2.id))
        await mandates.grant(await world.call("other_emsp"), a_key(), MandateToGrant("NL*EMS"))
        bought = await booked(world, OFFER, whom=ForWhom(on_behalf_of="DE*EMO", reminders=(60,)))
        asked = await booked(world, OFFER, hours(11, 12))
        await changed(world, await change_quoted(world, asked, booking_location_id=THERE.id))
        offered = await booked(world, OFFER, hours(12, 13))
        await bookings.propose(await world.call("cpo"), a_key(), Proposal(offered.object_id, hours(13, 14)))
        thought_of = await booked(world, OFFER, hours(13, 14))
        await change_quoted(world, thought_of, period=hours(14, 15))
        await bookings.quote_cancel(await world.call("emsp"), a_key(), thought_of.object_id)
        broken = await booked(world, OFFER, hours(17, 18), evse_id=SITE.evses[5].id)
        await publish(world, a_maintenance(evses=(broken.evse_id,), period=hours(17, 18)))
        instead = Suggestion(broken.object_id, OFFER.id, hours(18, 19))
        await alternatives.suggest(await world.call("cpo"), a_key(), instead)
        ended = await booked(world, OFFER, hours(15, 16))
        wanted = Cancellation(ended.object_id, CanceledReason.MAINTENANCE)
        await bookings.cancel(await world.call("cpo"), a_key(), wanted)
        held = await quoted(world, OFFER, period=hours(16, 17))
    kept = [moved, bought, asked, offered, thought_of, broken]

    await migrations.downgrade(site.dsn, "0005")

    assert sorted(await run(site.dsn, LIVE)) == sorted([("HOLD", held.id), *(("BOOKING", one.id) for one in kept)])
    assert await run(site.dsn, UNLIKE_THEIR_BOOKING) == []
    assert await run(site.dsn, "SELECT id FROM quote WHERE outcome = 'OPEN'") == [(held.id,)]
    assert await run(site.dsn, "SELECT location_id FROM quote WHERE booking_id = $1", moved.id) == [(ELSEWHERE.id,)]
    assert await run(site.dsn, "SELECT booking_id FROM booking_request WHERE status = 'PENDING'") == []
    reason = "SELECT canceled_reason FROM booking WHERE canceled_reason IS NOT NULL"
    assert await run(site.dsn, reason) == [("UNKNOWN",)]
    async with made(cluster) as fresh:
        await migrations.upgrade(fresh, "0005")
        for statement in (CONSTRAINTS, INDEXES, COLUMNS):
            assert await described(site.dsn, statement) == await described(fresh, statement)

    await migrations.upgrade(site.dsn)
    assert await migrations.differences(site.dsn) == []
    after = await site.read(*(one.id for one in kept))
    assert [one.evse_id for one in after] == [one.evse_id for one in kept]
