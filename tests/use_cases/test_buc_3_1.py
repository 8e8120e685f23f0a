"""BUC 3.1: an operator verifies that whoever wants to charge holds the booking, however they say who they are."""

from typing import Any

import pytest

from tests.use_cases.booking_documents import TOKENS_ADD, booked, canceled, change_quoted, changed
from tests.use_cases.booking_documents import a_token as of_booking
from tests.use_cases.charging_documents import (
    APP,
    AUTHORIZE,
    CARD,
    CARD_2,
    E1,
    E2,
    E3,
    EMAID,
    OTHERS_CARD,
    START,
    authorized,
    begun,
    listed,
    on_terms,
    phase,
    refusal,
    tokens_of_all,
    with_card,
)
from tests.use_cases.documents import ask, do, period
from tests.use_cases.following_documents import HOLDERS, clock, round_of_worker
from tests.use_cases.operators import DEPOT_ANY, HUB_CCS, HUB_MCS, PARK
from tests.use_cases.token_documents import a_token, published
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

PARK_E1 = f"{PARK}*E1"
WAYS: dict[str, dict[str, Any]] = {
    "RFID": {"token": CARD},
    "RFID read in lower case": {"token": {"uid": "card-1", "type": "RFID"}},
    "APP": {"token": APP},
    "PLUG_AND_CHARGE": {"token": EMAID},
    "PLUG_AND_CHARGE without separators": {"token": {"uid": "NLEMSC00000001A", "type": "EMAID"}},
    "PLUG_AND_CHARGE in lower case, with stars": {"token": {"uid": "nl*ems*c00000001*a", "type": "EMAID"}},
}
"""How the driver of a booking says who it is, by the method that is noted."""


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_1_the_holder_is_verified_whatever_the_authentication_mode_is(
    changing: World, caller: str
) -> None:
    await tokens_of_all(changing)
    one = await booked(changing, caller, HUB_MCS, "10:00", "11:00", **HOLDERS[caller])
    changing.later(clock("10:05"))

    seen = {way: await authorized(changing, E1, **by) for way, by in WAYS.items()}

    for way, answer in seen.items():
        assert answer == {
            "__typename": "ChargingAuthorized",
            "authorization": {
                "evseId": E1,
                "method": way.split()[0],
                "basis": "BOOKING",
                "until": "2026-12-01T11:15:00Z",
                "bookingId": one["id"],
            },
            "booking": {"id": one["id"], "phase": "LATE"},
        }, way


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_1_steps_1_and_2_the_reference_typed_at_the_pinpad_releases_the_charger(
    changing: World, caller: str
) -> None:
    one = await booked(changing, caller, HUB_MCS, "10:00", "11:00", **HOLDERS[caller])
    changing.later(clock("10:05"))
    reference = one["reference"]
    typed = [reference, reference.lower(), reference.replace("-", ""), f" {reference.replace('-', ' ')} "]

    verified = [await authorized(changing, E1, reference=each) for each in typed]
    session = await begun(changing, E1, reference=reference)

    assert [each["authorization"]["method"] for each in verified] == ["REFERENCE"] * len(typed)
    assert {each["booking"]["id"] for each in verified} == {one["id"]}
    assert (session["status"], session["bookingId"], session["basis"]) == ("ACTIVE", one["id"], "BOOKING")
    assert await phase(changing, one, caller) == ("FULFILLED", "CHARGING", "CHARGED")


@pytest.mark.parametrize("way", WAYS)
async def test_buc_3_1_whoever_was_verified_is_the_one_who_charges(changing: World, way: str) -> None:
    await tokens_of_all(changing)
    one = await with_card(changing)
    added = [of_booking(FLEET_CONTRACT, "app-1") | {"type": "APP_USER"}]
    await do(changing, "fleet", TOKENS_ADD, bookingId=one["id"], tokens=added)
    changing.later(clock("10:05"))

    assert (await authorized(changing, E1, **WAYS[way]))["booking"]["id"] == one["id"]
    session = await begun(changing, E1, **WAYS[way])

    assert (session["bookingId"], session["emspId"]) == (one["id"], "NL*EMS")
    assert session["token"]["type"] == WAYS[way]["token"]["type"]
    assert session["token"]["contractId"] == FLEET_CONTRACT
    assert await refusal(changing, E1, token=CARD_2) == ("CHARGER_IN_USE", None)
    assert (await begun(changing, E1, **WAYS[way]))["id"] == session["id"], "who charges and asks again charges on"


