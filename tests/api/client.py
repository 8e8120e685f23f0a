"""Finding, booking and canceling through the contract, as one navigation app and one provider do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.rules.booking_location import BookingLocation
from models.rules.interval import Interval
from tests.api.random_sites import Broken, Site
from tests.world import World, a_key

FIND = """
query ($input: CorridorAvailabilityInput!) {
  corridorAvailability(input: $input) {
    edges { node {
      location { id }
      bookingLocations { bookingLocation { id } timeslots { startDateTime endDateTime available } }
    } }
  }
}
"""
BOOK = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) { __typename ... on Booking { id } ... on Problem { message } }
}
"""
CANCEL = """
mutation ($input: BookingCancelInput!) {
  bookingCancel(input: $input) { __typename ... on Problem { message } }
}
"""
REPORT = """
mutation ($input: EvseStatusReportInput!) {
  evseStatusReport(input: $input) { __typename ... on Problem { message } }
}
"""
NOT_FREE = {"SlotTaken", "OutsideCalendar", "ChargerUnusable", "DoesNotFit"}


@dataclass(frozen=True)
class Shown:
    """A free window that a search showed, and how many bookings of all of it are said to fit."""

    period: Interval
    available: int


class Client:
    """What is done at one site, each answer checked for errors."""

    def __init__(self, world: World, site: Site) -> None:
        """Take a world in which the site is published."""
        self.world = world
        self.site = site

    async def find(self) -> dict[str, list[Shown]]:
        """Return what is shown, by the id of what can be booked."""
        asked = self.site.asked
        wanted = {
            "route": {"coordinates": self.site.route},
            "widthKm": 1.0,
            "window": _period(asked.window),
            "minutesNeeded": asked.minutes_needed,
            **asked.demand,
        }
        answer = await self.world.execute("nsp", FIND, input=wanted)
        assert answer.errors == []
        places = [edge["node"] for edge in answer.data["corridorAvailability"]["edges"]]
        assert {place["location"]["id"] for place in places} <= {self.site.location.id}
        return {
            one["bookingLocation"]["id"]: [_shown(slot) for slot in one["timeslots"]]
            for place in places
            for one in place["bookingLocations"]
        }

    async def book(self, offer: BookingLocation, period: Interval, evse_id: str | None = None) -> str | None:
        """Return the id of the booking that was made, or None if it was not free."""
        wanted = {
            "idempotencyKey": a_key(),
            "bookingLocationId": offer.id,
            "period": _period(period),
            "evseId": evse_id,
            **self.site.asked.demand,
        }
        answer = await self.world.execute("emsp", BOOK, input=wanted)
        assert answer.errors == []
        came = answer.data["bookingCreate"]
        if came["__typename"] == "Booking":
            made: str = came["id"]
            return made
        assert came["__typename"] in NOT_FREE or evse_id, came
        return None

    async def book_all(self, offer: BookingLocation, period: Interval) -> list[str]:
        """Book the same again and again until it is refused, and return the ids."""
        made: list[str] = []
        while one := await self.book(offer, period):
            made.append(one)
        return made

    async def cancel(self, booking_ids: Sequence[str]) -> None:
        """Cancel bookings."""
        for booking_id in booking_ids:
            wanted = {"idempotencyKey": a_key(), "bookingId": booking_id}
            answer = await self.world.execute("emsp", CANCEL, input=wanted)
            assert (answer.errors, answer.data) == ([], {"bookingCancel": {"__typename": "Booking"}})

    async def report(self, broken: Broken) -> None:
        """Report a charger as broken."""
        wanted = {
            "idempotencyKey": a_key(),
            "evseId": broken.evse_id,
            "status": broken.status.value,
            "fault": {"expectedEnd": _moment(broken.expected_end)} if broken.expected_end else None,
        }
        answer = await self.world.execute("cpo", REPORT, input=wanted)
        assert (answer.errors, answer.data) == ([], {"evseStatusReport": {"__typename": "Evse"}})


def _shown(slot: dict[str, object]) -> Shown:
    start, end = (datetime.fromisoformat(str(slot[name])) for name in ("startDateTime", "endDateTime"))
    assert isinstance(slot["available"], int)
    return Shown(Interval(start, end), slot["available"])


def _period(period: Interval) -> dict[str, str]:
    return {"startDateTime": _moment(period.start), "endDateTime": _moment(period.end)}


def _moment(moment: datetime) -> str:
    return moment.isoformat()
