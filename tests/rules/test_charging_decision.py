"""Who may charge at a charger now, until when, and why not: every refusal and its reason (BUC 3.1, 3.9)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.booking import Booking
from models.rules.booking_location import BookingTerms
from models.rules.booking_state import ReservationStatus
from models.rules.charging import (
    METHODS,
    SENTENCES,
    Allowed,
    ChargingBasis,
    ChargingRefusal,
    Decision,
    Presented,
    Refused,
    StartMethod,
)
from models.rules.charging_decision import Occupied, Scene, decide
from models.rules.charging_match import id_of
from models.rules.hazard import Hazard
from models.rules.interval import Interval
from models.rules.token import TokenType
from tests.factories.bookings import a_booking, a_booking_token
from tests.factories.catalogue import TERMS, at, hours
from tests.factories.tokens import known

HERE, THERE = "NL*ABC*LOC1*E1", "NL*ABC*LOC1*E2"
CARD = known()
BY_CARD = Presented(StartMethod.RFID, "04A1B2C3", TokenType.RFID, known=(CARD,))
STRANGER = Presented(StartMethod.RFID, "FFFF", TokenType.RFID, known=(known("FFFF", emsp_id="DE*EMO"),))
EARLY = replace(TERMS, early_start_allowed=True, early_start_time=20)
LATE = replace(TERMS, late_stop_allowed=True, late_stop_time=30)
MINE = a_booking(tokens=(a_booking_token(),), evse_id=HERE, status=ReservationStatus.RESERVED, lapses_at=at(10.5))
"""From ten to eleven, and it lapses at half past ten."""

OTHERS = "another holder"


def mine(terms: BookingTerms = TERMS, **changes: Any) -> Booking:
    return replace(MINE, booking_terms=terms, **changes)


def scene(
    now: float, *bookings: Booking, held: tuple[tuple[object, float, float], ...] = (), **changes: Any
) -> Scene:
    """Return the charger at an hour; each booking has its charger, and so have the `held`, a holder and two hours."""
    occupied = [Occupied(one.id, one.evse_id, one.timeslot.period) for one in bookings]
    occupied += [Occupied(holder, HERE, hours(start, end)) for holder, start, end in held]
    plain: dict[str, Any] = {
        "evse_id": HERE,
        "now": at(now),
        "usable": True,
        "open": True,
        "booking_only": False,
        "in_use": False,
        "bays": (),
        "occupied": occupied,
        "bookings": bookings,
        "published": {},
    }
    return Scene(**{**plain, **changes})


def allowed(decision: Decision) -> Allowed:
    assert isinstance(decision, Allowed), decision
    return decision


def why(decision: Decision) -> ChargingRefusal:
    assert isinstance(decision, Refused), decision
    assert decision.sentence == SENTENCES[decision.reason]
    return decision.reason


def test_every_refusal_has_a_sentence_and_every_token_a_method() -> None:
    assert set(SENTENCES) == set(ChargingRefusal)
    assert set(METHODS) == set(TokenType)


@pytest.mark.parametrize("now", [10.0, 10.25, 10.49])
def test_a_booking_may_be_used_from_its_start_until_it_lapses(now: float) -> None:
    found = allowed(decide(BY_CARD, scene(now, MINE)))
    assert (found.basis, found.booking, found.until) == (ChargingBasis.BOOKING, MINE, at(11))
    assert found.token == a_booking_token()


def test_one_that_lapsed_may_not_but_who_charged_on_it_may_go_on_after_a_fault() -> None:
    assert why(decide(BY_CARD, scene(10.5, MINE, booking_only=True))) is ChargingRefusal.TOO_LATE
    interrupted = mine(
        status=ReservationStatus.FULFILLED, charging_started_at=at(10.1), interrupted_at=at(10.4), hazard=None
    )
    assert allowed(decide(BY_CARD, scene(10.7, interrupted))).booking == interrupted


def test_one_that_its_charger_failed_may_be_used_to_the_end_of_its_slot() -> None:
    endangered = mine(hazard=Hazard.OVERSTAY)
    assert allowed(decide(BY_CARD, scene(10.9, endangered))).booking == endangered


def test_a_late_stop_that_the_terms_allow_ends_where_the_next_booking_begins() -> None:
    assert allowed(decide(BY_CARD, scene(10, mine(LATE)))).until == at(11.5)
    assert allowed(decide(BY_CARD, scene(10, mine(LATE), held=((OTHERS, 11.25, 12),)))).until == at(11.25)
    assert allowed(decide(BY_CARD, scene(10, mine(LATE), held=((OTHERS, 11, 12),)))).until == at(11)


def test_the_terms_allow_an_early_start_if_nobody_has_the_charger_before() -> None:
    found = allowed(decide(BY_CARD, scene(9.7, mine(EARLY))))
    assert (found.basis, found.until) == (ChargingBasis.EARLY_START, at(11))
    refused = decide(BY_CARD, scene(9.7, mine(EARLY), held=((OTHERS, 9, 9.8),)))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.from_) == (ChargingRefusal.TOO_EARLY, at(9.8))


def test_without_that_promise_its_holder_may_begin_where_anybody_might_soon_before() -> None:
    assert allowed(decide(BY_CARD, scene(9.1, MINE))).basis is ChargingBasis.EARLY_START
    walked = allowed(decide(BY_CARD, scene(8.9, MINE)))
    assert (walked.basis, walked.booking, walked.until) == (ChargingBasis.WALK_UP, None, at(10))


def test_where_a_booking_is_required_it_is_too_early() -> None:
    refused = decide(BY_CARD, scene(9.5, mine(EARLY), booking_only=True))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.from_, refused.booking) == (
        ChargingRefusal.TOO_EARLY,
        MINE.timeslot.period.start - timedelta(minutes=20),
        mine(EARLY),
    )


def test_at_another_charger_the_holder_is_told_which_was_booked() -> None:
    refused = decide(BY_CARD, scene(10, mine(evse_id=THERE)))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.evse_id) == (ChargingRefusal.WRONG_CHARGER, THERE)


def test_long_before_the_slot_the_holder_is_told_the_time_and_not_yet_the_charger() -> None:
    refused = decide(BY_CARD, scene(8.9, mine(evse_id=THERE), booking_only=True))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.evse_id) == (ChargingRefusal.TOO_EARLY, None)
    near = decide(BY_CARD, scene(9, mine(evse_id=THERE), booking_only=True))
    assert isinstance(near, Refused)
    assert (near.reason, near.evse_id) == (ChargingRefusal.WRONG_CHARGER, THERE)


def test_of_two_bookings_the_one_on_this_charger_is_meant_and_one_in_use_elsewhere_is_not() -> None:
    there, here = mine(evse_id=THERE), mine(id=a_booking().id, evse_id=HERE)
    assert allowed(decide(BY_CARD, scene(10, there, here))).booking == here
    used = mine(evse_id=THERE, status=ReservationStatus.FULFILLED, charging_started_at=at(10))
    assert allowed(decide(BY_CARD, scene(10.1, used))).basis is ChargingBasis.WALK_UP


@pytest.mark.parametrize(
    ("presented", "changes", "reason"),
    [
        (STRANGER, {"held": ((OTHERS, 9, 10),)}, ChargingRefusal.BOOKED_BY_OTHER),
        (STRANGER, {"held": ((OTHERS, 9.55, 10),)}, ChargingRefusal.BOOKED_BY_OTHER),
        (STRANGER, {"in_use": True}, ChargingRefusal.CHARGER_IN_USE),
        (STRANGER, {"usable": False}, ChargingRefusal.CHARGER_UNUSABLE),
        (STRANGER, {"open": False}, ChargingRefusal.LOCATION_CLOSED),
        (STRANGER, {"booking_only": True}, ChargingRefusal.BOOKING_REQUIRED),
        (replace(STRANGER, known=()), {}, ChargingRefusal.TOKEN_UNKNOWN),
    ],
)
def test_without_a_booking_it_is_refused_for_a_reason(
    presented: Presented, changes: dict[str, Any], reason: ChargingRefusal
) -> None:
    assert why(decide(presented, scene(9.5, **changes))) is reason


def test_without_a_booking_it_is_allowed_until_somebody_has_booked_the_charger() -> None:
    found = allowed(decide(STRANGER, scene(9.5, held=((OTHERS, 10, 11),))))
    assert (found.basis, found.until, found.emsp_id) == (ChargingBasis.WALK_UP, at(10), "DE*EMO")
    assert allowed(decide(STRANGER, scene(9.5))).until is None


def test_a_walk_up_takes_the_bay_that_is_free_longest() -> None:
    occupied = [Occupied(OTHERS, "B1", hours(9, 12)), Occupied(OTHERS, "B2", hours(10, 11))]
    found = allowed(decide(STRANGER, scene(9.5, bays=("B1", "B2", "B3"), occupied=occupied)))
    assert (found.parking_bay_id, found.until) == ("B3", None)
    both = scene(9.5, bays=("B1", "B2"), occupied=occupied)
    assert allowed(decide(STRANGER, both)).parking_bay_id == "B2"
    one = scene(9.5, bays=("B1",), occupied=occupied)
    assert why(decide(STRANGER, one)) is ChargingRefusal.BOOKED_BY_OTHER


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"valid": False}, ChargingRefusal.TOKEN_BLOCKED),
        ({"expires_at": at(10)}, ChargingRefusal.TOKEN_EXPIRED),
    ],
)
def test_a_token_that_is_good_for_nothing_opens_neither_a_booking_nor_a_charger(
    changes: dict[str, Any], reason: ChargingRefusal
) -> None:
    bad = replace(CARD, **changes)
    presented = replace(BY_CARD, known=(bad,))
    published = {id_of(a_booking_token()): bad}
    assert why(decide(presented, scene(10, MINE, published=published))) is reason
    assert why(decide(presented, scene(10))) is reason


def test_terms_say_how_a_booking_may_be_started() -> None:
    card_only = mine(replace(TERMS, rfid_auth_required=True))
    app = Presented(StartMethod.APP, "04A1B2C3", TokenType.RFID, known=(CARD,))
    assert why(decide(app, scene(10, card_only))) is ChargingRefusal.METHOD_NOT_ACCEPTED
    not_remote = mine(replace(TERMS, remote_auth_supported=False))
    remote = replace(BY_CARD, method=StartMethod.REMOTE)
    assert why(decide(remote, scene(10, not_remote))) is ChargingRefusal.METHOD_NOT_ACCEPTED
    assert allowed(decide(remote, scene(10, card_only))).booking == card_only


def test_a_way_that_is_not_accepted_is_told_to_nobody_long_before_or_it_would_betray_the_charger() -> None:
    not_remote = mine(replace(TERMS, remote_auth_supported=False))
    by_app = Presented(StartMethod.REMOTE, reference=MINE.reference)
    found = decide(by_app, scene(8, not_remote, referred_to=not_remote))
    elsewhere = decide(by_app, scene(8, not_remote, evse_id=THERE, referred_to=not_remote))
    assert (why(found), found) == (ChargingRefusal.TOO_EARLY, elsewhere)


def by_reference(typed: str = MINE.reference) -> Presented:
    return Presented(StartMethod.REFERENCE, reference=typed)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (None, ChargingRefusal.REFERENCE_UNKNOWN),
        (mine(reference="NEWER00000"), ChargingRefusal.REFERENCE_REPLACED),
        (mine(status=ReservationStatus.CANCELED), ChargingRefusal.BOOKING_OVER),
        (mine(status=ReservationStatus.NO_SHOW), ChargingRefusal.TOO_LATE),
        (mine(status=ReservationStatus.PENDING), ChargingRefusal.BOOKING_PENDING),
        (mine(evse_id=THERE), ChargingRefusal.WRONG_CHARGER),
        (
            mine(
                status=ReservationStatus.FULFILLED,
                charging_started_at=at(9.9),
                charging_ended_at=at(10),
            ),
            ChargingRefusal.BOOKING_OVER,
        ),
    ],
)
def test_a_reference_starts_its_own_booking_in_its_time_only(one: Booking | None, reason: ChargingRefusal) -> None:
    assert why(decide(by_reference(), scene(10, referred_to=one))) is reason
    assert allowed(decide(by_reference(), scene(10, referred_to=MINE))).booking == MINE


def test_a_reference_never_starts_a_walk_up() -> None:
    assert why(decide(by_reference(), scene(8, referred_to=MINE))) is ChargingRefusal.TOO_EARLY


@given(
    now=st.floats(7, 13),
    others=st.lists(st.tuples(st.floats(6, 14), st.floats(0.01, 2)), max_size=4),
    early=st.sampled_from([TERMS, EARLY, LATE]),
    stranger=st.booleans(),
    booking_only=st.booleans(),
)
def test_nobody_is_let_to_a_charger_that_another_has_then(
    now: float, others: list[tuple[float, float]], early: BookingTerms, stranger: bool, booking_only: bool
) -> None:
    held = tuple((OTHERS, start, start + length) for start, length in others)
    busy = [hours(start, end) for _, start, end in held]
    at_charger = scene(now, mine(early), held=held, booking_only=booking_only)
    decision = decide(STRANGER if stranger else BY_CARD, at_charger)
    if not isinstance(decision, Allowed):
        return
    if decision.booking is None:
        assert not booking_only
        end = decision.until or at(24)
        mine_too = [MINE.timeslot.period]
        assert not any(one.overlaps(Interval(at(now), end)) for one in [*busy, *mine_too])
        return
    assert not stranger
    before: datetime = MINE.timeslot.period.start
    if at(now) < before:
        assert not any(one.overlaps(Interval(at(now), before)) for one in busy)
