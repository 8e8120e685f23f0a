"""The operator decides on bookings and changes that are asked of it; what it does not decide on lapses (BUC 2.6)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import (
    AlreadyFinal,
    ChargerUnusable,
    Forbidden,
    IdempotencyConflict,
    NotAllowed,
    NotFound,
    NothingToDecide,
    SlotTaken,
)
from models.rules.booking import BookingToken
from models.rules.booking_state import CanceledReason, Phase, RequestKind, RequestStatus, ReservationStatus
from models.rules.decision import LAPSED
from models.rules.location import Status
from resolvers import bookings, evses
from resolvers.booking_cancel import Cancellation
from resolvers.deciding import Decision
from resolvers.evses import StatusReport
from server import worker
from tests.factories.catalogue import NOW, a_location, a_tariff, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.deciding import accepted, asked_of, confirmed, declined, lapsed, proposed
from tests.resolvers.lifecycle import E1, LIVE, booked, change_quoted, changed, replace_terms
from tests.resolvers.quoting import or_refusal
from tests.resolvers.requests import ask
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OTHER = a_location("LOC2")
OFFER = asked_of(SITE)
OF_OTHER = asked_of(OTHER)
HALF_LATER = hours(10.5, 11.5)
DEADLINE = NOW + timedelta(minutes=30)
CAUSES = """
SELECT array_agg(location_id || ' ' || cause || ' ' || to_char(lower(during) AT TIME ZONE 'UTC', 'HH24:MI')
    ORDER BY xid, id)
