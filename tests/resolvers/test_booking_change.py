"""Changing a booking: what is quoted, what is held meanwhile, what comes of it, and what is refused (BUC 2.3)."""

import asyncio
from decimal import Decimal

import pytest

from models.errors import (
    AlreadyFinal,
    CutOffPassed,
    DoesNotFit,
    LostUpdate,
    NotAllowed,
    NotFound,
    OutsideCalendar,
    QuoteExpired,
    QuoteUsed,
    Refusal,
    SlotTaken,
)
from models.rules.booking import Booking
from models.rules.booking_location import AccessMethod, Confirmation
from models.rules.booking_state import CanceledReason, Phase, RequestKind, RequestStatus, ReservationStatus
from models.rules.charge import difference
from models.rules.fit import Demand
from models.rules.location import Status
from models.rules.quote import QuoteOutcome
from models.rules.vehicle import Vehicle
from resolvers import bookings, evses, quotes
from resolvers.booking_cancel import Cancellation
from resolvers.change_options import WantedOptions
from resolvers.deciding import Decision, Declined
from resolvers.evses import StatusReport
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import a_location, a_tariff, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.lifecycle import (
    E1,
    E2,
    HELD_TWICE,
    LIVE,
    UNLIKE_THEIR_BOOKING,
    booked,
    booking_tariff,
    change_quoted,
    changed,
    replace_terms,
    terms_with_fee,
)
from tests.resolvers.quoting import EXPIRY, or_refusal, quoted
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
TWO = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
HALF_LATER = hours(10.5, 11.5)


async def test_a_change_may_overlap_what_the_booking_has_on_the_same_charger_and_bay(world: World, dsn: str) -> None:
    offer = an_offer(SITE)
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer)

    quote = await change_quoted(world, before, period=HALF_LATER)
    meanwhile = await run(dsn, LIVE)
    after = await changed(world, quote)

    assert meanwhile == [("BOOKING", E1, "10:00", "11:00"), ("HOLD", E1, "10:30", "11:30")]
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:30", "11:30")]
    assert (after.id, after.revision, after.timeslot.period) == (before.id, 2, HALF_LATER)
    assert after.reference != before.reference
    assert after.lapses_at == at(11)
    assert [(one.kind, one.status) for one in after.booking_requests] == [
        (RequestKind.CREATE, RequestStatus.ACCEPTED),
        (RequestKind.CHANGE, RequestStatus.ACCEPTED),
    ]
    assert after.booking_requests[1].period == HALF_LATER


async def test_the_old_reference_still_finds_a_changed_booking_which_shows_the_new_one(world: World) -> None:
    offer = an_offer(SITE)
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer)
    after = await changed(world, await change_quoted(world, before, period=hours(12, 13)))

    found = await bookings.by_reference(await world.call("emsp"), before.reference)

    assert found == after
    assert found.reference == after.reference != before.reference


async def test_until_a_change_is_made_others_can_take_neither_slot_and_then_the_old_one_at_once(world: World) -> None:
    offer = an_offer(SITE)
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer)
    quote = await change_quoted(world, before, period=hours(12, 13))

    old = await or_refusal(booked(world, offer, hours(10, 11), "other_emsp"))
    new = await or_refusal(booked(world, offer, hours(12, 13), "other_emsp"))
    await changed(world, quote)

    assert (type(old), type(new)) == (SlotTaken, SlotTaken)
    assert isinstance(await booked(world, offer, hours(10, 11), "other_emsp"), Booking)
    assert isinstance(await or_refusal(booked(world, offer, hours(12, 13), "other_emsp")), SlotTaken)


async def test_a_quoted_change_that_nobody_makes_leaves_the_booking_as_it_was(world: World, dsn: str) -> None:
    offer = an_offer(SITE)
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer)
    quote = await change_quoted(world, before, period=HALF_LATER)
    world.later(EXPIRY)

    ended = await quotes.expire(world.database, world.now)
    late = await or_refusal(changed(world, quote))

    assert ended == 1
    assert isinstance(late, QuoteExpired)
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00")]
    assert await bookings.get(await world.call("emsp"), before.object_id) == before


