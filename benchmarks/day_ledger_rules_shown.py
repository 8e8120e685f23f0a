"""What parties of a simulated day must be shown: CDRs, providers' lines and statements, each all of its own."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from decimal import ROUND_HALF_UP, Decimal

from benchmarks.day_ledger import CALLERS, GROUPS, OWING, Books
from benchmarks.day_log import Told
from benchmarks.day_plan import FLEETS, PROVIDERS
from benchmarks.day_tables import Row

CENTS = Decimal("0.01")
NOTHING = Decimal(0)
OF_FLEET = ("fleetDue", "fleetInvoiced", "fleetPaid")
OF_PROVIDER = ("providerDue", "providerInvoiced", "providerPaid")
OF_PROVIDERS_ONLY = (*OF_FLEET, "providerAfterTaxes", *OF_PROVIDER)
"""What no operator is told."""

OWED = ("afterTaxes", "due", "invoiced", "paid")
ADDED = ("energy", "greenEnergy", "beforeTaxes", *OWED, *OF_PROVIDERS_ONLY)
PARTS = {OWED[1:]: "afterTaxes", OF_FLEET: "afterTaxes", OF_PROVIDER: "providerAfterTaxes"}
"""Which amounts of a line of a statement add up to which."""

COUNTED = ("bookings", "sessions", "cdrs")
Group = tuple[str | None, ...]


@dataclass(slots=True)
class Sums:
    """What one group of a statement comes to."""

    amounts: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    bookings: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    cdrs: int = 0

    def add(self, one: Row, state: str, fleet_state: str) -> None:
        """Add a CDR, as the reader stands to it, and as its provider does to the fleet; a credit takes energy off."""
        sign = -1 if one["credits"] else 1
        self.cdrs += 1
        self.bookings |= {one["booking_id"]} - {None}
        self.sessions |= {one["session_id"]} - {None}
        self.amounts["energy"] += sign * one["energy"]
        self.amounts["greenEnergy"] += sign * one["energy"] * Decimal(one["green"] or 0) / 100
        self.amounts["beforeTaxes"] += one["before_taxes"]
        self.amounts["afterTaxes"] += one["after_taxes"]
        self.amounts[state.lower()] += one["after_taxes"]
        self.amounts[f"fleet{fleet_state.capitalize()}"] += one["after_taxes"]

    def add_line(self, one: Row) -> None:
        """Add what a provider takes."""
        amount = Decimal(one["price"]["after_taxes"])
        self.amounts["providerAfterTaxes"] += amount
        self.amounts[f"provider{one['state'].capitalize()}"] += amount

    def told(self, *, provider: bool) -> dict[str, object]:
        """Return it as a statement has it: amounts to cents, half up, each sum once."""
        found: dict[str, object] = {
            "bookings": len(self.bookings),
            "sessions": len(self.sessions),
            "cdrs": self.cdrs,
            "energy": self.amounts["energy"],
            "greenEnergy": self.amounts["greenEnergy"],
        }
        for name in ADDED[2:]:
            found[name] = self.amounts[name].quantize(CENTS, ROUND_HALF_UP)
        return found if provider else found | dict.fromkeys(OF_PROVIDERS_ONLY)


def everybody_is_shown_its_own_cdrs_and_all_of_them(books: Books) -> Iterator[str]:
    """An operator its own, a provider its own, a fleet those under its contract, once each; nobody else any."""
    for caller in CALLERS:
        expected = {one["id"] for one in cdrs_of(books, caller)}
        shown = set(books.shown[caller].cdrs or ())
        if shown != expected:
            yield f"{caller} is shown {sorted(shown - expected)} too much, and not {sorted(expected - shown)}"


def what_providers_add_is_shown_to_them_and_their_fleets_only(books: Books) -> Iterator[str]:
    """Each line once in the list, and once beside the CDR of which it is a share."""
    for caller in CALLERS:
        shown, expected = books.shown[caller], _lines_of(books, caller)
        if sorted(shown.lines or ()) != sorted(one["id"] for one in expected):
            yield f"{caller} is shown {len(shown.lines or ())} lines, of {len(expected)} that are its own"
        if shown.lines is not None and caller not in (*PROVIDERS, *FLEETS):
            yield f"{caller} may ask for what providers add"
        beside = sorted(one for found in (shown.cdrs or {}).values() for one in found)
        if beside != sorted(one["id"] for one in expected if one["cdr_id"] is not None):
            yield f"{caller} is shown {len(beside)} lines beside CDRs"


def every_statement_adds_up_by_every_grouping(books: Books) -> Iterator[str]:
    """Group by group, and in all, by currency, what it comes to is the sum of the CDRs and lines in it."""
    for caller in OWING:
        for groups, (lines, totals) in books.shown[caller].statements.items():
            expected = _statement(books, caller, groups)
            found = {_group(one): one for one in lines}
            if len(found) != len(lines):
                yield f"the statement of {caller} by {groups} has a group twice"
            for group in sorted(expected.keys() | found.keys(), key=str):
                yield from _differences(caller, groups, group, expected.get(group), found.get(group))
            whole = _statement(books, caller, ())
            together = {_group(one): one for one in totals}
            for group in sorted(whole.keys() | together.keys(), key=str):
                yield from _differences(caller, ("in all",), group, whole.get(group), together.get(group))


def what_is_due_invoiced_and_paid_is_all_of_it(books: Books) -> Iterator[str]:
    """Of what operators charge to each side, and of what providers add, in every line, but for a cent."""
    for caller in OWING:
        for groups, (lines, totals) in books.shown[caller].statements.items():
            for line in (*lines, *totals):
                for parts, whole in PARTS.items():
                    told = [Decimal(line[name]) for name in parts if line[name] is not None]
                    if told and abs(sum(told, NOTHING) - Decimal(line[whole])) > CENTS:
                        yield f"{parts} of {caller} by {groups} come to {sum(told)}, not to {line[whole]}: {line}"
                    if len(told) != (len(parts) if caller in (*PROVIDERS, *FLEETS) or parts == OWED[1:] else 0):
                        yield f"{caller} by {groups} is told {len(told)} of {parts}"


def what_providers_and_fleets_owe_is_what_the_operator_is_owed(books: Books) -> Iterator[str]:
    """The statements of all EMSPs come to that of the operator, to the cent for each of them, in each currency.

    So does what of it is due, invoiced and paid, however their fleets stand to them.
    """
    owed = _totals(books, ["cpo"])
    owing = _totals(books, list(PROVIDERS))
    for key in owed.keys() | owing.keys():
        if abs(owed[key] - owing[key]) > CENTS * len(PROVIDERS):
            yield f"EMSPs owe {owing[key]} {key}, the operator is owed {owed[key]}"


def _totals(books: Books, callers: Sequence[str]) -> defaultdict[tuple[str, str], Decimal]:
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for caller in callers:
        for one in books.shown[caller].statements[()][1]:
            for name in OWED:
                found[name, one["currency"]] += Decimal(one[name])
    return found


def _statement(books: Books, caller: str, groups: Sequence[str]) -> dict[Group, Told]:
    """Return what a statement is to say, group by group."""
    sums: defaultdict[Group, Sums] = defaultdict(Sums)
    for one in cdrs_of(books, caller):
        noted = {each: books.payments.get((one["id"], each), ("DUE", ""))[0] for each in ("CPO", "EMSP")}
        sums[_keys(one, caller, groups)].add(one, noted["EMSP" if caller in FLEETS else "CPO"], noted["EMSP"])
    for one in _lines_of(books, caller):
        sums[_keys(one, caller, groups)].add_line(one)
    provider = caller in (*PROVIDERS, *FLEETS)
    return {group: one.told(provider=provider) for group, one in sums.items()}


def _keys(one: Row, caller: str, groups: Sequence[str]) -> Group:
    shown = caller not in FLEETS or one["contract_id"] == FLEETS[caller]
    values = {
        "VEHICLE": one["license_plate"],
        "CONTRACT": one["contract_id"] if shown else None,
        "LOCATION": one["location_id"],
        "MONTH": f"{one['issued_at'].astimezone(UTC):%Y-%m}",
    }
    return (*(values[name] if name in groups else None for name in GROUPS), one["currency"])


def _group(line: Told) -> Group:
    return line["vehicle"], line["contractId"], line["locationId"], line["month"], line["currency"]


def _differences(
    caller: str, groups: Sequence[str], group: Group, expected: Told | None, found: Told | None
) -> Iterator[str]:
    if expected is None or found is None:
        yield f"the statement of {caller} by {groups} {'has' if found else 'lacks'} {group}"
        return
    for name, value in expected.items():
        told = found[name] if found[name] is None or name in COUNTED else Decimal(found[name])
        if told != value:
            yield f"the statement of {caller} by {groups} says of {group} that {name} is {told}, not {value}"


def cdrs_of(books: Books, caller: str) -> list[Row]:
    """Return the CDRs that concern a caller."""
    if caller in FLEETS:
        return [one for one in books.cdrs if _of_fleet(one, caller)]
    return [one for one in books.cdrs if CALLERS[caller] in (one["emsp_id"], one["id"].rpartition("*")[0])]


def _lines_of(books: Books, caller: str) -> list[Row]:
    """Return what providers added that concerns a caller."""
    if caller in FLEETS:
        return [one for one in books.lines if _of_fleet(one, caller)]
    return [one for one in books.lines if caller in PROVIDERS and one["emsp_id"] == CALLERS[caller]]


def _of_fleet(one: Row, fleet: str) -> bool:
    return bool(one["emsp_id"] == CALLERS[fleet] and FLEETS[fleet] in one["contract_ids"])


SHOWN = (
    everybody_is_shown_its_own_cdrs_and_all_of_them,
    what_providers_add_is_shown_to_them_and_their_fleets_only,
    every_statement_adds_up_by_every_grouping,
    what_is_due_invoiced_and_paid_is_all_of_it,
    what_providers_and_fleets_owe_is_what_the_operator_is_owed,
)
