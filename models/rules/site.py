"""What of a Location bounds all that can be booked there: its opening, planned work, the source of its energy."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.rules.energy_mix import EnergyMix
from models.rules.interval import Interval
from models.rules.location import Evse
from models.rules.maintenance import Maintenance
from models.rules.opening_hours import open_periods
from models.rules.published import PublishedLocation


@dataclass(frozen=True, slots=True)
class Site:
    """A Location over a stretch of time; `open` is None if it never closes or does not say.

    A booking lies within the opening: whoever comes must get in, and out (OCPI Hours). Charging that runs on after
    closing (`charging_when_closed`) is a session's matter.
    """

    open: Sequence[Interval] | None = None
    maintenance: Sequence[Maintenance] = ()
    energy_mix: EnergyMix | None = None

    def is_open(self, period: Interval) -> bool:
        """Whether the site is open for all of `period`."""
        return self.open is None or any(one.contains(period) for one in self.open)

    def opened(self, period: Interval) -> list[Interval]:
        """Return the parts of `period` in which the site is open."""
        if self.open is None:
            return [period]
        return [part for one in self.open if (part := one.clipped(period)) is not None]

    def worked_on(self, evse_id: str) -> list[Interval]:
        """Return when the charger is out of use for planned work."""
        return [one.period for one in self.maintenance if one.concerns(evse_id)]

    def serves(self, evse: Evse, period: Interval) -> bool:
        """Whether the charger can be promised for `period`: it works, and nobody works on it (BUC 2.5, 2.7)."""
        return evse.usable_at(period.start) and not any(one.overlaps(period) for one in self.worked_on(evse.id))


ALWAYS_OPEN = Site()


def site_of(published: PublishedLocation, window: Interval) -> Site:
    """Return what bounds bookings at a Location within `window`; no stated opening leaves it to the calendars."""
    location = published.location
    times = location.opening_times
    always = times is None or (times.twentyfourseven and not times.exceptional_closings)
    return Site(
        None if times is None or always else open_periods(times, location.time_zone, window),
        tuple(one for one in published.maintenance if one.period.overlaps(window)),
        location.energy_mix,
    )
