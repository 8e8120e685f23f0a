"""Which spots satisfy a BookingOption, and which vehicles fit them; what nobody knows fits nobody who asks."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.booking_location import BookingOption
from models.rules.fit import Demand, fitting, misfits
from models.rules.identity import part_id
from models.rules.location import (
    Connector,
    ConnectorFormat,
    Evse,
    EvseParking,
    EvsePosition,
    Location,
    ParkingBay,
    PowerType,
    Status,
)
from models.rules.misfit import Misfit
from models.rules.spot import Spot, spots
from models.rules.vehicle import Vehicle
from tests.factories.catalogue import a_bay, a_location, an_evse

SITE = "NL*ABC*LOC1"
CCS = "IEC_62196_T2_COMBO"
ANY = BookingOption()


def plug(number: str, **changes: Any) -> Connector:
    (one,) = an_evse(SITE, "E1").connectors
    return replace(one, id=part_id(f"{SITE}*E1", number), ocpi_id=number, **changes)


def a_site(*chargers: Evse, bays: tuple[ParkingBay, ...] = ()) -> Location:
    return a_location(chargers={}, evses=chargers, parking_bays=bays)


def named(found: tuple[Spot, ...]) -> list[tuple[str, str, str | None]]:
    """Return the local ids of charger, plug and bay of each spot."""
    return [
        (one.evse.uid, one.connector.ocpi_id, one.parking_bay.ocpi_id if one.parking_bay else None) for one in found
    ]


TWO_PLUGS = a_site(
    an_evse(
        SITE,
        "E1",
        ["B1", "B2"],
        connectors=(
            plug("1"),
            plug("2", standard=CCS, format=ConnectorFormat.SOCKET, power_type=PowerType.AC_3_PHASE),
        ),
        parking=(
            EvseParking(part_id(SITE, "B1"), EvsePosition.LEFT),
            EvseParking(part_id(SITE, "B2"), EvsePosition.RIGHT),
        ),
    ),
    bays=(a_bay(SITE, "B1"), a_bay(SITE, "B2")),
)
ALL = [("E1", "1", "B1"), ("E1", "2", "B1"), ("E1", "1", "B2"), ("E1", "2", "B2")]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (ANY, ALL),
        (BookingOption(evse_uid="e1"), ALL),
        (BookingOption(evse_uid="E2"), []),
        (BookingOption(connector_id="2"), [ALL[1], ALL[3]]),
        (BookingOption(connector_types=("MCS", "CHADEMO")), [ALL[0], ALL[2]]),
        (BookingOption(connector_format=(ConnectorFormat.SOCKET,)), [ALL[1], ALL[3]]),
        (BookingOption(power_types=(PowerType.DC,)), [ALL[0], ALL[2]]),
        (BookingOption(parking_id="b2"), [ALL[2], ALL[3]]),
        (BookingOption(evse_position=(EvsePosition.LEFT, EvsePosition.CENTER)), [ALL[0], ALL[1]]),
        (BookingOption(vehicle_types=("RIGID",)), ALL),
        (BookingOption(vehicle_types=("RIGID", "BUS")), []),
    ],
)
def test_an_option_names_what_it_offers(option: BookingOption, expected: list[tuple[str, str, str]]) -> None:
    assert named(spots(TWO_PLUGS, option)) == expected


def test_a_charger_without_bays_is_a_spot_unless_the_option_asks_for_one() -> None:
    site = a_site(an_evse(SITE, "E1"))

    assert named(spots(site, ANY)) == [("E1", "1", None)]
    assert spots(site, BookingOption(parking_id="B1")) == ()
    assert spots(site, BookingOption(evse_position=(EvsePosition.LEFT,))) == ()


def test_a_charger_or_bay_that_was_taken_away_is_no_spot() -> None:
    gone = an_evse(SITE, "E1", ["B1"], status=Status.REMOVED)
    without_its_bay = an_evse(SITE, "E2", ["B9"])

    assert spots(a_site(gone, bays=(a_bay(SITE, "B1"),)), ANY) == ()
    assert spots(a_site(without_its_bay), ANY) == ()


@pytest.mark.parametrize(
    ("option", "column"),
    [
        (BookingOption(max_vehicle_length=1875), "max_vehicle_length"),
        (BookingOption(max_vehicle_weight=44_000), "max_vehicle_weight"),
        (BookingOption(max_vehicle_height=410), "max_vehicle_height"),
        (BookingOption(max_vehicle_width=260), "max_vehicle_width"),
        (BookingOption(min_parking_space_length=2000), "parking_space_length"),
        (BookingOption(min_parking_space_width=350), "parking_space_width"),
    ],
)
def test_a_bay_is_as_large_as_the_option_promises_or_unknown(option: BookingOption, column: str) -> None:
    wanted = next(size for size in (getattr(option, name) for name in option.__slots__) if isinstance(size, int))

    def offered(size: int | None) -> bool:
        bay = a_bay(SITE, "B1", **{column: size})
        return spots(a_site(an_evse(SITE, "E1", ["B1"]), bays=(bay,)), option) != ()

    assert [offered(size) for size in (wanted - 1, wanted, wanted + 1, None)] == [False, True, True, True]


@pytest.mark.parametrize("flag", ["dangerous_goods_allowed", "drive_through", "refrigeration_outlet"])
def test_a_bay_has_what_the_option_promises_or_nobody_knows(flag: str) -> None:
    def offered(asked: bool | None, known: bool | None) -> bool:
        bay = a_bay(SITE, "B1", **{flag: known})
        promised: dict[str, Any] = {flag: asked}
        return spots(a_site(an_evse(SITE, "E1", ["B1"]), bays=(bay,)), BookingOption(**promised)) != ()

    assert [offered(True, known) for known in (True, None, False)] == [True, True, False]
    assert all(offered(asked, known) for asked in (None, False) for known in (True, None, False))


def test_a_bay_for_all_types_takes_vehicles_that_it_does_not_name() -> None:
    bay = a_bay(SITE, "B1", restricted_to_type=False)

    assert spots(a_site(an_evse(SITE, "E1", ["B1"]), bays=(bay,)), BookingOption(vehicle_types=("BUS",)))


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        (Demand(), []),
        (Demand("MCS", 400_000, vehicle=Vehicle(length=1875)), []),
        (Demand(connector_type=CCS), [Misfit.CONNECTOR_TYPE]),
        (Demand(min_power=400_001), [Misfit.POWER_TOO_LOW]),
        (Demand(vehicle=Vehicle(length=1876)), [Misfit.VEHICLE_TOO_LONG]),
        (
            Demand(CCS, 500_000, vehicle=Vehicle(length=2500)),
            [Misfit.CONNECTOR_TYPE, Misfit.POWER_TOO_LOW, Misfit.VEHICLE_TOO_LONG],
        ),
    ],
)
def test_a_misfit_is_named_for_each_demand_that_is_not_met(demand: Demand, expected: list[Misfit]) -> None:
    (spot,) = spots(a_location(), ANY)

    assert misfits(spot, ANY, demand) == expected


@pytest.mark.parametrize(
    ("bay", "space", "promised", "longest"),
    [
        (1875, None, None, 1875),
        (1875, 1800, None, 1800),
        (1875, 2000, 1650, 1650),
        (None, None, 1650, 1650),
        (None, 1700, None, 1700),
    ],
)
def test_the_least_of_what_is_known_limits_a_vehicle(
    bay: int | None, space: int | None, promised: int | None, longest: int
) -> None:
    place = a_bay(SITE, "B1", max_vehicle_length=bay, parking_space_length=space)
    option = BookingOption(max_vehicle_length=promised)
    spot = Spot(an_evse(SITE, "E1", ["B1"]), plug("1"), place)

    assert misfits(spot, option, Demand(vehicle=Vehicle(length=longest))) == []
    assert misfits(spot, option, Demand(vehicle=Vehicle(length=longest + 1))) == [Misfit.VEHICLE_TOO_LONG]


@pytest.mark.parametrize("bay", [None, a_bay(SITE, "B1", max_vehicle_length=None)], ids=["no bay", "no length"])
def test_an_unknown_length_fits_no_vehicle_that_tells_its_own(bay: ParkingBay | None) -> None:
    spot = Spot(an_evse(SITE, "E1"), plug("1"), bay)

    assert misfits(spot, ANY, Demand(vehicle=Vehicle(length=600))) == [Misfit.VEHICLE_LENGTH_UNKNOWN]
    assert misfits(spot, ANY, Demand()) == []


def test_power_that_is_not_stated_is_voltage_times_current() -> None:
    spot = Spot(an_evse(SITE, "E1"), plug("1", max_electric_power=None, max_voltage=800, max_amperage=500), None)

    assert misfits(spot, ANY, Demand(min_power=400_000)) == []
    assert misfits(spot, ANY, Demand(min_power=400_001)) == [Misfit.POWER_TOO_LOW]


def test_of_equal_plugs_that_fit_the_first_is_taken_and_each_bay_counts_once() -> None:
    found = fitting(spots(TWO_PLUGS, ANY), ANY, Demand())

    assert named(found) == [("E1", "1", "B1"), ("E1", "1", "B2")]


@pytest.mark.parametrize(("most", "taken"), [(None, "2"), (300_000, "2"), (150_000, "1")])
def test_of_plugs_that_fit_the_one_is_taken_that_gives_the_vehicle_most(most: int | None, taken: str) -> None:
    plugs = (plug("1", max_electric_power=150_000), plug("2", max_electric_power=1_000_000))
    site = a_site(an_evse(SITE, "E1", connectors=plugs))

    found = fitting(spots(site, ANY), ANY, Demand(vehicle=Vehicle(max_power=most)))

    assert named(found) == [("E1", taken, None)]


@given(st.sampled_from([None, "MCS", CCS]), st.sampled_from([None, 300_000, 500_000]))
def test_what_fits_are_the_spots_without_a_misfit(connector_type: str | None, min_power: int | None) -> None:
    demand = Demand(connector_type, min_power)
    candidates = spots(TWO_PLUGS, ANY)

    found = fitting(candidates, ANY, demand)

    assert {one.key for one in found} == {one.key for one in candidates if not misfits(one, ANY, demand)}
    assert all(not misfits(one, ANY, demand) for one in found)
    assert len({one.key for one in found}) == len(found)
