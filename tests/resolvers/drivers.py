"""Drivers' Tokens as their EMSPs change them, and as they are read."""

from datetime import datetime
from typing import Any

from models.rules.token import Token, TokenFilter
from resolvers import tokens
from resolvers.pages import Page
from resolvers.tokens import TokenToBlock, TokenToExpire, TokenToUnblock
from tests.world import World, a_key

CARD = "NL*EMS*RFID*04A1B2C3"
EVERY = TokenFilter()


async def blocked(world: World, name: str = CARD, reason: str | None = None, caller: str = "emsp") -> Token:
    """Return a Token that was blocked; a refusal is raised."""
    return await tokens.block(await world.call(caller), a_key(), TokenToBlock(name, reason))


async def unblocked(world: World, name: str = CARD, caller: str = "emsp") -> Token:
    """Return a Token that was unblocked; a refusal is raised."""
    return await tokens.unblock(await world.call(caller), a_key(), TokenToUnblock(name))


async def expired(
    world: World, name: str = CARD, moment: datetime | None = None, *, caller: str = "emsp", key: str | None = None
) -> Token:
    """Return a Token that was let expire; a refusal is raised."""
    return await tokens.expire(await world.call(caller), key or a_key(), TokenToExpire(name, moment))


async def read(world: World, name: str = CARD, caller: str = "emsp") -> Token:
    """Return a Token as a caller reads it."""
    return await tokens.get(await world.call(caller), name)


async def page(
    world: World, wanted: TokenFilter = EVERY, caller: str = "emsp", first: int = 50, after: Any = None
) -> Page[Token]:
    """Return a page of the Tokens that a caller lists."""
    return await tokens.page(await world.call(caller), wanted, first=first, after=after)


async def listed(world: World, wanted: TokenFilter = EVERY, caller: str = "emsp") -> list[str]:
    """Return the uids of the Tokens that a caller lists, in order."""
    return [one.uid for one, _ in (await page(world, wanted, caller)).items]
