"""Who may see and do what, role by role; what is another party's answers as if it did not exist."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.landscape import (
    CREATE,
    EVERYBODY,
    FOREIGN,
    HIDDEN,
    OPEN,
    UNKNOWN_REFERENCE,
    UNKNOWN_UUID,
    Landscape,
    charger_of,
    landscape,
    told,
)
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, a_key

pytestmark = pytest.mark.anyio

OPERATOR = "cpo"
HOLDERS = {"emsp", "other_emsp", "fleet", "other_fleet"}
CANCELING = HOLDERS | {"cpo", "other_cpo"}
WINDOW = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-02T00:00:00Z"}
ROUTE = {"coordinates": [{"latitude": 51.9, "longitude": 4.4}, {"latitude": 51.95, "longitude": 4.5}]}
LOCATION = "query ($id: ID!) { location(id: $id) { id name tariffs { id } bookingLocations { id } } }"
LOCATIONS = "{ locations { edges { node { id } } } }"
UPDATED = '{ locations(updatedSince: "2026-01-01T00:00:00Z") { edges { node { id } } } }'
CORRIDOR = """
query ($input: CorridorAvailabilityInput!) {
  corridorAvailability(input: $input) { edges { node { location { id } } } }
}
"""
ENTITIES = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Location { id } ... on Evse { id } ... on BookingLocation { id } ... on Tariff { id } ... on Booking { id }
  }
}
"""
BOOKING = "query ($id: ID!) { booking(id: $id) { id licensePlate tokens { uid } } }"
BY_REFERENCE = "query ($reference: String!) { booking(reference: $reference) { id } }"
BOOKINGS = "query ($at: ID) { bookings(locationId: $at) { edges { node { id } } } }"
CANCEL = """
mutation ($input: BookingCancelInput!) {
  bookingCancel(input: $input) { __typename ... on Booking { id status } ... on Problem { message } }
}
"""
REPORT = """
mutation ($input: EvseStatusReportInput!) {
  evseStatusReport(input: $input) { __typename ... on Evse { status } ... on Problem { message } }
}
"""


@pytest.fixture(scope="module")
async def here(cluster: str, template: str) -> AsyncIterator[Landscape]:
    """One landscape for all tests of this module: what they write keeps nobody from seeing what was there."""
    async with landscape(cluster, template) as made:
        yield made


async def entities(here: Landscape, caller: str | None, kind: str, *ids: str) -> list[str | None]:
    """Return the ids of those entities that the caller is given, None for the others."""
    answer = await here.ask(caller, ENTITIES, representations=[{"__typename": kind, "id": one} for one in ids])
    assert answer.errors == []
    return [one and one["id"] for one in answer.data["_entities"]]


def nodes(edges: list[dict[str, Any]]) -> set[str]:
    return {edge["node"]["id"] for edge in edges}


