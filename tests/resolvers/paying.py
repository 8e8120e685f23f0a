"""CDRs that are due, what their creditors note of them, and how each reader stands to them."""

from models.queries import cdr_payments
from models.rules.cdr import Creditor, named
from models.rules.payment import Payment, PaymentState
from resolvers import cdrs
from resolvers.cdrs import Invoicing, KnownCdr, Paying
from tests.factories.catalogue import hours
from tests.resolvers.lifecycle import booked
from tests.resolvers.settling import OFFER, issued, open_site, settle
from tests.world import World, a_key

DUE, INVOICED, PAID = PaymentState.DUE, PaymentState.INVOICED, PaymentState.PAID
NOT_YET = Payment()
CREDITORS = {"cpo": Creditor.CPO, "emsp": Creditor.EMSP}


async def three_due(world: World) -> tuple[str, ...]:
    """Return the ids of three CDRs of the fleet that are due."""
    await open_site(world)
    for start in (10, 11, 12):
        await booked(world, OFFER, hours(start, start + 1), "fleet")
    await settle(world)
    return tuple(one.object_id for one in await issued(world))


async def invoiced(
    world: World, *ids: str, caller: str = "emsp", invoice_id: str = "FLEET-1", key: str | None = None
) -> list[KnownCdr]:
    """Let a creditor put CDRs on an invoice; a refusal is raised."""
    return await cdrs.invoice(await world.call(caller), key or a_key(), Invoicing(ids, invoice_id))


async def paid(world: World, *ids: str, caller: str = "emsp", key: str | None = None) -> list[KnownCdr]:
    """Let a creditor note that CDRs were paid; a refusal is raised."""
    return await cdrs.pay(await world.call(caller), key or a_key(), Paying(ids))


async def told(world: World, caller: str, ids: tuple[str, ...]) -> list[tuple[Payment, Payment | None]]:
    """Return how a caller stands to CDRs, and what it is told of how their EMSP stands to its fleet."""
    found = await cdrs.many(await world.call(caller), ids)
    return [(one.standing.payment, one.standing.of_fleet) for one in found if one is not None]


async def noted(world: World, creditor: Creditor, ids: tuple[str, ...]) -> list[Payment]:
    """Return what a creditor noted of CDRs."""
    keys = [key for key in map(named, ids) if key is not None]
    async with world.database.reading() as connection:
        found = await cdr_payments.records(connection, keys)
    return [found[key].of[creditor] for key in keys]
