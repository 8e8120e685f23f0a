"""A fleet reads page by page what is under its contracts: each row once and in order, however many it has."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from models.rules.booking import BookingToken
from models.rules.cdr import Cdr
from models.rules.interval import Interval
from models.rules.provider_line import ProviderLine
from models.rules.role import Role
from models.rules.token import contract_keys
from resolvers import cdrs, parties, provider_lines, statements
from resolvers.cdrs import CdrFilter
from resolvers.for_whom import ForWhom
from resolvers.pages import Page
from resolvers.provider_lines import LineFilter
from resolvers.statements import WantedStatement
from tests.factories.catalogue import at, hours
from tests.resolvers.adding import CHARGERS, OFFER, a_share, a_sum, settled, the_site
from tests.resolvers.lifecycle import booked
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio
T = TypeVar("T")

PLAIN = "nlemsc00000001a"
BOOKED = [
    (FLEET_CONTRACT,),
    (OTHER_CONTRACT,),
    (FLEET_CONTRACT, OTHER_CONTRACT),
    (),
    (FLEET_CONTRACT, PLAIN),
    ("1-11",),
    ("11-1",),
    (PLAIN,),
    ("1-11", OTHER_CONTRACT),
    ("-",),
]
"""Under which contracts there are bookings; two of them are alike but for where they are separated."""

OWN = [
    (FLEET_CONTRACT,),
    (OTHER_CONTRACT, PLAIN),
    ("11-1",),
    ("1-11", "11-1"),
    ("-", FLEET_CONTRACT),
    ("NL-EMS-C00000009-X",),
]
"""Of which contracts a fleet has an API token."""


Pages = Callable[[tuple[str, ...] | None], Awaitable[Page[T]]]


async def all_of(pages: Pages[T]) -> list[T]:
    """Return what is on all pages, from the first to the last."""
    found: list[T] = []
    after = None
    while True:
        page = await pages(after)
        found += [one for one, _ in page.items]
        if not page.has_next:
            return found
        after = page.items[-1][1]


async def bills(world: World, caller: str, first: int) -> list[Cdr]:
    """Return the CDRs that a caller lists, read so many at a time."""
    call = await world.call(caller)
    return [one.cdr for one in await all_of(lambda after: cdrs.page(call, CdrFilter(), first=first, after=after))]


async def added(world: World, caller: str, first: int) -> list[ProviderLine]:
    """Return what an EMSP adds as a caller lists it, read so many lines at a time."""
    call = await world.call(caller)
    return await all_of(lambda after: provider_lines.page(call, LineFilter(), first=first, after=after))


@pytest.mark.parametrize("own", OWN)
async def test_a_fleet_reads_what_is_under_its_contracts_once_and_in_order(
    world: World, own: tuple[str, ...]
) -> None:
    await the_site(world, a_sum("0.75"), a_share("10"))
    for number, contracts in enumerate(BOOKED):
        cards = tuple(BookingToken("NL", "EMS", f"CARD{one}", "RFID", one) for one in contracts)
        await booked(world, OFFER, hours(8 + number, 9 + number), evse_id=CHARGERS[0], whom=ForWhom(tokens=cards))
        await settled(world)
        world.later(at(6 + number / 100 + 0.01))
    world.secrets["own"] = await parties.create_token(world.database, "NL*EMS", Role.TO, world.now, contract_ids=own)

    def is_own(contract_ids: tuple[str, ...]) -> bool:
        return not contract_keys(contract_ids).isdisjoint(contract_keys(own))

    every, lines = await bills(world, "emsp", 50), await added(world, "emsp", 50)
    owed = [one for one in every if is_own(one.parties.contract_ids)]
    day = WantedStatement(Interval(at(0), at(24)), ())
    shown = await statements.page(await world.call("own"), day, first=10, after=None)

    assert (len(every), len(lines)) == (len(BOOKED), 2 * len(BOOKED))
    for first in (1, 50):  # what is there twice at one place is skipped from page to page, and shown on one
        assert await bills(world, "own", first) == owed
        assert await added(world, "own", first) == [one for one in lines if is_own(one.contract_ids)]
    assert sum(one.cdrs for one, _ in shown.items) == len(owed)
