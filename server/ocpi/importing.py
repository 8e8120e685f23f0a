"""Publishing what was collected: Tariffs, then Locations, then BookingLocations, several objects at a time."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, assert_never

from models.errors import BadInput, Refusal, TryAgain
from models.rules.booking_location import BookingLocation
from models.rules.location import Location
from models.rules.tariff import Tariff
from models.rules.upserted import Upserted
from server.ocpi.collecting import Collected, Collection, Progress, Reject, collect, nothing_told
from server.ocpi.kinds import Kind, Value


class Publisher(Protocol):
    """Where objects are stored, each whole or not at all; may raise Refusal."""

    async def tariff(self, tariff: Tariff, /) -> Upserted:
        """Store a Tariff, unless the stored one is newer."""

    async def location(self, location: Location, /) -> Upserted:
        """Store a Location, unless the stored one is newer."""

    async def booking_location(self, booking_location: BookingLocation, /) -> Upserted:
        """Store a BookingLocation, unless the stored one is newer, or raise NotFound without its Location."""


@dataclass(slots=True)
class Summary:
    """What came of an import: objects by kind and outcome, and every complaint."""

    published: dict[Kind, Counter[Upserted]] = field(default_factory=lambda: {kind: Counter() for kind in Kind})
    rejected: Counter[Kind | None] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    path_missing: bool = False

    @property
    def nothing_importable(self) -> bool:
        """Whether not one object of an importable kind was found."""
        return not any(self.rejected[kind] + self.published[kind].total() for kind in Kind)


async def import_paths(
    paths: Sequence[Path], publisher: Publisher, *, in_flight: int = 6, progress: Progress = nothing_told
) -> Summary:
    """Publish the OCPI objects in these files and folders; what is wrong is reported, the rest goes on."""
    return await import_objects(collect(paths, progress), publisher, in_flight=in_flight, progress=progress)


async def import_objects(
    collection: Collection, publisher: Publisher, *, in_flight: int = 6, progress: Progress = nothing_told
) -> Summary:
    """Publish what was collected, `in_flight` objects at a time; a fault of the publisher's ends it and is raised."""
    summary = Summary(
        rejected=Counter(collection.rejected),
        rejects=list(collection.rejects),
        path_missing=collection.path_missing,
    )
    for kind in Kind:
        objects = [one for one in collection.found if one.kind is kind]
        if objects:
            await _publish_kind(kind, objects, publisher, summary, in_flight, progress)
    return summary


async def _publish_kind(
    kind: Kind,
    objects: Sequence[Collected],
    publisher: Publisher,
    summary: Summary,
    in_flight: int,
    progress: Progress,
) -> None:
    groups = iter(_by_id(objects))
    stage, done = f"{kind}s", 0
    progress(stage, 0, len(objects))

    async def work() -> None:
        nonlocal done
        for group in groups:
            for one in group:
                await _publish(one, publisher, summary)
                done += 1
                progress(stage, done, len(objects))

    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(max(in_flight, 1)):
                workers.create_task(work())
    except ExceptionGroup as faults:
        raise faults.exceptions[0] from None


async def _publish(one: Collected, publisher: Publisher, summary: Summary) -> None:
    try:
        summary.published[one.kind][await _upsert(one.value, publisher)] += 1
    except (Refusal, BadInput, TryAgain) as refusal:
        summary.rejected[one.kind] += 1
        summary.rejects.append(Reject(one.file, one.path, str(refusal) or str(refusal.__doc__)))


async def _upsert(value: Value, publisher: Publisher) -> Upserted:
    match value:
        case Tariff():
            return await publisher.tariff(value)
        case Location():
            return await publisher.location(value)
        case BookingLocation():
            return await publisher.booking_location(value)
        case _:
            assert_never(value)


def _by_id(objects: Iterable[Collected]) -> Iterator[list[Collected]]:
    """Yield the objects of each id together, in the order of the files: two of one id must not race."""
    groups: dict[str, list[Collected]] = {}
    for one in objects:
        groups.setdefault(one.value.id, []).append(one)
    yield from groups.values()
