"""What is free, as callers see it: the corridor search, and slots as they go and come back."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from models.errors import BadInput
from models.events import AvailabilityCause
from models.rules.availability import LONGEST_ALLOCATION
from models.rules.availability import FreeTimeslot as FreeTimeslotValue
from resolvers import corridor
from resolvers.availability import Asked, Free
from resolvers.corridor import Corridor, CorridorMatch
from resolvers.events import Resync
from schema.booking_location import BookingLocation
from schema.context import Info
from schema.inputs import PeriodInput, VehicleInput, demand, interval
from schema.live import AFTER_CURSOR, CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from schema.location import Location, booking_location_of, of
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.route import RouteInput, points
from subscriptions import availability
from subscriptions.availability import SlotAvailability, Watched

MINUTES_NEEDED = "How long the vehicle must be able to charge; shorter windows are left out."
MOST_MINUTES = int(LONGEST_ALLOCATION / timedelta(minutes=1))


@strawberry.type(description="A free window to cut a booking from: any stretch of it on the calendar's grid.")
class FreeTimeslot:
    """A free window."""

    start_date_time: datetime
    end_date_time: datetime
    min_power: int | None = strawberry.field(description="The power that is guaranteed, in W.")
    max_power: int | None = strawberry.field(description="The power that is available, in W.")
    green_energy_support: bool | None
    available: int = strawberry.field(description="How many vehicles could book all of it.")

    @classmethod
    def of(cls, one: FreeTimeslotValue) -> "FreeTimeslot":
        """Return a free timeslot as callers see it."""
        return cls(
            start_date_time=one.period.start,
            end_date_time=one.period.end,
            min_power=one.min_power,
            max_power=one.max_power,
            green_energy_support=one.green_energy_support,
            available=one.available,
        )


@strawberry.type(description="What is free of one BookingLocation.")
class BookingLocationAvailability:
    """What is free of one BookingLocation."""

    booking_location: BookingLocation
    timeslots: list[FreeTimeslot]


@strawberry.type(description="What is free at one Location near a route.")
class CorridorAvailability:
    """What is free at one Location near a route."""

    location: Location
    distance_along_km: float = strawberry.field(description="How far along the route it lies.")
    distance_off_route_km: float = strawberry.field(description="How far off the route it lies, as the crow flies.")
    booking_locations: list[BookingLocationAvailability]


@strawberry.type(description="What is free now of one BookingLocation, and why that changed (BUC 1.2.3).")
class SlotAvailabilityChange:
    """What is free now of one BookingLocation."""

    cursor: EventCursor | None = strawberry.field(description=CURSOR)
    at: datetime
    cause: AvailabilityCause | None = strawberry.field(description="None for what is free at the beginning.")
    location: Location
    booking_location: BookingLocation
    timeslots: list[FreeTimeslot]


@strawberry.input(description="Where to look, when, and for which vehicle.")
class CorridorAvailabilityInput:
    """Where to look."""

    route: RouteInput
    width_km: float = strawberry.field(description="How far off the route on either side, at most 100.")
    window: PeriodInput = strawberry.field(description="When to charge, at most 31 days.")
    minutes_needed: int | None = strawberry.field(default=None, description=MINUTES_NEEDED)
    connector_type: str | None = strawberry.field(default=None, description="Such as MCS or IEC_62196_T2_COMBO.")
    min_power: int | None = strawberry.field(default=None, description="The least power, in W.")
    vehicle: VehicleInput | None = None


@strawberry.input(description="Which slots to watch, when, and for which vehicle.")
class SlotAvailabilityInput:
    """Which slots to watch."""

    location_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    booking_location_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    window: PeriodInput = strawberry.field(description="At most 31 days.")
    minutes_needed: int | None = strawberry.field(default=None, description=MINUTES_NEEDED)
    connector_type: str | None = None
    min_power: int | None = strawberry.field(default=None, description="The least power, in W.")
    vehicle: VehicleInput | None = None


SlotAvailabilityEvent = Annotated[SlotAvailabilityChange | ResyncRequired, strawberry.union("SlotAvailabilityEvent")]


@strawberry.type
class AvailabilityQuery:
    """The root fields that find."""

    @strawberry.field(
        description="The Locations along a route where something is free, in the order of travel (BUC 1.1, 1.2)."
    )
    async def corridor_availability(
        self,
        info: Info,
        input: CorridorAvailabilityInput,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 100,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[CorridorAvailability]:
        """Return a page of Locations along a route."""
        page = await corridor.corridor_availability(
            await info.context.call(),
            Corridor(points(input.route), input.width_km),
            _asked(input),
            first=first,
            after=from_cursor(after),
        )
        return connection([(_match(one), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class AvailabilitySubscription:
    """The root fields that tell of slots."""

    @strawberry.subscription(
        description="What is free of each watched BookingLocation: as it is, then whenever it changes (BUC 1.2.3)."
    )
    async def slot_availability_changed(
        self,
        info: Info,
        input: SlotAvailabilityInput,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[SlotAvailabilityEvent, None]:
        """Yield changes."""
        context = info.context
        watched = Watched(tuple(input.location_ids), tuple(input.booking_location_ids), _asked(input))
        changes = availability.changed(await context.call(), context.call, context.feed, watched, read_cursor(after))
        try:
            async for one in changes:
                yield _change(one)
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await changes.aclose()


def _asked(input: CorridorAvailabilityInput | SlotAvailabilityInput) -> Asked:
    minutes = input.minutes_needed
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise BadInput(f"`minutesNeeded` is between 1 and {MOST_MINUTES}.")
    return Asked(
        interval(input.window, "window"),
        timedelta(minutes=minutes or 0),
        demand(input.connector_type, input.min_power, input.vehicle),
    )


def _match(match: CorridorMatch) -> CorridorAvailability:
    published = match.available.published
    return CorridorAvailability(
        location=of(published),
        distance_along_km=round(match.hit.along_km, 3),
        distance_off_route_km=round(match.hit.off_route_km, 3),
        booking_locations=[
            BookingLocationAvailability(
                booking_location=booking_location_of(published, free.booking_location), timeslots=_slots(free)
            )
            for free in match.available.free
        ],
    )


def _change(one: SlotAvailability) -> SlotAvailabilityChange:
    return SlotAvailabilityChange(
        cursor=write_cursor(one.cursor) if one.cursor else None,
        at=one.at,
        cause=one.cause,
        location=of(one.published),
        booking_location=booking_location_of(one.published, one.free.booking_location),
        timeslots=_slots(one.free),
    )


def _slots(free: Free) -> list[FreeTimeslot]:
    return [FreeTimeslot.of(slot) for slot in free.timeslots]
