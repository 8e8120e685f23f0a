"""A SessionRequest as a value: that an operator is asked to start or stop a session, and what it answers (OCPI)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.rules.booking import Booking, BookingToken
from models.rules.charging import Decision, Presented, StartMethod
from models.rules.charging_decision import Scene, decide
from models.rules.charging_match import id_of, standing, used_token
from models.rules.identity import part_id
from models.rules.location import Evse
from models.rules.parties import Parties
from models.rules.role import Role
from models.rules.session import Session

ANSWER_SECONDS = 60
"""So long an operator may take to answer; a driver stands at the charger."""

STARTED_WITHIN = timedelta(minutes=15)
"""So long after an operator accepted a start a session may begin by it: the driver has yet to plug in."""

UNANSWERED = "The operator did not answer in time."
REMOTE = "REMOTE_START_STOP_CAPABLE"
NAMES_CONNECTOR = "START_SESSION_CONNECTOR_REQUIRED"


class SessionRequestKind(StrEnum):
    """What an operator is asked for."""

    START = "START"
    STOP = "STOP"


class SessionRequestStatus(StrEnum):
    """What came of a request."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    TIMED_OUT = "TIMED_OUT"


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """One request at a charger. `session_id` is the session to stop, or the one that began by it.

    While it is pending its operator answers until `answer_until`; `reason` is why it was rejected. `booking_id` is
    the booking that is to be used, and `token` with which; without one it is a walk-up.
    """

    id: UUID
    location_id: str
    kind: SessionRequestKind
    status: SessionRequestStatus
    evse_id: str
    connector_id: str | None
    booking_id: UUID | None
    session_id: UUID | None
    parties: Parties
    token: BookingToken | None
    role: Role
    requester_id: str
    requested_at: datetime
    answer_until: datetime
    answered_at: datetime | None = None
    reason: str | None = None

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; the operator answers it."""
        return part_id(self.parties.cpo_id, str(self.id))

    @property
    def booking_object_id(self) -> str | None:
        """The composite id of the booking that is to be used."""
        return None if self.booking_id is None else part_id(self.parties.cpo_id, str(self.booking_id))

    @property
    def session_object_id(self) -> str | None:
        """The composite id of the session."""
        return None if self.session_id is None else part_id(self.parties.cpo_id, str(self.session_id))

    def waits(self, now: datetime) -> bool:
        """Whether its operator may still answer."""
        return self.status is SessionRequestStatus.PENDING and now < self.answer_until

    def as_of(self, now: datetime) -> "SessionRequest":
        """Return it as it stands by `now`: it times out at `answer_until`, whether a worker came by or not."""
        if self.status is not SessionRequestStatus.PENDING or self.waits(now):
            return self
        return self.answered(SessionRequestStatus.TIMED_OUT, self.answer_until, UNANSWERED)

    def answered(self, status: SessionRequestStatus, now: datetime, reason: str | None = None) -> "SessionRequest":
        """Return it with what came of it."""
        return replace(self, status=status, answered_at=now, reason=reason)

    def led_to(self, session: Session, now: datetime) -> bool:
        """Whether a session that its operator tells of now began, or ended, as was asked for here.

        That is while the operator may answer, and a while after it accepted.
        """
        accepted = self.status is SessionRequestStatus.ACCEPTED and self.answered_at is not None
        if self.kind is SessionRequestKind.STOP:
            return self.session_id == session.id and (accepted or self.waits(now))
        open_ = self.waits(now) or (accepted and now < (self.answered_at or now) + STARTED_WITHIN)
        if not open_ or self.session_id is not None or self.evse_id != session.evse_id:
            return False
        if self.booking_id is not None or session.booking_id is not None:
            return self.booking_id == session.booking_id
        return self.token == session.token


def answer_until(now: datetime) -> datetime:
    """Return until when a request that is made now may be answered."""
    return now + timedelta(seconds=ANSWER_SECONDS)


def about_booking(one: Booking, by: Presented | None, scene: Scene) -> tuple[Decision, BookingToken | None] | None:
    """Return whether a booking may be started from afar at its charger, and with which Token; None if not with that.

    Without a Token it is started in the name of its provider, with its Token if it has exactly one. It is the
    booking that is started or nothing: whoever wants to walk up names the charger.
    """
    token = one.tokens[0] if len(one.tokens) == 1 else None
    published = scene.published
    if by is not None:
        token = used_token(one, by, published)
        if token is None:
            return None
        known = standing(token, by, published)
        published = published if known is None else {**published, id_of(token): known}
    meant = replace(one, tokens=() if token is None else (token,))
    referring = Presented(StartMethod.REMOTE, reference=one.reference)
    return decide(referring, replace(scene, referred_to=meant, published=published)), token


def remote(evse: Evse) -> bool:
    """Whether a charger takes commands, as far as is known: one whose capabilities nobody told may."""
    return not evse.capabilities or REMOTE in evse.capabilities


def names_connector(evse: Evse) -> bool:
    """Whether a charger starts only what names its Connector (OCPI StartSession)."""
    return NAMES_CONNECTOR in evse.capabilities
