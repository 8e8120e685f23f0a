"""Random Locations at some places: chargers, plugs, bays, hours, planned work, and who is there already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from models.catalogue import Point
from models.rules.energy_mix import EnergyMix, EnergySource
from models.rules.interval import Interval
from models.rules.location import (
    Connector,
    ConnectorFormat,
    Evse,
    EvseParking,
    EvsePosition,
    ExceptionalPeriod,
    Location,
    OpeningTimes,
    PowerType,
    RegularHours,
    Status,
)
from models.rules.maintenance import Maintenance
from models.rules.published import PublishedLocation
from models.rules.tariff import PriceComponent, Tariff, TariffDimension, TariffElement
from tests.factories.catalogue import UPDATED, a_bay, a_location, a_tariff, an_evse
from tests.search.offers import an_odd_offer
from tests.search.slow_hours import MINUTE
from tests.search.slow_scene import BOOKING, CHARGING
from tests.search.slow_slots import Taken

MCS, CCS = "MCS", "IEC_62196_T2_COMBO"
DAYS = {
    datetime(2026, 12, 1, tzinfo=UTC): ("Europe/Amsterdam", "Asia/Kathmandu"),
    datetime(2027, 3, 28, tzinfo=UTC): ("Europe/Amsterdam", "Europe/London", "Africa/Casablanca"),
    datetime(2026, 10, 25, tzinfo=UTC): ("Europe/Amsterdam", "Atlantic/Azores"),
    datetime(2027, 3, 14, tzinfo=UTC): ("America/New_York", "America/St_Johns"),
    datetime(2026, 11, 1, tzinfo=UTC): ("America/New_York", "America/St_Johns"),
    datetime(2027, 4, 3, tzinfo=UTC): ("Australia/Lord_Howe", "Pacific/Auckland"),
    datetime(2026, 10, 3, tzinfo=UTC): ("Australia/Lord_Howe", "Pacific/Apia"),
}
"""Days with time zones, most of which change their clocks about then."""

OWNERS = (("NL", "ABC"), ("NL", "ABC"), ("DE", "XYZ"))
BAY_NAMES = ("B1", "B2", "B3")
FACILITIES = (("WIFI", "RESTAURANT"), ("WIFI",), ())
TIMES = ("00:00", "01:30", "02:00", "02:15", "02:30", "02:45", "03:00", "06:00", "08:30", "12:00", "18:00", "22:30")
ENDS = (*TIMES, "23:59", "24:00")
SIDES = (EvsePosition.LEFT, EvsePosition.LEFT, EvsePosition.RIGHT, EvsePosition.CENTER, None)
MIXES = (
    None,
    None,
    EnergyMix(True),
    EnergyMix(False),
    EnergyMix(True, (EnergySource("WIND", Decimal(60)), EnergySource("SOLAR", Decimal(40)))),
    EnergyMix(False, (EnergySource("WIND", Decimal("60.5")), EnergySource("NUCLEAR", Decimal("39.5")))),
    EnergyMix(False, (EnergySource("WATER", Decimal(90)), EnergySource("COAL", Decimal(10)))),
    EnergyMix(True, (EnergySource("WATER", Decimal(90)), EnergySource("GAS", Decimal(0)))),
)
BAY: Mapping[str, Sequence[Any]] = {
    "vehicle_types": (("RIGID",), ("BUS",), ("TRUCK_WITH_TRAILER", "SEMI_TRACTOR")),
    "max_vehicle_weight": (None, 18_000, 40_000),
    "max_vehicle_height": (None, 350, 400),
    "max_vehicle_length": (None, 1200, 1650),
    "max_vehicle_width": (None, 250, 255),
    "parking_space_length": (1100, 1650, 2000),
    "parking_space_width": (250, 300),
    "dangerous_goods_allowed": (True, True, False),
    "drive_through": (None, False),
    "restricted_to_type": (False,),
    "reservation_required": (True,),
    "refrigeration_outlet": (True, False),
}
PLUG: Mapping[str, Sequence[Any]] = {
    "standard": (MCS, CCS),
    "format": (ConnectorFormat.CABLE, ConnectorFormat.SOCKET),
    "power_type": (PowerType.DC, PowerType.AC_3_PHASE),
    "max_electric_power": (None, 43_000, 150_000, 350_000, 1_000_000),
    "max_voltage": (500, 900),
}
BROKEN = (Status.OUTOFORDER, Status.INOPERATIVE, Status.UNKNOWN, Status.BLOCKED, Status.PLANNED, Status.REMOVED)
WORKING = (Status.AVAILABLE, Status.AVAILABLE, Status.CHARGING, Status.RESERVED)
FREE = PriceComponent(TariffDimension.ENERGY, Decimal(0), Decimal(20), 1)
FLAT = PriceComponent(TariffDimension.FLAT, Decimal("5.00"), Decimal(20), 1)


@dataclass(frozen=True)
class Populated:
    """A random Location, as it is about one day, and who is there by then."""

    published: PublishedLocation
    taken: tuple[Taken, ...]


def some(random: Random, choices: Mapping[str, Sequence[Any]], most: int) -> dict[str, Any]:
    """Return at most so many of the fields, each with a value."""
    names = random.sample(sorted(choices), random.randint(0, most))
    return {name: random.choice(choices[name]) for name in names}


def seldom(random: Random, times: int = 4) -> bool:
    """Return True once in so many times."""
    return random.randrange(times) == 0


def moment(random: Random, day: datetime, first: int, last: int) -> datetime:
    """Return a whole minute between two hours after the beginning of a day."""
    return day + random.randint(first * 60, last * 60) * MINUTE


def period(random: Random, day: datetime) -> Interval:
    start = moment(random, day, -6, 30)
    return Interval(start, start + random.choice((random.randint(5, 90), random.randint(90, 720))) * MINUTE)


def populated(random: Random, day: datetime, name: str, place: Point) -> Populated:
    """Return a Location at a place with all that decides what is free there."""
    plugs = random.choice(((), (CHARGING,), (CHARGING,)))
    location = _location(random, day, name, place, plugs)
    offered = tuple(an_odd_offer(random, day, location, one) for one in "AB"[: random.choice((0, 1, 1, 1, 2, 2))])
    works = tuple(_work(random, day, location) for _ in range(random.choice((0, 0, 1, 2))))
    tariffs = {one.id: one for one in _tariffs(location) if not seldom(random, 8)}
    published = PublishedLocation(location, offered, tariffs, 1, UPDATED, works)
    return Populated(published, tuple(_taken(random, day, location) for _ in range(random.randint(0, 7))))


def _location(random: Random, day: datetime, name: str, place: Point, plugs: Sequence[str]) -> Location:
    chargers = [f"E{number}" for number in range(1, random.randint(1, 4) + 1)]
    plain = a_location(
        name,
        chargers={one: random.sample(BAY_NAMES, random.choice((0, 1, 1, 2, 3))) for one in chargers},
        owner=random.choice(OWNERS),
        place=(Decimal(f"{place[0]:.5f}"), Decimal(f"{place[1]:.5f}")),
        publish=not seldom(random, 8),
        withdrawn_at=UPDATED if seldom(random, 20) else None,
        time_zone=random.choice(DAYS[day]),
        facilities=random.choice(FACILITIES),
        energy_mix=random.choice(MIXES),
        opening_times=random.choice((None, None, _opening(random, day))),
    )
    tariff_ids = tuple(f"{plain.country_code}*{plain.party_id}*{one}" for one in plugs)
    return replace(
        plain,
        evses=tuple(_charger(random, day, one, tariff_ids) for one in plain.evses),
        parking_bays=tuple(
            a_bay(plain.id, bay.ocpi_id, **some(random, BAY, random.choice((0, 2, 4)))) for bay in plain.parking_bays
        ),
    )


def _opening(random: Random, day: datetime) -> OpeningTimes:
    weekdays = [(day.isoweekday() + shift) % 7 + 1 for shift in (-2, -1, -1, 0)]
    rows = [
        RegularHours(random.choice(weekdays), random.choice(TIMES), random.choice(ENDS))
        for _ in range(random.choice((0, 1, 2, 3, 4)))
    ]
    openings, closings = (
        tuple(
            ExceptionalPeriod(one.start, one.end)
            for one in [period(random, day) for _ in range(random.randint(0, 2))]
        )
        for _ in range(2)
    )
    return OpeningTimes(not rows and not seldom(random), tuple(rows), openings, closings)


def _charger(random: Random, day: datetime, plain: Evse, tariff_ids: tuple[str, ...]) -> Evse:
    broken = seldom(random)
    return replace(
        plain,
        status=random.choice(BROKEN if broken else WORKING),
        fault_expected_end=random.choice((None, moment(random, day, -2, 30))) if broken else None,
        connectors=tuple(
            _plug(random, plain.id, str(number), tariff_ids) for number in range(1, random.choice((1, 1, 2)) + 1)
        ),
        parking=tuple(EvseParking(one.parking_bay_id, random.choice(SIDES)) for one in plain.parking),
    )


def _plug(random: Random, evse_id: str, number: str, tariff_ids: tuple[str, ...]) -> Connector:
    (plug,) = an_evse("X", "Y").connectors
    return replace(plug, id=f"{evse_id}*{number}", ocpi_id=number, tariff_ids=tariff_ids, **some(random, PLUG, 3))


def _work(random: Random, day: datetime, location: Location) -> Maintenance:
    ids = [evse.id for evse in location.evses]
    chosen = tuple(random.sample(ids, random.randint(0, min(2, len(ids)))))
    owner = (location.country_code, location.party_id)
    return Maintenance("*".join((*owner, "M")), *owner, "M", location.id, chosen, period(random, day), None, UPDATED)


def _taken(random: Random, day: datetime, location: Location) -> Taken:
    return Taken(
        random.choice(location.evses).id,
        random.choice([None, *(bay.id for bay in location.parking_bays)]),
        period(random, day),
        released=seldom(random, 5),
        expires_at=moment(random, day, -6, 6) if seldom(random) else None,
    )


def _tariffs(location: Location) -> list[Tariff]:
    """Return a tariff for booking and one for charging, known to the second opinion by their names."""
    owner = {"country_code": location.country_code, "party_id": location.party_id}
    booking, charging = (
        a_tariff(name, id=f"{location.country_code}*{location.party_id}*{name}", **owner)
        for name in (BOOKING, CHARGING)
    )
    booked = TariffElement((FLAT,), booking.elements[0].restrictions)
    return [replace(booking, elements=(booked,)), replace(charging, elements=(TariffElement((FREE,)),))]
