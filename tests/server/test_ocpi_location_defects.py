"""What is said about a Location that is wrong."""

import pytest

from server.ocpi.kinds import Kind
from tests.server.ocpi_documents import bay, complaints, connector, evse, location


def test_everything_that_is_missing_is_listed() -> None:
    assert complaints(Kind.LOCATION, {"id": "L1", "evses": [{"uid": "1"}]}) == [
        ("$.country_code", "missing"),
        ("$.party_id", "missing"),
        ("$.last_updated", "missing"),
        ("$.publish", "missing"),
        ("$.address", "missing"),
        ("$.city", "missing"),
        ("$.country", "missing"),
        ("$.coordinates", "missing"),
        ("$.evses[0].status", "missing"),
        ("$.evses[0].connectors", "missing"),
        ("$.evses[0].last_updated", "missing"),
        ("$.time_zone", "missing"),
    ]


@pytest.mark.parametrize(
    ("changes", "path", "reason"),
    [
        ({"country_code": "NLD"}, "$.country_code", '"NLD" is not a code of 2 letters'),
        ({"party_id": "ABCD"}, "$.party_id", '"ABCD" is not a party id of up to 3 letters and digits'),
        ({"publish": "yes"}, "$.publish", 'true or false is wanted, not "yes"'),
        ({"publish": 1}, "$.publish", "true or false is wanted, not 1"),
        ({"address": "x" * 256}, "$.address", f'"{"x" * 56}... has 256 characters; 255 are allowed'),
        ({"time_zone": "Amsterdam"}, "$.time_zone", '"Amsterdam" is not an IANA time zone such as Europe/Berlin'),
        ({"coordinates": ["51.9", "4.0"]}, "$.coordinates", "an object is wanted, not a list"),
        (
            {"coordinates": {"latitude": "151.9525", "longitude": "4.0"}},
            "$.coordinates.latitude",
            "151.9525 is off the globe; it must lie from -90 to 90",
        ),
        ({"evses": {"uid": "1"}}, "$.evses", "a list is wanted, not an object"),
        ({"evses": [evse(connectors=[])]}, "$.evses[0].connectors", "empty; at least one is required"),
        (
            {"evses": [evse(connectors=[connector(power_type="AC")])]},
            "$.evses[0].connectors[0].power_type",
            '"AC" is not one of AC_1_PHASE, AC_2_PHASE, AC_2_PHASE_SPLIT, AC_3_PHASE, DC',
        ),
        (
            {"evses": [evse(connectors=[connector(), connector(id="x"), connector(id="X")])]},
            "$.evses[0].connectors[2].id",
            '"X" is already the id of connectors[1]',
        ),
        ({"evses": [evse(uid="e"), evse(uid="E")]}, "$.evses[1].uid", '"E" is already the uid of evses[0]'),
        (
            {"evses": [evse(physical_reference=3)]},
            "$.evses[0].physical_reference",
            "a string is wanted, not 3",
        ),
        (
            {"parking_places": [bay(), bay(id="B1")]},
            "$.parking_places[1].id",
            '"B1" is already the id of parking_places[0]',
        ),
        (
            {"parking_places": [bay(vehicle_types=[])]},
            "$.parking_places[0].vehicle_types",
            "empty; at least one is required",
        ),
        (
            {"evses": [evse(parking=["b1"])], "parking_places": [bay()]},
            "$.evses[0].parking[0]",
            'an object such as {"parking_id": "b1"} is wanted, not a bare id',
        ),
        (
            {"evses": [evse(parking=[{"parking_id": "b1"}, {"parking_id": "b9"}])], "parking_places": [bay()]},
            "$.evses[0].parking[1].parking_id",
            "there is no bay b9 in parking_places",
        ),
        (
            {"evses": [evse(parking=[{"parking_id": "b1"}, {"parking_id": "B1"}])], "parking_places": [bay()]},
            "$.evses[0].parking[1].parking_id",
            '"B1" is already the parking_id of parking[0]',
        ),
        (
            {
                "opening_times": {
                    "twentyfourseven": False,
                    "regular_hours": [{"weekday": 5, "period_begin": "22:00", "period_end": "06:00"}],
                }
            },
            "$.opening_times.regular_hours[0].period_end",
            "06:00 is not after 22:00; an opening past midnight takes two rows",
        ),
        (
            {
                "opening_times": {
                    "twentyfourseven": True,
                    "exceptional_closings": [
                        {"period_begin": "2026-12-25T00:00:00Z", "period_end": "2026-12-25T00:00:00Z"}
                    ],
                }
            },
            "$.opening_times.exceptional_closings[0].period_end",
            "2026-12-25T00:00:00+00:00 does not come after the start, 2026-12-25T00:00:00+00:00",
        ),
        (
            {"publish_allowed_to": [{}]},
            "$.publish_allowed_to[0]",
            "names no token; uid, visual_number or group_id is required",
        ),
        ({"publish_allowed_to": [{"uid": "1"}]}, "$.publish_allowed_to[0].type", "missing, though uid is given"),
        (
            {"publish_allowed_to": [{"visual_number": "1"}]},
            "$.publish_allowed_to[0].issuer",
            "missing, though visual_number is given",
        ),
        ({"city ": "Rotterdam"}, '$["city "]', 'the key has blanks around it; write "city"'),
    ],
)
def test_a_defect_is_told_with_its_place(changes: dict[str, object], path: str, reason: str) -> None:
    assert complaints(Kind.LOCATION, location(**changes)) == [(path, reason)]


@pytest.mark.parametrize("raw", [None, 3, "text", ["list"]])
def test_what_is_no_object_is_refused(raw: object) -> None:
    ((path, reason),) = complaints(Kind.LOCATION, raw)

    assert (path, reason.startswith("an object is wanted, not ")) == ("$", True)
