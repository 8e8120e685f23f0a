"""The demo network: enough real places along the corridor, documents that hold together, and its promised sites."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any

import pytest

from server.demo.network import (
    SHARED_BAY_BOOKING_LOCATION,
    SHARED_BAY_LOCATION,
    SHOWCASE_BOOKING_LOCATION,
    SHOWCASE_LOCATION,
    Documents,
    documents,
)
from server.demo.operators import OPERATORS
from server.demo.places import PLACES

NOW = datetime(2027, 3, 20, 14, 30, tzinfo=UTC)
"""A Saturday eight days before the clocks go forward."""

NETWORK = documents(NOW)


def id_of(item: dict[str, Any], name: str = "id") -> str:
    return f"{item['country_code']}*{item['party_id']}*{item[name]}"


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


LOCATIONS = {id_of(location): location for location in NETWORK.locations}
OFFERS = {id_of(offer): offer for offer in NETWORK.booking_locations}
TARIFFS = {id_of(tariff): tariff for tariff in NETWORK.tariffs}


def satisfying(offer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the chargers of the offer's site that its option allows."""
    site, option = LOCATIONS[id_of(offer, "location_id")], offer["booking_option"]
    if "evse_uid" in option:
        return [evse for evse in site["evses"] if evse["uid"] == option["evse_uid"]]
    bays = {bay["id"]: set(bay["vehicle_types"]) for bay in site["parking_places"]}
    return [
        evse
        for evse in site["evses"]
        if evse["connectors"][0]["standard"] in option["connector_types"]
        and all(set(option["vehicle_types"]) <= bays[link["parking_id"]] for link in evse.get("parking", []))
    ]


def test_there_are_sixty_places_and_more_in_five_countries() -> None:
    assert len({place.slug for place in PLACES}) == len(PLACES) >= 60
    assert {place.country for place in PLACES} == {"NLD", "DEU", "FRA", "CHE", "ITA"}
    assert len({(place.latitude, place.longitude) for place in PLACES}) == len(PLACES)


def test_every_place_lies_in_the_corridor_and_the_next_is_never_far() -> None:
    assert all(43.5 < place.latitude < 53 and 3 < place.longitude < 11 for place in PLACES)

    northwards = sorted((place.latitude, place.longitude) for place in PLACES)
    for (south, _), (north, _) in pairwise(northwards):
        assert (north - south) * 111 < 60
    for one in northwards:
        nearest = min(
            hypot((one[0] - other[0]) * 111, (one[1] - other[1]) * 111 * cos(radians(one[0])))
            for other in northwards
            if other != one
        )
        assert nearest < 60


def test_ids_are_unique_and_short_enough_for_the_standard() -> None:
    uids = [id_of(site | {"uid": evse["uid"]}, "uid") for site in NETWORK.locations for evse in site["evses"]]

    assert len(LOCATIONS) == len(NETWORK.locations)
    assert len(OFFERS) == len(NETWORK.booking_locations)
    assert len(TARIFFS) == len(NETWORK.tariffs)
    assert len(uids) == len({uid.upper() for uid in uids})
    for site in NETWORK.locations:
        bays = [bay["id"] for bay in site["parking_places"]]
        assert len(bays) == len(set(bays))
    assert all(len(key.split("*", 2)[2]) <= 36 for key in (*LOCATIONS, *OFFERS, *TARIFFS, *uids))


def test_every_reference_leads_to_an_object_of_the_same_operator() -> None:
    parties = {operator.id for operator in OPERATORS}
    assert {key.rsplit("*", 1)[0] for key in (*LOCATIONS, *OFFERS, *TARIFFS)} == parties

    for site in NETWORK.locations:
        bays = {bay["id"] for bay in site["parking_places"]}
        for evse in site["evses"]:
            assert {link["parking_id"] for link in evse.get("parking", [])} <= bays
            for tariff in evse["connectors"][0]["tariff_ids"]:
                assert id_of(site | {"tariff": tariff}, "tariff") in TARIFFS
    for offer in NETWORK.booking_locations:
        assert id_of(offer, "location_id") in LOCATIONS
        assert all(id_of(offer | {"tariff": tariff}, "tariff") in TARIFFS for tariff in offer["tariff_ids"])
        option = offer["booking_option"]
        if "evse_uid" in option:
            (evse,) = satisfying(offer)
            assert evse["parking"][0]["parking_id"] == option["parking_id"]
            assert evse["connectors"][0]["id"] == option["connector_id"]


def test_a_group_is_of_two_to_eight_chargers_that_can_give_what_its_calendar_says() -> None:
    for offer in NETWORK.booking_locations:
        chargers = satisfying(offer)
        powers = [evse["connectors"][0]["max_electric_power"] for evse in chargers]
        assert len(chargers) == 1 if "evse_uid" in offer["booking_option"] else 2 <= len(chargers) <= 8
        for slot in offer["calendars"][0]["available_timeslots"]:
            assert 0 < slot["min_power"] <= min(powers)
            assert slot["max_power"] == max(powers)


def test_every_calendar_reaches_from_midnight_sixty_days_ahead_and_offers_time_soon() -> None:
    for offer in NETWORK.booking_locations:
        for calendar in offer["calendars"]:
            begin, end = moment(calendar["begin_from"]), moment(calendar["end_before"])
            slots = [
                (moment(slot["start_date_time"]), moment(slot["end_date_time"]))
                for slot in calendar["available_timeslots"]
            ]
            assert begin == datetime(2027, 3, 20, tzinfo=UTC)
            assert end == begin + timedelta(days=60)
            assert begin <= NOW + timedelta(days=1) < end
            assert all(begin <= opens < shuts <= end for opens, shuts in slots)
            assert all(earlier[1] <= later[0] for earlier, later in pairwise(slots))
            assert any(opens < NOW + timedelta(days=2) < shuts + timedelta(days=1) for opens, shuts in slots)
            least = timedelta(minutes=offer["booking_terms"]["min_booking_duration"])
            assert least % timedelta(minutes=calendar["timeslot_increment"]) == timedelta(0)


