"""Opening hours as operators write them."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules.location import ExceptionalPeriod, OpeningTimes, RegularHours
from schema.publishing.limits import END_OF_DAY, LocalTime, Whole
from schema.publishing.reading import At


@strawberry.input(description="Hours on one weekday, local time; those that pass midnight take two entries.")
class RegularHoursInput:
    """Hours on one weekday."""

    weekday: Annotated[int, Whole(1, 7)] = strawberry.field(description="1 is Monday.")
    period_begin: Annotated[str, LocalTime()] = strawberry.field(description="HH:MM.")
    period_end: Annotated[str, LocalTime(day_end=END_OF_DAY)] = strawberry.field(
        description="HH:MM; the end of the day is 24:00."
    )

    def to_domain(self, at: At) -> RegularHours:
        """Return them as a value, or raise BadInput."""
        read = RegularHours(**at.read(self))
        if read.period_end <= read.period_begin:
            at.refuse("periodEnd", "does not come after `periodBegin`; hours that pass midnight take two entries")
        return read


@strawberry.input(description="A stretch of time in which the opening differs.")
class ExceptionalPeriodInput:
    """A stretch of time in which the opening differs."""

    period_begin: datetime
    period_end: datetime

    def to_domain(self, at: At) -> ExceptionalPeriod:
        """Return it as a value, or raise BadInput."""
        at.check_order(self.period_begin, self.period_end, "periodEnd")
        return ExceptionalPeriod(self.period_begin, self.period_end)


@strawberry.input(description="When a Location is open; closings win over openings.")
class OpeningTimesInput:
    """When a Location is open."""

    twentyfourseven: bool
    regular_hours: list[RegularHoursInput] = strawberry.field(default_factory=list)
    exceptional_openings: list[ExceptionalPeriodInput] = strawberry.field(default_factory=list)
    exceptional_closings: list[ExceptionalPeriodInput] = strawberry.field(default_factory=list)

    def to_domain(self, at: At) -> OpeningTimes:
        """Return them as a value."""
        return OpeningTimes(**at.read(self))
