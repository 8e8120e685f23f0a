"""A second opinion on where a route passes and when, for tests only: samples of the route, each looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from models.catalogue import Point
from models.catalogue.plane import Booleans
from models.rules.interval import Interval
from resolvers.corridor import Corridor, Departure
from tests.models.globe import STEP_KM, Floats, Sampled, sampled
from tests.search.slow_slots import When

SHARE, SHARE_OFF = 0.002, 0.01
TOO_CLOSE = 0.005
"""Where a route turns so near to the width of the corridor, as a share of it, arithmetic decides."""

SAME_KM = 1e-9
"""Places that differ by less are one; a micrometre. Of ways that are equally near all along, the first counts."""

SPEED_KMH = 80.0
SLOWEST_KMH, FASTEST_KMH = 5.0, 150.0
AHEAD = timedelta(hours=24)
SECOND = timedelta(seconds=1)

Known = tuple[float, datetime]
"""After how many km of the route the vehicle is there, and when."""


@dataclass(frozen=True)
class Pass:
    """A stretch within the width: how near it comes, and after how many km; more than one if equally near."""

    off_km: float
    along_km: tuple[float, ...]

    def is_at(self, off_km: float, along_km: float) -> bool:
        """Whether a hit may be this pass."""
        return abs(off_km - self.off_km) <= self.off_km * SHARE + STEP_KM / 2 and any(
            abs(along_km - one) <= doubt(one, self.off_km) for one in self.along_km
        )


def doubt(along_km: float, off_km: float) -> float:
    """Return how many km apart along the route two right answers may lie: far off, all of a stretch is as near."""
    return along_km * SHARE + off_km * SHARE_OFF + STEP_KM


def passes(route: Sampled, point: Point, width_km: float) -> list[Pass] | None:
    """Return how a route passes a point, in the order of travel, or None if it is too close to call."""
    distances = route.distances(point)
    turns = distances[_turns(distances)]
    if (np.abs(turns - width_km) <= width_km * TOO_CLOSE).any():
        return None
    inside = np.concatenate(([False], distances <= width_km, [False]))
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    found = [
        _pass(distances[first:end], route.along[first:end])
        for first, end in zip(edges[::2], edges[1::2], strict=True)
    ]
    alike = any(one.is_at(other.off_km, km) for one, other in pairwise(found) for km in other.along_km)
    return None if alike else found


def _turns(distances: Floats) -> Booleans:
    """Return where the way stops coming nearer, or going away."""
    before = np.concatenate((distances[:1], distances[:-1])) - distances
    behind = np.concatenate((distances[1:], distances[-1:])) - distances
    return np.asarray(before * behind >= 0, dtype=np.bool_)


def _pass(distances: Floats, along: Floats) -> Pass:
    nearest = float(distances.min())
    slack = nearest * SHARE / 2 + STEP_KM / 10
    around = np.concatenate(([np.inf], distances, [np.inf]))
    valleys: list[tuple[Floats, float]] = []
    for number in np.flatnonzero(_turns(distances) & (distances <= nearest + slack)):
        shape = np.sort(around[number : number + 3])
        if not any(np.allclose(shape, known, rtol=0, atol=SAME_KM) for known, _ in valleys):
            valleys.append((shape, float(along[number])))
    return Pass(nearest, tuple(km for _, km in valleys))


def known_moments(corridor: Corridor) -> list[Known]:
    """Return after how many km of the route the moment is known; of two at one place the later one counts."""
    if isinstance(corridor.timing, Departure):
        return [(0.0, corridor.timing.at)]
    found: list[Known] = []
    for eta in corridor.timing or ():
        km = sampled(corridor.route[: eta.point + 1]).length_km
        if found and km - found[-1][0] < SAME_KM:
            found.pop()
        found.append((km, eta.at))
    return found


def arrivals(
    corridor: Corridor, known: Sequence[Known], off_km: float, along_km: Sequence[float]
) -> list[datetime] | None:
    """Return about when a vehicle is at a place, as early and as late as arithmetic may lead to; None if unknown."""
    if not known:
        return None
    speed = corridor.timing.speed_kmh if isinstance(corridor.timing, Departure) else SPEED_KMH
    wide = off_km * SHARE + STEP_KM / 2
    found = sorted(
        _arrival(known, speed, max(0.0, km + 2 * doubt(km, off_km) * tenth / 10), max(0.0, off_km + wide * other))
        for km in along_km
        for tenth in range(-10, 11)
        for other in (0, -1, 1)
    )
    return [found[0] - SECOND, found[len(found) // 2], found[-1] + SECOND]


def _arrival(known: Sequence[Known], speed: float, along_km: float, off_km: float) -> datetime:
    """Return when a vehicle is there: it goes on at the pace of the leg it is on, or next to."""
    legs = list(pairwise(known))
    leg = next((one for one in reversed(legs) if one[0][0] <= along_km), legs[0] if legs else None)
    if leg is None:
        return known[0][1] + timedelta(hours=(along_km - known[0][0] + off_km) / speed)
    (here_km, here), (there_km, there) = leg
    hours, km = (there - here) / timedelta(hours=1), there_km - here_km
    driven = km / hours if hours > 0 and SLOWEST_KMH <= km / hours <= FASTEST_KMH else speed
    off = timedelta(hours=off_km / driven)
    if along_km < here_km:
        return here + timedelta(hours=(along_km - here_km) / driven) + off
    if along_km >= there_km:
        return there + timedelta(hours=(along_km - there_km) / driven) + off
    return here + (there - here) * ((along_km - here_km) / km) + off


def when_there(corridor: Corridor, eta: datetime | None, now: datetime) -> When | None:
    """Return when to look at a place that is reached at `eta`, or None if that is not asked for."""
    window = corridor.window
    if eta is None:
        return when_in(window, now) if window else None
    early, late = eta - corridor.tolerance, eta + corridor.tolerance
    begin, end = (window.start, window.end) if window else (early, late + AHEAD)
    if late < begin or early >= end:
        return None
    return When(max(early, begin), end, late, now, eta)


def when_in(window: Interval, now: datetime) -> When:
    """Return a window as the time asked for."""
    return When(window.start, window.end, window.end, now)