async def test_what_a_change_costs_and_changes_is_told_before_it_is_made(world: World) -> None:
    offer = an_offer(SITE, terms=terms_with_fee())
    await world.publish(SITE, booking_tariff(), offer)
    before = await booked(world, offer)

    early = await change_quoted(world, before, period=hours(12, 13))
    world.later(at(9.25))
    late = await change_quoted(world, before, period=hours(13, 14))

    assert early.fee is None
    assert late.fee is not None
    assert (late.fee.price.after_taxes, late.fee.currency) == (Decimal("6.0500"), "EUR")
    more = difference(before.price, late.grant.price)
    assert more is not None
    assert more.price.after_taxes == 0


async def test_the_fee_is_that_of_the_moment_at_which_the_change_was_asked_for(world: World) -> None:
    offer = an_offer(SITE, terms=terms_with_fee())
    await world.publish(SITE, booking_tariff(), offer)
    before = await booked(world, offer)
    world.later(at(9))
    quote = await change_quoted(world, before, period=hours(12, 13))
    world.later(at(9 + 5 / 60))

    after = await changed(world, quote)

    assert after.booking_requests[-1].fee is None


async def test_a_fee_stands_in_the_history_of_a_late_change(world: World) -> None:
    offer = an_offer(SITE, terms=terms_with_fee())
    await world.publish(SITE, booking_tariff(), offer)
    before = await booked(world, offer)
    world.later(at(9.5))

    after = await changed(world, await change_quoted(world, before, period=hours(12, 13)))

    fee = after.booking_requests[-1].fee
    assert fee is not None
    assert fee.price.before_taxes == 5


async def test_after_the_cut_off_a_change_without_a_priced_fee_is_refused(world: World) -> None:
    offer = an_offer(SITE)
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer)
    world.later(at(9 + 1 / 60))

    refused = await or_refusal(change_quoted(world, before, period=hours(12, 13)))

    assert refused == CutOffPassed(at(9))


async def test_terms_may_allow_no_change_at_all(world: World) -> None:
    offer = an_offer(SITE, terms=replace_terms(change_not_allowed=True))
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer)

    refused = await or_refusal(change_quoted(world, before, period=hours(12, 13)))

    assert isinstance(refused, NotAllowed)


async def test_a_booking_may_go_to_another_charger_and_back_to_any(world: World) -> None:
    offer = an_offer(TWO)
    await world.publish(TWO, a_tariff(), offer)
    before = await booked(world, offer, evse_id=E1)

    other = await changed(world, await change_quoted(world, before, evse_id=E2))
    stays = await changed(world, await change_quoted(world, other, period=hours(12, 13)))
    any_of = await changed(world, await change_quoted(world, stays, any_evse=True))

    assert (before.evse_id, other.evse_id, stays.evse_id) == (E1, E2, E2)
    assert (other.evse_pinned, stays.evse_pinned, any_of.evse_pinned) == (True, True, False)
    assert any_of.revision == 4


async def test_a_booking_of_a_group_keeps_its_charger_if_that_is_free_then(world: World) -> None:
    offer = an_offer(TWO)
    await world.publish(TWO, a_tariff(), offer)
    before = [await booked(world, offer, hours(number, number + 1)) for number in range(8, 14)]

    after = [
        await changed(world, await change_quoted(world, one, period=hours(start + 8, start + 9, 1)))
        for start, one in enumerate(before)
    ]

    assert [one.evse_id for one in after] == [one.evse_id for one in before]
    assert {one.evse_id for one in before} == {E1, E2}


async def test_another_vehicle_must_fit_and_is_what_the_booking_shows_from_then_on(world: World) -> None:
    offer = an_offer(SITE)
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer)
    longer = Demand(min_power=300_000, vehicle=Vehicle(length=1800, height=400))

    after = await changed(world, await change_quoted(world, before, demand=longer))
    refused = await or_refusal(change_quoted(world, after, demand=Demand(vehicle=Vehicle(length=2500))))

    assert (before.demand, after.demand) == (Demand(), longer)
    assert isinstance(refused, DoesNotFit)


