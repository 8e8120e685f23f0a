"""What an EMSP adds beside what an operator charges: a site with prices and one without, fees, and their lines."""

from decimal import Decimal
from typing import Any

from models.rules.booking import Booking
from models.rules.provider_line import ProviderLine
from resolvers import bookings, provider_fees, provider_lines, settling
from resolvers.booking_cancel import Cancellation
from resolvers.provider_fees import FeesToWithdraw, FeeToPublish
from resolvers.provider_lines import LineFilter
from tests.factories.catalogue import a_location, an_offer
from tests.factories.fleet import a_fee, fees
from tests.factories.tokens import a_token, published
from tests.models.databases import run
from tests.resolvers.lifecycle import booked, booking_tariff
from tests.resolvers.quoting import TEN_TO_ELEVEN, charging
from tests.resolvers.reminding import by_worker
from tests.world import OTHER_CONTRACT, World, a_key

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"], "E3": ["B3"], "E4": ["B4"]})
OFFER = an_offer(SITE)
FREE = an_offer(SITE, "FREE", tariff_ids=())
"""Whose bookings cost nothing but what the EMSP adds."""

CHARGERS = tuple(f"{SITE.id}*E{number}" for number in (1, 2, 3, 4))
OTHERS_CARD = "0FF0FF"
ALL = LineFilter()
SHOWN = """
SELECT kind, fee_id, (price->>'before_taxes')::numeric, credits IS NOT NULL FROM provider_line
ORDER BY issued_at, kind, fee_id, credits IS NOT NULL
"""


async def the_site(world: World, *wanted: FeeToPublish) -> None:
    """Publish the site at 2.50 a booking and 0.50 a kWh, cards of two fleets, and what their EMSP adds."""
    await world.publish(booking_tariff(cancellation="4.00"), charging("0.50"), SITE, OFFER, FREE)
    await published(world, a_token(), a_token(OTHERS_CARD, contract_id=OTHER_CONTRACT))
    if wanted:
        await publish(world, *wanted)


async def publish(world: World, *wanted: FeeToPublish, caller: str = "emsp") -> None:
    """Let an EMSP publish what it adds from now on."""
    await provider_fees.publish(await world.call(caller), a_key(), fees(*wanted))


async def withdraw(world: World, *fee_ids: str) -> None:
    """Let the EMSP add no more by some fees."""
    await provider_fees.withdraw(await world.call("emsp"), a_key(), FeesToWithdraw(fee_ids))


def a_sum(amount: str, name: str = "SERVICE", **changes: Any) -> FeeToPublish:
    """Return a fee of a sum for each booking."""
    return a_fee(name, **{"per_booking": Decimal(amount), "percentage": Decimal(0), **changes})


def a_share(percentage: str, name: str = "SHARE", **changes: Any) -> FeeToPublish:
    """Return a fee of a percentage of what the operator charges."""
    return a_fee(name, **{"per_booking": Decimal(0), "percentage": Decimal(percentage), **changes})


def a_month(amount: str, name: str = "MONTH", **changes: Any) -> FeeToPublish:
    """Return a fee for each month in which a contract is used."""
    plain = {"per_booking": Decimal(0), "percentage": Decimal(0), "per_month": Decimal(amount)}
    return a_fee(name, **{**plain, **changes})


async def booked_by_fleet(world: World, period: Any = TEN_TO_ELEVEN, evse_id: str = CHARGERS[0]) -> Booking:
    """Return a booking that the fleet made."""
    return await booked(world, OFFER, period, "fleet", evse_id=evse_id)


async def canceled(world: World, one: Booking, caller: str, reason: Any) -> None:
    """Cancel a booking in time."""
    wanted = Cancellation(one.object_id, reason)
    await bookings.cancel(await world.call(caller), a_key(), wanted)


async def settled(world: World) -> int:
    """Do a worker's round, and return how much was settled."""
    return await settling.settle(by_worker(world))


async def months_taken(world: World) -> int:
    """Do a worker's round, and return of how many EMSPs months were taken."""
    return await provider_lines.take_months(by_worker(world))


async def lines(world: World, caller: str = "emsp", wanted: LineFilter = ALL) -> list[ProviderLine]:
    """Return the lines that a caller lists."""
    page = await provider_lines.page(await world.call(caller), wanted, first=500, after=None)
    return [one for one, _ in page.items]


async def taken(dsn: str) -> list[tuple[str, str, Decimal, bool]]:
    """Return of every line its kind, fee, amount before taxes and whether it is a credit, as they were issued."""
    return [
        (str(kind), str(fee), Decimal(str(amount)), bool(credit))
        for kind, fee, amount, credit in await run(dsn, SHOWN)
    ]
