"""Whether somebody may charge at a charger now: the rule behind every start (BUC 3.1, 3.3, 3.9).

A booking of theirs for this charger counts first, from its early start until it lapses. Without one they may charge
as long as nobody has booked the charger, if it is not for bookings only. A reference alone never starts a walk-up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.booking import Booking, BookingToken
from models.rules.booking_state import LIVE, ReservationStatus
from models.rules.charging import (
    Allowed,
    ChargingBasis,
    ChargingRefusal,
    Decision,
    Presented,
    Refused,
    StartMethod,
)
from models.rules.charging_match import Published, best, standing, used_token
from models.rules.interval import LATEST, Interval
from models.rules.token import Token

EARLY_WALK_IN = timedelta(minutes=60)
"""So long before a slot its holder may begin where anybody might, though the terms promise no early start."""

LEAST_WALK_UP = timedelta(minutes=5)
"""A charger that is booked sooner than that is not given to whoever has no booking."""


@dataclass(frozen=True, slots=True)
class Occupied:
    """That `holder_id` (a booking, a quote or a session) has the charger or bay `what` for a period."""

    holder_id: object
    what: str
    period: Interval


@dataclass(frozen=True, slots=True)
class Scene:
    """A charger at a moment: whether it works, is open to all and in use, who has it, and the bookings in question.

    `bays` are the ids of the bays that it serves, in order; `bookings` those at its Location that whoever asks might
    mean; `referred_to` is the booking that a typed reference once or now named, wherever that is.
    """

    evse_id: str
    now: datetime
    usable: bool
    open: bool
    booking_only: bool
    in_use: bool
    bays: tuple[str, ...]
    occupied: Sequence[Occupied]
    bookings: Sequence[Booking]
    published: Published
    referred_to: Booking | None = None

    def free_until(self, holder_id: object | None = None, bay_id: str | None = None) -> datetime | None:
        """Return from when on another holder has the charger or bay; None if nobody has, `now` if one has it now."""
        wanted = {self.evse_id, bay_id}
        starts = [
            one.period.start
            for one in self.occupied
            if one.what in wanted and one.holder_id != holder_id and one.period.end > self.now
        ]
        return max(self.now, min(starts)) if starts else None


def decide(presented: Presented, scene: Scene) -> Decision:
    """Return whether whoever presents themselves may charge now, and until when; else why not."""
    if presented.reference is not None:
        return _by_reference(presented, scene)
    found = [(one, token) for one in scene.bookings if (token := used_token(one, presented, scene.published))]
    tokens = {one.id: token for one, token in found}
    due = best([one for one, _ in found if _may_be_due(one, scene)], scene.evse_id, scene.now)
    if due is not None:
        return _by_booking(due, tokens[due.id], presented, scene)
    walked = _walk_up(presented, scene)
    late = best([one for one, _ in found], scene.evse_id, scene.now)
    if isinstance(walked, Refused) and late is not None and walked.reason in _TAKEN:
        return Refused(_over(late), booking=late)
    return walked


def _by_reference(presented: Presented, scene: Scene) -> Decision:
    one = scene.referred_to
    if one is None:
        return Refused(ChargingRefusal.REFERENCE_UNKNOWN)
    if one.reference != presented.reference:
        return Refused(ChargingRefusal.REFERENCE_REPLACED, booking=one)
    if one.status not in _USABLE or one.closes_at <= scene.now:
        return Refused(_over(one), booking=one)
    token = one.tokens[0] if len(one.tokens) == 1 else None
    return _by_booking(one, token, presented, scene)


def _by_booking(one: Booking, token: BookingToken | None, presented: Presented, scene: Scene) -> Decision:
    """Return the decision on a booking that is not over yet, of whoever asks."""
    published = standing(token, presented, scene.published)
    if published is not None and (bad := _bad(published, scene.now)):
        return Refused(bad, booking=one)
    if one.status is ReservationStatus.PENDING:
        walked = _walk_up(presented, scene)
        return walked if isinstance(walked, Allowed) else Refused(ChargingRefusal.BOOKING_PENDING, booking=one)
    early = scene.now < one.opens_at
    if one.evse_id != scene.evse_id:
        return _elsewhere(one, presented, scene)
    if not scene.usable:
        return Refused(ChargingRefusal.CHARGER_UNUSABLE, booking=one)
    if _soon(one, scene) and not _accepted(one, presented):
        return Refused(ChargingRefusal.METHOD_NOT_ACCEPTED, booking=one)
    if early and not _may_walk_in(one, scene):
        walked = _walk_up(presented, scene)
        if isinstance(walked, Allowed):
            return walked
        return Refused(ChargingRefusal.TOO_EARLY, one.opens_at, booking=one)
    if scene.in_use:
        return Refused(ChargingRefusal.CHARGER_IN_USE, booking=one)
    return _allowed(one, token, scene)


def _elsewhere(one: Booking, presented: Presented, scene: Scene) -> Decision:
    """Return the decision on a booking of another charger: before it is due, they may charge as anybody may."""
    walked = _walk_up(presented, scene) if scene.now < one.opens_at else None
    if isinstance(walked, Allowed):
        return walked
    if not _soon(one, scene):
        return Refused(ChargingRefusal.TOO_EARLY, one.opens_at, booking=one)
    return Refused(ChargingRefusal.WRONG_CHARGER, evse_id=one.evse_id, booking=one)


def _allowed(one: Booking, token: BookingToken | None, scene: Scene) -> Decision:
    """Return that a booking may be used, if before its slot nobody else has the charger; and how long it may last."""
    free_until = scene.free_until(one.id, one.parking_bay_id)
    period = one.timeslot.period
    early = scene.now < period.start
    if early and free_until is not None and free_until < period.start:
        return Refused(ChargingRefusal.TOO_EARLY, _freed_at(one, scene), booking=one)
    until = one.allowed_until if free_until is None else max(period.end, min(one.allowed_until, free_until))
    basis = ChargingBasis.EARLY_START if early else ChargingBasis.BOOKING
    return Allowed(basis, one, token, one.emsp_id, until, one.parking_bay_id)


def _freed_at(one: Booking, scene: Scene) -> datetime:
    """Return when nobody else has the charger and bay of a booking any more before its slot."""
    wanted = {one.evse_id, one.parking_bay_id}
    before = [
        other.period.end
        for other in scene.occupied
        if other.what in wanted and other.holder_id != one.id and other.period.start < one.timeslot.period.start
    ]
    return max([one.opens_at, *before])


def _walk_up(presented: Presented, scene: Scene) -> Decision:
    """Return whether somebody may charge without a booking, until somebody else has booked the charger."""
    refused = _no_walk_up(presented, scene)
    if refused is not None:
        return Refused(refused)
    token = next(one for one in presented.known if _bad(one, scene.now) is None)
    free = [(bay_id, scene.free_until(None, bay_id)) for bay_id in scene.bays or (None,)]
    bay_id, until = max(free, key=lambda one: one[1] or LATEST)
    if until is not None and until - scene.now < LEAST_WALK_UP:
        return Refused(ChargingRefusal.BOOKED_BY_OTHER)
    return Allowed(ChargingBasis.WALK_UP, None, token.of_booking, token.emsp_id, until, bay_id)


def _no_walk_up(presented: Presented, scene: Scene) -> ChargingRefusal | None:
    """Return why nobody may charge here without a booking, or not with that Token, whoever has booked it."""
    if not presented.known:
        return ChargingRefusal.TOKEN_UNKNOWN
    bad = [_bad(one, scene.now) for one in presented.known]
    if all(bad):
        return bad[0]
    if not scene.usable:
        return ChargingRefusal.CHARGER_UNUSABLE
    if scene.in_use:
        return ChargingRefusal.CHARGER_IN_USE
    if scene.booking_only:
        return ChargingRefusal.BOOKING_REQUIRED
    return None if scene.open else ChargingRefusal.LOCATION_CLOSED


def _may_be_due(one: Booking, scene: Scene) -> bool:
    """Whether a booking is not over, and not being used at another charger at this moment."""
    return (
        one.status in _USABLE and one.closes_at > scene.now and not (one.is_charging and one.evse_id != scene.evse_id)
    )


def _may_walk_in(one: Booking, scene: Scene) -> bool:
    """Whether the holder of a booking may begin soon before its slot because anybody might (BUC 3.3.2)."""
    return _soon(one, scene) and scene.open and not scene.booking_only


def _soon(one: Booking, scene: Scene) -> bool:
    """Whether the holder of a booking comes for it: then it is told the charger, which else may still change."""
    return scene.now >= min(one.opens_at, one.timeslot.period.start - EARLY_WALK_IN)


def _accepted(one: Booking, presented: Presented) -> bool:
    """Whether the terms of a booking let it be started that way (OCPI BookingTerms)."""
    terms = one.booking_terms
    if presented.remote:
        return terms.remote_auth_supported is not False
    return not terms.rfid_auth_required or presented.method is StartMethod.RFID


def _bad(token: Token, now: datetime) -> ChargingRefusal | None:
    """Return why a Token opens nothing."""
    if not token.valid:
        return ChargingRefusal.TOKEN_BLOCKED
    return ChargingRefusal.TOKEN_EXPIRED if token.expired(now) else None


def _over(one: Booking) -> ChargingRefusal:
    """Return what to say of a booking that is over."""
    late = one.status is ReservationStatus.NO_SHOW or one.status in LIVE
    return ChargingRefusal.TOO_LATE if late else ChargingRefusal.BOOKING_OVER


_USABLE = LIVE | {ReservationStatus.FULFILLED}
_TAKEN = frozenset(
    {
        ChargingRefusal.BOOKED_BY_OTHER,
        ChargingRefusal.CHARGER_IN_USE,
        ChargingRefusal.BOOKING_REQUIRED,
        ChargingRefusal.TOKEN_UNKNOWN,
    }
)
"""Of a walk-up: whoever had a booking is told what became of that instead."""
