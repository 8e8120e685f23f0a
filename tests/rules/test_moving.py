"""Making room by moving: the fewest moves, found whenever trying every place of everybody finds any."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.moving import Plan, plan
from models.rules.moving_scene import Key, Newcomer, Placed, resources
from tests.factories.catalogue import hours

Seat = tuple[UUID, Key, Placed | Newcomer]
"""A holder, where it is, and when."""

E1, E2, E3 = (("E1", None), ("E2", None), ("E3", None))
TWO = (E1, E2)
NEWCOMER = Newcomer(UUID(int=99), hours(10, 12), TWO)


def placed(number: int, key: Key, start: float, end: float, keys: Sequence[Key] = (), holder: int = 0) -> Placed:
    elsewhere = tuple(one for one in keys if one != key)
    return Placed(UUID(int=number), UUID(int=holder or number), key, hours(start, end), elsewhere)


def moved(found: Plan | None) -> dict[int, Key] | None:
    return None if found is None else {one.int: key for one, key in found.moves.items()}


def test_one_that_may_move_gives_room_to_one_that_needs_both_halves() -> None:
    there = [placed(1, E1, 10, 11, TWO), placed(2, E2, 11, 12, TWO)]

    found = plan(NEWCOMER, there)

    assert found == Plan(E1, {UUID(int=1): E2})


def test_those_that_stay_give_no_room() -> None:
    there = [placed(1, E1, 10, 11), placed(2, E2, 11, 12)]

    assert plan(NEWCOMER, there) is None


def test_the_one_that_may_move_moves_where_the_other_stays() -> None:
    there = [placed(1, E1, 10, 11), placed(2, E2, 11, 12, TWO)]

    assert plan(NEWCOMER, there) == Plan(E2, {UUID(int=2): E1})


def test_nobody_moves_where_there_is_room() -> None:
    there = [placed(1, E1, 10, 11, TWO), placed(2, E2, 12, 13, TWO)]

    assert plan(NEWCOMER, there) == Plan(E2, {})


def test_a_moved_one_may_displace_another() -> None:
    newcomer = replace(NEWCOMER, keys=(E1,))
    there = [placed(1, E1, 10, 12, TWO), placed(2, E2, 9, 10.5, (E2, E3)), placed(3, E3, 10.5, 12)]

    assert moved(plan(newcomer, there)) == {1: E2, 2: E3}
    assert plan(newcomer, [*there, placed(4, E3, 9, 10)]) is None


def test_two_chargers_with_one_bay_serve_one() -> None:
    shared, own = ("E1", "B1"), ("E2", "B2")
    there = [placed(1, own, 10, 12, [("E2", "B1"), own])]
    newcomer = replace(NEWCOMER, keys=(("E3", "B2"),))

    assert plan(newcomer, there) == Plan(("E3", "B2"), {UUID(int=1): ("E2", "B1")})
    assert plan(newcomer, [*there, placed(2, shared, 11, 12)]) is None


def test_what_the_holder_has_already_is_not_in_its_way_but_in_the_way_of_others() -> None:
    mine = placed(1, E1, 10, 11, holder=99)

    assert plan(NEWCOMER, [mine, placed(2, E2, 10, 12)]) == Plan(E1, {})
    assert plan(replace(NEWCOMER, keys=(E2,)), [mine, placed(2, E2, 10, 12, TWO)]) is None


def test_a_charger_and_a_bay_of_one_id_are_two_things() -> None:
    assert plan(replace(NEWCOMER, keys=(("X", None),)), [placed(1, ("E1", "X"), 10, 12)]) == Plan(("X", None), {})


def test_forty_chargers_full_of_gaps_are_seated_anew() -> None:
    keys = [(f"E{number}", None) for number in range(40)]
    there = [
        placed(100 * number + hour, key, hour + 0.5 * (number % 2), hour + 1 + 0.5 * (number % 2), keys)
        for number, key in enumerate(keys)
        for hour in range(6, 20)
        if not (hour == 6 + number % 14 or (hour == 7 + number % 14))
    ]
    newcomer = Newcomer(UUID(int=99), hours(6, 20), tuple(keys))

    found = plan(newcomer, there)

    assert found is not None
    assert_sound(newcomer, there, found)


short = st.integers(0, 5).flatmap(lambda start: st.tuples(st.just(start), st.integers(start + 1, 6)))
keys = st.sampled_from([("E1", "B1"), ("E1", "B2"), ("E2", "B1"), ("E2", "B2"), ("E3", "B3"), ("E3", None)])


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Newcomer, list[Placed]]:
    there: list[Placed] = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        start, end = draw(short)
        elsewhere = draw(st.lists(keys, unique=True, max_size=4))
        one = placed(number, draw(keys), start, end, elsewhere, holder=draw(st.integers(number, 6)))
        if are_apart([seat(each) for each in (*there, one)]):
            there.append(one)
    start, end = draw(short)
    wanted = draw(st.lists(keys, unique=True, min_size=1, max_size=4))
    return Newcomer(UUID(int=draw(st.integers(5, 7))), hours(start, end), tuple(wanted)), there


@settings(max_examples=500)
@given(scenes())
def test_room_is_found_with_the_fewest_moves_if_and_only_if_there_is_one(
    scene: tuple[Newcomer, list[Placed]],
) -> None:
    newcomer, there = scene

    found = plan(newcomer, there)

    fewest = min(every_way(newcomer, there), default=None)
    assert (None if found is None else len(found.moves)) == fewest
    if found is not None:
        assert_sound(newcomer, there, found)


@given(st.lists(short, max_size=25), short, st.integers(1, 6), st.randoms(use_true_random=False))
def test_chargers_that_are_alike_hold_as_many_as_there_are_at_any_moment(
    periods: list[tuple[int, int]], wanted: tuple[int, int], count: int, random: Random
) -> None:
    alike = [(f"E{number}", None) for number in range(count)]
    there: list[Placed] = []
    for number, (start, end) in enumerate(periods, 1):
        free = [key for key in alike if are_apart([seat(one) for one in (*there, placed(number, key, start, end))])]
        if free:
            there.append(placed(number, random.choice(free), start, end, alike))
    newcomer = Newcomer(UUID(int=999), hours(*wanted), tuple(alike))

    found = plan(newcomer, there)

    most = max(sum(one.period.overlaps(hours(hour, hour + 1)) for one in there) for hour in range(*wanted))
    assert (found is not None) == (most < count)
    if found is not None:
        assert_sound(newcomer, there, found)


def seat(one: Placed) -> Seat:
    return one.holder, one.key, one


def are_apart(seats: Sequence[Seat]) -> bool:
    return not any(
        first[0] != second[0]
        and first[2].period.overlaps(second[2].period)
        and not set(resources(first[1])).isdisjoint(resources(second[1]))
        for first, second in combinations(seats, 2)
    )


def every_way(newcomer: Newcomer, there: Sequence[Placed]) -> Iterator[int]:
    """Yield in how many moves room can be made, for every way to do it."""
    choices = [[one.key] if one.holder == newcomer.holder else [one.key, *one.elsewhere] for one in there]
    for key, *chosen in product(newcomer.keys, *choices):
        seats = [(one.holder, where, one) for one, where in zip(there, chosen, strict=True)]
        if are_apart([(newcomer.holder, key, newcomer), *seats]):
            yield sum(where != one.key for one, where in zip(there, chosen, strict=True))


def assert_sound(newcomer: Newcomer, there: Sequence[Placed], found: Plan) -> None:
    """Each goes where it may, and no two overlap."""
    assert found.key in newcomer.keys
    assert all(found.moves[one.id] in one.elsewhere for one in there if one.id in found.moves)
    seats = [(one.holder, found.moves.get(one.id, one.key), one) for one in there]
    assert are_apart([(newcomer.holder, found.key, newcomer), *seats])
