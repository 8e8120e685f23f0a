"""BUC 3.9: a CPO refuses to start charging at a reserved charger, tried there or from afar, and says why."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import a_token as of_booking
from tests.use_cases.booking_documents import booked, canceled
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import clock, cursor_now, round_of_worker
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB, HUB_MCS
from tests.use_cases.remote_documents import (
    ANSWER,
    BEGUN,
    BY_ID,
    ENDED,
    FOLLOW,
    START,
    STOP,
    again,
    decided,
    from_afar,
    listed,
    takes_commands,
    told_of,
    tried,
)
from tests.use_cases.token_documents import BLOCK, a_token, published
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

HUB_E1, HUB_E2, DEPOT_E1 = f"{HUB}*E1", f"{HUB}*E2", f"{DEPOT}*E1"
CARD = {"uid": "CARD-1", "type": "RFID"}
OTHERS_CARD = {"uid": "CARD-9", "type": "RFID"}
OTHERS_APP = {"uid": "app-9", "type": "APP_USER"}
OTHERS_CONTRACT = {"uid": "DE-EMO-C00000009-X", "type": "EMAID"}
PLATE = "12-ABC-3"
BY_OTHER = "This charger is booked by someone else at this time."
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "by the app of its provider": ("other_emsp", {"token": OTHERS_APP}),
    "by a physical token": ("cpo", {"token": OTHERS_CARD}),
    "by Plug and Charge": ("cpo", {"token": OTHERS_CONTRACT}),
}
"""How somebody else's driver tries: who sends it, and with what."""


async def tokens_of_all(world: World) -> None:
    """Let two providers publish cards, apps and contracts of their drivers."""
    await published(world, a_token("CARD-1"), a_token(FLEET_CONTRACT, "EMAID"))
    contract = {"contractId": OTHERS_CONTRACT["uid"]}
    others = [
        a_token(str(one["uid"]), str(one["type"]), **contract) for one in (OTHERS_CARD, OTHERS_APP, OTHERS_CONTRACT)
    ]
    await published(world, *others, caller="other_emsp")


async def reserved(world: World, offer_id: str = HUB_MCS, start: str = "10:00", end: str = "11:00") -> Any:
    """Return the pre-condition: a charger that takes commands, booked by a fleet for one of its cards."""
    await takes_commands(world)
    await tokens_of_all(world)
    return await booked(world, "fleet", offer_id, start, end, tokens=[of_booking(FLEET_CONTRACT)], licensePlate=PLATE)


async def attempted(world: World, way: str, evse_id: str) -> Any:
    """Return what is answered to somebody else's driver who tries to charge."""
    caller, by = WAYS[way]
    if caller == "cpo":
        return await tried(world, evse_id, **by)
    return await from_afar(world, caller, evseId=evse_id, **by)


def tells_of(answer: Any, one: Any) -> list[str]:
    """Return what of a booking and its holder an answer gives away."""
    secrets = ("NL*EMS", "CARD-1", FLEET_CONTRACT, PLATE, one["id"], one["reference"], one["requestId"])
    shown = json.dumps(answer).upper()
    return [secret for secret in secrets if secret.upper() in shown]


@pytest.mark.parametrize("way", WAYS)
async def test_buc_3_9_whoever_has_not_booked_the_charger_is_refused_and_told_that_another_has(
    changing: World, way: str
) -> None:
    one = await reserved(changing)
    changing.later(clock("10:05"))

    refusal = await attempted(changing, way, HUB_E1)

    assert refusal == {
        "__typename": "ChargingRefused",
        "reason": "BOOKED_BY_OTHER",
        "message": BY_OTHER,
        "from": None,
        "evseId": None,
    }
    assert tells_of(refusal, one) == []


@pytest.mark.parametrize("way", WAYS)
async def test_buc_3_9_the_reason_reaches_the_driver_through_its_provider_and_nobody_elses(
    changing: World, way: str
) -> None:
    one = await reserved(changing)
    other = await booked(changing, "other_emsp", DEPOT_ANY, "10:00", "11:00")
    after = await cursor_now(changing, "other_emsp", other["id"])
    changing.later(clock("10:05"))
    await attempted(changing, way, HUB_E1)

    told = await told_of(changing, "other_emsp", after)

    method = {"RFID": "RFID", "EMAID": "PLUG_AND_CHARGE", "APP_USER": "REMOTE"}[WAYS[way][1]["token"]["type"]]
    assert told["authorization"] == {
        "evseId": HUB_E1,
        "method": method,
        "reason": "BOOKED_BY_OTHER",
        "message": BY_OTHER,
        "bookingId": None,
        "at": "2026-12-01T10:05:00Z",
    }
    assert tells_of(told, one) == []
    for caller in ("other_emsp", "cpo"):
        assert await decided(changing, caller, HUB_E1) == [(method, "BOOKED_BY_OTHER")]
    for caller in ("emsp", "fleet", "other_fleet", "other_cpo"):
        assert await decided(changing, caller, HUB_E1) == []


