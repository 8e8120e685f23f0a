"""Inputs of operators: no field of the values is forgotten, and none is let in at any size."""

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest
import strawberry
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type
from strawberry.utils.str_converters import to_camel_case

from models.rules import booking_location, energy_mix, image, location, maintenance, tariff, terms_fee, weekly
from models.rules.interval import Interval
from schema.build import schema
from schema.publishing import reading
from schema.publishing.booking_location import (
    BookingLocationInput,
    BookingOptionInput,
    BookingTermsInput,
    TermsFeeInput,
)
from schema.publishing.calendar import CalendarInput, TimeslotInput, WeeklyHoursInput
from schema.publishing.evse import (
    ConnectorInput,
    EvseInput,
    EvseParkingInput,
    ParkingBayInput,
    StatusScheduleInput,
)
from schema.publishing.location import (
    AdditionalGeoLocationInput,
    BusinessDetailsInput,
    LocationInput,
    PublishTokenInput,
)
from schema.publishing.maintenance import MaintenanceInput
from schema.publishing.opening import ExceptionalPeriodInput, OpeningTimesInput, RegularHoursInput
from schema.publishing.parts import (
    DisplayTextInput,
    EnergyMixInput,
    EnergySourceInput,
    EnvironmentalImpactInput,
    ImageInput,
)
from schema.publishing.tariff import (
    PriceComponentInput,
    PriceLimitInput,
    TariffElementInput,
    TariffInput,
    TariffRestrictionsInput,
)
from tests.api.publications import BOOKING_LOCATION_INPUT, LOCATION_INPUT, TARIFF_INPUT

INPUTS: dict[type[Any], type[Any]] = {
    location.AdditionalGeoLocation: AdditionalGeoLocationInput,
    location.BusinessDetails: BusinessDetailsInput,
    location.Connector: ConnectorInput,
    location.DisplayText: DisplayTextInput,
    location.Evse: EvseInput,
    location.EvseParking: EvseParkingInput,
    location.ExceptionalPeriod: ExceptionalPeriodInput,
    location.Location: LocationInput,
    location.OpeningTimes: OpeningTimesInput,
    location.ParkingBay: ParkingBayInput,
    location.PublishToken: PublishTokenInput,
    location.RegularHours: RegularHoursInput,
    location.StatusSchedule: StatusScheduleInput,
    energy_mix.EnergyMix: EnergyMixInput,
    energy_mix.EnergySource: EnergySourceInput,
    energy_mix.EnvironmentalImpact: EnvironmentalImpactInput,
    image.Image: ImageInput,
    tariff.PriceComponent: PriceComponentInput,
    tariff.PriceLimit: PriceLimitInput,
    tariff.Tariff: TariffInput,
    tariff.TariffElement: TariffElementInput,
    tariff.TariffRestrictions: TariffRestrictionsInput,
    booking_location.BookingLocation: BookingLocationInput,
    booking_location.BookingOption: BookingOptionInput,
    booking_location.BookingTerms: BookingTermsInput,
    booking_location.Calendar: CalendarInput,
    booking_location.Timeslot: TimeslotInput,
    terms_fee.TermsFee: TermsFeeInput,
    weekly.WeeklyHours: WeeklyHoursInput,
    maintenance.Maintenance: MaintenanceInput,
}
"""The input of each value that operators publish."""

OF_OWNER = {"id", "country_code", "party_id", "last_updated"}
"""What follows from who publishes what, and when."""

FOLLOWS: dict[type[Any], set[str]] = {
    location.Location: {*OF_OWNER, "withdrawn_at"},
    location.Evse: {"id", "last_updated", "fault_expected_end"},
    location.Connector: {"ocpi_id", "last_updated"},
    location.ParkingBay: {"id"},
    tariff.Tariff: OF_OWNER,
    booking_location.BookingLocation: {*OF_OWNER, "withdrawn"},
    booking_location.Calendar: {"last_updated"},
    maintenance.Maintenance: OF_OWNER,
}
"""Fields that an operator does not write."""

INSTEAD: dict[type[Any], dict[str, str]] = {
    location.Location: {"latitude": "coordinates", "longitude": "coordinates"},
    location.Evse: {"latitude": "coordinates", "longitude": "coordinates"},
    location.EvseParking: {"parking_bay_id": "parking_id"},
    booking_location.Calendar: {"covers": "period"},
    maintenance.Maintenance: {"evse_ids": "evse_uids"},
}
"""Fields that an operator writes otherwise."""

