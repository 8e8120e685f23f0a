"""Every mutation of a booking's life where it is granted: what is sent, what else could be, and what is written."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.rules.alternative import Alternative
from models.rules.booking import Booking
from models.rules.booking_location import Confirmation
from models.rules.location import Status
from resolvers import alternatives, evses
from resolvers.evses import StatusReport
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.deciding import proposed
from tests.resolvers.endangered import AT_HERE, AT_OTHERS, HERE, open_sites
from tests.resolvers.lifecycle import E1, booked, change_quoted
from tests.resolvers.quoting import quoted
from tests.resolvers.remote import going_on
from tests.resolvers.trips import BOOKER, granted
from tests.world import World, a_key

Sent = dict[str, Any]
PAIR = a_location("PAIR", chargers={"E1": ["B1"], "E2": ["B2"]}, place=(Decimal(48), Decimal(11)))
AT_PAIR = an_offer(PAIR)
ASKED = an_offer(HERE, "ASKED", confirmation=Confirmation.OPERATOR)
BOOKING = "... on Booking { id reference revision status evse { id } bookingRequests { kind requestStatus } }"
PLATE: Sent = {"licensePlate": "99-ZZ-99"}
UNKNOWN: Sent = {"bookingId": "NL*ABC*7e57ab1e-0000-4000-8000-000000000000"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: `prepare` returns what is sent, `other` makes another input of it.

    `written` counts the rows that are added, less those that are gone, by table, beside the one of the key.
    """

    prepare: Callable[[World], Awaitable[Sent]]
    other: Sent
    written: Mapping[str, int]
    caller: str = "emsp"
    shown: str = BOOKING


def a_period(start: int) -> Sent:
    """Return an hour as it is sent."""
    one = hours(start, start + 1)
    return {"startDateTime": one.start.isoformat(), "endDateTime": one.end.isoformat()}


def a_token(uid: str) -> Sent:
    """Return a driver's token as it is sent."""
    return {"countryCode": "NL", "partyId": "EMS", "uid": uid, "type": "RFID", "contractId": "C1"}


async def open_for_wishes(world: World) -> None:
    """Publish the sites that all of these wishes are about."""
    await open_sites(world, PAIR, AT_PAIR, ASKED)


def of_slot(**more: Any) -> Callable[[World], Awaitable[Sent]]:
    """Return how a free slot is asked for."""

    async def prepare(world: World) -> Sent:
        return {"bookingLocationId": AT_HERE.id, "period": a_period(10), **more}

    return prepare


def of_booking(**more: Any) -> Callable[[World], Awaitable[Sent]]:
    """Return how something is asked of a booking of any charger of two."""

    async def prepare(world: World) -> Sent:
        return {"bookingId": (await booked(world, AT_PAIR)).object_id, **more}

    return prepare


def of_request(**more: Any) -> Callable[[World], Awaitable[Sent]]:
    """Return how something is asked of a booking that waits for its operator."""

    async def prepare(world: World) -> Sent:
        return {"bookingId": (await booked(world, ASKED)).object_id, **more}

    return prepare


def of_proposal(**more: Any) -> Callable[[World], Awaitable[Sent]]:
    """Return how something is asked of a booking for which its operator proposes another hour."""

    async def prepare(world: World) -> Sent:
        one = await proposed(world, await booked(world, AT_HERE), hours(12, 13))
        return {"bookingId": one.object_id, **more}

    return prepare


def of_session(**more: Any) -> Callable[[World], Awaitable[Sent]]:
    """Return how something is asked of a session that goes on."""

    async def prepare(world: World) -> Sent:
        return {"sessionId": (await going_on(world)).object_id, **more}

    return prepare


async def by_quote(world: World) -> Sent:
    """Hold a slot."""
    return {"quoteId": str((await quoted(world, AT_HERE)).id)}


async def by_change_quote(world: World) -> Sent:
    """Hold another hour for a booking."""
    one = await booked(world, AT_HERE)
    return {"quoteId": str((await change_quoted(world, one, period=hours(12, 13))).id)}


async def by_change_quote_of_a_request(world: World) -> Sent:
    """Hold another place for a booking, whose operator is to be asked."""
    one = await booked(world, AT_HERE)
    quote = await change_quoted(world, one, booking_location_id=ASKED.id, period=hours(12, 13))
    return {"quoteId": str(quote.id)}


