"""Drivers' Tokens: what is kept of them, however often they are published, blocked and let expire."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import BadInput, IdempotencyConflict
from models.queries import tokens as stored
from models.rules.token import Token, TokenType, Whitelist
from resolvers import tokens
from resolvers.tokens import MOST_TOKENS, TokensToPublish
from tests.factories.catalogue import NOW, at
from tests.factories.tokens import a_token, known, published
from tests.resolvers.drivers import blocked, expired, listed, page, read, unblocked
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

TICK = timedelta(microseconds=1)


async def test_a_token_is_kept_as_it_was_published_and_belongs_to_who_published_it(world: World) -> None:
    whole = a_token(
        "a1*b2",
        type=TokenType.APP_USER,
        visual_number="001",
        group_id="Night",
        language="nl",
        whitelist=Whitelist.NEVER,
        expires_at=at(20),
    )

    (made,) = await published(world, whole)

    assert made == Token(
        id="NL*EMS*APP_USER*A1%2AB2",
        emsp_id="NL*EMS",
        type=TokenType.APP_USER,
        uid="a1*b2",
        contract_id=FLEET_CONTRACT,
        issuer="The provider",
        valid=True,
        whitelist=Whitelist.NEVER,
        last_updated=NOW,
        visual_number="001",
        group_id="Night",
        language="nl",
        expires_at=at(20),
    )
    assert await read(world, "nl*ems*app_user*a1%2ab2") == made
    assert await published(world, a_token()) == [known()]


async def test_a_token_is_one_by_type_and_uid_without_case_and_within_its_emsp(world: World) -> None:
    await published(world, a_token("ab", issuer="first"), a_token("AB", type=TokenType.APP_USER))
    await published(world, a_token("aB", issuer="theirs"), caller="other_emsp")

    (again,) = await published(world, a_token("AB", issuer="second"))

    assert (again.uid, again.issuer, again.last_updated) == ("AB", "second", NOW + TICK)
    assert await listed(world) == ["AB", "AB"]
    assert [one.issuer for one, _ in (await page(world, caller="other_emsp")).items] == ["theirs"]


async def test_an_emaid_is_one_however_its_separators_are_written(world: World) -> None:
    emaid, plain, starred = "NL-EMS-C00000001-A", "nlemsc00000001a", "NL*EMS*C00000001*A"
    made = [(await published(world, a_token(one, type=TokenType.EMAID)))[0] for one in (emaid, plain, starred)]

    async with world.database.reading() as connection:
        found = [await stored.presented(connection, one, TokenType.EMAID) for one in (emaid, plain, starred)]
        as_card = await stored.presented(connection, plain, TokenType.RFID)

    assert {one.id for one in made} == {"NL*EMS*EMAID*NLEMSC00000001A"}
    assert found == [[made[-1]]] * 3
    assert as_card == []


async def test_an_emaid_is_found_by_the_contract_it_was_published_under_too(world: World) -> None:
    (made,) = await published(world, a_token("NL-EMS-C00000009-X", type=TokenType.EMAID))
    await published(world, a_token("04A1B2C3"))

    async with world.database.reading() as connection:
        found = [
            await stored.presented(connection, one, TokenType.EMAID)
            for one in ("NLEMSC00000009X", "NLEMSC00000001A", "NLEMSC00000002B")
        ]

    assert found == [[made], [made], []]


async def test_what_is_published_again_replaces_the_whole_and_those_not_named_stay(world: World) -> None:
    await published(world, a_token("A", group_id="G", visual_number="1", language="de"), a_token("B", group_id="G"))

    now = await published(world, a_token("C"), a_token("A", issuer="Other", whitelist=Whitelist.ALWAYS))

    assert now == [
        known("C"),
        known("A", issuer="Other", whitelist=Whitelist.ALWAYS, last_updated=NOW + TICK),
    ]
    assert await read(world, "NL*EMS*RFID*B") == known("B", group_id="G")


async def test_a_blocked_token_stays_blocked_when_it_is_published_again_unless_it_is_said_to_be_valid(
    world: World,
) -> None:
    await published(world)
    one = await blocked(world, reason="Lost.")
    (again,) = await published(world, a_token(issuer="Other"))
    (valid,) = await published(world, a_token(valid=True))
    (not_valid,) = await published(world, a_token(valid=False))
    (still,) = await published(world, a_token())

    assert (one.valid, one.blocked_reason) == (False, "Lost.")
    assert (again.issuer, again.valid, again.blocked_reason) == ("Other", False, "Lost.")
    assert (valid.valid, valid.blocked_reason) == (True, None)
    assert [(other.valid, other.blocked_reason) for other in (not_valid, still)] == [(False, None)] * 2


async def test_a_token_that_was_let_expire_stays_so_when_it_is_published_again_unless_a_moment_is_given(
    world: World,
) -> None:
    await published(world)
    await expired(world)
    (again,) = await published(world)
    (prolonged,) = await published(world, a_token(expires_at=at(20)))

    assert (again.expires_at, again.expired(NOW)) == (NOW, True)
    assert (prolonged.expires_at, prolonged.expired(NOW)) == (at(20), False)


async def test_what_is_blocked_twice_keeps_its_reason_until_another_is_given_and_changes_only_then(
    world: World,
) -> None:
    await published(world)
    first, second, third = [await blocked(world, reason=reason) for reason in ("Lost.", None, "Stolen.")]
    free, freer = [await unblocked(world) for _ in range(2)]

    assert second == first
    assert (third.blocked_reason, third.last_updated) == ("Stolen.", first.last_updated + TICK)
    assert free == replace(third, valid=True, blocked_reason=None, last_updated=third.last_updated + TICK)
    assert freer == free


async def test_a_token_expires_now_or_at_a_moment_and_never_later_than_before(world: World) -> None:
    await published(world)

    moments = (at(20), at(22), at(12), at(5), None, at(22))
    found = [(await expired(world, moment=moment)).expires_at for moment in moments]

    assert found == [at(20), at(20), at(12), NOW, NOW, NOW]


async def test_letting_expire_now_means_when_it_was_first_asked_for(world: World) -> None:
    await published(world)
    key = a_key()
    first = await expired(world, key=key)
    world.later(at(8))

    assert await expired(world, key=key) == first
    assert first.expires_at == NOW


async def test_the_same_key_publishes_once_and_another_input_is_refused(world: World) -> None:
    key = a_key()
    (first,) = await published(world, key=key)
    (changed,) = await published(world, a_token(issuer="Other"))

    assert await published(world, key=key) == [changed] != [first]
    with pytest.raises(IdempotencyConflict):
        await published(world, a_token(issuer="Third"), key=key)
    assert await listed(world) == ["04A1B2C3"]


async def test_five_hundred_tokens_are_published_at_once_and_no_call_takes_more_or_none_or_one_twice(
    world: World,
) -> None:
    many = [a_token(f"UID{number}") for number in range(MOST_TOKENS + 1)]

    for wanted in (many, [], [a_token("x"), a_token("X")]):
        with pytest.raises(BadInput):
            await tokens.publish(await world.call("emsp"), a_key(), TokensToPublish(tuple(wanted)))
    assert await listed(world) == []
    assert [one.uid for one in await published(world, *many[:-1])] == [one.uid for one in many[:-1]]
