"""What planned work would do to bookings, as its operator asks before it is published (BUC 2.7)."""

from typing import Annotated

import strawberry

from resolvers import bulk_publishing
from schema import problems
from schema.booking import Booking, booking
from schema.context import Info
from schema.publishing.changing import OBJECTS_EACH_CALL, changes
from schema.publishing.maintenance import MaintenanceInput


@strawberry.type(description="A booking that planned work would hit.")
class MaintenanceHit:
    """A booking that planned work would hit."""

    booking: Booking
    movable: bool = strawberry.field(
        description="Whether another charger of its group would take it at once; else its holder would be told, and "
        "offered alternatives."
    )


@strawberry.type(description="What planned work would do to bookings, if it were published now.")
class MaintenanceImpact:
    """What planned work would do to bookings."""

    movable: int = strawberry.field(description="How many would be moved to other chargers at once.")
    endangered: int = strawberry.field(description="How many would need alternatives.")
    bookings: list[MaintenanceHit] = strawberry.field(description="The first of them, in the order of their starts.")


MaintenanceImpactResult = Annotated[
    MaintenanceImpact | problems.LostUpdate | problems.NotFound | problems.NotAllowed,
    strawberry.union("MaintenanceImpactResult"),
]


@strawberry.type
class MaintenanceImpactQuery:
    """The root field that tells what planned work would do."""

    @strawberry.field(
        description="What `maintenancePublish` of the same works would do to bookings now; it publishes nothing. "
        "For CPO."
    )
    async def maintenance_impact(
        self,
        info: Info,
        maintenance: Annotated[list[MaintenanceInput], strawberry.argument(description=OBJECTS_EACH_CALL)],
        first: Annotated[
            int, strawberry.argument(description="How many bookings to name at most, 1 to 500; all are counted.")
        ] = 50,
    ) -> MaintenanceImpactResult:
        """Return what planned work would do."""
        call = await info.context.call()
        wanted = await changes(call, "maintenance", maintenance)
        found = await bulk_publishing.maintenance_impact(call, wanted, first=first)
        hits = [MaintenanceHit(booking=booking(one, call), movable=movable) for one, movable in found.bookings]
        return MaintenanceImpact(movable=found.movable, endangered=found.endangered, bookings=hits)