def canceling(caller: str | None, booking_id: str) -> dict[str, str]:
    """Return the input of a cancellation for a reason that the caller may give."""
    reason = "FULL" if caller in ("cpo", "other_cpo") else "TRAFFIC"
    return {"idempotencyKey": a_key(), "bookingId": booking_id, "cancellationReason": reason}


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_what_is_published_is_for_all_the_rest_for_its_operator(here: Landscape, caller: str | None) -> None:
    hidden = [HIDDEN] if caller == OPERATOR else []
    searched = await here.ask(caller, CORRIDOR, input={"route": ROUTE, "widthKm": 5, "window": WINDOW})

    found = {edge["node"]["location"]["id"] for edge in searched.data["corridorAvailability"]["edges"]}
    assert found == {OPEN, FOREIGN, *hidden}
    for document in (LOCATIONS, UPDATED):
        listed = await here.ask(caller, document)
        assert nodes(listed.data["locations"]["edges"]) == {OPEN, FOREIGN, *hidden}
    for kind, suffix in (("Location", ""), ("Evse", "*E1"), ("BookingLocation", "-ANY")):
        given = await entities(here, caller, kind, OPEN + suffix, HIDDEN + suffix, FOREIGN + suffix)
        assert given == [OPEN + suffix, HIDDEN + suffix if hidden else None, FOREIGN + suffix]


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_a_hidden_location_answers_like_an_unknown_one(here: Landscape, caller: str | None) -> None:
    answer = await here.ask(caller, LOCATION, id=HIDDEN)
    unknown = await here.ask(caller, LOCATION, id="NL*ABC*NOWHERE")

    if caller == OPERATOR:
        assert answer.data["location"]["id"] == HIDDEN
    else:
        assert told(answer, HIDDEN) == told(unknown, "NL*ABC*NOWHERE")


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_a_tariff_is_seen_by_whoever_sees_a_location_that_names_it(here: Landscape, caller: str | None) -> None:
    shown = await here.ask(caller, LOCATION, id=OPEN)
    given = await entities(here, caller, "Tariff", "NL*ABC*BOOK", "NL*ABC*CHARGE", "NL*ABC*SECRET")

    assert [one["id"] for one in shown.data["location"]["tariffs"]] == ["NL*ABC*BOOK", "NL*ABC*CHARGE"]
    assert given == ["NL*ABC*BOOK", "NL*ABC*CHARGE", "NL*ABC*SECRET" if caller == OPERATOR else None]


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_a_booking_is_seen_by_whom_it_concerns_and_is_unknown_to_others(
    here: Landscape, caller: str | None
) -> None:
    unknown_id = f"NL*ABC*{UNKNOWN_UUID}"
    unknown = await here.ask(caller, BOOKING, id=unknown_id)
    unreferenced = await here.ask(caller, BY_REFERENCE, reference=UNKNOWN_REFERENCE)

    for one in here.bookings:
        by_id = await here.ask(caller, BOOKING, id=one.id)
        by_reference = await here.ask(caller, BY_REFERENCE, reference=one.reference)
        as_entity = await entities(here, caller, "Booking", one.id)
        if caller in one.seen_by:
            assert by_id.data["booking"]["id"] == by_reference.data["booking"]["id"] == one.id
            assert as_entity == [one.id]
        else:
            assert told(by_id, one.id) == told(unknown, unknown_id)
            assert told(by_reference, one.reference) == told(unreferenced, UNKNOWN_REFERENCE)
            assert as_entity == [None]


@pytest.mark.parametrize("caller", EVERYBODY)
@pytest.mark.parametrize("at", [None, OPEN])
async def test_a_list_holds_the_bookings_that_concern_the_caller(
    here: Landscape, caller: str | None, at: str | None
) -> None:
    answer = await here.ask(caller, BOOKINGS, at=at)

    if caller is None:
        assert answer.errors[0][0] == "UNAUTHENTICATED"
    else:
        shown = nodes(answer.data["bookings"]["edges"]) & {one.id for one in here.bookings}
        assert shown == {one.id for one in here.bookings if caller in one.seen_by}


async def test_a_booking_goes_by_its_operators_name_only(here: Landscape) -> None:
    mine = here.bookings[0].id
    disguised = mine.replace("NL*ABC", "DE*XYZ")

    for caller in ("emsp", "cpo", "other_cpo"):
        answer = await here.ask(caller, BOOKING, id=disguised)
        assert answer.errors == [("NOT_FOUND", f"There is no Booking {disguised}.")]


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_a_booking_of_others_cannot_be_canceled_and_is_unknown(here: Landscape, caller: str | None) -> None:
    unknown_id = f"NL*ABC*{UNKNOWN_UUID}"
    unknown = await here.ask(caller, CANCEL, input=canceling(caller, unknown_id))
    others = [one for one in here.bookings if caller not in one.seen_by & CANCELING]

    answers = [await here.ask(caller, CANCEL, input=canceling(caller, one.id)) for one in others]

    assert [told(answer, one.id) for answer, one in zip(answers, others, strict=True)] == [
        told(unknown, unknown_id) for _ in others
    ]
    if caller in CANCELING:
        assert unknown.data["bookingCancel"]["__typename"] == "NotFound"
    else:
        assert unknown.errors[0][0] == ("FORBIDDEN" if caller else "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("made_by", "canceled_by"),
    [
        ("emsp", "emsp"),
        ("other_emsp", "other_emsp"),
        ("fleet", "fleet"),
        ("other_fleet", "emsp"),
        ("other_emsp", "cpo"),
    ],
)
async def test_its_holder_or_its_operator_cancels_a_booking(here: Landscape, made_by: str, canceled_by: str) -> None:
    made = await here.ask(made_by, CREATE, input=here.wish())
    booking_id = made.data["bookingCreate"]["id"]

    answer = await here.ask(canceled_by, CANCEL, input=canceling(canceled_by, booking_id))

    assert answer.data["bookingCancel"] == {"__typename": "Booking", "id": booking_id, "status": "CANCELED"}


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_only_its_operator_reports_on_a_charger(here: Landscape, caller: str | None) -> None:
    async def report(evse_id: str) -> Any:
        given = {"idempotencyKey": a_key(), "evseId": evse_id, "status": "CHARGING"}
        return await here.ask(caller, REPORT, input=given)

    unknown_id = "NL*ABC*NOWHERE*E1"
    unknown = await report(unknown_id)
    of_open, of_hidden, of_foreign = [await report(charger_of(one)) for one in (OPEN, HIDDEN, FOREIGN)]

    if caller == "cpo":
        assert of_open.data["evseStatusReport"] == {"__typename": "Evse", "status": "CHARGING"}
        assert of_hidden.data["evseStatusReport"] == {"__typename": "Evse", "status": "CHARGING"}
        assert of_foreign.data["evseStatusReport"]["__typename"] == "NotAllowed"
    elif caller == "other_cpo":
        assert of_open.data["evseStatusReport"]["__typename"] == "NotAllowed"
        assert told(of_hidden, charger_of(HIDDEN)) == told(unknown, unknown_id)
        assert of_foreign.data["evseStatusReport"] == {"__typename": "Evse", "status": "CHARGING"}
    else:
        code = "FORBIDDEN" if caller else "UNAUTHENTICATED"
        assert [one.errors[0][0] for one in (unknown, of_open, of_hidden, of_foreign)] == [code] * 4


