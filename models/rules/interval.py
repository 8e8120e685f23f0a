"""Time as half-open intervals `[start, end)` of aware datetimes; overlap is decided here and nowhere else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter

BY_START = attrgetter("start")
"""To sort by, where it does not matter which of two ends first: whole intervals take far longer to compare."""

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""The ends of all time that can be told."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A stretch of time that holds its start and not its end."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Raise ValueError unless both ends carry an offset and the end comes after the start."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs times with an offset")
        if self.end <= self.start:
            raise ValueError("an interval ends after it starts")

    @property
    def duration(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    def overlaps(self, other: "Interval") -> bool:
        """Whether the two share a moment."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Interval") -> bool:
        """Whether the other lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def hull(self, other: "Interval") -> "Interval":
        """Return the shortest interval that contains both."""
        return Interval(min(self.start, other.start), max(self.end, other.end))

    def clipped(self, other: "Interval") -> "Interval | None":
        """Return what the two share, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def shifted(moment: datetime, minutes: int) -> datetime:
    """Return the moment so many minutes later, earlier if they are negative; beyond all time, the end of that."""
    try:
        return moment + timedelta(minutes=minutes)
    except OverflowError:
        return LATEST if minutes > 0 else EARLIEST


def gaps(window: Interval, busy: Iterable[Interval]) -> Iterator[Interval]:
    """Yield the parts of `window` that no interval of `busy` touches, in order of time."""
    free_from = window.start
    for taken in sorted(busy, key=BY_START):
        if taken.start >= window.end:
            break
        if taken.start > free_from:
            yield Interval(free_from, taken.start)
        free_from = max(free_from, taken.end)
    if free_from == window.start:
        yield window
    elif free_from < window.end:
        yield Interval(free_from, window.end)


def outermost(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the intervals that lie in no other one, in order of time, each once."""
    kept: list[Interval] = []
    for interval in sorted(intervals, key=BY_START):
        if kept and interval.end <= kept[-1].end:
            continue
        if kept and interval.start == kept[-1].start:
            kept.pop()
        kept.append(interval)
    return kept
