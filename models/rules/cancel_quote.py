"""A CancelQuote as a value: what canceling a booking costs, if it is done by then (BUC 2.9)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.rules.charge import Charge


@dataclass(frozen=True, slots=True)
class CancelQuote:
    """What canceling one revision of a booking costs until `expires_at`; a fee of None is nothing. Used once."""

    id: UUID
    location_id: str
    booking_id: UUID
    revision: int
    fee: Charge | None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