async def test_tokens_and_plate_change_with_a_quote_of_the_same_slot(world: World) -> None:
    gate = replace_terms(supported_access_methods=(AccessMethod.LICENSE_PLATE,))
    offer = an_offer(SITE, terms=gate)
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer, whom=ForWhom(license_plate="AB-12-CD"))

    after = await changed(world, await change_quoted(world, before), license_plate="EF-34-GH")

    assert (before.license_plate, after.license_plate) == ("AB-12-CD", "EF-34-GH")
    assert after.timeslot == before.timeslot


async def test_a_booking_may_go_to_another_location_of_its_operator(world: World, dsn: str) -> None:
    other = a_location("LOC2")
    here, there = an_offer(SITE), an_offer(other)
    await world.publish(SITE, other, a_tariff(), here, there)
    before = await booked(world, here)

    after = await changed(world, await change_quoted(world, before, booking_location_id=there.id))

    assert (after.location_id, after.booking_location_id) == (other.id, there.id)
    assert await run(dsn, LIVE) == [("BOOKING", "NL*ABC*LOC2*E1", "10:00", "11:00")]
    assert await bookings.get(await world.call("emsp"), before.object_id) == after
    assert await bookings.by_reference(await world.call("emsp"), before.reference) == after
    assert isinstance(await booked(world, here, caller="other_emsp"), Booking)


async def test_a_booking_does_not_go_to_another_operator_by_a_change(world: World) -> None:
    other = a_location("LOC2", owner=("DE", "XYZ"))
    here, there = an_offer(SITE), an_offer(other)
    await world.publish(SITE, other, a_tariff(), here, there)
    before = await booked(world, here)

    refused = await or_refusal(change_quoted(world, before, booking_location_id=there.id))

    assert isinstance(refused, NotAllowed)
    assert "bookingMove" in str(refused)


async def test_one_that_is_under_way_can_be_made_longer(world: World) -> None:
    offer = an_offer(SITE, terms=terms_with_fee())
    await world.publish(SITE, booking_tariff(), offer)
    before = await booked(world, offer)
    world.later(at(10.25))

    after = await changed(world, await change_quoted(world, before, period=hours(10, 12)))
    moved = await or_refusal(change_quoted(world, after, period=hours(10.25, 12)))

    assert after.timeslot.period == hours(10, 12)
    assert moved is not None


async def test_a_quote_is_of_one_revision_and_used_once(world: World) -> None:
    offer = an_offer(TWO)
    await world.publish(TWO, a_tariff(), offer)
    before = await booked(world, offer)
    first = await change_quoted(world, before, period=hours(12, 13))
    second = await change_quoted(world, before, period=hours(14, 15))
    await changed(world, first)

    again = await or_refusal(changed(world, first))
    stale = await or_refusal(changed(world, second))

    assert isinstance(again, QuoteUsed)
    assert isinstance(stale, QuoteExpired | LostUpdate)
    assert (await quotes.get(await world.call("emsp"), str(second.id))).outcome is QuoteOutcome.RELEASED


async def test_of_many_changes_of_one_booking_at_a_time_one_is_made(world: World, dsn: str) -> None:
    offer = an_offer(TWO)
    await world.publish(TWO, a_tariff(), offer)
    before = await booked(world, offer)
    quotes_ = [await change_quoted(world, before, period=hours(number, number + 1)) for number in range(11, 19)]

    came = await asyncio.gather(*(or_refusal(changed(world, one)) for one in quotes_))

    assert sum(isinstance(one, Booking) for one in came) == 1
    assert sum(isinstance(one, Refusal) for one in came) == 7
    assert len(await run(dsn, LIVE)) == 1
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0


