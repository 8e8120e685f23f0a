"""That an operator does without a fee of a booking, and why (BUC 4.2, 4.3)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.rules.identity import part_id
from models.rules.terms_fee import FeeKind


@dataclass(frozen=True, slots=True)
class Waiver:
    """A fee that is not billed, with the reason; it stays on record, with another reason, when it is taken back."""

    id: UUID
    booking_id: UUID
    cpo_id: str
    fee: FeeKind
    reason: str
    waived_at: datetime
    revoked_at: datetime | None = None
    revoked_reason: str | None = None

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; it belongs to the operator of the booking."""
        return part_id(self.cpo_id, str(self.id))

    @property
    def booking_object_id(self) -> str:
        """The composite id of the booking."""
        return part_id(self.cpo_id, str(self.booking_id))
