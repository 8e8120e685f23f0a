"""What can be done with CDRs: one use case a name."""

from resolvers.cdr_payments import Invoicing, Paying, invoice, pay
from resolvers.cdr_reading import CdrFilter, KnownCdr, get, many, of_bookings, of_sessions, page
from resolvers.refund_reading import KnownRefund, refunds
from resolvers.refunding import WantedRefund, refund

__all__ = [
    "CdrFilter",
    "Invoicing",
    "KnownCdr",
    "KnownRefund",
    "Paying",
    "WantedRefund",
    "get",
    "invoice",
    "many",
    "of_bookings",
    "of_sessions",
    "page",
    "pay",
    "refund",
    "refunds",
]
