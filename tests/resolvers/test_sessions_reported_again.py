"""A start that is reported again under another key, as by a system that restarted, is the same session."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.charging_errors import ChargingRefused
from models.rules.session import Session
from models.rules.token import TokenType
from resolvers import sessions, tokens
from resolvers.charging_scene import Credential
from resolvers.sessions import StartReport
from resolvers.tokens import TokenToBlock
from tests.factories.catalogue import a_location, an_offer, at
from tests.factories.tokens import a_token, published
from tests.models.databases import run
from tests.resolvers.charging_races import acting, crowded, typed
from tests.resolvers.charging_scenes import BY_CARD, STRANGER, WITH_CARD, started, stopped
from tests.resolvers.lifecycle import E1, booked
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE)
SESSIONS = "SELECT count(*) FROM session"
WRITTEN = """
SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM event) + (SELECT count(*) FROM allocation)
    + (SELECT count(*) FROM charging_authorization) + (SELECT count(*) FROM session_alert)
"""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with one charger, and the cards of two providers."""
    await world.publish(SITE, OFFER)
    await published(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")


@pytest.mark.parametrize("with_booking", [False, True])
@pytest.mark.parametrize("minutes", [-5, 0, 5])
async def test_a_card_that_began_about_then_is_the_session_that_goes_on_and_nothing_is_written(
    world: World, dsn: str, with_booking: bool, minutes: int
) -> None:
    if with_booking:
        await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.1))
    first = await started(world, E1)
    before = await ask(dsn, WRITTEN)
    world.later(at(10.5))

    again = await started(world, E1, Credential("04a1b2c3", TokenType.RFID), started_at=after(first, minutes))

    assert again == first
    assert await ask(dsn, WRITTEN) == before


async def test_a_repeat_of_the_repeat_returns_the_same_session_even_when_that_is_over(world: World) -> None:
    world.later(at(10))
    first = await started(world, E1)
    call, key = await world.call("cpo"), a_key()
    report = StartReport(E1, BY_CARD, started_at=at(10))
    again = await sessions.start_report(call, key, report)
    over = await stopped(world, first)

    assert again.id == first.id
    assert await sessions.start_report(call, key, report) == over


async def test_a_reference_is_the_session_of_its_booking_even_when_it_was_replaced(world: World, dsn: str) -> None:
    booking = await booked(world, OFFER, evse_id=E1)
    world.later(at(10))
    first = await started(world, E1, typed(booking))

    again = await started(world, E1, typed(booking))
    await run(dsn, "UPDATE booking SET reference = 'ZZZZZZZZZZ'")

    assert again == first
    assert (await started(world, E1, typed(booking))).id == first.id


async def test_what_was_blocked_meanwhile_does_not_end_a_session_that_was_allowed(world: World) -> None:
    world.later(at(10))
    first = await started(world, E1)
    await tokens.block(await world.call("emsp"), a_key(), TokenToBlock("NL*EMS*RFID*04A1B2C3"))

    assert await started(world, E1) == first


@pytest.mark.parametrize(("by", "minutes"), [(BY_CARD, 5.1), (BY_CARD, -5.1), (STRANGER, 0)])
async def test_another_card_or_another_time_is_no_repeat(world: World, by: Credential, minutes: float) -> None:
    world.later(at(10))
    first = await started(world, E1)
    world.later(at(10.5))

    with pytest.raises(ChargingRefused) as refused:
        await started(world, E1, by, started_at=after(first, minutes))

    assert refused.value.reason == "CHARGER_IN_USE"


@pytest.mark.parametrize("with_booking", [False, True])
async def test_several_reports_of_one_start_at_one_moment_are_one_session(
    world: World, dsn: str, with_booking: bool
) -> None:
    if with_booking:
        await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    async with crowded(dsn) as database:
        call = await acting(world, database, "cpo")

        async def begin() -> Session:
            return await sessions.start_report(call, a_key(), StartReport(E1, BY_CARD, started_at=at(10)))

        came: list[Any] = await asyncio.gather(*(begin() for _ in range(6)))

    assert len({one.id for one in came}) == 1
    assert await ask(dsn, SESSIONS) == 1


def after(one: Session, minutes: float) -> datetime:
    """Return a moment so many minutes after a session began."""
    return one.start_date_time + timedelta(minutes=minutes)