async def test_buc_3_1_whoever_does_not_hold_the_booking_is_refused_and_told_why(changing: World) -> None:
    await tokens_of_all(changing)
    one = await with_card(changing)
    changing.later(clock("10:05"))

    assert await refusal(changing, E1, token=OTHERS_CARD) == ("BOOKED_BY_OTHER", None)
    assert await refusal(changing, E1, token=CARD_2) == ("BOOKED_BY_OTHER", None)
    assert await refusal(changing, E1, token=APP) == ("BOOKED_BY_OTHER", None)
    assert await refusal(changing, E1, token={"uid": "NLEMSC00000002B", "type": "EMAID"}) == ("TOKEN_UNKNOWN", None)
    assert await refusal(changing, E1, token={"uid": "CARD-1", "type": "OTHER"}) == ("TOKEN_UNKNOWN", None)
    assert await refusal(changing, E1, reference="AAAA-AAAA") == ("REFERENCE_UNKNOWN", None)
    assert await listed(changing, "cpo") == []
    assert await phase(changing, one) == ("RESERVED", "LATE", "OPEN")


async def test_buc_3_1_the_holder_is_told_when_it_comes_too_early_to_another_charger_or_after_it_is_over(
    changing: World,
) -> None:
    one, soon = await with_card(changing), await with_card(changing, offer_id=DEPOT_ANY, start="14:00", end="15:00")
    gone = await with_card(changing, start="11:00", end="12:00")
    await canceled(changing, "fleet", gone)
    changing.later(clock("10:05"))

    assert await refusal(changing, E2, reference=one["reference"]) == ("WRONG_CHARGER", None)
    assert (await authorized(changing, E2, reference=one["reference"]))["evseId"] == E1
    assert await refusal(changing, "NL*ABC*DEPOT*E1", reference=soon["reference"]) == ("TOO_EARLY", "14:00")
    assert await refusal(changing, E1, reference=gone["reference"]) == ("BOOKING_OVER", None)
    changing.later(clock("10:30"))
    await round_of_worker(changing)
    assert await refusal(changing, E1, reference=one["reference"]) == ("TOO_LATE", None)


async def test_buc_3_1_a_reference_of_an_older_revision_starts_nothing(changing: World) -> None:
    old = await with_card(changing)
    now = await changed(
        changing, "fleet", await change_quoted(changing, "fleet", old, period=period("10:15", "11:15"))
    )
    changing.later(clock("10:20"))

    assert now["reference"] != old["reference"]
    assert await refusal(changing, E1, reference=old["reference"]) == ("REFERENCE_REPLACED", None)
    assert (await begun(changing, E1, reference=now["reference"]))["bookingId"] == old["id"]


async def test_buc_3_1_a_token_of_the_group_of_a_bookings_card_is_the_holders_where_the_terms_say_so(
    changing: World,
) -> None:
    cards = [a_token("CARD-1", groupId="NIGHT"), a_token("CARD-2", contractId=OTHER_CONTRACT, groupId="night")]
    await published(changing, *cards, a_token("CARD-3", contractId=OTHER_CONTRACT, groupId="DAY"))
    await published(changing, a_token("CARD-9", groupId="NIGHT"), caller="other_emsp")
    plain = await with_card(changing)
    await on_terms(changing, offer={"bookingOption": {"evseUid": "E1"}}, tokenGroupsSupported=True)
    grouped = await with_card(changing, start="11:00", end="12:00")

    changing.later(clock("10:05"))
    assert (await authorized(changing, E1, token=CARD))["booking"]["id"] == plain["id"]
    assert await refusal(changing, E1, token=CARD_2) == ("TOO_EARLY", "11:00")
    changing.later(clock("11:05"))
    assert await refusal(changing, E1, token={"uid": "CARD-3", "type": "RFID"}) == ("BOOKED_BY_OTHER", None)
    assert await refusal(changing, E1, token=OTHERS_CARD) == ("BOOKED_BY_OTHER", None)
    assert (await begun(changing, E1, token=CARD_2))["bookingId"] == grouped["id"]


