"""A Calendar with its Timeslots as the standard writes it, and what it becomes (OCPI Bookings 1.1)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, ClassVar

from models.rules.booking_location import Calendar, Timeslot
from models.rules.interval import Interval
from server.ocpi.complaints import Defect
from server.ocpi.numbers import Floor, Whole
from server.ocpi.texts import Id
from server.ocpi.times import Instant, out_of_order
from server.ocpi.wire import Many, WireObject


class OcpiTimeslot(WireObject):
    """A window to cut bookings from; power in W."""

    renamed: ClassVar = {"start_from": "start_date_time", "end_before": "end_date_time"}

    start_date_time: Annotated[datetime, Instant()]
    end_date_time: Annotated[datetime, Instant()]
    min_power: Annotated[int | None, Floor()] = None
    max_power: Annotated[int | None, Floor()] = None
    green_energy_support: bool | None = None

    def defects(self) -> Iterator[Defect]:
        """Yield an end that does not come after the start, and a guarantee above what is available."""
        yield from out_of_order(self.start_date_time, self.end_date_time, "end_date_time")
        if self.min_power is not None and self.max_power is not None and self.min_power > self.max_power:
            yield ("min_power",), f"{self.min_power} W is above max_power, {self.max_power} W"

    def to_domain(self) -> Timeslot:
        """Return it as a value."""
        return Timeslot(
            period=Interval(self.start_date_time, self.end_date_time),
            min_power=self.min_power,
            max_power=self.max_power,
            green_energy_support=self.green_energy_support,
        )


class OcpiCalendar(WireObject):
    """The timeslots on offer within one stretch of time.

    The standard wants at least one timeslot, but has no other way to say "fully booked": none is accepted.
    """

    renamed: ClassVar = {"step_size": "timeslot_increment"}

    id: Annotated[str, Id(36)]
    begin_from: Annotated[datetime, Instant()]
    end_before: Annotated[datetime, Instant()]
    timeslot_increment: Annotated[int | None, Whole(low=1)] = None
    available_timeslots: Many[OcpiTimeslot] = ()
    last_updated: Annotated[datetime, Instant()]

    def defects(self) -> Iterator[Defect]:
        """Yield an end that does not come after the start."""
        yield from out_of_order(self.begin_from, self.end_before, "end_before")

    def to_domain(self) -> Calendar:
        """Return it as a value."""
        return Calendar(
            id=self.id,
            covers=Interval(self.begin_from, self.end_before),
            timeslot_increment=self.timeslot_increment,
            available_timeslots=tuple(slot.to_domain() for slot in self.available_timeslots),
            last_updated=self.last_updated,
        )
