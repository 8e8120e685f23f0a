"""Requests to start and stop at one moment, and what answers them: the operator, its report, or time."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from models.charging_errors import NothingToAnswer
from models.db import connected
from models.errors import NotAllowed
from models.queries import session_requests as stored
from models.rules.booking import Booking
from models.rules.location import Evse
from models.rules.session import AuthMethod, Session, StopReason
from models.rules.session_request import (
    ANSWER_SECONDS,
    STARTED_WITHIN,
    SessionRequest,
    SessionRequestKind,
    SessionRequestStatus,
    answer_until,
)
from resolvers import session_requests
from resolvers.call import Call
from resolvers.charging_scene import Credential
from resolvers.session_request_answer import Answer
from resolvers.session_request_start import WantedStart
from resolvers.session_start import StartReport, start_report
from resolvers.session_stop import StopReport, stop_report
from tests.factories.catalogue import a_tariff, an_evse, an_offer, at
from tests.factories.tokens import published
from tests.models.databases import run
from tests.resolvers.lifecycle import booked
from tests.resolvers.quoting import TEN_TO_ELEVEN, or_refusal
from tests.resolvers.remote import (
    CARD,
    COMMANDED,
    E1,
    E2,
    OF_CARD,
    a_site,
    answered,
    counted,
    start,
    start_at,
    stop,
)
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

CHARGERS = {f"E{number}": [f"B{number}"] for number in range(1, 9)}
PENDING = "SELECT count(*) FROM session_request WHERE status = 'PENDING'"
TIMED_OUT = "SELECT count(*) FROM session_request WHERE status = 'TIMED_OUT'"
ANSWERED_IN = timedelta(seconds=ANSWER_SECONDS)
WORKERS = 4


def chargers() -> tuple[Evse, ...]:
    return tuple(an_evse("NL*ABC*LOC1", uid, bays, capabilities=COMMANDED) for uid, bays in CHARGERS.items())


SITE = a_site(chargers=CHARGERS, evses=chargers())
OFFER = an_offer(SITE)


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with eight chargers that take commands, and the card of a fleet."""
    await world.publish(SITE, a_tariff(), OFFER)
    await published(world)


async def at_ten(world: World, evse_id: str = E1) -> Booking:
    """Return a booking from ten to eleven, whose slot has just begun."""
    one = await booked(world, OFFER, TEN_TO_ELEVEN, whom=OF_CARD, evse_id=evse_id)
    world.later(at(10))
    return one


async def reported(world: World, evse_id: str = E1, by: Credential = CARD) -> Session:
    """Return a session that the operator reports to have begun; a refusal is raised."""
    return await start_report(await world.call("cpo"), a_key(), StartReport(evse_id, by))


async def status(world: World, one: SessionRequest) -> SessionRequestStatus:
    return (await session_requests.get(await world.call("cpo"), one.object_id)).status


async def test_of_an_answer_and_several_workers_exactly_one_wins_each_request(world: World, dsn: str) -> None:
    asked = [await start_at(world, f"NL*ABC*LOC1*{uid}") for uid in CHARGERS]
    due = world.now + ANSWERED_IN
    async with connected(dsn, connections=20) as database:
        operator = replace(await world.call("cpo"), database=database, now=due - timedelta(microseconds=1))
        worker = Call(None, due, database, world.catalogue)

        *answers, first, second, third, fourth = await asyncio.gather(
            *(or_refusal(session_requests.answer(operator, a_key(), Answer(one.object_id, True))) for one in asked),
            *(session_requests.time_out(worker) for _ in range(WORKERS)),
        )

    accepted = [one for one in answers if isinstance(one, SessionRequest)]
    refused = [one for one in answers if not isinstance(one, SessionRequest)]
    gone = sum(one for one in (first, second, third, fourth) if isinstance(one, int))
    assert len(accepted) + gone == len(asked)
    assert all(isinstance(one, NothingToAnswer) and one.until == due for one in refused)
    assert await ask(dsn, TIMED_OUT) == gone
    assert await counted(dsn) == (8, 16)


async def test_several_workers_let_every_request_time_out_once(world: World, dsn: str) -> None:
    for uid in CHARGERS:
        await start_at(world, f"NL*ABC*LOC1*{uid}")
    async with connected(dsn, connections=20) as database:
        worker = Call(None, world.now + ANSWERED_IN, database, world.catalogue)

        gone = await asyncio.gather(*(session_requests.time_out(worker) for _ in range(WORKERS)))

    assert sum(gone) == len(CHARGERS)
    assert await ask(dsn, PENDING) == 0
    assert await counted(dsn) == (8, 16)


async def test_of_starts_at_one_charger_at_one_moment_one_is_asked_for(world: World, dsn: str) -> None:
    one = await at_ten(world)
    async with connected(dsn, connections=20) as database:
        call = replace(await world.call("emsp"), database=database)
        wishes = [WantedStart(booking_id=one.object_id), WantedStart(evse_id=E1, by=CARD)] * 3

        came = await asyncio.gather(*(or_refusal(session_requests.start(call, a_key(), wanted)) for wanted in wishes))

    assert sorted(type(one).__name__ for one in came) == ["NotAllowed"] * 5 + ["SessionRequest"]
    assert await ask(dsn, PENDING) == 1
    assert await counted(dsn) == (1, 1)