FROM event WHERE kind = 'AVAILABILITY_CHANGED' AND cause IN ('CANCELLATION', 'EXPIRY', 'CHANGE')
"""
TOLD = "SELECT count(*) FROM event WHERE kind = 'BOOKING_CHANGED'"
CARD = BookingToken("NL", "EMS", "CARD1", "RFID", "NL-EMS-C1")


@pytest.fixture
async def site(world: World) -> World:
    """A world with two sites of one charger each, whose operator decides on every request."""
    await world.publish(SITE, OTHER, a_tariff(), OFFER, OF_OTHER)
    return world


async def break_charger(world: World, evse_id: str = E1) -> None:
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport(evse_id, Status.OUTOFORDER, None))


async def test_a_booking_that_is_accepted_is_reserved_and_keeps_its_slot(site: World, dsn: str) -> None:
    asked = await booked(site, OFFER)
    site.later(at(6.25))

    one = await accepted(site, asked)

    (request,) = one.booking_requests
    assert (asked.status, asked.phase(site.now)) == (ReservationStatus.PENDING, Phase.AWAITING_OPERATOR)
    assert (one.status, one.last_updated) == (ReservationStatus.RESERVED, at(6.25))
    assert (request.status, request.decided_at, request.decide_until) == (RequestStatus.ACCEPTED, at(6.25), None)
    assert (one.reference, one.revision) == (asked.reference, 1)
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00")]
    assert await ask(dsn, TOLD) == 2


async def test_accepting_again_with_the_same_key_returns_the_same_and_with_another_is_refused(site: World) -> None:
    asked, key = await booked(site, OFFER), a_key()
    call, wanted = await site.call("cpo"), Decision(asked.object_id)

    first = await bookings.accept(call, key, wanted)

    assert await bookings.accept(call, key, wanted) == first
    assert await or_refusal(bookings.accept(call, a_key(), wanted)) == NothingToDecide(asked.object_id, None)
    assert await or_refusal(bookings.accept(call, key, Decision("NL*ABC*X"))) == IdempotencyConflict(key)


async def test_a_booking_whose_charger_broke_meanwhile_is_not_accepted_and_still_waits(site: World) -> None:
    asked = await booked(site, OFFER, evse_id=E1)
    await break_charger(site)

    refused = await or_refusal(accepted(site, asked))

    assert refused == ChargerUnusable(OFFER.id)
    assert (await bookings.get(await site.call("emsp"), asked.object_id)).pending is not None


async def test_a_booking_that_is_declined_is_rejected_with_the_reason_and_its_slot_is_free(
    site: World, dsn: str
) -> None:
    asked = await booked(site, OFFER)

    one = await declined(site, asked, "The bay is being painted.")

    (request,) = one.booking_requests
    assert one.status is ReservationStatus.REJECTED
    assert (request.status, request.reason) == (RequestStatus.DECLINED, "The bay is being painted.")
    assert await run(dsn, LIVE) == []
    assert await ask(dsn, CAUSES) == ["NL*ABC*LOC1 CANCELLATION 10:00"]
    assert (await booked(site, OFFER, caller="other_emsp")).status is ReservationStatus.PENDING


async def test_a_booking_that_is_over_is_neither_accepted_nor_declined(site: World) -> None:
    asked = await booked(site, OFFER)
    await declined(site, asked)

    refused = [await or_refusal(accepted(site, asked)), await or_refusal(declined(site, asked))]

    assert refused == [AlreadyFinal("REJECTED"), AlreadyFinal("REJECTED")]


async def test_nothing_is_decided_once_the_time_for_it_is_over_though_no_worker_came_by(site: World) -> None:
    asked = await booked(site, OFFER)
    site.later(DEADLINE)

    refused = [await or_refusal(accepted(site, asked)), await or_refusal(declined(site, asked))]

    assert refused == [NothingToDecide(asked.object_id, DEADLINE)] * 2


async def test_only_the_operator_whose_booking_it_is_decides(site: World) -> None:
    asked = await booked(site, OFFER, caller="fleet")

    assert await or_refusal(accepted(site, asked, "other_cpo")) == NotFound("Booking", asked.object_id)
    assert await or_refusal(declined(site, asked, caller="other_cpo")) == NotFound("Booking", asked.object_id)
    for caller in ("emsp", "fleet", "nsp", "admin"):
        with pytest.raises(Forbidden):
            await accepted(site, asked, caller)
        with pytest.raises(Forbidden):
            await declined(site, asked, caller=caller)


async def test_while_an_overlapping_change_is_decided_on_nobody_else_takes_either_slot(site: World, dsn: str) -> None:
    before = await confirmed(site, OFFER)
    waiting = await changed(site, await change_quoted(site, before, period=HALF_LATER))
    meanwhile = await run(dsn, LIVE)
    others = [
        await or_refusal(booked(site, OFFER, period, "other_emsp")) for period in (hours(10, 10.5), hours(11, 11.5))
    ]

    after = await accepted(site, waiting)

    assert meanwhile == [("BOOKING", E1, "10:00", "11:00"), ("CHANGE", E1, "10:30", "11:30")]
    assert [type(one) for one in others] == [SlotTaken, SlotTaken]
    assert (waiting.status, waiting.phase(site.now)) == (ReservationStatus.RESERVED, Phase.CHANGE_PENDING)
    assert (waiting.timeslot.period, waiting.reference) == (hours(10, 11), before.reference)
    assert (after.timeslot.period, after.revision, after.pending) == (HALF_LATER, 2, None)
    assert after.reference != before.reference
    assert after.booking_requests[1].kind is RequestKind.CHANGE
    assert (after.booking_requests[1].status, after.booking_requests[1].decided_at) == (RequestStatus.ACCEPTED, NOW)
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:30", "11:30")]
    assert (await booked(site, OFFER, hours(10, 10.5), "other_emsp")).evse_id == E1


async def test_who_may_use_a_booking_changes_with_the_decision_and_not_before(site: World) -> None:
    before = await confirmed(site, OFFER)
    quote = await change_quoted(site, before, period=HALF_LATER)

    waiting = await changed(site, quote, tokens=(CARD,), license_plate="AB-12-CD")
    after = await accepted(site, waiting)

    assert (waiting.tokens, waiting.license_plate) == ((), None)
    assert (after.tokens, after.license_plate) == ((CARD,), "AB-12-CD")


async def test_a_change_that_is_declined_leaves_the_booking_as_it_is_and_frees_what_was_kept(
    site: World, dsn: str
) -> None:
    before = await confirmed(site, OFFER)
    waiting = await changed(site, await change_quoted(site, before, period=hours(12, 13)))

    after = await declined(site, waiting, "Busy then.")

    request = after.booking_requests[1]
    assert (request.status, request.reason, request.decided_at) == (RequestStatus.DECLINED, "Busy then.", NOW)
    assert after == replace(before, booking_requests=(*before.booking_requests, request))
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00")]
    assert await ask(dsn, CAUSES) == ["NL*ABC*LOC1 CANCELLATION 12:00"]


async def test_a_change_to_another_site_is_accepted_or_declined_there(site: World, dsn: str) -> None:
    before = await confirmed(site, OFFER)
    there = {"booking_location_id": OF_OTHER.id}
    stays = await declined(site, await changed(site, await change_quoted(site, before, **there)))
    kept = await run(dsn, LIVE)
    moved = await accepted(site, await changed(site, await change_quoted(site, stays, **there)))

    assert kept == [("BOOKING", E1, "10:00", "11:00")]
    assert stays.location_id == SITE.id
    assert (moved.location_id, moved.id, moved.revision) == (OTHER.id, before.id, 2)
    assert await run(dsn, LIVE) == [("BOOKING", "NL*ABC*LOC2*E1", "10:00", "11:00")]
    assert await ask(dsn, CAUSES) == [
        "NL*ABC*LOC2 CANCELLATION 10:00",
        "NL*ABC*LOC1 CHANGE 10:00",
        "NL*ABC*LOC2 CHANGE 10:00",
    ]


async def test_a_change_to_a_charger_that_broke_meanwhile_is_not_accepted_and_still_waits(site: World) -> None:
    before = await confirmed(site, OFFER)
    waiting = await changed(site, await change_quoted(site, before, booking_location_id=OF_OTHER.id))
    await break_charger(site, "NL*ABC*LOC2*E1")

    refused = await or_refusal(accepted(site, waiting))

    assert refused == ChargerUnusable(OF_OTHER.id)
    assert (await bookings.get(await site.call("emsp"), before.object_id)).pending is not None


async def test_nothing_else_is_asked_for_while_a_request_waits(site: World) -> None:
    asked = await booked(site, OFFER)
    other = await confirmed(site, OFFER, hours(12, 13))
    first, second = [await change_quoted(site, other, period=one) for one in (hours(12, 14), hours(13, 14))]
    waiting = await changed(site, first)

    refused = [
        await or_refusal(change_quoted(site, asked, period=HALF_LATER)),
        await or_refusal(proposed(site, asked, HALF_LATER)),
        await or_refusal(change_quoted(site, waiting, period=HALF_LATER)),
        await or_refusal(changed(site, second)),
        await or_refusal(proposed(site, waiting, HALF_LATER)),
    ]

    assert [type(one) for one in refused] == [NotAllowed] * 5


async def test_a_booking_that_nobody_decided_on_in_time_fails_and_its_slot_is_free(site: World, dsn: str) -> None:
    asked = await booked(site, OFFER)
    site.later(DEADLINE - timedelta(seconds=1))
    early = await lapsed(site)
    site.later(DEADLINE)

    assert (early, await lapsed(site), await lapsed(site)) == (0, 1, 0)
    one = await bookings.get(await site.call("emsp"), asked.object_id)
    (request,) = one.booking_requests
    assert one.status is ReservationStatus.FAILED
    assert (request.status, request.reason, request.decided_at) == (RequestStatus.FAILED, LAPSED, DEADLINE)
    assert await run(dsn, LIVE) == []
    assert await ask(dsn, CAUSES) == ["NL*ABC*LOC1 EXPIRY 10:00"]


async def test_a_change_that_nobody_decided_on_in_time_leaves_the_booking_as_it_is(site: World, dsn: str) -> None:
    before = await confirmed(site, OFFER)
    await changed(site, await change_quoted(site, before, booking_location_id=OF_OTHER.id))
    site.later(DEADLINE)

    assert await lapsed(site) == 1
    one = await bookings.get(await site.call("emsp"), before.object_id)
    request = one.booking_requests[1]
    assert (one.status, one.timeslot, one.revision) == (ReservationStatus.RESERVED, before.timeslot, 1)
    assert (request.status, request.reason) == (RequestStatus.FAILED, LAPSED)
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00")]
    assert await ask(dsn, CAUSES) == ["NL*ABC*LOC2 EXPIRY 10:00"]


async def test_the_terms_say_how_long_the_operator_has_but_never_after_the_start(site: World) -> None:
    offer = asked_of(SITE, name="SLOW", terms=replace_terms(decide_minutes=240))
    await site.publish(offer)

    near, far = await booked(site, offer, hours(7, 8)), await booked(site, offer, hours(12, 13))

    assert near.pending is not None
    assert far.pending is not None
    assert (near.pending.decide_until, far.pending.decide_until) == (at(7), at(10))


async def test_a_worker_lets_lapse_what_is_due_and_leaves_what_is_not(site: World) -> None:
    due = await booked(site, OFFER)
    site.later(at(6.25))
    later = await booked(site, OFFER, hours(12, 13))
    site.later(DEADLINE)

    assert await worker.due(replace(await site.call(None), now=DEADLINE))
    found = await bookings.many(await site.call("emsp"), [due.object_id, later.object_id])
    assert [one.status for one in found if one] == [ReservationStatus.FAILED, ReservationStatus.PENDING]


async def test_what_is_canceled_while_it_waits_is_decided_on_no_more(site: World, dsn: str) -> None:
    before = await confirmed(site, OFFER)
    waiting = await changed(site, await change_quoted(site, before, period=HALF_LATER))
    wanted = Cancellation(before.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await site.call("emsp"), a_key(), wanted)
    site.later(DEADLINE)

    assert await or_refusal(accepted(site, waiting)) == AlreadyFinal("CANCELED")
    assert await lapsed(site) == 0
    assert await run(dsn, LIVE) == []


async def test_an_operator_is_shown_what_it_has_to_decide_on_in_the_order_of_the_requests(site: World) -> None:
    instant = an_offer(SITE, "AT-ONCE")
    await site.publish(instant)
    reserved = await booked(site, instant, hours(14, 15))
    first = await booked(site, OFFER, hours(12, 13))
    site.later(at(6.25))
    second = await booked(site, OFFER, caller="fleet")
    await proposed(site, reserved, hours(15, 16))

    waiting = await bookings.waiting(await site.call("cpo"))
    site.later(DEADLINE)
    still = await bookings.waiting(await site.call("cpo"))

    assert [one.id for one in waiting] == [first.id, second.id]
    assert [one.id for one in still] == [second.id]
    assert await bookings.waiting(await site.call("other_cpo")) == []
    assert second.contract_ids == (FLEET_CONTRACT,)