@pytest.mark.parametrize("remote", [False, True])
async def test_buc_3_9_each_reason_has_a_sentence_of_its_own_at_the_charger_and_from_afar(
    changing: World, remote: bool
) -> None:
    await reserved(changing)
    shown: dict[str, tuple[Any, ...]] = {}

    async def attempt(evse_id: str, token: Any, caller: str = "fleet") -> None:
        by = {"token": token}
        if remote:
            came = await from_afar(changing, caller, evseId=evse_id, **by)
        else:
            came = await tried(changing, evse_id, **by)
        assert came["__typename"] == "ChargingRefused", came
        shown[came["reason"]] = (came["message"], came["from"], came["evseId"])

    changing.later(clock("09:58"))
    await attempt(HUB_E1, OTHERS_CARD, "other_emsp")
    await attempt(DEPOT_E1, OTHERS_CARD, "other_emsp")
    await attempt(HUB_E2, {"uid": "NOBODYS", "type": "RFID"})
    changing.later(clock("10:00"))
    await attempt(HUB_E2, CARD)
    begun = await do(changing, "cpo", BEGUN, evseId=HUB_E1, token=CARD)
    await attempt(HUB_E1, OTHERS_CARD, "other_emsp")
    await do(changing, "cpo", ENDED, sessionId=begun["id"], reason="DRIVER")
    await do(changing, "emsp", BLOCK, tokenId="NL*EMS*RFID*CARD-1", reason="Lost.")
    await attempt(HUB_E2, CARD)

    assert shown == {
        "BOOKED_BY_OTHER": (BY_OTHER, None, None),
        "BOOKING_REQUIRED": ("This charger can be used with a booking only.", None, None),
        "TOKEN_UNKNOWN": ("This card or account is not known here.", None, None),
        "WRONG_CHARGER": ("Your booking is for another charger.", None, HUB_E1),
        "CHARGER_IN_USE": ("This charger is in use.", None, None),
        "TOKEN_BLOCKED": ("This card or account is blocked; ask your provider.", None, None),
    }


@pytest.mark.parametrize("by_booking", [True, False])
async def test_buc_3_9_the_holder_who_comes_too_early_too_late_or_after_canceling_is_told_so(
    changing: World, by_booking: bool
) -> None:
    one = await reserved(changing, DEPOT_ANY)
    dropped = await booked(changing, "fleet", DEPOT_ANY, "14:00", "15:00", tokens=[of_booking(FLEET_CONTRACT)])
    await canceled(changing, "fleet", dropped)

    async def attempt(booking: Any) -> tuple[Any, ...]:
        if by_booking:
            came = await from_afar(changing, "fleet", bookingId=booking["id"])
        else:
            came = await tried(changing, DEPOT_E1, reference=booking["reference"])
        return came["reason"], came["message"], came["from"]

    changing.later(clock("08:00"))
    early = await attempt(one)
    over = await attempt(dropped)
    changing.later(clock("10:30"))
    late = await attempt(one)

    assert early == ("TOO_EARLY", "It is too early for your booking.", "2026-12-01T10:00:00Z")
    assert over == ("BOOKING_OVER", "Your booking is over.", None)
    assert late == ("TOO_LATE", "It is too late for your booking.", None)


async def test_buc_3_9_nothing_is_started_or_asked_for_by_a_refused_attempt(changing: World) -> None:
    await reserved(changing)
    changing.later(clock("10:05"))
    wanted = {"evseId": HUB_E1, "token": OTHERS_APP}

    first, second = await again(changing, "other_emsp", START, wanted)
    other_key = await from_afar(changing, "other_emsp", **wanted)
    session = await do(changing, "cpo", BEGUN, evseId=HUB_E1, token=OTHERS_CARD)

    assert first == second == other_key
    assert session["reason"] == "BOOKED_BY_OTHER"
    for caller in ("cpo", "emsp", "other_emsp", "fleet"):
        assert await listed(changing, caller) == []


async def test_buc_3_9_the_holder_itself_starts_from_afar_once_the_operator_agrees(changing: World) -> None:
    one = await reserved(changing)
    changing.later(clock("10:05"))

    asked = await from_afar(changing, "fleet", bookingId=one["id"])
    async with subscribed(changing, "cpo", FOLLOW) as stream:
        heard = (await stream.next())["request"]
    accepted = await do(changing, "cpo", ANSWER, requestId=heard["id"], accepted=True)
    session = await do(changing, "cpo", BEGUN, evseId=HUB_E1, token=heard["token"] and CARD)
    stopping = await do(changing, "fleet", STOP, sessionId=session["id"])
    ended = await do(changing, "cpo", ENDED, sessionId=session["id"], reason="REMOTE")

    assert (asked["__typename"], asked["status"], asked["evse"]) == ("SessionRequest", "PENDING", {"id": HUB_E1})
    assert {name: asked[name] for name in heard} == heard
    assert accepted["status"] == "ACCEPTED"
    assert (session["bookingId"], session["basis"], session["authMethod"]) == (one["id"], "BOOKING", "COMMAND")
    assert (await ask(changing, "emsp", BY_ID, id=asked["id"]))["sessionId"] == session["id"]
    assert (ended["status"], ended["stopReason"]) == ("COMPLETED", "REMOTE")
    assert (await ask(changing, "fleet", BY_ID, id=stopping["id"]))["status"] == "ACCEPTED"
    over = await do(changing, "fleet", STOP, sessionId=session["id"])
    assert (over["__typename"], over["endedAt"]) == ("SessionOver", "2026-12-01T10:05:00Z")


