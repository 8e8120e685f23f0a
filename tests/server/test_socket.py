"""graphql-transport-ws as clients may get it wrong: each is told, and none brings the server down."""

from datetime import timedelta
from typing import Any

import pytest

from resolvers import parties
from server.app import create_app
from server.settings import Settings
from tests.factories.catalogue import a_location, an_offer
from tests.server.asgi_socket import Closed, Socket, connected
from tests.server.bad_values import cursor
from tests.server.served import Served
from tests.world import a_key

pytestmark = pytest.mark.anyio

PING = "{ __typename }"
FAULTS = "subscription { chargerFaultAlert { __typename ... on ChargerFaultAlert { fault { code } } } }"
SLOTS = "subscription ($input: SlotAvailabilityInput!) { slotAvailabilityChanged(input: $input) { __typename } }"
REPORT = """
mutation ($input: EvseStatusReportInput!) { evseStatusReport(input: $input) { __typename } }
"""
DAY = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-02T00:00:00Z"}


async def closing(socket: Socket) -> Closed:
    """Return how the server closes the socket, which it must do next."""
    with pytest.raises(Closed) as closed:
        await socket.frame()
    return closed.value


def code_of(answer: Any) -> str:
    """Return the code of the one error of an answer, whether it came to execution or not."""
    errors = answer["payload"] if answer["type"] == "error" else answer["payload"]["errors"]
    (error,) = errors
    code: str = error["extensions"]["code"]
    return code


async def test_an_operation_is_answered_in_text_frames(shared: Served) -> None:
    async with connected(shared.app) as socket:
        await socket.begin()
        answer = await socket.ask(PING)

    assert answer == {"id": "1", "type": "next", "payload": {"data": {"__typename": "Query"}}}


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",), ("soap",)])
async def test_another_protocol_is_not_spoken(shared: Served, protocols: tuple[str, ...]) -> None:
    async with connected(shared.app, protocols=protocols) as socket:
        assert (await closing(socket)).code == 4406


MESSAGES: dict[str, object] = {
    "null": None,
    "a list": [],
    "a string": "connection_init",
    "a number": 7,
    "no type": {},
    "a type that is a number": {"type": 7},
    "a type that is a list": {"type": ["ping"]},
    "an unknown type": {"type": "hello"},
    "an unknown type without end": {"type": "ä" * 10_000},
    "a subscription without an id": {"type": "subscribe", "payload": {"query": PING}},
    "an id that is a list": {"type": "subscribe", "id": ["1"], "payload": {"query": PING}},
    "no payload": {"type": "subscribe", "id": "1"},
    "a payload that is a string": {"type": "subscribe", "id": "1", "payload": PING},
    "no query": {"type": "subscribe", "id": "1", "payload": {}},
    "a query that is null": {"type": "subscribe", "id": "1", "payload": {"query": None}},
    "variables that are a list": {"type": "subscribe", "id": "1", "payload": {"query": PING, "variables": []}},
    "a name that is a number": {"type": "subscribe", "id": "1", "payload": {"query": PING, "operationName": 7}},
    "an end of nothing": {"type": "complete"},
    "an end of a list": {"type": "complete", "id": []},
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
async def test_a_message_that_is_none_closes_the_socket(shared: Served, message: object) -> None:
    async with connected(shared.app) as socket:
        await socket.begin()
        await socket.send(message)
        closed = await closing(socket)

    assert closed.code == 4400
    assert 0 < len(closed.reason.encode()) <= 123


@pytest.mark.parametrize("text", ["", "hello", "{", '"\\ud800"', "[" * 100_000])
async def test_a_frame_that_is_no_JSON_closes_the_socket(shared: Served, text: str) -> None:  # noqa: N802 - a name
    async with connected(shared.app) as socket:
        await socket.send_text(text)
        assert (await closing(socket)).code == 4400


async def test_a_frame_of_bytes_closes_the_socket(shared: Served) -> None:
    async with connected(shared.app) as socket:
        await socket.send_bytes(b'{"type": "connection_init"}')
        assert (await closing(socket)).code == 4400


async def test_who_is_not_introduced_asks_nothing(shared: Served) -> None:
    async with connected(shared.app) as socket:
        await socket.subscribe(PING)
        assert (await closing(socket)).code == 4401


async def test_who_says_nothing_is_not_waited_for(dsn: str, monkeypatch: pytest.MonkeyPatch, shared: Served) -> None:
    monkeypatch.setattr("server.graphql.INIT_TIMEOUT", timedelta(milliseconds=20))
    app = create_app(Settings(worker=False), dsn, lambda: shared.world.now)

    async with app.router.lifespan_context(app), connected(app) as socket:
        assert (await closing(socket)).code == 4408


async def test_nobody_is_introduced_twice(shared: Served) -> None:
    async with connected(shared.app) as socket:
        await socket.begin()
        await socket.send({"type": "connection_init"})
        assert (await closing(socket)).code == 4429


async def test_no_two_operations_have_one_id(shared: Served) -> None:
    async with connected(shared.app, headers=shared.authorization("emsp")) as socket:
        await socket.begin()
        await socket.subscribe(FAULTS, id="x" * 10_000)
        await socket.subscribe(FAULTS, id="x" * 10_000)
        assert (await closing(socket)).code == 4409


@pytest.mark.parametrize("payload", [[], "Bearer x", 7])
async def test_an_introduction_that_is_none_closes_the_socket(shared: Served, payload: object) -> None:
    async with connected(shared.app) as socket:
        await socket.send({"type": "connection_init", "payload": payload})
        assert (await closing(socket)).code == 4400


@pytest.mark.parametrize("authorization", ["Bearer hdv_unknown", "Basic aGR2Og==", "", 7, ["Bearer x"]])
async def test_a_dead_token_does_not_get_in(shared: Served, authorization: object) -> None:
    async with connected(shared.app) as socket:
        await socket.send({"type": "connection_init", "payload": {"Authorization": authorization}})
        assert (await closing(socket)).code == 4403


async def test_a_dead_token_in_the_header_does_not_get_in_either(shared: Served) -> None:
    async with connected(shared.app, headers={"authorization": "Bearer hdv_unknown"}) as socket:
        await socket.send({"type": "connection_init"})
        assert (await closing(socket)).code == 4403


OPERATIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "nothing": ("", {}, "BAD_USER_INPUT"),
    "no document": ("hello", {}, "GRAPHQL_PARSE_FAILED"),
    "a document without end": ("{ a" * 10_000, {}, "COST_EXCEEDED"),
    "an unknown field": ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "two operations": ("query A { __typename } query B { __typename }", {}, "BAD_USER_INPUT"),
    "a NUL": ("query ($id: ID!) { location(id: $id) { id } }", {"id": "\x00"}, "BAD_USER_INPUT"),
    "slots of no site": (SLOTS, {"input": {"window": DAY}}, "BAD_USER_INPUT"),
    "slots of an unknown site": (SLOTS, {"input": {"window": DAY, "locationIds": ["x"]}}, "NOT_FOUND"),
    "slots of a NUL": (SLOTS, {"input": {"window": DAY, "locationIds": ["\x00"]}}, "BAD_USER_INPUT"),
    "slots of 201 sites": (SLOTS, {"input": {"window": DAY, "locationIds": ["NL*ABC*LOC1", "x"] * 201}}, "NOT_FOUND"),
    "a window to the end of time": (
        SLOTS,
        {"input": {"window": {**DAY, "endDateTime": "9999-12-31T23:59:59Z"}, "locationIds": ["NL*ABC*LOC1"]}},
        "BAD_USER_INPUT",
    ),
    "faults without a token": (FAULTS, {}, "UNAUTHENTICATED"),
}


