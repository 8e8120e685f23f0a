"""Random time for the rules: whole minutes of a morning, as intervals and as the minutes that they hold."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from hypothesis import strategies as st

from models.rules.interval import Interval
from tests.factories.catalogue import at

MINUTE = timedelta(minutes=1)
LAST = 120
"""How far random time goes, in minutes: two hours leave room for every order of six edges."""


def moment(minute: int) -> datetime:
    """Return a minute of the day of the tests."""
    return at(0) + minute * MINUTE


def span(start: int, end: int) -> Interval:
    """Return the interval between two minutes of the day."""
    return Interval(moment(start), moment(end))


def minutes(*intervals: Interval) -> set[int]:
    """Return every minute that the intervals hold."""
    zero = moment(0)
    return {minute for one in intervals for minute in range((one.start - zero) // MINUTE, (one.end - zero) // MINUTE)}


def intervals(last: int = LAST) -> st.SearchStrategy[Interval]:
    """Draw an interval of whole minutes that ends at `last` at the latest."""
    ends = st.tuples(st.integers(0, last), st.integers(0, last)).filter(lambda pair: pair[0] != pair[1])
    return ends.map(lambda pair: span(min(pair), max(pair)))


def short_intervals(longest: int = 20) -> st.SearchStrategy[Interval]:
    """Draw an interval of at most so many minutes."""
    return st.builds(lambda start, length: span(start, start + length), st.integers(0, LAST), st.integers(1, longest))


def joined(found: Iterable[Interval]) -> list[set[int]]:
    """Return the minutes of each interval."""
    return [minutes(one) for one in found]
