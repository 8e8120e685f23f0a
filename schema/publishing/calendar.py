"""Calendars as operators write them: timeslots one by one, or hours of the week."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules.booking_location import Calendar, Timeslot
from models.rules.calendars import weekly_calendar
from models.rules.interval import Interval
from models.rules.weekly import LONGEST_HORIZON_DAYS, WeeklyHours
from schema.inputs import PeriodInput
from schema.publishing.limits import LOCAL_ID, Many, Whole
from schema.publishing.opening import RegularHoursInput
from schema.publishing.reading import NOT_YET, At
from schema.scalars import EARLIEST

MOST_TIMESLOTS = 2_000


@strawberry.input(description="A window to cut bookings from.")
class TimeslotInput:
    """A window to cut bookings from."""

    start_date_time: datetime
    end_date_time: datetime
    min_power: Annotated[int | None, Whole()] = strawberry.field(
        default=None, description="The power that is guaranteed, in W."
    )
    max_power: Annotated[int | None, Whole()] = strawberry.field(
        default=None, description="The power that is available, in W."
    )
    green_energy_support: bool | None = None

    def to_domain(self, at: At) -> Timeslot:
        """Return it as a value, or raise BadInput."""
        at.check_order(self.start_date_time, self.end_date_time, "endDateTime")
        read = at.read(self)
        _check_powers(at, self.min_power, self.max_power)
        return Timeslot(Interval(read.pop("start_date_time"), read.pop("end_date_time")), **read)


@strawberry.input(description="Hours that are offered in each week, as far ahead as the horizon, which moves daily.")
class WeeklyHoursInput:
    """Hours that are offered in each week."""

    regular_hours: Annotated[list[RegularHoursInput], Many(100, least=1)] = strawberry.field(
        description="On the Location's clock."
    )
    horizon_days: Annotated[int, Whole(1, LONGEST_HORIZON_DAYS)]
    start_date_time: datetime | None = strawberry.field(
        default=None, description="From when on; the day of publication, if absent."
    )
    min_power: Annotated[int | None, Whole()] = strawberry.field(
        default=None, description="The power that is guaranteed, in W."
    )
    max_power: Annotated[int | None, Whole()] = strawberry.field(
        default=None, description="The power that is available, in W."
    )
    green_energy_support: bool | None = None

    def to_domain(self, at: At) -> WeeklyHours:
        """Return them as a value, or raise BadInput."""
        read = at.read(self)
        _check_powers(at, self.min_power, self.max_power)
        del read["start_date_time"]
        return WeeklyHours(**read)


@strawberry.input(
    description="When it can be booked: `availableTimeslots` within a `period`, or `weeklyHours`; without timeslots "
    "it is fully booked."
)
class CalendarInput:
    """When it can be booked."""

    id: Annotated[str, LOCAL_ID] = strawberry.field(description="Its name within the BookingLocation.")
    period: PeriodInput | None = None
    timeslot_increment: Annotated[int | None, Whole(low=1)] = strawberry.field(
        default=None,
        description="Minutes; starts and lengths are multiples of it, counted from the timeslot's start.",
    )
    available_timeslots: Annotated[list[TimeslotInput], Many(MOST_TIMESLOTS)] = strawberry.field(default_factory=list)
    weekly_hours: WeeklyHoursInput | None = None

    def to_domain(self, at: At) -> Calendar:
        """Return it as a value, or raise BadInput."""
        read = at.read(self)
        if self.weekly_hours is not None:
            if self.period is not None or self.available_timeslots:
                at.refuse("weeklyHours", "says when; leave out `period` and `availableTimeslots`")
            begin = self.weekly_hours.start_date_time or EARLIEST
            return weekly_calendar(self.id, self.timeslot_increment, read["weekly_hours"], begin)
        if self.period is None:
            at.refuse("period", "is missing; give it with `availableTimeslots`, or give `weeklyHours`")
        at.check_order(self.period.start_date_time, self.period.end_date_time, "period.endDateTime")
        covers = Interval(self.period.start_date_time, self.period.end_date_time)
        return Calendar(self.id, covers, self.timeslot_increment, read["available_timeslots"], NOT_YET)


def _check_powers(at: At, guaranteed: int | None, available: int | None) -> None:
    if guaranteed is not None and available is not None and guaranteed > available:
        at.refuse("minPower", "is above `maxPower`; no more can be guaranteed than is available")
