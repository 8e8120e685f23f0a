"""What must be true of what EMSPs added for their fleets on a simulated day, reckoned anew by their fees."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from benchmarks.day_ledger import Books
from benchmarks.day_ledger_facts import standing_report
from benchmarks.day_ledger_prices import half_up
from benchmarks.day_plan import PROVIDERS, Truck
from benchmarks.day_prices import PROVIDER_PRICES, ProviderPrices
from benchmarks.day_tables import Row

FEES = {PROVIDERS[name]: fees for name, fees in PROVIDER_PRICES.items()}
Key = tuple[str, str, str | None, str | None, str | None]


def every_line_of_a_provider_is_reckoned_by_its_fee_once(books: Books) -> Iterator[str]:
    """One for each booking that is to be paid, each CDR in the currency of the fee, each contract and month."""
    expected = dict(_expected(books))
    for one in books.standing_lines:
        amounts = expected.pop(_key(one), None)
        found = (Fraction(one["price"]["before_taxes"]), Fraction(one["price"]["after_taxes"]))
        if amounts is None:
            yield f"line {one['id']} of {_key(one)} takes {one['price']['after_taxes']} for nothing, or again"
        elif found != amounts:
            yield f"line {one['id']} of {_key(one)} takes {found}, not {amounts}"
    yield from (
        f"nothing is taken for {key}, where {float(amounts[1]):.4f} is due" for key, amounts in expected.items()
    )


def a_line_is_taken_back_once_to_nothing(books: Books) -> Iterator[str]:
    """By one that is as it but for its sign; that of a CDR stands beside the credit of that."""
    known = {one["id"]: one for one in books.lines}
    credits = {one["credits"]: one["id"] for one in books.cdrs if one["credits"]}
    for one in books.lines:
        if one["credits"] is None:
            if Decimal(one["price"]["after_taxes"]) <= 0:
                yield f"line {one['id']} takes {one['price']['after_taxes']}, and takes nothing back"
            continue
        old = known[one["credits"]]
        for name in ("before_taxes", "after_taxes"):
            if Decimal(one["price"][name]) + Decimal(old["price"][name]) != 0:
                yield f"line {one['id']} takes back {one['price'][name]} of {old['price'][name]}"
        if old["cdr_id"] is not None and one["cdr_id"] != credits.get(old["cdr_id"]):
            yield f"line {one['id']} is beside {one['cdr_id']}, not beside the credit of {old['cdr_id']}"
        if old["credits"] is not None:
            yield f"line {one['id']} takes back {old['id']}, which takes back another"
    for line_id, times in Counter(one["credits"] for one in books.lines if one["credits"]).items():
        if times > 1:
            yield f"line {line_id} was taken back {times} times"


def a_share_stands_as_its_cdr_does(books: Books) -> Iterator[str]:
    """What is a share of a CDR was issued with it, and taken back with its credit."""
    issued = {one["id"]: one["issued_at"] for one in books.cdrs}
    for one in books.lines:
        if one["cdr_id"] is not None and issued[one["cdr_id"]] != one["issued_at"]:
            yield f"line {one['id']} is of {one['issued_at']}, its CDR {one['cdr_id']} of {issued[one['cdr_id']]}"


def _expected(books: Books) -> Iterator[tuple[Key, tuple[Fraction, Fraction]]]:
    """Yield all that providers are to take, by what and for what."""
    yield from _of_bookings(books)
    for cdr in books.standing:
        for fee in FEES[cdr["emsp_id"]]:
            share = Fraction(cdr["before_taxes"]) * Fraction(fee.percentage) / 100
            if _covers(fee, cdr["contract_ids"][0]) and cdr["currency"] == fee.currency and half_up(share):
                key = (cdr["emsp_id"], fee.fee_id, cdr["booking_id"], cdr["id"], None)
                yield key, _amounts(fee, share)
    for emsp_id, contract_id in sorted(_used(books)):
        for fee in FEES[emsp_id]:
            if fee.per_month and _covers(fee, contract_id):
                yield (emsp_id, fee.fee_id, None, None, contract_id), _amounts(fee, Fraction(fee.per_month))


def _of_bookings(books: Books) -> Iterator[tuple[Key, tuple[Fraction, Fraction]]]:
    for truck, uuid in _paid(books):
        for fee in FEES[truck.emsp_id]:
            if fee.per_booking and _covers(fee, truck.contract_id):
                yield (truck.emsp_id, fee.fee_id, uuid, None, None), _amounts(fee, Fraction(fee.per_booking))


def _paid(books: Books) -> Iterator[tuple[Truck, str]]:
    """Yield the bookings that are to be paid: not those that operators failed."""
    trucks = {one.name: one for one in books.plan.trucks}
    for name, made in books.log.bookings.items():
        one, (upheld, _) = books.tables.booking(made.id), standing_report(books, made.id)
        failed = one["status"] == "CANCELED" and one["who_canceled"] == "CPO"
        if not upheld and not failed:
            yield trucks[name], one["id"]


def _used(books: Books) -> set[tuple[str, str]]:
    """Return the contracts with a booking that is to be paid, or a session, in the month, each with its provider."""
    booked = {(truck.emsp_id, truck.contract_id) for truck, _ in _paid(books)}
    charged = {(one["emsp_id"], one["contract_ids"][0]) for one in books.cdrs if one["session_id"]}
    return booked | charged


def _covers(fee: ProviderPrices, contract_id: str) -> bool:
    return not fee.contract_ids or contract_id in fee.contract_ids


def _amounts(fee: ProviderPrices, amount: Fraction) -> tuple[Fraction, Fraction]:
    before = half_up(amount)
    return before, before + half_up(before * Fraction(fee.vat or 0) / 100)


def _key(line: Row) -> Key:
    contract_id = line["contract_ids"][0] if line["kind"] == "MONTHLY" else None
    return line["emsp_id"], line["fee_id"], line["booking_id"], line["cdr_id"], contract_id


LINES = (
    every_line_of_a_provider_is_reckoned_by_its_fee_once,
    a_line_is_taken_back_once_to_nothing,
    a_share_stands_as_its_cdr_does,
)
