"""chargerFaultAlert through the contract (BUC 2.5): who is told of which fault, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.rules.fault import Severity
from models.rules.location import Status
from models.rules.role import Role
from resolvers import parties
from tests.factories.catalogue import UPDATED, a_location, at
from tests.subscriptions.faults import E1, E2, evse_of, publish_sites, report
from tests.subscriptions.streams import FAULTS, subscribed
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def sites(world: World) -> None:
    """Sites of two operators, one of them hidden."""
    await publish_sites(world)


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
