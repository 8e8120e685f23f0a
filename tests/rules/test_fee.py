"""The fees of a bookable place as data and in words, whatever carries them: tariffs, or the terms."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from models.queries.documents import from_document, to_document
from models.rules.booking_location import BookingTerms
from models.rules.fee import Fee, fees
from models.rules.tariff import BookingRestriction, DayOfWeek, Tariff, TariffElement, TaxIncluded
from models.rules.terms_fee import FeeKind, TermsFee
from tests.factories.catalogue import TERMS
from tests.rules.tariffs import always, amounts, energy, flat, parking, tariff, time, utc, when

NOW = utc("2026-12-01", "06:00")
BOOKED = {"booking": BookingRestriction.BOOKING}
BOOK = tariff(
    when(flat("2.50", "19"), time("6.00", "19", 900), **BOOKED),
    when(flat("15.00", "19"), booking=BookingRestriction.BOOKING_EXPIRES),
    when(flat("7.50", "19"), booking=BookingRestriction.BOOKING_CANCELLATION_FEES),
    when(time("30.00", "19", 300), booking=BookingRestriction.BOOKING_OVERTIME),
)
CHARGE = tariff(always(flat("1.00"), energy("0.50", "19"), parking("12.00", "19", 60)))
WITH_FEES = replace(
    TERMS,
    fees=(
        TermsFee(FeeKind.MODIFICATION, Decimal("5.00"), "EUR", Decimal("19.0")),
        TermsFee(FeeKind.LATE_ARRIVAL, Decimal("0.125"), "CHF"),
    ),
)


def found(offer: list[Tariff], connector: list[Tariff], terms: BookingTerms = TERMS) -> tuple[Fee, ...]:
    return fees(offer, connector, terms, NOW)


def said(*elements: TariffElement, **changes: Any) -> list[str]:
    return [fee.words for fee in found([tariff(*elements, **changes)], [])]


def test_every_kind_of_fee_is_told_in_one_order() -> None:
    assert [(fee.kind, fee.words) for fee in found([BOOK], [CHARGE], WITH_FEES)] == [
        (FeeKind.RESERVATION, "2.50 EUR once and 6.00 EUR per hour, in steps of 15 minutes, plus 19 % VAT."),
        (FeeKind.MODIFICATION, "5.00 EUR once, plus 19 % VAT."),
        (FeeKind.CANCELLATION, "7.50 EUR once, plus 19 % VAT."),
        (FeeKind.NO_SHOW, "15.00 EUR once, plus 19 % VAT."),
        (FeeKind.LATE_ARRIVAL, "0.125 CHF once, taxes not stated."),
        (FeeKind.BLOCKING, "12.00 EUR per hour, in steps of 1 minute, plus 19 % VAT."),
        (FeeKind.OVERTIME, "30.00 EUR per hour, in steps of 5 minutes, plus 19 % VAT."),
    ]


def test_a_fee_is_data_as_published() -> None:
    first, *_ = found([BOOK], [CHARGE])

    assert first == Fee(
        kind=FeeKind.RESERVATION,
        currency="EUR",
        flat=Decimal("2.50"),
        per_hour=Decimal("6.00"),
        vat=Decimal(19),
        step_size=900,
        tax_included=TaxIncluded.NO,
        restrictions=None,
    )


def test_without_tariffs_and_terms_there_are_no_fees() -> None:
    assert found([], []) == ()


def test_amounts_of_two_elements_under_the_same_conditions_are_one_fee() -> None:
    assert said(when(flat("2.50", "19"), **BOOKED), when(time("6.00", "19", 60), **BOOKED)) == [
        "2.50 EUR once and 6.00 EUR per hour, in steps of 1 minute, plus 19 % VAT."
    ]


def test_amounts_of_different_rates_are_two_fees() -> None:
    assert said(when(flat("2.50", "19"), time("6.00", "7"), **BOOKED)) == [
        "2.50 EUR once, plus 19 % VAT.",
        "6.00 EUR per hour, plus 7 % VAT.",
    ]


def test_an_element_that_never_bills_is_no_fee() -> None:
    assert said(when(flat("2.50", "19"), **BOOKED), when(flat("9.00", "19"), **BOOKED)) == [
        "2.50 EUR once, plus 19 % VAT."
    ]


@pytest.mark.parametrize(
    ("tax_included", "vat", "words"),
    [
        (TaxIncluded.NO, "5.20", "2.50 EUR once, plus 5.2 % VAT."),
        (TaxIncluded.NO, None, "2.50 EUR once, taxes not stated."),
        (TaxIncluded.YES, "20", "2.50 EUR once, including 20 % VAT."),
        (TaxIncluded.YES, None, "2.50 EUR once, taxes included."),
        (TaxIncluded.NOT_APPLICABLE, "20", "2.50 EUR once, no tax applies."),
    ],
)
def test_words_say_what_becomes_of_taxes(tax_included: TaxIncluded, vat: str | None, words: str) -> None:
    assert said(when(flat("2.50", vat), **BOOKED), tax_included=tax_included) == [words]


@pytest.mark.parametrize(
    ("price", "words"),
    [("2.5", "2.50"), ("2", "2.00"), ("2.125", "2.125"), ("2.1250", "2.125"), ("1E+2", "100.00"), ("10", "10.00")],
)
def test_amounts_have_their_cents_and_no_needless_zeros(price: str, words: str) -> None:
    assert said(when(flat(price, "0"), **BOOKED)) == [f"{words} EUR once, plus 0 % VAT."]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (0, "per hour, plus"),
        (1, "per hour, plus"),
        (60, "in steps of 1 minute,"),
        (90, "in steps of 90 seconds,"),
        (900, "in steps of 15 minutes,"),
        (3600, "in steps of 1 hour,"),
        (7200, "in steps of 2 hours,"),
    ],
)
def test_words_state_steps_in_the_unit_that_divides_them(step: int, words: str) -> None:
    (sentence,) = said(when(time("6.00", "19", step), **BOOKED))

    assert words in sentence


def test_a_fee_of_nothing_is_free_of_charge() -> None:
    assert said(when(flat("0.00"), **BOOKED)) == ["Free of charge."]


@pytest.mark.parametrize(
    ("restrictions", "words"),
    [
        ({"start_time": "08:00", "end_time": "20:00"}, "between 08:00 and 20:00 only"),
        ({"start_time": "08:00"}, "between 08:00 and 24:00 only"),
        ({"day_of_week": (DayOfWeek.SATURDAY, DayOfWeek.SUNDAY)}, "on Saturday and Sunday only"),
        ({"start_date": "2026-12-01", "end_date": "2027-01-01"}, "from 2026-12-01 and before 2027-01-01 only"),
        ({"min_duration": 14400}, "after the first 4 hours only"),
        ({"max_duration": 1800}, "within the first 30 minutes only"),
        ({"min_kwh": "20", "max_kwh": "50.50"}, "from 20 kWh and below 50.5 kWh only"),
        ({"max_power": "50"}, "below 50 kW only"),
        ({"min_current": "32"}, "from 32 A only"),
        (
            {"start_time": "08:00", "end_time": "20:00", "day_of_week": (DayOfWeek.MONDAY,), "min_duration": 60},
            "between 08:00 and 20:00, on Monday and after the first 1 minute only",
        ),
    ],
)
def test_words_say_when_a_fee_applies(restrictions: dict[str, Any], words: str) -> None:
    assert said(when(parking("12.00", "19", 300), **restrictions)) == [
        f"12.00 EUR per hour, in steps of 5 minutes, plus 19 % VAT, {words}."
    ]


def test_restrictions_say_when_and_the_kind_says_what() -> None:
    weekend = (DayOfWeek.SATURDAY,)
    of = tariff(when(flat("2.50"), day_of_week=weekend, **BOOKED))

    (fee,) = found([of], [])

    assert fee.restrictions is not None
    assert fee.restrictions.day_of_week == weekend
    assert fee.restrictions.booking is None


def test_the_tariffs_of_the_offer_come_before_those_of_the_connectors() -> None:
    dearer = tariff(when(flat("99.00"), **BOOKED), always(parking("99.00")))

    assert found([BOOK], [dearer, CHARGE])[0] == found([BOOK], [CHARGE])[0]
    assert [fee.words for fee in found([CHARGE], [dearer]) if fee.kind is FeeKind.BLOCKING] == [
        "12.00 EUR per hour, in steps of 1 minute, plus 19 % VAT."
    ]


def test_connectors_that_differ_are_all_told_and_equal_ones_once() -> None:
    slower = tariff(always(parking("6.00", "19", 60)))
    ad_hoc = tariff(always(parking("60.00", "19", 60)), type="AD_HOC_PAYMENT")

    blocking = [fee.per_hour for fee in found([BOOK], [CHARGE, slower, CHARGE, ad_hoc]) if fee.kind == "BLOCKING"]

    assert blocking == [Decimal(12), Decimal(6)]


def test_a_tariff_out_of_force_has_no_fees() -> None:
    assert found([replace(BOOK, end_date_time=NOW)], []) == ()
    assert found([replace(BOOK, start_date_time=NOW)], []) == found([BOOK], [])


@pytest.mark.parametrize("kind", sorted(set(FeeKind) - {FeeKind.MODIFICATION, FeeKind.LATE_ARRIVAL}))
def test_only_fees_that_no_tariff_can_carry_are_published_with_the_terms(kind: FeeKind) -> None:
    with pytest.raises(ValueError, match=f"a fee for {kind} is published in a tariff"):
        TermsFee(kind, Decimal("5.00"), "EUR")


def test_a_fee_of_the_terms_has_a_price_with_its_tax() -> None:
    assert [amounts(fee.price) for fee in WITH_FEES.fees] == [("5", "5.95"), ("0.125", "0.125")]


def test_terms_with_fees_are_the_same_after_they_were_stored() -> None:
    stored = to_document(BookingTerms, WITH_FEES)

    assert stored["fees"][0] == {"kind": "MODIFICATION", "amount": "5.00", "currency": "EUR", "vat": "19.0"}
    restored = from_document(BookingTerms, stored)
    assert restored == WITH_FEES
    assert str(restored.fees[0].amount) == "5.00"


def test_terms_stored_before_there_were_fees_have_none() -> None:
    stored = to_document(BookingTerms, WITH_FEES)
    del stored["fees"]

    assert from_document(BookingTerms, stored) == TERMS
