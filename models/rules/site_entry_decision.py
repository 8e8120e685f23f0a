"""Whether a vehicle is let in now, and by which booking: the rule behind every gate (BUC 3.12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.booking import Booking
from models.rules.booking_location import AccessMethod
from models.rules.booking_state import LIVE, ReservationStatus
from models.rules.charging import Presented
from models.rules.charging_match import Published, standing, used_token
from models.rules.license_plate import folded, spelled
from models.rules.site_entry import EntryMethod, EntryRefusal

ARRIVAL_MINUTES = 30
"""So long before its slot a vehicle may enter at least, to queue or to park; earlier if it may start earlier."""

OPENED_BY = {
    EntryMethod.LICENSE_PLATE: frozenset({AccessMethod.OPEN, AccessMethod.LICENSE_PLATE}),
    EntryMethod.ACCESS_CODE: frozenset({AccessMethod.OPEN, AccessMethod.ACCESS_CODE}),
    EntryMethod.TOKEN: frozenset({AccessMethod.OPEN, AccessMethod.TOKEN}),
    EntryMethod.REFERENCE: frozenset({AccessMethod.OPEN, AccessMethod.INTERCOM, AccessMethod.PARKING_TICKET}),
}
"""Which of the ways that the terms name let a vehicle in by each (OCPI AccessMethod).

A reference is what is told at the intercom and stands on a ticket; where a code is asked for it opens nothing, as
more people know it.
"""


@dataclass(frozen=True, slots=True)
class Entering:
    """By what a vehicle asks to enter: exactly one of these. A reference is in the spelling that is stored."""

    license_plate: str | None = None
    access_code: str | None = None
    token: Presented | None = None
    reference: str | None = None

    @property
    def method(self) -> EntryMethod:
        """Which one of them."""
        if self.license_plate is not None:
            return EntryMethod.LICENSE_PLATE
        if self.access_code is not None:
            return EntryMethod.ACCESS_CODE
        return EntryMethod.REFERENCE if self.token is None else EntryMethod.TOKEN


@dataclass(frozen=True, slots=True)
class Verdict:
    """That a vehicle is admitted by a booking, or why not; `from_` is when it will be, if it comes too early."""

    reason: EntryRefusal | None
    booking: Booking | None = None
    from_: datetime | None = None


def decide(asked: Entering, bookings: Iterable[Booking], published: Published, now: datetime) -> Verdict:
    """Return whether a vehicle is let in, by that one of `bookings` that it means.

    Those may be all of the Location, but by a reference only the one that it names or once named. Of several that are
    meant, as two plates may look alike, one admits if any does: rather the one spelled so, then the nearest.
    """
    verdicts = [_verdict(one, asked, published, now) for one in bookings if _is_meant(one, asked, published)]
    return min(verdicts, key=lambda one: _rank(one, asked, now), default=Verdict(EntryRefusal.NO_BOOKING))


def opens_at(one: Booking) -> datetime:
    """Return from when on a booking opens the gate."""
    return min(one.opens_at, one.timeslot.period.start - timedelta(minutes=ARRIVAL_MINUTES))


def closes_at(one: Booking) -> datetime:
    """Return until when a booking opens the gate: until it lapses; one that is used, for as long as it may be.

    Whoever is done charging earlier may still come back to the vehicle until then.
    """
    return one.allowed_until if one.status is ReservationStatus.FULFILLED else one.closes_at


def _is_meant(one: Booking, asked: Entering, published: Published) -> bool:
    if asked.license_plate is not None:
        plate = folded(asked.license_plate)
        return plate != "" and one.license_plate is not None and folded(one.license_plate) == plate
    if asked.access_code is not None:
        return one.access_code == asked.access_code
    return asked.token is None or used_token(one, asked.token, published) is not None


def _verdict(one: Booking, asked: Entering, published: Published, now: datetime) -> Verdict:
    reason = _refusal(one, asked, published, now)
    return Verdict(reason, one, opens_at(one) if reason is EntryRefusal.TOO_EARLY else None)


def _refusal(one: Booking, asked: Entering, published: Published, now: datetime) -> EntryRefusal | None:
    """Return why a booking does not open the gate to whoever may use it; None if it does."""
    if one.status not in LIVE | {ReservationStatus.FULFILLED}:
        return EntryRefusal.TOO_LATE if one.status is ReservationStatus.NO_SHOW else EntryRefusal.BOOKING_OVER
    if closes_at(one) <= now and not one.is_charging:
        return EntryRefusal.TOO_LATE if one.status in LIVE else EntryRefusal.BOOKING_OVER
    if asked.reference is not None and asked.reference != one.reference:
        return EntryRefusal.REFERENCE_REPLACED
    if asked.token is not None and (bad := _bad(one, asked.token, published, now)):
        return bad
    if OPENED_BY[asked.method].isdisjoint(one.booking_terms.supported_access_methods):
        return EntryRefusal.METHOD_NOT_ACCEPTED
    if one.status is ReservationStatus.PENDING:
        return EntryRefusal.BOOKING_PENDING
    return EntryRefusal.TOO_EARLY if now < opens_at(one) else None


def _bad(one: Booking, token: Presented, published: Published, now: datetime) -> EntryRefusal | None:
    """Return why a Token of a booking opens nothing."""
    known = standing(used_token(one, token, published), token, published)
    if known is None:
        return None
    if not known.valid:
        return EntryRefusal.TOKEN_BLOCKED
    return EntryRefusal.TOKEN_EXPIRED if known.expired(now) else None


def _rank(one: Verdict, asked: Entering, now: datetime) -> tuple[int, bool, timedelta, str]:
    """Return how far a verdict is from the one that is given."""
    if one.booking is None:
        raise ValueError("only what was decided on a booking is compared")
    plate = one.booking.license_plate
    exact = asked.license_plate is None or plate is None or spelled(plate) == spelled(asked.license_plate)
    distance = abs(one.booking.timeslot.period.start - now)
    return _ORDER.index(one.reason), not exact, distance, str(one.booking.id)


_ORDER = (
    None,
    EntryRefusal.TOKEN_BLOCKED,
    EntryRefusal.TOKEN_EXPIRED,
    EntryRefusal.METHOD_NOT_ACCEPTED,
    EntryRefusal.BOOKING_PENDING,
    EntryRefusal.REFERENCE_REPLACED,
    EntryRefusal.TOO_EARLY,
    EntryRefusal.TOO_LATE,
    EntryRefusal.BOOKING_OVER,
)
"""What is said first of several bookings that are meant."""
