"""Starting and stopping from afar: decided as at the charger, put to the operator, and answered (BUC 3.3, 3.9)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.charging_errors import ChargingRefused, NothingToAnswer
from models.errors import BadInput, NotAllowed
from models.rules.charging import SENTENCES, ChargingRefusal
from models.rules.parties import Parties
from models.rules.role import Role
from models.rules.session_request import ANSWER_SECONDS, SessionRequestKind, SessionRequestStatus
from resolvers import bookings, session_requests, tokens
from resolvers.for_whom import ForWhom
from resolvers.session_request_start import WantedStart
from resolvers.tokens import TokenToBlock
from tests.factories.catalogue import NOW, a_tariff, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.lifecycle import booked
from tests.resolvers.remote import (
    CARD,
    E1,
    E2,
    NOT_FROM_AFAR,
    NOTED,
    OF_CARD,
    OFFER,
    OTHERS_CARD,
    SITE,
    a_site,
    answered,
    at_ten,
    counted,
    going_on,
    start,
    start_at,
    stop,
)
from tests.resolvers.requests import ask
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

ANSWERED_IN = timedelta(seconds=ANSWER_SECONDS)


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with two chargers that take commands, and the card of a fleet."""
    await world.publish(SITE, a_tariff(), OFFER)
    await published(world)


def refusal(reason: ChargingRefusal, from_hour: float | None = None, evse_id: str | None = None) -> ChargingRefused:
    moment = None if from_hour is None else at(from_hour)
    return ChargingRefused(reason.value, SENTENCES[reason], moment, evse_id)


async def test_a_booking_is_started_at_its_charger_once_the_operator_accepts(world: World, dsn: str) -> None:
    one = await at_ten(world)

    asked = await start(world, one)
    accepted = await answered(world, asked)

    assert (asked.kind, asked.status) == (SessionRequestKind.START, SessionRequestStatus.PENDING)
    assert (asked.evse_id, asked.connector_id, asked.booking_id) == (E1, f"{E1}*1", one.id)
    assert (asked.token, asked.parties, asked.role) == (one.tokens[0], one.parties, Role.EMSP)
    assert (asked.requested_at, asked.answer_until) == (at(10), at(10) + ANSWERED_IN)
    assert accepted == replace(asked, status=SessionRequestStatus.ACCEPTED, answered_at=at(10))
    assert await counted(dsn) == (1, 2)
    assert await ask(dsn, NOTED) == "REMOTE BOOKING"


async def test_the_operator_rejects_with_a_reason_and_never_without(world: World) -> None:
    asked = await start(world, await at_ten(world))

    with pytest.raises(BadInput):
        await answered(world, asked, accepted=False)
    with pytest.raises(BadInput):
        await answered(world, asked, reason="Why not.")
    rejected = await answered(world, asked, accepted=False, reason="The cable is cut.")

    assert (rejected.status, rejected.reason) == (SessionRequestStatus.REJECTED, "The cable is cut.")
    with pytest.raises(NothingToAnswer) as refused:
        await answered(world, asked)
    assert refused.value == NothingToAnswer(asked.object_id, None)


async def test_a_request_times_out_and_an_answer_that_comes_late_is_refused(world: World, dsn: str) -> None:
    asked = await start(world, await at_ten(world))
    too_late = NothingToAnswer(asked.object_id, at(10) + ANSWERED_IN)

    world.later(at(10) + ANSWERED_IN - timedelta(microseconds=1))
    early = await session_requests.time_out(await world.call(None))
    world.later(at(10) + ANSWERED_IN)
    with pytest.raises(NothingToAnswer) as before_the_worker:
        await answered(world, asked)
    done = [await session_requests.time_out(await world.call(None)) for _ in range(2)]
    with pytest.raises(NothingToAnswer) as after_the_worker:
        await answered(world, asked)
    now = await session_requests.get(await world.call("emsp"), asked.object_id)

    assert (early, done) == (0, [1, 0])
    assert before_the_worker.value == after_the_worker.value == too_late
    assert (now.status, now.answered_at) == (SessionRequestStatus.TIMED_OUT, at(10) + ANSWERED_IN)
    assert now.reason == "The operator did not answer in time."
    assert await counted(dsn) == (1, 2)