@pytest.mark.parametrize(("query", "variables", "code"), OPERATIONS.values(), ids=OPERATIONS.keys())
async def test_a_bad_operation_fails_alone(shared: Served, query: str, variables: dict[str, Any], code: str) -> None:
    async with connected(shared.app) as socket:
        await socket.begin()

        answer = await socket.ask(query, variables=variables)

        assert code_of(answer) == code
        assert (await socket.ask(PING, id="2"))["payload"] == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "after",
    ["x", "", cursor("7-1", "1"), cursor("7-1", "-1", "1"), cursor("7-1", "9" * 5000, "1"), cursor(7, 1, 1)],
)
async def test_a_cursor_that_no_event_has_is_refused(shared: Served, after: str) -> None:
    async with connected(shared.app, headers=shared.authorization("emsp")) as socket:
        await socket.begin()
        answer = await socket.ask(
            "subscription ($after: EventCursor) { chargerFaultAlert(after: $after) { __typename } }",
            variables={"after": after},
        )

    assert code_of(answer) == "BAD_USER_INPUT"


async def test_an_unknown_operation_fails_alone(shared: Served) -> None:
    async with connected(shared.app) as socket:
        await socket.begin()
        named = {"query": "query A { __typename }", "operationName": "B"}
        await socket.send({"type": "subscribe", "id": "1", "payload": named})

        assert code_of(await socket.receive()) == "BAD_USER_INPUT"
        assert (await socket.ask(PING, id="2"))["type"] == "next"


async def test_a_token_revoked_while_the_socket_is_open_opens_no_further_operation(own: Served) -> None:
    async with connected(own.app) as socket:
        await socket.begin(**own.authorization("emsp"))
        assert "errors" not in (await socket.ask("{ bookings { edges { cursor } } }"))["payload"]

        await parties.revoke(own.world.database, str(own.world.secrets["emsp"]), own.world.now)

        assert code_of(await socket.ask("{ bookings { edges { cursor } } }")) == "UNAUTHENTICATED"


@pytest.mark.parametrize("query", [FAULTS, SLOTS])
async def test_a_token_revoked_while_the_socket_is_open_hears_of_no_further_event(own: Served, query: str) -> None:
    location = a_location()
    await own.world.publish(location, an_offer(location))
    await own.published()
    variables: dict[str, object] = {}
    if query == SLOTS:
        variables = {"input": {"window": DAY, "locationIds": [location.id]}}
    async with connected(own.app) as socket:
        await socket.begin(**own.authorization("emsp"))
        await socket.subscribe(query, variables=variables)
        if query == SLOTS:
            assert (await socket.receive())["type"] == "next"
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}

        await parties.revoke(own.world.database, str(own.world.secrets["emsp"]), own.world.now)
        broken = {"idempotencyKey": a_key(), "evseId": "NL*ABC*LOC1*E1", "status": "OUTOFORDER"}
        assert "errors" not in (await own.ask(REPORT, "cpo", input=broken)).json()

        assert code_of(await socket.receive()) == "UNAUTHENTICATED"
        assert await socket.receive() == {"id": "1", "type": "complete"}
