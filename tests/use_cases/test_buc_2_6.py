"""BUC 2.6: an operator confirms that a booking is made, changed or canceled, and MSP and TO are told at once."""

from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import (
    BY_REFERENCE,
    LISTED,
    booked,
    canceled,
    change_quoted,
    changed,
    found,
    hidden,
    history,
    named,
    when,
)
from tests.use_cases.documents import ask, hours, period
from tests.use_cases.lifecycle_documents import (
    ACCEPT,
    DECLINE,
    HOLDERS,
    NINE_TO_TEN,
    RECEIVED,
    STRANGERS,
    TEN_TO_ELEVEN,
    confirming,
    following,
    following_all,
    forbidden,
    free,
    granted,
    passes,
    told,
)
from tests.use_cases.operators import HUB_MCS
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

OF_EMSP, OF_FLEET = ("EMSP", "NL*EMS"), ("TO", "NL*EMS")
WHO = {"emsp": OF_EMSP, "fleet": OF_FLEET}


async def by(world: World, caller: str, start: str = "09:00", end: str = "10:00") -> Any:
    """Book for the fleet: by itself at the operator (BUC 2.1), or by its provider on its behalf (BUC 2.2)."""
    return await booked(world, caller, HUB_MCS, start, end, contractId=FLEET_CONTRACT)


async def asked_to_change(world: World, caller: str, booking: Any) -> Any:
    """Ask for the hour behind that of a booking, as it was quoted."""
    quote = await change_quoted(world, caller, booking, period=period(*TEN_TO_ELEVEN))
    return await changed(world, caller, quote)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_6_what_is_booked_at_once_is_confirmed_at_once_to_both(changing: World, caller: str) -> None:
    earlier = await by(changing, caller, "08:00", "09:00")
    async with following_all(changing, earlier) as streams:
        booking = await by(changing, caller)
        heard = await told(streams, "id", "reference", "status", "phase")

    assert heard == (booking["id"], booking["reference"], "RESERVED", "CONFIRMED")
    assert history(booking) == [("CREATE", "ACCEPTED", *WHO[caller])]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_6_a_change_is_confirmed_to_both_with_another_reference(changing: World, caller: str) -> None:
    booking = await by(changing, caller)

    async with following(changing, booking) as streams:
        now = await asked_to_change(changing, caller, booking)
        heard = await told(streams, "id", "reference", "revision", "status")
        slot = (await found(changing, "fleet", now["reference"]))["timeslot"]

    assert heard == (booking["id"], now["reference"], 2, "RESERVED")
    assert now["reference"] != booking["reference"]
    assert when({"timeslot": slot}) == TEN_TO_ELEVEN
    assert history(now)[-1] == ("CHANGE", "ACCEPTED", *WHO[caller])
    assert await free(changing) == [("08:00", "10:00"), ("11:00", "12:00")]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_6_a_cancellation_is_confirmed_to_both(changing: World, caller: str) -> None:
    booking = await by(changing, caller)

    async with following(changing, booking) as streams:
        over = await canceled(changing, caller, booking)
        heard = await told(streams, "reference", "status", "outcome", "canceled")

    reason = {"cancellationReason": "NO_CANCELED", "whoCanceled": WHO[caller][0]}
    assert heard == (booking["reference"], "CANCELED", "CANCELED_BY_HOLDER", reason)
    assert history(over)[-1] == ("CANCEL", "ACCEPTED", *WHO[caller])
    assert await free(changing) == [("08:00", "12:00")]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_6_the_operator_is_asked_and_its_confirmation_is_told_to_both(
    changing: World, caller: str
) -> None:
    await confirming(changing, HUB_MCS)

    async with subscribed(changing, "cpo", RECEIVED) as operator:
        booking = await by(changing, caller)
        request = await operator.next()
    async with following(changing, booking, (*HOLDERS, "cpo")) as streams:
        meanwhile = await free(changing)
        await granted(changing, "cpo", ACCEPT, bookingId=booking["id"])
        heard = await told(streams, "reference", "status", "phase", "revision")

    assert (booking["status"], booking["phase"]) == ("PENDING", "AWAITING_OPERATOR")
    assert request["booking"]["reference"] == booking["reference"]
    asked = request["request"]
    assert (asked["kind"], asked["requestStatus"], asked["role"], asked["requesterId"]) == (
        "CREATE",
        "PENDING",
        *WHO[caller],
    )
    assert hours(asked["period"]) == NINE_TO_TEN
    assert meanwhile == [("08:00", "09:00"), ("10:00", "12:00")]
    assert heard == (booking["reference"], "RESERVED", "CONFIRMED", 1)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_6_what_the_operator_declines_is_told_to_both_with_its_words_and_free_again(
    changing: World, caller: str
) -> None:
    await confirming(changing, HUB_MCS)
    booking = await by(changing, caller)

    async with following(changing, booking) as streams:
        await granted(changing, "cpo", DECLINE, bookingId=booking["id"], reason="A convoy has priority.")
        status, outcome, (request,) = await told(streams, "status", "outcome", "bookingRequests")

    assert (status, outcome) == ("REJECTED", "REJECTED")
    assert (request["requestStatus"], request["reason"]) == ("DECLINED", "A convoy has priority.")
    assert await free(changing) == [("08:00", "12:00")]


