"""Tariffs as operators publish them: fees of a booking, charging, and one that has all that a tariff can have."""

from dataclasses import replace
from decimal import Decimal

from models.rules.energy_mix import EnergyMix, EnergySource, EnvironmentalImpact
from models.rules.location import DisplayText
from models.rules.tariff import BookingRestriction, PriceLimit, ReservationRestriction, TaxIncluded
from tests.factories.catalogue import at
from tests.rules.tariffs import always, energy, flat, parking, tariff, time, when

FEES = tariff(
    when(flat("2.50", "21"), time("1.00", "21"), booking=BookingRestriction.BOOKING),
    when(flat("20.00", "21"), booking=BookingRestriction.BOOKING_EXPIRES),
    when(flat("8.00", "21"), booking=BookingRestriction.BOOKING_CANCELLATION_FEES),
    when(time("60.00", "21", 300), booking=BookingRestriction.BOOKING_OVERTIME),
    id="NL*ABC*BOOK",
    ocpi_id="Book",
)
CHARGING = tariff(
    always(flat("1.00", "21"), energy("0.39", "21"), time("3.00", "21"), parking("6.00", "21")),
    id="NL*ABC*CHARGE",
    ocpi_id="Charge",
)
FLAT_OVERTIME = replace(
    FEES, elements=(*FEES.elements[:3], when(flat("30.00", "21"), booking=BookingRestriction.BOOKING_OVERTIME))
)
FRANCS = tariff(
    when(time("60.00", "8", 300), booking=BookingRestriction.BOOKING_OVERTIME),
    id="NL*ABC*FRANCS",
    ocpi_id="Francs",
    currency="CHF",
)
FLAT_FRANCS = replace(FRANCS, elements=(when(flat("30.00", "8"), booking=BookingRestriction.BOOKING_OVERTIME),))
TWO_TAXES = tariff(
    when(flat("2.00", "21"), booking=BookingRestriction.BOOKING_CANCELLATION_FEES),
    when(time("3.00", "9", 60), booking=BookingRestriction.BOOKING_CANCELLATION_FEES),
    id="NL*ABC*TWO",
    ocpi_id="Two",
)

EVERYTHING = tariff(
    when(
        energy("0.123456", "21", 100),
        start_time="22:00",
        end_time="06:00",
        start_date="2026-01-01",
        end_date="2027-01-01",
        min_kwh="0.5",
        max_kwh="1000",
        min_current="1",
        max_current="32.5",
        min_power="11",
        max_power="1200",
        min_duration=60,
        max_duration=86_400,
        day_of_week=("MONDAY", "SUNDAY"),
    ),
    when(flat("1.00"), reservation=ReservationRestriction.RESERVATION),
    when(time("1.00"), reservation=ReservationRestriction.RESERVATION_EXPIRES),
    when(parking("-0.0001", "0")),
    always(energy("0.39", "21", 0)),
    type="PROFILE_GREEN",
    tariff_alt_text=(DisplayText("nl", "Nachttarief, 39 ct"), DisplayText("de", "Günstig ☾")),
    tariff_alt_url="https://cpo.example/tariffs",
    min_price=PriceLimit(Decimal("1.50")),
    max_price=PriceLimit(Decimal("99.99"), Decimal("120.9879")),
    tax_included=TaxIncluded.NOT_APPLICABLE,
    start_date_time=at(0),
    end_date_time=at(0, 30).replace(microsecond=5000),
    energy_mix=EnergyMix(
        is_green_energy=False,
        energy_sources=(EnergySource("SOLAR", Decimal("33.3333")), EnergySource("GAS", Decimal("66.6667"))),
        supplier_name="The supplier",
        energy_product_name="The product",
        environ_impact=(EnvironmentalImpact("CARBON_DIOXIDE", Decimal("420.5")),),
    ),
)

TARIFFS = {
    "fees": FEES,
    "charging": CHARGING,
    "everything": EVERYTHING,
    **{f"taxes {one}": replace(CHARGING, tax_included=one) for one in TaxIncluded},
}
