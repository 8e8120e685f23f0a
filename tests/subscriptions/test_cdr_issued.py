"""CDRs as they are issued, credits too, to whom they concern (BUC 4.1, 4.4)."""

import asyncio
from typing import Any

import pytest

from models.rules.booking_state import CanceledReason
from resolvers import bookings, mandates
from resolvers.booking_cancel import Cancellation
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant, MandateToRevoke
from tests.factories.catalogue import hours
from tests.resolvers.charging_scenes import WITH_CARD
from tests.resolvers.lifecycle import booked
from tests.resolvers.settling import OFFER, issued, open_site, settle
from tests.subscriptions.streams import Stream, subscribed
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

ISSUED = """
subscription ($after: EventCursor) {
  cdrIssued(after: $after) {
    __typename
    ... on CdrIssued { cursor at cdr { id kind credit creditReferenceId creditedBy total { afterTaxes } } }
    ... on ResyncRequired { reason }
  }
}
"""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site where a booking costs something."""
    await open_site(world)


async def listening(world: World, stream: Stream) -> "asyncio.Task[dict[str, Any]]":
    """Return the task that waits for the next message, once the subscription has begun."""
    waiting = asyncio.create_task(stream.next())
    await world.feed.synced()
    return waiting


async def begun(world: World, caller: str) -> str:
    """Return the cursor of the first CDR of a caller's, behind which everything follows."""
    async with subscribed(world, caller, ISSUED) as stream:
        waiting = await listening(world, stream)
        own = "other_emsp" if caller == "other_emsp" else "emsp"
        whom = ForWhom() if caller == "other_emsp" else WITH_CARD
        await booked(world, OFFER, hours(8, 9), own, whom=whom)
        await settle(world)
        return str((await waiting)["cursor"])


@pytest.mark.parametrize("caller", ["cpo", "emsp", "fleet"])
async def test_operator_provider_and_fleet_are_told_of_a_cdr_at_once(world: World, caller: str) -> None:
    async with subscribed(world, caller, ISSUED) as stream:
        waiting = await listening(world, stream)
        await booked(world, OFFER, whom=WITH_CARD)
        await settle(world)
        heard = await waiting

    (one,) = await issued(world)
    assert heard["cdr"] == {
        "id": one.object_id,
        "kind": "BOOKING",
        "credit": False,
        "creditReferenceId": None,
        "creditedBy": None,
        "total": {"afterTaxes": "3.0250"},
    }


async def test_a_credit_is_told_too_and_whoever_resumes_misses_nothing(world: World) -> None:
    after = await begun(world, "fleet")
    one = await booked(world, OFFER, whom=WITH_CARD)
    await settle(world)
    wanted = Cancellation(one.object_id, CanceledReason.TRAFFIC)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted)
    await settle(world)

    async with subscribed(world, "fleet", ISSUED, after=after) as stream:
        first = await stream.next()
    async with subscribed(world, "fleet", ISSUED, after=first["cursor"]) as stream:
        second = await stream.next()

    assert (first["cdr"]["creditedBy"], first["cdr"]["credit"]) == (second["cdr"]["id"], False)
    assert (second["cdr"]["creditReferenceId"], second["cdr"]["credit"]) == (first["cdr"]["id"], True)
    assert second["cdr"]["total"] == {"afterTaxes": "-3.0250"}


async def test_nobody_is_told_of_anothers_cdrs(world: World) -> None:
    after = await begun(world, "other_emsp")
    await booked(world, OFFER, whom=WITH_CARD)
    await settle(world)
    own = await booked(world, OFFER, hours(12, 13), "other_emsp")
    await settle(world)

    async with subscribed(world, "other_emsp", ISSUED, after=after) as stream:
        heard = await stream.next()

    (last,) = await issued(world, booking_ids=(own.object_id,))
    assert heard["cdr"]["id"] == last.object_id


async def test_whoever_booked_on_behalf_of_another_is_told_while_it_has_the_mandate(world: World) -> None:
    mandate = await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    after = await begun(world, "other_emsp")
    on_behalf = await booked(world, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
    await settle(world)
    own = await booked(world, OFFER, hours(12, 13), "other_emsp")
    await settle(world)

    async with subscribed(world, "other_emsp", ISSUED, after=after) as stream:
        before = await stream.next()
    await mandates.revoke(await world.call("emsp"), a_key(), MandateToRevoke(str(mandate.id)))
    async with subscribed(world, "other_emsp", ISSUED, after=after) as stream:
        then = await stream.next()

    (of_other,) = await issued(world, booking_ids=(on_behalf.object_id,))
    (of_own,) = await issued(world, booking_ids=(own.object_id,))
    assert (before["cdr"]["id"], then["cdr"]["id"]) == (of_other.object_id, of_own.object_id)


@pytest.mark.parametrize(
    ("caller", "code"),
    [(None, "UNAUTHENTICATED"), ("nsp", "FORBIDDEN"), ("nap", "FORBIDDEN"), ("admin", "FORBIDDEN")],
)
async def test_cdrs_are_for_those_whom_bookings_concern(world: World, caller: str | None, code: str) -> None:
    async with subscribed(world, caller, ISSUED) as stream:
        assert (await stream.refusal())[0] == code
