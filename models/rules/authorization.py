"""That somebody asked to charge, and what was decided, as it is kept (BUC 3.1, 3.9)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.rules.charging import ChargingBasis, ChargingRefusal, StartMethod
from models.rules.identity import part_id
from models.rules.parties import Parties


@dataclass(frozen=True, slots=True)
class ChargingAuthorization:
    """One decision at a charger: allowed on a `basis`, `until` when if that is limited, or refused for a `reason`.

    It is kept without what was presented.
    """

    id: UUID
    location_id: str
    evse_id: str
    at: datetime
    method: StartMethod
    basis: ChargingBasis | None
    reason: ChargingRefusal | None
    until: datetime | None
    booking_id: UUID | None
    parties: Parties

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; the operator owns it."""
        return part_id(self.parties.cpo_id, str(self.id))

    @property
    def booking_object_id(self) -> str | None:
        """The composite id of the booking that it was about."""
        return None if self.booking_id is None else part_id(self.parties.cpo_id, str(self.booking_id))