async def of_move(world: World) -> Sent:
    """Book here, and hold a slot of another operator."""
    one = await booked(world, AT_HERE)
    return {"bookingId": one.object_id, "quoteId": str((await quoted(world, AT_OTHERS)).id)}


async def of_mission(world: World) -> Sent:
    """Hold slots of two operators."""
    held = [await quoted(world, AT_HERE), await quoted(world, AT_OTHERS, period=hours(14, 15))]
    return {"quotes": [{"quoteId": str(one.id)} for one in held]}


async def failed(world: World) -> tuple[Booking, list[Alternative]]:
    """Return a booking whose charger fails, and what is offered in its place: near, and of another operator."""
    one = await booked(world, AT_HERE, evse_id=E1)
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport(E1, Status.OUTOFORDER, None))
    await world.feed.synced()
    await alternatives.offer(await world.call(None))
    return await alternatives.offered(await world.call("emsp"), one.object_id)


async def of_alternative(world: World) -> Sent:
    """Offer a slot near by of the same operator."""
    return {"alternativeId": str((await failed(world))[1][0].id)}


async def of_alternative_elsewhere(world: World) -> Sent:
    """Offer a slot of another operator."""
    return {"alternativeId": str((await failed(world))[1][1].id)}


async def of_renewal(world: World) -> Sent:
    """Let a booking be endangered, and look farther."""
    one, _ = await failed(world)
    return {"bookingId": one.object_id, "withinKm": 15}


async def of_suggestion(world: World) -> Sent:
    """Let a booking be endangered."""
    one, _ = await failed(world)
    return {"bookingId": one.object_id, "bookingLocationId": AT_PAIR.id, "period": a_period(10)}


async def of_mandate(world: World) -> Sent:
    """Give a mandate."""
    return {"mandateId": str((await granted(world)).id)}


def of_nothing(**sent: Any) -> Callable[[World], Awaitable[Sent]]:
    """Return how something is asked for that needs nothing before."""

    async def prepare(world: World) -> Sent:
        return sent

    return prepare


QUOTED = "... on BookingQuoted { quote { id expiresAt } }"
CHANGE_QUOTED = "... on ChangeQuote { quote { id } booking { id revision } expiresAt }"
MANDATE = "... on Mandate { id bookerId contractIds revokedAt }"
WARNED = "... on SessionAlerts { minutesBeforeEnd alerts { kind minutesBefore dueAt } }"
OTHER_HOUR: Sent = {"period": a_period(14)}

