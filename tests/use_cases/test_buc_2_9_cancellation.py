"""BUC 2.9: a cancellation is free until X hours before a booking, later at a fee that is told before."""

import pytest

from tests.use_cases.booking_documents import CANCEL, CANCEL_QUOTE, booked, found
from tests.use_cases.documents import do
from tests.use_cases.following_documents import HOLDERS, clock
from tests.use_cases.operators import HUB_CCS
from tests.use_cases.test_buc_2_9 import nine_to_ten
from tests.world import World

pytestmark = pytest.mark.anyio

CANCELLATION = {"currency": "EUR", "beforeTaxes": "7.5000", "afterTaxes": "8.9250"}
"""The fee of the tariff."""


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_9_a_cancellation_is_free_until_x_hours_before(changing: World, caller: str) -> None:
    first = await nine_to_ten(changing, caller)
    second = await booked(changing, caller, HUB_CCS, "09:00", "10:00", **HOLDERS[caller])
    changing.later(clock("08:00"))

    quote = await do(changing, caller, CANCEL_QUOTE, bookingId=first["id"])
    by_quote = await do(changing, caller, CANCEL, bookingId=first["id"], cancelQuoteId=quote["id"])
    at_once = await do(changing, caller, CANCEL, bookingId=second["id"])

    assert (quote["fee"], quote["cancelUntil"]) == (None, "2026-12-01T08:00:00Z")
    for gone in (by_quote, at_once):
        assert (gone["status"], gone["outcome"]) == ("CANCELED", "CANCELED_BY_HOLDER")
        assert gone["bookingRequests"][-1]["fee"] is None


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_9_a_later_cancellation_needs_that_its_fee_was_told(changing: World, caller: str) -> None:
    one = await nine_to_ten(changing, caller)
    changing.later(clock("08:00:01"))

    unasked = await do(changing, caller, CANCEL, bookingId=one["id"])
    quote = await do(changing, caller, CANCEL_QUOTE, bookingId=one["id"])
    untouched = await found(changing, caller, one["reference"])
    gone = await do(changing, caller, CANCEL, bookingId=one["id"], cancelQuoteId=quote["id"])

    assert (unasked["__typename"], unasked["afterTaxes"], unasked["currency"]) == ("FeeDue", "8.9250", "EUR")
    assert (quote["booking"]["status"], quote["fee"]) == ("RESERVED", CANCELLATION)
    assert (quote["cancelUntil"], untouched["status"]) == (one["cancelUntil"], "RESERVED")
    assert (gone["status"], gone["bookingRequests"][-1]["fee"]) == ("CANCELED", CANCELLATION)
    for party in ("emsp", "fleet", "cpo"):
        seen = await found(changing, party, one["reference"])
        assert (seen["status"], seen["bookingRequests"][-1]["fee"]) == ("CANCELED", CANCELLATION)
