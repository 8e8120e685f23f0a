"""What the tests of chargerFaultAlert share: sites of two operators, and what befalls their chargers."""

from typing import Any

from models.rules.location import Status
from resolvers import bookings, evses
from resolvers.evses import FaultReport, StatusReport
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.requests import a_request
from tests.subscriptions.hearing import synced
from tests.world import World, a_key

XYZ = ("DE", "XYZ")
E1, E2 = "NL*ABC*LOC1*E1", "NL*ABC*LOC1*E2"


async def publish_sites(world: World) -> None:
    """Two operators' sites: LOC1 with two chargers, LOC2 with one, and one of another operator."""
    published = [
        a_location(chargers={"E1": ["B1"], "E2": ["B2"]}),
        a_location("LOC2"),
        a_location("FAR", owner=XYZ),
        a_location("HIDDEN", publish=False),
    ]
    await world.publish(*published, *(an_offer(site) for site in published[:2]))


async def report(
    world: World, evse_id: str, status: Status = Status.OUTOFORDER, by: str = "cpo", **fault: Any
) -> None:
    """Tell the state of a charger, and wait until everybody has heard."""
    described = FaultReport(**{"code": None, "severity": None, "description": None, "expected_end": None, **fault})
    told = StatusReport(evse_id, status, described if fault else None)
    await evses.report_status(await world.call(by), a_key(), told)
    await synced(world.feed)


async def book(world: World, caller: str, start: float, evse_id: str = E1, contract: str | None = None) -> str:
    """Book a charger for an hour, and return the booking's id."""
    offer = an_offer(a_location())
    wanted = a_request(offer, hours(start, start + 1), evse_id=evse_id, contract_id=contract)
    return (await bookings.create(await world.call(caller), a_key(), wanted)).object_id


def evse_of(message: dict[str, Any]) -> str:
    return str(message["fault"]["evse"]["id"])


def hit(message: dict[str, Any]) -> list[str]:
    return [one["id"] for one in message["bookings"]]
