"""Random searches: a vehicle with its demands and wishes, somewhere or along a route, by someone, at some moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

from models.catalogue import Point
from models.rules.booking_mode import BookingMode
from models.rules.energy import EnergyType
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.location import ConnectorFormat
from models.rules.role import Role
from models.rules.vehicle import InletSide, Vehicle
from resolvers.asked import Asked, MostPrice, SlotForm, Wishes
from resolvers.availability import Box, Named, Near, Where
from resolvers.call import Caller
from resolvers.corridor import Corridor, Departure, Eta, Timing
from tests.models.globe import moved, wrapped
from tests.search.networks import CCS, DAYS, MCS, Populated, moment, populated, seldom, some
from tests.search.slow_hours import MINUTE

CALLERS = (
    None,
    None,
    Caller(UUID(int=1), "NL*ABC", Role.CPO),
    Caller(UUID(int=2), "DE*XYZ", Role.CPO),
    Caller(UUID(int=3), "NL*ABC", Role.EMSP),
)
BEGINNINGS: Sequence[Point] = ((51.92, 4.48), (-17.0, 179.9), (69.6, 18.9), (0.02, -0.05), (-33.9, -180.0))
WIDTHS_KM = (0.5, 2.0, 8.0, 30.0)
FIRST = (1, 2, 500, 500)
VEHICLE: Mapping[str, Sequence[Any]] = {
    "vehicle_type": ("RIGID", "TRUCK_WITH_TRAILER", "SEMI_TRACTOR", "BUS"),
    "length": (1000, 1200, 1600, 1875),
    "height": (350, 400),
    "width": (250, 255, 260),
    "weight": (12_000, 18_000, 40_000),
    "trailer": (True,),
    "dangerous_goods": (True,),
    "refrigeration": (True,),
    "drive_through": (True,),
    "inlet_side": tuple(InletSide),
    "connector_types": ((CCS, MCS), (CCS, MCS), (MCS,), (CCS,)),
    "max_power": (20_000, 150_000, 400_000),
}
DEMAND: Mapping[str, Sequence[Any]] = {
    "connector_type": (MCS, CCS),
    "min_power": (100_000, 150_000, 350_001),
    "guaranteed_power": (20_000, 100_000),
    "connector_format": (ConnectorFormat.CABLE,),
    "minutes": (1, 20, 45, 50, 200),
    "energy": (Decimal("0.001"), Decimal(80), Decimal("123.45"), Decimal(300)),
    "energy_type": (EnergyType.RENEWABLE, EnergyType.FOSSIL_FREE),
}
MODES = (
    frozenset(BookingMode),
    frozenset(BookingMode),
    frozenset({BookingMode.NONE}),
    frozenset({BookingMode.REQUIRED}),
    frozenset({BookingMode.OPTIONAL, BookingMode.NONE}),
)
WISHES: Mapping[str, Sequence[Any]] = {
    "facilities": (("WIFI",), ("WIFI", "RESTAURANT")),
    "operator_ids": (("nl*abc",), ("NL*ABC", "DE*XYZ"), ("BE*NOP",)),
    "booking_modes": MODES,
    "max_price": (
        MostPrice(Decimal("5.99"), "EUR"),
        MostPrice(Decimal("6.00"), "EUR"),
        MostPrice(Decimal("6.00"), "EUR"),
        MostPrice(Decimal(9), "CHF"),
    ),
}


@dataclass(frozen=True)
class Case:
    """Some Locations on one day, and a search among them, some at a time."""

    day: datetime
    network: tuple[Populated, ...]
    caller: Caller | None
    now: datetime
    asked: Asked
    where: Where | Corridor
    window: Interval
    first: int


def a_case(seed: int, locations: int) -> Case:
    """Return what follows from a seed; one Location less leaves the others as they were."""
    random = Random(seed)
    day = random.choice(list(DAYS))
    window, route, width_km = _window(random, day), _route(random), random.choice(WIDTHS_KM)
    caller, first, asked = random.choice(CALLERS), random.choice(FIRST), _asked(random)
    timing = random.choice((None, _departure(random, day), _etas(random, day, route)))
    tolerance = timedelta(minutes=random.choice((0, 20, 60, 240))) if timing else timedelta(0)
    limited = window if timing is None or seldom(random) else None
    network = _network(Random(seed + 1), day, route, width_km, locations)
    where: Where | Corridor = Corridor(route, width_km, limited, timing, tolerance)
    if seldom(random, 3):
        where = _where(random, route[0], width_km * 4, network)
    return Case(day, network, caller, moment(random, day, -6, 6), asked, where, window, first)


def _network(
    random: Random, day: datetime, route: Sequence[Point], width_km: float, locations: int
) -> tuple[Populated, ...]:
    """Return Locations off some hops of a route, mostly within the width, now and then two at one place."""
    found: list[Populated] = []
    place = route[0]
    for number in range(locations):
        if number == 0 or not seldom(random, 5):
            (south, west), (north, east) = random.choice(list(pairwise(route)))
            share = random.choice((0.0, 1.0, random.random(), random.random()))
            middle = south + share * (north - south), wrapped(west + share * wrapped(east - west))
            place = moved(middle, width_km * random.choice((1.0, 1.8)) * random.random(), random.uniform(0, 360))
        found.append(populated(Random(random.random()), day, f"L{number}", place))
    return tuple(found)


def _asked(random: Random) -> Asked:
    """Return what is asked of every Location; most demands are met by many of them."""
    length = random.choice(((), (), ("minutes",), ("energy",)))
    wanted = some(random, DEMAND, 2) | {name: random.choice(DEMAND[name]) for name in length}
    demand = Demand(vehicle=Vehicle(**some(random, VEHICLE, random.choice((0, 1, 2, 3)))), **wanted)
    asks_length = demand.minutes is not None or demand.energy is not None
    return Asked(
        demand,
        wishes=Wishes(**some(random, WISHES, 2)) if seldom(random, 2) else Wishes(),
        form=SlotForm.STARTS if asks_length and seldom(random, 2) else SlotForm.WINDOWS,
        most_starts=random.choice((50, 5, 500)),
        near_misses=not seldom(random),
        closest=not seldom(random),
        priced=False,
    )


def _route(random: Random) -> tuple[Point, ...]:
    """Return a route of up to six hops: straight on, bent, back to where it was, or round in a loop."""
    route = [random.choice(BEGINNINGS)]
    for _ in range(random.randint(1, 6)):
        if seldom(random):
            route.append(random.choice(route))
        else:
            latitude, longitude = moved(route[-1], random.uniform(0.1, 30), random.uniform(0, 360))
            route.append((round(latitude, 5), round(longitude, 5)))
    return tuple(route)


def _window(random: Random, day: datetime) -> Interval:
    """Return a window, on whole minutes or off them."""
    start = moment(random, day, -4, 20) + random.choice((0, 0, 0, 17)) * timedelta(seconds=1)
    return Interval(
        start, start + timedelta(minutes=random.choice((random.randint(30, 360), random.randint(360, 1440))))
    )


def _departure(random: Random, day: datetime) -> Departure:
    return Departure(moment(random, day, -2, 16), random.choice((80.0, 63.7, 5.0, 150.0)))


def _etas(random: Random, day: datetime, route: Sequence[Point]) -> Timing:
    numbers = sorted(random.sample(range(len(route)), random.randint(1, min(3, len(route)))))
    start = moment(random, day, 0, 14)
    moments = sorted(start + random.randint(0, 120) * MINUTE for _ in numbers)
    return [Eta(number, at) for number, at in zip(numbers, moments, strict=True)]


def _where(random: Random, middle: Point, radius_km: float, network: Sequence[Populated]) -> Where:
    """Return a circle, a box whose edges may run through Locations, or some of them by name."""
    found = [one.published.location for one in network]
    kind = random.choice((Near, Box, Named))
    if kind is Near:
        return Near(middle, radius_km)
    if kind is Named:
        return Named(tuple(random.choice((one.id, one.id.lower())) for one in random.choices(found, k=2)))
    norths = sorted([float(one.latitude) for one in found] + [middle[0] - 0.3, middle[0] + 0.3])
    easts = [float(one.longitude) for one in found] + [wrapped(middle[1] + shift) for shift in (-0.6, 0.6, -0.6)]
    south, north = sorted(random.sample(norths, 2))
    return Box(south, random.choice(easts), north, random.choice(easts))
