"""Which tariff prices a slot, and what booking it and charging in it will cost; what nobody knows is not free."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.estimate import NOT_KNOWN, Estimate, charged_at, chosen, estimate
from models.rules.interval import Interval
from models.rules.tariff import BookingRestriction, Tariff
from tests.rules.tariffs import always, amounts, energy, flat, lasting, parking, tariff, time, utc, when

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
START = utc("2026-12-07", "10:00")
SLOT = lasting(START, 50)
BOOKING = BookingRestriction.BOOKING
FAST = 300_000

BOOK = tariff(when(flat("2.50", "19"), time("6.00", "19", 900), booking=BOOKING), id="NL*ABC*BOOK")
CHARGE = tariff(always(energy("0.50", "19"), parking("12.00", "19", 300)), id="NL*ABC*CHARGE")


def priced(
    offer: list[Tariff], connector: list[Tariff], kwh: str | None = "100", slot: Interval = SLOT, power: int = FAST
) -> Estimate:
    return estimate(offer, connector, slot, None if kwh is None else Decimal(kwh), power, AMSTERDAM)


def test_booking_and_charging_make_the_total() -> None:
    """100 kWh at 300 kW take 20 minutes; the other 30 of the slot the vehicle is parked."""
    found = priced([BOOK], [CHARGE])

    assert amounts(found.booking) == ("8.5", "10.115")
    assert amounts(found.charging) == ("56", "66.64")
    assert amounts(found.total) == ("64.5", "76.755")
    assert found.currency == "EUR"


def test_no_more_is_charged_than_the_slot_holds() -> None:
    """300 kW for 50 minutes are 250 kWh, and no time is left to park."""
    assert amounts(priced([BOOK], [CHARGE], "400").charging) == ("125", "148.75")


def test_a_need_that_fills_the_slot_exactly_leaves_no_parking() -> None:
    assert amounts(priced([BOOK], [CHARGE], "250").charging) == ("125", "148.75")


def test_a_vehicle_that_takes_nothing_is_parked() -> None:
    assert amounts(priced([BOOK], [CHARGE], "0").charging) == ("10", "11.9")


def test_without_energy_only_booking_is_priced() -> None:
    assert priced([BOOK], [CHARGE], None) == Estimate(priced([BOOK], []).booking, "EUR", None, None, None)


def test_without_any_tariff_nothing_is_known() -> None:
    assert priced([], []) == NOT_KNOWN
    assert NOT_KNOWN.currency is None


def test_tariffs_without_a_booking_element_book_for_nothing() -> None:
    found = priced([], [CHARGE])

    assert amounts(found.booking) == ("0", "0")
    assert found.total == found.charging


def test_charging_is_not_known_from_a_tariff_for_booking() -> None:
    found = priced([BOOK], [])

    assert amounts(found.booking) == ("8.5", "10.115")
    assert found.charging is None
    assert found.total is None


def test_charging_without_power_is_not_known() -> None:
    assert priced([BOOK], [CHARGE], power=0).charging is None


def test_a_price_that_depends_on_the_current_is_not_known() -> None:
    assert priced([], [tariff(when(energy("0.50"), min_current="32"), always(energy("0.40")))]).charging is None


def test_two_currencies_make_no_total() -> None:
    francs = tariff(always(energy("0.50")), currency="CHF")

    found = priced([BOOK], [francs])

    assert (found.booking_currency, found.charging_currency) == ("EUR", "CHF")
    assert found.total is None
    assert found.currency is None


def test_a_free_booking_is_in_the_currency_of_charging() -> None:
    overdue = tariff(when(flat("9.00"), booking=BookingRestriction.BOOKING_OVERTIME))
    francs = tariff(always(energy("0.50")), currency="CHF")

    found = priced([overdue], [francs])

    assert found.currency == "CHF"
    assert amounts(found.total) == ("50", "50")


def test_the_tariffs_of_the_offer_come_first() -> None:
    dearer = tariff(when(flat("99.00"), booking=BOOKING), always(energy("9.00")))

    assert priced([BOOK, CHARGE], [dearer]) == priced([BOOK], [CHARGE])
    assert priced([BOOK], [dearer, CHARGE]) == priced([BOOK], [dearer])


@pytest.mark.parametrize("kwh", ["100", "291.6666666666666666666666667"])
def test_a_tariff_that_reads_the_clock_prices_each_slot_by_it(kwh: str) -> None:
    night = tariff(when(energy("0.20"), start_time="22:00", end_time="06:00"), always(energy("0.50")))
    late = lasting(utc("2026-12-07", "21:00"), 120)

    by_day = priced([], [night], kwh, lasting(START, 120)).charging
    by_night = priced([], [night], kwh, late).charging

    assert by_day is not None
    assert by_night is not None
    assert by_night.after_taxes * 5 == by_day.after_taxes * 2


def test_the_stated_power_is_what_restrictions_look_at() -> None:
    of = tariff(when(energy("0.70"), min_power="350"), always(energy("0.50")))

    assert amounts(priced([], [of], "100", power=350_000).charging) == ("70", "70")
    assert amounts(priced([], [of], "100", power=349_999).charging) == ("50", "50")


@given(power=st.integers(1, 4_000_000), kwh=st.decimals(0, 2000, places=3), minutes=st.integers(1, 600))
def test_a_session_of_constant_power_fills_the_slot(power: int, kwh: Decimal, minutes: int) -> None:
    slot = lasting(START, minutes)

    stretches = charged_at(power, kwh, slot)

    assert stretches[0].period.start == slot.start
    assert stretches[-1].period.end == slot.end
    assert all(one.period.end == other.period.start for one, other in pairwise(stretches))
    assert sum(Fraction(one.energy) for one in stretches) <= Fraction(kwh)
    if len(stretches) == 2:
        charged, parked = stretches
        assert Fraction(charged.energy) == Fraction(kwh)
        assert not parked.energy
        taken = Fraction(charged.period.duration // timedelta(microseconds=1))
        assert abs(taken - Fraction(kwh) * 3_600_000_000_000 / power) <= Fraction(1, 2)


def test_equal_slots_cost_the_same_wherever_they_lie() -> None:
    assert priced([BOOK], [CHARGE], slot=lasting(START + timedelta(days=40), 50)) == priced([BOOK], [CHARGE])


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([None, "REGULAR"], 0),
        (["PROFILE_GREEN", "REGULAR", None], 1),
        (["AD_HOC_PAYMENT", "PROFILE_FAST", "PROFILE_CHEAP"], 1),
        (["AD_HOC_PAYMENT", "OF_OUR_OWN"], 1),
        (["AD_HOC_PAYMENT"], 0),
    ],
)
def test_a_tariff_for_all_comes_before_profiles_and_ad_hoc_payment(types: list[str | None], expected: int) -> None:
    given_tariffs = [tariff(always(energy("0.50")), type=one) for one in types]

    assert chosen(given_tariffs, START, None) is given_tariffs[expected]


def test_a_tariff_is_in_force_from_its_start_and_until_its_end() -> None:
    old = tariff(always(energy("0.40")), end_date_time=START)
    new = tariff(always(energy("0.50")), start_date_time=START)

    assert chosen([old, new], START - timedelta(seconds=1), None) is old
    assert chosen([old, new], START, None) is new
    assert chosen([old], START, None) is None


def test_a_tariff_out_of_force_is_not_known() -> None:
    over = tariff(always(energy("0.40")), end_date_time=START)

    assert priced([over], []) == NOT_KNOWN


def test_for_a_booking_the_first_tariff_with_such_an_element_is_chosen() -> None:
    overdue = tariff(when(flat("9.00"), booking=BookingRestriction.BOOKING_OVERTIME))

    assert chosen([CHARGE, overdue, BOOK], START, BOOKING) is BOOK
    assert chosen([CHARGE, overdue, BOOK], START, BookingRestriction.BOOKING_OVERTIME) is overdue
    assert chosen([overdue, BOOK], START, None) is None
