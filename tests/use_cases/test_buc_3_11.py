"""BUC 3.11: an operator gets in touch with the driver during the charging session, through the provider."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import BOOKING, CANCEL, a_token, booked
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import HOLDERS, clock, round_of_worker
from tests.use_cases.messaging_documents import (
    ACKNOWLEDGE,
    REACHED,
    RECEIVED,
    SEND,
    SHARE,
    WITHDRAW,
    charging,
    done_charging,
    heard,
    listed,
    reached,
    refused,
    written,
)
from tests.use_cases.operators import HUB, HUB_CCS, HUB_MCS
from tests.use_cases.token_documents import a_token as a_card
from tests.use_cases.token_documents import published
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

CARD = {"uid": "CARD-1", "type": "RFID"}
TEXT = "Prosimy przestawic pojazd po zakonczeniu ladowania."
PHONE = {"phone": "+48 22 123-45-67", "name": "Driver of truck 7", "language": "pl"}
DIALLED = "+48221234567"
E1 = f"{HUB}*E1"


async def nine_to_ten(world: World, caller: str = "emsp", offer_id: str = HUB_MCS) -> Any:
    """Book an hour for the driver with the card."""
    return await booked(world, caller, offer_id, "09:00", "10:00", tokens=[a_token(FLEET_CONTRACT)])


async def started(world: World) -> tuple[Any, Any]:
    """Return a booking and its session, which the driver started with the card, published with a language."""
    await published(world, a_card("CARD-1", language="pl"))
    booking = await nine_to_ten(world)
    world.later(clock("09:05"))
    return booking, await charging(world, E1, token=CARD)


async def test_buc_3_11_a_message_for_a_uid_that_charges_reaches_the_provider_which_passes_it_on(
    changing: World,
) -> None:
    booking, session = await started(changing)
    async with AsyncExitStack() as stack:
        provider, fleet, operator = [
            await stack.enter_async_context(subscribed(changing, caller, RECEIVED))
            for caller in ("emsp", "fleet", "cpo")
        ]

        # 1. The CPO sends a message for a UID that is currently charging to the MSP.
        sent = await written(changing, token=CARD, text=TEXT)
        told = [await heard(stream) for stream in (provider, fleet)]

        # 2. The MSP forwards it to the driver: the UID and the contract tell which one. The CPO sees that it did.
        assert await heard(operator) == sent
        changing.later(clock("09:07"))
        taken = await do(changing, "emsp", ACKNOWLEDGE, messageId=sent["id"])
        passed_on = await heard(operator)

    assert told == [sent, sent]
    assert sent == {
        "id": sent["id"],
        "locationId": HUB,
        "bookingId": booking["id"],
        "sessionId": session["id"],
        "emspId": "NL*EMS",
        "contractIds": [FLEET_CONTRACT],
        "text": TEXT,
        "language": "pl",
        "sentAt": "2026-12-01T09:05:00Z",
        "acknowledgedAt": None,
        "acknowledgedBy": None,
        "tokens": [a_token(FLEET_CONTRACT)],
    }
    assert passed_on == {**sent, "acknowledgedAt": "2026-12-01T09:07:00Z", "acknowledgedBy": "NL*EMS"}
    assert taken == {"__typename": "DriverMessage", **passed_on}
    assert await listed(changing, "cpo", unacknowledged=True) == []
    assert await listed(changing, "cpo", sessionId=session["id"]) == [passed_on]


async def test_buc_3_11_a_fleet_that_serves_itself_takes_the_message_and_its_provider_sees_that(
    changing: World,
) -> None:
    booking, session = await started(changing)
    sent = await written(changing, sessionId=session["id"], text=TEXT, language="en")

    taken = await do(changing, "fleet", ACKNOWLEDGE, messageId=sent["id"])
    again = await do(changing, "emsp", ACKNOWLEDGE, messageId=sent["id"])

    assert taken["acknowledgedAt"] == "2026-12-01T09:05:00Z"
    assert again == taken
    assert await listed(changing, "emsp", bookingId=booking["id"]) == await listed(changing, "fleet")


async def test_buc_3_11_the_pre_condition_is_a_started_session(changing: World) -> None:
    await published(changing, a_card("CARD-1"))
    booking = await nine_to_ten(changing)

    before = await refused(changing, SEND, "cpo", token=CARD, text=TEXT)
    changing.later(clock("09:05"))
    session = await charging(changing, E1, token=CARD)
    during = await written(changing, token=CARD, text=TEXT)
    await done_charging(changing, session)
    after = await refused(changing, SEND, "cpo", token=CARD, text=TEXT)

    assert (before, after) == ("NotFound", "NotFound")
    assert during["sessionId"] == session["id"]
    assert (await written(changing, bookingId=booking["id"], text="You left your cap."))["bookingId"] == booking["id"]
    changing.later(clock("09:05").replace(day=2))
    assert await refused(changing, SEND, "cpo", sessionId=session["id"], text=TEXT) == "NotAllowed"
    assert await refused(changing, SEND, "cpo", bookingId=booking["id"], text=TEXT) == "NotAllowed"


async def test_buc_3_11_a_driver_without_a_booking_is_written_to_as_well(changing: World) -> None:
    await published(changing, a_card("CARD-1"))
    session = await charging(changing, E1, token=CARD)

    sent = await written(changing, token=CARD, text=TEXT)

    assert (sent["bookingId"], sent["sessionId"], sent["language"]) == (None, session["id"], "en")
    assert await listed(changing, "emsp") == await listed(changing, "fleet") == [sent]


@pytest.mark.parametrize("caller", ["other_emsp", "other_fleet", "other_cpo", "nsp", "nap", None])
async def test_buc_3_11_nobody_else_reads_takes_or_writes_messages(changing: World, caller: str | None) -> None:
    booking, session = await started(changing)
    sent = await written(changing, sessionId=session["id"], text=TEXT)

    codes = {None: "UNAUTHENTICATED", "nsp": "FORBIDDEN", "nap": "FORBIDDEN"}
    if caller is None:
        answer = await changing.execute(None, "{ driverMessages { edges { node { id } } } }")
        assert [code for code, _ in answer.errors] == ["UNAUTHENTICATED"]
    else:
        assert await listed(changing, caller) == []
    for document, wanted in (
        (SEND, {"sessionId": session["id"], "text": TEXT}),
        (SEND, {"token": CARD, "text": TEXT}),
        (ACKNOWLEDGE, {"messageId": sent["id"]}),
        (SHARE, {"bookingId": booking["id"], "consent": True, **PHONE}),
        (WITHDRAW, {"bookingId": booking["id"]}),
    ):
        answer = await changing.execute(caller, document, input={"idempotencyKey": a_key(), **wanted})
        if answer.errors:
            assert [code for code, _ in answer.errors] == [codes.get(caller, "FORBIDDEN")]
        else:
            (came,) = answer.data.values()
            assert came["__typename"] == "NotFound"
    hidden = await changing.execute(caller, REACHED, id=booking["id"])
    assert [code for code, _ in hidden.errors] == [codes.get(caller, "NOT_FOUND")]


async def test_buc_3_11_the_operator_has_no_contact_details_unless_they_are_shared(changing: World) -> None:
    booking, session = await started(changing)
    sent = await written(changing, sessionId=session["id"], text=TEXT)
    seen = await ask(changing, "cpo", f"query ($id: ID!) {{ booking(id: $id) {{ {BOOKING} }} }}", id=booking["id"])

    assert await reached(changing, "cpo", booking) is None
    assert DIALLED not in str([booking, session, sent, seen])


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_11_beside_the_booking_id_contact_details_are_shared_by_consent(
    changing: World, caller: str
) -> None:
    booking = await nine_to_ten(changing, caller)
    without = {"idempotencyKey": "K", "bookingId": booking["id"], "consent": False, **PHONE}

    refusal = await changing.execute(caller, SHARE, input=without)
    shared = await do(changing, caller, SHARE, bookingId=booking["id"], consent=True, **PHONE)
    changing.later(clock("09:05"))
    await charging(changing, E1, reference=booking["reference"])

    contact = {
        "phone": DIALLED,
        "name": PHONE["name"],
        "language": "pl",
        "consentedAt": "2026-12-01T06:00:00Z",
        "eraseAt": "2026-12-02T10:00:00Z",
    }
    assert [code for code, _ in refusal.errors] == ["BAD_USER_INPUT"]
    assert shared == {"__typename": "DriverContactShared", "booking": {"id": booking["id"]}, "contact": contact}
    for reader in ("cpo", "emsp", "fleet"):
        assert await reached(changing, reader, booking) == contact


async def test_buc_3_11_contact_details_are_withdrawn_at_any_moment_and_erased_in_time(changing: World) -> None:
    booking, beside = await nine_to_ten(changing), await nine_to_ten(changing, offer_id=HUB_CCS)
    for one in (booking, beside):
        await do(changing, "emsp", SHARE, bookingId=one["id"], consent=True, keepMinutes=60, **PHONE)
    changing.later(clock("09:05"))
    await charging(changing, E1, reference=booking["reference"])

    gone = await do(changing, "fleet", WITHDRAW, bookingId=beside["id"])
    changing.later(clock("10:59"))
    last = await reached(changing, "cpo", booking)
    changing.later(clock("11:00"))
    after = [await reached(changing, reader, booking) for reader in ("cpo", "emsp", "fleet")]

    assert gone == {"__typename": "DriverContactWithdrawn", "booking": {"id": beside["id"]}}
    assert [await reached(changing, reader, beside) for reader in ("cpo", "emsp")] == [None, None]
    assert last["phone"] == DIALLED
    assert after == [None] * 3


async def test_buc_3_11_a_canceled_booking_no_longer_tells_the_operator_whom_to_call(changing: World) -> None:
    booking = await nine_to_ten(changing)
    await do(changing, "emsp", SHARE, bookingId=booking["id"], consent=True, **PHONE)

    canceled = await do(changing, "emsp", CANCEL, bookingId=booking["id"])

    assert canceled["status"] == "CANCELED"
    assert await reached(changing, "cpo", booking) is None
    assert (await reached(changing, "emsp", booking))["phone"] == DIALLED
    await round_of_worker(changing)
    assert await reached(changing, "emsp", booking) is None
    assert await refused(changing, SHARE, "emsp", bookingId=booking["id"], consent=True, **PHONE) == "AlreadyFinal"


async def test_buc_3_11_no_more_than_twenty_messages_an_hour_are_sent_about_one_session(changing: World) -> None:
    _, session = await started(changing)
    for number in range(20):
        await written(changing, sessionId=session["id"], text=f"{number}")

    assert await refused(changing, SEND, "cpo", sessionId=session["id"], text=TEXT) == "NotAllowed"
    assert {one["text"] for one in await listed(changing, "emsp")} == {str(number) for number in range(20)}
