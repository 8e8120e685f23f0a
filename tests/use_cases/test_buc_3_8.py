"""BUC 3.8: an operator shares how a session goes on: energy, power, state of charge, time left and cost."""

from typing import Any

import pytest

from tests.subscriptions.streams import subscribed
from tests.use_cases.charging_documents import (
    BY_ID,
    CARD,
    E1,
    E2,
    FOLLOW,
    LISTED,
    OTHERS_CARD,
    PAIR,
    READ,
    STRANGERS,
    begun,
    ended,
    following,
    listed,
    measured,
    read,
    reading,
    tokens_of_all,
    with_card,
)
from tests.use_cases.documents import ask, do, period
from tests.use_cases.following_documents import HOLDERS, clock, cursor_now
from tests.use_cases.operators import DEPOT, HUB
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

PROGRESS = ("kwh", "power", "stateOfCharge", "minutesLeft", "readAt")
JOINED = """
query ($id: ID!) { booking(id: $id) { sessions { id status kwh } } }
"""
BACK = """
query ($id: ID!) { session(id: $id) { booking { id reference phase } } }
"""


async def charging(world: World, caller: str = "fleet", **more: Any) -> tuple[Any, Any]:
    """Return the pre-condition: a booking from ten to eleven, and its session, which began at ten."""
    one = await with_card(world, caller)
    return one, await begun(world, E1, "10:00", token=CARD, **more)


def progress(session: Any) -> tuple[Any, ...]:
    """Return how far a session is."""
    return tuple(session[name] for name in PROGRESS)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_8_provider_and_transport_operator_are_told_of_all_progress(changing: World, caller: str) -> None:
    _, session = await charging(changing, caller, meterStart="5000")

    async with following(changing, "emsp", session) as emsp, following(changing, "fleet", session) as fleet:
        told = [[progress((await stream.next())["session"])] for stream in (emsp, fleet)]
        for moment, meter, watts, percent in (("10:15", "5070.25", 281_000, 38), ("10:30", "5150.5", 321_000, 61)):
            changing.later(clock(moment))
            at = {"at": clock(moment).isoformat(), "meter": meter, "power": watts, "stateOfCharge": percent}
            await measured(changing, session, at)
            for heard, stream in zip(told, (emsp, fleet), strict=True):
                heard.append(progress((await stream.next())["session"]))

    for heard in told:
        assert heard == [
            ("0", None, None, 75, None),
            ("70.25", 281_000, 38, 60, "2026-12-01T10:15:00Z"),
            ("150.5", 321_000, 61, 45, "2026-12-01T10:30:00Z"),
        ]


async def test_buc_3_8_the_running_cost_is_shown_by_the_tariff_to_the_fourth_decimal(changing: World) -> None:
    _, session = await charging(changing)
    costs = [session["cost"]]
    for moment, kwh in (("10:15", "70.333"), ("10:30", "150.0007"), ("10:40", "150.0007")):
        changing.later(clock(moment))
        now, _ = await measured(changing, session, reading(moment, kwh))
        costs.append(now["cost"])
    over = await ended(changing, session, "10:42", kwh="150.0007")

    assert {one["currency"] for one in costs} == {"EUR"}
    assert [(one["beforeTaxes"], one["afterTaxes"]) for one in costs] == [
        ("0.0000", "0.0000"),
        ("35.1665", "41.8481"),
        ("75.0005", "89.2506"),
        ("77.0005", "91.6306"),
    ]
    assert (over["cost"]["beforeTaxes"], over["cost"]["afterTaxes"]) == ("78.0005", "92.8206")


async def test_buc_3_8_the_time_left_is_that_of_the_booking_and_counts_down(changing: World) -> None:
    _, session = await charging(changing)
    left = []
    for moment in ("10:00", "10:00:30", "10:30", "11:00", "11:14:30", "11:15", "11:30"):
        changing.later(clock(moment))
        left.append((await read(changing, "fleet", session))["minutesLeft"])

    assert left == [75, 74, 45, 15, 0, 0, 0]
    await ended(changing, session, "11:31")
    assert (await read(changing, "fleet", session))["minutesLeft"] is None