async def test_buc_3_9_the_operator_refuses_a_start_from_afar_in_words_of_its_own(changing: World) -> None:
    one = await reserved(changing)
    changing.later(clock("10:05"))
    asked = await from_afar(changing, "emsp", bookingId=one["id"])
    words = "A truck without a booking blocks the bay; we are on our way."

    async with subscribed(changing, "fleet", FOLLOW) as stream:
        waits = await stream.next()
        await do(changing, "cpo", ANSWER, requestId=asked["id"], accepted=False, reason=words)
        told = (await stream.next())["request"]

    assert waits["request"]["status"] == "PENDING"
    assert (told["id"], told["status"], told["statusReason"]) == (asked["id"], "REJECTED", words)
    for caller in ("cpo", "emsp", "fleet"):
        assert await ask(changing, caller, BY_ID, id=asked["id"]) == told
        assert await listed(changing, caller, "REJECTED") == [asked["id"]]
    for caller in ("other_emsp", "other_fleet", "other_cpo"):
        assert await listed(changing, caller) == []
        hidden = await changing.execute(caller, BY_ID, id=asked["id"])
        assert [code for code, _ in hidden.errors] == ["NOT_FOUND"]


async def test_buc_3_9_a_start_that_the_operator_does_not_answer_comes_to_nothing_in_a_minute(
    changing: World,
) -> None:
    one = await reserved(changing)
    changing.later(clock("10:05"))
    asked = await from_afar(changing, "fleet", bookingId=one["id"])
    twice = await from_afar(changing, "emsp", evseId=HUB_E1, token=CARD)
    changing.later(clock("10:05") + timedelta(seconds=60))
    await round_of_worker(changing)

    late = await do(changing, "cpo", ANSWER, requestId=asked["id"], accepted=True)
    now = await ask(changing, "fleet", BY_ID, id=asked["id"])
    once_more = await from_afar(changing, "fleet", bookingId=one["id"])

    assert asked["answerUntil"] == "2026-12-01T10:06:00Z"
    assert twice["__typename"] == "NotAllowed"
    assert (late["__typename"], late["until"]) == ("NothingToAnswer", asked["answerUntil"])
    assert (now["status"], now["statusReason"]) == ("TIMED_OUT", "The operator did not answer in time.")
    assert once_more["status"] == "PENDING"


async def test_buc_3_9_what_nobody_answered_waits_no_more_whether_a_worker_came_by_or_not(changing: World) -> None:
    one = await reserved(changing)
    changing.later(clock("10:05"))
    asked = await from_afar(changing, "fleet", bookingId=one["id"])
    changing.later(clock("10:05") + timedelta(seconds=59))
    in_time = [await listed(changing, "emsp", *statuses) for statuses in (["PENDING"], ["TIMED_OUT"])]

    changing.later(clock("10:05") + timedelta(seconds=60))
    before = await ask(changing, "fleet", BY_ID, id=asked["id"])
    too_late = [
        await listed(changing, "emsp", *statuses)
        for statuses in (["PENDING"], ["PENDING", "ACCEPTED"], ["TIMED_OUT"], ["TIMED_OUT", "PENDING"], ["ACCEPTED"])
    ]
    await round_of_worker(changing)

    assert in_time == [[asked["id"]], []]
    assert (before["status"], before["statusReason"]) == ("TIMED_OUT", "The operator did not answer in time.")
    assert too_late == [[], [], [asked["id"]], [asked["id"]], []]
    assert await ask(changing, "fleet", BY_ID, id=asked["id"]) == before
    assert await listed(changing, "emsp", "TIMED_OUT") == [asked["id"]]


async def test_buc_3_9_a_charger_that_takes_no_commands_says_so(changing: World) -> None:
    await tokens_of_all(changing)
    one = await booked(changing, "fleet", DEPOT_ANY, "10:00", "11:00", tokens=[of_booking(FLEET_CONTRACT)])
    changing.later(clock("10:05"))

    refusal = await from_afar(changing, "fleet", bookingId=one["id"])

    assert refusal["__typename"] == "NotAllowed"
    assert refusal["message"].startswith("This charger cannot be started or stopped from afar")
