"""Opening hours as the standard writes them, and what they become (OCPI Locations 2.3.0, Hours)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from models.rules.location import ExceptionalPeriod, OpeningTimes, RegularHours
from server.ocpi.complaints import Defect
from server.ocpi.numbers import Whole
from server.ocpi.times import END_OF_DAY, Instant, LocalTime, out_of_order
from server.ocpi.wire import Many, WireObject


class OcpiRegularHours(WireObject):
    """Opening on one weekday, in local time; the end of the day, 24:00 or 00:00, is kept as 24:00."""

    weekday: Annotated[int, Whole(1, 7)]
    period_begin: Annotated[str, LocalTime()]
    period_end: Annotated[str, LocalTime(day_end=END_OF_DAY)]

    def defects(self) -> Iterator[Defect]:
        """Yield a period that does not end on its own day."""
        if self.period_end <= self.period_begin:
            reason = f"{self.period_end} is not after {self.period_begin}; an opening past midnight takes two rows"
            yield ("period_end",), reason


class OcpiExceptionalPeriod(WireObject):
    """A stretch of time in which the opening differs."""

    period_begin: Annotated[datetime, Instant()]
    period_end: Annotated[datetime, Instant()]

    def defects(self) -> Iterator[Defect]:
        """Yield an end that does not come after the start."""
        yield from out_of_order(self.period_begin, self.period_end, "period_end")

    def to_domain(self) -> ExceptionalPeriod:
        """Return it as a value."""
        return ExceptionalPeriod(self.period_begin, self.period_end)


class OcpiHours(WireObject):
    """When a Location is open."""

    twentyfourseven: bool
    regular_hours: Many[OcpiRegularHours] = ()
    exceptional_openings: Many[OcpiExceptionalPeriod] = ()
    exceptional_closings: Many[OcpiExceptionalPeriod] = ()

    def to_domain(self) -> OpeningTimes:
        """Return them as a value."""
        return OpeningTimes(
            twentyfourseven=self.twentyfourseven,
            regular_hours=tuple(
                RegularHours(day.weekday, day.period_begin, day.period_end) for day in self.regular_hours
            ),
            exceptional_openings=tuple(period.to_domain() for period in self.exceptional_openings),
            exceptional_closings=tuple(period.to_domain() for period in self.exceptional_closings),
        )
