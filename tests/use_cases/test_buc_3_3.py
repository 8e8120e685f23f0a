"""BUC 3.3: a transport operator initiates, performs and ends charging at a charge point."""

from typing import Any

import pytest

from tests.use_cases.charging_documents import (
    CARD,
    E1,
    PAIR,
    START,
    STOP,
    STRANGERS,
    authorized,
    begun,
    ended,
    following,
    listed,
    measured,
    phase,
    read,
    reading,
    tokens_of_all,
    with_card,
)
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import clock
from tests.use_cases.operators import HUB
from tests.use_cases.remote_documents import ANSWER, from_afar, takes_commands
from tests.use_cases.remote_documents import STOP as STOP_FROM_AFAR
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio


async def test_buc_3_3_it_initiates_performs_and_ends_charging_at_the_charger(changing: World) -> None:
    await tokens_of_all(changing)
    one = await with_card(changing)
    phases = [await phase(changing, one)]
    changing.later(clock("10:05"))
    phases.append(await phase(changing, one))

    assert (await authorized(changing, E1, token=CARD))["__typename"] == "ChargingAuthorized"
    phases.append(await phase(changing, one))
    new = await begun(changing, E1, token=CARD, meterStart="1000.5", meterId="METER-7")
    phases.append(await phase(changing, one))
    changing.later(clock("10:30"))
    (halfway, _) = await measured(changing, new, reading("10:30", "125", power=300_000, stateOfCharge=55))
    over = await ended(changing, new, "10:50", meter="1225.5", stateOfCharge=80)
    phases.append(await phase(changing, one))

    assert phases == [
        ("RESERVED", "CONFIRMED", "OPEN"),
        ("RESERVED", "LATE", "OPEN"),
        ("RESERVED", "LATE", "OPEN"),
        ("FULFILLED", "CHARGING", "CHARGED"),
        ("FULFILLED", "COMPLETED", "CHARGED"),
    ]
    assert (new["status"], halfway["status"], over["status"]) == ("ACTIVE", "ACTIVE", "COMPLETED")
    assert (halfway["kwh"], halfway["power"], halfway["stateOfCharge"]) == ("125", 300_000, 55)
    assert over == halfway | {
        "status": "COMPLETED",
        "endDateTime": "2026-12-01T10:50:00Z",
        "stopReason": "DRIVER",
        "stoppedBy": "TO",
        "kwh": "225.0",
        "power": None,
        "stateOfCharge": 80,
        "readAt": "2026-12-01T10:50:00Z",
        "cost": {"currency": "EUR", "beforeTaxes": "112.5000", "afterTaxes": "133.8750"},
        "minutesLeft": None,
        "endedEarly": True,
        "lastUpdated": "2026-12-01T10:50:00Z",
    }


@pytest.mark.parametrize("caller", PAIR)
async def test_buc_3_3_the_session_names_its_booking_and_everything_that_settles_it(
    changing: World, caller: str
) -> None:
    one = await with_card(changing, "emsp" if caller == "emsp" else "fleet")
    session = await begun(changing, E1, "10:05", token=CARD, meterId="METER-7")

    assert await read(changing, caller, session) == session
    assert session["id"].startswith("NL*ABC*")
    reference = session["authorizationReference"]
    assert reference
    assert session == {
        "id": session["id"],
        "status": "ACTIVE",
        "basis": "BOOKING",
        "bookingId": one["id"],
        "location": {"id": HUB},
        "evse": {"id": E1},
        "connectorId": f"{E1}*1",
        "token": {**CARD, "contractId": FLEET_CONTRACT},
        "emspId": "NL*EMS",
        "authMethod": "AUTH_REQUEST",
        "authorizationReference": reference,
        "startDateTime": "2026-12-01T10:05:00Z",
        "kwh": "0",
        **dict.fromkeys(("endDateTime", "stopReason", "stoppedBy", "power", "stateOfCharge", "readAt")),
        "meterId": "METER-7",
        "cost": {"currency": "EUR", "beforeTaxes": "0.0000", "afterTaxes": "0.0000"},
        "slotEnd": "2026-12-01T11:00:00Z",
        "allowedUntil": "2026-12-01T11:15:00Z",
        "minutesLeft": 70,
        "overtimeMinutes": 0,
        "endedEarly": False,
        "irregularity": None,
        "lastUpdated": "2026-12-01T10:05:00Z",
    }


async def test_buc_3_3_it_initiates_and_ends_by_its_app_from_afar(changing: World) -> None:
    await takes_commands(changing)
    await tokens_of_all(changing)
    one = await with_card(changing)
    changing.later(clock("10:05"))

    asked = await from_afar(changing, "fleet", bookingId=one["id"])
    await do(changing, "cpo", ANSWER, requestId=asked["id"], accepted=True)
    session = await begun(changing, E1, token=CARD)
    changing.later(clock("10:40"))
    stopping = await do(changing, "fleet", STOP_FROM_AFAR, sessionId=session["id"])
    over = await ended(changing, session, "10:40:30", "REMOTE")

    assert (session["authMethod"], session["bookingId"]) == ("COMMAND", one["id"])
    assert stopping["status"] == "PENDING"
    assert (over["status"], over["endDateTime"]) == ("COMPLETED", "2026-12-01T10:40:30Z")
    assert (over["stopReason"], over["stoppedBy"]) == ("REMOTE", "TO")


