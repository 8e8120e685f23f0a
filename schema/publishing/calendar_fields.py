"""The root fields by which operators publish and withdraw single Calendars of what can be booked."""

from datetime import datetime
from typing import Annotated

import strawberry

from resolvers import bulk_publishing, withdrawing
from resolvers.changes import CalendarChange, CalendarWithdrawal
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.booking_location import BookingLocation
from schema.context import Info
from schema.publishing.booking_location_fields import shown
from schema.publishing.building import large
from schema.publishing.calendar import CalendarInput
from schema.publishing.changing import EXPECTED, EXPECTED_OF_WITHDRAWAL, OBJECTS_EACH_CALL
from schema.publishing.limits import LOCAL_ID
from schema.publishing.reading import NAMED, OWN_OR_API_ID, At, objects


@strawberry.input(description="A Calendar to add to a BookingLocation, or to put in place of the one of its id.")
class CalendarChangeInput:
    """A Calendar to add or to replace."""

    booking_location_id: Annotated[strawberry.ID, NAMED] = strawberry.field(description=OWN_OR_API_ID)
    calendar: CalendarInput
    expected_last_updated: datetime | None = strawberry.field(
        default=None, description=f"Of the calendar. {EXPECTED}"
    )

    def to_domain(self, at: At) -> CalendarChange:
        """Return it as a value."""
        return CalendarChange(**at.read(self), expected_last_updated=self.expected_last_updated)


@strawberry.input(description="A Calendar to take from a BookingLocation.")
class CalendarWithdrawalInput:
    """A Calendar to take back."""

    booking_location_id: Annotated[strawberry.ID, NAMED] = strawberry.field(description=OWN_OR_API_ID)
    calendar_id: Annotated[str, LOCAL_ID] = strawberry.field(description="Its name within the BookingLocation.")
    expected_last_updated: datetime | None = strawberry.field(
        default=None, description=f"Of the calendar. {EXPECTED_OF_WITHDRAWAL}"
    )

    def to_domain(self, at: At) -> CalendarWithdrawal:
        """Return it as a value."""
        return CalendarWithdrawal(**at.read(self), expected_last_updated=self.expected_last_updated)


@large
@strawberry.input(description="Calendars to publish; the others of their BookingLocations stay.")
class CalendarsPublishInput:
    """Calendars to publish."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    calendars: list[CalendarChangeInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.input(description="Calendars to withdraw.")
class CalendarsWithdrawInput:
    """Calendars to withdraw."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    calendars: list[CalendarWithdrawalInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.type(description="The BookingLocations whose calendars were published, as they are now.")
class CalendarsPublished:
    """The BookingLocations whose calendars were published."""

    booking_locations: list[BookingLocation]


@strawberry.type(description="The BookingLocations whose calendars were withdrawn, as they are now.")
class CalendarsWithdrawn:
    """The BookingLocations whose calendars were withdrawn."""

    booking_locations: list[BookingLocation]


CalendarsPublishResult = Annotated[
    CalendarsPublished | problems.LostUpdate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("CalendarsPublishResult"),
]
CalendarsWithdrawResult = Annotated[
    CalendarsWithdrawn | problems.LostUpdate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("CalendarsWithdrawResult"),
]


@strawberry.type
class CalendarMutation:
    """The root fields that publish and withdraw Calendars."""

    @strawberry.mutation(
        description="Publish Calendars: when something can be booked, as timeslots or hours of the week. For CPO."
    )
    async def calendars_publish(self, info: Info, input: CalendarsPublishInput) -> CalendarsPublishResult:
        """Publish Calendars."""
        call = await info.context.call()
        wanted = await objects(call, "calendars", input.calendars)
        ids = await bulk_publishing.calendars_publish(call, input.idempotency_key, wanted)
        return CalendarsPublished(booking_locations=await shown(call, ids))

    @strawberry.mutation(description="Take Calendars back; what is booked stays booked. For CPO.")
    async def calendars_withdraw(self, info: Info, input: CalendarsWithdrawInput) -> CalendarsWithdrawResult:
        """Withdraw Calendars."""
        call = await info.context.call()
        wanted = await objects(call, "calendars", input.calendars)
        ids = await withdrawing.calendars_withdraw(call, input.idempotency_key, wanted)
        return CalendarsWithdrawn(booking_locations=await shown(call, ids))
