"""What a decision at a charger is taken by: who asks, the charger as it is now, and the bookings in question."""

from dataclasses import dataclass
from datetime import timedelta

from models.db import Connection
from models.queries import allocations, bookings, charging, sessions, tokens
from models.rules.booking import Booking
from models.rules.booking_mode import BookingMode, mode_of_evse, offered_in
from models.rules.charging import METHODS, Presented, StartMethod
from models.rules.charging_decision import Scene
from models.rules.charging_match import id_of
from models.rules.identity import owner
from models.rules.interval import Interval
from models.rules.location import Evse, Status
from models.rules.published import PublishedLocation
from models.rules.reference import read
from models.rules.site import site_of
from models.rules.spot import spots
from models.rules.token import TokenType
from resolvers.call import Call

AHEAD = timedelta(hours=24)
"""So far ahead bookings and allocations are looked at."""

BEHIND = timedelta(hours=12)
"""So long after its slot a booking is still told of as one that is over."""

MINUTE = timedelta(minutes=1)
DEAD = frozenset({Status.INOPERATIVE, Status.OUTOFORDER, Status.PLANNED, Status.REMOVED})
"""States in which nobody charges; a charger that asks is not out of reach, whatever was last known of it."""


@dataclass(frozen=True, slots=True)
class Credential:
    """With what somebody asks: a Token's uid and type, or a reference as it was typed."""

    uid: str | None = None
    type: TokenType | None = None
    reference: str | None = None


async def presented(connection: Connection, by: Credential) -> Presented:
    """Return who asks at a charger's own reader or pinpad; one statement at the most."""
    if by.reference is not None:
        return Presented(StartMethod.REFERENCE, reference=read(by.reference))
    if by.uid is None or by.type is None:
        raise ValueError("somebody asks with a uid and its type, or with a reference")
    known = await tokens.presented(connection, by.uid, by.type)
    return Presented(METHODS[by.type], by.uid, by.type, known=tuple(known))


async def scene(call: Call, connection: Connection, published: PublishedLocation, evse: Evse, by: Presented) -> Scene:
    """Return what counts at a charger at the moment of `call`; eight statements at the most.

    Its Location is locked.
    """
    now = call.now
    location_id = published.location.id
    bays = _bays(published, evse)
    window = Interval(now, now + AHEAD)
    meant = []
    referred_to = await _referred_to(connection, published, by)
    if by.reference is None:
        around = Interval(now - BEHIND, window.end)
        meant = await charging.meant(connection, location_id, around, by, now)
    in_question = meant if referred_to is None else [referred_to]
    named = {id_of(token) for one in in_question for token in one.tokens}
    active = await sessions.active_on(connection, location_id, [evse.id])
    return Scene(
        evse_id=evse.id,
        now=now,
        usable=evse.status not in DEAD,
        open=published.location.charging_when_closed is not False
        or site_of(published, Interval(now, now + MINUTE)).is_open(Interval(now, now + MINUTE)),
        booking_only=_booking_only(published, evse),
        in_use=bool(active),
        bays=tuple(bay_id for bay_id, for_booked in bays if not for_booked),
        occupied=await allocations.occupied(
            connection, location_id, [evse.id, *(bay_id for bay_id, _ in bays)], window, now
        ),
        bookings=meant,
        published=await tokens.many(connection, sorted(named)) if named else {},
        referred_to=referred_to,
    )


async def _referred_to(connection: Connection, published: PublishedLocation, by: Presented) -> Booking | None:
    """Return the booking that a typed reference names, or once named, if it is this operator's."""
    if by.reference is None:
        return None
    ids = await bookings.ids_by_reference(connection, [by.reference])
    found = await bookings.many(connection, list(ids.values())) if ids else {}
    return next((one for one in found.values() if one.cpo_id == owner(published.location.id)), None)


def _bays(published: PublishedLocation, evse: Evse) -> list[tuple[str, bool]]:
    """Return the bays that a charger serves, each with whether it is for booked vehicles only."""
    for_booked = {bay.id: bay.reservation_required for bay in published.location.parking_bays}
    served = dict.fromkeys(link.parking_bay_id for link in evse.parking)
    return [(bay_id, for_booked[bay_id]) for bay_id in served if bay_id in for_booked]


def _booking_only(published: PublishedLocation, evse: Evse) -> bool:
    """Whether nobody charges there without a booking: by policy, by its bays, or as no walk-up place remains."""
    found = [(one, spots(published.location, one.booking_option)) for one in published.booking_locations]
    if mode_of_evse(evse.id, offered_in(found)) is BookingMode.REQUIRED:
        return True
    bays = _bays(published, evse)
    if bays and all(for_booked for _, for_booked in bays):
        return True
    places = [one.ad_hoc for one, at in found if any(spot.evse.id == evse.id for spot in at)]
    return bool(places) and all(left == 0 for left in places)
