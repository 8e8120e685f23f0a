"""Numbers as people type them, languages, and how long a driver is reached (BUC 3.11)."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.booking_state import ReservationStatus
from models.rules.driver_message import (
    IN_USE,
    DriverContact,
    erase_at,
    first_language,
    language,
    phone,
    reachable,
)
from models.rules.session import SessionStatus, StopReason
from tests.factories.catalogue import NOW, at
from tests.factories.sessions import a_session

CONTACT = DriverContact(
    "NL*ABC*LOC1", UUID("7e57ab1e-0000-4000-8000-000000000000"), "+31612345678", "A driver", "nl", NOW, at(24)
)


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("+31612345678", "+31612345678"),
        ("+31 6 1234 5678", "+31612345678"),
        ("+31 (0)6-1234.5678", "+31612345678"),
        ("+49(170)1234567", "+491701234567"),
        ("+31\u00a06\u00a012345678", "+31612345678"),
        (" +1234567 ", "+1234567"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_a_number_is_dialled_from_anywhere_however_it_was_typed(typed: str, dialled: str) -> None:
    assert phone(typed) == dialled


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "+",
        "0612345678",
        "0031612345678",
        "+0612345678",
        "+123456",
        "+1234567890123456",
        "+31 6 12345678 ext 9",
        "+31/612345678",
        "++31612345678",
        "+31+612345678",
        "+٣١٦١٢٣٤٥٦٧٨",
        "+31612345678\n",
        "tel:+31612345678",
    ],
)
def test_what_cannot_be_dialled_from_anywhere_is_no_number(typed: str) -> None:
    assert phone(typed) is None


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.data())
def test_separators_never_change_a_number(number: str, data: st.DataObject) -> None:
    separators = data.draw(st.lists(st.sampled_from(["", " ", "-", "."]), min_size=len(number), max_size=len(number)))
    typed = "".join(digit + separator for digit, separator in zip(number, separators, strict=True))

    assert phone(typed) == number == phone(number)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_or_none(typed: str) -> None:
    found = phone(typed)

    assert found is None or (found[0] == "+" and found[1:].isdecimal() and found.isascii() and 8 <= len(found) <= 16)


def test_a_language_is_two_letters() -> None:
    assert [language(code) for code in ("nl", "EN", None, "", "n", "nld", "n1", "ñl")] == ["nl", "en"] + [None] * 6
    assert first_language([None, "nld", "PL", "nl"]) == "pl"
    assert first_language([]) == first_language([None]) == "en"


def test_a_contact_is_kept_for_a_day_after_the_slot_unless_told() -> None:
    assert erase_at(at(11), None) == at(35)
    assert erase_at(at(11), 0) == at(11)
    assert erase_at(at(11), 10_080) == at(11, day=7)


@pytest.mark.parametrize("status", ReservationStatus)
def test_an_operator_sees_a_contact_while_the_booking_lives_and_its_holder_until_it_is_erased(
    status: ReservationStatus,
) -> None:
    last = CONTACT.erase_at - timedelta(microseconds=1)

    assert CONTACT.seen(status, last, by_operator=True) is (status in IN_USE)
    assert CONTACT.seen(status, last, by_operator=False)
    assert not CONTACT.seen(status, CONTACT.erase_at, by_operator=True)
    assert not CONTACT.seen(status, CONTACT.erase_at, by_operator=False)


def test_a_contact_that_is_logged_by_mistake_says_nothing_of_the_driver() -> None:
    assert "+316" not in repr(CONTACT)
    assert "driver" not in repr(CONTACT)


def test_a_session_can_be_messaged_about_until_a_day_after_its_end() -> None:
    over = a_session(status=SessionStatus.COMPLETED, end_date_time=at(11), stop_reason=StopReason.DRIVER)

    assert reachable(a_session(), at(0, day=30))
    assert reachable(over, at(35) - timedelta(seconds=1))
    assert not reachable(over, at(35))
