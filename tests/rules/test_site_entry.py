"""Who is let in at a gate, when and by which booking; and when two licence plates are the same (BUC 3.12)."""

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.booking import Booking
from models.rules.booking_location import AccessMethod, Timeslot
from models.rules.booking_state import LIVE, ReservationStatus
from models.rules.charging import Presented, StartMethod
from models.rules.charging_match import id_of
from models.rules.license_plate import folded, spelled
from models.rules.site_entry import SENTENCES, EntryMethod, EntryRefusal
from models.rules.site_entry_decision import OPENED_BY, Entering, Verdict, closes_at, decide, opens_at
from models.rules.token import Token, TokenType, Whitelist
from tests.factories.catalogue import NOW, TERMS, at, hours
from tests.factories.entering import CARD, an_expected

PLATE = Entering(license_plate="12-ABC-3")
BY_CARD = Entering(token=Presented(StartMethod.RFID, CARD.uid, TokenType.RFID))
MINUTE = timedelta(minutes=1)
ARRIVED = at(9.75)


def asked(by: Entering, *bookings: Booking, now: datetime = ARRIVED, published: Any = None) -> Verdict:
    return decide(by, bookings, published or {}, now)


def reason(*bookings: Booking, by: Entering = PLATE, now: datetime = ARRIVED) -> EntryRefusal | None:
    return asked(by, *bookings, now=now).reason


def opened_by(*methods: AccessMethod, **changes: Any) -> Booking:
    return an_expected(booking_terms=replace(TERMS, supported_access_methods=methods), **changes)


@pytest.mark.parametrize(
    "typed",
    [
        "12-ABC-3",
        "12 abc 3",
        "12abc3",
        "12.ABC.3",
        " 12\u00b7aBc\u20133 ",
        "I2-ABC-3",
        "i2abc3",
        "\uff11\uff12\uff21\uff22\uff23\uff13",
        "12\u0410\u0412\u04213",
        "12\u0391\u0392C3",
        "\u0661\u0662ABC\u0663",
        "12-\u00c4BC-3",
    ],
)
def test_a_plate_is_the_same_however_it_is_spelled(typed: str) -> None:
    assert folded(typed) == folded("12-ABC-3")


@pytest.mark.parametrize("typed", ["QO-II", "00-11", "O0 1I", "\u041e0\u04061", "oq.i1"])
def test_marks_that_are_taken_for_each_other_are_one(typed: str) -> None:
    assert folded(typed) == "0011"


@pytest.mark.parametrize(("one", "other"), [("B8", "88"), ("S5", "55"), ("Z2", "22"), ("G6", "66"), ("UV", "VU")])
def test_marks_that_a_plate_tells_apart_stay_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize("nothing", ["", "-", " . ", "\u00b7\u2013"])
def test_a_plate_without_letters_or_digits_is_nobodys(nothing: str) -> None:
    assert folded(nothing) == ""
    assert reason(an_expected(license_plate=nothing), by=Entering(license_plate=nothing)) is EntryRefusal.NO_BOOKING


@given(st.text(max_size=12))
@settings(max_examples=200)
def test_folding_twice_is_folding_once_and_neither_case_nor_width_matter(plate: str) -> None:
    once = folded(plate)

    assert folded(once) == once
    assert once.isalnum() or once == ""
    assert folded(unicodedata.normalize("NFKC", plate)) == once
    assert folded(f" {plate}-.") == once
    assert len(spelled(plate)) == len(once)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(9.5) - MINUTE, EntryRefusal.TOO_EARLY),
        (at(9.5), None),
        (at(10), None),
        (at(10.5) - MINUTE, None),
        (at(10.5), EntryRefusal.TOO_LATE),
    ],
)
def test_the_gate_opens_half_an_hour_before_the_slot_until_the_booking_lapses(
    now: datetime, expected: EntryRefusal | None
) -> None:
    verdict = asked(PLATE, an_expected(), now=now)

    assert verdict.reason is expected
    assert verdict.from_ == (at(9.5) if expected is EntryRefusal.TOO_EARLY else None)


@pytest.mark.parametrize(("minutes", "opens"), [(15, at(9.5)), (30, at(9.5)), (60, at(9))])
def test_it_opens_with_the_early_start_if_that_comes_first(minutes: int, opens: datetime) -> None:
    one = an_expected(booking_terms=replace(TERMS, early_start_allowed=True, early_start_time=minutes))

    assert opens_at(one) == opens
    assert (reason(one, now=opens), reason(one, now=opens - MINUTE)) == (None, EntryRefusal.TOO_EARLY)


def test_it_opens_until_its_slot_and_late_stop_are_over_for_one_that_is_used() -> None:
    terms = replace(TERMS, late_stop_allowed=True, late_stop_time=15)
    used = an_expected(status=ReservationStatus.FULFILLED, charging_started_at=at(10), booking_terms=terms)
    done = replace(used, charging_ended_at=at(10.25))

    assert closes_at(used) == closes_at(done) == at(11.25)
    assert reason(done, now=at(11.25) - MINUTE) is None
    assert reason(done, now=at(11.25)) is EntryRefusal.BOOKING_OVER
    assert reason(used, now=at(12)) is None, "whoever still charges may come back to the vehicle"


@pytest.mark.parametrize("status", sorted(set(ReservationStatus) - LIVE - {ReservationStatus.FULFILLED}))
def test_a_booking_that_is_over_opens_nothing(status: ReservationStatus) -> None:
    late = status is ReservationStatus.NO_SHOW

    assert reason(an_expected(status=status)) is (EntryRefusal.TOO_LATE if late else EntryRefusal.BOOKING_OVER)


def test_a_booking_that_its_operator_has_yet_to_confirm_opens_nothing() -> None:
    assert reason(an_expected(status=ReservationStatus.PENDING)) is EntryRefusal.BOOKING_PENDING


