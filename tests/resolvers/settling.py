"""What is billed of a site's bookings: settled by workers, waived and given back by its operator, and read."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, TypeVar

from models.db import Connection, Database
from models.rules.bill import BillKind, LineKind
from models.rules.booking import Booking
from models.rules.cdr import Cdr
from models.rules.session import Session
from models.rules.tariff import BookingRestriction, PriceComponent, Tariff, TariffDimension, TariffElement
from models.rules.tariff import TariffRestrictions as When
from models.rules.terms_fee import FeeKind
from models.rules.waiver import Waiver
from resolvers import cdr_numbering, cdrs, lapsing, settling, waivers
from resolvers.cdr_numbering import Numbering
from resolvers.cdrs import CdrFilter, KnownCdr, WantedRefund
from resolvers.waivers import Revocation, WantedWaiver
from tests.factories.catalogue import a_location, a_tariff, an_offer, at
from tests.factories.tokens import published
from tests.resolvers.charging_scenes import WITH_CARD, read, started, stopped
from tests.resolvers.lifecycle import E1, booked
from tests.resolvers.quoting import charging
from tests.resolvers.reminding import by_worker
from tests.world import World, a_key

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)

T = TypeVar("T")


class Cutting(Database):
    """The same database, on the same connections; the server closes some right before they are to commit."""

    def __init__(self, database: Database, every: int) -> None:
        """Take the database to write to, and how many transactions there are for one that is cut."""
        super().__init__(database._pool, database._engine)
        self.every = every
        self.written = 0

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a transaction that may not be committed."""

        async def cut(connection: Connection) -> T:
            result = await work(connection)
            self.written += 1
            if self.written % self.every == 0:
                own = await connection.fetchval("SELECT pg_backend_pid()")
                async with self.reading() as other:
                    assert await other.fetchval("SELECT pg_terminate_backend($1, 5000)", own)
            return result

        return await super().write(cut)


def fees() -> Tariff:
    """Return the tariff of 2.50 a booking, 4.00 a late cancellation, 10.00 a no-show, 6.00 an hour of overtime."""

    def element(price: str, fee: BookingRestriction, dimension: TariffDimension) -> TariffElement:
        return TariffElement((PriceComponent(dimension, Decimal(price), Decimal(21), 1),), When(booking=fee))

    flat, time = TariffDimension.FLAT, TariffDimension.TIME
    return a_tariff(
        elements=(
            element("2.50", BookingRestriction.BOOKING, flat),
            element("4.00", BookingRestriction.BOOKING_CANCELLATION_FEES, flat),
            element("10.00", BookingRestriction.BOOKING_EXPIRES, flat),
            element("6.00", BookingRestriction.BOOKING_OVERTIME, time),
        )
    )


async def open_site(world: World) -> None:
    """Publish a site of two chargers with these fees and 0.50 a kWh, and a driver's card."""
    await world.publish(fees(), charging("0.50"), SITE, OFFER)
    await published(world)


async def settle(world: World) -> int:
    """Do a worker's round, and return how many bookings and walk-ups it settled."""
    return await settling.settle(by_worker(world))


async def granted(world: World) -> Booking:
    """Return a booking of E1 for ten with the fleet's card; its fee is billed."""
    one = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    await settle(world)
    return one


async def no_show(world: World) -> Booking:
    """Return a booking that nobody used, as it is billed."""
    one = await granted(world)
    world.later(at(12))
    await lapsing.no_shows(by_worker(world))
    await settle(world)
    return one


async def overstayed(world: World) -> tuple[Booking, Session]:
    """Return a booking of which charging went on for half an hour after its slot, and its session, as billed."""
    one = await granted(world)
    world.later(at(10))
    session = await started(world, E1)
    world.later(at(11.5))
    await read(world, session, (at(10.75), "100", None))
    session = await stopped(world, session, kwh=Decimal("120.5"))
    await settle(world)
    return one, session


async def waived(world: World, one: Booking, fee: FeeKind = FeeKind.NO_SHOW, caller: str = "cpo") -> Waiver:
    """Return the waiver of a fee; a refusal is raised."""
    return await waivers.waive(await world.call(caller), a_key(), WantedWaiver(one.object_id, fee, "A road closed."))


async def revoked(world: World, one: Waiver, caller: str = "cpo") -> Waiver:
    """Return a waiver that was taken back; a refusal is raised."""
    return await waivers.revoke(await world.call(caller), a_key(), Revocation(one.object_id, "It was open."))


async def refunded(world: World, cdr: Cdr, amount: str, caller: str = "cpo") -> KnownCdr:
    """Give back a part of what a CDR billed; a refusal is raised."""
    wanted = WantedRefund(cdr.object_id, Decimal(amount), "The bay was dirty.")
    return await cdrs.refund(await world.call(caller), a_key(), wanted)


async def numbered(world: World, prefix: str = "A-") -> None:
    """Let the operator's CDRs be numbered."""
    await cdr_numbering.set(await world.call("cpo"), a_key(), Numbering(prefix))


async def issued(world: World, caller: str = "cpo", **asked: Any) -> list[Cdr]:
    """Return the CDRs of a caller in the order in which they were issued."""
    page = await cdrs.page(await world.call(caller), CdrFilter(**asked), first=500, after=None)
    return [one.cdr for one, _ in page.items]


async def standing(world: World, one: Booking) -> list[Cdr]:
    """Return the CDRs of a booking that bill it now: no credits, and none that was credited."""
    (found,) = await cdrs.of_bookings(await world.call("cpo"), [one.object_id])
    return [each.cdr for each in found if not each.cdr.credit and each.standing.credited_by is None]


def kinds(found: list[Cdr]) -> set[BillKind]:
    """Return what CDRs bill."""
    return {one.kind for one in found}


def lines(one: Cdr) -> list[tuple[LineKind, Decimal]]:
    """Return the lines of a CDR, each with what it costs before taxes."""
    return [(line.kind, line.price.before_taxes) for line in one.lines]
