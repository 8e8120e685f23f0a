"""BUC 3.6: an operator ends charging when it is no longer allowed; it is told of that moment, and says so."""

from typing import Any

import pytest

from tests.use_cases.booking_documents import booked
from tests.use_cases.documents import do
from tests.use_cases.following_documents import cursor_now
from tests.use_cases.operators import HUB, HUB_CCS, HUB_MCS
from tests.use_cases.token_documents import a_token, published
from tests.use_cases.warning_documents import STOP, begun, charger_of, ended, passing, read, warned
from tests.world import World

pytestmark = pytest.mark.anyio

OVER = ("NO_LONGER_ALLOWED", 0, "11:15")


async def charging(world: World, caller: str = "emsp", offer_id: str = HUB_MCS) -> tuple[Any, Any]:
    """Book the hour from ten to eleven, begin to charge at ten, and return booking and session."""
    one = await booked(world, caller, offer_id, "10:00", "11:00")
    return one, await begun(world, await charger_of(world, one), "10:00", reference=one["reference"])


async def test_buc_3_6_the_operator_is_told_the_moment_charging_is_no_longer_allowed_and_of_nothing_before(
    changing: World,
) -> None:
    one, session = await charging(changing)
    after = await cursor_now(changing, "cpo", one["id"])
    await passing(changing, "10:45", "11:00", "11:14", "11:15", "11:20")

    assert session["allowedUntil"] == "2026-12-01T11:15:00Z"
    assert await warned(changing, "cpo", after, session) == [OVER]


async def test_buc_3_6_the_holder_is_told_at_the_same_moment(changing: World) -> None:
    one, session = await charging(changing, "fleet")
    after = await cursor_now(changing, "fleet", one["id"])
    await passing(changing, "10:45", "11:15")

    for holder in ("fleet", "emsp"):
        assert (await warned(changing, holder, after, session))[:2] == [("SLOT_ENDING", 15, "10:45"), OVER]


async def test_buc_3_6_the_operator_ends_the_session_then_and_everybody_reads_by_whom_and_why(
    changing: World,
) -> None:
    _, session = await charging(changing)
    await passing(changing, "11:15")

    await ended(changing, session, "11:16", "NO_LONGER_ALLOWED")

    for caller in ("cpo", "emsp"):
        shown = await read(changing, caller, session)
        assert shown["status"] == "COMPLETED"
        assert (shown["stopReason"], shown["stoppedBy"]) == ("NO_LONGER_ALLOWED", "CPO")
        assert shown["endDateTime"] == "2026-12-01T11:16:00Z"


async def test_buc_3_6_note_the_operator_may_end_a_session_at_any_moment_for_any_reason(changing: World) -> None:
    one, session = await charging(changing)
    beside, last = await charging(changing, offer_id=HUB_CCS)
    after = await cursor_now(changing, "cpo", one["id"])
    stopped = await ended(changing, session, "10:20", "OPERATOR")
    await passing(changing, "10:45", "11:10")

    assert (stopped["status"], stopped["stoppedBy"]) == ("COMPLETED", "CPO")
    assert beside["id"] == last["bookingId"]
    assert await warned(changing, "cpo", after, last) == []


async def test_buc_3_6_nobody_but_the_operator_of_the_charger_ends_it_so(changing: World) -> None:
    _, session = await charging(changing)

    came = await do(changing, "other_cpo", STOP, sessionId=session["id"], reason="OPERATOR")

    assert came["__typename"] == "NotFound"
    assert (await read(changing, "cpo", session))["status"] == "ACTIVE"


async def test_buc_3_6_a_use_without_a_booking_is_no_longer_allowed_once_the_next_booking_begins(
    changing: World,
) -> None:
    await published(changing, a_token("04A1B2C3"))
    following = await booked(changing, "other_emsp", HUB_MCS, "11:00", "12:00")
    session = await begun(changing, f"{HUB}*E1", "10:00", token={"type": "RFID", "uid": "04A1B2C3"})
    after = await cursor_now(changing, "cpo", following["id"])
    await passing(changing, "10:45", "10:59", "11:00")

    told = await warned(changing, "cpo", after, session)

    assert (session["bookingId"], session["allowedUntil"]) == (None, "2026-12-01T11:00:00Z")
    assert told == [("NO_LONGER_ALLOWED", 0, "11:00")]