@pytest.mark.parametrize("caller", ["emsp", "other_emsp", "fleet"])
async def test_a_hidden_location_cannot_be_booked_and_answers_like_an_unknown_one(
    here: Landscape, caller: str
) -> None:
    answer = await here.ask(caller, CREATE, input=here.wish(HIDDEN))
    unknown = await here.ask(caller, CREATE, input=here.wish("NL*ABC*NOWHERE"))

    assert unknown.data["bookingCreate"]["__typename"] == "NotFound"
    assert told(answer, HIDDEN) == told(unknown, "NL*ABC*NOWHERE")


def a_token(country_code: str, party_id: str, contract_id: str) -> dict[str, str]:
    return {
        "countryCode": country_code,
        "partyId": party_id,
        "uid": "1",
        "type": "RFID",
        "contractId": contract_id,
    }


@pytest.mark.parametrize("caller", ["emsp", "fleet"])
async def test_nobody_books_with_a_token_of_another_provider(here: Landscape, caller: str) -> None:
    foreign = a_token("DE", "EMO", FLEET_CONTRACT)

    answer = await here.ask(caller, CREATE, input=here.wish(tokens=[a_token("nl", "ems", FLEET_CONTRACT), foreign]))

    assert answer.data["bookingCreate"]["__typename"] == "NotAllowed"


@pytest.mark.parametrize(
    "changes",
    [
        {"contractId": OTHER_CONTRACT},
        {"tokens": [a_token("NL", "EMS", OTHER_CONTRACT)]},
        {"tokens": [a_token("NL", "EMS", FLEET_CONTRACT), a_token("NL", "EMS", OTHER_CONTRACT)]},
        {"tokens": [a_token("NL", "EMS", FLEET_CONTRACT)], "contractId": OTHER_CONTRACT},
    ],
)
async def test_a_fleet_books_under_its_own_contracts_only(here: Landscape, changes: dict[str, Any]) -> None:
    refused = await here.ask("fleet", CREATE, input=here.wish(**changes))
    granted = await here.ask("fleet", CREATE, input=here.wish(tokens=[a_token("NL", "EMS", FLEET_CONTRACT)]))

    assert refused.data["bookingCreate"]["__typename"] == "NotAllowed"
    assert granted.data["bookingCreate"]["contractIds"] == [FLEET_CONTRACT]


async def test_a_key_that_another_party_used_means_nothing(here: Landscape) -> None:
    key = a_key()

    made = [
        await here.ask(caller, CREATE, input=here.wish(idempotencyKey=key))
        for caller in ("emsp", "other_emsp", "fleet", "other_fleet")
    ]

    assert len({one.data["bookingCreate"]["id"] for one in made}) == 4
