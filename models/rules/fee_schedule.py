"""The fees of a bookable place over time: tariffs come into force and go out of it (BUC 1.1.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from models.rules.booking_location import BookingTerms
from models.rules.fee import Fee, fees
from models.rules.tariff import Tariff
from models.rules.terms_fee import FeeKind


@dataclass(frozen=True, slots=True)
class ScheduledFee:
    """A fee with when it is in force, as bookings begin; None is without a bound."""

    fee: Fee
    start: datetime | None
    end: datetime | None


def fee_schedule(
    offer_tariffs: Sequence[Tariff], connector_tariffs: Sequence[Tariff], terms: BookingTerms, since: datetime
) -> tuple[ScheduledFee, ...]:
    """Return every fee in force at `since` or later, by kind, each for as long as it stays the same."""
    tariffs = (*offer_tariffs, *connector_tariffs)
    edges = {edge for one in tariffs for edge in (one.start_date_time, one.end_date_time) if edge and edge > since}
    moments: list[datetime | None] = [None, *sorted(edges), None]
    open_fees: dict[Fee, ScheduledFee] = {}
    found: list[ScheduledFee] = []
    for start, end in pairwise(moments):
        now = fees(offer_tariffs, connector_tariffs, terms, start or since)
        found += [one for fee, one in open_fees.items() if fee not in now]
        open_fees = {fee: ScheduledFee(fee, open_fees[fee].start if fee in open_fees else start, end) for fee in now}
    return tuple(sorted((*found, *open_fees.values()), key=_order))


def _order(one: ScheduledFee) -> tuple[int, float]:
    return list(FeeKind).index(one.fee.kind), one.start.timestamp() if one.start else 0.0
