"""Composite ids: readable, without regard to case, and never the same for two objects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.identity import normalized, object_id, owner, part_id, party

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12)
LOCAL = PRINTABLE.filter(lambda text: text == text.strip())
COUNTRY = st.text("abcdefXYZ", min_size=2, max_size=2)
PARTY = st.text("abcXYZ019", min_size=3, max_size=3)
OWNED = st.tuples(COUNTRY, PARTY, LOCAL)


@pytest.mark.parametrize(
    ("made", "composite"),
    [
        (object_id("NL", "ABC", "LOC1"), "NL*ABC*LOC1"),
        (object_id("nl", "aBc", "loc1"), "NL*ABC*LOC1"),
        (part_id("NL*ABC*LOC1", "e1"), "NL*ABC*LOC1*E1"),
        (object_id("NL", "ABC", "A*B%"), "NL*ABC*A%2AB%25"),
        (party("nl", "aBc"), "NL*ABC"),
    ],
)
def test_ids_read_like_this(made: str, composite: str) -> None:
    assert made == composite


@given(OWNED, OWNED)
def test_two_objects_share_an_id_only_if_they_differ_in_case_alone(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    same = [part.upper() for part in one] == [part.upper() for part in other]

    assert (object_id(*one) == object_id(*other)) == same


@given(OWNED, LOCAL, LOCAL)
def test_a_part_is_never_taken_for_another_object(whole: tuple[str, str, str], part: str, other: str) -> None:
    composite = object_id(*whole)

    assert part_id(composite, part) != composite
    assert (part_id(composite, part) == part_id(composite, other)) == (part.upper() == other.upper())
    assert part_id(composite, part).count("*") == 3


@given(OWNED)
def test_the_owner_is_found_in_the_id(whole: tuple[str, str, str]) -> None:
    country_code, party_id, _ = whole

    assert owner(object_id(*whole)) == f"{country_code}*{party_id}".upper()


@given(OWNED, st.booleans())
def test_an_id_is_found_however_a_client_spells_it(whole: tuple[str, str, str], is_lower: bool) -> None:
    composite = object_id(*whole)

    assert normalized(f" {composite.lower() if is_lower else composite} ") == composite
