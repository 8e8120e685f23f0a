"""Numbering an operator's CDRs without a gap, where it asks for that."""

import re
from dataclasses import dataclass

from models.db import Connection
from models.errors import BadInput
from models.queries import cdr_numbering as stored
from models.rules.cdr import CdrNumbering
from models.rules.role import Role
from resolvers.call import Call
from resolvers.once import once

PREFIX = re.compile(r"[A-Z0-9._-]{0,19}[A-Z._-]")
"""With 19 digits it is within the 39 characters of a CDR's id (OCPI CDR); and no digit of it reads as a number's."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """What is put before the numbers of CDRs."""

    prefix: str


async def set(call: Call, idempotency_key: str, wanted: Numbering) -> CdrNumbering:
    """Number the caller's CDRs from now on, or go on under another prefix, and return how they are numbered.

    That stays so: numbers go on whatever the prefix, and what was issued before keeps its id.
    """
    caller = call.acting_as(Role.CPO)
    prefix = wanted.prefix.upper()
    if not PREFIX.fullmatch(prefix):
        raise BadInput("`prefix` has 1 to 20 letters, digits, points, hyphens and underscores; the last is no digit.")

    async def work(connection: Connection) -> None:
        await stored.put(connection, caller.party_id, prefix)

    await once(call, idempotency_key, "cdrNumberingSet", wanted, {"cpo": caller.party_id}, work)
    found = await get(call)
    if found is None:
        raise RuntimeError(f"the numbering of {caller.party_id} was set, and is not there")
    return found


async def get(call: Call) -> CdrNumbering | None:
    """Return how the caller's CDRs are numbered, or None if they are not."""
    caller = call.acting_as(Role.CPO)
    async with call.database.reading() as connection:
        return await stored.get(connection, caller.party_id)