async def test_what_the_charger_would_refuse_is_refused_at_once_and_asks_nobody(world: World, dsn: str) -> None:
    one = await booked(world, OFFER, whom=OF_CARD, evse_id=E1)

    with pytest.raises(ChargingRefused) as refused:
        await start(world, one)

    assert refused.value == refusal(ChargingRefusal.TOO_EARLY, from_hour=10)
    assert await counted(dsn) == (0, 0)
    assert await ask(dsn, NOTED) == "REMOTE TOO_EARLY"


async def test_terms_that_know_no_commands_refuse_them(world: World) -> None:
    await world.publish(an_offer(SITE, terms=NOT_FROM_AFAR, last_updated=NOW))
    one = await at_ten(world)

    with pytest.raises(ChargingRefused) as refused:
        await start(world, one)

    assert refused.value == refusal(ChargingRefusal.METHOD_NOT_ACCEPTED)


@pytest.mark.parametrize(("capabilities", "allowed"), [((), True), (("RFID_READER",), False)])
async def test_a_charger_takes_commands_unless_its_operator_publishes_that_it_does_not(
    world: World, capabilities: tuple[str, ...], allowed: bool
) -> None:
    await world.publish(a_site(capabilities=capabilities, last_updated=NOW))
    one = await at_ten(world)
    session = await going_on(world, evse_id=E2)

    if allowed:
        assert (await start(world, one)).status is SessionRequestStatus.PENDING
        assert (await stop(world, session)).status is SessionRequestStatus.PENDING
        return
    with pytest.raises(NotAllowed, match="from afar"):
        await start(world, one)
    with pytest.raises(NotAllowed, match="from afar"):
        await stop(world, session)


async def test_a_charger_that_was_any_of_a_group_is_told_by_the_start(world: World) -> None:
    one = await at_ten(world, evse_id=None)
    assert one.evse_revealed_at == at(10)
    world.later(at(9.5))

    asked = await start(world, one, "fleet")

    now = await bookings.get(await world.call("fleet"), one.object_id)
    assert (now.evse_revealed_at, now.reveal_due_at, now.evse_id) == (at(9.5), None, asked.evse_id)


async def test_a_booking_without_tokens_is_started_in_the_name_of_its_provider(world: World) -> None:
    one = await at_ten(world, whom=ForWhom(contract_id=FLEET_CONTRACT))

    by_word = await start(world, one)
    await answered(world, by_word, accepted=False, reason="Not yet.")
    by_card = await start(world, one, by=CARD)

    assert by_word.token is None
    assert by_card.token is not None
    assert by_card.token.uid == CARD.uid


async def test_a_token_that_may_not_use_the_booking_starts_nothing(world: World) -> None:
    await published(world, a_token("04D4E5F6", contract_id=OTHER_CONTRACT))
    one = await at_ten(world)

    with pytest.raises(NotAllowed, match="not for that token"):
        await start(world, one, by=OTHERS_CARD)
    await tokens.block(await world.call("emsp"), a_key(), TokenToBlock("NL*EMS*RFID*04A1B2C3", "Lost."))
    for by in (None, CARD):
        with pytest.raises(ChargingRefused) as refused:
            await start(world, one, by=by)
        assert refused.value == refusal(ChargingRefusal.TOKEN_BLOCKED)


async def test_a_driver_walks_up_to_a_free_charger_by_command(world: World, dsn: str) -> None:
    asked = await start_at(world, E2, caller="fleet")

    assert asked.booking_id is None
    assert asked.parties == Parties("NL*ABC", "NL*EMS", None, (FLEET_CONTRACT,))
    assert asked.token is not None
    assert (asked.token.uid, asked.role, asked.requester_id) == (CARD.uid, Role.TO, "NL*EMS")
    assert await ask(dsn, NOTED) == "REMOTE WALK_UP"


