"""Random BookingLocations: options of one charger or a group, terms, calendars that clip their timeslots."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

from models.rules.booking_location import BookingLocation, BookingOption, BookingTerms, Calendar, Timeslot
from models.rules.interval import Interval
from models.rules.location import ConnectorFormat, EvsePosition, Location, PowerType
from tests.factories.catalogue import TERMS, UPDATED, an_offer
from tests.search.slow_hours import MINUTE

INCREMENTS = (15, 15, 30, 30, 60, 5, 7, None)
COARSE = 15
"""Minutes; calendars of finer steps are short, because the second opinion looks at every step."""

POWERS = (None, None, 20_000, 100_000, 150_000, 350_000)
CUTS = ((0, 0), (0, 0), (20, 0), (37, 61))
OPTION: Mapping[str, Sequence[Any]] = {
    "evse_uid": ("E1", "e2"),
    "connector_id": ("1", "2"),
    "parking_id": ("B1", "b2"),
    "evse_position": ((EvsePosition.LEFT,), (EvsePosition.LEFT, EvsePosition.CENTER)),
    "vehicle_types": (("RIGID",), ("TRUCK_WITH_TRAILER", "SEMI_TRACTOR")),
    "connector_format": ((ConnectorFormat.CABLE,),),
    "connector_types": (("MCS",), ("MCS", "IEC_62196_T2_COMBO")),
    "power_types": ((PowerType.DC,),),
    "max_vehicle_weight": (40_000, 44_000),
    "max_vehicle_height": (400,),
    "max_vehicle_length": (1650, 1875),
    "max_vehicle_width": (255,),
    "min_parking_space_length": (1650,),
    "min_parking_space_width": (300,),
    "dangerous_goods_allowed": (True, False),
    "drive_through": (True, False),
    "refrigeration_outlet": (True, False),
}


def an_odd_offer(random: Random, day: datetime, location: Location, name: str) -> BookingLocation:
    """Return something that can be booked at a Location."""
    fields = random.sample(sorted(OPTION), random.choice((0, 0, 0, 1, 1, 2)))
    tariffs = random.choice((("BOOK",), ("BOOK",), ("BOOK", "CHARGE"), ()))
    return an_offer(
        location,
        name,
        option=BookingOption(**{field: random.choice(OPTION[field]) for field in fields}),
        booking_terms=random.choice((None, _terms(random), _terms(random))),
        reservation_required=random.randrange(4) == 0,
        calendars=tuple(
            _calendar(random, day, f"C{number}")
            for number in range(0 if random.randrange(12) == 0 else random.choice((1, 1, 2)))
        ),
        tariff_ids=tuple(f"{location.country_code}*{location.party_id}*{one}" for one in tariffs),
    )


def _terms(random: Random) -> BookingTerms:
    return replace(
        TERMS,
        min_booking_duration=random.choice((None, 10, 30, 45)),
        max_booking_duration=random.choice((None, 240, 100, 60, 4000)),
    )


def _calendar(random: Random, day: datetime, name: str) -> Calendar:
    increment = random.choice(INCREMENTS)
    longest = 1440 if increment is not None and increment >= COARSE else 400
    timeslots = tuple(_timeslot(random, day, longest) for _ in range(random.choice((1, 1, 2, 3))))
    if longest == 1440 and random.randrange(12) == 0:
        timeslots = (*timeslots, _long(timeslots[0]))
    covers = Interval(min(one.period.start for one in timeslots), max(one.period.end for one in timeslots))
    first, last = random.choice(CUTS)
    if covers.duration > (first + last) * MINUTE:
        covers = Interval(covers.start + first * MINUTE, covers.end - last * MINUTE)
    return Calendar(name, covers, increment, timeslots, UPDATED)


def _timeslot(random: Random, day: datetime, longest: int) -> Timeslot:
    start = day + random.choice((random.randint(-8 * 60, 26 * 60), random.randint(-8 * 60, 8 * 60))) * MINUTE
    minutes = random.choice((random.randint(10, 90), random.randint(90, longest), longest, longest))
    return Timeslot(
        Interval(start, start + minutes * MINUTE),
        random.choice(POWERS),
        random.choice((*POWERS, None, 0, 1_000_000)),
        random.choice((None, None, True, False)),
    )


def _long(like: Timeslot) -> Timeslot:
    """Return a timeslot that lasts longer than any booking may."""
    return replace(like, period=Interval(like.period.start, like.period.start + 50 * 60 * MINUTE))
