"""What two operators and an EMSP publish in these use cases: five sites, their prices and terms, by the mutations."""

from typing import Any

from tests.api.publications import (
    a_bay_input,
    a_calendar_input,
    a_connector_input,
    a_location_input,
    a_tariff_input,
    an_evse_input,
    an_offer_input,
    sent,
)
from tests.use_cases.prices import PAGE, TERMS, element, tariffs
from tests.world import World

HUB, DEPOT, MIXED, YARD, PARK = "NL*ABC*HUB", "NL*ABC*DEPOT", "NL*ABC*MIXED", "NL*ABC*YARD", "DE*XYZ*PARK"
"""Booking at will; booking only; some of each; not published; another operator's. From west to east on one road."""

HUB_MCS, HUB_CCS, DEPOT_ANY = "NL*ABC*HUB-MCS", "NL*ABC*HUB-CCS", "NL*ABC*DEPOT-ANY"
MIXED_ONLY, MIXED_FREE, YARD_ANY, PARK_ANY = f"{MIXED}-ONLY", f"{MIXED}-FREE", f"{YARD}-ANY", f"{PARK}-ANY"
LATITUDE = 50.0
LONGITUDES = {HUB: 5.0, YARD: 5.5, DEPOT: 6.0, MIXED: 7.0, PARK: 8.0}
KM_PER_DEGREE = 71.7
"""Of longitude at 50 degrees north."""

LONG_BAY: dict[str, Any] = {
    "vehicleTypes": ["SEMI_TRACTOR", "TRUCK_WITH_TRAILER"],
    "restrictedToType": True,
    "maxVehicleLength": 1875,
    "maxVehicleHeight": 410,
    "maxVehicleWidth": 260,
    "maxVehicleWeight": 44_000,
    "dangerousGoodsAllowed": True,
    "refrigerationOutlet": True,
    "driveThrough": True,
}
SHORT_BAY: dict[str, Any] = {
    "vehicleTypes": ["RIGID"],
    "restrictedToType": True,
    "maxVehicleLength": 1200,
    "maxVehicleHeight": 400,
    "maxVehicleWidth": 255,
    "maxVehicleWeight": 18_000,
    "dangerousGoodsAllowed": False,
    "refrigerationOutlet": False,
    "driveThrough": False,
}
CAR_BAY: dict[str, Any] = {"vehicleTypes": ["PERSONAL_VEHICLE"], "restrictedToType": True}
DAY = {"startDateTime": "2026-12-01T05:00:00Z", "endDateTime": "2026-12-01T21:00:00Z"}
"""The hours of the day of these tests in which there is something to book, 6 to 22 on the sites' clocks."""


def a_charger(uid: str, standard: str, watts: int, *sides: tuple[str, str]) -> dict[str, Any]:
    """Return a charger with one plug, and on which side of which bays it stands."""
    plug = a_connector_input(
        standard=standard,
        maxVoltage=1250,
        maxAmperage=3000,
        maxElectricPower=watts,
        tariffIds=["CHARGE"],
        termsAndConditions=PAGE.format("charging"),
    )
    parking = [{"parkingId": bay, "evsePosition": side} for bay, side in sides]
    return an_evse_input(uid, connectors=[plug], parking=parking, capabilities=["RESERVABLE", "RFID_READER"])


def a_site(location_id: str, **changes: Any) -> dict[str, Any]:
    """Return a site at its place on the road: one megawatt charger, one bay for long lorries."""
    return a_location_input(
        location_id.rsplit("*", 1)[1],
        **{
            "name": f"Site {location_id}",
            "coordinates": {"latitude": LATITUDE, "longitude": LONGITUDES[location_id]},
            "evses": [a_charger("E1", "MCS", 1_000_000, ("B1", "LEFT"))],
            "parkingBays": [a_bay_input("B1", **LONG_BAY)],
            **changes,
        },
    )