async def test_buc_3_8_a_vehicle_that_does_not_tell_its_state_of_charge_is_shown_without(changing: World) -> None:
    _, session = await charging(changing)
    changing.later(clock("10:30"))

    silent, _ = await measured(changing, session, reading("10:20", "50", power=150_000))
    spoke, _ = await measured(changing, session, reading("10:25", "75", stateOfCharge=44))
    silent_again, _ = await measured(changing, session, reading("10:30", "100"))

    shown = [(one["kwh"], one["power"], one["stateOfCharge"]) for one in (silent, spoke, silent_again)]
    assert shown == [("50", 150_000, None), ("75", 150_000, 44), ("100", 150_000, 44)]


async def test_buc_3_8_readings_come_twice_late_out_of_order_and_backwards_and_the_meter_never_runs_back(
    changing: World,
) -> None:
    _, session = await charging(changing)
    changing.later(clock("10:40"))
    first, came = await measured(changing, session, reading("10:30", "120"), reading("10:10", "40"))
    assert came == [("10:10", "TAKEN"), ("10:30", "TAKEN")]

    second, came = await measured(
        changing,
        session,
        reading("10:30", "120"),
        reading("10:30", "121"),
        reading("10:20", "80"),
        reading("10:25", "130"),
        reading("10:35", "110"),
        reading("09:59", "0"),
        reading("10:50", "200"),
    )

    assert sorted(came) == [
        ("09:59", "OUTSIDE"),
        ("10:20", "LATE"),
        ("10:25", "BACKWARDS"),
        ("10:30", "CONTRADICTS"),
        ("10:30", "KNOWN"),
        ("10:35", "BACKWARDS"),
        ("10:50", "OUTSIDE"),
    ]
    assert progress(first) == progress(second) == ("120", None, None, 35, "2026-12-01T10:30:00Z")
    assert first["cost"] == second["cost"] == {"currency": "EUR", "beforeTaxes": "60.0000", "afterTaxes": "71.4000"}


async def test_buc_3_8_what_is_sent_twice_changes_nothing_and_tells_nobody(changing: World) -> None:
    one, session = await charging(changing)
    after = await cursor_now(changing, "emsp", one["id"])
    changing.later(clock("10:30"))
    sent = {"idempotencyKey": a_key(), "sessionId": session["id"], "readings": [reading("10:30", "120")]}

    first, again = [await ask(changing, "cpo", READ, input=sent) for _ in range(2)]
    _, known = await measured(changing, session, reading("10:30", "120"))
    await ended(changing, session, "10:50")

    async with subscribed(changing, "emsp", FOLLOW, after=after) as stream:
        told = [(await stream.next())["at"][11:16] for _ in range(2)]
    assert first == again
    assert known == [("10:30", "KNOWN")]
    assert told == ["10:30", "10:50"]


async def test_buc_3_8_what_is_measured_of_a_session_that_is_over_changes_nothing(changing: World) -> None:
    _, session = await charging(changing)
    over = await ended(changing, session, "10:30", kwh="120")

    now, came = await measured(changing, session, reading("10:20", "80"), reading("10:45", "150"))

    assert came == [("10:20", "LATE"), ("10:45", "OUTSIDE")]
    assert now == over


async def test_buc_3_8_whoever_lost_its_connection_goes_on_where_it_was(changing: World) -> None:
    _, session = await charging(changing)
    async with following(changing, "fleet", session) as stream:
        after = (await stream.next())["cursor"]
    for moment, kwh in (("10:10", "40"), ("10:20", "80")):
        changing.later(clock(moment))
        await measured(changing, session, reading(moment, kwh))

    async with following(changing, "fleet", session, after) as stream:
        missed = [await stream.next() for _ in range(2)]

    assert [one["at"][11:16] for one in missed] == ["10:10", "10:20"]
    assert [one["session"]["kwh"] for one in missed] == ["80", "80"]


async def test_buc_3_8_a_booking_leads_to_its_sessions_and_a_session_to_its_booking(changing: World) -> None:
    one, session = await charging(changing)

    for caller in (*PAIR, "cpo"):
        assert await ask(changing, caller, JOINED, id=one["id"]) == {
            "sessions": [{"id": session["id"], "status": "ACTIVE", "kwh": "0"}]
        }
        shown = await ask(changing, caller, BACK, id=session["id"])
        assert shown == {"booking": {"id": one["id"], "reference": one["reference"], "phase": "CHARGING"}}