async def test_at_a_charger_a_booking_that_the_token_may_use_counts(world: World) -> None:
    one = await at_ten(world)

    asked = await start_at(world, E1)

    assert (asked.booking_id, asked.parties) == (one.id, one.parties)


async def test_nobody_starts_what_another_has_booked_and_none_is_told_who_has(world: World) -> None:
    await at_ten(world)
    await published(world, a_token("04D4E5F6", contract_id="DE-EMO-C1"), caller="other_emsp")

    with pytest.raises(ChargingRefused) as refused:
        await start_at(world, E1, OTHERS_CARD, "other_emsp")

    assert refused.value == refusal(ChargingRefusal.BOOKED_BY_OTHER)


@pytest.mark.parametrize("caller", ["other_emsp", "other_fleet"])
async def test_a_guessed_uid_starts_neither_anothers_booking_nor_at_its_expense(world: World, caller: str) -> None:
    await at_ten(world)

    for evse_id in (E1, E2):
        with pytest.raises(ChargingRefused) as refused:
            await start_at(world, evse_id, CARD, caller)
        assert refused.value == refusal(ChargingRefusal.TOKEN_UNKNOWN)


async def test_a_booking_at_another_charger_is_told_of_that_only_if_it_is_known_by_then(world: World) -> None:
    later = await booked(world, OFFER, hours(12, 13), whom=OF_CARD)
    free, taken = (E2, E1) if later.evse_id == E1 else (E1, E2)
    await going_on(world, evse_id=free)

    with pytest.raises(ChargingRefused) as refused:
        await start_at(world, free)

    assert refused.value == refusal(ChargingRefusal.TOO_EARLY, from_hour=12)
    world.later(at(12))
    with pytest.raises(ChargingRefused) as due:
        await start_at(world, free)
    assert due.value == refusal(ChargingRefusal.WRONG_CHARGER, evse_id=taken)


async def test_one_start_is_asked_for_at_a_charger_at_a_time(world: World, dsn: str) -> None:
    one = await at_ten(world)
    first = await start(world, one)

    with pytest.raises(NotAllowed, match="wait for that"):
        await start(world, one)
    world.later(first.answer_until)
    second = await start(world, one)

    before = await session_requests.get(await world.call("cpo"), first.object_id)
    assert (before.status, second.status) == (SessionRequestStatus.TIMED_OUT, SessionRequestStatus.PENDING)
    assert await session_requests.time_out(await world.call(None)) == 0
    assert await counted(dsn) == (2, 3)


@pytest.mark.parametrize(
    "wanted",
    [
        WantedStart(),
        WantedStart(booking_id="NL*ABC*1", evse_id=E1, by=CARD),
        WantedStart(evse_id=E1),
        WantedStart(evse_id=E1, connector_id="9", by=CARD),
    ],
)
async def test_a_start_names_a_booking_or_a_charger_with_a_token(world: World, wanted: WantedStart) -> None:
    with pytest.raises(BadInput):
        await session_requests.start(await world.call("emsp"), a_key(), wanted)


async def test_a_charger_that_wants_its_connector_named_is_not_asked_without(world: World) -> None:
    (first, second) = a_site(capabilities=("REMOTE_START_STOP_CAPABLE", "START_SESSION_CONNECTOR_REQUIRED")).evses
    another = replace(second.connectors[0], id=f"{E2}*2", ocpi_id="2")
    second = replace(second, connectors=(*second.connectors, another))
    await world.publish(a_site(evses=(first, second), last_updated=NOW))

    with pytest.raises(NotAllowed, match="connectorId"):
        await start_at(world, E2)
    wanted = WantedStart(evse_id=E2, connector_id=f"{E2}*2", by=CARD)
    asked = await session_requests.start(await world.call("emsp"), a_key(), wanted)

    assert asked.connector_id == f"{E2}*2"
