"""Locations, BookingLocations and Tariffs for tests: small, valid, and changed by naming what matters."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from models.rules.booking_location import (
    AccessMethod,
    BookingLocation,
    BookingOption,
    BookingTerms,
    Calendar,
    Timeslot,
)
from models.rules.identity import object_id, part_id
from models.rules.interval import Interval
from models.rules.location import (
    Connector,
    ConnectorFormat,
    Evse,
    EvseParking,
    EvsePosition,
    Location,
    ParkingBay,
    PowerType,
    Status,
)
from models.rules.tariff import (
    BookingRestriction,
    PriceComponent,
    Tariff,
    TariffDimension,
    TariffElement,
    TariffRestrictions,
    TaxIncluded,
)

NOW = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
"""The moment at which tests take place."""

UPDATED = NOW - timedelta(days=1)
CPO = ("NL", "ABC")
ROTTERDAM = (Decimal("51.92442"), Decimal("4.47773"))
TERMS = BookingTerms(
    supported_access_methods=(AccessMethod.OPEN,),
    change_until_minutes=60,
    cancel_until_minutes=60,
    noshow_timeout=30,
    min_booking_duration=30,
    max_booking_duration=240,
)


def at(hour: float, day: int = 0) -> datetime:
    """Return a moment on the day of the tests, or `day` days later, at an hour UTC."""
    return NOW.replace(hour=0) + timedelta(days=day, hours=hour)


def hours(start: float, end: float, day: int = 0) -> Interval:
    """Return an interval on the day of the tests, or `day` days later."""
    return Interval(at(start, day), at(end, day))


def a_bay(location_id: str, name: str, **changes: Any) -> ParkingBay:
    """Return a bay that takes trucks of up to 18.75 m."""
    return ParkingBay(
        **{
            "id": part_id(location_id, name),
            "ocpi_id": name,
            "physical_reference": name,
            "vehicle_types": ("SEMI_TRACTOR", "RIGID", "TRUCK_WITH_TRAILER"),
            "max_vehicle_weight": 44_000,
            "max_vehicle_height": 410,
            "max_vehicle_length": 1875,
            "max_vehicle_width": 260,
            "parking_space_length": None,
            "parking_space_width": None,
            "dangerous_goods_allowed": None,
            "direction": None,
            "drive_through": True,
            "restricted_to_type": True,
            "reservation_required": False,
            "time_limit": None,
            "roofed": None,
            "lighting": None,
            "refrigeration_outlet": None,
            "standards": (),
            "apds_reference": None,
            **changes,
        }
    )


def an_evse(
    location_id: str,
    uid: str,
    bays: Sequence[str] = (),
    *,
    power: int = 400_000,
    standard: str = "MCS",
    **changes: Any,
) -> Evse:
    """Return a working charger with one plug, that serves those bays from the left; power in W."""
    evse_id = part_id(location_id, uid)
    plug = Connector(
        id=part_id(evse_id, "1"),
        ocpi_id="1",
        standard=standard,
        format=ConnectorFormat.CABLE,
        power_type=PowerType.DC,
        max_voltage=1250,
        max_amperage=3000,
        max_electric_power=power,
        tariff_ids=(object_id(*CPO, "CHARGE"),),
        capabilities=(),
        terms_and_conditions=None,
        last_updated=UPDATED,
    )
    return Evse(
        **{
            "id": evse_id,
            "uid": uid,
            "evse_id": None,
            "status": Status.AVAILABLE,
            "capabilities": ("RFID_READER",),
            "connectors": (plug,),
            "floor_level": None,
            "physical_reference": uid,
            "latitude": None,
            "longitude": None,
            "directions": (),
            "parking_restrictions": (),
            "parking": tuple(EvseParking(part_id(location_id, bay), EvsePosition.LEFT) for bay in bays),
            "last_updated": UPDATED,
            **changes,
        }
    )


def a_location(
    name: str = "LOC1",
    *,
    chargers: dict[str, Sequence[str]] | None = None,
    owner: tuple[str, str] = CPO,
    place: tuple[Decimal, Decimal] = ROTTERDAM,
    **changes: Any,
) -> Location:
    """Return a published Location in Rotterdam; `chargers` maps each charger's uid to the bays it serves."""
    location_id = object_id(*owner, name)
    served = {"E1": ["B1"]} if chargers is None else chargers
    bays = sorted({bay for names in served.values() for bay in names})
    return Location(
        **{
            "id": location_id,
            "country_code": owner[0],
            "party_id": owner[1],
            "ocpi_id": name,
            "publish": True,
            "name": f"Site {name}",
            "address": "Waalhaven 1",
            "city": "Rotterdam",
            "postal_code": None,
            "state": None,
            "country": "NLD",
            "latitude": place[0],
            "longitude": place[1],
            "time_zone": "Europe/Amsterdam",
            "last_updated": UPDATED,
            "evses": tuple(an_evse(location_id, uid, names) for uid, names in served.items()),
            "parking_bays": tuple(a_bay(location_id, bay) for bay in bays),
            **changes,
        }
    )


def an_offer(
    location: Location,
    name: str = "ANY",
    *,
    option: BookingOption | None = None,
    windows: Sequence[Interval] = (),
    increment: int = 15,
    terms: BookingTerms = TERMS,
    **changes: Any,
) -> BookingLocation:
    """Return a BookingLocation for any charger of a Location, all day long on two days, in steps of 15 minutes."""
    covered = list(windows) or [hours(0, 48)]
    calendar = Calendar(
        id="C1",
        covers=Interval(min(one.start for one in covered), max(one.end for one in covered)),
        timeslot_increment=increment,
        available_timeslots=tuple(Timeslot(one, 150_000, 400_000, True) for one in covered),
        last_updated=UPDATED,
    )
    ids = (location.country_code, location.party_id, f"{location.ocpi_id}-{name}")
    return BookingLocation(
        **{
            "id": object_id(*ids),
            "country_code": ids[0],
            "party_id": ids[1],
            "ocpi_id": ids[2],
            "location_id": location.id,
            "booking_option": option or BookingOption(),
            "reservation_required": False,
            "ad_hoc": None,
            "tariff_ids": (object_id(*CPO, "BOOK"),),
            "booking_terms": terms,
            "calendars": (calendar,),
            "last_updated": UPDATED,
            **changes,
        }
    )


def a_tariff(name: str = "BOOK", **changes: Any) -> Tariff:
    """Return a tariff of 2.50 per booking, before 21 % VAT."""
    component = PriceComponent(TariffDimension.FLAT, Decimal("2.50"), Decimal(21), 1)
    return Tariff(
        **{
            "id": object_id(*CPO, name),
            "country_code": CPO[0],
            "party_id": CPO[1],
            "ocpi_id": name,
            "currency": "EUR",
            "tax_included": TaxIncluded.NO,
            "elements": (TariffElement((component,), TariffRestrictions(booking=BookingRestriction.BOOKING)),),
            "last_updated": UPDATED,
            **changes,
        }
    )