async def test_of_starts_after_one_that_nobody_answered_one_takes_its_place(world: World, dsn: str) -> None:
    one = await at_ten(world)
    before = await start(world, one)
    world.later(before.answer_until)
    async with connected(dsn, connections=20) as database:
        call = replace(await world.call("emsp"), database=database)
        worker = Call(None, world.now, database, world.catalogue)
        wanted = WantedStart(evse_id=E1, by=CARD)

        *came, _ = await asyncio.gather(
            *(or_refusal(session_requests.start(call, a_key(), wanted)) for _ in range(4)),
            session_requests.time_out(worker),
        )

    assert len([one for one in came if isinstance(one, SessionRequest)]) == 1
    assert all(isinstance(one, SessionRequest | NotAllowed) for one in came)
    assert await ask(dsn, TIMED_OUT) == 1
    assert await counted(dsn) == (2, 3)


async def test_the_database_itself_keeps_a_second_request_from_waiting(world: World, dsn: str) -> None:
    assert sorted(await _both_at_once(world)) == [False, True]
    assert await ask(dsn, PENDING) == 1


async def test_without_the_constraint_two_requests_would_wait_at_once(world: World, dsn: str) -> None:
    await run(dsn, "DROP INDEX session_request_one_pending")

    assert await _both_at_once(world) == [True, True]
    assert await ask(dsn, PENDING) == 2


async def test_a_session_that_is_reported_answers_what_asked_for_it(world: World, dsn: str) -> None:
    asked = await start(world, await at_ten(world))

    session = await reported(world)

    now = await session_requests.get(await world.call("emsp"), asked.object_id)
    assert session.auth_method is AuthMethod.COMMAND
    assert (now.status, now.session_id, now.answered_at) == (SessionRequestStatus.ACCEPTED, session.id, at(10))
    assert await answered(world, asked) == now
    with pytest.raises(NothingToAnswer):
        await answered(world, asked, accepted=False, reason="Too late.")
    assert await counted(dsn) == (1, 2)


async def test_a_session_begins_by_command_a_while_after_its_operator_accepted(world: World) -> None:
    asked = [await start_at(world, evse_id) for evse_id in (E1, E2)]
    for one in asked:
        await answered(world, one)

    world.later(world.now + STARTED_WITHIN - timedelta(seconds=1))
    in_time = await reported(world, E1)
    world.later(world.now + timedelta(seconds=1))
    too_late = await reported(world, E2)

    first, second = [await session_requests.get(await world.call("cpo"), one.object_id) for one in asked]
    assert (in_time.auth_method, first.session_id) == (AuthMethod.COMMAND, in_time.id)
    assert (too_late.auth_method, second.session_id) == (AuthMethod.AUTH_REQUEST, None)


async def test_a_session_that_another_asked_for_is_no_answer(world: World) -> None:
    mine = await start_at(world, E1)
    await answered(world, mine, accepted=False, reason="The cable is cut.")
    after_refusal = await reported(world, E1)
    of_booking = await start(world, await at_ten(world, E2))
    world.later(of_booking.answer_until)

    after_time = await reported(world, E2)

    assert after_refusal.auth_method is after_time.auth_method is AuthMethod.AUTH_REQUEST
    assert await status(world, mine) is SessionRequestStatus.REJECTED
    assert await status(world, of_booking) is SessionRequestStatus.PENDING


async def test_a_session_that_ends_answers_the_request_to_stop_it(world: World) -> None:
    await at_ten(world)
    session = await reported(world)
    asked = await stop(world, session)

    await stop_report(await world.call("cpo"), a_key(), StopReport(session.object_id, StopReason.REMOTE))

    assert await status(world, asked) is SessionRequestStatus.ACCEPTED


async def test_of_an_answer_and_a_report_at_one_moment_both_agree(world: World, dsn: str) -> None:
    asked = await start(world, await at_ten(world))
    async with connected(dsn, connections=20) as database:
        operator = replace(await world.call("cpo"), database=database)
        no = Answer(asked.object_id, False, "The cable is cut.")

        session, answer = await asyncio.gather(
            or_refusal(start_report(operator, a_key(), StartReport(E1, CARD))),
            or_refusal(session_requests.answer(operator, a_key(), no)),
        )

    assert isinstance(session, Session)
    led = await status(world, asked) is SessionRequestStatus.ACCEPTED
    assert led is (session.auth_method is AuthMethod.COMMAND)
    assert led is isinstance(answer, NothingToAnswer)


async def _both_at_once(world: World) -> list[bool]:
    """Put two requests at one charger, whom nothing else keeps apart; return which was stored."""
    asked = await start_at(world, E1)
    await answered(world, asked, accepted=False, reason="Not yet.")
    fresh = replace(
        asked, status=SessionRequestStatus.PENDING, answered_at=None, answer_until=answer_until(world.now)
    )
    assert fresh.kind is SessionRequestKind.START

    async def add() -> bool:
        async with world.database.transaction() as connection:
            return await stored.add(connection, replace(fresh, id=uuid4()))

    return list(await asyncio.gather(add(), add()))