NEW = {"booking": 1, "booking_reference": 1, "booking_request": 1}
WISHES: dict[str, Wish] = {
    "bookingQuote": Wish(of_slot(), OTHER_HOUR, {"allocation": 1, "event": 1, "quote": 1}, shown=QUOTED),
    "bookingQuoteRelease": Wish(
        by_quote,
        {"quoteId": UNKNOWN["bookingId"]},
        {"event": 1},
        shown="... on BookingQuoteReleased { quote { outcome } }",
    ),
    "bookingCreate": Wish(by_quote, PLATE, {**NEW, "event": 2}),
    "bookingCreate directly": Wish(of_slot(), PLATE, {**NEW, "allocation": 1, "event": 2}),
    "bookingCreate to be confirmed": Wish(
        of_slot(bookingLocationId=ASKED.id), PLATE, {**NEW, "allocation": 1, "event": 3}
    ),
    "bookingChangeQuote": Wish(
        of_booking(period=a_period(12)), OTHER_HOUR, {"allocation": 1, "event": 1, "quote": 1}, shown=CHANGE_QUOTED
    ),
    "bookingChange": Wish(by_change_quote, PLATE, {"booking_reference": 1, "booking_request": 1, "event": 3}),
    "bookingChange to be confirmed": Wish(by_change_quote_of_a_request, PLATE, {"booking_request": 1, "event": 2}),
    "bookingCancelQuote": Wish(
        of_booking(), UNKNOWN, {"cancel_quote": 1}, shown="... on CancelQuote { id expiresAt }"
    ),
    "bookingCancel": Wish(of_booking(), {"cancellationReason": "TRAFFIC"}, {"booking_request": 1, "event": 2}),
    "bookingCancel by the operator": Wish(
        of_booking(cancellationReason="MAINTENANCE"),
        {"cancellationReason": "FULL"},
        {"booking_request": 1, "alternative": 1, "allocation": 2, "quote": 1, "event": 4},
        caller="cpo",
    ),
    "bookingMove": Wish(of_move, PLATE, {**NEW, "booking_request": 2, "event": 4}),
    "bookingTokensAdd": Wish(
        of_booking(tokens=[a_token("T1")]),
        {"tokens": [a_token("T2")]},
        {"booking_token": 1, "booking_request": 1, "event": 1},
    ),
    "bookingAccept": Wish(of_request(), UNKNOWN, {"event": 1}, caller="cpo"),
    "bookingDecline": Wish(of_request(reason="Full."), {"reason": "Closed."}, {"event": 2}, caller="cpo"),
    "bookingPropose": Wish(
        of_booking(period=a_period(12)),
        OTHER_HOUR,
        {"allocation": 1, "booking_request": 1, "event": 2, "quote": 1},
        caller="cpo",
    ),
    "bookingProposalAccept": Wish(of_proposal(), UNKNOWN, {"booking_reference": 1, "event": 3}),
    "bookingProposalDecline": Wish(of_proposal(reason="Too late."), {"reason": "Too early."}, {"event": 2}),
    "bookingProposalWithdraw": Wish(of_proposal(), UNKNOWN, {"event": 2}, caller="cpo"),
    "bookingReassign": Wish(
        of_booking(), {"evseId": f"{PAIR.id}*E2"}, {"allocation": 1, "booking_request": 1, "event": 2}, caller="cpo"
    ),
    "bookingReveal": Wish(of_booking(), UNKNOWN, {"event": 1}, caller="cpo"),
    "missionBook": Wish(
        of_mission,
        PLATE,
        {"booking": 2, "booking_reference": 2, "booking_request": 2, "event": 4},
        shown="... on MissionBooked { missionId bookings { id } }",
    ),
    "alternativeTake": Wish(of_alternative, PLATE, {"booking_reference": 1, "booking_request": 1, "event": 3}),
    "alternativeTake elsewhere": Wish(
        of_alternative_elsewhere, PLATE, {**NEW, "booking_request": 2, "allocation": 1, "quote": 1, "event": 6}
    ),
    "alternativesRenew": Wish(
        of_renewal,
        {"withinKm": 20},
        {"allocation": 1, "alternative": 2, "event": 3, "quote": 1},
        shown="... on AlternativesRenewed { booking { id } alternatives { id rank heldUntil } }",
    ),
    "alternativesSuggest": Wish(
        of_suggestion, OTHER_HOUR, {"allocation": 1, "alternative": 1, "event": 2, "quote": 1}, caller="cpo"
    ),
    "alternativesPolicySet": Wish(
        of_nothing(withinKm=50),
        {"withinKm": 60},
        {"alternatives_policy": 1},
        caller="cpo",
        shown="... on AlternativesPolicy { withinKm }",
    ),
    "bookingRemindersSet": Wish(
        of_booking(minutesBefore=[60, 15]),
        {"minutesBefore": [30]},
        {"reminder": 2},
        shown="... on BookingReminders { reminders { minutesBefore dueAt } }",
    ),
    "reminderPreferenceSet": Wish(
        of_nothing(minutesBefore=[60]),
        {"minutesBefore": [30]},
        {"reminder_preference": 1},
        shown="... on ReminderPreferences { reminderPreferences { minutesBefore } }",
    ),
    "sessionAlertsSet": Wish(
        of_booking(minutesBeforeEnd=[30, 10]), {"minutesBeforeEnd": [30]}, {"alert_wish": 1}, shown=WARNED
    ),
    "sessionAlertsSet while it goes on": Wish(
        of_session(minutesBeforeEnd=[30, 10], targetStateOfCharge=80),
        {"targetStateOfCharge": 90},
        {"alert_wish": 1, "session_alert": 4, "event": 1},
        shown=WARNED,
    ),
    "mandateGrant": Wish(of_nothing(bookerId=BOOKER), {"contractIds": ["C1"]}, {"mandate": 1}, shown=MANDATE),
    "mandateRevoke": Wish(of_mandate, {"mandateId": UNKNOWN["bookingId"]}, {}, shown=MANDATE),
}
"""By the mutation's name, behind which a word may tell several apart."""
