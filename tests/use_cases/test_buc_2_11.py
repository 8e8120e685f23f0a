"""BUC 2.11: a provider asks the operator how its transport operators' bookings stand, and what became of them.

Details of charging come with the sessions; their place is kept by `authorizationReference`, which joins them to it.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import CANCEL, CANCEL_QUOTE, booked, change_quoted, changed
from tests.use_cases.documents import REPORT, ask, do, period
from tests.use_cases.following_documents import (
    ACCEPT,
    BY_ID,
    BY_REFERENCE,
    DECLINE,
    FOLLOW,
    HOLDERS,
    SEVERAL,
    STORED,
    clock,
    decided,
    round_of_worker,
    state,
)
from tests.use_cases.operators import DEPOT_ANY, HUB, HUB_CCS, HUB_MCS, MIXED_FREE, an_offer, done
from tests.use_cases.prices import TERMS
from tests.world import World

pytestmark = pytest.mark.anyio

Happening = Callable[[World, Any], Awaitable[None]]
"""What happens to a booking from nine to ten."""

ASKED_FOR = ("CREATE", "ACCEPTED", "NL*EMS")


async def nine_to_ten(world: World, caller: str = "emsp", offer_id: str = HUB_MCS) -> Any:
    """Book an hour for a transport operator, and return how that stands."""
    made = await booked(world, caller, offer_id, "09:00", "10:00", **HOLDERS[caller])
    return await state(world, caller, made)


async def confirming(world: World) -> None:
    """Let the operator decide on every request for the megawatt charger."""
    await done(world, "confirmationSet", {"bookingLocationId": "HUB-MCS", "confirmation": "OPERATOR"})


def stands(one: Any) -> tuple[str, str, str]:
    """Return status, phase and outcome."""
    return one["status"], one["phase"], one["outcome"]


def requests(one: Any) -> list[tuple[str, str, str]]:
    """Return every request on a booking: what for, what came of it, who made it."""
    return [(asked["kind"], asked["requestStatus"], asked["requesterId"]) for asked in one["bookingRequests"]]


async def nothing(world: World, _: Any) -> None:
    await round_of_worker(world)


async def nobody_comes(world: World, _: Any) -> None:
    world.later(clock("09:30"))
    await round_of_worker(world)


async def canceled_by_holder(world: World, one: Any) -> None:
    gone = await do(world, "fleet", CANCEL, bookingId=one["id"], cancellationReason="BROKEN_VEHICLE")
    assert gone["status"] == "CANCELED", gone


async def canceled_by_operator(world: World, one: Any) -> None:
    gone = await do(world, "cpo", CANCEL, bookingId=one["id"], cancellationReason="POWER_OUTAGE")
    assert gone["status"] == "CANCELED", gone


async def charger_fails_it(world: World, one: Any) -> None:
    await do(world, "cpo", REPORT, evseId=f"{HUB}*E1", status="OUTOFORDER")
    await nobody_comes(world, one)


async def declined(world: World, one: Any) -> None:
    await decided(world, DECLINE, one, reason="The yard is full.")


async def nobody_decides(world: World, _: Any) -> None:
    world.later(clock("06:30"))
    await round_of_worker(world)


OUTCOMES: dict[str, tuple[Happening, tuple[str, str, str], list[tuple[str, str, str]], str | None]] = {
    "reserved": (nothing, ("RESERVED", "CONFIRMED", "OPEN"), [ASKED_FOR], None),
    "no show": (nobody_comes, ("NO_SHOW", "NO_SHOW", "NO_SHOW"), [ASKED_FOR], None),
    "canceled by its holder": (
        canceled_by_holder,
        ("CANCELED", "CANCELED", "CANCELED_BY_HOLDER"),
        [ASKED_FOR, ("CANCEL", "ACCEPTED", "NL*EMS")],
        "BROKEN_VEHICLE",
    ),
    "canceled by its operator": (
        canceled_by_operator,
        ("CANCELED", "CANCELED", "CANCELED_BY_OPERATOR"),
        [ASKED_FOR, ("CANCEL", "ACCEPTED", "NL*ABC")],
        "POWER_OUTAGE",
    ),
    "failed by its charger": (
        charger_fails_it,
        ("CANCELED", "CANCELED", "CANCELED_BY_OPERATOR"),
        [ASKED_FOR],
        "BROKEN_CHARGER",
    ),
    "waiting": (nothing, ("PENDING", "AWAITING_OPERATOR", "OPEN"), [("CREATE", "PENDING", "NL*EMS")], None),
    "declined": (declined, ("REJECTED", "REJECTED", "REJECTED"), [("CREATE", "DECLINED", "NL*EMS")], None),
    "never decided on": (nobody_decides, ("FAILED", "FAILED", "FAILED"), [("CREATE", "FAILED", "NL*EMS")], None),
}
"""What happens, how the booking stands then, what was asked of it, and why it was canceled if it was."""

CONFIRMED_BY_OPERATOR = {"waiting", "declined", "never decided on"}


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_11_a_booking_says_how_it_stands_what_became_of_it_and_all_that_was_asked(
    changing: World, caller: str, name: str
) -> None:
    happens, expected, history, reason = OUTCOMES[name]
    if name in CONFIRMED_BY_OPERATOR:
        await confirming(changing)
    one = await nine_to_ten(changing, caller)

    await happens(changing, one)

    stored = await state(changing, "emsp", one)
    entered = await ask(changing, "emsp", BY_REFERENCE, reference=one["reference"])
    assert stored == entered == await state(changing, "fleet", one)
    assert (stands(stored), requests(stored)) == (expected, history)
    assert (stored["canceled"] or {}).get("cancellationReason") == reason
    assert (stored["reservedAt"], stored["reservationExpiresAt"]) == ("2026-12-01T06:00:00Z", "2026-12-01T09:30:00Z")
    (edge,) = (await ask(changing, "emsp", SEVERAL, outcomes=[expected[2]]))["edges"]
    assert edge["node"] == stored


async def test_buc_2_11_one_that_was_charged_says_so(changing: World) -> None:
    """Charging begins with sessions, which are not there yet: the state that they will leave is set by SQL here."""
    one = await nine_to_ten(changing)
    changing.later(clock("09:05"))
    await changing.database.write(lambda connection: connection.execute("UPDATE booking SET status = 'FULFILLED'"))
    await nobody_comes(changing, one)

    after = await state(changing, "emsp", one)

    assert stands(after) == ("FULFILLED", "COMPLETED", "CHARGED")
    assert after["authorizationReference"] == one["authorizationReference"]


async def test_buc_2_11_a_booking_says_where_it_stands_from_the_request_until_it_expires(changing: World) -> None:
    early = {**TERMS, "earlyStartAllowed": True, "earlyStartTime": 15}
    offer = an_offer(HUB_MCS, bookingOption={"evseUid": "E1"}, bookingTerms=early)
    await done(changing, "bookingLocationsPublish", offer)
    await confirming(changing)
    one = await nine_to_ten(changing)
    seen = [stands(one)]

    async def look() -> None:
        seen.append(stands(await state(changing, "emsp", one)))

    await decided(changing, ACCEPT, one)
    await look()
    await changed(changing, "emsp", await change_quoted(changing, "emsp", one, period=period("09:15", "10:15")))
    await look()
    await decided(changing, ACCEPT, one)
    await look()
    for moment in ("09:00", "09:15", "09:45"):
        changing.later(clock(moment))
        await round_of_worker(changing)
        await look()

    assert seen == [
        ("PENDING", "AWAITING_OPERATOR", "OPEN"),
        ("RESERVED", "CONFIRMED", "OPEN"),
        ("RESERVED", "CHANGE_PENDING", "OPEN"),
        ("RESERVED", "CONFIRMED", "OPEN"),
        ("RESERVED", "DUE", "OPEN"),
        ("RESERVED", "LATE", "OPEN"),
        ("NO_SHOW", "NO_SHOW", "NO_SHOW"),
    ]


async def test_buc_2_11_a_provider_asks_of_several_by_the_ids_it_stored_or_the_references_it_was_given(
    changing: World,
) -> None:
    first, second = await nine_to_ten(changing), await nine_to_ten(changing, "fleet", HUB_CCS)
    third = await nine_to_ten(changing, "emsp", MIXED_FREE)
    foreign = await booked(changing, "other_emsp", DEPOT_ANY, "09:00", "10:00")
    ids = [first["id"], second["id"].lower(), foreign["id"], "NL*ABC*NONE"]
    typed = [f"{first['reference'][:3]}-{first['reference'][3:]} ".lower(), third["reference"], foreign["reference"]]

    stored = (await ask(changing, "emsp", STORED, ids=ids))["edges"]
    entered = (await ask(changing, "emsp", SEVERAL, references=typed))["edges"]
    asked_of_fleet = (await ask(changing, "fleet", SEVERAL, references=typed))["edges"]

    assert sorted(edge["node"]["id"] for edge in stored) == sorted((first["id"], second["id"]))
    assert {edge["node"]["id"] for edge in entered} == {first["id"], third["id"]}
    assert entered == asked_of_fleet


async def test_buc_2_11_the_old_reference_still_finds_a_booking_whose_sessions_keep_their_link(
    changing: World,
) -> None:
    one = await nine_to_ten(changing)
    quote = await change_quoted(changing, "emsp", one, period=period("10:00", "11:00"))
    changing.later(clock("06:05"))
    await changed(changing, "emsp", quote)

    after = await ask(changing, "emsp", BY_REFERENCE, reference=one["reference"])

    assert after["reference"] != one["reference"]
    kept = ("id", "authorizationReference", "requestId", "reservedAt")
    assert [after[name] for name in kept] == [one[name] for name in kept]
    assert after["reservationExpiresAt"] == "2026-12-01T10:30:00Z"
    (edge,) = (await ask(changing, "emsp", SEVERAL, references=[one["reference"]]))["edges"]
    assert edge["node"] == after


async def test_buc_2_11_the_history_tells_each_request_when_it_came_by_whom_what_came_of_it_and_its_fee(
    changing: World,
) -> None:
    one = await nine_to_ten(changing)
    changing.later(clock("07:05"))
    await changed(changing, "emsp", await change_quoted(changing, "emsp", one, period=period("09:30", "10:30")))
    changing.later(clock("08:45"))
    quote = await do(changing, "fleet", CANCEL_QUOTE, bookingId=one["id"])
    await do(changing, "fleet", CANCEL, bookingId=one["id"], cancelQuoteId=quote["id"])

    told = (await state(changing, "emsp", one))["bookingRequests"]

    assert [
        (asked["kind"], asked["requestStatus"], asked["role"], asked["requestReceived"][11:16], asked["fee"])
        for asked in told
    ] == [
        ("CREATE", "ACCEPTED", "EMSP", "06:00", None),
        ("CHANGE", "ACCEPTED", "EMSP", "07:05", {"currency": "EUR", "afterTaxes": "5.9500"}),
        ("CANCEL", "ACCEPTED", "TO", "08:45", {"currency": "EUR", "afterTaxes": "8.9250"}),
    ]
    assert [asked["decidedAt"] for asked in told] == [asked["requestReceived"] for asked in told]
    assert {asked["requesterId"] for asked in told} == {"NL*EMS"}


@pytest.mark.parametrize("name", [one for one in OUTCOMES if one not in ("reserved", "waiting")])
async def test_buc_2_11_a_booking_is_followed_live_by_id_and_by_reference_whatever_becomes_of_it(
    changing: World, name: str
) -> None:
    happens, expected, _, _ = OUTCOMES[name]
    if name in CONFIRMED_BY_OPERATOR:
        await confirming(changing)
    one, beside = await nine_to_ten(changing), await nine_to_ten(changing, "emsp", HUB_CCS)
    async with AsyncExitStack() as stack:
        by_id = await stack.enter_async_context(
            subscribed(changing, "emsp", FOLLOW, bookingIds=[one["id"], beside["id"]])
        )
        by_name = await stack.enter_async_context(
            subscribed(changing, "fleet", FOLLOW, references=[one["reference"]])
        )
        first = [(await by_id.next())["booking"] for _ in range(2)]
        second = (await by_name.next())["booking"]
        await happens(changing, one)

        told = [await until(stream, one["id"], expected) for stream in (by_id, by_name)]

    assert first == [one, beside]
    assert second == one
    assert told == [await state(changing, "emsp", one)] * 2


async def until(stream: Any, booking_id: str, expected: tuple[str, str, str]) -> Any:
    """Return the booking of the first message that tells that it stands so."""
    while True:
        told = (await stream.next())["booking"]
        if (told["id"], stands(told)) == (booking_id, expected):
            return told


@pytest.mark.parametrize("caller", ["other_emsp", "other_fleet", "other_cpo", "nsp", "nap", None])
async def test_buc_2_11_nobody_else_is_told_how_a_booking_stands(changing: World, caller: str | None) -> None:
    one = await nine_to_ten(changing)
    code = "NOT_FOUND" if caller else "UNAUTHENTICATED"

    by_id = await changing.execute(caller, BY_ID, id=one["id"])
    by_name = await changing.execute(caller, BY_REFERENCE, reference=one["reference"])
    async with subscribed(changing, caller, FOLLOW, bookingIds=[one["id"]]) as stream:
        refused = (await stream.refusal())[0]

    assert [[found for found, _ in answer.errors] for answer in (by_id, by_name)] == [[code]] * 2
    assert refused in (code, "FORBIDDEN")
