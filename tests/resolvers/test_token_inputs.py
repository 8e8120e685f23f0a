"""What a driver's Token may be, by the lengths and characters of the standard (OCPI Tokens)."""

from typing import Any

import pytest

from tests.resolvers.drivers import listed, read
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

PUBLISH = """
mutation ($input: TokensPublishInput!) {
  tokensPublish(input: $input) {
    __typename ... on TokensPublished { tokens { id language whitelist } } ... on Problem { message }
  }
}
"""
PUBLISHED: dict[str, Any] = {"type": "RFID", "uid": "A", "contractId": "C1", "issuer": "Me"}
BAD: dict[str, dict[str, Any]] = {
    "an empty uid": {"uid": ""},
    "a uid without end": {"uid": "x" * 37},
    "a uid that does not print": {"uid": "a\tb"},
    "a uid that is not ASCII": {"uid": "é"},
    "a uid with a blank at its end": {"uid": "A "},
    "a contract without end": {"contractId": "x" * 37},
    "a contract that is not ASCII": {"contractId": "ß"},
    "a group that does not print": {"groupId": "a\nb"},
    "an empty group": {"groupId": ""},
    "no issuer": {"issuer": ""},
    "an issuer without end": {"issuer": "x" * 65},
    "a number without end": {"visualNumber": "x" * 65},
    "a language of three letters": {"language": "dut"},
    "a language of no letters": {"language": "1!"},
    "an unknown type": {"type": "LICENSE_PLATE"},
    "a moment without an offset": {"expiresAt": "2026-12-01T06:00:00"},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_one_token_that_makes_no_sense_keeps_all_from_being_published(
    world: World, bad: dict[str, Any]
) -> None:
    sent = {"idempotencyKey": a_key(), "tokens": [{**PUBLISHED, "uid": "GOOD"}, PUBLISHED | bad]}

    answer = await world.execute("emsp", PUBLISH, input=sent)

    assert answer.data is None or answer.data["tokensPublish"] is None
    assert len(answer.errors) == 1
    assert await listed(world) == []


async def test_what_the_standard_allows_is_published_to_the_last_character(world: World) -> None:
    longest: dict[str, Any] = {
        "type": "OTHER",
        "uid": "*" * 36,
        "contractId": "a b" * 12,
        "groupId": "%" * 36,
        "issuer": "é" * 64,
        "visualNumber": "№" * 64,
        "language": "NL",
    }

    answer = await world.execute("emsp", PUBLISH, input={"idempotencyKey": a_key(), "tokens": [longest]})

    name = "NL*EMS*OTHER*" + "%2A" * 36
    shown = {"id": name, "language": "nl", "whitelist": "ALLOWED"}
    assert answer.errors == []
    assert answer.data["tokensPublish"] == {"__typename": "TokensPublished", "tokens": [shown]}
    assert (await read(world, name)).contract_id == "a b" * 12
