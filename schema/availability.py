"""The root fields that find what is free, and tell when it changes (BUC 1.1, 1.2)."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from models.events import AvailabilityCause
from resolvers import availability, corridor
from resolvers.asked import Asked
from resolvers.corridor import Corridor
from resolvers.events import Resync
from schema.booking_location import BookingLocation
from schema.context import Info
from schema.free import FreeAtLocation, FreeTimeslot, free_at, slots
from schema.inputs import PeriodInput, interval
from schema.live import AFTER_CURSOR, CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from schema.location import Location, booking_location_of, of
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.route import points
from schema.search_inputs import (
    AvailabilityInput,
    CorridorAvailabilityInput,
    DemandInput,
    asked,
    asked_demand,
    timing,
    where_to_look,
)
from schema.selection import selects
from subscriptions import availability as live
from subscriptions.availability import SlotAvailability, Watched

First = Annotated[int, strawberry.argument(description=FIRST)]
After = Annotated[str | None, strawberry.argument(description=AFTER)]


@strawberry.type(description="What is free at one Location where a route passes it.")
class CorridorAvailability(FreeAtLocation):
    """What is free at one Location near a route."""

    distance_along_km: float = strawberry.field(description="How far along the route it lies.")
    distance_off_route_km: float = strawberry.field(description="How far off the route it lies, as the crow flies.")
    detour_km: float = strawberry.field(description="How much longer the way by it is, as the crow flies.")
    eta: datetime | None = strawberry.field(description="When the vehicle gets there, if its travel is known.")


@strawberry.type(description="What is free at one Location.")
class LocationAvailability(FreeAtLocation):
    """What is free at one Location."""

    distance_km: float | None = strawberry.field(
        description="How far it is from the point asked for, as the crow flies."
    )


@strawberry.type(description="What is free now of one BookingLocation, and why that changed (BUC 1.2.3).")
class SlotAvailabilityChange:
    """What is free now of one BookingLocation."""

    cursor: EventCursor | None = strawberry.field(description=CURSOR)
    at: datetime
    cause: AvailabilityCause | None = strawberry.field(description="None for what is free at the beginning.")
    location: Location
    booking_location: BookingLocation
    timeslots: list[FreeTimeslot]


@strawberry.input(description="Which slots to watch, when, and for which vehicle.")
class SlotAvailabilityInput(DemandInput):
    """Which slots to watch."""

    location_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    booking_location_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    window: PeriodInput = strawberry.field(description="At most 31 days.")


SlotAvailabilityEvent = Annotated[SlotAvailabilityChange | ResyncRequired, strawberry.union("SlotAvailabilityEvent")]


@strawberry.type
class AvailabilityQuery:
    """The root fields that find."""

    @strawberry.field(
        description="The Locations along a route where something is free, in the order of travel, once for each time "
        "the route passes (BUC 1.1, 1.2)."
    )
    async def corridor_availability(
        self, info: Info, input: CorridorAvailabilityInput, first: First = 100, after: After = None
    ) -> Connection[CorridorAvailability]:
        """Return a page of Locations along a route."""
        page = await corridor.corridor_availability(
            await info.context.call(),
            _corridor(input),
            asked(input, priced=selects(info, "price"), counted=selects(info, "counts")),
            first=first,
            after=from_cursor(after),
        )
        nodes = [
            (
                CorridorAvailability(
                    **free_at(one.available),
                    distance_along_km=round(one.hit.along_km, 3),
                    distance_off_route_km=round(one.hit.off_route_km, 3),
                    detour_km=round(one.detour_km, 3),
                    eta=one.eta,
                ),
                key,
            )
            for one, key in page.items
        ]
        return connection(nodes, page.has_next, after)

    @strawberry.field(
        description="What is free near a point, in a box or at some Locations: the nearest first, or by id (BUC 1.2)."
    )
    async def availability(
        self, info: Info, input: AvailabilityInput, first: First = 100, after: After = None
    ) -> Connection[LocationAvailability]:
        """Return a page of Locations."""
        page = await availability.availability(
            await info.context.call(),
            where_to_look(input.where),
            interval(input.window, "window"),
            asked(input, priced=selects(info, "price"), counted=selects(info, "counts")),
            first=first,
            after=from_cursor(after),
        )
        nodes = [
            (LocationAvailability(**free_at(one.available), distance_km=_rounded(one.distance_km)), key)
            for one, key in page.items
        ]
        return connection(nodes, page.has_next, after)


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
        watched = _watched(input, priced=selects(info, "price"))
        changes = live.changed(await context.call(), context.call, context.feed, watched, read_cursor(after))
        try:
            async for one in changes:
                yield _change(one)
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await changes.aclose()


def _corridor(input: CorridorAvailabilityInput) -> Corridor:
    return Corridor(
        points(input.route),
        input.width_km,
        interval(input.window, "window") if input.window else None,
        timing(input.travel),
        timedelta(minutes=input.tolerance_minutes),
    )


def _watched(input: SlotAvailabilityInput, *, priced: bool) -> Watched:
    return Watched(
        tuple(input.location_ids),
        tuple(input.booking_location_ids),
        interval(input.window, "window"),
        Asked(asked_demand(input), closest=False, priced=priced, counted=True),
    )


def _rounded(distance_km: float | None) -> float | None:
    return None if distance_km is None else round(distance_km, 3)


def _change(one: SlotAvailability) -> SlotAvailabilityChange:
    return SlotAvailabilityChange(
        cursor=write_cursor(one.cursor) if one.cursor else None,
        at=one.at,
        cause=one.cause,
        location=of(one.published),
        booking_location=booking_location_of(one.published, one.free.booking_location),
        timeslots=slots(one.free.timeslots),
    )