async def test_buc_3_1_where_the_terms_want_a_card_only_a_card_opens(changing: World) -> None:
    await tokens_of_all(changing)
    await on_terms(changing, offer={"bookingOption": {"evseUid": "E1"}}, rfidAuthRequired=True)
    one = await booked(changing, "fleet", HUB_MCS, "10:00", "11:00")
    changing.later(clock("10:05"))

    for by in ({"token": EMAID}, {"token": APP}, {"reference": one["reference"]}):
        assert await refusal(changing, E1, **by) == ("METHOD_NOT_ACCEPTED", None)
    assert (await begun(changing, E1, token=CARD))["bookingId"] == one["id"]


async def test_buc_3_1_references_cannot_be_guessed_at_a_pinpad_and_cards_open_meanwhile(changing: World) -> None:
    await tokens_of_all(changing)
    one, beside = await with_card(changing), await with_card(changing, offer_id=HUB_CCS, evseId=E2)
    changing.later(clock("10:05"))
    for number in range(10):
        wrong = await authorized(changing, E1, reference=f"WRNG-{number:04}")
        assert wrong["reason"] == "REFERENCE_UNKNOWN"

    shut = [await authorized(changing, E1, reference=one["reference"])]
    shut.append(await do(changing, "cpo", START, evseId=E1, reference=one["reference"]))

    assert [(each["__typename"], each["until"]) for each in shut] == [("TooManyAttempts", "2026-12-01T10:15:00Z")] * 2
    assert (await authorized(changing, E2, reference=beside["reference"]))["__typename"] == "ChargingAuthorized"
    assert (await authorized(changing, E1, token=CARD))["__typename"] == "ChargingAuthorized"
    changing.later(clock("10:15"))
    assert (await begun(changing, E1, reference=one["reference"]))["bookingId"] == one["id"]


async def test_buc_3_1_a_reference_opens_at_its_own_operators_alone(changing: World) -> None:
    one = await with_card(changing)
    changing.later(clock("10:05"))

    elsewhere = await do(changing, "other_cpo", AUTHORIZE, evseId=PARK_E1, reference=one["reference"])
    foreign = await do(changing, "other_cpo", AUTHORIZE, evseId=E1, reference=one["reference"])
    unknown = await authorized(changing, "NL*ABC*NONE*E1", reference=one["reference"])

    assert elsewhere["reason"] == "REFERENCE_UNKNOWN"
    assert (foreign["__typename"], unknown["__typename"]) == ("NotAllowed", "NotFound")
    for caller in ("emsp", "fleet", "nsp", "nap", None):
        for document in (AUTHORIZE, START):
            wanted = {"idempotencyKey": a_key(), "evseId": E1, "reference": one["reference"]}
            answer = await changing.execute(caller, document, input=wanted)
            assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]


async def test_buc_3_1_a_charger_asks_with_one_thing_and_may_ask_again(changing: World) -> None:
    one = await with_card(changing)
    changing.later(clock("10:05"))
    sent = {"idempotencyKey": a_key(), "evseId": E1, "reference": one["reference"]}

    first, second = [await ask(changing, "cpo", AUTHORIZE, input=sent) for _ in range(2)]

    assert first == second
    for by in ({}, {"token": CARD, "reference": one["reference"]}):
        wanted = {"idempotencyKey": a_key(), "evseId": E1, **by}
        answer = await changing.execute("cpo", AUTHORIZE, input=wanted)
        assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


async def test_buc_3_1_any_of_a_group_is_told_its_charger_on_arrival(changing: World) -> None:
    one = await with_card(changing, offer_id=HUB_CCS, energyNeeded=None)
    changing.later(clock("10:05"))

    answers = {evse_id: await authorized(changing, evse_id, token=CARD) for evse_id in (E2, E3)}

    kinds = {evse_id: answer["__typename"] for evse_id, answer in answers.items()}
    (right,) = [evse_id for evse_id, kind in kinds.items() if kind == "ChargingAuthorized"]
    (other,) = [answer for answer in answers.values() if answer["__typename"] == "ChargingRefused"]
    assert (other["reason"], other["evseId"]) == ("WRONG_CHARGER", right)
    assert (await begun(changing, right, token=CARD))["bookingId"] == one["id"]
