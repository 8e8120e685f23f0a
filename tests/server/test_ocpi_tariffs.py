"""Tariffs on the wire: what a whole one becomes, and what is said about a wrong one."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from models.rules.location import DisplayText
from models.rules.tariff import (
    BookingRestriction,
    PriceComponent,
    PriceLimit,
    ReservationRestriction,
    Tariff,
    TariffDimension,
    TariffElement,
    TariffRestrictions,
    TaxIncluded,
)
from server.ocpi.kinds import Kind
from server.ocpi.tariffs import OcpiTariff
from tests.server.ocpi_documents import complaints, tariff

ENERGY = {"type": "ENERGY", "price": Decimal("0.68"), "step_size": 0}


def test_the_least_tariff_becomes_a_value() -> None:
    assert OcpiTariff.model_validate(tariff()).to_domain() == Tariff(
        id="NL*ABC*T1",
        country_code="NL",
        party_id="ABC",
        ocpi_id="T1",
        currency="EUR",
        tax_included=TaxIncluded.NOT_APPLICABLE,
        elements=(TariffElement((PriceComponent(TariffDimension.ENERGY, Decimal(1), None, 0),)),),
        last_updated=datetime(2026, 11, 1, 8, tzinfo=UTC),
    )


def test_every_field_of_a_tariff_arrives() -> None:
    raw = tariff(
        type="REGULAR",
        tariff_alt_text=[{"language": "de", "text": "68 ct/kWh"}],
        tariff_alt_url="https://example.com/tariff",
        min_price={"before_taxes": 1},
        max_price={"before_taxes": Decimal("100.50"), "after_taxes": Decimal("119.595")},
        tax_included="NO",
        start_date_time="2026-11-01T00:00:00",
        end_date_time="2027-11-01T00:00:00Z",
        elements=[
            {
                "price_components": [{"type": "FLAT", "price": Decimal("2.5"), "vat": 19, "step_size": 1}],
                "restrictions": {"booking": "BOOKING_EXPIRES"},
            },
            {
                "price_components": [
                    {"type": "TIME", "price": Decimal("6.00"), "vat": Decimal("19.0"), "step_size": 300},
                    {"type": "PARKING_TIME", "price": 12, "vat": 0, "step_size": 300},
                ],
                "restrictions": {
                    "start_time": "22:00",
                    "end_time": "24:00",
                    "start_date": "2026-11-01",
                    "end_date": "2027-01-01",
                    "min_kwh": 1,
                    "max_kwh": Decimal("100.5"),
                    "min_current": 2,
                    "max_current": 3,
                    "min_power": 4,
                    "max_power": Decimal("350.5"),
                    "min_duration": 60,
                    "max_duration": 3600,
                    "day_of_week": ["MONDAY", "SUNDAY"],
                    "reservation": "RESERVATION",
                },
            },
        ],
    )

    assert OcpiTariff.model_validate(raw).to_domain() == Tariff(
        id="NL*ABC*T1",
        country_code="NL",
        party_id="ABC",
        ocpi_id="T1",
        currency="EUR",
        tax_included=TaxIncluded.NO,
        elements=(
            TariffElement(
                (PriceComponent(TariffDimension.FLAT, Decimal("2.5"), Decimal(19), 1),),
                TariffRestrictions(booking=BookingRestriction.BOOKING_EXPIRES),
            ),
            TariffElement(
                (
                    PriceComponent(TariffDimension.TIME, Decimal("6.00"), Decimal("19.0"), 300),
                    PriceComponent(TariffDimension.PARKING_TIME, Decimal(12), Decimal(0), 300),
                ),
                TariffRestrictions(
                    start_time="22:00",
                    end_time="00:00",
                    start_date="2026-11-01",
                    end_date="2027-01-01",
                    min_kwh=Decimal(1),
                    max_kwh=Decimal("100.5"),
                    min_current=Decimal(2),
                    max_current=Decimal(3),
                    min_power=Decimal(4),
                    max_power=Decimal("350.5"),
                    min_duration=60,
                    max_duration=3600,
                    day_of_week=("MONDAY", "SUNDAY"),
                    reservation=ReservationRestriction.RESERVATION,
                ),
            ),
        ),
        last_updated=datetime(2026, 11, 1, 8, tzinfo=UTC),
        type="REGULAR",
        tariff_alt_text=(DisplayText("de", "68 ct/kWh"),),
        tariff_alt_url="https://example.com/tariff",
        min_price=PriceLimit(Decimal(1)),
        max_price=PriceLimit(Decimal("100.50"), Decimal("119.595")),
        start_date_time=datetime(2026, 11, 1, tzinfo=UTC),
        end_date_time=datetime(2027, 11, 1, tzinfo=UTC),
    )


def test_a_price_keeps_its_digits() -> None:
    raw = tariff(elements=[{"price_components": [{"type": "ENERGY", "price": Decimal("0.1"), "step_size": 1}]}])

    (element,) = OcpiTariff.model_validate(raw).to_domain().elements

    assert element.price_components[0].price * 3 == Decimal("0.3")


@pytest.mark.parametrize(
    ("changes", "path", "reason"),
    [
        ({"currency": "EURO"}, "$.currency", '"EURO" is not a code of 3 letters'),
        ({"tax_included": "MAYBE"}, "$.tax_included", '"MAYBE" is not one of YES, NO, N/A'),
        ({"elements": []}, "$.elements", "empty; at least one is required"),
        (
            {"elements": [{"price_components": []}]},
            "$.elements[0].price_components",
            "empty; at least one is required",
        ),
        (
            {"elements": [{"price_components": [ENERGY | {"step_size": -1}]}]},
            "$.elements[0].price_components[0].step_size",
            "-1 must lie from 0 to 2147483647",
        ),
        (
            {"elements": [{"price_components": [ENERGY | {"price": "0.68"}]}]},
            "$.elements[0].price_components[0].price",
            'a number is wanted, not "0.68"',
        ),
        (
            {"elements": [{"price_components": [ENERGY], "restrictions": {"booking": "RESERVATION_OVERTIME"}}]},
            "$.elements[0].restrictions.booking",
            '"RESERVATION_OVERTIME" is not one of '
            "BOOKING, BOOKING_EXPIRES, BOOKING_CANCELLATION_FEES, BOOKING_OVERTIME",
        ),
        (
            {"elements": [{"price_components": [ENERGY], "restrictions": {"day_of_week": ["MO"]}}]},
            "$.elements[0].restrictions.day_of_week[0]",
            '"MO" is not one of MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY',
        ),
        (
            {"elements": [{"price_components": [ENERGY], "restrictions": {"start_time": "25:00"}}]},
            "$.elements[0].restrictions.start_time",
            '"25:00" is not a time of day from 00:00 to 23:59',
        ),
        ({"min_price": {"excl_vat": 1}}, "$.min_price.before_taxes", "missing"),
        (
            {"start_date_time": "2026-11-02T00:00:00Z", "end_date_time": "2026-11-01T00:00:00Z"},
            "$.end_date_time",
            "2026-11-01T00:00:00+00:00 does not come after the start, 2026-11-02T00:00:00+00:00",
        ),
    ],
)
def test_a_defect_is_told_with_its_place(changes: dict[str, object], path: str, reason: str) -> None:
    assert complaints(Kind.TARIFF, tariff(**changes)) == [(path, reason)]


def test_a_tariff_without_last_updated_is_refused() -> None:
    raw = tariff()
    del raw["last_updated"]

    assert complaints(Kind.TARIFF, raw) == [("$.last_updated", "missing")]
