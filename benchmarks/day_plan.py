"""What is meant to happen on a simulated day: sites, trucks and what each does, and chargers that fail, all drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random

from benchmarks.day_prices import Prices, prices_at

NOW = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
"""When the day begins."""

MINUTE = timedelta(minutes=1)
GRID = 15
LAYOUTS: Sequence[dict[str, Sequence[str]]] = (
    {"E1": ["B1"]},
    {"E1": ["B1"], "E2": ["B2"]},
    {"E1": ["B1", "B2"], "E2": ["B2", "B1"]},
    {"E1": ["B1"], "E2": ["B2"], "E3": ["B3"]},
)
PROVIDERS = {"emsp": "NL*EMS", "other_emsp": "DE*EMO", "third_emsp": "FR*EM3", "fourth_emsp": "BE*EM4"}
FLEETS = {"fleet": "NL-EMS-C00000001-A", "other_fleet": "NL-EMS-C00000002-B"}
ACCESS = ("OPEN", "LICENSE_PLATE", "ACCESS_CODE")


class Arrival(StrEnum):
    """When a truck comes, measured by its slot; whoever walks up comes when it comes."""

    EARLY = "EARLY"
    IN_TIME = "IN_TIME"
    LATE = "LATE"
    TOO_LATE = "TOO_LATE"
    NEVER = "NEVER"
    CANCELS = "CANCELS"


class Mistake(StrEnum):
    """What a driver does wrong first."""

    NONE = "NONE"
    WRONG_CHARGER = "WRONG_CHARGER"
    UNKNOWN_TOKEN = "UNKNOWN_TOKEN"
    BLOCKED_TOKEN = "BLOCKED_TOKEN"
    ANOTHERS_TOKEN = "ANOTHERS_TOKEN"
    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"


class How(StrEnum):
    """By what a driver starts, once there is no mistake; a REMOTE start is asked for by the provider or the fleet."""

    CARD = "CARD"
    REFERENCE = "REFERENCE"
    VEHICLE = "VEHICLE"
    GROUP_CARD = "GROUP_CARD"
    REMOTE = "REMOTE"


class Operator(StrEnum):
    """What the operator does when it is asked from afar."""

    DOES = "DOES"
    ACCEPTS = "ACCEPTS"
    REJECTS = "REJECTS"
    IGNORES = "IGNORES"


@dataclass(frozen=True, slots=True)
class Site:
    """One Location: which charger serves which bays, on which terms, and whether it is for bookings only.

    `early` and `late` are how long charging may begin before a slot and go on after it, `timeout` how long a slot is
    kept for whoever does not come.
    """

    name: str
    chargers: dict[str, Sequence[str]]
    access: str
    early: timedelta
    late: timedelta
    timeout: timedelta
    booking_only: bool
    prices: Prices
    green: bool

    @property
    def location_id(self) -> str:
        """Its id."""
        return f"NL*ABC*{self.name}"

    def evse_id(self, uid: str) -> str:
        """Return the id of one of its chargers."""
        return f"{self.location_id}*{uid}"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a truck is to do; `start` and `minutes` are its slot's, of a walk-up what it has in mind.

    `leaves` is so long after that end, before it if negative. `booked_at` is None for a walk-up.
    """

    site: int
    uid: str
    pinned: bool
    start: datetime
    minutes: int
    booked_at: datetime | None
    arrival: Arrival
    arrives: datetime
    mistake: Mistake
    recovers: bool
    how: How
    operator: Operator
    leaves: timedelta
    stopped_from_afar: bool
    warnings: tuple[int, ...] | None
    reports: bool

    @property
    def end(self) -> datetime:
        """When its slot ends."""
        return self.start + self.minutes * MINUTE


@dataclass(frozen=True, slots=True)
class Truck:
    """A truck, whose provider or fleet acts for it (`caller`), with its cards, and with what it is to do.

    `seed` is what its own chance begins with.
    """

    name: str
    caller: str
    emsp_id: str
    contract_id: str
    visit: Visit
    seed: int

    @property
    def card(self) -> str:
        """The uid of its card."""
        return f"CARD{self.name}"

    @property
    def group_card(self) -> str:
        """The uid of another card of its group."""
        return f"MATE{self.name}"

    @property
    def plate(self) -> str:
        """Its licence plate."""
        return f"{self.name[1:]}-TR-{self.seed % 90 + 10}"