OURS = {"confirmation", "decideMinutes", "expectedLastUpdated", "fees", "revealMinutes", "weeklyHours"}
"""Fields that the standard does not have."""

IN_TWO = {
    booking_location.Timeslot: {"period": ("start_date_time", "end_date_time")},
    weekly.WeeklyHours: {"regular_hours": ("regular_hours", "start_date_time")},
}
SHOWN_OTHERWISE: dict[type[Any], dict[str, str]] = {
    location.EvseParking: {"parkingBayId": "parkingBay"},
    location.Evse: {"latitude": "coordinates", "longitude": "coordinates"},
    location.Location: {"latitude": "coordinates", "longitude": "coordinates"},
    location.Connector: {"ocpiId": "id"},
    booking_location.BookingLocation: {"locationId": "location"},
    booking_location.Calendar: {"covers": "period"},
    booking_location.Timeslot: {"period": "startDateTime"},
    maintenance.Maintenance: {"locationId": "location", "evseIds": "evses"},
}
NOT_SHOWN = {"countryCode", "partyId", "withdrawn", "withdrawnAt", "faultExpectedEnd"}
"""What an id tells, and what others tell: that something is gone, or broken."""


def values() -> set[type[Any]]:
    """Return every value that is a part of what operators publish."""
    waiting: list[Any] = [location.Location, tariff.Tariff, booking_location.BookingLocation, maintenance.Maintenance]
    met: set[type[Any]] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and is_dataclass(one) and one is not Interval and one not in met:
            met.add(one)
            waiting.extend(get_type_hints(one).values())
        waiting.extend(get_args(one))
    return met


def test_every_value_that_operators_publish_has_an_input() -> None:
    assert values() == set(INPUTS)


@pytest.mark.parametrize("value", INPUTS, ids=lambda one: one.__name__)
def test_every_field_of_a_value_can_be_given(value: type[Any]) -> None:
    given = {field.name for field in fields(INPUTS[value])} - {"expected_last_updated"}
    needed: set[str] = set()
    for field in fields(value):
        if field.name not in FOLLOWS.get(value, set()):
            instead = INSTEAD.get(value, {}).get(field.name, field.name)
            needed |= set(IN_TWO.get(value, {}).get(field.name, (instead,)))

    assert given == needed


@pytest.mark.parametrize("value", INPUTS, ids=lambda one: one.__name__)
def test_every_field_of_a_value_is_shown(value: type[Any]) -> None:
    kind = schema._schema.type_map[value.__name__]
    assert isinstance(kind, GraphQLObjectType)
    wanted = {to_camel_case(field.name) for field in fields(value)} - NOT_SHOWN
    wanted = {SHOWN_OTHERWISE.get(value, {}).get(name, name) for name in wanted}

    assert wanted - set(kind.fields) == set()


def test_every_text_and_number_that_is_published_has_a_limit() -> None:
    for one in schema._schema.type_map.values():
        if isinstance(one, GraphQLInputObjectType):
            origin: Any = one.extensions["strawberry-definition"].origin
            if hasattr(origin, "to_domain"):
                assert reading._plan(origin)


def test_a_text_without_a_limit_is_told() -> None:
    @strawberry.input
    class Careless:
        name: str

    with pytest.raises(TypeError, match="needs a limit"):
        reading._plan(Careless)


def test_the_whole_site_has_every_field_of_the_standard() -> None:
    given: dict[str, set[str]] = {}
    _collect("LocationInput", LOCATION_INPUT, given)
    _collect("TariffInput", TARIFF_INPUT, given)
    _collect("BookingLocationInput", BOOKING_LOCATION_INPUT, given)

    missing = {}
    for name, names in given.items():
        declared = schema._schema.type_map[name]
        assert isinstance(declared, GraphQLInputObjectType)
        missing[name] = set(declared.fields) - names - OURS
    assert missing == {name: set() for name in given}


def _collect(kind: str, given: dict[str, Any], found: dict[str, set[str]]) -> None:
    declared = schema._schema.type_map[kind]
    assert isinstance(declared, GraphQLInputObjectType)
    for name, value in given.items():
        found.setdefault(kind, set()).add(name)
        inner = get_named_type(declared.fields[name].type)
        if isinstance(inner, GraphQLInputObjectType):
            for one in value if isinstance(value, list) else [value]:
                _collect(inner.name, one, found)
