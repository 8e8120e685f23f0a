"""slotAvailabilityChanged through the contract (BUC 1.2.3): what is free now, then every change with its cause."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from models.errors import SlotTaken
from models.events import AvailabilityCause
from models.rules.booking_filter import BookingFilter
from models.rules.booking_location import BookingOption
from models.rules.booking_state import CanceledReason
from models.rules.calendars import weekly_calendar
from models.rules.location import RegularHours, Status
from models.rules.weekly import WeeklyHours
from resolvers import bookings, bulk_publishing, calendars, parties, quotes, withdrawing
from resolvers.booking_cancel import Cancellation
from resolvers.booking_change import QuotedChange, WantedChange
from resolvers.changes import CalendarChange, Withdrawal
from server import worker
from tests.factories.catalogue import NOW, a_location, an_offer, at, hours
from tests.factories.tokens import published
from tests.resolvers import bulk
from tests.resolvers.charging_scenes import started, stopped
from tests.resolvers.quoting import EXPIRY, quoted
from tests.resolvers.requests import a_request, outcome
from tests.subscriptions.hearing import synced
from tests.subscriptions.slots import ANY, E1, LATER, LOC1, WHOLE, WINDOW, Slots, asked, book, free, publish, report
from tests.subscriptions.streams import SLOTS, subscribed
from tests.world import World, a_key

pytestmark = pytest.mark.anyio


async def booked(world: World) -> str:
    page = await bookings.page(await world.call("emsp"), BookingFilter(), first=1, after=None)
    ((one, _),) = page.items
    return one.object_id


async def cancel(world: World) -> None:
    wanted = Cancellation(await booked(world), CanceledReason.NO_CANCELED)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted)


async def shorten(world: World) -> None:
    await world.publish(an_offer(a_location(), windows=[hours(0, 10)], last_updated=LATER))


async def enlarge(world: World) -> None:
    await world.publish(a_location(chargers={"E1": ["B1"], "E2": ["B2"]}, last_updated=LATER))


async def break_down(world: World) -> None:
    await report(world, Status.OUTOFORDER)


async def maintain(world: World) -> None:
    await bulk.publish(world, bulk.a_maintenance())


async def withdraw(world: World) -> None:
    await withdrawing.booking_locations_withdraw(await world.call("cpo"), a_key(), [Withdrawal(ANY)])


async def hold(world: World) -> None:
    await quoted(world, an_offer(a_location()))
    await synced(world.feed)


async def give_back(world: World) -> None:
    async with world.database.reading() as connection:
        held = await connection.fetchval("SELECT id FROM quote")
    await quotes.release(await world.call("emsp"), a_key(), str(held))


async def quote_a_change(world: World) -> None:
    await book(world)
    wanted = WantedChange(await booked(world), period=hours(8, 9))
    await bookings.quote_change(await world.call("emsp"), a_key(), wanted)
    await synced(world.feed)


async def change(world: World) -> None:
    async with world.database.reading() as connection:
        held = await connection.fetchval("SELECT id FROM quote")
    await bookings.change(await world.call("emsp"), a_key(), QuotedChange(str(held)))


async def book_half_past_seven(world: World) -> None:
    await book(world, 7.5, 9)


async def let_it_lapse(world: World) -> None:
    await worker.due(await world.call(None))


async def repair(world: World) -> None:
    await report(world, Status.AVAILABLE)


async def know_a_card(world: World) -> None:
    await published(world)


async def book_for_a_card(world: World) -> None:
    await know_a_card(world)
    await book(world)


async def book_early_for_a_card(world: World) -> None:
    await know_a_card(world)
    await book(world, 8, 10)


async def charge(world: World) -> None:
    await started(world, E1)


async def charge_and_leave(world: World) -> None:
    await stopped(world, await started(world, E1))


async def charge_and_stay(world: World) -> None:
    world.later(at(8))
    await charge(world)
    world.later(at(10))
    await worker.due(await world.call(None))


@dataclass(frozen=True)
class Change:
    """What happened before a client watches, what happens then and when, and what is free before and after."""

    change: Callable[[World], Awaitable[None]]
    before: Slots
    after: Slots
    prepare: Callable[[World], Awaitable[None]] | None = None
    at: datetime = NOW


CHANGES = {
    AvailabilityCause.BOOKING: Change(book, WHOLE, [(8, 10, 1), (11, 12, 1)]),
    AvailabilityCause.HOLD: Change(hold, WHOLE, [(8, 10, 1), (11, 12, 1)]),
    AvailabilityCause.EXPIRY: Change(give_back, [(8, 10, 1), (11, 12, 1)], WHOLE, prepare=hold),
    AvailabilityCause.CANCELLATION: Change(cancel, [(8, 10, 1), (11, 12, 1)], WHOLE, prepare=book),
    AvailabilityCause.CHANGE: Change(change, [(9, 10, 1), (11, 12, 1)], [(9, 12, 1)], prepare=quote_a_change),
    AvailabilityCause.NO_SHOW: Change(let_it_lapse, [(9, 12, 1)], WHOLE, prepare=book_half_past_seven, at=at(8)),
    AvailabilityCause.WALK_UP: Change(charge, WHOLE, [(9, 12, 1)], prepare=know_a_card, at=at(8)),
    AvailabilityCause.EARLY_START: Change(
        charge, [(8, 10, 1), (11, 12, 1)], [(11, 12, 1)], prepare=book_for_a_card, at=at(9)
    ),
    AvailabilityCause.EARLY_STOP: Change(
        charge_and_leave, [(10, 12, 1)], WHOLE, prepare=book_early_for_a_card, at=at(8)
    ),
    AvailabilityCause.OVERTIME: Change(
        charge_and_stay, [(10, 12, 1)], [(10, 12, 1)], prepare=book_early_for_a_card, at=at(10)
    ),
    AvailabilityCause.CALENDAR: Change(shorten, WHOLE, [(8, 10, 1)]),
    AvailabilityCause.PUBLICATION: Change(enlarge, WHOLE, [(8, 12, 2)]),
    AvailabilityCause.FAULT: Change(break_down, WHOLE, []),
    AvailabilityCause.REPAIR: Change(repair, [], WHOLE, prepare=break_down),
    AvailabilityCause.MAINTENANCE: Change(maintain, WHOLE, [(8, 9, 1), (10, 12, 1)]),
    AvailabilityCause.WITHDRAWAL: Change(withdraw, WHOLE, []),
}


def test_every_cause_has_a_case() -> None:
    assert set(CHANGES) == set(AvailabilityCause)


@pytest.mark.parametrize("cause", CHANGES)
async def test_a_client_is_told_what_is_free_and_then_one_change_for_every_cause(
    world: World, cause: AvailabilityCause
) -> None:
    case = CHANGES[cause]
    await publish(world)
    if case.prepare is not None:
        await case.prepare(world)
    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        before = await stream.next()
        world.later(case.at)
        await case.change(world)
        after = await stream.next()
        await world.publish(an_offer(a_location(), "MARK"))
        mark = await stream.next()

    assert (before["cause"], free(before)) == (None, case.before)
    assert (after["cause"], free(after)) == (cause, case.after)
    assert mark["bookingLocation"]["id"] == "NL*ABC*LOC1-MARK"
    assert [datetime.fromisoformat(one["at"]) for one in (before, after)] == [NOW, case.at]
    assert before["location"]["id"] == after["location"]["id"] == LOC1
    assert before["bookingLocation"]["id"] == after["bookingLocation"]["id"] == ANY


async def test_a_hold_whose_time_is_up_is_told_as_its_expiry(world: World) -> None:
    await publish(world)
    await hold(world)

    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        before = await stream.next()
        world.later(EXPIRY)
        await worker.due(await world.call(None))
        after = await stream.next()

    assert (before["cause"], free(before)) == (None, [(8, 10, 1), (11, 12, 1)])
    assert (after["cause"], free(after), after["at"]) == ("EXPIRY", WHOLE, "2026-12-01T06:10:00Z")


async def test_every_watched_offer_comes_once_at_the_beginning(world: World) -> None:
    one, other = a_location(), a_location("LOC2")
    await world.publish(one, other, an_offer(one), an_offer(one, "X"), an_offer(other), an_offer(other, "X"))
    wanted = asked(locationIds=["nl*abc*loc1", LOC1], bookingLocationIds=[ANY, " nl*abc*loc2-x"])

    async with subscribed(world, None, SLOTS, input=wanted) as stream:
        told = [await stream.next() for _ in range(3)]
        await book(world, name=ANY)
        live = [await stream.next() for _ in range(2)]

    assert [one["bookingLocation"]["id"] for one in told] == [ANY, f"{LOC1}-X", "NL*ABC*LOC2-X"]
    assert {one["cause"] for one in told} == {None}
    assert [one["bookingLocation"]["id"] for one in live] == [ANY, f"{LOC1}-X"]


async def test_nothing_is_told_of_what_does_not_change_the_watched_offer(world: World) -> None:
    site, elsewhere = a_location(chargers={"E1": ["B1"], "E2": ["B2"]}), a_location("LOC2")
    watched = an_offer(site, "ONE", option=BookingOption(evse_uid="E1"))
    beside = an_offer(site, "TWO", option=BookingOption(evse_uid="E2"))
    await world.publish(site, elsewhere, watched, beside, an_offer(elsewhere))
    wanted = {"bookingLocationIds": [watched.id], "window": WINDOW}

    async with subscribed(world, None, SLOTS, input=wanted) as stream:
        await stream.next()
        await book(world, name=beside.id)
        await book(world, name="NL*ABC*LOC2-ANY")
        await book(world, 13, 14, name=watched.id)
        await report(world, Status.CHARGING)
        await report(world, Status.AVAILABLE, code="W1")
        await report(world, Status.INOPERATIVE, "NL*ABC*LOC1*E2", expected_end=at(9))
        await world.publish(an_offer(site, "ONE", option=watched.booking_option, last_updated=LATER))
        refused = await outcome(await world.call("emsp"), a_request(watched, hours(13, 14)))
        await book(world, name=watched.id)
        told = await stream.next()

    assert isinstance(refused, SlotTaken)
    assert (told["bookingLocation"]["id"], told["cause"]) == (watched.id, "BOOKING")
    assert free(told) == [(8, 10, 1), (11, 12, 1)]


async def test_a_fault_with_an_expected_end_leaves_what_comes_after_it_free(world: World) -> None:
    await publish(world)

    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        await stream.next()
        await report(world, Status.OUTOFORDER, expected_end=at(10))
        broken = await stream.next()
        await report(world, Status.OUTOFORDER, expected_end=at(11))
        amended = await stream.next()

    assert (broken["cause"], free(broken)) == ("FAULT", [(10, 12, 1)])
    assert (amended["cause"], free(amended)) == ("FAULT", [(11, 12, 1)])


async def test_an_offer_that_its_operator_takes_back_is_told_as_nothing_free(world: World) -> None:
    await publish(world)

    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        await stream.next()
        await world.publish(an_offer(a_location(), withdrawn=True, last_updated=LATER))
        withdrawn = await stream.next()
        await world.publish(an_offer(a_location(), last_updated=LATER + timedelta(hours=1)))
        offered_again = await stream.next()

    assert (withdrawn["bookingLocation"]["id"], withdrawn["cause"], free(withdrawn)) == (ANY, "CALENDAR", [])
    assert (offered_again["cause"], free(offered_again)) == ("CALENDAR", WHOLE)


async def test_a_location_that_is_no_longer_published_is_told_as_nothing_free_but_to_its_operator(
    world: World,
) -> None:
    await publish(world)

    async with (
        subscribed(world, "nsp", SLOTS, input=asked()) as stream,
        subscribed(world, "cpo", SLOTS, input=asked()) as of_the_operator,
    ):
        await stream.next()
        await of_the_operator.next()
        await world.publish(a_location(publish=False, last_updated=LATER))
        hidden = await stream.next()
        await report(world, Status.OUTOFORDER)
        still_seen = await of_the_operator.next()
        await report(world, Status.AVAILABLE)
        await world.publish(a_location(last_updated=world.now + timedelta(hours=1)))
        shown_again = await stream.next()

    assert (hidden["cause"], free(hidden)) == ("PUBLICATION", [])
    assert (shown_again["cause"], free(shown_again)) == ("PUBLICATION", WHOLE)
    assert (still_seen["cause"], free(still_seen)) == ("FAULT", [])


async def test_a_location_that_its_operator_takes_back_is_told_as_nothing_free(world: World) -> None:
    await publish(world)

    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        await stream.next()
        await withdrawing.locations_withdraw(await world.call("cpo"), a_key(), [Withdrawal(LOC1)])
        withdrawn = await stream.next()
        await bulk.publish(world, a_location(), an_offer(a_location()))
        offered_again = await stream.next()

    assert (withdrawn["cause"], free(withdrawn)) == ("WITHDRAWAL", [])
    assert (withdrawn["location"]["id"], withdrawn["bookingLocation"]["id"]) == (LOC1, ANY)
    assert (offered_again["cause"], free(offered_again)) == ("CALENDAR", WHOLE)


async def test_who_was_away_is_told_of_what_was_taken_back_meanwhile(world: World) -> None:
    site = a_location()
    await world.publish(site, an_offer(site), an_offer(site, "OLD"), an_offer(site, "KEPT"))
    call = await world.call("cpo")
    await withdrawing.booking_locations_withdraw(call, a_key(), [Withdrawal(f"{LOC1}-OLD")])
    await world.feed.synced()
    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        await stream.next()
        cursor = (await stream.next())["cursor"]
    world.later(at(6.5))
    await withdrawing.booking_locations_withdraw(await world.call("cpo"), a_key(), [Withdrawal(ANY)])
    await world.feed.synced()

    async with subscribed(world, None, SLOTS, input=asked(), after=cursor) as stream:
        told = [await stream.next() for _ in range(2)]

    assert [(one["bookingLocation"]["id"], free(one)) for one in told] == [(f"{LOC1}-KEPT", WHOLE), (ANY, [])]
    assert [one["cause"] for one in told] == ["WITHDRAWAL"] * 2


async def test_every_edit_of_a_calendar_and_every_new_day_is_told(world: World) -> None:
    await publish(world)
    weekly = weekly_calendar("C1", 15, WeeklyHours((RegularHours(3, "09:00", "12:00"),), 1))
    tomorrow = {"startDateTime": "2026-12-02T06:00:00Z", "endDateTime": "2026-12-03T12:00:00Z"}
    thursday = weekly_calendar("C2", 15, WeeklyHours((RegularHours(4, "09:00", "12:00"),), 1))

    async with subscribed(world, None, SLOTS, input=asked(window=tomorrow)) as stream:
        await stream.next()
        call = await world.call("cpo")
        await bulk_publishing.calendars_publish(call, a_key(), [CalendarChange(ANY, weekly)])
        replaced = await stream.next()
        await bulk_publishing.calendars_publish(call, a_key(), [CalendarChange(ANY, thursday)])
        await calendars.extend(world.database, at(23))
        grown = await stream.next()

    assert (replaced["cause"], free(replaced)) == ("CALENDAR", [(8, 11, 1)])
    assert (grown["cause"], free(grown)) == ("CALENDAR", [(8, 11, 1), (8, 11, 1)])


async def test_maintenance_that_is_called_off_gives_its_slots_back(world: World) -> None:
    await publish(world)
    await maintain(world)

    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        before = await stream.next()
        await withdrawing.maintenance_withdraw(await world.call("cpo"), a_key(), [Withdrawal("NL*ABC*WORK")])
        after = await stream.next()

    assert free(before) == [(8, 9, 1), (10, 12, 1)]
    assert (after["cause"], free(after)) == ("MAINTENANCE", WHOLE)


async def test_a_token_that_is_revoked_ends_the_subscription_at_the_next_change(world: World) -> None:
    await publish(world)
    secret = world.secrets["nsp"]
    assert secret is not None

    async with subscribed(world, "nsp", SLOTS, input=asked()) as stream:
        await stream.next()
        await parties.revoke(world.database, secret, world.now)
        await book(world)
        code, message = await stream.refusal()

    assert code == "UNAUTHENTICATED"
    assert message == "The API token is unknown, expired or revoked; ask for a new one."


async def test_a_subscription_that_ends_leaves_nobody_waiting(world: World) -> None:
    await publish(world)

    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        await stream.next()
        waiting = len(world.feed.hub)

    assert (waiting, len(world.feed.hub)) == (1, 0)