@pytest.mark.parametrize("terms", AccessMethod)
@pytest.mark.parametrize("method", EntryMethod)
def test_a_booking_opens_the_gate_in_the_ways_that_its_terms_name_only(
    method: EntryMethod, terms: AccessMethod
) -> None:
    by = {
        EntryMethod.LICENSE_PLATE: PLATE,
        EntryMethod.ACCESS_CODE: Entering(access_code="4711"),
        EntryMethod.TOKEN: BY_CARD,
        EntryMethod.REFERENCE: Entering(reference="0123456789"),
    }[method]
    one = opened_by(terms, access_code="4711")
    expected = {
        EntryMethod.LICENSE_PLATE: {"OPEN", "LICENSE_PLATE"},
        EntryMethod.ACCESS_CODE: {"OPEN", "ACCESS_CODE"},
        EntryMethod.TOKEN: {"OPEN", "TOKEN"},
        EntryMethod.REFERENCE: {"OPEN", "INTERCOM", "PARKING_TICKET"},
    }[method]

    assert by.method is method
    assert {one.value for one in OPENED_BY[method]} == expected
    assert reason(one, by=by) is (None if terms in expected else EntryRefusal.METHOD_NOT_ACCEPTED)


@pytest.mark.parametrize(
    "by",
    [
        Entering(license_plate="12-ABC-4"),
        Entering(access_code="4712"),
        Entering(token=Presented(StartMethod.RFID, "04AABBCD", TokenType.RFID)),
        Entering(token=Presented(StartMethod.APP, CARD.uid, TokenType.APP_USER)),
    ],
)
def test_what_is_no_bookings_opens_nothing(by: Entering) -> None:
    assert asked(by, an_expected(access_code="4711")) == Verdict(EntryRefusal.NO_BOOKING)


def test_without_bookings_nothing_opens() -> None:
    assert asked(Entering(reference="0123456789")) == Verdict(EntryRefusal.NO_BOOKING)


def test_an_earlier_reference_says_that_it_was_replaced() -> None:
    assert reason(an_expected(), by=Entering(reference="ABCDEFGHJK")) is EntryRefusal.REFERENCE_REPLACED


@pytest.mark.parametrize(
    ("valid", "expires_at", "expected"),
    [
        (True, None, None),
        (False, None, EntryRefusal.TOKEN_BLOCKED),
        (True, at(9.75), EntryRefusal.TOKEN_EXPIRED),
        (True, at(9.75) + MINUTE, None),
    ],
)
def test_a_card_opens_nothing_that_its_provider_blocked(
    valid: bool, expires_at: datetime | None, expected: EntryRefusal | None
) -> None:
    name = id_of(CARD)
    known = Token(
        name, "NL*EMS", TokenType.RFID, CARD.uid, CARD.contract_id, "EMS", valid, Whitelist.ALLOWED, NOW,
        expires_at=expires_at,
    )  # fmt: skip

    assert asked(BY_CARD, an_expected(), published={name: known}).reason is expected


def test_of_two_plates_that_look_alike_both_admit_and_the_one_spelled_so_is_meant() -> None:
    zero = an_expected(license_plate="H0-10")
    letter = an_expected(2, license_plate="HO-I0")

    for typed, meant in (("H0-10", zero), ("ho i0", letter)):
        for order in permutations((zero, letter)):
            assert asked(Entering(license_plate=typed), *order) == Verdict(None, meant)


def test_of_two_plates_that_look_alike_the_one_whose_time_it_is_admits_whoever_is_spelled_so() -> None:
    now = an_expected(license_plate="HO-I0")
    later = an_expected(2, license_plate="H0-10", timeslot=Timeslot(hours(14, 15)), lapses_at=at(14.5))

    for order in permutations((now, later)):
        assert asked(Entering(license_plate="H0-10"), *order) == Verdict(None, now)


def test_of_several_bookings_of_a_plate_the_nearest_is_meant() -> None:
    used = an_expected(status=ReservationStatus.FULFILLED, charging_started_at=at(10))
    following = an_expected(2, timeslot=Timeslot(hours(11, 12)), lapses_at=at(11.5))

    for order in permutations((used, following)):
        assert asked(PLATE, *order, now=at(10.25)).booking == used
        assert asked(PLATE, *order, now=at(10.75)).booking == following


def test_of_several_that_do_not_admit_the_one_still_to_come_is_told() -> None:
    over = an_expected(status=ReservationStatus.CANCELED)
    later = an_expected(2, timeslot=Timeslot(hours(14, 15)), lapses_at=at(14.5))

    for order in permutations((over, later)):
        assert asked(PLATE, *order) == Verdict(EntryRefusal.TOO_EARLY, later, at(13.5))


@given(st.sampled_from(list(ReservationStatus)), st.integers(-600, 900), st.integers(0, 120), st.integers(0, 60))
@settings(max_examples=150)
def test_a_booking_admits_in_one_stretch_around_its_slot_and_never_otherwise(
    status: ReservationStatus, minutes: int, early: int, late: int
) -> None:
    terms = replace(
        TERMS, early_start_allowed=True, early_start_time=early, late_stop_allowed=True, late_stop_time=late
    )
    one = an_expected(status=status, booking_terms=terms)
    now = at(10) + minutes * MINUTE
    end = 60 + late if status is ReservationStatus.FULFILLED else 30
    usable = status in (ReservationStatus.RESERVED, ReservationStatus.FULFILLED)

    assert (reason(one, now=now) is None) == (usable and -max(30, early) <= minutes < end)


def test_every_refusal_has_a_sentence_for_the_gate() -> None:
    assert set(SENTENCES) == set(EntryRefusal)
