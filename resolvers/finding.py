"""Searching many Locations at once: a fixed number of statements, whatever is found."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from models.catalogue import Entry
from models.errors import BadInput
from models.queries import allocations
from models.rules.availability import Search
from models.rules.interval import Interval
from models.rules.nearby_times import around
from resolvers import access, provider_fees
from resolvers.asked import Asked
from resolvers.call import Call
from resolvers.free import Available, Place, available

LONGEST_WINDOW = timedelta(days=31)
MOST_SLOTS = 5_000
"""A page ends when it holds so many, however few Locations they are of: they are all encoded at once."""

AT_ONCE = 20
"""How many Locations are looked at before others are served."""

Busy = Mapping[str, Mapping[str, Sequence[Interval]]]
Key = tuple[str, ...]
C = TypeVar("C", bound="Candidate")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Location to look at, its place in the answer, and when to look there."""

    key: Key
    entry: Entry
    search: Search


def checked_window(window: Interval) -> Interval:
    """Return `window`, or raise BadInput if it is longer than one search may look."""
    if window.duration > LONGEST_WINDOW:
        raise BadInput(f"A window is at most {LONGEST_WINDOW.days} days long.")
    return window


async def busy(call: Call, location_ids: Sequence[str], window: Interval) -> Busy:
    """Return when chargers and bays of those Locations are taken; one statement."""
    async with call.database.reading() as connection:
        return await allocations.busy(connection, location_ids, window, call.now)


@dataclass(frozen=True, slots=True)
class Found(Generic[C]):
    """What is free at candidates, in their order, and whether more may follow."""

    items: Sequence[tuple[Available, C]]
    has_next: bool


async def found(call: Call, asked: Asked, candidates: Sequence[C], limit: int) -> Found[C]:
    """Return what is free at the first `limit` candidates where something is; fewer if they have very many slots.

    One statement for what is busy, and one for what a fleet's EMSP adds to prices, if anybody looks at them.
    """
    seen = [one for one in candidates if access.sees_location(call, one.entry.published.location)]
    if not seen:
        return Found([], has_next=False)
    fees = await provider_fees.seen(call) if asked.priced else ()
    taken = await busy(call, list({one.entry.published.location.id for one in seen}), _whole(asked, seen))
    answers: list[tuple[Available, C]] = []
    slots = 0
    for number, one in enumerate(seen):
        if slots >= MOST_SLOTS:
            return Found(answers, has_next=True)
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)  # let others be served meanwhile
        at_it = taken.get(one.entry.published.location.id, {})
        here = available(Place.of(one.entry, asked, one.search, at_it, fees))
        if here.is_worth_telling:
            if len(answers) == limit:
                return Found(answers, has_next=True)
            answers.append((here, one))
            slots += sum(len(free.timeslots) for free in here.free)
    return Found(answers, has_next=False)


def _whole(asked: Asked, candidates: Sequence[Candidate]) -> Interval:
    """Return the time that holds all that is looked at."""
    windows = list(_windows(asked, candidates))
    return Interval(min(one.start for one in windows), max(one.end for one in windows))


def _windows(asked: Asked, candidates: Sequence[Candidate]) -> Iterator[Interval]:
    for one in candidates:
        yield around(one.search.window) if asked.closest else one.search.window
