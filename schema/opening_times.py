"""Opening hours as callers see them."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from models.rules import location as rules


@strawberry.type(description="Hours on one weekday (1 is Monday), local time.")
class RegularHours:
    """Hours on one weekday."""

    weekday: int
    period_begin: str
    period_end: str


@strawberry.type(description="A stretch of time in which the opening differs.")
class ExceptionalPeriod:
    """A stretch of time in which the opening differs."""

    period_begin: datetime
    period_end: datetime


@strawberry.type(description="When a Location is open; closings win over openings.")
class OpeningTimes:
    """When a Location is open."""

    twentyfourseven: bool
    regular_hours: list[RegularHours]
    exceptional_openings: list[ExceptionalPeriod]
    exceptional_closings: list[ExceptionalPeriod]


def opening_times(times: rules.OpeningTimes | None) -> OpeningTimes | None:
    """Return opening hours as callers see them, if they are known."""
    if times is None:
        return None
    return OpeningTimes(
        twentyfourseven=times.twentyfourseven,
        regular_hours=regular_hours(times.regular_hours),
        exceptional_openings=_exceptional(times.exceptional_openings),
        exceptional_closings=_exceptional(times.exceptional_closings),
    )


def regular_hours(hours: Sequence[rules.RegularHours]) -> list[RegularHours]:
    """Return hours of the week as callers see them."""
    return [
        RegularHours(weekday=one.weekday, period_begin=one.period_begin, period_end=one.period_end) for one in hours
    ]


def _exceptional(periods: Sequence[rules.ExceptionalPeriod]) -> list[ExceptionalPeriod]:
    return [ExceptionalPeriod(period_begin=one.period_begin, period_end=one.period_end) for one in periods]
