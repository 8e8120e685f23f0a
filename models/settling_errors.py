"""Every refusal of settlement, as a type with fields.

Refusal
├── AlreadyWaived         the operator does without the fee already
└── PaymentStateDiffers   what is to be invoiced or paid is not in the state for that
"""

from dataclasses import dataclass

from models.errors import Refusal


@dataclass
class AlreadyWaived(Refusal):
    """The operator does without that fee of the booking already (BUC 4.2, 4.3)."""

    waiver_id: str

    def __str__(self) -> str:
        return f"This fee was waived before; read {self.waiver_id}, or revoke it first."


@dataclass
class PaymentStateDiffers(Refusal):
    """One of what is to be invoiced or paid is not in the state from which it may be; `wanted` is that state."""

    kind: str
    id: str
    state: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id} is {self.state}, and has to be {self.wanted} for that; nothing was changed."
