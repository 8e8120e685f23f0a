"""When a vehicle on a route gets where, from its departure and speed or from moments given for places (BUC 1.1)."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import isfinite
from operator import itemgetter

DEFAULT_SPEED_KMH = 80.0
"""What lorries may drive on most motorways of Europe."""

SLOWEST_KMH, FASTEST_KMH = 5.0, 150.0
"""What counts as driving; a slower leg holds a rest, and a faster one comes of moments that are not exact."""

HALF_A_SECOND = timedelta(milliseconds=500)

Eta = tuple[float, datetime]
"""How many km along the route, and when the vehicle is there."""


@dataclass(frozen=True, slots=True)
class Travel:
    """The places of a route for which the moment is known, and the speed in km/h where no two of them tell it."""

    etas: tuple[Eta, ...]
    speed_kmh: float

    def eta(self, along_km: float, off_km: float = 0.0) -> datetime:
        """Return when the vehicle is `off_km` off the route, which it leaves after `along_km`, to a whole second.

        Moments between two known ones are in proportion to the way; before the first and behind the last, and off
        the route, it drives as fast as on the leg next to it.
        """
        passed = bisect_right(self.etas, along_km, key=itemgetter(0))
        known_km, moment = self.etas[max(passed - 1, 0)]
        speed = self._speed(max(passed - 1, 0))
        if 0 < passed < len(self.etas):
            next_km, next_moment = self.etas[passed]
            moment += (next_moment - moment) * ((along_km - known_km) / (next_km - known_km))
        else:
            moment += timedelta(hours=(along_km - known_km) / speed)
        moment += timedelta(hours=off_km / speed) + HALF_A_SECOND
        return moment.replace(microsecond=0)

    def _speed(self, number: int) -> float:
        """Return the speed on the leg that begins where that moment is known, or on the last leg."""
        if len(self.etas) < 2:
            return self.speed_kmh
        number = min(number, len(self.etas) - 2)
        (here_km, here), (there_km, there) = self.etas[number : number + 2]
        km, hours = there_km - here_km, (there - here) / timedelta(hours=1)
        return km / hours if SLOWEST_KMH * hours <= km <= FASTEST_KMH * hours else self.speed_kmh


def departing(moment: datetime, speed_kmh: float = DEFAULT_SPEED_KMH) -> Travel:
    """Return the travel of a vehicle that starts on the route at a moment, or raise ValueError."""
    return timetabled([(0.0, moment)], speed_kmh)


def timetabled(etas: Sequence[Eta], speed_kmh: float = DEFAULT_SPEED_KMH) -> Travel:
    """Return the travel of a vehicle by moments for places in the order of travel, or raise ValueError.

    `speed_kmh` counts where there is no leg, or one on which it did not only drive.
    """
    if not etas:
        raise ValueError("At least one ETA is needed.")
    if not SLOWEST_KMH <= speed_kmh <= FASTEST_KMH:
        raise ValueError(f"The speed is between {SLOWEST_KMH:.0f} and {FASTEST_KMH:.0f} km/h.")
    for number, (along_km, moment) in enumerate(etas):
        if not (isfinite(along_km) and along_km >= 0):
            raise ValueError(f"ETA {number} is not for a place on the route.")
        if moment.tzinfo is None:
            raise ValueError(f"ETA {number} has no offset from UTC.")
    for number, ((here_km, here), (there_km, there)) in enumerate(pairwise(etas), start=1):
        if there_km <= here_km:
            raise ValueError(f"ETA {number} lies no farther along the route than ETA {number - 1}.")
        if there < here:
            raise ValueError(f"ETA {number} is earlier than ETA {number - 1}, which lies before it on the route.")
    return Travel(tuple((along_km, moment.astimezone(UTC)) for along_km, moment in etas), speed_kmh)


def detour_km(off_km: float) -> float:
    """Return the km that a stop off the route adds: there and back."""
    return 2 * off_km
