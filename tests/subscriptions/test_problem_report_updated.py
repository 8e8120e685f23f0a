"""Reports of booked chargers as they are made, and as something comes of them, to whom they concern (BUC 3.10)."""

import asyncio
from typing import Any

import pytest

from models.rules.problem_report import ProblemReport
from resolvers import mandates
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant, MandateToRevoke
from tests.factories.catalogue import at, hours
from tests.resolvers.lifecycle import E2, booked
from tests.resolvers.reporting import (
    OFFER,
    booked_for_ten,
    contest,
    open_site,
    report,
    resolve,
    settled,
    withdraw,
)
from tests.subscriptions.streams import Stream, subscribed
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

UPDATED = """
subscription ($after: EventCursor) {
  problemReportUpdated(after: $after) {
    __typename
    ... on ProblemReportUpdated {
      cursor at problemReport { id reportStatus problem fee { afterTaxes } booking { id status } }
    }
    ... on ResyncRequired { reason }
  }
}
"""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site of two chargers."""
    await open_site(world)


async def listening(world: World, stream: Stream) -> "asyncio.Task[dict[str, Any]]":
    """Return the task that waits for the next message, once the subscription has begun."""
    waiting = asyncio.create_task(stream.next())
    while not world.feed.hub:
        await asyncio.sleep(0)
    return waiting


async def begun(world: World, caller: str) -> str:
    """Tell a caller of one report, and return the cursor of its event."""
    one = await booked(world, OFFER, hours(9, 10), caller if caller != "cpo" else "emsp", evse_id=E2)
    world.later(at(8.75))
    async with subscribed(world, caller, UPDATED) as stream:
        waiting = await listening(world, stream)
        await report(world, one, "cpo")
        return str((await waiting)["cursor"])


def told(message: dict[str, Any]) -> tuple[str, str, str]:
    return message["problemReport"]["id"], message["problemReport"]["reportStatus"], message["at"]


@pytest.mark.parametrize("caller", ["cpo", "emsp", "fleet"])
async def test_operator_provider_and_fleet_are_told_of_a_report_at_once(world: World, caller: str) -> None:
    booking = await booked_for_ten(world)

    async with subscribed(world, caller, UPDATED) as stream:
        waiting = await listening(world, stream)
        one = await report(world, booking)
        heard = await waiting

    assert told(heard) == (one.object_id, "OPEN", "2026-12-01T09:45:00Z")
    assert heard["problemReport"]["fee"] == {"afterTaxes": "3.0250"}
    assert heard["problemReport"]["booking"] == {"id": booking.object_id, "status": "CANCELED"}


async def settled_every_way(world: World) -> tuple[ProblemReport, ProblemReport, ProblemReport]:
    """Let one report be dismissed, one be taken back, and one be upheld by a worker; return them."""
    periods = [hours(10, 11), hours(11, 12), hours(12, 13)]
    made = [await booked(world, OFFER, period, "fleet") for period in periods]
    reports = []
    for number, one in enumerate(made):
        world.later(at(9.75 + number))
        reports.append(await report(world, one))
    dismissed, taken_back, upheld = reports
    await resolve(world, await contest(world, dismissed), upheld=False)
    await withdraw(world, taken_back, "fleet")
    await settled(world, at(12, day=2))
    return dismissed, taken_back, upheld


@pytest.mark.parametrize("caller", ["cpo", "emsp"])
async def test_whatever_comes_of_a_report_is_told_and_whoever_resumes_misses_nothing(
    world: World, caller: str
) -> None:
    after = await begun(world, caller)
    dismissed, taken_back, upheld = await settled_every_way(world)

    heard: list[tuple[str, str]] = []
    cursor = after
    while len(heard) < 7:  # every connection is lost after one message
        async with subscribed(world, caller, UPDATED, after=cursor) as stream:
            message = await stream.next()
        cursor = message["cursor"]
        heard.append((message["problemReport"]["id"], message["at"][8:16]))

    assert heard == [
        *((one.object_id, f"01T{hour:02}:45") for hour, one in enumerate((dismissed, taken_back, upheld), 9)),
        (dismissed.object_id, "01T11:45"),
        (dismissed.object_id, "01T11:45"),
        (taken_back.object_id, "01T11:45"),
        (upheld.object_id, "03T12:00"),
    ]


async def test_nobody_is_told_of_anothers_reports(world: World) -> None:
    after = await begun(world, "other_emsp")
    await report(world, await booked_for_ten(world), "cpo")
    own = await booked(world, OFFER, hours(11, 12), "other_emsp")
    world.later(at(10.75))
    last = await report(world, own, "other_emsp")

    async with subscribed(world, "other_emsp", UPDATED, after=after) as stream:
        assert told(await stream.next())[0] == last.object_id


async def test_whoever_booked_on_behalf_of_another_is_told_while_it_has_the_mandate(world: World) -> None:
    mandate = await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    after = await begun(world, "other_emsp")
    on_behalf = await booked(world, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
    own = await booked(world, OFFER, hours(11, 12), "other_emsp")
    world.later(at(9.75))
    one = await report(world, on_behalf)

    async with subscribed(world, "other_emsp", UPDATED, after=after) as stream:
        before = await stream.next()
    await mandates.revoke(await world.call("emsp"), a_key(), MandateToRevoke(str(mandate.id)))
    world.later(at(10.75))
    await withdraw(world, one)
    last = await report(world, own, "other_emsp")
    async with subscribed(world, "other_emsp", UPDATED, after=after) as stream:
        then = await stream.next()

    assert told(before)[:2] == (one.object_id, "OPEN")
    assert told(then)[:2] == (last.object_id, "OPEN")


@pytest.mark.parametrize(
    ("caller", "code"),
    [(None, "UNAUTHENTICATED"), ("nsp", "FORBIDDEN"), ("nap", "FORBIDDEN"), ("admin", "FORBIDDEN")],
)
async def test_reports_are_for_those_whom_bookings_concern(world: World, caller: str | None, code: str) -> None:
    async with subscribed(world, caller, UPDATED) as stream:
        assert (await stream.refusal())[0] == code