async def test_buc_3_3_provider_and_transport_operator_hear_of_each_step(changing: World) -> None:
    one = await with_card(changing)
    session = await begun(changing, E1, "10:05", token=CARD)

    for caller in (*PAIR, "cpo"):
        async with following(changing, caller, session) as stream:
            message = await stream.next()
            assert (message["session"], message["at"]) == (
                await read(changing, caller, session),
                "2026-12-01T10:05:00Z",
            )
    async with following(changing, "emsp", session) as emsp, following(changing, "fleet", session) as fleet:
        for stream in (emsp, fleet):
            await stream.next()
        changing.later(clock("10:30"))
        await measured(changing, session, reading("10:30", "100"))
        going_on = [(await stream.next())["session"] for stream in (emsp, fleet)]
        await ended(changing, session, "10:50")
        over = [(await stream.next())["session"] for stream in (emsp, fleet)]
    assert [(each["status"], each["kwh"]) for each in going_on] == [("ACTIVE", "100")] * 2
    assert [(each["status"], each["kwh"]) for each in over] == [("COMPLETED", "100")] * 2
    assert await phase(changing, one) == ("FULFILLED", "COMPLETED", "CHARGED")


async def test_buc_3_3_a_charger_may_report_twice_and_begins_and_ends_once(changing: World) -> None:
    await with_card(changing)
    changing.later(clock("10:05"))
    start = {"idempotencyKey": a_key(), "evseId": E1, "token": CARD}
    first, again = [await ask(changing, "cpo", START, input=start) for _ in range(2)]
    changing.later(clock("10:50"))
    stop = {"idempotencyKey": a_key(), "sessionId": first["id"], "reason": "DRIVER"}
    over, still = [await ask(changing, "cpo", STOP, input=stop) for _ in range(2)]
    changed = await ask(changing, "cpo", STOP, input={**stop, "reason": "VEHICLE"})
    once_more = await do(changing, "cpo", STOP, sessionId=first["id"], reason="DRIVER")

    assert (first, over) == (again, still)
    assert await listed(changing, "cpo", locationId=HUB) == [first["id"]]
    assert changed["__typename"] == "IdempotencyConflict"
    assert (once_more["__typename"], once_more["endedAt"]) == ("SessionOver", "2026-12-01T10:50:00Z")


async def test_buc_3_3_what_happened_while_a_charger_was_out_of_touch_is_told_afterwards(changing: World) -> None:
    one = await with_card(changing)
    session = await begun(changing, E1, "11:30", token=CARD, startedAt="2026-12-01T10:10:00Z")
    over = await ended(changing, session, "11:31", endedAt="2026-12-01T10:55:00Z", kwh="200")

    assert (session["bookingId"], session["irregularity"]) == (one["id"], None)
    assert (over["startDateTime"], over["endDateTime"], over["kwh"]) == (
        "2026-12-01T10:10:00Z",
        "2026-12-01T10:55:00Z",
        "200",
    )
    assert await phase(changing, one) == ("FULFILLED", "COMPLETED", "CHARGED")


@pytest.mark.parametrize(
    ("reason", "by"),
    [
        ("DRIVER", "TO"),
        ("VEHICLE", "TO"),
        ("REMOTE", "EMSP"),
        ("OPERATOR", "CPO"),
        ("NO_LONGER_ALLOWED", "CPO"),
        ("TARGET_REACHED", None),
        ("CHARGER_FAULT", None),
        ("POWER_LOSS", None),
        ("OTHER", None),
    ],
)
async def test_buc_3_3_everybody_concerned_reads_why_it_ended_and_by_whom(
    changing: World, reason: str, by: str | None
) -> None:
    one = await with_card(changing)
    session = await begun(changing, E1, "10:00", token=CARD)

    await ended(changing, session, "10:30", reason)

    for caller in (*PAIR, "cpo"):
        shown = await read(changing, caller, session)
        assert (shown["status"], shown["stopReason"], shown["stoppedBy"]) == ("COMPLETED", reason, by)
    interrupted = reason in ("CHARGER_FAULT", "POWER_LOSS")
    assert (await phase(changing, one))[1] == ("DUE" if interrupted else "COMPLETED")


async def test_buc_3_3_what_a_fault_interrupted_goes_on_within_the_slot(changing: World) -> None:
    one = await with_card(changing)
    first = await begun(changing, E1, "10:00", token=CARD)
    await ended(changing, first, "10:20", "POWER_LOSS", kwh="50")
    second = await begun(changing, E1, "10:25", token=CARD)
    await ended(changing, second, "10:55", kwh="150")

    assert (first["bookingId"], second["bookingId"]) == (one["id"], one["id"])
    assert await listed(changing, "fleet", bookingIds=[one["id"]]) == [first["id"], second["id"]]
    assert await phase(changing, one) == ("FULFILLED", "COMPLETED", "CHARGED")


async def test_buc_3_3_only_the_operator_of_a_charger_reports_what_happens_there(changing: World) -> None:
    await with_card(changing)
    session = await begun(changing, E1, "10:05", token=CARD)
    reports: dict[str, dict[str, Any]] = {
        START: {"evseId": E1, "token": CARD},
        STOP: {"sessionId": session["id"], "reason": "DRIVER"},
    }

    for caller in (*PAIR, *STRANGERS, "nsp", "nap", None):
        for document, wanted in reports.items():
            answer = await changing.execute(caller, document, input={"idempotencyKey": a_key(), **wanted})
            if caller == "other_cpo":
                (came,) = answer.data.values()
                assert came["__typename"] in ("NotFound", "NotAllowed")
            else:
                assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]
    assert (await read(changing, "cpo", session))["status"] == "ACTIVE"
