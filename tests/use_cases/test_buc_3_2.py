"""BUC 3.2: an MSP authorizes its users to charge: first what it publishes of them, then what chargers make of it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.use_cases.booking_documents import BY_ID as BOOKING_BY_ID
from tests.use_cases.booking_documents import a_token as of_booking
from tests.use_cases.booking_documents import booked
from tests.use_cases.charging_documents import E1, E2, E3, authorized, begun, ended, read, refusal
from tests.use_cases.documents import EVERYBODY, ask, do
from tests.use_cases.following_documents import clock
from tests.use_cases.operators import DEPOT, HUB, HUB_CCS, HUB_MCS
from tests.use_cases.token_documents import BLOCK, BY_ID, EXPIRE, LISTED, PUBLISH, UNBLOCK, a_token, listed, published
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

CARD = "NL*EMS*RFID*04A1B2C3"
SEEING = ("emsp", "fleet")
CHANGES = {"tokenBlock": BLOCK, "tokenUnblock": UNBLOCK, "tokenExpire": EXPIRE}


def refused(caller: str | None, otherwise: str) -> list[str]:
    """Return the code that a caller without rights is answered with."""
    return [otherwise if caller else "UNAUTHENTICATED"]


async def test_buc_3_2_a_provider_publishes_the_physical_tokens_apps_and_contracts_of_its_drivers(
    changing: World,
) -> None:
    sent = [
        a_token("04A1B2C3", visualNumber="001", groupId="NIGHT", language="nl"),
        a_token("app-4711", "APP_USER", whitelist="NEVER", expiresAt="2026-12-31T00:00:00Z"),
        a_token(FLEET_CONTRACT, "EMAID"),
        a_token("once-1", "AD_HOC_USER", contractId=OTHER_CONTRACT),
    ]

    made = await published(changing, *sent)

    new: dict[str, Any] = {
        **dict.fromkeys(("visualNumber", "groupId", "language", "expiresAt", "blockedReason")),
        "countryCode": "NL",
        "partyId": "EMS",
        "whitelist": "ALLOWED",
        "valid": True,
        "lastUpdated": "2026-12-01T06:00:00Z",
    }
    ids = [CARD, "NL*EMS*APP_USER*APP-4711", "NL*EMS*EMAID*NLEMSC00000001A", "NL*EMS*AD_HOC_USER*ONCE-1"]
    assert made == [new | one | {"id": name} for one, name in zip(sent, ids, strict=True)]
    for one in made:
        assert await ask(changing, "emsp", BY_ID, id=one["id"].lower()) == one
    assert await listed(changing, "emsp", types=["EMAID", "APP_USER"]) == ["app-4711", FLEET_CONTRACT]


async def test_buc_3_2_a_provider_blocks_a_lost_card_and_what_it_publishes_later_does_not_unblock_it(
    changing: World,
) -> None:
    (made,) = await published(changing, a_token("04A1B2C3"))
    changing.later(clock("07:00"))

    lost = await do(changing, "emsp", BLOCK, tokenId=CARD, reason="Lost at the depot.")
    (again,) = await published(changing, a_token("04A1B2C3"))
    blocked = await listed(changing, "fleet", valid=False)
    found = await do(changing, "emsp", UNBLOCK, tokenId=CARD.lower())

    at_seven = "2026-12-01T07:00:00Z"
    why = {"valid": False, "blockedReason": "Lost at the depot."}
    assert lost == made | why | {"__typename": "Token", "lastUpdated": at_seven}
    assert again == made | why | {"lastUpdated": again["lastUpdated"]}
    assert blocked == ["04A1B2C3"]
    assert found == made | {"__typename": "Token", "lastUpdated": found["lastUpdated"]}
    assert [one["lastUpdated"] for one in (again, found)] == [f"2026-12-01T07:00:00.00000{n}Z" for n in (1, 2)]


async def test_buc_3_2_a_provider_lets_a_token_expire_at_a_moment_or_at_once(changing: World) -> None:
    await published(changing, a_token("04A1B2C3"), a_token("app-4711", "APP_USER"))

    later = await do(changing, "emsp", EXPIRE, tokenId=CARD, at="2026-12-01T12:00:00Z")
    now = await do(changing, "emsp", EXPIRE, tokenId="NL*EMS*APP_USER*APP-4711")
    again = await published(
        changing, a_token("04A1B2C3"), a_token("app-4711", "APP_USER", expiresAt="2027-01-01T00:00:00Z")
    )

    assert (later["expiresAt"], later["valid"]) == ("2026-12-01T12:00:00Z", True)
    assert (now["expiresAt"], now["valid"]) == ("2026-12-01T06:00:00Z", True)
    assert [one["expiresAt"] for one in again] == ["2026-12-01T12:00:00Z", "2027-01-01T00:00:00Z"]


async def test_buc_3_2_who_harvests_tokens_goes_on_where_it_stopped(changing: World) -> None:
    await published(changing, *(a_token(f"UID{number}") for number in range(5)))
    changing.later(clock("08:00"))
    await do(changing, "emsp", BLOCK, tokenId="NL*EMS*RFID*UID1")

    uids, after, more = [], None, True
    while more:
        page = await ask(changing, "fleet", LISTED, first=2, after=after, updatedSince="2026-12-01T06:00:00Z")
        uids += [edge["node"]["uid"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    resumed = (clock("08:00") - timedelta(minutes=1)).isoformat()

    assert uids == ["UID0", "UID2", "UID3", "UID4", "UID1"]
    assert await listed(changing, "fleet", updatedSince=resumed) == ["UID1"]


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_buc_3_2_a_token_is_shown_to_its_provider_and_the_fleet_of_its_contract_alone(
    changing: World, caller: str | None
) -> None:
    (made,) = await published(changing, a_token("04A1B2C3"))

    one = await changing.execute(caller, BY_ID, id=CARD)
    every = await changing.execute(caller, LISTED)

    if caller in SEEING:
        assert one.data["token"] == made
        assert [edge["node"] for edge in every.data["tokens"]["edges"]] == [made]
        return
    assert [code for code, _ in one.errors] == refused(caller, "NOT_FOUND")
    assert "04A1B2C3" not in str(every.data)
    if caller in ("other_emsp", "other_fleet"):
        assert every.data["tokens"]["edges"] == []
    else:
        assert [code for code, _ in every.errors] == refused(caller, "FORBIDDEN")


@pytest.mark.parametrize("caller", [one for one in EVERYBODY if one != "emsp"])
async def test_buc_3_2_nobody_but_its_provider_decides_on_a_token(changing: World, caller: str | None) -> None:
    (made,) = await published(changing, a_token("04A1B2C3"))
    mine = {"idempotencyKey": a_key(), "tokens": [a_token("04A1B2C3", issuer="Mine")]}

    published_too = await changing.execute(caller, PUBLISH, input=mine)
    changed = {
        name: await changing.execute(caller, document, input={"idempotencyKey": a_key(), "tokenId": CARD})
        for name, document in CHANGES.items()
    }

    if caller == "other_emsp":
        assert [one["id"] for one in published_too.data["tokensPublish"]["tokens"]] == ["DE*EMO*RFID*04A1B2C3"]
        assert {answer.data[name]["__typename"] for name, answer in changed.items()} == {"NotFound"}
    else:
        for answer in (published_too, *changed.values()):
            assert [code for code, _ in answer.errors] == refused(caller, "FORBIDDEN")
    assert await ask(changing, "emsp", BY_ID, id=CARD) == made


async def test_buc_3_2_an_operator_is_told_of_a_token_by_the_booking_that_names_it_and_of_no_other(
    changing: World,
) -> None:
    await published(changing, a_token("04A1B2C3"), a_token("unused"))
    named = {"countryCode": "NL", "partyId": "EMS", "uid": "04A1B2C3", "type": "RFID", "contractId": FLEET_CONTRACT}
    one = await booked(changing, "emsp", HUB_MCS, "10:00", "11:00", tokens=[named])

    seen = await ask(changing, "cpo", BOOKING_BY_ID, id=one["id"])
    answer = await changing.execute("cpo", BY_ID, id=CARD)

    assert seen["tokens"] == [named]
    assert answer.errors == [("NOT_FOUND", f"There is no Token {CARD}.")]


async def tokens_of_each_kind(world: World) -> list[dict[str, str]]:
    """Let a provider publish a token of each kind for its fleet, and return them as chargers read them."""
    read_as = {"RFID": "04A1B2C3", "APP_USER": "app-4711", "EMAID": FLEET_CONTRACT, "AD_HOC_USER": "once-1"}
    await published(world, *(a_token(uid, kind) for kind, uid in read_as.items()))
    return [{"uid": uid, "type": kind} for kind, uid in read_as.items()]


async def test_buc_3_2_whoever_a_provider_published_charges_at_any_charger_of_a_location_without_a_booking(
    changing: World,
) -> None:
    tokens = await tokens_of_each_kind(changing)

    for evse_id, by in [(E1, tokens[0]), (E2, tokens[1]), (E3, tokens[2]), (f"{HUB}*E4", tokens[3])]:
        decided = await authorized(changing, evse_id, token=by)
        session = await begun(changing, evse_id, token=by)

        assert decided["authorization"] | {"method": None} == {
            "evseId": evse_id,
            "method": None,
            "basis": "WALK_UP",
            "until": None,
            "bookingId": None,
        }
        assert decided["booking"] is session["bookingId"] is session["slotEnd"] is session["allowedUntil"] is None
        assert (session["status"], session["basis"], session["emspId"]) == ("ACTIVE", "WALK_UP", "NL*EMS")
        assert session["token"] == {**by, "contractId": FLEET_CONTRACT}
        for caller in SEEING:
            assert (await read(changing, caller, session))["id"] == session["id"]


async def test_buc_3_2_whoever_a_provider_published_charges_on_the_booking_of_its_contract(changing: World) -> None:
    tokens = await tokens_of_each_kind(changing)
    one = await booked(changing, "emsp", HUB_MCS, "10:00", "11:00", contractId=FLEET_CONTRACT)
    changing.later(clock("10:00"))

    for by in tokens:
        assert (await authorized(changing, E1, token=by))["booking"]["id"] == one["id"]
    session = await begun(changing, E1, token=tokens[1])

    assert (session["bookingId"], session["basis"]) == (one["id"], "BOOKING")
    assert session["token"] == {**tokens[1], "contractId": FLEET_CONTRACT}


@pytest.mark.parametrize("named", [True, False])
async def test_buc_3_2_a_token_that_is_blocked_or_has_expired_starts_nothing_with_or_without_a_booking(
    changing: World, named: bool
) -> None:
    card, app = (await tokens_of_each_kind(changing))[:2]
    if named:
        for offer_id, one in ((HUB_MCS, card), (HUB_CCS, app)):
            token = of_booking(FLEET_CONTRACT, one["uid"]) | {"type": one["type"]}
            await booked(changing, "fleet", offer_id, "10:00", "11:00", tokens=[token])
    await do(changing, "emsp", BLOCK, tokenId=CARD)
    await do(changing, "emsp", EXPIRE, tokenId="NL*EMS*APP_USER*APP-4711", at="2026-12-01T10:00:00Z")
    changing.later(clock("10:00"))

    for evse_id in (E1, E2, E3):
        assert await refusal(changing, evse_id, token=card) == ("TOKEN_BLOCKED", None)
        assert await refusal(changing, evse_id, token=app) == ("TOKEN_EXPIRED", None)
    await do(changing, "emsp", UNBLOCK, tokenId=CARD)
    assert (await begun(changing, E1, token=card))["basis"] == ("BOOKING" if named else "WALK_UP")


async def test_buc_3_2_whoever_nobody_published_charges_on_a_booking_that_names_it_and_nowhere_else(
    changing: World,
) -> None:
    card = {"uid": "04A1B2C3", "type": "RFID"}
    await booked(changing, "emsp", HUB_MCS, "10:00", "11:00", tokens=[of_booking(FLEET_CONTRACT, "04A1B2C3")])
    assert await refusal(changing, E2, token={"uid": "FFFF", "type": "RFID"}) == ("TOKEN_UNKNOWN", None)
    assert await refusal(changing, E2, token=card) == ("TOO_EARLY", "10:00")
    changing.later(clock("10:00"))

    assert await refusal(changing, E2, token=card) == ("WRONG_CHARGER", None)
    assert (await begun(changing, E1, token=card))["basis"] == "BOOKING"


async def test_buc_3_2_a_location_for_bookings_only_is_for_nobody_else_and_a_charger_for_one_at_a_time(
    changing: World,
) -> None:
    card, app = (await tokens_of_each_kind(changing))[:2]

    assert await refusal(changing, f"{DEPOT}*E1", token=card) == ("BOOKING_REQUIRED", None)
    session = await begun(changing, E2, token=card)
    assert await refusal(changing, E2, token=app) == ("CHARGER_IN_USE", None)
    await ended(changing, session, "06:30")
    assert (await begun(changing, E2, token=app))["status"] == "ACTIVE"


async def test_buc_3_2_a_token_that_is_blocked_while_it_charges_ends_nothing(changing: World) -> None:
    card = (await tokens_of_each_kind(changing))[0]
    session = await begun(changing, E2, token=card)
    await do(changing, "emsp", BLOCK, tokenId=CARD)

    assert (await read(changing, "emsp", session))["status"] == "ACTIVE"
    assert (await ended(changing, session, "06:30"))["status"] == "COMPLETED"
    assert await refusal(changing, E2, token=card) == ("TOKEN_BLOCKED", None)
