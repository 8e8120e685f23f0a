"""chargerFaultAlert through the contract (BUC 2.5): who is told of which fault, and which of its bookings it hits."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.rules.booking_state import CanceledReason
from models.rules.fault import Severity
from models.rules.location import Status
from models.rules.role import Role
from resolvers import bookings, evses, parties
from resolvers.booking_cancel import Cancellation
from resolvers.evses import FaultReport, StatusReport
from tests.factories.catalogue import UPDATED, a_location, an_offer, at, hours
from tests.resolvers.requests import a_request
from tests.subscriptions.hearing import synced
from tests.subscriptions.streams import FAULTS, subscribed
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

XYZ = ("DE", "XYZ")
E1, E2 = "NL*ABC*LOC1*E1", "NL*ABC*LOC1*E2"


@pytest.fixture(autouse=True)
async def sites(world: World) -> None:
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


async def test_open_faults_come_first_and_then_what_is_reported_amended_and_repaired(world: World) -> None:
    await report(world, E1, code="E42", description="no cooling", expected_end=at(9))
    world.later(at(7))
    await report(world, "NL*ABC*LOC2*E1", Status.UNKNOWN)
    await report(world, E2)
    await report(world, E2, Status.AVAILABLE)

    async with subscribed(world, "nsp", FAULTS) as stream:
        opened = [await stream.next() for _ in range(2)]
        world.later(at(8))
        await report(world, E2, Status.AVAILABLE, code="W1", severity=Severity.DEGRADED)
        reported = await stream.next()
        world.later(at(8.5))
        await report(world, E2, Status.INOPERATIVE, code="W2")
        amended = await stream.next()
        world.later(at(8.75))
        await report(world, E2, Status.AVAILABLE)
        repaired = await stream.next()

    assert [one["at"] for one in opened] == ["2026-12-01T06:00:00Z", "2026-12-01T07:00:00Z"]
    first = opened[0]["fault"]
    assert first.pop("id")
    assert first == {
        "evse": {"id": E1, "status": "OUTOFORDER"},
        "status": "OUTOFORDER",
        "code": "E42",
        "severity": "OUT_OF_USE",
        "description": "no cooling",
        "expectedEnd": "2026-12-01T09:00:00Z",
        "repairedAt": None,
    }
    assert evse_of(opened[1]) == "NL*ABC*LOC2*E1"
    assert [evse_of(one) for one in (reported, amended, repaired)] == [E2] * 3
    assert len({one["fault"]["id"] for one in (reported, amended, repaired)}) == 1
    assert [one["fault"]["code"] for one in (reported, amended, repaired)] == ["W1", "W2", "W2"]
    assert [one["fault"]["severity"] for one in (reported, amended)] == ["DEGRADED", "OUT_OF_USE"]
    assert [one["fault"]["evse"]["status"] for one in (reported, amended, repaired)] == [
        "AVAILABLE",
        "INOPERATIVE",
        "AVAILABLE",
    ]
    assert [one["fault"]["repairedAt"] for one in (reported, amended, repaired)] == [
        None,
        None,
        "2026-12-01T08:45:00Z",
    ]
    assert repaired["at"] == "2026-12-01T08:45:00Z"


async def test_only_faults_at_the_locations_that_are_named_are_told(world: World) -> None:
    await report(world, "NL*ABC*LOC2*E1")
    await report(world, E1)

    async with subscribed(world, "emsp", FAULTS, locationIds=["nl*abc*loc1"]) as stream:
        opened = await stream.next()
        await report(world, "NL*ABC*LOC2*E1", code="X")
        await report(world, E2)
        live = await stream.next()

    assert (evse_of(opened), evse_of(live)) == (E1, E2)


async def test_a_location_whose_faults_the_caller_may_not_see_is_not_found(world: World) -> None:
    asked = [
        ("emsp", "NL*ABC*NONE"),
        ("emsp", "NL*ABC*HIDDEN"),
        ("other_cpo", "NL*ABC*LOC1"),
        ("cpo", "DE*XYZ*FAR"),
    ]
    answered = []

    for caller, location_id in asked:
        async with subscribed(world, caller, FAULTS, locationIds=[location_id]) as stream:
            answered.append(await stream.refusal())

    assert answered == [("NOT_FOUND", f"There is no Location {location_id}.") for _, location_id in asked]


async def test_without_a_token_no_fault_is_told(world: World) -> None:
    await report(world, E1)

    async with subscribed(world, None, FAULTS) as stream:
        code, _ = await stream.refusal()

    assert code == "UNAUTHENTICATED"


async def test_an_operator_is_told_of_its_own_faults_only_hidden_ones_included(world: World) -> None:
    await report(world, E1)
    await report(world, "DE*XYZ*FAR*E1", by="other_cpo")

    async with subscribed(world, "cpo", FAULTS) as of_abc, subscribed(world, "other_cpo", FAULTS) as of_xyz:
        opened = [evse_of(await of_abc.next()), evse_of(await of_xyz.next())]
        await report(world, E2)
        await report(world, "DE*XYZ*FAR*E1", by="other_cpo", code="X")
        await report(world, "NL*ABC*HIDDEN*E1")
        live_of_abc = [evse_of(await of_abc.next()) for _ in range(2)]
        live_of_xyz = evse_of(await of_xyz.next())

    assert opened == [E1, "DE*XYZ*FAR*E1"]
    assert live_of_abc == [E2, "NL*ABC*HIDDEN*E1"]
    assert live_of_xyz == "DE*XYZ*FAR*E1"


async def test_a_fault_at_a_location_that_is_not_published_is_told_to_nobody_else(world: World) -> None:
    await report(world, "NL*ABC*HIDDEN*E1")
    told = {}

    for caller in ("emsp", "fleet", "nsp", "nap"):
        async with subscribed(world, caller, FAULTS) as stream:
            await report(world, "NL*ABC*HIDDEN*E1", code="X")
            await report(world, E1)
            told[caller] = evse_of(await stream.next())
        await report(world, E1, Status.AVAILABLE)

    assert told == dict.fromkeys(("emsp", "fleet", "nsp", "nap"), E1)


async def test_everybody_is_told_which_of_its_own_bookings_are_hit_and_never_of_anothers(world: World) -> None:
    of_emsp = await book(world, "emsp", 9)
    of_other = await book(world, "other_emsp", 10)
    of_fleet = await book(world, "fleet", 11, contract=FLEET_CONTRACT)
    of_other_fleet = await book(world, "other_fleet", 12, contract=OTHER_CONTRACT)
    await book(world, "emsp", 9, E2)
    expected = {
        "emsp": [of_emsp, of_fleet, of_other_fleet],
        "other_emsp": [of_other],
        "fleet": [of_fleet],
        "other_fleet": [of_other_fleet],
        "cpo": [of_emsp, of_other, of_fleet, of_other_fleet],
        "nsp": [],
        "nap": [],
    }
    told: dict[str, tuple[list[str], list[str]]] = {}

    for caller in expected:
        async with subscribed(world, caller, FAULTS) as stream:
            await report(world, E1)
            reported = await stream.next()
            await report(world, E1, Status.AVAILABLE)
            repaired = await stream.next()
        told[caller] = hit(reported), hit(repaired)

    assert told == {caller: (hits, hits) for caller, hits in expected.items()}


async def test_a_booking_that_is_over_canceled_or_after_the_expected_end_is_not_hit(world: World) -> None:
    await book(world, "emsp", 7)
    running = await book(world, "emsp", 8)
    coming = await book(world, "emsp", 9)
    await book(world, "emsp", 10)
    gone = await book(world, "emsp", 9.0, E2)
    made = await bookings.get(await world.call("emsp"), gone)
    await bookings.cancel(await world.call("emsp"), a_key(), Cancellation(gone, CanceledReason.NO_CANCELED), made.id)
    world.later(at(8.5))

    async with subscribed(world, "emsp", FAULTS) as stream:
        await report(world, E1, expected_end=at(10))
        on_e1 = await stream.next()
        await report(world, E2)
        on_e2 = await stream.next()

    assert hit(on_e1) == [running, coming]
    assert hit(on_e2) == []


async def test_only_own_bookings_leaves_out_what_hits_none_but_not_that_a_hit_is_over(world: World) -> None:
    endangered = await book(world, "emsp", 10)
    await book(world, "other_emsp", 10, E2)
    await report(world, E2, code="of others")

    async with subscribed(world, "emsp", FAULTS, onlyOwnBookings=True) as stream:
        await report(world, "NL*ABC*LOC2*E1", code="of nobody")
        await report(world, E1, code="hits")
        reported = await stream.next()
        await report(world, E2, code="of others still")
        await report(world, E1, code="hits no more", expected_end=at(9))
        relieved = await stream.next()
        await report(world, E1, code="still does not", expected_end=at(9.5))
        await report(world, E1, code="hits again", expected_end=at(11))
        endangered_again = await stream.next()
        await report(world, E2, Status.AVAILABLE)
        await report(world, E1, Status.AVAILABLE)
        repaired = await stream.next()

    told = [(one["fault"]["code"], hit(one)) for one in (reported, relieved, endangered_again, repaired)]
    assert told == [
        ("hits", [endangered]),
        ("hits no more", []),
        ("hits again", [endangered]),
        ("hits again", [endangered]),
    ]
    assert repaired["fault"]["repairedAt"] == "2026-12-01T06:00:00Z"


async def test_only_own_bookings_holds_for_the_open_faults_at_the_beginning_too(world: World) -> None:
    endangered = await book(world, "emsp", 10)
    await report(world, E2)
    await report(world, E1)

    async with subscribed(world, "emsp", FAULTS, onlyOwnBookings=True) as stream:
        told = await stream.next()

    assert (evse_of(told), hit(told)) == (E1, [endangered])


async def test_a_token_that_is_revoked_ends_the_subscription_at_the_next_fault(world: World) -> None:
    secret = world.secrets["emsp"]
    assert secret is not None
    await report(world, E1)

    async with subscribed(world, "emsp", FAULTS) as stream:
        await stream.next()
        await parties.revoke(world.database, secret, world.now)
        await report(world, E2)
        code, _ = await stream.refusal()

    assert code == "UNAUTHENTICATED"


async def test_a_token_that_expires_ends_the_subscription_at_the_next_fault(world: World) -> None:
    world.secrets["nsp"] = await parties.create_token(world.database, "DE*NAV", Role.NSP, world.now, expires_at=at(7))
    await report(world, E1)

    async with subscribed(world, "nsp", FAULTS) as stream:
        await stream.next()
        world.later(at(7))
        await report(world, E2)
        code, _ = await stream.refusal()

    assert code == "UNAUTHENTICATED"


async def test_a_location_that_is_no_longer_published_is_told_of_no_more(world: World) -> None:
    await report(world, E1)

    async with subscribed(world, "emsp", FAULTS) as stream:
        await stream.next()
        hidden = replace(a_location("LOC2"), publish=False, last_updated=UPDATED + timedelta(hours=1))
        await world.publish(hidden)
        await report(world, "NL*ABC*LOC2*E1")
        await report(world, E2)
        told = await stream.next()

    assert evse_of(told) == E2
