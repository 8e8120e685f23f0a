"""What canceling costs, told before it is done, and kept to for some minutes (BUC 2.3.3, 2.7, 2.9)."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from models.errors import (
    AlreadyFinal,
    BadInput,
    CutOffPassed,
    FeeDue,
    LostUpdate,
    NotFound,
    QuoteExpired,
    QuoteUsed,
    Refusal,
)
from models.rules.booking import Booking
from models.rules.booking_location import Confirmation
from models.rules.booking_state import (
    OPERATOR_REASONS,
    CanceledReason,
    Outcome,
    RequestKind,
    RequestStatus,
    ReservationStatus,
)
from models.rules.cancel_quote import CancelQuote
from models.rules.role import Role
from resolvers import bookings, quotes
from resolvers.booking_cancel import Cancellation
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.lifecycle import LIVE, booked, booking_tariff, change_quoted, changed
from tests.resolvers.quoting import or_refusal
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE)
LATE = at(9.5)


@pytest.fixture
async def site(world: World) -> World:
    """A world with one charger, where a cancellation costs 10.00 before taxes in the last hour."""
    await world.publish(SITE, booking_tariff(cancellation="10.00"), OFFER)
    return world


async def cancel_quoted(world: World, booking: Booking, caller: str = "emsp") -> CancelQuote:
    made, _ = await bookings.quote_cancel(await world.call(caller), a_key(), booking.object_id)
    return made


async def canceled(
    world: World,
    booking: Booking,
    quote: CancelQuote | None = None,
    caller: str = "emsp",
    reason: CanceledReason = CanceledReason.NO_CANCELED,
) -> Booking:
    wanted = Cancellation(booking.object_id, reason, str(quote.id) if quote else None)
    return await bookings.cancel(await world.call(caller), a_key(), wanted)


async def test_before_the_cut_off_it_costs_nothing_with_a_quote_or_without(site: World) -> None:
    first, second = await booked(site, OFFER), await booked(site, OFFER, hours(12, 13))

    quote = await cancel_quoted(site, first)
    by_quote = await canceled(site, first, quote)
    without = await canceled(site, second)

    assert quote.fee is None
    assert [one.status for one in (by_quote, without)] == [ReservationStatus.CANCELED] * 2
    assert by_quote.outcome is Outcome.CANCELED_BY_HOLDER
    assert by_quote.booking_requests[-1].fee is None


async def test_later_the_fee_is_told_accepted_by_the_quote_and_kept_in_the_history(site: World) -> None:
    one = await booked(site, OFFER)
    site.later(LATE)

    unasked = await or_refusal(canceled(site, one))
    quote = await cancel_quoted(site, one)
    gone = await canceled(site, one, quote)

    assert unasked == FeeDue(Decimal("12.1000"), "EUR")
    assert quote.fee is not None
    assert quote.fee.price.after_taxes == Decimal("12.1000")
    last = gone.booking_requests[-1]
    assert (last.kind, last.status, last.fee) == (RequestKind.CANCEL, RequestStatus.ACCEPTED, quote.fee)


async def test_a_fee_is_that_of_the_moment_at_which_it_was_quoted(site: World) -> None:
    one = await booked(site, OFFER)
    site.later(at(9))
    quote = await cancel_quoted(site, one)
    site.later(at(9) + timedelta(minutes=9))

    gone = await canceled(site, one, quote)

    assert gone.booking_requests[-1].fee is None


async def test_a_quote_is_of_one_revision_of_one_booking_for_ten_minutes_and_used_once(site: World) -> None:
    first, second = await booked(site, OFFER), await booked(site, OFFER, hours(12, 13))
    quote = await cancel_quoted(site, first)

    of_another = await or_refusal(canceled(site, second, quote))
    moved = await changed(site, await change_quoted(site, first, period=hours(14, 15)))
    stale = await or_refusal(canceled(site, moved, quote))
    fresh = await cancel_quoted(site, second)
    site.later(fresh.expires_at)
    expired = await or_refusal(canceled(site, second, fresh))

    assert isinstance(of_another, NotFound)
    assert isinstance(stale, LostUpdate)
    assert isinstance(expired, QuoteExpired)


async def test_where_no_fee_is_priced_it_is_too_late_after_the_cut_off(world: World) -> None:
    await world.publish(SITE, booking_tariff(), OFFER)
    one = await booked(world, OFFER)
    world.later(LATE)

    told = await or_refusal(cancel_quoted(world, one))
    refused = await or_refusal(canceled(world, one))
    after = await bookings.get(await world.call("emsp"), one.object_id)

    assert (told, refused) == (CutOffPassed(at(9)), CutOffPassed(at(9)))
    assert (after.status, after.booking_requests[-1].status) == (ReservationStatus.RESERVED, RequestStatus.DECLINED)
    assert "possible until" in (after.booking_requests[-1].reason or "")


async def test_what_the_operator_has_not_confirmed_is_free_to_go_at_any_time(world: World) -> None:
    offer = an_offer(SITE, confirmation=Confirmation.OPERATOR)
    await world.publish(SITE, booking_tariff(cancellation="10.00"), offer)
    world.later(LATE)
    one = await booked(world, offer)

    gone = await canceled(world, one)

    assert one.status is ReservationStatus.PENDING
    assert gone.status is ReservationStatus.CANCELED
    assert [request.status for request in gone.booking_requests] == [RequestStatus.DECLINED, RequestStatus.ACCEPTED]


@pytest.mark.parametrize("reason", sorted(OPERATOR_REASONS))
async def test_an_operator_cancels_without_a_fee_and_alternatives_are_due(
    site: World, dsn: str, reason: CanceledReason
) -> None:
    one = await booked(site, OFFER)
    site.later(LATE)

    gone = await canceled(site, one, caller="cpo", reason=reason)

    assert (gone.canceled_reason, gone.who_canceled, gone.outcome) == (
        reason,
        Role.CPO,
        Outcome.CANCELED_BY_OPERATOR,
    )
    assert gone.booking_requests[-1].role is Role.CPO
    assert "BOOKING" not in {kind for kind, *_ in await run(dsn, LIVE)}


async def test_reasons_belong_to_those_whose_they_are(site: World) -> None:
    one = await booked(site, OFFER)

    with pytest.raises(BadInput, match="is for operators"):
        await canceled(site, one, reason=CanceledReason.MAINTENANCE)
    with pytest.raises(BadInput, match="is for holders"):
        await canceled(site, one, caller="cpo", reason=CanceledReason.TRAFFIC)


async def test_nobody_else_cancels_or_prices_it(site: World) -> None:
    one = await booked(site, OFFER)

    strangers = [
        await or_refusal(canceled(site, one, caller="other_emsp")),
        await or_refusal(cancel_quoted(site, one, "other_emsp")),
        await or_refusal(canceled(site, one, caller="other_cpo", reason=CanceledReason.FULL)),
    ]

    assert [type(refused) for refused in strangers] == [NotFound] * 3


async def test_of_many_cancellations_at_a_time_one_is_made(site: World) -> None:
    one = await booked(site, OFFER)
    site.later(LATE)
    made = [await cancel_quoted(site, one) for _ in range(8)]

    came = await asyncio.gather(*(or_refusal(canceled(site, one, quote)) for quote in made))
    again = await or_refusal(canceled(site, one, made[0]))

    assert sum(isinstance(gone, Booking) for gone in came) == 1
    assert {type(gone) for gone in came if isinstance(gone, Refusal)} <= {AlreadyFinal, QuoteUsed}
    assert isinstance(again, AlreadyFinal)


async def test_quotes_that_ended_unused_are_forgotten_after_a_month_and_used_ones_stay(site: World, dsn: str) -> None:
    kept = await booked(site, OFFER)
    moved = await changed(site, await change_quoted(site, kept, period=hours(14, 15)))
    await change_quoted(site, moved, period=hours(16, 17))
    await cancel_quoted(site, moved)
    site.later(at(0, 2))
    await quotes.expire(site.database, site.now)

    early = await quotes.forget(site.database, at(0, 31))
    late = await quotes.forget(site.database, at(0, 33))

    assert (early, late) == (1, 1)
    assert await run(dsn, "SELECT outcome FROM quote") == [("BOOKED",)]
