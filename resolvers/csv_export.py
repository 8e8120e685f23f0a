"""CDRs and statements as CSV, page by page, by the rights of those who list them (BUC 4.1, 4.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from models.rules.bill import BillLine
from models.rules.csv_lines import csv_text
from models.rules.payment import Payment
from models.rules.statement import StatementLine
from resolvers import access, cdr_reading, statements
from resolvers.call import Call
from resolvers.cdr_reading import CdrFilter, KnownCdr
from resolvers.statements import WantedStatement

FOUR = Decimal("0.0001")
CDRS = (
    "cdrId",
    "number",
    "kind",
    "credit",
    "creditReferenceId",
    "issuedAt",
    "bookingId",
    "revision",
    "sessionId",
    "locationId",
    "locationName",
    "evseId",
    "contractId",
    "licensePlate",
    "currency",
    "lineKind",
    "tariffId",
    "element",
    "quantity",
    "unitPrice",
    "vat",
    "beforeTaxes",
    "afterTaxes",
    "totalBeforeTaxes",
    "totalAfterTaxes",
    "state",
    "invoiceId",
    "fleetState",
    "fleetInvoiceId",
)
STATEMENT = (
    "vehicle",
    "contractId",
    "locationId",
    "month",
    "currency",
    "bookings",
    "sessions",
    "cdrs",
    "energy",
    "greenEnergy",
    "greenShare",
    "beforeTaxes",
    "afterTaxes",
    "due",
    "invoiced",
    "paid",
    "fleetDue",
    "fleetInvoiced",
    "fleetPaid",
    "providerAfterTaxes",
    "providerDue",
    "providerInvoiced",
    "providerPaid",
)


@dataclass(frozen=True, slots=True)
class CsvPage:
    """Some rows, below a heading on the first page; `position` is the key behind the last, None if there is none."""

    text: str
    position: tuple[str, ...] | None
    has_next: bool


async def cdrs_csv(call: Call, wanted: CdrFilter, *, first: int, after: tuple[str, ...] | None) -> CsvPage:
    """Return `first` of the CDRs that `cdr_reading.page` lists, a row for each line; two statements."""
    page = await cdr_reading.page(call, wanted, first=first, after=after)
    rows = (row for one, _ in page.items for row in _of_cdr(one, call))
    position = page.items[-1][1] if page.items else None
    return CsvPage(csv_text(CDRS if after is None else None, rows), position, page.has_next)


async def statement_csv(call: Call, wanted: WantedStatement, *, first: int, after: tuple[str, ...] | None) -> CsvPage:
    """Return `first` of the groups of a statement, a row for each; at most two statements of SQL."""
    page = await statements.page(call, wanted, first=first, after=after)
    provider = statements.sees_provider(call)
    rows = (_of_group(one, provider=provider) for one, _ in page.items)
    position = page.items[-1][1] if page.items else None
    return CsvPage(csv_text(STATEMENT if after is None else None, rows), position, page.has_next)


def _of_cdr(known: KnownCdr, call: Call) -> Iterator[tuple[object, ...]]:
    """Yield a row for each line of a CDR. Those of a credit are negative, so that every column adds up."""
    one, standing = known.cdr, known.standing
    told = access.told_contract(call, one.contract_id)
    before = (
        one.object_id,
        one.number,
        one.kind,
        one.credit,
        one.credits_object_id,
        one.issued_at,
        one.booking_object_id,
        one.bill.revision,
        one.session_object_id,
        one.location_id,
        one.place.name,
        one.place.evse_id,
        one.contract_id if told else None,
        one.license_plate,
        one.currency,
    )
    total = (one.total.before_taxes.quantize(FOUR), one.total.after_taxes.quantize(FOUR))
    states = (*_of_payment(standing.payment), *_of_payment(standing.of_fleet))
    for line in one.lines:
        yield (*before, *_of_line(line, -1 if one.credit else 1), *total, *states)


def _of_line(line: BillLine, sign: int) -> tuple[object, ...]:
    return (
        line.kind,
        line.tariff_id,
        line.element,
        line.quantity * sign,
        line.unit_price,
        line.vat,
        (line.price.before_taxes * sign).quantize(FOUR),
        (line.price.after_taxes * sign).quantize(FOUR),
    )


def _of_payment(one: Payment | None) -> tuple[object, ...]:
    return (one.state, one.invoice_id) if one is not None else (None, None)


def _of_group(one: StatementLine, *, provider: bool) -> tuple[object, ...]:
    of_provider = (
        one.fleet_due,
        one.fleet_invoiced,
        one.fleet_paid,
        one.provider,
        one.provider_due,
        one.provider_invoiced,
        one.provider_paid,
    )
    return (
        one.vehicle,
        one.contract_id,
        one.location_id,
        one.month,
        one.currency,
        one.bookings,
        one.sessions,
        one.cdrs,
        one.energy,
        one.green_energy,
        one.green_share,
        one.before_taxes,
        one.after_taxes,
        one.due,
        one.invoiced,
        one.paid,
        *(amount if provider else None for amount in of_provider),
    )
