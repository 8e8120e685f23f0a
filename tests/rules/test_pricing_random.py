"""On tariffs and sessions of all sorts the calculator agrees with a second one that walks them tick by tick."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from models.rules.estimate import estimate
from models.rules.interval import Interval
from models.rules.price import summed
from models.rules.pricing import booking, charging, reservation
from models.rules.pricing_lines import Priced
from models.rules.tariff import (
    BookingRestriction,
    DayOfWeek,
    PriceComponent,
    PriceLimit,
    ReservationRestriction,
    Tariff,
    TariffDimension,
    TariffElement,
    TariffRestrictions,
    TaxIncluded,
)
from models.rules.usage import Stretch
from tests.rules.slow_calculator import Bill, Use, booking_bill, reservation_bill, session_bill
from tests.rules.tariffs import tariff, utc

PLACES = {
    "Europe/Amsterdam": [utc("2026-03-29", "01:00"), utc("2026-10-25", "01:00"), utc("2026-12-04", "23:00")],
    "Australia/Lord_Howe": [utc("2026-04-04", "15:00"), utc("2026-10-03", "15:30")],
    "America/St_Johns": [utc("2026-11-01", "04:30"), utc("2026-12-31", "03:30")],
    "UTC": [utc("2026-12-07", "00:00")],
}
"""Places, each with moments at which the clock jumps, or a day begins."""

RATES = [None, None, Decimal(0), Decimal("5.5"), Decimal(19), Decimal("21.0")]
STEPS = [0, 1, 7, 60, 300, 900, 1000]
MONEY = st.decimals(0, 40, places=3)
Fee = BookingRestriction | ReservationRestriction | None


@dataclass(frozen=True)
class Case:
    """A tariff and a use of it at a place; all times on ticks of so many seconds."""

    zone: str
    tick: int
    tariff: Tariff
    uses: list[Use]


CHARGING: list[Fee] = [None, None, None, None, BookingRestriction.BOOKING, ReservationRestriction.RESERVATION]
FEES: list[Fee] = [
    BookingRestriction.BOOKING,
    BookingRestriction.BOOKING,
    BookingRestriction.BOOKING_OVERTIME,
    *ReservationRestriction,
]
"""What elements are for, as often as it stands here."""


@st.composite
def components(draw: st.DrawFn, of: list[Fee]) -> PriceComponent:
    kinds = [*TariffDimension, *TariffDimension, TariffDimension.TIME]
    if of is FEES:
        kinds = [TariffDimension.FLAT, TariffDimension.TIME, TariffDimension.TIME]
    kind = draw(st.sampled_from(kinds))
    return PriceComponent(kind, draw(MONEY), draw(st.sampled_from(RATES)), draw(st.sampled_from(STEPS)))


@st.composite
def restrictions(draw: st.DrawFn, day: datetime, tick: int, of: list[Fee]) -> TariffRestrictions:
    """Return a few restrictions, likely to begin or cease to hold in the hours around a local time."""
    near = st.integers(-4, 4).map(lambda quarters: (day.hour * 60 + day.minute + quarters * 15) % 1440)
    clock = (near | near | st.integers(0, 287).map(lambda number: number * 5)).map(
        lambda minute: f"{minute // 60:02}:{minute % 60:02}"
    )
    date = st.integers(-1, 2).map(lambda days: (day + timedelta(days=days)).date().isoformat())
    kwh = st.decimals(0, 50, places=1)
    seconds = st.integers(0, 150).map(lambda ticks: ticks * tick)
    power = st.sampled_from([Decimal(0), Decimal(12), Decimal("22.5"), Decimal(50)])
    current = st.sampled_from([Decimal(0), Decimal(16), Decimal(32)])
    optional: dict[str, st.SearchStrategy[Any]] = {
        "start_time": clock,
        "end_time": clock,
        "start_date": date,
        "end_date": date,
        "min_kwh": kwh,
        "max_kwh": kwh,
        "min_current": current,
        "max_current": current,
        "min_power": power,
        "max_power": power,
        "min_duration": seconds,
        "max_duration": seconds,
        "day_of_week": st.lists(st.sampled_from(DayOfWeek), max_size=5, unique=True).map(tuple),
    }
    names = draw(st.lists(st.sampled_from(sorted(optional)), max_size=2, unique=True))
    fee = draw(st.sampled_from(of))
    return TariffRestrictions(
        **{name: draw(optional[name]) for name in names},
        booking=fee if isinstance(fee, BookingRestriction) else None,
        reservation=fee if isinstance(fee, ReservationRestriction) else None,
    )


@st.composite
def tariffs(draw: st.DrawFn, day: datetime, tick: int, of: list[Fee]) -> Tariff:
    given = restrictions(day, tick, of)
    some = st.lists(components(of), min_size=1, max_size=3).map(tuple)
    element = st.builds(TariffElement, some, given if of is FEES else st.none() | given | given | given)
    limit = st.none() | st.builds(PriceLimit, MONEY, st.none() | MONEY)
    return tariff(
        *draw(st.lists(element, min_size=2, max_size=6)),
        tax_included=draw(st.sampled_from(TaxIncluded)),
        min_price=draw(limit),
        max_price=draw(limit),
    )


@st.composite
def cases(draw: st.DrawFn, of: list[Fee]) -> Case:
    zone = draw(st.sampled_from(sorted(PLACES)))
    day = draw(st.sampled_from(PLACES[zone]))
    tick = draw(st.sampled_from([20, 60, 300, 300]))
    start = day + timedelta(seconds=tick * draw(st.integers(-100, 60)))
    uses: list[Use] = []
    for _ in range(draw(st.integers(1, 3))):
        seconds = tick * draw(st.integers(1, 80))
        charges = draw(st.booleans())
        kwh = draw(st.decimals(0, 60, places=2)) if charges else Decimal(0)
        current = draw(st.sampled_from([None, Decimal(16), Decimal("31.5"), Decimal(32)])) if charges else None
        uses.append(Use(start, seconds, kwh, charges, current))
        start += timedelta(seconds=seconds + tick * draw(st.sampled_from([0, 0, 0, 10])))
    return Case(zone, tick, draw(tariffs(day.astimezone(ZoneInfo(zone)), tick, of)), uses)


def stretches(uses: Sequence[Use]) -> list[Stretch]:
    return [Stretch(slot(use.start, use.seconds), use.kwh, use.charging, use.current) for use in uses]


def slot(start: datetime, seconds: int) -> Interval:
    return Interval(start, start + timedelta(seconds=seconds))


def same(found: Priced, expected: Bill) -> None:
    """Assert that two bills agree in their lines and their totals, and that the lines make the total."""
    parts = {
        (line.element, line.dimension): (Fraction(line.price.before_taxes), Fraction(line.price.after_taxes))
        for line in found.lines
        if line.dimension is not None
    }
    assert parts == {(element, TariffDimension(kind)): price for (element, kind), price in expected.parts.items()}
    assert Fraction(found.total.before_taxes) == expected.before
    assert Fraction(found.total.after_taxes) == expected.after
    assert {Fraction(tax.percentage): Fraction(tax.amount) for tax in found.total.taxes} == expected.taxes
    assert summed(line.price for line in found.lines) == found.total
    assert found.total.before_taxes + sum(tax.amount for tax in found.total.taxes) == found.total.after_taxes


@given(case=cases(CHARGING))
def test_a_session_costs_what_the_slow_calculator_says(case: Case) -> None:
    compare(case)


@pytest.mark.long
@settings(max_examples=3000)
@given(case=cases(CHARGING))
def test_thousands_of_sessions_cost_what_the_slow_calculator_says(case: Case) -> None:
    compare(case)


def compare(case: Case) -> None:
    """Compare what a session costs by both calculators."""
    found = charging(case.tariff, stretches(case.uses), ZoneInfo(case.zone))

    event(f"{len(found.lines)} lines")
    event(f"limited: {any(line.element is None for line in found.lines)}")
    same(found, session_bill(case.tariff, case.uses, case.zone, case.tick))


@given(case=cases(FEES), expired=st.booleans())
def test_a_fee_costs_what_the_slow_calculator_says(case: Case, expired: bool) -> None:
    one, zone = case.uses[0], ZoneInfo(case.zone)
    period = slot(one.start, one.seconds)

    booked = booking(case.tariff, period, zone)
    over = booking(case.tariff, period, zone, BookingRestriction.BOOKING_OVERTIME)
    reserved = reservation(case.tariff, period, zone, expired=expired)

    event(f"{len(booked.lines)} lines booked, {len(reserved.lines)} reserved")
    same(booked, booking_bill(case.tariff, "BOOKING", one.start, one.seconds, case.zone, case.tick))
    same(over, booking_bill(case.tariff, "BOOKING_OVERTIME", one.start, one.seconds, case.zone, case.tick))
    same(reserved, reservation_bill(case.tariff, expired, one.start, one.seconds, case.zone, case.tick))


@given(case=cases(CHARGING), minutes=st.integers(1, 120), power=st.sampled_from([12_000, 60_000, 350_000]))
def test_an_estimate_is_the_booking_and_a_session_at_constant_power(case: Case, minutes: int, power: int) -> None:
    start, seconds, zone = case.uses[0].start, 3600, ZoneInfo(case.zone)
    minutes, charged = minutes // 5 * 5, min(minutes // 5 * 5, 60)
    asked, delivered = (Decimal(power * length) / 60_000 for length in (minutes, charged))

    found = estimate([case.tariff], [], slot(start, seconds), asked, power, zone)

    uses = [Use(start, charged * 60, delivered, True, None)] if charged else []
    if charged < 60:
        uses.append(Use(start + timedelta(minutes=charged), seconds - charged * 60, Decimal(0), False, None))
    expected = session_bill(case.tariff, uses, case.zone, case.tick)
    booked = booking_bill(case.tariff, "BOOKING", start, seconds, case.zone, case.tick)
    assert found.booking is not None
    assert Fraction(found.booking.after_taxes) == booked.after
    if found.charging is None:
        event("charging is not known")
        assert found.total is None
        assert not prices_charging(case.tariff) or names_a_current(case.tariff)
        return
    assert (Fraction(found.charging.before_taxes), Fraction(found.charging.after_taxes)) == (
        expected.before,
        expected.after,
    )
    assert found.total == found.booking + found.charging
    assert found.currency == "EUR"


def prices_charging(one: Tariff) -> bool:
    return any(not is_fee(element) for element in one.elements)


def names_a_current(one: Tariff) -> bool:
    named = [element.restrictions for element in one.elements if element.restrictions and not is_fee(element)]
    return any(given.min_current is not None or given.max_current is not None for given in named)


def is_fee(element: TariffElement) -> bool:
    given = element.restrictions
    return given is not None and (given.booking is not None or given.reservation is not None)