def hub() -> dict[str, Any]:
    """Return a green site: a charger for long lorries, two for short ones, and one for cars, which none can book."""
    return a_site(
        HUB,
        evses=[
            a_charger("E1", "MCS", 1_000_000, ("B1", "LEFT")),
            a_charger("E2", "IEC_62196_T2_COMBO", 400_000, ("B2", "RIGHT")),
            a_charger("E3", "IEC_62196_T2_COMBO", 400_000, ("B3", "RIGHT")),
            a_charger("E4", "IEC_62196_T2_COMBO", 150_000, ("B4", "RIGHT")),
        ],
        parkingBays=[
            a_bay_input("B1", **LONG_BAY),
            a_bay_input("B2", **SHORT_BAY),
            a_bay_input("B3", **SHORT_BAY),
            a_bay_input("B4", **CAR_BAY),
        ],
        facilities=["RESTAURANT", "SHOWER", "WIFI"],
        energyMix={"isGreenEnergy": True, "energySources": [{"source": "WIND", "percentage": "100"}]},
        openingTimes={"twentyfourseven": True},
        helpPhone="+31 10 1234567",
    )


def depot(**changes: Any) -> dict[str, Any]:
    """Return a site whose energy is of gas."""
    gas = {"isGreenEnergy": False, "energySources": [{"source": "GAS", "percentage": "100"}]}
    return a_site(DEPOT, facilities=["HOTEL"], energyMix=gas, **changes)


def mixed(**changes: Any) -> dict[str, Any]:
    """Return a site with a bay for booked vehicles only, one to book at will, and two that are not for booking."""
    names = ("1", "2", "3", "4")
    return a_site(
        MIXED,
        **{
            "evses": [a_charger(f"E{name}", "MCS", 1_000_000, (f"B{name}", "LEFT")) for name in names],
            "parkingBays": [
                a_bay_input(f"B{name}", **LONG_BAY | {"reservationRequired": name in ("1", "4")}) for name in names
            ],
            **changes,
        },
    )


def a_slot(**changes: Any) -> dict[str, Any]:
    """Return the hours of the day at 500 kW guaranteed and 1 MW available, green."""
    return {**DAY, "minPower": 500_000, "maxPower": 1_000_000, "greenEnergySupport": True, **changes}


def a_day(*slots: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one calendar of those slots, in steps of a quarter of an hour."""
    return [a_calendar_input(period=DAY, availableTimeslots=list(slots))]


def an_offer(offer_id: str, **changes: Any) -> dict[str, Any]:
    """Return something to book all day."""
    location_id, kind = offer_id.rsplit("-", 1)
    return an_offer_input(
        f"{location_id.rsplit('*', 1)[1]}-{kind}",
        location_id,
        **{
            "tariffIds": ["BOOK"],
            "bookingTerms": TERMS,
            "calendars": a_day(a_slot()),
            **changes,
        },
    )


def offers() -> list[dict[str, Any]]:
    """Return what the first operator lets others book."""
    ccs = {"connectorTypes": ["IEC_62196_T2_COMBO"], "vehicleTypes": ["RIGID"]}
    weaker = a_day(a_slot(minPower=None, maxPower=400_000, greenEnergySupport=None))
    return [
        an_offer(HUB_MCS, bookingOption={"evseUid": "E1"}),
        an_offer(HUB_CCS, bookingOption=ccs, calendars=weaker),
        an_offer(DEPOT_ANY, reservationRequired=True, adHoc=0, calendars=a_day(a_slot(greenEnergySupport=False))),
        an_offer(MIXED_ONLY, bookingOption={"evseUid": "E1"}),
        an_offer(MIXED_FREE, bookingOption={"evseUid": "E2"}, adHoc=1),
        an_offer(YARD_ANY),
    ]


async def publish_all(world: World) -> None:
    """Publish everything, as each operator would."""
    weekdays = [{"weekday": day, "periodBegin": "08:00", "periodEnd": "18:00"} for day in range(1, 6)]
    opening = {"twentyfourseven": False, "regularHours": weekdays}
    await done(world, "tariffsPublish", *tariffs())
    await done(world, "locationsPublish", hub(), depot(), mixed(), a_site(YARD, publish=False))
    await done(world, "bookingLocationsPublish", *offers())
    cheap = [a_tariff_input("BOOK", elements=[element("FLAT", "1.00", booking="BOOKING")])]
    await done(world, "tariffsPublish", *cheap, tariffs()[1], caller="other_cpo")
    await done(world, "locationsPublish", a_site(PARK, openingTimes=opening), caller="other_cpo")
    await done(world, "bookingLocationsPublish", an_offer(PARK_ANY), caller="other_cpo")


async def done(world: World, mutation: str, *objects: dict[str, Any], caller: str = "cpo") -> None:
    """Send objects as an operator would; they must be accepted."""
    came = await sent(world, mutation, *objects, caller=caller)
    assert came["__typename"].endswith(("Published", "Withdrawn", "Set")), came
