"""Doing a mutation once, however often it is sent."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import orjson

from models.db import Connection
from models.errors import BadInput, IdempotencyConflict, Refusal, recalled
from models.queries import idempotency
from resolvers.call import Call

Outcome = dict[str, Any]
LONGEST_KEY = 36
"""The standard's request_id, which a creation's key becomes on the wire, is a CiString(36)."""


async def once(
    call: Call,
    idempotency_key: str,
    mutation: str,
    asked: Any,
    outcome: Outcome,
    work: Callable[[Connection], Awaitable[Refusal | None]],
    *,
    first: Callable[[Connection], Awaitable[None]] | None = None,
    learned: Callable[[], Outcome] | None = None,
) -> Outcome:
    """Do `work` in a transaction and return `outcome`; for a key that was used, return what came of it then.

    What `work` alone finds out, and a repeat should know, is added by `learned`; that may be nothing.

    A refusal that `work` raises undoes the transaction; one that it returns lets stand what was written. Either way
    it is remembered and raised. Raise IdempotencyConflict if the key was used with another input. `first` takes the
    locks that are waited for before anything is written.
    """
    use = _use(call, idempotency_key, mutation, asked)

    async def transaction(connection: Connection) -> Outcome:
        if first is not None:
            await first(connection)
        if not await idempotency.claim(connection, use, outcome, call.now):
            return await _first(connection, use)
        refusal = await work(connection)
        found = learned() if learned is not None and refusal is None else {}
        if refusal is None and not found:
            return outcome
        came = refusal.remembered() if refusal else {**outcome, **found}
        await idempotency.decide(connection, use, came)
        return came

    try:
        came = await call.database.write(transaction)
    except Refusal as refusal:
        came = await _remember(call, use, refusal)
    if "refusal" in came:
        raise recalled(came)
    return came


async def _remember(call: Call, use: idempotency.Use, refusal: Refusal) -> Outcome:
    """Note a refusal for the key, unless a request that ran beside this one has used it meanwhile."""
    if isinstance(refusal, IdempotencyConflict):
        raise refusal
    noted = refusal.remembered()

    async def note(connection: Connection) -> Outcome:
        if await idempotency.claim(connection, use, noted, call.now):
            return noted
        return await _first(connection, use)

    return await call.database.write(note)


async def _first(connection: Connection, use: idempotency.Use) -> Outcome:
    same, outcome = await idempotency.found(connection, use)
    if not same:
        raise IdempotencyConflict(use.idempotency_key)
    result: Outcome = outcome
    return result


def _use(call: Call, idempotency_key: str, mutation: str, asked: Any) -> idempotency.Use:
    if (
        not 1 <= len(idempotency_key) <= LONGEST_KEY
        or not idempotency_key.isascii()
        or not idempotency_key.isprintable()
    ):
        raise BadInput(f"An idempotencyKey has 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID.")
    written = orjson.dumps(asdict(asked), default=str, option=orjson.OPT_SORT_KEYS)
    return idempotency.Use(call.authenticated().scope, idempotency_key, mutation, hashlib.sha256(written).digest())
