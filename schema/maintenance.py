"""Planned work on chargers, as callers see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from models.rules import maintenance as rules
from schema.booking_location import Period
from schema.evse import Evse

if TYPE_CHECKING:
    from schema.location import Location


@strawberry.type(description="Planned work on chargers: while it lasts they are not offered (BUC 2.7).")
class Maintenance:
    """Planned work on chargers."""

    id: strawberry.ID
    ocpi_id: str = strawberry.field(description="Its id with the operator.")
    location: Annotated["Location", strawberry.lazy("schema.location")]
    evses: list[Evse] = strawberry.field(description="The chargers that are worked on; all, if none is named.")
    period: Period
    reason: str | None
    last_updated: datetime


def maintenance(work: Sequence[rules.Maintenance], location: "Location") -> list[Maintenance]:
    """Return planned work at `location` as callers see it."""
    chargers = {evse.id: evse for evse in location.evses}
    return [
        Maintenance(
            id=strawberry.ID(one.id),
            ocpi_id=one.ocpi_id,
            location=location,
            evses=[chargers[found] for name in one.evse_ids if (found := strawberry.ID(name)) in chargers],
            period=Period.of(one.period),
            reason=one.reason,
            last_updated=one.last_updated,
        )
        for one in work
    ]
