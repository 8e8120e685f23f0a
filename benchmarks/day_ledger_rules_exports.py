"""What must be true of what leaves a simulated day's books: CSV is the ledger line by line, invoices are compared."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.day_ledger import CALLERS, Books
from benchmarks.day_ledger_exports import INVOICED, Cells
from benchmarks.day_ledger_rules_shown import cdrs_of
from benchmarks.day_plan import FLEETS, PROVIDERS
from benchmarks.day_tables import Row

AMOUNTS = ("beforeTaxes", "afterTaxes", "totalBeforeTaxes", "totalAfterTaxes")
NUMBERS = frozenset({*AMOUNTS, "quantity", "unitPrice", "vat"})
PLACES = -4


def the_csv_of_every_party_is_its_ledger_line_by_line(books: Books) -> Iterator[str]:
    """Every line of its own CDRs once, in the order of issue, amounts with four decimals; nobody else has any."""
    for caller in CALLERS:
        rows = books.csv[caller]
        expected = {one["id"]: [*_rows(books, one, caller)] for one in cdrs_of(books, caller)}
        found: dict[str, list[Cells]] = {}
        for row in rows:
            found.setdefault(row["cdrId"], []).append(row)
        for cdr_id in sorted(expected.keys() | found.keys()):
            yield from _differences(caller, cdr_id, expected.get(cdr_id, []), found.get(cdr_id, []))
        issued = [datetime.fromisoformat(row["issuedAt"]) for row in rows]
        if issued != sorted(issued):
            yield f"the CSV of {caller} is not in the order of time"


def who_listens_from_the_beginning_is_told_of_every_cdr_once(books: Books) -> Iterator[str]:
    """In the order in which they were issued."""
    own = {one["id"] for one in cdrs_of(books, INVOICED)}
    issued = [one["object_id"] for one in books.tables.events if one["kind"] == "CDR_ISSUED"]
    expected = [cdr_id for cdr_id in issued if cdr_id in own]
    if books.told != expected:
        yield f"{INVOICED} is told of {books.told}, not of {expected}"


def an_invoice_is_compared_with_the_ledger_line_by_line(books: Books) -> Iterator[str]:
    """What is right agrees, to the cent or exactly; what is otherwise differs, and what is left out is missing."""
    known = {one["id"] for one in books.cdrs}
    for one in books.reconciled:
        found = {line["cdrId"]: line["outcome"] for line in one.answer["invoiceLines"]}
        if found.keys() != {line["cdrId"] for line in one.lines} or not found.keys() <= known:
            yield f"an invoice of {len(one.lines)} lines is answered with {len(found)}"
        for cdr_id, outcome in found.items():
            if outcome != ("DIFFERENCE" if cdr_id in one.changed else "MATCH"):
                yield f"{cdr_id} is {outcome} in an invoice in which {one.changed} differ"
        counted = (len(one.lines) - len(one.changed), len(one.changed), 0, 0)
        if tuple(one.answer[name] for name in ("matches", "differences", "doubles", "unknown")) != counted:
            yield f"an invoice is counted as {one.answer}, not {counted}"
        if sorted(one.answer["missing"]) != sorted(one.left_out):
            yield f"an invoice lacks {one.answer['missing']}, not {one.left_out}"
    if not any(one.changed and one.left_out for one in books.reconciled):
        yield "no invoice has a mistake: the day is too easy"


def _rows(books: Books, one: Row, caller: str) -> Iterator[Mapping[str, str | Decimal]]:
    """Yield what the CSV is to have of a CDR; the lines of a credit are negative."""
    state, invoice_id = _noted(books, one, "EMSP" if caller in FLEETS else "CPO")
    of_fleet = _noted(books, one, "EMSP") if caller in (*PROVIDERS, *FLEETS) else ("", "")
    cpo_id, sign = one["id"].rpartition("*")[0], -1 if one["credits"] else 1
    shown = caller not in FLEETS or one["contract_id"] == FLEETS[caller]
    same = {
        "cdrId": one["id"],
        "number": _text(one["number"]),
        "kind": one["kind"],
        "credit": "true" if one["credits"] else "false",
        "creditReferenceId": _text(one["credits"]),
        "issuedAt": one["issued_at"].astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "bookingId": f"{cpo_id}*{one['booking_id']}".upper() if one["booking_id"] else "",
        "revision": _text(one["revision"]),
        "sessionId": f"{cpo_id}*{one['session_id']}".upper() if one["session_id"] else "",
        "locationId": one["location_id"],
        "locationName": _text(one["location_name"]),
        "evseId": _text(one["evse_id"]),
        "contractId": _text(one["contract_id"]) if shown else "",
        "licensePlate": _text(one["license_plate"]),
        "currency": one["currency"],
        "totalBeforeTaxes": one["before_taxes"],
        "totalAfterTaxes": one["after_taxes"],
        "state": state,
        "invoiceId": invoice_id,
        "fleetState": of_fleet[0],
        "fleetInvoiceId": of_fleet[1],
    }
    for line in one["lines"]:
        yield same | {
            "lineKind": line["kind"],
            "tariffId": _text(line["tariff_id"]),
            "element": _text(line["element"]),
            "quantity": Decimal(line["quantity"]) * sign,
            "unitPrice": Decimal(line["unit_price"]),
            "vat": "" if line["vat"] is None else Decimal(line["vat"]),
            "beforeTaxes": Decimal(line["price"]["before_taxes"]) * sign,
            "afterTaxes": Decimal(line["price"]["after_taxes"]) * sign,
        }


def _noted(books: Books, one: Row, creditor: str) -> tuple[str, str]:
    return books.payments.get((one["id"], creditor), ("DUE", ""))


def _differences(
    caller: str, cdr_id: str, expected: list[Mapping[str, str | Decimal]], found: list[Cells]
) -> Iterator[str]:
    if len(expected) != len(found):
        yield f"the CSV of {caller} has {len(found)} rows of {cdr_id}, which has {len(expected)} lines"
        return
    for row, wanted in zip(found, expected, strict=True):
        told = {name: Decimal(cell) if name in NUMBERS and cell else cell for name, cell in row.items()}
        if told != wanted:
            wrong = {name for name in told.keys() | wanted.keys() if told.get(name) != wanted.get(name)}
            yield f"the CSV of {caller} has {cdr_id} otherwise in {sorted(wrong)}: {row}"
        if any(Decimal(row[name]).as_tuple().exponent != PLACES for name in AMOUNTS):
            yield f"the CSV of {caller} has amounts of {cdr_id} without four decimals: {row}"


def _text(value: object) -> str:
    return "" if value is None else str(value)


EXPORTS = (
    the_csv_of_every_party_is_its_ledger_line_by_line,
    who_listens_from_the_beginning_is_told_of_every_cdr_once,
    an_invoice_is_compared_with_the_ledger_line_by_line,
)
