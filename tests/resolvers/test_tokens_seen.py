"""Who sees and lists drivers' Tokens, who changes them, and in which order they are collected."""

import pytest

from models.errors import BadInput, Forbidden, NotFound, Unauthenticated
from models.rules.token import TokenFilter, TokenType
from resolvers import tokens
from resolvers.tokens import TokensToPublish, TokenToBlock, TokenToExpire, TokenToUnblock
from tests.api.landscape import EVERYBODY
from tests.factories.catalogue import NOW, at
from tests.factories.tokens import a_token, published
from tests.resolvers.drivers import CARD, EVERY, blocked, listed, page, read
from tests.resolvers.quoting import or_refusal
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SEEING = {"emsp", "fleet"}
WITHOUT_LIST = tuple(one for one in EVERYBODY if one not in ("emsp", "other_emsp", "fleet", "other_fleet"))
ENTITIES = """
query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Token { id uid } } }
"""


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_a_token_is_seen_by_its_emsp_and_the_fleet_of_its_contract_and_by_nobody_else(
    world: World, caller: str | None
) -> None:
    (made,) = await published(world, a_token(contract_id=FLEET_CONTRACT.lower().replace("-", "")))
    (unseen,) = await published(world, a_token("OTHER", contract_id="11-1"))
    representations = [{"__typename": "Token", "id": name} for name in (CARD.lower(), "NL*EMS*RFID*NONE")]

    answer = await world.execute(caller, ENTITIES, representations=representations)
    came = await or_refusal(tokens.get(await world.call(caller), CARD)) if caller else None

    shown = {"id": CARD, "uid": "04A1B2C3"} if caller in SEEING else None
    assert (answer.data["_entities"], answer.errors) == ([shown, None], [])
    if caller is None:
        with pytest.raises(Unauthenticated):
            await tokens.get(await world.call(caller), CARD)
    else:
        assert came == (made if caller in SEEING else NotFound("Token", CARD))
    if caller == "fleet":
        assert await tokens.many(await world.call(caller), [unseen.id]) == [None]


@pytest.mark.parametrize("caller", WITHOUT_LIST)
async def test_nobody_but_emsps_and_fleets_lists_tokens(world: World, caller: str | None) -> None:
    await published(world)

    with pytest.raises(Forbidden if caller else Unauthenticated):
        await tokens.page(await world.call(caller), EVERY, first=50, after=None)


async def test_a_list_holds_what_the_caller_sees_and_asked_for(world: World) -> None:
    await published(
        world,
        a_token("A"),
        a_token("B", contract_id=OTHER_CONTRACT),
        a_token("C", type=TokenType.APP_USER, contract_id="NLEMSC00000001A"),
    )
    await published(world, a_token("D"), caller="other_emsp")
    await blocked(world, "NL*EMS*RFID*A")

    everything = {
        caller: await listed(world, caller=caller) for caller in ("emsp", "other_emsp", "fleet", "other_fleet")
    }
    assert everything == {"emsp": ["C", "A", "B"], "other_emsp": ["D"], "fleet": ["C", "A"], "other_fleet": ["B"]}
    assert await listed(world, TokenFilter(contract_id="nl*ems*c00000001*a")) == ["C", "A"]
    assert await listed(world, TokenFilter(contract_id=OTHER_CONTRACT), "fleet") == []
    assert await listed(world, TokenFilter(types=(TokenType.RFID,))) == ["A", "B"]
    assert await listed(world, TokenFilter(valid=False)) == ["A"]
    assert await listed(world, TokenFilter(valid=True), "fleet") == ["C"]


async def test_who_follows_changes_misses_none_that_comes_while_pages_are_read(world: World) -> None:
    await published(world, *(a_token(name) for name in ("A", "B", "C", "D")))
    world.later(at(7))
    await published(world, a_token("B"))
    since = TokenFilter(updated_since=NOW)

    first = await page(world, since, first=2)
    await blocked(world, "NL*EMS*RFID*A")
    second = await page(world, since, first=2, after=first.items[-1][1])
    third = await page(world, since, first=2, after=second.items[-1][1])

    assert [[one.uid for one, _ in each.items] for each in (first, second, third)] == [["A", "C"], ["D", "A"], ["B"]]
    assert [each.has_next for each in (first, second, third)] == [True, True, False]
    assert await listed(world, TokenFilter(updated_since=at(7))) == ["A", "B"]


async def test_a_cursor_of_another_order_is_refused(world: World) -> None:
    for wanted, after in (
        (EVERY, (NOW.isoformat(), CARD)),
        (TokenFilter(updated_since=NOW), (CARD,)),
        (TokenFilter(updated_since=NOW), ("yesterday", CARD)),
    ):
        with pytest.raises(BadInput, match="cursor of another list"):
            await page(world, wanted, after=after)


@pytest.mark.parametrize("caller", [one for one in EVERYBODY if one != "emsp"])
async def test_nobody_else_changes_a_token(world: World, caller: str | None) -> None:
    (made,) = await published(world)
    refused = NotFound if caller == "other_emsp" else Forbidden if caller else Unauthenticated
    call = await world.call(caller)

    for asked in (
        tokens.block(call, a_key(), TokenToBlock(CARD)),
        tokens.unblock(call, a_key(), TokenToUnblock(CARD)),
        tokens.expire(call, a_key(), TokenToExpire(CARD)),
    ):
        with pytest.raises(refused):
            await asked
    if refused is not NotFound:
        with pytest.raises(refused):
            await tokens.publish(call, a_key(), TokensToPublish((a_token(issuer="Mine"),)))
    assert await read(world) == made
