"""The endpoint as GraphQL over HTTP has it: statuses, media types, and what a fault, a probe and a guess are told."""

import re
from typing import Any

import asyncpg
import pytest
from graphql import get_introspection_query
from structlog.testing import capture_logs

from tests.server.served import Served, beside, codes

pytestmark = pytest.mark.anyio

PLAIN = "application/json"
NEWER = "application/graphql-response+json"
BOOKINGS = "{ bookings { edges { cursor } } }"

FINE = {"query": "{ __typename }"}
NOT_EXECUTED: dict[str, dict[str, Any]] = {
    "not parsed": {"query": "{"},
    "not valid": {"query": "{ nothing }"},
    "variable missing": {"query": "query ($id: ID!) { location(id: $id) { id } }"},
    "variable of another type": {"query": "query ($id: ID!) { location(id: $id) { id } }", "variables": {"id": []}},
    "variable that nobody can store": {
        "query": "query ($id: ID!) { location(id: $id) { id } }",
        "variables": {"id": "\x00"},
    },
}
FIELD_FAILED = {"query": '{ location(id: "x") { id } __typename }'}


@pytest.mark.parametrize("accept", ["", "*/*", PLAIN, f"{PLAIN}; charset=utf-8", "text/html", "application/*"])
@pytest.mark.parametrize("body", [FINE, FIELD_FAILED, *NOT_EXECUTED.values()])
async def test_who_asks_for_plain_JSON_gets_200(shared: Served, accept: str, body: object) -> None:  # noqa: N802 - a name
    answer = await shared.post(body, accept=accept)

    assert (answer.status_code, answer.headers["content-type"]) == (200, PLAIN)


@pytest.mark.parametrize("accept", [NEWER, f"{NEWER}, {PLAIN};q=0.9", f"{PLAIN}, {NEWER}"])
@pytest.mark.parametrize("body", [FINE, FIELD_FAILED])
async def test_in_the_newer_type_what_was_executed_gets_200(shared: Served, accept: str, body: object) -> None:
    answer = await shared.post(body, accept=accept)

    assert (answer.status_code, answer.headers["content-type"]) == (200, f"{NEWER}; charset=utf-8")
    assert answer.json()["data"]["__typename"] == "Query"


@pytest.mark.parametrize("body", NOT_EXECUTED.values(), ids=NOT_EXECUTED.keys())
async def test_in_the_newer_type_what_was_not_executed_gets_400_and_no_data(
    shared: Served, body: dict[str, Any]
) -> None:
    answer = await shared.post(body, accept=NEWER)

    assert (answer.status_code, answer.headers["content-type"]) == (400, f"{NEWER}; charset=utf-8")
    assert answer.json().keys() == {"errors"}
    assert codes(answer)


async def test_a_refusal_before_any_operation_speaks_the_newer_type_too(shared: Served) -> None:
    answer = await shared.post(b"[]", accept=NEWER)

    assert (answer.status_code, answer.headers["content-type"]) == (400, f"{NEWER}; charset=utf-8")
    assert codes(answer) == ["BAD_USER_INPUT"]


async def test_a_query_may_be_asked_by_GET(shared: Served) -> None:  # noqa: N802 - the method's name
    params = {
        "query": "query A($id: ID!) { location(id: $id) { id } } query B { __typename }",
        "variables": '{"id": "nl*abc*loc1"}',
        "operationName": "A",
    }

    answer = await shared.client.get("/graphql", params=params)

    assert answer.status_code == 200
    assert answer.json() == {"data": {"location": {"id": "NL*ABC*LOC1"}}}


async def test_health_is_fine_while_the_database_answers_and_says_so_when_it_does_not(own: Served) -> None:
    name = own.dsn.split("@/")[1].split("?")[0]
    async with beside(own.dsn, "hdv") as server:
        fine = await own.client.get("/health")
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
        failing = await own.client.get("/health")
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        again = await own.client.get("/health")

    assert (fine.status_code, fine.json()) == (200, {"status": "ok", "warnings": []})
    assert failing.status_code == 503
    assert failing.json() == {"status": "failing", "warnings": ["the database does not answer"]}
    assert again.status_code == 200


async def test_the_root_tells_where_to_go_and_there_is_nothing_else(shared: Served) -> None:
    root = await shared.client.get("/")
    elsewhere = await shared.client.get("/wp-admin")

    assert (root.status_code, root.text) == (200, "HDV booking: send GraphQL to /graphql.\n")
    assert elsewhere.status_code == 404


async def test_a_fault_is_masked_and_logged_under_the_reference_that_it_shows(own: Served) -> None:
    async with beside(own.dsn) as connection:
        await connection.execute("DROP TABLE booking CASCADE")

    with capture_logs() as logged:
        answer = await own.ask(BOOKINGS, "emsp")

    (error,) = answer.json()["errors"]
    reference = error["extensions"]["reference"]
    assert answer.status_code == 200
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["message"] == f"Something went wrong on our side. Reference: {reference}"
    assert "relation" not in answer.text
    (line,) = [one for one in logged if one.get("reference") == reference]
    assert isinstance(line["exc_info"], asyncpg.UndefinedTableError)
    assert line["path"] == ["bookings"]


async def test_a_fault_of_one_field_leaves_the_others(own: Served) -> None:
    async with beside(own.dsn) as connection:
        await connection.execute("DROP TABLE booking CASCADE")

    answer = await own.ask('{ booking(id: "NL*ABC*00000000-0000-4000-8000-000000000000") { id } __typename }', "emsp")

    assert codes(answer) == ["INTERNAL_SERVER_ERROR"]
    assert answer.json()["data"] == {"booking": None, "__typename": "Query"}


async def test_a_fault_while_looking_up_who_asks_is_masked_too(own: Served) -> None:
    async with beside(own.dsn) as connection:
        await connection.execute("DROP TABLE api_token CASCADE")

    answer = await own.ask(BOOKINGS, "emsp")

    assert codes(answer) == ["INTERNAL_SERVER_ERROR"]
    assert "relation" not in answer.text


async def test_a_probing_tool_gets_the_contract(shared: Served) -> None:
    answer = await shared.ask(get_introspection_query())
    sdl = await shared.ask("{ _service { sdl } }")

    names = {one["name"] for one in answer.json()["data"]["__schema"]["types"]}
    assert {"Booking", "Location", "BookingCreateInput", "ChargerFaultAlert"} <= names
    assert "type Booking" in sdl.json()["data"]["_service"]["sdl"]


@pytest.mark.parametrize(
    "guess",
    [
        "{ locatio { id } }",
        "{ location(i: 1) { id } }",
        "{ location(id: 1) { name2 } }",
        "{ location(id: 1) { ... on Locatio { id } } }",
        "query ($input: CorridorAvailabilityInpu) { __typename }",
        "{ bookings(statuses: [RESERVE]) { edges { cursor } } }",
        "{ bookings(starting: {startDateTim: 1}) { edges { cursor } } }",
        "{ __typename @ski }",
    ],
)
async def test_a_guess_is_not_put_right(shared: Served, guess: str) -> None:
    answer = await shared.ask(guess, "emsp")

    assert set(codes(answer)) == {"GRAPHQL_VALIDATION_FAILED"}
    assert not re.search("did you mean", answer.text, re.IGNORECASE)
