"""Refusals of settlement as callers see them."""

import strawberry

from models import settling_errors as errors
from models.rules.payment import PaymentState
from schema import problems
from schema.problems import handler


@strawberry.type(description="The operator does without that fee of the booking already.")
class AlreadyWaived(problems.Problem):
    """The fee was waived before."""

    waiver_id: strawberry.ID

    @classmethod
    def of(cls, refusal: errors.AlreadyWaived) -> "AlreadyWaived":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), waiver_id=strawberry.ID(refusal.waiver_id))


@strawberry.type(description="One of what is to be invoiced or paid is not in the state for that; nothing changed.")
class PaymentStateDiffers(problems.Problem):
    """Something is not in the state to be invoiced or paid."""

    kind: str
    id: strawberry.ID
    payment_state: PaymentState

    @classmethod
    def of(cls, refusal: errors.PaymentStateDiffers) -> "PaymentStateDiffers":
        """Return the refusal as callers see it."""
        state = PaymentState(refusal.state)
        return cls(message=str(refusal), kind=refusal.kind, id=strawberry.ID(refusal.id), payment_state=state)


HANDLERS = (
    handler(errors.AlreadyWaived, AlreadyWaived, AlreadyWaived.of),
    handler(errors.PaymentStateDiffers, PaymentStateDiffers, PaymentStateDiffers.of),
)