def test_daily_windows_keep_to_the_local_clock_when_it_changes() -> None:
    slots = OFFERS["DE*DEM*MAHLBERG-CCS"]["calendars"][0]["available_timeslots"]
    starts = {slot["start_date_time"][:10]: slot["start_date_time"][11:16] for slot in slots}

    assert starts["2027-03-27"] == "05:00"
    assert starts["2027-03-28"] == "04:00"
    assert 59 <= len(slots) <= 60


def test_opening_hours_are_rows_that_end_later_than_they_begin() -> None:
    rows = [row for site in NETWORK.locations for row in site["opening_times"].get("regular_hours", [])]

    assert rows
    for row in rows:
        assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", row["period_end"])
        assert row["period_begin"] < row["period_end"]
    overnight = LOCATIONS["NL*DMN*PARK15"]["opening_times"]["regular_hours"]
    assert [row["period_begin"] for row in overnight[:2]] == ["00:00", "18:00"]


def test_nothing_can_be_booked_while_a_site_is_closed_exceptionally() -> None:
    (closing,) = LOCATIONS["NL*DMN*LOKKANT"]["opening_times"]["exceptional_closings"]
    before, after = OFFERS["NL*DMN*LOKKANT-CCS"]["calendars"][0]["available_timeslots"]

    assert before["end_date_time"] == closing["period_begin"]
    assert after["start_date_time"] == closing["period_end"]


def test_the_same_time_gives_the_same_network_and_a_later_one_a_newer_one() -> None:
    later = documents(NOW + timedelta(minutes=5))

    assert documents(NOW) == NETWORK
    for one in (*later.tariffs, *later.locations, *later.booking_locations):
        assert moment(one["last_updated"]) == NOW + timedelta(minutes=5)


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no offset"):
        documents(datetime(2027, 3, 20))  # noqa: DTZ001


def test_the_showcase_has_four_chargers_open_at_any_hour() -> None:
    site, offer = LOCATIONS[SHOWCASE_LOCATION], OFFERS[SHOWCASE_BOOKING_LOCATION]
    (calendar,) = offer["calendars"]

    assert site["country"] == "NLD"
    assert site["opening_times"] == {"twentyfourseven": True}
    assert [evse["status"] for evse in satisfying(offer)] == ["AVAILABLE"] * 4
    assert calendar["timeslot_increment"] == 15
    assert len(calendar["available_timeslots"]) == 1
    terms = offer["booking_terms"]
    assert (terms["min_booking_duration"], terms["max_booking_duration"]) == (30, 240)


def test_two_chargers_on_the_upper_rhine_share_one_drive_through_bay() -> None:
    site, offer = LOCATIONS[SHARED_BAY_LOCATION], OFFERS[SHARED_BAY_BOOKING_LOCATION]
    chargers = satisfying(offer)

    assert [bay["drive_through"] for bay in site["parking_places"]] == [True]
    assert site["evses"] == chargers
    assert [evse["connectors"][0]["standard"] for evse in chargers] == ["IEC_62196_T2_COMBO"] * 2
    assert [evse["parking"] for evse in chargers] == [
        [{"parking_id": "B1", "evse_position": "LEFT"}],
        [{"parking_id": "B1", "evse_position": "RIGHT"}],
    ]
    assert site["opening_times"] == {"twentyfourseven": True}
    assert len(offer["calendars"][0]["available_timeslots"]) == 1
    assert offer["booking_terms"]["cancel_until_minutes"] == 0


def test_the_network_is_as_varied_as_real_ones() -> None:
    chargers = [evse for site in NETWORK.locations for evse in site["evses"]]
    pinned = [offer for offer in OFFERS.values() if "evse_uid" in offer["booking_option"]]
    shared, unknown = sites_where_bays_are_shared(NETWORK), [s for s in LOCATIONS.values() if not s["parking_places"]]

    assert all(2 <= len(site["evses"]) <= 12 for site in NETWORK.locations)
    assert {evse["connectors"][0]["standard"] for evse in chargers} == {"IEC_62196_T2_COMBO", "MCS"}
    assert {"AVAILABLE", "CHARGING", "OUTOFORDER", "INOPERATIVE", "PLANNED"} == {evse["status"] for evse in chargers}
    assert sum(evse["status"] == "AVAILABLE" for evse in chargers) > 0.8 * len(chargers)
    assert len(shared) >= 5
    assert len(unknown) in (2, 3)
    assert sum(len(site["evses"][0].get("parking", [])) == 2 for site in NETWORK.locations) >= 4
    assert sum(offer["policy"]["reservation_required"] for offer in pinned) >= 4
    access = {method for offer in OFFERS.values() for method in offer["booking_terms"]["supported_access_methods"]}
    assert {"OPEN", "TOKEN", "LICENSE_PLATE", "ACCESS_CODE"} <= access
    assert {offer["calendars"][0]["timeslot_increment"] for offer in OFFERS.values()} == {5, 15, 30}


def sites_where_bays_are_shared(network: Documents) -> list[str]:
    found = []
    for site in network.locations:
        served = [link["parking_id"] for evse in site["evses"] for link in evse.get("parking", [])]
        if len(served) > len(set(served)):
            found.append(site["id"])
    return found
