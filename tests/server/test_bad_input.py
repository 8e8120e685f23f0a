"""Bad input, over HTTP: each gets a clear error with a code, never a fault, and nothing is written."""

from typing import Any

import pytest

from tests.server.bad_charging import AT_SITE, LISTED, METERED
from tests.server.bad_values import (
    CANCEL,
    CREATE,
    ENTITIES,
    FOREIGN,
    KEY,
    LOCATION,
    PAGES,
    REPORT,
    ROUTES,
    TEXTS,
    TIMES,
    Ask,
    cancel,
    create,
    report,
)
from tests.server.served import Served, codes
from tests.server.text_inputs import text_inputs, with_text

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("untouched")]

UNSOUND = {"a NUL": "a\x00b", "half a pair": "a\ud800b"}
UNKNOWN_BOOKING = f"NL*ABC*{KEY}"


SENSELESS = TIMES | ROUTES | TEXTS | METERED | AT_SITE


@pytest.mark.parametrize("ask", SENSELESS.values(), ids=SENSELESS.keys())
async def test_a_value_that_makes_no_sense_is_bad_input(shared: Served, ask: Ask) -> None:
    caller, document, variables = ask

    answer = await shared.ask(document, caller, **variables)

    assert answer.status_code == 200
    assert set(codes(answer)) <= {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
    assert not any((answer.json().get("data") or {}).values())


@pytest.mark.parametrize("ask", (PAGES | LISTED).values(), ids=(PAGES | LISTED).keys())
async def test_a_page_that_cannot_be_is_bad_input(shared: Served, ask: Ask) -> None:
    caller, document, variables = ask

    answer = await shared.ask(document, caller, **variables)

    assert set(codes(answer)) == {"BAD_USER_INPUT"}


@pytest.mark.parametrize("ask", FOREIGN.values(), ids=FOREIGN.keys())
async def test_a_cursor_of_another_list_is_told_apart(shared: Served, ask: Ask) -> None:
    caller, document, variables = ask

    answer = await shared.ask(document, caller, **variables)

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert "cursor of another list" in answer.json()["errors"][0]["message"]


TEXT_INPUTS = {name: (document, variables) for name, document, variables in text_inputs()}


async def test_texts_are_found_in_every_corner_of_the_contract() -> None:
    assert {
        "location.id",
        "locations.after",
        "corridorAvailability.input.route.polyline",
        "bookingCreate.input.tokens.uid",
        "bookingCreate.input.licensePlate",
        "evseStatusReport.input.fault.description",
    } <= TEXT_INPUTS.keys()


@pytest.mark.parametrize("unsound", UNSOUND.values(), ids=UNSOUND.keys())
@pytest.mark.parametrize("name", TEXT_INPUTS)
async def test_no_text_holds_what_the_database_cannot_store(shared: Served, name: str, unsound: str) -> None:
    document, variables = TEXT_INPUTS[name]
    caller = "cpo" if name.startswith("evseStatusReport") else "emsp"

    answer = await shared.ask(document, caller, **with_text(variables, unsound))

    assert codes(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("written", [r'"\u0000"', r'"\u{0}"', '"a\x00b"', '"""a\x00b"""', r'"\ud800"'])
async def test_nor_does_a_text_in_the_document(shared: Served, written: str) -> None:
    answer = await shared.ask(f"{{ location(id: {written}) {{ id }} }}")

    (code,) = codes(answer)
    assert code in ("BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED")


async def test_a_representation_is_checked_like_any_other_input(shared: Served) -> None:
    sent = [{"__typename": "Booking", "id": "NL*ABC*\x00"}]

    answer = await shared.ask(ENTITIES, "emsp", representations=sent)

    assert codes(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "Nothing", "id": "x"},
        {"__typename": "Location"},
        {"__typename": "Location", "id": 7},
        {"__typename": "Location", "id": None},
        {"__typename": "Location", "id": ["NL*ABC*LOC1"]},
        {"__typename": ["Location"], "id": "NL*ABC*LOC1"},
        {"id": "NL*ABC*LOC1"},
        {},
        [],
        7,
        "NL*ABC*LOC1",
    ],
)
async def test_an_entity_that_cannot_be_fails_alone(shared: Served, representation: Any) -> None:
    known = {"__typename": "Location", "id": "nl*abc*loc1"}

    answer = await shared.ask(ENTITIES, representations=[representation, known])

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert answer.json()["data"] == {"_entities": [None, {"__typename": "Location"}]}


@pytest.mark.parametrize("sent", [None, [None], [{"__typename": "Location", "id": "x"}] * 1001])
async def test_a_list_of_entities_that_cannot_be_fails_whole(shared: Served, sent: Any) -> None:
    answer = await shared.ask(ENTITIES, representations=sent)

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert not answer.json().get("data")


async def test_values_nested_without_end_do_no_harm(shared: Served) -> None:
    nested: Any = "x"
    for _ in range(900):
        nested = [nested]

    unread = await shared.ask(ENTITIES, representations=[{"__typename": "Location", "id": "x", "more": nested}])
    read = await shared.ask(LOCATION, id=nested)

    assert unread.json() == {"data": {"_entities": [None]}}
    assert codes(read) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("unknown", ["NL*ABC*NOWHERE", "", "*", "7", "é", "x" * 10_000])
async def test_an_unknown_location_is_not_found(shared: Served, unknown: str) -> None:
    answer = await shared.ask(LOCATION, id=unknown)

    assert codes(answer) == ["NOT_FOUND"]
    assert answer.json()["data"] == {"location": None}


@pytest.mark.parametrize("unknown", [UNKNOWN_BOOKING, "NL*ABC*x", "nothing", "", "*", "**", "NL*ABC*" + "9" * 5000])
async def test_an_unknown_booking_is_not_found(shared: Served, unknown: str) -> None:
    answer = await shared.ask("query ($id: ID!) { booking(id: $id) { id } }", "emsp", id=unknown)

    assert codes(answer) == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (create(bookingLocationId="NL*ABC*NOWHERE", idempotencyKey="unknown-1"), "bookingCreate"),
        (create(evseId="NL*ABC*LOC1*NOWHERE", idempotencyKey="unknown-2"), "bookingCreate"),
        (cancel(bookingId=UNKNOWN_BOOKING, idempotencyKey="unknown-3"), "bookingCancel"),
        (cancel(bookingId="nothing", idempotencyKey="unknown-4"), "bookingCancel"),
        (report(evseId="NL*ABC*LOC1*NOWHERE", idempotencyKey="unknown-5"), "evseStatusReport"),
    ],
)
async def test_a_mutation_of_what_is_unknown_answers_so(shared: Served, ask: Ask, kind: str) -> None:
    caller, document, variables = ask

    answer = (await shared.ask(document, caller, **variables)).json()

    assert "errors" not in answer
    assert answer["data"][kind]["__typename"] == "NotFound"
    assert answer["data"][kind]["message"].startswith("There is no ")


@pytest.mark.parametrize(("document", "ask"), [(CREATE, create()), (CANCEL, cancel()), (REPORT, report())])
async def test_who_has_the_wrong_role_is_told(shared: Served, document: str, ask: Ask) -> None:
    one_side = {CREATE: ["cpo"], CANCEL: [], REPORT: ["emsp"]}
    for caller in ("nsp", "nap", "admin", *one_side[document]):
        answer = await shared.ask(document, caller, **ask[2])
        assert codes(answer) == ["FORBIDDEN"]
    assert codes(await shared.ask(document, None, **ask[2])) == ["UNAUTHENTICATED"]
