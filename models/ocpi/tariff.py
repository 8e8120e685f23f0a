"""A Tariff as an OCPI document (OCPI Tariffs 2.3.0, with the restriction of Bookings 1.1)."""

from models.ocpi.values import Document, given, same
from models.rules.tariff import Tariff, TaxIncluded

NAMES = {"id", "ocpi_id", "tax_included"}
"""What the standard calls, or spells, otherwise."""

TAX_INCLUDED = {TaxIncluded.YES: "YES", TaxIncluded.NO: "NO", TaxIncluded.NOT_APPLICABLE: "N/A"}


def tariff_document(one: Tariff) -> Document:
    """Return a Tariff as its operator published it: prices to the last digit, its id in the operator's spelling."""
    rest = same(one, less=NAMES)
    return given({**rest, "id": one.ocpi_id, "tax_included": TAX_INCLUDED[one.tax_included]})
