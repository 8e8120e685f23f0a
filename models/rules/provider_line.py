"""What an EMSP adds for its fleet beside what operators charge, line by line (BUC 4.5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.rules.cdr import PaymentState
from models.rules.price import Price


class ProviderLineKind(StrEnum):
    """For what a line is: a booking, an operator's CDR of which it is a share, or a month."""

    PER_BOOKING = "PER_BOOKING"
    MARKUP = "MARKUP"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A line; `credits` is the one that it takes back. `cdr_id` is the operator's own id of a CDR."""

    id: UUID
    emsp_id: str
    kind: ProviderLineKind
    fee_id: str
    name: str
    contract_ids: tuple[str, ...]
    contract_id: str | None
    license_plate: str | None
    location_id: str | None
    booking_id: UUID | None
    cpo_id: str | None
    cdr_id: str | None
    month: str | None
    currency: str
    price: Price
    issued_at: datetime
    credits: UUID | None = None
    state: PaymentState = PaymentState.DUE
    invoice_id: str | None = None
