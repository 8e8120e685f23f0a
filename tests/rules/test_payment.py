"""What is owed is due, then invoiced, then paid, in that order alone."""

import pytest

from models.rules.payment import PAID, Payment, PaymentState, PaymentStep, invoiced_on

ON_INVOICE = Payment(PaymentState.INVOICED, "INV-1")


def test_what_is_due_is_put_on_an_invoice_and_then_paid_on_that() -> None:
    invoiced = invoiced_on("INV-1").taken(Payment())

    assert invoiced == ON_INVOICE
    assert PAID.taken(ON_INVOICE) == Payment(PaymentState.PAID, "INV-1")


@pytest.mark.parametrize("step", [invoiced_on("INV-2"), PAID], ids=["invoice", "pay"])
@pytest.mark.parametrize(
    "old", [Payment(), ON_INVOICE, Payment(PaymentState.PAID, "INV-1")], ids=lambda one: one.state
)
def test_no_step_is_left_out_and_none_is_taken_twice(step: PaymentStep, old: Payment) -> None:
    assert (step.taken(old) is not None) == (old.state is step.before)
