"""Which moments the clock of a place shows, by stretches in which it does not jump (DST)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def steady(start: datetime, end: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Yield the stretches of [start, end) in UTC, each with what the local clock is ahead of UTC throughout it."""
    at, end = start.astimezone(UTC), end.astimezone(UTC)
    while at < end:
        until = min(at + DAY, end)
        ahead = _ahead(at, zone)
        if _ahead(until, zone) != ahead:
            until = _jump(at, until, zone)
        yield at, until, ahead
        at = until


def shown(start: datetime, end: datetime, ahead: timedelta, minutes: Iterable[int]) -> Iterator[datetime]:
    """Yield when, strictly within a steady stretch, the local clock shows one of those minutes of a day."""
    midnight = datetime.combine((start + ahead).date(), time(), UTC) - ahead
    while midnight < end:
        for minute in minutes:
            moment = midnight + timedelta(minutes=minute)
            if start < moment < end:
                yield moment
        midnight += DAY


def _ahead(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _jump(start: datetime, end: datetime, zone: tzinfo) -> datetime:
    """Return the first moment after `start` at which the clock has jumped; clocks jump on whole seconds."""
    before, after = (start - EPOCH) // SECOND, (end - EPOCH) // SECOND
    ahead = _ahead(start, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _ahead(EPOCH + middle * SECOND, zone) == ahead:
            before = middle
        else:
            after = middle
    return EPOCH + after * SECOND
