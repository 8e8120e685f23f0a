"""Until when a request on a booking is decided on, by its operator or its holder (BUC 2.6)."""

from datetime import datetime, timedelta

from models.rules.booking_location import BookingTerms
from models.rules.interval import Interval

DECIDE_MINUTES = 30
"""What an operator has whose terms do not say."""

PROPOSAL_MINUTES = 60
"""What a holder has for a proposal of the operator's that does not say."""

LAPSED = "Nobody decided on it in time."


def decide_until(
    terms: BookingTerms, period: Interval, now: datetime, booking_lapses_at: datetime | None = None
) -> datetime:
    """Return when a request for `period` lapses, made now: in the minutes of the terms, but not after its start.

    One that changes a booking lapses with it at the latest; it may be for a slot that is under way.
    """
    minutes = DECIDE_MINUTES if terms.decide_minutes is None else terms.decide_minutes
    ends = [now + timedelta(minutes=minutes)]
    if period.start > now:
        ends.append(period.start)
    if booking_lapses_at is not None:
        ends.append(booking_lapses_at)
    return min(ends)


def answer_until(minutes: int | None, present: Interval, proposed: Interval, now: datetime) -> datetime:
    """Return when a proposal lapses, made now: in so many minutes, but not after either slot began."""
    usual = PROPOSAL_MINUTES if minutes is None else minutes
    return min(now + timedelta(minutes=usual), present.start, proposed.start)