async def test_a_change_and_a_cancellation_at_one_moment_leave_one_truth(world: World, dsn: str) -> None:
    offer = an_offer(TWO)
    await world.publish(TWO, a_tariff(), offer)
    for number in range(8, 14):
        one = await booked(world, offer, hours(number, number + 1, 1))
        quote = await change_quoted(world, one, period=hours(number + 6, number + 7, 1))
        cancel = Cancellation(one.object_id, CanceledReason.NO_CANCELED)

        await asyncio.gather(
            or_refusal(changed(world, quote)),
            or_refusal(bookings.cancel(await world.call("emsp"), a_key(), cancel)),
        )

    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0
    assert await ask(dsn, HELD_TWICE) == 0
    assert await run(dsn, LIVE) == []


async def test_an_operator_that_confirms_is_asked_and_the_booking_keeps_its_slot(world: World, dsn: str) -> None:
    offer, sure = an_offer(SITE), an_offer(SITE, "SURE", confirmation=Confirmation.OPERATOR)
    await world.publish(SITE, a_tariff(), offer, sure)
    before = await booked(world, offer)
    quote = await change_quoted(world, before, booking_location_id=sure.id, period=HALF_LATER)

    asked = await changed(world, quote)
    another = await or_refusal(change_quoted(world, asked, period=hours(14, 15)))

    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00"), ("CHANGE", E1, "10:30", "11:30")]
    assert (asked.status, asked.revision, asked.reference) == (ReservationStatus.RESERVED, 1, before.reference)
    assert asked.phase(world.now) is Phase.CHANGE_PENDING
    assert asked.pending is not None
    assert asked.pending.decide_until == world.now.replace(minute=30)
    assert isinstance(another, NotAllowed)


async def test_a_canceled_booking_gives_back_all_that_was_kept_and_quoted_for_it(world: World, dsn: str) -> None:
    offer = an_offer(TWO)
    await world.publish(TWO, a_tariff(), offer)
    one = await booked(world, offer)
    quote = await change_quoted(world, one, period=hours(12, 13))
    cancel = Cancellation(one.object_id, CanceledReason.NO_CANCELED)

    gone = await bookings.cancel(await world.call("emsp"), a_key(), cancel)
    refused = await or_refusal(change_quoted(world, one, period=hours(14, 15)))

    assert gone.status is ReservationStatus.CANCELED
    assert await run(dsn, LIVE) == []
    assert (await quotes.get(await world.call("emsp"), str(quote.id))).outcome is QuoteOutcome.RELEASED
    assert isinstance(refused, AlreadyFinal)


async def test_nobody_else_prices_makes_or_sees_a_change(world: World) -> None:
    offer = an_offer(SITE)
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer)
    quote = await change_quoted(world, before, period=hours(12, 13))
    elsewhere = await quoted(world, offer, "other_emsp", period=hours(14, 15))

    strange = await or_refusal(change_quoted(world, before, "other_emsp", period=hours(15, 16)))
    taken = await or_refusal(changed(world, quote, "other_emsp"))
    of_no_booking = await or_refusal(changed(world, elsewhere, "other_emsp"))

    assert [type(one) for one in (strange, taken, of_no_booking)] == [NotFound, NotFound, NotFound]


async def test_what_a_booking_could_be_changed_to_counts_its_own_slot_as_free(world: World) -> None:
    offer = an_offer(SITE, windows=[hours(9, 12)])
    await world.publish(SITE, a_tariff(), offer)
    before = await booked(world, offer)
    await booked(world, offer, hours(11.5, 12), "other_emsp")

    one, options = await bookings.change_options(await world.call("emsp"), WantedOptions(before.object_id))

    assert one == before
    assert [slot.slot.period for slot in options.free[0].timeslots] == [hours(9, 11.5)]


async def test_the_slot_that_is_taken_names_the_closest_ones(world: World) -> None:
    offer = an_offer(SITE)
    await world.publish(SITE, a_tariff(), offer)
    await booked(world, offer, hours(10, 12))

    refused = await or_refusal(booked(world, offer, hours(10.5, 11.5), "other_emsp"))

    assert isinstance(refused, SlotTaken)
    assert refused.closest == [hours(9, 10), hours(12, 13)]