async def test_buc_2_6_what_the_operator_does_not_decide_in_time_fails_and_both_are_told(changing: World) -> None:
    await confirming(changing, HUB_MCS)
    booking = await by(changing, "fleet")

    async with following(changing, booking) as streams:
        await passes(changing, moment(6.75))
        heard = await told(streams, "status", "outcome")

    assert heard == ("FAILED", "FAILED")
    assert await free(changing) == [("08:00", "12:00")]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_6_a_change_waits_for_the_operator_and_both_slots_are_kept_till_then(
    changing: World, caller: str
) -> None:
    booking = await by(changing, caller)
    await confirming(changing, HUB_MCS)

    async with following(changing, booking) as streams:
        await asked_to_change(changing, caller, booking)
        waiting = await told(streams, "reference", "revision", "status", "phase")
        meanwhile = await free(changing)
        now = await granted(changing, "cpo", ACCEPT, bookingId=booking["id"])
        heard = await told(streams, "reference", "revision", "status", "phase")

    assert waiting == (booking["reference"], 1, "RESERVED", "CHANGE_PENDING")
    assert meanwhile == [("08:00", "09:00"), ("11:00", "12:00")]
    assert heard == (now["reference"], 2, "RESERVED", "CONFIRMED")
    assert await free(changing) == [("08:00", "10:00"), ("11:00", "12:00")]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_6_a_change_that_is_declined_leaves_the_booking_as_it_is_and_both_are_told(
    changing: World, caller: str
) -> None:
    booking = await by(changing, caller)
    await confirming(changing, HUB_MCS)
    await asked_to_change(changing, caller, booking)

    async with following(changing, booking) as streams:
        await granted(changing, "cpo", DECLINE, bookingId=booking["id"], reason="Taken.")
        heard = await told(streams, "reference", "revision", "phase", "timeslot", "bookingRequests")

    assert heard[:4] == (booking["reference"], 1, "CONFIRMED", booking["timeslot"])
    assert [(one["kind"], one["requestStatus"], one["reason"]) for one in heard[4]] == [
        ("CREATE", "ACCEPTED", None),
        ("CHANGE", "DECLINED", "Taken."),
    ]
    assert await free(changing) == [("08:00", "09:00"), ("10:00", "12:00")]


async def test_buc_2_6_a_cancellation_needs_nobodys_consent(changing: World) -> None:
    await confirming(changing, HUB_MCS)
    booking = await by(changing, "fleet")

    async with following(changing, booking) as streams:
        await canceled(changing, "fleet", booking)
        heard = await told(streams, "status")

    assert heard == "CANCELED"
    assert await free(changing) == [("08:00", "12:00")]


async def test_buc_2_6_the_operator_finds_a_booking_by_the_reference_that_the_to_names(changing: World) -> None:
    booking = await by(changing, "fleet")
    now = await asked_to_change(changing, "fleet", booking)

    for caller in (*HOLDERS, "cpo"):
        for reference in (booking["reference"], now["reference"], now["reference"].lower()):
            seen = await found(changing, caller, reference)
            assert (seen["id"], seen["reference"]) == (booking["id"], now["reference"])
            page = await ask(changing, caller, LISTED, references=[reference])
            assert named(page) == [now["reference"]]
    for stranger in (*STRANGERS, None):
        assert await hidden(changing, stranger, now["reference"]), stranger


@pytest.mark.parametrize("document", [ACCEPT, DECLINE], ids=["accept", "decline"])
async def test_buc_2_6_nobody_but_the_operator_of_the_site_confirms(changing: World, document: str) -> None:
    await confirming(changing, HUB_MCS)
    booking = await by(changing, "fleet")
    said = {"reason": "No."} if document == DECLINE else {}

    for caller in (*HOLDERS, *STRANGERS, None):
        assert await forbidden(changing, caller, document, bookingId=booking["id"], **said), caller
    assert (await ask(changing, "cpo", BY_REFERENCE, reference=booking["reference"]))["status"] == "PENDING"
