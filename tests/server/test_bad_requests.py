"""Requests that are none: bodies, documents and tokens, over HTTP; each gets a clear error with a code."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from models.rules.role import Role
from resolvers import parties
from tests.factories.catalogue import NOW
from tests.server.served import Served, codes

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("untouched")]

PING = b'{"query": "{ __typename }"}'
LOCATION = '{ location(id: "NL*ABC*LOC1") { id } }'
MEGABYTE = 1_000_000

BODIES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "a string": b'"x"',
    "a number": b"1",
    "an empty list": b"[]",
    "a list": b"[{}]",
    "a batch": b"[" + PING + b"]",
    "an empty object": b"{}",
    "not JSON": b"query { __typename }",
    "not UTF-8": b'{"query": "\xff\xfe"}',
    "half a surrogate pair": rb'{"query": "{ __typename }", "variables": {"a": "\ud800"}}',
    "brackets without end": b"[" * 100_000,
    "braces without end": b'{"a":' * 100_000,
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "an endless number": b'{"query": "{ __typename }", "variables": {"a": 1e400}}',
    "query null": b'{"query": null}',
    "query empty": b'{"query": ""}',
    "query a number": b'{"query": 1}',
    "query a list": b'{"query": ["{ __typename }"]}',
    "variables a list": b'{"query": "{ __typename }", "variables": []}',
    "variables a string": b'{"query": "{ __typename }", "variables": "{}"}',
    "extensions a number": b'{"query": "{ __typename }", "extensions": 1}',
    "operationName unknown": b'{"query": "query A { __typename }", "operationName": "B"}',
    "operationName a number": b'{"query": "query A { __typename }", "operationName": 1}',
    "operationName a list": b'{"query": "query A { __typename }", "operationName": ["A"]}',
}

DOCUMENTS: dict[str, tuple[str, str]] = {
    "50 levels": (
        '{ location(id: "x") { ' + "evses { location { " * 25 + "id" + " } }" * 25 + " } }",
        "COST_EXCEEDED",
    ),
    "100,000 levels": ("{ a" * 100_000, "COST_EXCEEDED"),
    "300 levels": ("{ a" * 300 + " }" * 300, "COST_EXCEEDED"),
    "lists in lists": (f"{{ location(id: {'[' * 400}{']' * 400}) {{ id }} }}", "COST_EXCEEDED"),
    "20,000 aliases": ("{ " + " ".join(f"a{number}: __typename" for number in range(20_000)) + " }", "COST_EXCEEDED"),
    "20,000 directives": ("{ __typename " + "@skip(if: false) " * 20_000 + "}", "COST_EXCEEDED"),
    "20,000 commas": ("{ __typename " + "," * 20_000 + " nothing }", "GRAPHQL_VALIDATION_FAILED"),
    "no document": ("nothing", "GRAPHQL_PARSE_FAILED"),
    "half a document": ("{ location(id: ", "GRAPHQL_PARSE_FAILED"),
    "an unknown field": ("{ locatoin { id } }", "GRAPHQL_VALIDATION_FAILED"),
    "an unknown argument": ("{ location(identity: 1) { id } }", "GRAPHQL_VALIDATION_FAILED"),
    "an Int that is too large": (
        "{ locations(first: 2147483648) { edges { cursor } } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "an Int without end": (f"{{ locations(first: {'9' * 5000}) {{ edges {{ cursor }} }} }}", "BAD_USER_INPUT"),
    "an id without end": (f"{{ location(id: {'9' * 5000}) {{ id }} }}", "BAD_USER_INPUT"),
    "a Float without end": (f"{{ locations(first: {'9' * 5000}.5) {{ edges {{ cursor }} }} }}", "BAD_USER_INPUT"),
    "two operations": ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
    "no operation": ("fragment A on Query { __typename }", "BAD_USER_INPUT"),
    "fragments in a circle": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "a subscription over plain HTTP": ("subscription { chargerFaultAlert { __typename } }", "BAD_USER_INPUT"),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_is_no_request_is_refused(shared: Served, body: bytes) -> None:
    answer = await shared.post(body)

    assert answer.status_code == 400
    assert codes(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "§"])
async def test_a_body_of_another_kind_is_refused(shared: Served, kind: str) -> None:
    answer = await shared.client.post("/graphql", content=PING, headers=raw(content_type=kind))

    assert answer.status_code == 415
    assert codes(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(("document", "code"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
async def test_a_document_that_cannot_be_executed_is_refused(shared: Served, document: str, code: str) -> None:
    answer = await shared.post({"query": document})

    assert code in codes(answer)
    assert "data" not in answer.json()


async def test_a_mutation_is_not_done_by_GET(shared: Served) -> None:  # noqa: N802 - the method's name
    mutation = 'mutation { bookingCancel(input: {idempotencyKey: "k", bookingId: "x"}) { __typename } }'

    answer = await shared.client.get("/graphql", params={"query": mutation}, headers=shared.authorization("emsp"))

    assert answer.status_code == 400
    assert codes(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": ""},
        {"query": "{ __typename }", "variables": "["},
        {"query": "{ __typename }", "variables": "[]"},
        {"query": "{ __typename }", "variables": "7"},
        {"query": "{ __typename }", "extensions": "{"},
        {"query": "{ __typename }", "operationName": "A"},
        {"query": "query ($i: ID!) { location(id: $i) { id } }", "variables": r'{"i": "\u0000"}'},
    ],
)
async def test_a_query_that_GET_cannot_ask_is_refused(  # noqa: N802 - the method's name
    shared: Served, params: dict[str, str]
) -> None:
    answer = await shared.client.get("/graphql", params=params)

    assert answer.status_code in (200, 400)
    assert codes(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_refused(shared: Served, method: str) -> None:
    answer = await shared.client.request(method, "/graphql", content=PING)

    assert answer.status_code == 405
    assert codes(answer) == ["BAD_USER_INPUT"]


def raw(**headers: str) -> list[tuple[bytes, bytes]]:
    """Return headers as they travel, whatever characters they hold."""
    return [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]


def padded(size: int) -> bytes:
    """Return a request of exactly so many bytes."""
    body = json.dumps({"query": "{ __typename }", "extensions": {"pad": ""}}).encode()
    return body.replace(b'"pad": ""', b'"pad": "' + b"x" * (size - len(body)) + b'"')


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize(
    ("caller", "size", "status"),
    [
        (None, MEGABYTE, 200),
        (None, MEGABYTE + 1, 413),
        ("emsp", MEGABYTE + 1, 413),
        ("cpo", MEGABYTE + 1, 200),
        ("cpo", 16 * MEGABYTE, 200),
        ("cpo", 16 * MEGABYTE + 1, 413),
    ],
)
async def test_a_body_has_a_limit_and_an_operator_a_wider_one(
    shared: Served, caller: str | None, size: int, status: int, chunked: bool
) -> None:
    body = padded(size)
    content: Any = in_chunks(body) if chunked else body
    headers = {"content-type": "application/json", **shared.authorization(caller)}

    answer = await shared.client.post("/graphql", content=content, headers=headers)

    assert answer.status_code == status
    if status == 413:
        assert codes(answer) == ["PAYLOAD_TOO_LARGE"]
        assert answer.json()["errors"][0]["message"].startswith("The body is too large: 1 MB at most")
    else:
        assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("length", ["-1", "x", "²", "9" * 5000])
async def test_a_length_that_is_a_lie_does_no_harm(shared: Served, length: str) -> None:
    headers = raw(content_type="application/json", content_length=length)

    answer = await shared.client.post("/graphql", content=PING, headers=headers)

    assert answer.status_code in (200, 413)


async def test_a_dead_token_with_a_large_body_does_not_widen_the_limit(shared: Served) -> None:
    answer = await shared.post(padded(MEGABYTE + 1), authorization="Bearer hdv_unknown")

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer hdv_unknown",
        "Bearer ",
        "Bearer",
        "",
        "Basic aGR2OmhkdhM=",
        "hdv_unknown",
        "Bearer " + "x" * 60_000,
        "Bearer hdv_\u00e9",
    ],
)
async def test_a_dead_token_opens_nothing_not_even_what_is_public(shared: Served, authorization: str) -> None:
    headers = raw(content_type="application/json", authorization=authorization)

    answer = await shared.client.post("/graphql", content=json.dumps({"query": LOCATION}), headers=headers)

    assert answer.status_code == 200
    assert codes(answer) == ["UNAUTHENTICATED"]
    assert answer.json()["data"] == {"location": None}


@pytest.mark.parametrize("death", ["expired", "revoked"])
async def test_a_token_that_has_died_opens_nothing(shared: Served, death: str) -> None:
    database, before = shared.world.database, NOW - timedelta(days=2)
    expires_at = NOW if death == "expired" else None
    secret = await parties.create_token(database, "NL*EMS", Role.EMSP, before, expires_at=expires_at)
    if death == "revoked":
        await parties.revoke(database, secret, NOW)

    answer = await shared.post({"query": LOCATION}, authorization=f"Bearer {secret}")

    assert codes(answer) == ["UNAUTHENTICATED"]
    assert answer.json()["errors"][0]["message"] == "The API token is unknown, expired or revoked; ask for a new one."