async def test_buc_3_8_progress_is_followed_by_the_booking_from_before_it_begins(changing: World) -> None:
    one = await with_card(changing)
    async with subscribed(changing, "fleet", FOLLOW, bookingIds=[one["id"]], after=None) as stream:
        session = await begun(changing, E1, "10:00", token=CARD)
        told = (await stream.next())["session"]

    assert (told["id"], told["status"], told["bookingId"]) == (session["id"], "ACTIVE", one["id"])


async def test_buc_3_8_sessions_are_listed_by_place_booking_status_and_start(changing: World) -> None:
    await tokens_of_all(changing)
    one, first = await charging(changing)
    await ended(changing, first, "10:20")
    second = await begun(changing, E2, "10:30", token=CARD)
    other = await begun(changing, E1, "10:40", token=OTHERS_CARD)

    both = [first["id"], second["id"]]
    for caller in PAIR:
        assert await listed(changing, caller) == both
    assert await listed(changing, "cpo") == [*both, other["id"]]
    assert await listed(changing, "other_emsp") == [other["id"]]
    assert await listed(changing, "fleet", locationId=HUB) == both
    assert await listed(changing, "fleet", locationId=DEPOT) == []
    assert await listed(changing, "fleet", bookingIds=[one["id"]]) == [first["id"]]
    assert await listed(changing, "fleet", bookingIds=[]) == []
    assert await listed(changing, "fleet", statuses=["ACTIVE"]) == [second["id"]]
    assert await listed(changing, "fleet", starting=period("10:00", "10:30")) == [first["id"]]
    page = await ask(changing, "cpo", LISTED, first=2)
    rest = await listed(changing, "cpo", after=page["pageInfo"]["endCursor"])
    assert (page["pageInfo"]["hasNextPage"], rest) == (True, [other["id"]])


async def test_buc_3_8_nobody_else_sees_a_session(changing: World) -> None:
    one, session = await charging(changing)

    for caller in STRANGERS:
        assert await listed(changing, caller) == []
        answer = await changing.execute(caller, BY_ID, id=session["id"])
        assert [code for code, _ in answer.errors] == ["NOT_FOUND"]
        for named in ({"sessionIds": [session["id"]]}, {"bookingIds": [one["id"]]}):
            async with subscribed(changing, caller, FOLLOW, **named) as stream:
                assert (await stream.refusal())[0] == "NOT_FOUND"
    for who in ("nsp", "nap", None):
        hidden = await changing.execute(who, BY_ID, id=session["id"])
        assert [code for code, _ in hidden.errors] == ["NOT_FOUND" if who else "UNAUTHENTICATED"]
        async with subscribed(changing, who, FOLLOW) as stream:
            assert (await stream.refusal())[0] == ("FORBIDDEN" if who else "UNAUTHENTICATED")


async def test_buc_3_8_only_its_operator_tells_what_was_measured_and_only_what_can_be(changing: World) -> None:
    _, session = await charging(changing)
    changing.later(clock("10:30"))
    wanted = {"sessionId": session["id"], "readings": [reading("10:30", "120")]}

    foreign = await do(changing, "other_cpo", READ, **wanted)
    assert foreign["__typename"] == "NotFound"
    for caller in PAIR:
        answer = await changing.execute(caller, READ, input={"idempotencyKey": a_key(), **wanted})
        assert [code for code, _ in answer.errors] == ["FORBIDDEN"]
    for bad in ({"kwh": "-1"}, {"kwh": "1", "meter": "2"}, {"kwh": "1", "stateOfCharge": 101}, {"meter": "5"}):
        readings = [{"at": "2026-12-01T10:30:00Z", **bad}]
        sent = {"idempotencyKey": a_key(), "sessionId": session["id"], "readings": readings}
        answer = await changing.execute("cpo", READ, input=sent)
        assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"], bad
    assert progress(await read(changing, "fleet", session))[0] == "0"
