"""What booking and charging costs in these use cases, on what terms, and how those fees are to be shown."""

from typing import Any

from tests.api.publications import a_tariff_input

PAGE = "https://terms.example/{}"
TERMS_FEES = [
    {"kind": "MODIFICATION", "amount": "5.00", "currency": "EUR", "vat": "19"},
    {"kind": "LATE_ARRIVAL", "amount": "10.00", "currency": "EUR", "vat": "19"},
]
TERMS: dict[str, Any] = {
    "supportedAccessMethods": ["LICENSE_PLATE", "TOKEN"],
    "changeUntilMinutes": 120,
    "cancelUntilMinutes": 60,
    "noshowTimeout": 30,
    "noshowFee": True,
    "lateStopAllowed": True,
    "lateStopTime": 15,
    "minBookingDuration": 30,
    "maxBookingDuration": 240,
    "bookingTerms": PAGE.format("booking"),
    "fees": TERMS_FEES,
}


def element(dimension: str, price: str, step: int = 1, **restrictions: Any) -> dict[str, Any]:
    """Return a price of 19 % VAT, under restrictions if there are any."""
    component = {"type": dimension, "price": price, "vat": "19", "stepSize": step}
    return {"priceComponents": [component], "restrictions": restrictions or None}


BOOKING_ELEMENTS = [
    element("FLAT", "2.50", booking="BOOKING"),
    element("TIME", "6.00", 900, booking="BOOKING"),
    element("FLAT", "15.00", booking="BOOKING_EXPIRES"),
    element("FLAT", "7.50", booking="BOOKING_CANCELLATION_FEES"),
    element("TIME", "30.00", 300, booking="BOOKING_OVERTIME"),
]
CHARGING_ELEMENTS = [element("ENERGY", "0.50"), element("PARKING_TIME", "12.00", 300)]


def tariffs() -> list[dict[str, Any]]:
    """Return what booking and what charging costs, each with a page that explains it."""
    return [
        a_tariff_input("BOOK", elements=BOOKING_ELEMENTS, tariffAltUrl=PAGE.format("prices-of-booking")),
        a_tariff_input("CHARGE", elements=CHARGING_ELEMENTS, tariffAltUrl=PAGE.format("prices")),
    ]


FEES: dict[str, tuple[str | None, str | None, int, str]] = {
    "RESERVATION": (
        "2.50",
        "6.00",
        900,
        "2.50 EUR once and 6.00 EUR per hour, in steps of 15 minutes, plus 19 % VAT.",
    ),
    "MODIFICATION": ("5.00", None, 0, "5.00 EUR once, plus 19 % VAT."),
    "CANCELLATION": ("7.50", None, 0, "7.50 EUR once, plus 19 % VAT."),
    "NO_SHOW": ("15.00", None, 0, "15.00 EUR once, plus 19 % VAT."),
    "LATE_ARRIVAL": ("10.00", None, 0, "10.00 EUR once, plus 19 % VAT."),
    "BLOCKING": (None, "12.00", 300, "12.00 EUR per hour, in steps of 5 minutes, plus 19 % VAT."),
    "OVERTIME": (None, "30.00", 300, "30.00 EUR per hour, in steps of 5 minutes, plus 19 % VAT."),
}
"""Each fee as it is to be shown: once, per hour, the smallest time billed in seconds, and in words."""


def shown_fees(offer: Any) -> dict[str, tuple[str | None, str | None, int, str]]:
    """Return the fees of what can be booked as `FEES` has them; all are in EUR, before 19 % VAT, at any time."""
    for fee in offer["fees"]:
        assert (fee["currency"], fee["vat"], fee["taxIncluded"]) == ("EUR", "19", "NO"), fee
        assert (fee["startDateTime"], fee["endDateTime"], fee["restrictions"]) == (None, None, None), fee
    return {fee["kind"]: (fee["flat"], fee["perHour"], fee["stepSize"], fee["words"]) for fee in offer["fees"]}


def has_links(location: Any, offer: Any) -> bool:
    """Whether what can be booked links to its terms, its prices and those of charging, and to the chargers' terms."""
    plugs = [plug for evse in location["evses"] for plug in evse["connectors"]]
    return (
        offer["bookingTerms"]["bookingTerms"] == PAGE.format("booking")
        and {tariff["tariffAltUrl"] for tariff in offer["tariffs"]} == {PAGE.format("prices-of-booking")}
        and {tariff["tariffAltUrl"] for plug in plugs for tariff in plug["tariffs"]} == {PAGE.format("prices")}
        and {plug["termsAndConditions"] for plug in plugs} == {PAGE.format("charging")}
    )
