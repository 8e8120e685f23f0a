"""References: ten marks that people can read to each other, and that are understood however they are typed."""

from hypothesis import given
from hypothesis import strategies as st

from models.rules.reference import ALPHABET, LENGTH, read, reference

NUMBERS = st.integers(0, 2**50 - 1)


def test_the_alphabet_has_no_marks_that_look_alike() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


@given(NUMBERS)
def test_a_reference_is_ten_marks_of_the_alphabet(number: int) -> None:
    made = reference(number)

    assert len(made) == LENGTH == 10
    assert set(made) <= set(ALPHABET)


@given(NUMBERS, NUMBERS)
def test_two_numbers_have_two_references(one: int, other: int) -> None:
    assert (reference(one) == reference(other)) == (one == other)


@given(NUMBERS, st.sampled_from(["", "-", " "]), st.booleans(), st.booleans())
def test_a_reference_is_understood_as_people_type_it(
    number: int, gap: str, is_lower: bool, looks_alike: bool
) -> None:
    made = reference(number)

    typed = gap.join((made[:4], made[4:7], made[7:]))
    typed = typed.replace("0", "O").replace("1", "I") if looks_alike else typed

    assert read(typed.lower() if is_lower else typed) == made


def test_a_small_l_is_read_as_a_one() -> None:
    assert read("l0ol-iI1L-zz") == "10011111ZZ"
