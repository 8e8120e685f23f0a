"""Planned work on chargers, as a value: while it lasts they are not offered (BUC 2.7)."""

from dataclasses import dataclass
from datetime import datetime

from models.rules.interval import Interval


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A window in which an operator works on some chargers of one Location, or on all if none is named."""

    id: str
    country_code: str
    party_id: str
    ocpi_id: str
    location_id: str
    evse_ids: tuple[str, ...]
    period: Interval
    reason: str | None
    last_updated: datetime

    def concerns(self, evse_id: str) -> bool:
        """Whether the charger of that composite id is worked on."""
        return not self.evse_ids or evse_id in self.evse_ids
