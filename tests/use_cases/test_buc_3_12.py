"""BUC 3.12: an operator lets only vehicles on to a closed site that are booked there, by licence plate or by code."""

from typing import Any

import pytest

from tests.use_cases.booking_documents import CANCEL, REVEAL, booked, change_quoted, changed
from tests.use_cases.documents import ask, do, period
from tests.use_cases.following_documents import HOLDERS, clock, round_of_worker
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB, HUB_CCS, HUB_MCS, an_offer, done
from tests.use_cases.prices import TERMS
from tests.world import World

pytestmark = pytest.mark.anyio

ENTRY = "id locationId at gate method admitted reason bookingId"
ENTER = f"""
mutation ($input: SiteEntryAuthorizeInput!) {{
  siteEntryAuthorize(input: $input) {{
    __typename
    ... on SiteEntryAdmitted {{
      entry {{ {ENTRY} }} booking {{ id reference phase licensePlate evse {{ id }} parkingBay {{ ocpiId }} }}
    }}
    ... on SiteEntryRefused {{ entry {{ {ENTRY} }} reason message from }}
    ... on TooManyAttempts {{ message until }}
    ... on Problem {{ message }}
  }}
}}
"""
ENTRIES = f"""
query ($bookingId: ID, $locationId: ID, $first: Int! = 50, $after: String) {{
  siteEntries(bookingId: $bookingId, locationId: $locationId, first: $first, after: $after) {{
    edges {{ node {{ {ENTRY} }} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
SHOWN = "query ($id: ID!) { booking(id: $id) { evse { id } evseRevealedAt accessCode licensePlate } }"
PLATE = "12-ABC-3"
CODES = {**TERMS, "supportedAccessMethods": ["ACCESS_CODE"]}
TRUCK = {"tokens": [{"countryCode": "NL", "partyId": "EMS", "uid": "04A1B2C3", "type": "RFID", "contractId": "C1"}]}


async def enter(world: World, location_id: str = HUB, caller: str = "cpo", **by: Any) -> Any:
    """Ask at the gate of a site."""
    return await do(world, caller, ENTER, locationId=location_id, **by)


async def codes_at_depot(world: World) -> None:
    """Let the gate of a site be opened by codes."""
    day = {"reservationRequired": True, "bookingTerms": CODES}
    await done(world, "bookingLocationsPublish", an_offer(DEPOT_ANY, **day))


async def refusal(world: World, location_id: str = HUB, **by: Any) -> tuple[str, str | None]:
    """Return why the gate stays shut, and from when it opens, HH:MM."""
    came = await enter(world, location_id, **by)
    assert came["__typename"] == "SiteEntryRefused", came
    assert came["message"]
    assert (came["entry"]["admitted"], came["entry"]["reason"]) == (False, came["reason"])
    return came["reason"], came["from"] and came["from"][11:16]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_12_steps_1_and_3_a_plate_is_given_with_the_booking_and_opens_the_gate(
    changing: World, caller: str
) -> None:
    one = await booked(changing, caller, HUB_MCS, "09:00", "10:00", licensePlate=PLATE, **HOLDERS[caller])
    assert one["licensePlate"] == PLATE
    changing.later(clock("08:40"))

    came = await enter(changing, licensePlate="12abc3", gate="North")

    assert came["__typename"] == "SiteEntryAdmitted"
    assert came["booking"] == {
        "id": one["id"],
        "reference": one["reference"],
        "phase": "CONFIRMED",
        "licensePlate": PLATE,
        "evse": {"id": f"{HUB}*E1"},
        "parkingBay": {"ocpiId": "B1"},
    }
    entry = came["entry"]
    assert entry.pop("id").startswith("NL*ABC*")
    assert entry == {
        "locationId": HUB,
        "at": "2026-12-01T08:40:00Z",
        "gate": "North",
        "method": "LICENSE_PLATE",
        "admitted": True,
        "reason": None,
        "bookingId": one["id"],
    }


@pytest.mark.parametrize("typed", ["12-ABC-3", "12 abc 3", "12.ABC.3", "I2ABC3", "12\u0410\u0412\u04213"])
async def test_buc_3_12_step_3_a_camera_or_a_keypad_need_not_spell_a_plate_as_it_was_booked(
    changing: World, typed: str
) -> None:
    await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", licensePlate=PLATE)
    changing.later(clock("09:00"))

    assert (await enter(changing, licensePlate=typed))["__typename"] == "SiteEntryAdmitted"


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_12_steps_2_and_4_a_code_comes_with_the_booking_and_opens_the_gate(
    changing: World, caller: str
) -> None:
    await codes_at_depot(changing)
    one = await booked(changing, caller, DEPOT_ANY, "09:00", "10:00", **HOLDERS[caller])
    assert len(one["accessCode"]) == 8
    changing.later(clock("08:40"))

    came = await enter(changing, DEPOT, accessCode=one["accessCode"])

    assert (came["__typename"], came["booking"]["id"]) == ("SiteEntryAdmitted", one["id"])
    assert came["entry"]["method"] == "ACCESS_CODE"


async def test_buc_3_12_a_code_is_valid_around_its_slot_alone_and_opens_no_other_site(changing: World) -> None:
    await codes_at_depot(changing)
    one = await booked(changing, "emsp", DEPOT_ANY, "09:00", "10:00")
    code = one["accessCode"]
    seen = []

    for moment in ("06:00", "08:29", "08:30", "09:29", "09:30"):
        changing.later(clock(moment))
        came = await enter(changing, DEPOT, accessCode=code)
        seen.append((moment, came["entry"]["reason"], (came.get("from") or "")[11:16]))

    assert seen == [
        ("06:00", "TOO_EARLY", "08:30"),
        ("08:29", "TOO_EARLY", "08:30"),
        ("08:30", None, ""),
        ("09:29", None, ""),
        ("09:30", "TOO_LATE", ""),
    ]
    assert await refusal(changing, HUB, accessCode=code) == ("NO_BOOKING", None)


async def test_buc_3_12_it_opens_with_the_early_start_that_was_booked(changing: World) -> None:
    early = {**TERMS, "earlyStartAllowed": True, "earlyStartTime": 45}
    await done(changing, "bookingLocationsPublish", an_offer(HUB_MCS, bookingTerms=early))
    await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", licensePlate=PLATE)

    changing.later(clock("08:14"))
    assert await refusal(changing, licensePlate=PLATE) == ("TOO_EARLY", "08:15")
    changing.later(clock("08:15"))
    assert (await enter(changing, licensePlate=PLATE))["__typename"] == "SiteEntryAdmitted"


async def test_buc_3_12_pre_condition_only_who_is_booked_there_enters(changing: World) -> None:
    await codes_at_depot(changing)
    await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", licensePlate=PLATE)
    gone = await booked(changing, "emsp", HUB_CCS, "09:00", "10:00", licensePlate="GONE-1", energyNeeded=None)
    await do(changing, "emsp", CANCEL, bookingId=gone["id"], cancellationReason="TRAFFIC")
    changing.later(clock("08:40"))

    assert await refusal(changing, licensePlate="99-XX-99") == ("NO_BOOKING", None)
    assert await refusal(changing, DEPOT, licensePlate=PLATE) == ("NO_BOOKING", None)
    assert await refusal(changing, DEPOT, accessCode="00000000") == ("NO_BOOKING", None)
    assert await refusal(changing, licensePlate="GONE1") == ("BOOKING_OVER", None)


async def test_buc_3_12_a_booking_that_waits_for_its_operator_opens_nothing(changing: World) -> None:
    await done(changing, "confirmationSet", {"bookingLocationId": "HUB-MCS", "confirmation": "OPERATOR"})
    await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", licensePlate=PLATE)

    assert await refusal(changing, licensePlate=PLATE) == ("BOOKING_PENDING", None)


async def test_buc_3_12_a_card_and_a_reference_open_where_the_terms_name_such_a_way(changing: World) -> None:
    ways = {**TERMS, "supportedAccessMethods": ["TOKEN", "INTERCOM"]}
    await done(changing, "bookingLocationsPublish", an_offer(HUB_MCS, bookingTerms=ways))
    one = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", licensePlate=PLATE, **TRUCK)
    quote = await change_quoted(changing, "emsp", one, period=period("09:15", "10:15"))
    now = await changed(changing, "emsp", quote)
    changing.later(clock("08:50"))

    by_card = await enter(changing, token={"uid": "04a1b2c3", "type": "RFID"})
    by_reference = await enter(changing, reference=now["reference"].lower())

    assert [by_card["booking"]["id"], by_reference["booking"]["id"]] == [one["id"]] * 2
    assert await refusal(changing, reference=one["reference"]) == ("REFERENCE_REPLACED", None)
    assert await refusal(changing, licensePlate=PLATE) == ("METHOD_NOT_ACCEPTED", None)


async def test_buc_3_12_who_booked_any_of_a_group_is_told_the_charger_on_arrival_at_the_latest(
    changing: World,
) -> None:
    one = await booked(changing, "emsp", HUB_CCS, "09:00", "10:00", licensePlate=PLATE)
    changing.later(clock("08:45"))
    assert (await ask(changing, "emsp", SHOWN, id=one["id"]))["evse"] is None

    came = await enter(changing, licensePlate=PLATE)

    shown = await ask(changing, "emsp", SHOWN, id=one["id"])
    assert came["booking"]["evse"] == shown["evse"]
    assert (shown["evse"] is not None, shown["evseRevealedAt"]) == (True, "2026-12-01T08:45:00Z")
    revealed = await do(changing, "cpo", REVEAL, bookingId=one["id"])
    assert revealed["evseRevealedAt"] == "2026-12-01T08:45:00Z"


async def test_buc_3_12_codes_cannot_be_guessed_and_cameras_go_on_meanwhile(changing: World) -> None:
    await codes_at_depot(changing)
    one = await booked(changing, "emsp", DEPOT_ANY, "09:00", "10:00", licensePlate=PLATE)
    changing.later(clock("09:00"))
    for number in range(10):
        assert await refusal(changing, DEPOT, accessCode=f"{number}") == ("NO_BOOKING", None)

    came = await enter(changing, DEPOT, accessCode=one["accessCode"])

    assert (came["__typename"], came["until"]) == ("TooManyAttempts", "2026-12-01T09:10:00Z")
    assert await refusal(changing, DEPOT, licensePlate=PLATE) == ("METHOD_NOT_ACCEPTED", None)
    assert (await enter(changing, DEPOT, gate="South", accessCode=one["accessCode"]))["entry"]["admitted"]
    changing.later(clock("09:10"))
    assert (await enter(changing, DEPOT, accessCode=one["accessCode"]))["entry"]["admitted"]


async def test_buc_3_12_who_asked_to_enter_is_told_to_whom_it_concerns(changing: World) -> None:
    one = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", licensePlate=PLATE)
    changing.later(clock("08:00"))
    await refusal(changing, licensePlate=PLATE)
    changing.later(clock("08:45"))
    await enter(changing, licensePlate=PLATE)
    await refusal(changing, licensePlate="99-XX-99")

    async def seen(caller: str, **wanted: Any) -> list[tuple[str | None, bool]]:
        found = await ask(changing, caller, ENTRIES, **wanted)
        return [(edge["node"]["bookingId"], edge["node"]["admitted"]) for edge in found["edges"]]

    own = [(one["id"], False), (one["id"], True)]
    assert sorted(await seen("cpo", locationId=HUB), key=str) == sorted([*own, (None, False)], key=str)
    assert await seen("cpo", bookingId=one["id"]) == await seen("emsp") == await seen("fleet") == own
    for caller in ("other_emsp", "other_fleet", "other_cpo", "nsp"):
        assert await seen(caller) == []
    answer = await changing.execute(None, ENTRIES)
    assert [code for code, _ in answer.errors] == ["UNAUTHENTICATED"]


async def test_buc_3_12_only_the_operator_of_the_site_opens_its_gate(changing: World) -> None:
    foreign = await enter(changing, caller="other_cpo", licensePlate=PLATE)
    unknown = await enter(changing, "NL*ABC*NONE", licensePlate=PLATE)

    assert (foreign["__typename"], unknown["__typename"]) == ("NotAllowed", "NotFound")
    wanted = {"idempotencyKey": "K", "locationId": HUB, "licensePlate": PLATE}
    for caller in ("emsp", "fleet", "nsp", "nap"):
        answer = await changing.execute(caller, ENTER, input=wanted)
        assert [code for code, _ in answer.errors] == ["FORBIDDEN"]
    answer = await changing.execute("cpo", ENTER, input={**wanted, "accessCode": "1"})
    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


async def test_buc_3_12_a_booking_that_nobody_came_for_in_time_opens_nothing_any_more(changing: World) -> None:
    await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", licensePlate=PLATE)
    changing.later(clock("09:30"))
    await round_of_worker(changing)

    assert await refusal(changing, licensePlate=PLATE) == ("TOO_LATE", None)
