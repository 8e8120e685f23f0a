"""How an EMSP publishes, blocks and reads drivers' Tokens in these use cases: documents, and how they are put."""

from typing import Any

from tests.use_cases.documents import ask, do
from tests.world import FLEET_CONTRACT, World

TOKEN = """
id countryCode partyId type uid contractId issuer visualNumber groupId language whitelist valid blockedReason
expiresAt lastUpdated
"""
PUBLISH = f"""
mutation ($input: TokensPublishInput!) {{
  tokensPublish(input: $input) {{
    __typename ... on TokensPublished {{ tokens {{ {TOKEN} }} }} ... on Problem {{ message }}
  }}
}}
"""
BLOCK = f"""
mutation ($input: TokenBlockInput!) {{
  tokenBlock(input: $input) {{ __typename ... on Token {{ {TOKEN} }} ... on Problem {{ message }} }}
}}
"""
UNBLOCK = f"""
mutation ($input: TokenUnblockInput!) {{
  tokenUnblock(input: $input) {{ __typename ... on Token {{ {TOKEN} }} ... on Problem {{ message }} }}
}}
"""
EXPIRE = f"""
mutation ($input: TokenExpireInput!) {{
  tokenExpire(input: $input) {{ __typename ... on Token {{ {TOKEN} }} ... on Problem {{ message }} }}
}}
"""
BY_ID = f"query ($id: ID!) {{ token(id: $id) {{ {TOKEN} }} }}"
LISTED = f"""
query (
  $contractId: String, $types: [TokenType!], $valid: Boolean, $updatedSince: DateTime
  $first: Int! = 50, $after: String
) {{
  tokens(
    contractId: $contractId types: $types valid: $valid updatedSince: $updatedSince first: $first after: $after
  ) {{ edges {{ node {{ {TOKEN} }} }} pageInfo {{ hasNextPage endCursor }} }}
}}
"""


def a_token(uid: str, kind: str = "RFID", **more: Any) -> dict[str, Any]:
    """Return a driver's Token of the first fleet as it is sent."""
    return {"type": kind, "uid": uid, "contractId": FLEET_CONTRACT, "issuer": "The provider", **more}


async def published(world: World, *tokens: dict[str, Any], caller: str = "emsp") -> list[Any]:
    """Return the Tokens that an EMSP published."""
    came = await do(world, caller, PUBLISH, tokens=list(tokens))
    assert came["__typename"] == "TokensPublished", came
    found: list[Any] = came["tokens"]
    return found


async def listed(world: World, caller: str, **wanted: Any) -> list[str]:
    """Return the uids of the Tokens that a caller lists, in order."""
    return [edge["node"]["uid"] for edge in (await ask(world, caller, LISTED, **wanted))["edges"]]
