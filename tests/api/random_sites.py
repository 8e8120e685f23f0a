"""Random small sites: chargers that share bays, calendars that clip their timeslots, faults and demands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import strategies as st

from models.rules.booking_location import BookingLocation, BookingOption, Calendar, Timeslot
from models.rules.identity import part_id
from models.rules.interval import Interval
from models.rules.location import Connector, Evse, Location, Status
from tests.factories.catalogue import TERMS, UPDATED, a_location, an_evse, an_offer, at

MIDNIGHT = at(0)
BAYS = ("B1", "B2", "B3")
INCREMENTS = (None, 5, 10, 15, 20, 30, 60)
POWERS = (None, None, None, None, 180_000, 300_000)
CCS = "IEC_62196_T2_COMBO"
OPTIONS = (
    BookingOption(),
    BookingOption(),
    BookingOption(evse_uid="E1"),
    BookingOption(parking_id="B1"),
    BookingOption(connector_types=("MCS",)),
)
WHOLE = Interval(MIDNIGHT - timedelta(hours=1), MIDNIGHT + timedelta(hours=48))
_numbers = count()


@dataclass(frozen=True)
class Broken:
    """That a charger is out of order, until when if its operator expects an end."""

    evse_id: str
    status: Status
    expected_end: datetime | None


@dataclass(frozen=True)
class Asked:
    """What a search asks for, and a booking after it."""

    window: Interval
    minutes_needed: int | None
    connector_type: str | None
    min_power: int | None

    @property
    def demand(self) -> dict[str, object]:
        """What search and booking write alike."""
        return {"connectorType": self.connector_type, "minPower": self.min_power}


@dataclass(frozen=True)
class Site:
    """A Location with what can be booked there, what breaks, what is asked, and when."""

    location: Location
    offers: Sequence[BookingLocation]
    broken: Sequence[Broken]
    asked: Asked
    now: datetime

    @property
    def route(self) -> list[dict[str, float]]:
        """A short road past this site and no other."""
        latitude, longitude = float(self.location.latitude), float(self.location.longitude)
        return [{"latitude": latitude, "longitude": longitude + shift} for shift in (-0.01, 0.01)]


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Draw a site with an id and a place of its own."""
    number = next(_numbers)
    served = {
        f"E{charger}": draw(st.lists(st.sampled_from(BAYS), unique=True, max_size=3))
        for charger in range(1, draw(st.integers(1, 4)) + 1)
    }
    place = (Decimal(30 + number // 200), Decimal(number % 200) / 10)
    plain = a_location(f"S{number}", chargers=dict(served), place=place)
    location = replace(plain, evses=tuple(draw(_chargers(one)) for one in plain.evses))
    offers = tuple(
        draw(_offers(location, name, option))
        for name, option in zip("AB", draw(st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=2)), strict=False)
    )
    broken = tuple(draw(_broken(one)) for one in location.evses if draw(st.sampled_from((False, False, True))))
    return Site(location, offers, broken, draw(_asked()), draw(_moments(0, 8)))


@st.composite
def _chargers(draw: st.DrawFn, plain: Evse) -> Evse:
    """Draw the plugs of a charger: MCS, CCS or both."""
    (mcs,) = an_evse("X", "Y", power=400_000).connectors
    plugs = draw(st.sampled_from([(mcs, _ccs(mcs)), (mcs,), (_ccs(mcs), mcs), (_ccs(mcs),)]))
    named = (
        replace(plug, id=part_id(plain.id, str(number)), ocpi_id=str(number))
        for number, plug in enumerate(plugs, start=1)
    )
    return replace(plain, connectors=tuple(named))


def _ccs(mcs: Connector) -> Connector:
    return replace(mcs, standard=CCS, max_electric_power=250_000)


@st.composite
def _offers(draw: st.DrawFn, location: Location, name: str, option: BookingOption) -> BookingLocation:
    terms = replace(
        TERMS,
        cancel_until_minutes=0,
        min_booking_duration=draw(st.sampled_from((None, 10, 30, 45))),
        max_booking_duration=draw(st.sampled_from((None, 240, 100, 60))),
    )
    calendars = [draw(_calendars(f"C{number}")) for number in range(1, draw(st.integers(1, 2)) + 1)]
    return an_offer(location, name, option=option, terms=terms, calendars=tuple(calendars), tariff_ids=())


@st.composite
def _calendars(draw: st.DrawFn, name: str) -> Calendar:
    """Draw a calendar of some timeslots, that may end them sooner than they say."""
    timeslots = tuple(draw(st.lists(_timeslots(), min_size=1, max_size=3)))
    covers = Interval(min(one.period.start for one in timeslots), max(one.period.end for one in timeslots))
    cut = [timedelta(minutes=draw(st.integers(0, 120))) for _ in range(2)] if draw(st.booleans()) else []
    if cut and covers.duration > sum(cut, timedelta(0)):
        covers = Interval(covers.start + cut[0], covers.end - cut[1])
    return Calendar(name, covers, draw(st.sampled_from(INCREMENTS)), timeslots, UPDATED)


@st.composite
def _timeslots(draw: st.DrawFn) -> Timeslot:
    start = draw(_moments(8, 16) | _moments(0, 26))
    period = Interval(start, start + timedelta(minutes=draw(st.integers(90, 900) | st.integers(10, 90))))
    return Timeslot(period, 100_000, draw(st.sampled_from((None, 200_000, 400_000))), None)


@st.composite
def _broken(draw: st.DrawFn, evse: Evse) -> Broken:
    status = draw(st.sampled_from([Status.INOPERATIVE, Status.OUTOFORDER, Status.BLOCKED, Status.UNKNOWN]))
    return Broken(evse.id, status, draw(st.none() | _moments(13, 18) | _moments(18, 30)))


@st.composite
def _asked(draw: st.DrawFn) -> Asked:
    start = draw(_moments(0, 12))
    narrow = Interval(start, start + timedelta(minutes=draw(st.integers(240, 1200))))
    return Asked(
        draw(st.sampled_from((WHOLE, WHOLE, narrow))),
        draw(st.sampled_from((None, None, 20, 45))),
        draw(st.sampled_from((None, None, None, None, "MCS", CCS))),
        draw(st.sampled_from(POWERS)),
    )


def _moments(first: int, last: int) -> st.SearchStrategy[datetime]:
    """Return any minute between two hours after midnight."""
    return st.integers(first * 60, last * 60).map(lambda minute: MIDNIGHT + timedelta(minutes=minute))
