"""Sessions of the past that are told of with their end: they happened, whoever has the charger by now."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from models.charging_errors import ChargingRefused
from models.errors import BadInput, NotAllowed
from models.rules.booking import Booking
from models.rules.booking_state import Phase, ReservationStatus
from models.rules.charging import ChargingBasis
from models.rules.role import Role
from models.rules.session import Session, SessionStatus, StopReason
from models.rules.token import TokenType
from resolvers import lapsing, sessions
from resolvers.charging_scene import Credential
from resolvers.sessions import Ended, StartReport
from tests.factories.catalogue import a_location, a_tariff, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.models.databases import run
from tests.resolvers.charging_races import acting, crowded
from tests.resolvers.charging_scenes import BY_CARD, STRANGER, WITH_CARD, seen, started, stopped
from tests.resolvers.lifecycle import E1, LIVE, booked, replace_terms
from tests.resolvers.quoting import charging
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE, increment=15, booking_terms=replace_terms(early_start_allowed=True, early_start_time=30))
UNKNOWN = Credential("00000000", TokenType.RFID)
FREED = """
SELECT cause, to_char(lower(during) AT TIME ZONE 'UTC', 'HH24:MI'),
    to_char(upper(during) AT TIME ZONE 'UTC', 'HH24:MI')
FROM event WHERE cause = 'EARLY_STOP'
"""
SESSIONS = "SELECT count(*) FROM session"
REPORT = """
mutation ($input: SessionStartReportInput!) {
  sessionStartReport(input: $input) {
    __typename
    ... on Session { status startDateTime endDateTime stopReason kwh stateOfCharge cost { beforeTaxes } irregularity }
    ... on ChargingRefused { reason }
  }
}
"""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with one charger, and the cards of two providers."""
    await world.publish(a_tariff(), charging("0.50"), SITE, OFFER)
    await published(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")


async def told(
    world: World,
    began: float,
    ended: float,
    by: Credential = BY_CARD,
    reason: StopReason = StopReason.DRIVER,
    **changes: Any,
) -> Session:
    """Return a session of the past that the operator tells of whole; a refusal is raised."""
    over = Ended(at(ended), reason, **changes)
    return await started(world, E1, by, started_at=at(began), meter_start=Decimal(100), ended=over)


@pytest.mark.parametrize(("by", "irregularity"), [(BY_CARD, None), (UNKNOWN, "TOKEN_UNKNOWN")])
async def test_one_of_the_past_is_stored_beside_one_that_goes_on(
    world: World, dsn: str, by: Credential, irregularity: str | None
) -> None:
    world.later(at(10))
    running = await started(world, E1, STRANGER)
    world.later(at(10.5))
    kept = await run(dsn, LIVE)
    with pytest.raises(ChargingRefused) as refused:
        await started(world, E1, by, started_at=at(9))

    past = await told(world, 9, 9.5, by, meter=Decimal(130), state_of_charge=80)

    assert refused.value.reason == "CHARGER_IN_USE"
    assert (past.status, past.start_date_time, past.end_date_time) == (SessionStatus.COMPLETED, at(9), at(9.5))
    assert (past.stop_reason, past.stopped_by, past.irregularity) == (StopReason.DRIVER, Role.TO, irregularity)
    assert (past.kwh, past.state_of_charge, past.read_at, past.occupied_until) == (Decimal(30), 80, at(9.5), None)
    assert past.cost is not None
    assert past.cost.price.before_taxes == Decimal(15)
    assert await sessions.get(await world.call("cpo"), running.object_id) == running
    assert await run(dsn, LIVE) == kept


async def test_one_during_which_another_had_the_charger_is_irregular(world: World) -> None:
    world.later(at(9))
    other = await started(world, E1, STRANGER)
    world.later(at(10))
    await stopped(world, other)

    during = await told(world, 9.5, 10)
    after = await told(world, 10, 10)

    assert during.irregularity == "CHARGER_IN_USE"
    assert after.irregularity is None


async def test_a_no_show_charged_and_what_was_left_of_its_slot_stays_with_whoever_has_it(
    world: World, dsn: str
) -> None:
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.6))
    assert await lapsing.no_shows(await world.call(None)) == 1
    await booked(world, OFFER, hours(10.75, 11.75), caller="other_emsp", evse_id=E1)
    kept = await run(dsn, LIVE)

    past = await told(world, 10.1, 10.5, reason=StopReason.CHARGER_FAULT, kwh=Decimal(7))

    now = await seen(world, booking)
    assert (past.booking_id, past.basis, past.irregularity) == (booking.id, ChargingBasis.BOOKING, None)
    assert (now.status, now.phase(world.now)) == (ReservationStatus.FULFILLED, Phase.COMPLETED)
    assert (now.charging_started_at, now.charging_ended_at, now.interrupted_at) == (at(10.1), at(10.5), None)
    assert await run(dsn, LIVE) == kept


