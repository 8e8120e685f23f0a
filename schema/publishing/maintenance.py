"""Planned work on chargers, as operators write it."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules.identity import part_id
from models.rules.interval import Interval
from models.rules.maintenance import Maintenance
from schema.inputs import PeriodInput
from schema.publishing.changing import EXPECTED, OWN_ID
from schema.publishing.limits import LOCAL_ID, Many, Text
from schema.publishing.reading import NAMED, NOT_YET, OWN_OR_API_ID, At

LONGEST_REASON = 2_000


@strawberry.input(description="Planned work on chargers of one Location: while it lasts they are not offered.")
class MaintenanceInput:
    """Planned work on chargers."""

    ocpi_id: Annotated[str, LOCAL_ID] = strawberry.field(description=OWN_ID)
    expected_last_updated: datetime | None = strawberry.field(default=None, description=EXPECTED)
    location_id: Annotated[strawberry.ID, NAMED] = strawberry.field(description=OWN_OR_API_ID)
    evse_uids: Annotated[list[Annotated[str, LOCAL_ID]], Many(500)] = strawberry.field(
        default_factory=list, description="The `uid` of each charger that is worked on; all, if none is named."
    )
    period: PeriodInput
    reason: Annotated[str | None, Text(LONGEST_REASON)] = None

    def to_domain(self, at: At) -> Maintenance:
        """Return it as a value, or raise BadInput."""
        at.check_order(self.period.start_date_time, self.period.end_date_time, "period.endDateTime")
        read = at.read(self)
        chargers = (part_id(read["location_id"], uid) for uid in read.pop("evse_uids"))
        period = Interval(self.period.start_date_time, self.period.end_date_time)
        return Maintenance(
            **{**read, "period": period},
            id=at.object_id(self.ocpi_id),
            country_code=at.country_code,
            party_id=at.party_id,
            evse_ids=tuple(dict.fromkeys(chargers)),
            last_updated=NOT_YET,
        )
