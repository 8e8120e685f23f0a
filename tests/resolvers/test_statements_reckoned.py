"""Every statement, however divided and whoever reads it, is what its CDRs and lines add up to, reckoned otherwise."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

import pytest

from models.rules.bill import BillKind
from models.rules.license_plate import folded
from models.rules.payment import PaymentState
from models.rules.provider_line import ProviderLine, ProviderLineKind
from models.rules.statement import StatementGroup, StatementLine, to_cents
from models.rules.token import contract_key
from resolvers import cdrs, statements
from resolvers.cdrs import CdrFilter, KnownCdr
from resolvers.statements import WantedStatement
from tests.resolvers.adding import lines
from tests.resolvers.owing import ALL, two_months
from tests.world import FLEETS, World

pytestmark = pytest.mark.anyio

READERS = ("cpo", "emsp", "fleet", "other_fleet")
DIVISIONS = [each for number in range(5) for each in combinations(StatementGroup, number)]
VEHICLE, CONTRACT, LOCATION, MONTH = StatementGroup
DUE, INVOICED, PAID = PaymentState
NOTHING = Decimal(0)


@dataclass
class Heap:
    """What belongs to one group."""

    billed: list[KnownCdr] = field(default_factory=list)
    added: list[ProviderLine] = field(default_factory=list)

    def spelling(self, name: str, key: str) -> str | None:
        """Return the first of the spellings of what the group is known by; None if that is nothing."""
        of = [*(one.cdr for one in self.billed), *self.added]
        return min(getattr(one, name) for one in of) if key else None

    def amount(self, name: str) -> Decimal:
        """Return what the CDRs come to."""
        return to_cents(sum((getattr(one.cdr.total, name) for one in self.billed), NOTHING))

    def part(self, state: PaymentState) -> Decimal:
        """Return what the CDRs come to that are in a state, as the reader stands to them."""
        of = [one.cdr.total.after_taxes for one in self.billed if one.standing.payment.state is state]
        return to_cents(sum(of, NOTHING))

    def of_fleet(self, state: PaymentState) -> Decimal:
        """Return what the CDRs come to that are in a state as their fleet stands to its EMSP, where that is told."""
        told = [(one.cdr.total.after_taxes, one.standing.of_fleet) for one in self.billed]
        return to_cents(sum((amount for amount, of in told if of is not None and of.state is state), NOTHING))

    def added_part(self, *states: PaymentState) -> Decimal:
        """Return what the lines come to that are in some states."""
        return to_cents(sum((one.price.after_taxes for one in self.added if one.state in states), NOTHING))

    def energy(self, *, green: bool = False) -> Decimal:
        """Return the energy of the CDRs, or how much of it is green, in kWh."""
        found = NOTHING
        for one in self.billed:
            share = (one.cdr.place.green_share or NOTHING) / 100 if green else Decimal(1)
            found += one.cdr.energy * share * (-1 if one.cdr.credit else 1)
        return found


def line(key: tuple[str, ...], heap: Heap) -> StatementLine:
    """Return what a group comes to, reckoned from all that belongs to it."""
    vehicle, contract, location, month, currency = key
    return StatementLine(
        vehicle=heap.spelling("license_plate", vehicle),
        contract_id=heap.spelling("contract_id", contract),
        location_id=location or None,
        month=month or None,
        currency=currency,
        bookings=len({one.cdr.booking_id for one in heap.billed} - {None}),
        sessions=len({one.cdr.bill.session_id for one in heap.billed} - {None}),
        cdrs=len(heap.billed),
        energy=heap.energy(),
        green_energy=heap.energy(green=True),
        before_taxes=heap.amount("before_taxes"),
        after_taxes=heap.amount("after_taxes"),
        due=heap.part(DUE),
        invoiced=heap.part(INVOICED),
        paid=heap.part(PAID),
        fleet_due=heap.of_fleet(DUE),
        fleet_invoiced=heap.of_fleet(INVOICED),
        fleet_paid=heap.of_fleet(PAID),
        provider=heap.added_part(*PaymentState),
        provider_due=heap.added_part(DUE),
        provider_invoiced=heap.added_part(INVOICED),
        provider_paid=heap.added_part(PAID),
    )


def reckoned(
    billed: list[KnownCdr], added: list[ProviderLine], division: tuple[StatementGroup, ...], own: str | None
) -> list[StatementLine]:
    """Return a statement of CDRs and lines, by its keys; a fleet is told its `own` contract only."""
    heaps: dict[tuple[str, ...], Heap] = defaultdict(Heap)

    def heap(one: ProviderLine | None, cdr: KnownCdr | None) -> Heap:
        of = one or (cdr.cdr if cdr else None)
        assert of is not None
        contract = contract_key(of.contract_id or "")
        parts = {
            VEHICLE: folded(of.license_plate or ""),
            CONTRACT: contract if own is None or contract == contract_key(own) else None,
            LOCATION: of.location_id,
            MONTH: f"{of.issued_at:%Y-%m}",
        }
        key = tuple((parts[group] or "") if group in division else "" for group in StatementGroup)
        return heaps[*key, of.currency]

    for each in billed:
        heap(None, each).billed.append(each)
    for share in added:
        heap(share, None).added.append(share)
    return [line(key, heaps[key]) for key in sorted(heaps)]


async def in_pages(
    world: World, reader: str, division: tuple[StatementGroup, ...], first: int
) -> tuple[list[StatementLine], list[StatementLine]]:
    """Return a statement as it is read page by page, in either way, and what all comes to as the last page says."""
    found: list[StatementLine] = []
    after: tuple[str, ...] | None = None
    while True:
        wanted = WantedStatement(ALL, division)
        page = await statements.page(await world.call(reader), wanted, first=first, after=after)
        both = await statements.read(await world.call(reader), wanted, first=first, after=after)
        assert both.page == page
        found += [one for one, _ in page.items]
        if not page.has_next:
            return found, list(both.totals)
        after = page.items[-1][1]


@pytest.mark.parametrize("seed", [1, 2, pytest.param(3, marks=pytest.mark.long)])
async def test_a_statement_is_what_its_cdrs_and_lines_add_up_to(world: World, seed: int) -> None:
    await two_months(world, seed)
    for reader in READERS:
        page = await cdrs.page(await world.call(reader), CdrFilter(), first=500, after=None)
        billed = [one for one, _ in page.items]
        added = await lines(world, reader) if reader != "cpo" else []
        own = FLEETS.get(reader)
        for division in DIVISIONS:
            expected = reckoned(billed, added, division, own)
            (whole, totals), (parts, same) = [await in_pages(world, reader, division, first) for first in (500, 2)]
            assert sorted(whole, key=lambda one: one.key) == expected
            assert parts == whole
            assert totals == same == reckoned(billed, added, (), own)


async def test_there_is_something_of_every_kind_to_add_up(world: World) -> None:
    await two_months(world)
    page = await cdrs.page(await world.call("emsp"), CdrFilter(), first=500, after=None)
    found, added = [one for one, _ in page.items], await lines(world)
    both = {(one.standing.payment.state, one.standing.of_fleet.state) for one in found if one.standing.of_fleet}

    assert {of_operator for of_operator, _ in both} == {of_emsp for _, of_emsp in both} == set(PaymentState)
    assert any(of_operator is not of_emsp for of_operator, of_emsp in both)
    assert {one.state for one in added} == set(PaymentState)
    assert {one.cdr.credit for one in found} == {True, False}
    assert {one.cdr.currency for one in found} == {"EUR", "CHF"}
    assert {one.cdr.kind for one in found} >= {BillKind.BOOKING, BillKind.SESSION}
    assert {f"{one.cdr.issued_at:%m}" for one in found} == {"12", "01"}
    assert any(one.cdr.booking_id is None for one in found)
    assert {one.kind for one in added} == set(ProviderLineKind)
    for name in ("license_plate", "contract_id"):
        spelt = {getattr(one.cdr, name) for one in found} - {None}
        assert len(spelt) > len({folded(each) for each in spelt}), name
    whole, _ = await in_pages(world, "emsp", tuple(StatementGroup), 500)
    assert len(whole) > 10
