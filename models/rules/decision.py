"""Until when a request on a booking is decided on, by its operator or its holder (BUC 2.6)."""

from datetime import datetime, timedelta

from models.rules.booking_location import BookingTerms
from models.rules.interval import Interval

DECIDE_MINUTES = 30
"""What an operator has whose terms do not say."""

PROPOSAL_MINUTES = 60
"""What a holder has for a proposal of the operator's that does not say."""

LAPSED = "Nobody decided on it in time."


def decide_until(terms: BookingTerms, period: Interval, now: datetime) -> datetime:
    """Return when a request for `period` lapses, made now: in the minutes of the terms, but not after its start."""
    minutes = DECIDE_MINUTES if terms.decide_minutes is None else terms.decide_minutes
    return min(now + timedelta(minutes=minutes), max(period.start, now))


def answer_until(minutes: int | None, present: Interval, proposed: Interval, now: datetime) -> datetime:
    """Return when a proposal lapses, made now: in so many minutes, but not after either slot began."""
    usual = PROPOSAL_MINUTES if minutes is None else minutes
    return min(now + timedelta(minutes=usual), present.start, proposed.start)
