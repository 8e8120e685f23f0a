"""What EMSPs add for their fleets beside operators' CDRs: taken per month, read, invoiced and paid."""

from resolvers.provider_line_months import take_months
from resolvers.provider_line_paying import LinesToInvoice, LinesToPay, invoice, pay
from resolvers.provider_line_reading import LineFilter, of_cdrs, page

__all__ = [
    "LineFilter",
    "LinesToInvoice",
    "LinesToPay",
    "invoice",
    "of_cdrs",
    "page",
    "pay",
    "take_months",
]
