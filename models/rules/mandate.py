"""A Mandate as a value: that one party may book on behalf of a provider, and for how long (BUC 2.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Mandate:
    """That `booker_id` books for the provider `emsp_id`: under those contracts or, if none is named, under any."""

    id: UUID
    emsp_id: str
    booker_id: str
    contract_ids: tuple[str, ...]
    granted_at: datetime
    valid_until: datetime | None = None
    revoked_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        """Whether it is neither revoked nor over."""
        return self.revoked_at is None and (self.valid_until is None or now < self.valid_until)

    def covers(self, contract_ids: Iterable[str]) -> bool:
        """Whether it is for all of those contracts; one that names contracts is not for a booking under none."""
        named = set(contract_ids)
        return not self.contract_ids or (bool(named) and named <= set(self.contract_ids))
