"""Which alternative to a booking is better than which, and when one may begin (BUC 2.8)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from models.rules.alternative import MOST_ALTERNATIVES, Alternative, AlternativesPolicy, ranked, shift, starts
from models.rules.estimate import NOT_KNOWN
from models.rules.interval import Interval
from tests.factories.catalogue import NOW, at, hours

HOME = "NL*ABC*LOC1"
TEN = hours(10, 11)


def an_alternative(name: str = "A", *, away: float = 0, later: int = 0, **changes: Any) -> Alternative:
    """Return a slot so many km away that begins so many minutes later than at ten."""
    plain = Alternative(
        id=uuid4(),
        booking_id=uuid4(),
        booking_location_id=name,
        location_id="NL*ABC*NEAR" if away else HOME,
        period=Interval(TEN.start + timedelta(minutes=later), TEN.end + timedelta(minutes=later)),
        distance=round(1000 * away),
        shift_minutes=later,
        rank=1,
        price=NOT_KNOWN,
        suggested_by=None,
        quote_id=None,
        offered_at=NOW,
    )
    return replace(plain, **changes)


def names(found: list[Alternative]) -> list[str]:
    return [one.booking_location_id for one in found]


def test_the_same_location_comes_first_however_late_it_is() -> None:
    near, here = an_alternative("NEAR", away=0.5), an_alternative("HERE", later=120)

    assert names(ranked([near, here], HOME)) == ["HERE", "NEAR"]


def test_a_km_counts_as_a_minute() -> None:
    far = an_alternative("FAR", away=20)
    late = an_alternative("LATE", away=1, later=30)
    both = an_alternative("BOTH", away=10, later=-15)

    assert names(ranked([late, both, far], HOME)) == ["FAR", "BOTH", "LATE"]


def test_of_two_that_are_as_good_the_earlier_one_comes_first() -> None:
    late, early = an_alternative("A", away=5, later=15), an_alternative("B", away=5, later=-15)

    assert names(ranked([late, early], HOME)) == ["B", "A"]


def test_ranks_count_from_one_and_end_with_the_tenth() -> None:
    found = [an_alternative(f"{number:02}", later=number) for number in range(MOST_ALTERNATIVES + 5)]

    assert [one.rank for one in ranked(reversed(found), HOME)] == list(range(1, MOST_ALTERNATIVES + 1))
    assert names(ranked(reversed(found), HOME)) == [f"{number:02}" for number in range(MOST_ALTERNATIVES)]


@given(st.lists(st.tuples(st.floats(0, 300), st.integers(-720, 720)), max_size=20), st.randoms())
def test_the_order_in_which_they_were_found_does_not_matter(where: list[tuple[float, int]], random: Any) -> None:
    found = [an_alternative(str(number), away=away, later=later) for number, (away, later) in enumerate(where)]
    shuffled = random.sample(found, len(found))

    assert ranked(shuffled, HOME) == ranked(found, HOME)


def test_the_shift_is_in_minutes_and_less_than_none_for_what_begins_earlier() -> None:
    assert shift(hours(11.5, 12.5), TEN) == 90
    assert shift(hours(9.75, 10.75), TEN) == -15


def test_an_alternative_begins_within_the_policy_and_never_in_the_past() -> None:
    policy = AlternativesPolicy(shift_minutes=60)

    assert starts(TEN, policy, at(6)) == (at(9), at(11))
    assert starts(TEN, policy, at(9.5)) == (at(9.5), at(11))


def test_for_a_booking_that_has_begun_what_begins_soon_from_now_on_is_in_time() -> None:
    assert starts(TEN, AlternativesPolicy(shift_minutes=60), at(10.75)) == (at(10.75), at(11.75))


def test_what_holds_of_an_operator_that_has_set_nothing() -> None:
    usual = AlternativesPolicy()

    assert (usual.within_km, usual.shift, usual.hold_minutes) == (25, timedelta(hours=2), 15)
