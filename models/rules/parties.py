"""Whom something that happens at a charger concerns: its operator, a provider, and whoever acts for that."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Parties:
    """The operator, the provider if one is known, its contracts, and the party that books on its behalf, if one does.

    `mandated_until` is until when that one has a mandate for all the contracts, as it was read.
    """

    cpo_id: str
    emsp_id: str | None = None
    booker_id: str | None = None
    contract_ids: tuple[str, ...] = ()
    mandated_until: datetime | None = field(default=None, compare=False)

    @property
    def only_contract(self) -> str | None:
        """Its one contract; None if there are several, or none."""
        return self.contract_ids[0] if len(self.contract_ids) == 1 else None
