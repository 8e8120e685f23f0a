"""Doing to many objects of one operator what is asked, whole or not at all, and once."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

import orjson

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.queries import locks, publishing
from models.queries.publishing import Stored
from models.rules.identity import owner
from models.rules.role import Role
from resolvers import access, catalogue
from resolvers.call import Call
from resolvers.once import once

MOST_OBJECTS = 500
MOST_DEFECTS = 5
TABLES = {
    "Location": "location",
    "Tariff": "tariff",
    "BookingLocation": "booking_location",
    "Maintenance": "maintenance",
}
Work = Callable[[Connection], Awaitable[Iterable[str]]]
"""Writes in a transaction, and returns the ids of the Locations that the caller will look at again."""
Locks = Callable[[Connection], Awaitable[None]]
"""Takes the locks that are waited for, before the transaction writes anything."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What tells one input from another, short."""

    digest: str


class Kept:
    """What is stored of objects at Locations, which a transaction keeps for itself."""

    def __init__(self, table: str, ids: Sequence[str]) -> None:
        """Take the ids of the objects, whose Locations are not kept yet."""
        self._table = table
        self._ids = ids
        self._kept: list[str] = []

    async def lock(self, connection: Connection) -> None:
        """Keep the Locations of the objects for this transaction alone."""
        before = await publishing.stored(connection, self._table, self._ids)
        await locks.own_many(connection, (one.location_id for one in before.values()))
        self._kept = list(before)

    async def stored(self, connection: Connection) -> dict[str, Stored]:
        """Return what is stored now that nobody writes; what came after the lock is not there yet."""
        return await publishing.stored(connection, self._table, self._kept)


async def done(
    call: Call,
    idempotency_key: str,
    mutation: str,
    asked: Sequence[object],
    ids: Sequence[str],
    work: Work,
    *,
    first: Locks,
) -> list[str]:
    """Do `work` once, let the catalogue have what changed at once, and return `ids`, each once.

    Raise BadInput for what makes no sense, and whatever `work` and `once` raise.
    """
    changed: set[str] = set()

    async def noted(connection: Connection) -> None:
        changed.update(await work(connection))

    digest = _Asked(hashlib.sha256(_written(asked)).hexdigest())
    outcome = {"ids": list(dict.fromkeys(ids))}

    def places() -> dict[str, list[str]]:
        """What a repeat reads again too: it may come before this process has heard of the first."""
        return {"location_ids": sorted(changed)}

    came = await once(call, idempotency_key, mutation, digest, outcome, noted, first=first, learned=places)
    await catalogue.reread(call, came.get("location_ids", ()))
    return [str(one) for one in came["ids"]]


def checked(call: Call, asked: Sequence[object], keys: Sequence[object], defects: Iterable[str] = ()) -> None:
    """Raise unless an operator asks, for 1 to 500 objects, each once, of which none has a defect."""
    call.acting_as(Role.CPO)
    if not 1 <= len(asked) <= MOST_OBJECTS:
        raise BadInput(f"One call takes 1 to {MOST_OBJECTS} objects; this one has {len(asked)}.")
    if len(set(keys)) < len(asked):
        twice = next(one for number, one in enumerate(keys) if one in keys[:number])
        raise BadInput(f"{twice} comes twice; give each object once.")
    found = list(islice(defects, MOST_DEFECTS))
    if found:
        raise BadInput(f"Nothing was published: {'; '.join(found)}.")


def checked_owner(call: Call, kind: str, ids: Iterable[str]) -> None:
    """Raise NotAllowed if an object to publish would belong to another operator."""
    party = call.authenticated().party_id
    for one in ids:
        if owner(one) != party:
            raise NotAllowed(f"{kind} {one} belongs to another operator; you publish for {party}.")


def own(call: Call, kind: str, object_id: str, known: dict[str, Stored]) -> Stored:
    """Return what is stored of the caller's object.

    Raise NotAllowed if it is another's, NotFound if there is none that the caller may see.
    """
    found = known.get(object_id)
    if found is not None and not found.withdrawn:
        if owner(object_id) == call.authenticated().party_id:
            return found
        if _sees(call, kind, object_id, found):
            raise NotAllowed(f"{kind} {object_id} belongs to another operator.")
    raise NotFound(kind, object_id)


def last_updated(known: dict[str, Stored], object_id: str) -> datetime | None:
    """Return when what is stored was last updated."""
    found = known.get(object_id)
    return found.last_updated if found else None


def _written(asked: Sequence[object]) -> bytes:
    """Return what is asked, without when it is: a repeat says the same at a later moment."""
    return orjson.dumps(list(asked), default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _names(type(value))}
    return str(value)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.name != "last_updated")


def _sees(call: Call, kind: str, object_id: str, stored: Stored) -> bool:
    if kind == "Tariff":
        found = call.catalogue.tariff(object_id)
        return found is not None and access.sees_location(call, found[0].published.location)
    entry = call.catalogue.get(stored.location_id)
    return entry is not None and access.sees_location(call, entry.published.location)
