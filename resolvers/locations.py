"""Reading the published catalogue: Locations, and what belongs to them, by id or in pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from models.catalogue import Catalogue, Entry
from models.rules.booking_location import BookingLocation
from models.rules.identity import normalized
from models.rules.location import Evse, Location
from models.rules.published import PublishedLocation, WithdrawnLocation
from models.rules.tariff import Tariff
from resolvers import access
from resolvers.call import Call
from resolvers.catalogue import current
from resolvers.pages import Page, checked_first, cut, foreign, moment_of

T = TypeVar("T")
Keyed = tuple[PublishedLocation | WithdrawnLocation, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LocationFilter:
    """Which Locations are asked for; empty fields ask nothing."""

    country: str | None = None
    operator_id: str | None = None
    updated_since: datetime | None = None
    bookable: bool | None = None


async def many(call: Call, location_ids: Sequence[str]) -> list[PublishedLocation | None]:
    """Return the Locations of those ids, in their order; None for one that the caller may not see."""
    catalogue = await current(call)
    return [_seen(call, catalogue.get(normalized(one))) for one in location_ids]


async def collected(
    call: Call, wanted: LocationFilter, *, first: int, after: tuple[str, ...] | None
) -> Page[PublishedLocation | WithdrawnLocation]:
    """Return Locations in the order of their ids, or of their last update if asked since when.

    Then it also tells which Locations are not to be seen any more. Both come in one order, of when it happened, so
    that a collector who applies them as they come ends up right.
    """
    limit = checked_first(first)
    if after is not None:
        _check_cursor(after, wanted)
    catalogue = await current(call)
    found: list[Keyed] = [*_published(call, catalogue, wanted)]
    if wanted.updated_since is not None:
        found += _withdrawn(call, catalogue, wanted, wanted.updated_since)
    return _cut(found, wanted, limit, after)


async def evses(call: Call, evse_ids: Sequence[str]) -> list[tuple[PublishedLocation, Evse] | None]:
    """Return the chargers of those ids with their Locations, in order; None for one the caller may not see."""
    catalogue = await current(call)
    return [_part(call, catalogue.evse(normalized(one))) for one in evse_ids]


async def booking_locations(
    call: Call, booking_location_ids: Sequence[str]
) -> list[tuple[PublishedLocation, BookingLocation] | None]:
    """Return the BookingLocations of those ids with their Locations, in order; None as above."""
    catalogue = await current(call)
    return [_part(call, catalogue.booking_location(normalized(one))) for one in booking_location_ids]


async def tariffs(call: Call, tariff_ids: Sequence[str]) -> list[Tariff | None]:
    """Return the tariffs of those ids, in order; None for one that the caller may not see."""
    catalogue = await current(call)
    found = [_part(call, catalogue.tariff(normalized(one))) for one in tariff_ids]
    return [one[1] if one else None for one in found]


def _published(
    call: Call, catalogue: Catalogue, wanted: LocationFilter
) -> list[tuple[PublishedLocation, tuple[str, ...]]]:
    entries = (_seen(call, catalogue.get(one)) for one in catalogue.ids())
    return [(one, _key(one, wanted)) for one in entries if one is not None and _matches(one, wanted)]


def _withdrawn(call: Call, catalogue: Catalogue, wanted: LocationFilter, since: datetime) -> Iterator[Keyed]:
    """Yield the Locations that the caller saw once and sees no longer; whether one was bookable is not asked."""
    for location_id in catalogue.ids():
        entry = catalogue.get(location_id)
        if entry is None or _seen(call, entry) is not None:
            continue
        location = entry.published.location
        at = location.withdrawn_at if access.owns(call, location) else entry.published.hidden_at
        if at is not None and at >= since and _lies(location, wanted):
            yield WithdrawnLocation(location.id, at), (_moment(at), location.id)


def _cut(
    keyed: list[tuple[T, tuple[str, ...]]], wanted: LocationFilter, limit: int, after: tuple[str, ...] | None
) -> Page[T]:
    if wanted.updated_since is not None:
        keyed.sort(key=lambda item: item[1])
    if after is not None:
        keyed = [item for item in keyed if item[1] > after]
    return cut(keyed[: limit + 1], limit)


def _part(call: Call, found: tuple[Entry, T] | None) -> tuple[PublishedLocation, T] | None:
    if found is None or not access.sees_location(call, found[0].published.location):
        return None
    return found[0].published, found[1]


def _seen(call: Call, entry: Entry | None) -> PublishedLocation | None:
    if entry is None or not access.sees_location(call, entry.published.location):
        return None
    return entry.published


def _matches(published: PublishedLocation, wanted: LocationFilter) -> bool:
    if not _lies(published.location, wanted):
        return False
    if wanted.updated_since is not None and published.published_at < wanted.updated_since:
        return False
    return wanted.bookable is None or wanted.bookable == bool(published.booking_locations)


def _lies(location: Location, wanted: LocationFilter) -> bool:
    """Whether a Location is in the country, and of the operator, that are asked for."""
    if wanted.country is not None and location.country != wanted.country.upper():
        return False
    return wanted.operator_id is None or location.id.startswith(f"{normalized(wanted.operator_id)}*")


def _check_cursor(after: tuple[str, ...], wanted: LocationFilter) -> None:
    """Raise BadInput unless `after` is a key of the list in the order that `wanted` asks for."""
    if len(after) != (1 if wanted.updated_since is None else 2):
        raise foreign()
    if wanted.updated_since is not None:
        moment_of(after[0])


def _key(published: PublishedLocation, wanted: LocationFilter) -> tuple[str, ...]:
    if wanted.updated_since is None:
        return (published.location.id,)
    return _moment(published.published_at), published.location.id


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