async def test_what_is_left_of_the_slot_of_its_booking_is_free(world: World, dsn: str) -> None:
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.25))

    await told(world, 9.75, 10.1)

    now = await seen(world, booking)
    assert (now.status, now.charging_ended_at) == (ReservationStatus.FULFILLED, at(10.1))
    assert await run(dsn, LIVE) == []
    assert await run(dsn, FREED) == [("EARLY_STOP", "10:15", "11:00")]


async def test_what_a_fault_interrupted_keeps_its_slot_and_goes_on(world: World, dsn: str) -> None:
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.25))

    await told(world, 10, 10.1, reason=StopReason.POWER_LOSS)
    now = await seen(world, booking)
    going_on = await started(world, E1)

    assert (now.phase(world.now), now.interrupted_at, now.charging_ended_at) == (Phase.DUE, at(10.1), None)
    assert going_on.booking_id == booking.id
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00")]


@pytest.mark.parametrize("ends", [False, True])
async def test_a_first_session_changes_nothing_of_what_came_of_its_booking_by_the_second(
    world: World, dsn: str, ends: bool
) -> None:
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.25))
    second = await started(world, E1)
    world.later(at(10.5))
    if ends:
        await stopped(world, second, StopReason.CHARGER_FAULT)
    before = await seen(world, booking)

    first = await told(world, 10, 10.1)

    now = await seen(world, booking)
    assert (first.booking_id, first.irregularity) == (booking.id, None)
    assert (now.charging_started_at, now.charging_ended_at) == (at(10), None)
    assert (now.interrupted_at, now.phase(world.now)) == (before.interrupted_at, before.phase(world.now))
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00")]


async def test_it_is_told_whole_once_however_many_keys_it_comes_with(world: World, dsn: str) -> None:
    await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(12))
    report = StartReport(E1, BY_CARD, started_at=at(10), ended=Ended(at(10.5), StopReason.DRIVER))
    async with crowded(dsn) as database:
        call = await acting(world, database, "cpo")

        came = await asyncio.gather(*(sessions.start_report(call, a_key(), report) for _ in range(4)))
    another = await told(world, 10.5, 11)

    assert len({one.id for one in came}) == 1
    assert another.id != came[0].id
    assert await ask(dsn, SESSIONS) == 2


async def test_one_that_goes_on_is_ended_by_its_stop(world: World) -> None:
    world.later(at(10))
    running = await started(world, E1)
    world.later(at(10.5))

    with pytest.raises(NotAllowed, match=str(running.id).upper()):
        await told(world, 10, 10.4)


@pytest.mark.parametrize(
    ("began", "ended", "said"), [(10, 9.9, "before"), (10, 10.6, "future"), (None, 10, "startedAt")]
)
async def test_an_end_that_cannot_be_is_refused(world: World, began: float | None, ended: float, said: str) -> None:
    world.later(at(10.5))
    began_at = None if began is None else at(began)

    with pytest.raises(BadInput, match=said):
        await started(world, E1, started_at=began_at, ended=Ended(at(ended), StopReason.DRIVER))


async def test_a_clock_that_is_a_little_ahead_ends_now(world: World) -> None:
    world.later(at(10.5))

    assert (await told(world, 10, 10.55)).end_date_time == at(10.5)


def sent(**changes: Any) -> dict[str, Any]:
    """Return what an operator sends of a session of the past."""
    times = {"startedAt": at(9).isoformat(), "endedAt": at(9.5).isoformat(), "reason": "DRIVER"}
    token = {"uid": "04A1B2C3", "type": "RFID"}
    return {"idempotencyKey": a_key(), "evseId": E1, "token": token, **times, **changes}


async def test_an_operator_tells_it_in_one_call(world: World) -> None:
    world.later(at(10))
    await started(world, E1, STRANGER)

    answer = await world.execute("cpo", REPORT, input=sent(meterStart="100", meter="130", stateOfCharge=80))

    assert answer.errors == []
    assert answer.data["sessionStartReport"] == {
        "__typename": "Session",
        "status": "COMPLETED",
        "startDateTime": "2026-12-01T09:00:00Z",
        "endDateTime": "2026-12-01T09:30:00Z",
        "stopReason": "DRIVER",
        "kwh": "30",
        "stateOfCharge": 80,
        "cost": {"beforeTaxes": "15.0000"},
        "irregularity": None,
    }


@pytest.mark.parametrize(
    "changes",
    [{"reason": None}, {"endedAt": None}, {"endedAt": None, "reason": None, "kwh": "1"}, {"meter": "1", "kwh": "1"}],
)
async def test_half_an_end_is_bad_input(world: World, changes: dict[str, Any]) -> None:
    world.later(at(10))

    answer = await world.execute("cpo", REPORT, input=sent(**changes))

    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


async def test_a_booking_for_later_of_the_same_card_is_untouched(world: World) -> None:
    later: Booking = await booked(world, OFFER, hours(14, 15), evse_id=E1, whom=WITH_CARD)
    world.later(at(12))

    past = await told(world, 9, 9.5)

    assert (past.booking_id, past.basis) == (None, ChargingBasis.WALK_UP)
    assert (await seen(world, later)).status is ReservationStatus.RESERVED
