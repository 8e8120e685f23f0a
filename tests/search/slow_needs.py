"""A second opinion on how long a vehicle stays, where its energy is from and how many find room, for tests only."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from models.rules.energy import EnergyType
from models.rules.energy_mix import EnergyMix
from models.rules.fit import Demand
from models.rules.spot import Spot
from tests.search.slow_fit import watts

FOSSIL = ("GENERAL_FOSSIL", "COAL", "GAS")

Place = tuple[str, str | None]


def minutes_needed(spot: Spot, available: int | None, demand: Demand) -> int | None:
    """Return how many whole minutes bring the energy asked and are as many as asked; None if none ever do."""
    power = min(one for one in (watts(spot), available, demand.vehicle.max_power) if one is not None)
    energy = Fraction(demand.energy or Decimal(0)) * 1000
    if demand.energy is not None and power <= 0:
        return None
    minutes = demand.minutes or 0
    while Fraction(power * minutes, 60) < energy:
        minutes += 1
    return minutes


def place_of(spot: Spot) -> Place:
    """Return what a vehicle at a spot leaves to no other."""
    return spot.evse.id, spot.parking_bay.id if spot.parking_bay else None


def most_vehicles(places: Sequence[Place]) -> int:
    """Return how many vehicles can stand and charge at once: try each place used, and not."""
    if not places:
        return 0
    (evse, bay), rest = places[0], places[1:]
    left = [one for one in rest if one[0] != evse and (bay is None or one[1] != bay)]
    with_it = 1 + most_vehicles(left)
    return with_it if len(left) == len(rest) else max(with_it, most_vehicles(rest))


def is_of(asked: EnergyType, green: bool | None, mix: EnergyMix | None) -> bool | None:
    """Whether energy is as asked: what is said of the slot counts before what is said of the site."""
    if asked == EnergyType.UNSPECIFIED or green:
        return True
    if asked == EnergyType.RENEWABLE:
        return green if green is not None else mix.is_green_energy if mix else None
    if mix is None:
        return None
    shares = {one.source: one.percentage for one in mix.energy_sources}
    if any(shares.get(one, 0) > 0 for one in FOSSIL):
        return False
    if sum(shares.values()) >= 100 or (mix.is_green_energy and green is None):
        return True
    return None
