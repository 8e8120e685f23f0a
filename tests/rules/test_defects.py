"""What makes no sense in what operators publish is named, and what makes sense passes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.rules import defects
from models.rules.booking_location import Calendar, Timeslot
from models.rules.location import EvseParking, ExceptionalPeriod, Location, OpeningTimes, RegularHours
from models.rules.weekly import WeeklyHours
from tests.factories.catalogue import NOW, TERMS, a_location, an_offer, at, hours

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
ONE, OTHER = SITE.evses
PLUG = ONE.connectors[0]
MONDAY = (RegularHours(1, "08:00", "24:00"),)
CALENDAR = Calendar("C1", hours(0, 24), 15, (Timeslot(hours(0, 24), 1, 2),), NOW)
WEEKLY = Calendar("C1", hours(0, 24), 15, (), NOW, WeeklyHours(MONDAY, 14))


def opened(**changes: object) -> Location:
    """Return the site with opening times."""
    return replace(SITE, opening_times=OpeningTimes(**{"twentyfourseven": False, **changes}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (replace(SITE, latitude=Decimal("90.1")), "the latitude is between"),
        (replace(SITE, longitude=Decimal("-180.1")), "the longitude between"),
        (replace(SITE, time_zone="Europe/Nowhere"), "is not an IANA time zone"),
        (replace(SITE, time_zone="../etc/passwd"), "is not an IANA time zone"),
        (replace(SITE, time_zone=""), "is not an IANA time zone"),
        (opened(regular_hours=(RegularHours(0, "08:00", "09:00"),)), "weekday 0 is none"),
        (opened(regular_hours=(RegularHours(1, "08:00", "25:00"),)), "not '25:00'"),
        (opened(exceptional_closings=(ExceptionalPeriod(at(2), at(2)),)), "ends before it begins"),
        (replace(SITE, evses=(ONE, ONE)), "Evse NL*ABC*LOC1*E1 is given twice"),
        (replace(SITE, parking_bays=SITE.parking_bays[:1] * 2, evses=(ONE,)), "B1 is given twice"),
        (replace(SITE, parking_bays=()), "NL*ABC*LOC1*E1 serves NL*ABC*LOC1*B1, which is not among the bays"),
        (replace(SITE, evses=(replace(ONE, connectors=(PLUG, PLUG)),)), "connector of NL*ABC*LOC1*E1"),
        (replace(SITE, evses=(replace(ONE, connectors=(replace(PLUG, max_amperage=-1),)),)), "negative"),
        (replace(SITE, evses=(replace(ONE, parking=(EvseParking("NL*ABC*LOC1*B1", None),) * 2),)), "bay of"),
    ],
)
def test_what_is_wrong_with_a_location_is_named(wrong: Location, what: str) -> None:
    (found,) = defects.of_location(wrong) if what[:10] != "NL*ABC*LOC" else list(defects.of_location(wrong))[:1]

    assert what in found


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (replace(CALENDAR, timeslot_increment=0), "is 1 minute at least"),
        (replace(CALENDAR, available_timeslots=(Timeslot(hours(0, 1), 3, 2),)), "guarantees 3 W"),
        (replace(WEEKLY, available_timeslots=CALENDAR.available_timeslots), "give one of them"),
        (replace(WEEKLY, weekly_hours=WeeklyHours((), 14)), "names no weekly hours"),
        (replace(WEEKLY, weekly_hours=WeeklyHours(MONDAY, 0)), "is 1 to 190 days"),
        (replace(WEEKLY, weekly_hours=WeeklyHours(MONDAY, 191)), "is 1 to 190 days"),
        (replace(WEEKLY, weekly_hours=WeeklyHours(MONDAY, 14, 3, 2)), "guarantees 3 W"),
        (replace(WEEKLY, weekly_hours=WeeklyHours((RegularHours(1, "x", "24:00"),), 14)), "not 'x'"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_named(wrong: Calendar, what: str) -> None:
    (found,) = defects.of_calendar(wrong)
    assert what in found
    assert list(defects.of_booking_location(an_offer(SITE, calendars=(wrong,)))) == [found]


def test_what_is_wrong_with_an_offer_is_named() -> None:
    backwards = replace(TERMS, min_booking_duration=60, max_booking_duration=30)

    assert list(defects.of_booking_location(an_offer(SITE, terms=backwards))) == [
        "the longest booking is shorter than the shortest one"
    ]
    twice = an_offer(SITE, calendars=(CALENDAR, replace(CALENDAR, id="c1")))
    assert list(defects.of_booking_location(twice)) == ["calendar C1 is given twice"]


def test_what_makes_sense_has_no_defect() -> None:
    sound = opened(regular_hours=MONDAY, exceptional_openings=(ExceptionalPeriod(at(1), at(2)),))

    assert [*defects.of_location(SITE), *defects.of_location(sound)] == []
    assert list(defects.of_booking_location(an_offer(SITE, calendars=(CALENDAR, replace(WEEKLY, id="C2"))))) == []