async def test_a_booking_that_nobody_used_in_time_changes_and_cancels_no_more_though_no_worker_came_by(
    world: World,
) -> None:
    offer = an_offer(SITE, terms=terms_with_fee())
    await world.publish(SITE, booking_tariff(cancellation="10.00"), offer)
    before = await booked(world, offer)
    world.later(at(10.5))
    cancel = Cancellation(before.object_id, CanceledReason.NO_CANCELED)

    refused = [
        await or_refusal(change_quoted(world, before, period=hours(14, 15))),
        await or_refusal(bookings.quote_cancel(await world.call("emsp"), a_key(), before.object_id)),
        await or_refusal(bookings.cancel(await world.call("emsp"), a_key(), cancel)),
    ]

    assert refused == [AlreadyFinal(ReservationStatus.NO_SHOW)] * 3


async def test_a_fee_that_was_quoted_before_the_charger_failed_is_not_taken(world: World) -> None:
    offer = an_offer(TWO, terms=terms_with_fee())
    await world.publish(TWO, booking_tariff(), offer)
    before = await booked(world, offer, evse_id=E1)
    world.later(at(9.5))
    quote = await change_quoted(world, before, evse_id=E2)
    broken = StatusReport(E1, Status.OUTOFORDER, None)
    await evses.report_status(await world.call("cpo"), a_key(), broken)

    after = await changed(world, quote)

    assert quote.fee is not None
    assert after.booking_requests[-1].fee is None


async def test_an_extension_of_a_slot_under_way_can_be_decided_on_until_it_lapses(world: World) -> None:
    offer, sure = an_offer(SITE), an_offer(SITE, "SURE", confirmation=Confirmation.OPERATOR, terms=terms_with_fee())
    await world.publish(SITE, booking_tariff(), offer, sure)
    asked_for = await booked(world, sure)
    before = await bookings.accept(await world.call("cpo"), a_key(), Decision(asked_for.object_id))
    world.later(at(10.25))

    asked = await changed(world, await change_quoted(world, before, period=hours(10, 12)))
    after = await bookings.accept(await world.call("cpo"), a_key(), Decision(before.object_id))

    assert asked.pending is not None
    assert asked.pending.decide_until == before.lapses_at == at(10.5)
    assert (after.timeslot.period, after.booking_requests[-1].fee is not None) == (hours(10, 12), True)


async def test_a_change_that_is_not_granted_costs_nothing(world: World) -> None:
    sure = an_offer(SITE, confirmation=Confirmation.OPERATOR, terms=terms_with_fee())
    await world.publish(SITE, booking_tariff(), sure)
    asked_for = await booked(world, sure)
    before = await bookings.accept(await world.call("cpo"), a_key(), Decision(asked_for.object_id))
    world.later(at(9.5))
    asked = await changed(world, await change_quoted(world, before, period=hours(14, 15)))

    after = await bookings.decline(await world.call("cpo"), a_key(), Declined(before.object_id, "Full."))

    assert asked.booking_requests[-1].fee is not None
    assert after.booking_requests[-1].fee is None


async def test_a_change_to_where_codes_open_the_gate_gets_a_code(world: World) -> None:
    coded = an_offer(SITE, "CODE", terms=replace_terms(supported_access_methods=(AccessMethod.ACCESS_CODE,)))
    offer = an_offer(SITE)
    await world.publish(SITE, a_tariff(), offer, coded)
    before = await booked(world, offer)

    after = await changed(world, await change_quoted(world, before, booking_location_id=coded.id))

    assert (before.access_code, len(after.access_code or "")) == (None, 8)


async def test_a_slot_that_is_over_is_not_to_be_had_though_it_begins_as_the_booking_did(world: World) -> None:
    offer = an_offer(SITE, terms=terms_with_fee())
    await world.publish(SITE, booking_tariff(), offer)
    before = await booked(world, offer, hours(8, 10))
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport(E1, Status.OUTOFORDER, None))
    world.later(at(9.25))

    refused = await or_refusal(change_quoted(world, before, period=hours(8, 9)))

    assert isinstance(refused, OutsideCalendar)
