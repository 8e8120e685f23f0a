"""BookingLocations on the wire: what a whole one becomes, and what is said about a wrong one."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from models.rules.booking_location import (
    AccessMethod,
    BookingLocation,
    BookingOption,
    BookingTerms,
    Calendar,
    Confirmation,
    Timeslot,
)
from models.rules.interval import Interval
from models.rules.location import ConnectorFormat, EvsePosition, PowerType
from server.ocpi.booking_locations import OcpiBookingLocation
from server.ocpi.kinds import Kind
from tests.server.ocpi_documents import booking_location, calendar, complaints, terms, timeslot

UPDATED = datetime(2026, 11, 1, 8, tzinfo=UTC)

IN_MINUTES = (
    "change_until_minutes",
    "cancel_until_minutes",
    "early_start_time",
    "noshow_timeout",
    "late_stop_time",
    "min_booking_duration",
    "max_booking_duration",
)


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, number, hour, tzinfo=UTC)


def test_the_least_booking_location_becomes_a_value_that_confirms_at_once() -> None:
    assert OcpiBookingLocation.model_validate(booking_location()).to_domain() == BookingLocation(
        id="NL*ABC*B1",
        country_code="NL",
        party_id="ABC",
        ocpi_id="B1",
        location_id="NL*ABC*L1",
        booking_option=BookingOption(),
        reservation_required=False,
        ad_hoc=None,
        tariff_ids=(),
        booking_terms=None,
        calendars=(),
        last_updated=UPDATED,
        confirmation=Confirmation.INSTANT,
        withdrawn=False,
    )


def test_every_field_of_a_booking_location_arrives() -> None:
    raw = booking_location(
        booking_option={
            "evse_uid": "e1",
            "connector_id": "1",
            "parking_id": "b1",
            "evse_position": ["LEFT", "CENTER"],
            "vehicle_types": ["RIGID", "ROAD_TRAIN"],
            "connector_format": ["CABLE"],
            "connector_types": ["MCS"],
            "power_types": ["DC"],
            "max_vehicle_weight": 40000,
            "max_vehicle_height": 400,
            "max_vehicle_length": Decimal("1875.5"),
            "max_vehicle_width": 255,
            "min_parking_space_length": 2000,
            "min_parking_space_width": 350,
            "dangerous_goods_allowed": True,
            "drive_through": False,
            "refrigeration_outlet": True,
        },
        policy={"reservation_required": True, "ad_hoc": 2},
        tariff_ids=["charge", "book", "BOOK"],
        booking_terms={
            "rfid_auth_required": True,
            "token_groups_supported": False,
            "remote_auth_supported": True,
            "supported_access_methods": ["TOKEN", "LICENSE_PLATE"],
            "change_until_minutes": 60,
            "cancel_until_minutes": Decimal("30.5"),
            "change_not_allowed": False,
            "early_start_allowed": True,
            "early_start_time": 15,
            "noshow_timeout": 30,
            "noshow_fee": True,
            "late_stop_allowed": True,
            "late_stop_time": 5,
            "overlapping_bookings_allowed": False,
            "min_booking_duration": 15,
            "max_booking_duration": 240,
            "booking_terms": "https://example.com/terms",
        },
        calendars=[
            calendar(
                timeslot_increment=15,
                available_timeslots=[
                    timeslot(min_power=Decimal("350000.0"), max_power=1_000_000, green_energy_support=True),
                    timeslot(start_date_time="2026-10-01T00:00:00Z", end_date_time="2027-01-01T00:00:00Z"),
                ],
            ),
            calendar(id="c2", available_timeslots=[]),
        ],
    )

    assert OcpiBookingLocation.model_validate(raw).to_domain() == BookingLocation(
        id="NL*ABC*B1",
        country_code="NL",
        party_id="ABC",
        ocpi_id="B1",
        location_id="NL*ABC*L1",
        booking_option=BookingOption(
            evse_uid="e1",
            connector_id="1",
            parking_id="b1",
            evse_position=(EvsePosition.LEFT, EvsePosition.CENTER),
            vehicle_types=("RIGID", "ROAD_TRAIN"),
            connector_format=(ConnectorFormat.CABLE,),
            connector_types=("MCS",),
            power_types=(PowerType.DC,),
            max_vehicle_weight=40000,
            max_vehicle_height=400,
            max_vehicle_length=1875,
            max_vehicle_width=255,
            min_parking_space_length=2000,
            min_parking_space_width=350,
            dangerous_goods_allowed=True,
            drive_through=False,
            refrigeration_outlet=True,
        ),
        reservation_required=True,
        ad_hoc=2,
        tariff_ids=("NL*ABC*CHARGE", "NL*ABC*BOOK"),
        booking_terms=BookingTerms(
            supported_access_methods=(AccessMethod.TOKEN, AccessMethod.LICENSE_PLATE),
            change_until_minutes=60,
            cancel_until_minutes=31,
            rfid_auth_required=True,
            token_groups_supported=False,
            remote_auth_supported=True,
            change_not_allowed=False,
            early_start_allowed=True,
            early_start_time=15,
            noshow_timeout=30,
            noshow_fee=True,
            late_stop_allowed=True,
            late_stop_time=5,
            overlapping_bookings_allowed=False,
            min_booking_duration=15,
            max_booking_duration=240,
            booking_terms="https://example.com/terms",
        ),
        calendars=(
            Calendar(
                id="c1",
                covers=Interval(day(1), datetime(2026, 12, 1, tzinfo=UTC)),
                timeslot_increment=15,
                available_timeslots=(
                    Timeslot(Interval(day(2), day(2, 12)), 350_000, 1_000_000, green_energy_support=True),
                    Timeslot(Interval(datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))),
                ),
                last_updated=UPDATED,
            ),
            Calendar(
                id="c2",
                covers=Interval(day(1), datetime(2026, 12, 1, tzinfo=UTC)),
                timeslot_increment=None,
                available_timeslots=(),
                last_updated=UPDATED,
            ),
        ),
        last_updated=UPDATED,
    )


def test_a_charger_that_is_not_assigned_yet_is_none() -> None:
    raw = booking_location(booking_option={"evse_uid": "#NA", "connector_id": "#NA", "parking_id": "#NA"})

    assert OcpiBookingLocation.model_validate(raw).to_domain().booking_option == BookingOption()


@pytest.mark.parametrize(
    ("changes", "path", "reason"),
    [
        (
            {"booking_option": {"formats": ["SOCKET"]}},
            "$.booking_option.formats",
            "formats is not a field of BookingOption; connector_format is",
        ),
        ({"calenders": []}, "$.calenders", "calenders is not a field of BookingLocation; calendars is"),
        (
            {"bookable_parking_options": []},
            "$.bookable_parking_options",
            "bookable_parking_options is not a field of BookingLocation; booking_option is",
        ),
        ({"evse_uid": "1"}, "$.evse_uid", "evse_uid is not a field of BookingLocation; booking_option.evse_uid is"),
        (
            {"booking_option": {"evse_position": "LEFT"}},
            "$.booking_option.evse_position",
            'a list is wanted, not "LEFT"',
        ),
        (
            {"booking_option": {"power_types": ["AC"]}},
            "$.booking_option.power_types[0]",
            '"AC" is not one of AC_1_PHASE, AC_2_PHASE, AC_2_PHASE_SPLIT, AC_3_PHASE, DC',
        ),
        (
            {"calendars": [calendar(available_timeslots=[timeslot(**{"max_power ": 5})])]},
            '$.calendars[0].available_timeslots[0]["max_power "]',
            'the key has blanks around it; write "max_power"',
        ),
        (
            {"calendars": [calendar(), calendar(id="C1")]},
            "$.calendars[1].id",
            '"C1" is already the id of calendars[0]',
        ),
        (
            {"calendars": [calendar(end_before="2026-11-01T00:00:00Z")]},
            "$.calendars[0].end_before",
            "2026-11-01T00:00:00+00:00 does not come after the start, 2026-11-01T00:00:00+00:00",
        ),
        (
            {
                "calendars": [
                    calendar(available_timeslots=[timeslot(), timeslot(end_date_time="2026-11-01T23:00:00Z")])
                ]
            },
            "$.calendars[0].available_timeslots[1].end_date_time",
            "2026-11-01T23:00:00+00:00 does not come after the start, 2026-11-02T00:00:00+00:00",
        ),
        (
            {"calendars": [calendar(available_timeslots=[timeslot(min_power=2, max_power=1)])]},
            "$.calendars[0].available_timeslots[0].min_power",
            "2 W is above max_power, 1 W",
        ),
        (
            {"calendars": [calendar(timeslot_increment=0)]},
            "$.calendars[0].timeslot_increment",
            "0 must lie from 1 to 2147483647",
        ),
        (
            {"calendars": [calendar(step_size=15)]},
            "$.calendars[0].step_size",
            "step_size is not a field of Calendar; timeslot_increment is",
        ),
        (
            {"booking_terms": terms(supported_access_methods=[])},
            "$.booking_terms.supported_access_methods",
            "empty; at least one is required",
        ),
        (
            {"booking_terms": terms(min_booking_duration=60, max_booking_duration=30)},
            "$.booking_terms.max_booking_duration",
            "30 minutes is shorter than the shortest booking, 60",
        ),
        ({"booking_terms": {}}, "$.booking_terms.supported_access_methods", "missing"),
        *[
            (
                {"booking_terms": terms(**{name: Decimal("525600.5")})},
                f"$.booking_terms.{name}",
                "525600.5 must lie from 0 to 525600",
            )
            for name in IN_MINUTES
        ],
    ],
)
def test_a_defect_is_told_with_its_place(changes: dict[str, object], path: str, reason: str) -> None:
    assert complaints(Kind.BOOKING_LOCATION, booking_location(**changes))[0] == (path, reason)


def test_one_defect_does_not_hide_the_others() -> None:
    raw = booking_location(
        booking_option={"formats": ["SOCKET"], "evse_position": "LEFT"},
        calendars=[calendar(end_before="2026-11-23T23:59:99Z"), calendar()],
    )

    assert sorted(complaints(Kind.BOOKING_LOCATION, raw)) == [
        ("$.booking_option.evse_position", 'a list is wanted, not "LEFT"'),
        ("$.booking_option.formats", "formats is not a field of BookingOption; connector_format is"),
        (
            "$.calendars[0].end_before",
            '"2026-11-23T23:59:99Z" has 99 seconds; a minute has 60, from 00 to 59',
        ),
        ("$.calendars[1].id", '"c1" is already the id of calendars[0]'),
    ]


def test_a_booking_location_must_say_what_can_be_booked() -> None:
    raw = booking_location()
    del raw["booking_option"]

    assert complaints(Kind.BOOKING_LOCATION, raw) == [("$.booking_option", "missing")]
