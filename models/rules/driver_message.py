"""What an operator tells a driver, and for how long it may know how that one is reached (BUC 3.11, GDPR)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from models.rules.booking import Booking, BookingToken
from models.rules.booking_state import ReservationStatus
from models.rules.identity import part_id
from models.rules.parties import Parties
from models.rules.session import Session

LONGEST_TEXT = 1000
LONGEST_NAME = 100
MOST_IN_A_WHILE = 20
WHILE = timedelta(hours=1)
"""So many messages are sent within a while about one booking, or about one session without a booking."""

REACHED_AFTERWARDS = timedelta(hours=24)
"""How long after a booking or a session is over its driver is still sent messages."""

TEXT_KEPT = timedelta(days=90)
KEEP_MINUTES = 24 * 60
LONGEST_KEEP_MINUTES = 7 * 24 * 60
"""How long after its slot a booking's contact is kept, unless told otherwise, and at most."""

LANGUAGE = "en"
"""In which language an operator writes if nobody says, and the driver's token does not either."""

_LANGUAGE = re.compile("[A-Za-z]{2}")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_TRUNK_PREFIX = "(0)"
"""Written by people between the country and the rest, and never dialled from abroad."""

_SEPARATORS = str.maketrans("", "", " \u00a0-.()")
IN_USE = frozenset({ReservationStatus.PENDING, ReservationStatus.RESERVED, ReservationStatus.FULFILLED})
"""In which state of its booking an operator sees how a driver is reached."""


@dataclass(frozen=True, slots=True)
class DriverMessage:
    """A message, about a booking, or a session, or both; `text` is None once it is forgotten.

    `tokens` are the session's, or else the booking's: whose driver is meant.
    """

    id: UUID
    location_id: str
    parties: Parties
    booking_id: UUID | None
    session_id: UUID | None
    text: str | None = field(repr=False)
    language: str
    sent_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    tokens: tuple[BookingToken, ...] = field(default=(), compare=False)

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; the operator owns the message."""
        return part_id(self.parties.cpo_id, str(self.id))

    @property
    def booking_object_id(self) -> str | None:
        """The composite id of the booking it is about."""
        return None if self.booking_id is None else part_id(self.parties.cpo_id, str(self.booking_id))

    @property
    def session_object_id(self) -> str | None:
        """The composite id of the session it is about."""
        return None if self.session_id is None else part_id(self.parties.cpo_id, str(self.session_id))


@dataclass(frozen=True, slots=True)
class DriverContact:
    """How the driver of a booking is reached, from consent until it is erased; never shown by `repr`."""

    location_id: str
    booking_id: UUID
    phone: str = field(repr=False)
    name: str | None = field(repr=False)
    language: str | None
    consented_at: datetime
    erase_at: datetime

    def seen(self, status: ReservationStatus, now: datetime, *, by_operator: bool) -> bool:
        """Whether it may be read of a booking of `status`: within its time, by an operator only until that ended."""
        return now < self.erase_at and (not by_operator or status in IN_USE)


def reachable(one: Booking | Session, now: datetime) -> bool:
    """Whether a booking or a session goes on, is to come, or has been over for no longer than a day."""
    over = ended_at(one) if isinstance(one, Session) else over_at(one)
    return over is None or now < over + REACHED_AFTERWARDS


def ended_at(one: Session) -> datetime | None:
    """Return when a session ended, or None while it goes on."""
    return one.end_date_time


def over_at(one: Booking) -> datetime | None:
    """Return when a booking was over or is going to be, with its slot at the latest; None while somebody charges."""
    if one.is_charging:
        return None
    if one.charging_ended_at is not None:
        return one.charging_ended_at
    return one.timeslot.period.end if one.status in IN_USE else one.last_updated


def erase_at(slot_end: datetime, keep_minutes: int | None) -> datetime:
    """Return when a contact is erased that is kept for so many minutes after the slot."""
    return slot_end + timedelta(minutes=KEEP_MINUTES if keep_minutes is None else keep_minutes)


def language(code: str | None) -> str | None:
    """Return a language of two letters (ISO 639-1) in lower case, or None if it is none."""
    return code.lower() if code is not None and _LANGUAGE.fullmatch(code) else None


def first_language(codes: Sequence[str | None]) -> str:
    """Return the first of the languages that is one, or the one that is taken without."""
    return next((known for known in map(language, codes) if known is not None), LANGUAGE)


def phone(typed: str) -> str | None:
    """Return a number as it is dialled from anywhere (ITU-T E.164), from how people type it; None if it is none."""
    dialled = typed.replace(_TRUNK_PREFIX, "").translate(_SEPARATORS)
    return dialled if _PHONE.fullmatch(dialled) else None