@dataclass(frozen=True, slots=True)
class Outage:
    """That a charger fails, for how long, and whether its operator guesses that right."""

    site: int
    uid: str
    at: datetime
    lasts: timedelta
    guessed: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to happen until about `end`; who has to wait, or books another slot, comes later."""

    sites: tuple[Site, ...]
    trucks: tuple[Truck, ...]
    outages: tuple[Outage, ...]
    end: datetime


def a_plan(seed: int, locations: int, trucks: int, hours: float = 14) -> Plan:
    """Return a plan for so many Locations and trucks, whose slots lie within so many hours; the same for a seed."""
    chance = Random(seed)
    sites = tuple(_site(chance, number) for number in range(locations))
    grid = int(hours * 60) // GRID
    taken: list[tuple[int, str, datetime]] = []
    planned = tuple(_truck(chance, number, sites, grid, taken) for number in range(trucks))
    outages = tuple(_outage(chance, sites, hours) for _ in range(max(2, trucks // 8)))
    last = max(max(one.visit.end + one.visit.leaves, one.visit.arrives) for one in planned)
    return Plan(sites, planned, outages, last)


def _site(chance: Random, number: int) -> Site:
    return Site(
        f"S{number:02}",
        dict(chance.choice(LAYOUTS)),
        chance.choice(ACCESS),
        early=chance.choice((0, 15, 15)) * MINUTE,
        late=chance.choice((0, 0, 15)) * MINUTE,
        timeout=chance.choice((15, 30)) * MINUTE,
        booking_only=chance.random() < 0.15,
        prices=prices_at(number),
        green=number % 2 == 0,
    )


def _truck(
    chance: Random, number: int, sites: Sequence[Site], grid: int, taken: list[tuple[int, str, datetime]]
) -> Truck:
    caller, emsp_id, contract_id = _party(chance, number)
    visit = _visit(chance, sites, grid, taken)
    if visit.booked_at is not None:
        taken.append((visit.site, visit.uid, visit.end))
    return Truck(f"T{number:03}", caller, emsp_id, contract_id, visit, chance.randrange(1 << 30))


def _party(chance: Random, number: int) -> tuple[str, str, str]:
    if chance.random() < 0.25:
        fleet = chance.choice(tuple(FLEETS))
        return fleet, "NL*EMS", FLEETS[fleet]
    caller = chance.choice(tuple(PROVIDERS))
    country_code, party_id = PROVIDERS[caller].split("*")
    return caller, PROVIDERS[caller], f"{country_code}-{party_id}-D{number:08}-C"


def _visit(chance: Random, sites: Sequence[Site], grid: int, taken: Sequence[tuple[int, str, datetime]]) -> Visit:
    """Draw a visit; many begin where and when another is to end, so that whoever overstays is in the way."""
    site = chance.randrange(len(sites))
    uid = chance.choice(sorted(sites[site].chargers))
    start = NOW + (chance.randrange(4, grid) * GRID) * MINUTE
    walks_up = chance.random() < 0.2
    if taken and chance.random() < (0.6 if walks_up else 0.4):
        site, uid, start = chance.choice(taken)
    minutes = chance.choice((30, 45, 60, 60, 75, 90))
    arrival = Arrival.IN_TIME if walks_up else _arrival(chance)
    arrives = start + _offset(chance, arrival, sites[site]) + timedelta(seconds=chance.randrange(60))
    if walks_up:
        arrives += chance.randrange(-40, 60) * MINUTE
    return Visit(
        site=site,
        uid=uid,
        pinned=chance.random() < 0.6,
        start=start if not walks_up else arrives.replace(second=0),
        minutes=minutes,
        booked_at=None if walks_up else NOW + (start - NOW) * (chance.random() * 0.9),
        arrival=arrival,
        arrives=max(arrives, NOW + 5 * MINUTE),
        mistake=_mistake(chance),
        recovers=chance.random() < 0.7,
        how=chance.choice((How.CARD, How.CARD, How.REFERENCE, How.VEHICLE, How.GROUP_CARD, How.REMOTE)),
        operator=chance.choice(tuple(Operator)),
        leaves=_leaves(chance, minutes),
        stopped_from_afar=chance.random() < 0.15,
        warnings=chance.choice((None, None, (), (5,), (20, 10), (30,))),
        reports=chance.random() < 0.5,
    )


def _arrival(chance: Random) -> Arrival:
    weights = {
        Arrival.EARLY: 25,
        Arrival.IN_TIME: 35,
        Arrival.LATE: 15,
        Arrival.TOO_LATE: 8,
        Arrival.NEVER: 10,
        Arrival.CANCELS: 7,
    }
    return chance.choices(tuple(weights), tuple(weights.values()))[0]


def _offset(chance: Random, arrival: Arrival, site: Site) -> timedelta:
    timeout = int(site.timeout / MINUTE)
    if arrival is Arrival.EARLY:
        return -chance.randrange(2, 70) * MINUTE
    if arrival is Arrival.LATE:
        return chance.randrange(5, timeout - 3) * MINUTE
    if arrival is Arrival.TOO_LATE:
        return (timeout + chance.randrange(1, 20)) * MINUTE
    return chance.randrange(0, 5) * MINUTE


def _mistake(chance: Random) -> Mistake:
    if chance.random() < 0.7:
        return Mistake.NONE
    return chance.choice([one for one in Mistake if one is not Mistake.NONE])


def _leaves(chance: Random, minutes: int) -> timedelta:
    """Draw how long after the slot's end a truck leaves: a third before it, a third about then, a third late."""
    third = chance.randrange(3)
    if third == 0:
        return -chance.randrange(minutes // 3, minutes * 2 // 3) * MINUTE
    if third == 1:
        return -timedelta(seconds=chance.randrange(1, 120))
    return chance.choice((2, 7, 12, 20, 35, 50)) * MINUTE + timedelta(seconds=chance.randrange(60))


def _outage(chance: Random, sites: Sequence[Site], hours: float) -> Outage:
    site = chance.randrange(len(sites))
    uid = chance.choice(sorted(sites[site].chargers))
    at = NOW + timedelta(seconds=chance.randrange(3600, int(hours * 3600)))
    return Outage(site, uid, at, chance.randrange(10, 90) * MINUTE, guessed=chance.random() < 0.5)
