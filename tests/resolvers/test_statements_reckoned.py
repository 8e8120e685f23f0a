"""Every statement, however divided and whoever reads it, is what its CDRs and lines add up to, reckoned otherwise."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

import pytest

from models.rules.bill import BillKind
from models.rules.cdr import PaymentState
from models.rules.license_plate import folded
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

    def amount(self, name: str, *states: PaymentState) -> Decimal:
        """Return what the CDRs in some states, or in any, come to."""
        of = [one.cdr.total for one in self.billed if not states or one.standing.state in states]
        return to_cents(sum((getattr(each, name) for each in of), NOTHING))

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
        due=heap.amount("after_taxes", PaymentState.DUE),
        invoiced=heap.amount("after_taxes", PaymentState.INVOICED),
        paid=heap.amount("after_taxes", PaymentState.PAID),
        provider=to_cents(sum((one.price.after_taxes for one in heap.added), NOTHING)),
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
) -> list[StatementLine]:
    """Return a statement as it is read page by page."""
    found: list[StatementLine] = []
    after: tuple[str, ...] | None = None
    while True:
        wanted = WantedStatement(ALL, division)
        page = await statements.page(await world.call(reader), wanted, first=first, after=after)
        found += [one for one, _ in page.items]
        if not page.has_next:
            return found
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
            whole, parts = [await in_pages(world, reader, division, first) for first in (500, 2)]
            assert sorted(whole, key=lambda one: one.key) == expected
            assert parts == whole


async def test_there_is_something_of_every_kind_to_add_up(world: World) -> None:
    await two_months(world)
    page = await cdrs.page(await world.call("cpo"), CdrFilter(), first=500, after=None)
    found, added = [one for one, _ in page.items], await lines(world)

    assert {one.standing.state for one in found} == set(PaymentState)
    assert {one.cdr.credit for one in found} == {True, False}
    assert {one.cdr.currency for one in found} == {"EUR", "CHF"}
    assert {one.cdr.kind for one in found} >= {BillKind.BOOKING, BillKind.SESSION}
    assert {f"{one.cdr.issued_at:%m}" for one in found} == {"12", "01"}
    assert any(one.cdr.booking_id is None for one in found)
    assert {one.kind for one in added} == set(ProviderLineKind)
    for name in ("license_plate", "contract_id"):
        spelt = {getattr(one.cdr, name) for one in found} - {None}
        assert len(spelt) > len({folded(each) for each in spelt}), name
    assert len(await in_pages(world, "emsp", tuple(StatementGroup), 500)) > 10
