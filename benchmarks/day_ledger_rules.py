"""What must be true of the CDRs of a simulated day: they add up, are credited to nothing, and never change."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from benchmarks.day_ledger import Books
from benchmarks.day_ledger_rules_exports import EXPORTS
from benchmarks.day_ledger_rules_facts import FACTS
from benchmarks.day_ledger_rules_lines import LINES
from benchmarks.day_ledger_rules_shown import SHOWN

Rule = Callable[[Books], Iterator[str]]
NOTHING = Decimal(0)
PLACES = -4
SAME = (
    "kind",
    "booking_id",
    "session_id",
    "emsp_id",
    "contract_ids",
    "contract_id",
    "location_id",
    "currency",
    "lines",
)


def the_lines_of_a_cdr_add_up_to_it(books: Books) -> Iterator[str]:
    """Before and after taxes, to the fourth decimal; of a credit to what it takes back."""
    for one in books.cdrs:
        sign = -1 if one["credits"] else 1
        for name in ("before_taxes", "after_taxes"):
            amounts = [Decimal(line["price"][name]) for line in one["lines"]]
            if sum(amounts, NOTHING) * sign != one[name] or one[name] != Decimal(one["total"][name]):
                yield f"the lines of {one['id']} come to {sum(amounts, NOTHING)} {name}, it to {one[name]}"
            if any(_finer(each) for each in amounts):
                yield f"{one['id']} has amounts of more than four decimals: {amounts}"
        taxes = sum((Decimal(each["amount"]) for each in one["total"]["taxes"]), NOTHING)
        if one["before_taxes"] + taxes != one["after_taxes"]:
            yield f"{one['id']} is {one['before_taxes']} with taxes of {taxes}, and {one['after_taxes']} together"


def a_credit_takes_back_one_cdr_to_nothing(books: Books) -> Iterator[str]:
    """All of one that is no credit, as that was, once."""
    known = {one["id"]: one for one in books.cdrs}
    times = Counter(one["credits"] for one in books.cdrs if one["credits"])
    for one in books.cdrs:
        if one["credits"] is None:
            continue
        old = known.get(one["credits"])
        if old is None or old["credits"] is not None:
            yield f"{one['id']} credits {one['credits']}, which is no CDR that bills"
            continue
        if one["after_taxes"] + old["after_taxes"] or one["before_taxes"] + old["before_taxes"]:
            yield f"{one['id']} credits {one['after_taxes']} of {old['after_taxes']}"
        if any(one[name] != old[name] for name in SAME) or one["issued_at"] < old["issued_at"]:
            yield f"{one['id']} is not as {old['id']}, which it credits"
        if times[old["id"]] > 1:
            yield f"{old['id']} is credited {times[old['id']]} times"


def only_credits_are_negative(books: Books) -> Iterator[str]:
    """And no credit is positive."""
    for one in books.cdrs:
        negative = one["after_taxes"] < 0 or one["before_taxes"] < 0
        if negative and one["credits"] is None:
            yield f"{one['id']} is {one['after_taxes']} and no credit"
        if one["credits"] and (one["after_taxes"] > 0 or one["before_taxes"] > 0):
            yield f"{one['id']} is a credit of {one['after_taxes']}"


def what_stands_is_known_as_billed(books: Books) -> Iterator[str]:
    """The product knows each CDR that was not credited as the one that bills its fact, and no other."""
    if sorted(books.billed) != sorted(one["id"] for one in books.standing):
        yield f"known as billed: {sorted(books.billed)}; standing: {sorted(one['id'] for one in books.standing)}"


def currencies_are_kept_apart(books: Books) -> Iterator[str]:
    """Each CDR is in the currency of the price list of its site that priced each of its lines."""
    sites = {one.location_id: one for one in books.plan.sites}
    for one in books.cdrs:
        prices = sites[one["location_id"]].prices
        lists = {"BOOK": prices.booking, "CHARGE": prices.charging}
        for line in one["lines"]:
            if line["kind"] == "REFUND":
                continue
            name = (line["tariff_id"] or "*BOOK-").rpartition("*")[2].partition("-")[0]
            if lists[name].currency != one["currency"]:
                yield f"{one['id']} in {one['currency']} has a line in {lists[name].currency}: {line}"


def numbers_have_no_gap(books: Books) -> Iterator[str]:
    """From when the operator asked for that, every CDR has the next number, and none is lost."""
    begun = books.log.accounts.numbered_at
    if begun is None or books.numbering is None:
        yield "the operator never asked for numbers: the day is too easy"
        return
    numbers = sorted(one["number"] for one in books.cdrs if one["number"] is not None)
    if numbers != list(range(1, books.numbering[1] + 1)):
        yield f"the numbers are {numbers}, the last is {books.numbering[1]}"
    for one in books.cdrs:
        if (one["issued_at"] >= begun) != (one["number"] is not None):
            yield f"{one['id']} of {one['issued_at']} has the number {one['number']}; it was asked for at {begun}"
        if one["number"] is not None and not one["id"].endswith(f"{one['number']:09}"):
            yield f"{one['id']} has the number {one['number']}"
    in_order = [one["number"] for one in sorted(books.cdrs, key=lambda one: (one["issued_at"], one["number"] or 0))]
    counted = [one for one in in_order if one is not None]
    if counted != sorted(counted):
        yield f"numbers were not given in the order of time: {counted}"


def what_is_billed_never_changes(books: Books) -> Iterator[str]:
    """CDRs and lines are as they first were seen, and the database lets nobody do otherwise to a CDR."""
    for key, looks in books.log.accounts.stored.items():
        if books.stored.get(key) != looks:
            yield f"{key} {'was changed' if key in books.stored else 'is gone'}"
    yield from (f"the database allows: {one}" for one in books.tampered)


def every_cdr_was_told_once(books: Books) -> Iterator[str]:
    """At the moment it was issued."""
    told = Counter((one["object_id"], one["at"]) for one in books.tables.events if one["kind"] == "CDR_ISSUED")
    expected = Counter((one["id"], one["issued_at"]) for one in books.cdrs)
    for key in told | expected:
        if told[key] != expected[key]:
            yield f"{key} was told {told[key]} times"


def every_cdr_is_for_who_used_it(books: Books) -> Iterator[str]:
    """The provider and contract of the truck whose booking it is, or whose card was used."""
    trucks = {one.name: one for one in books.plan.trucks}
    by_card = {card: one for one in trucks.values() for card in (one.card, one.group_card)}
    by_card |= {one.contract_id: one for one in trucks.values() if not one.caller.endswith("fleet")}
    bookings = {made.id.rpartition("*")[2].lower(): trucks[name] for name, made in books.log.bookings.items()}
    uids = {one["id"]: one["uid"] for one in books.tables.sessions}
    for one in books.cdrs:
        truck = bookings.get(one["booking_id"]) or by_card[uids[one["session_id"]]]
        if (one["emsp_id"], one["contract_ids"]) != (truck.emsp_id, [truck.contract_id]):
            yield f"{one['id']} is for {one['emsp_id']} {one['contract_ids']}, not for {truck.name}"


def what_became_of_it_is_as_was_noted(books: Books) -> Iterator[str]:
    """A CDR, or a provider's line, is invoiced and paid as each creditor noted for itself, and due else."""
    noted = books.log.accounts.payments
    of_lines = {(one["id"], "LINE"): (one["state"], one["invoice_id"]) for one in books.lines}
    found = {**books.payments, **of_lines}
    for key in sorted(noted.keys() | found.keys()):
        if noted.get(key, ("DUE", None)) != found.get(key, ("DUE", None)):
            yield f"{key} is {found.get(key)}, noted as {noted.get(key)}"
    if not {("CPO", "PAID"), ("EMSP", "PAID")} <= {(by, state) for (_, by), (state, _) in books.payments.items()}:
        yield "an operator, or a provider, was never paid: the day is too easy"


def _finer(amount: Decimal) -> bool:
    exponent = amount.as_tuple().exponent
    return not isinstance(exponent, int) or exponent < PLACES


CDRS: Sequence[Rule] = (
    the_lines_of_a_cdr_add_up_to_it,
    a_credit_takes_back_one_cdr_to_nothing,
    only_credits_are_negative,
    what_stands_is_known_as_billed,
    currencies_are_kept_apart,
    numbers_have_no_gap,
    what_is_billed_never_changes,
    every_cdr_was_told_once,
    every_cdr_is_for_who_used_it,
    what_became_of_it_is_as_was_noted,
)
LEDGER: Sequence[Rule] = (*CDRS, *FACTS, *LINES, *SHOWN, *EXPORTS)
