"""What EMSPs add for their fleets beside operators' CDRs: issued, taken per month, read, invoiced and paid."""

from resolvers.provider_line_issuing import beside, for_booking
from resolvers.provider_line_months import take_months
from resolvers.provider_line_paying import LinesToInvoice, LinesToPay, invoice, pay
from resolvers.provider_line_reading import LineFilter, of_cdrs, page

__all__ = [
    "LineFilter",
    "LinesToInvoice",
    "LinesToPay",
    "beside",
    "for_booking",
    "invoice",
    "of_cdrs",
    "page",
    "pay",
    "take_months",
]
