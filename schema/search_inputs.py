"""What a search may ask, as callers write it, and how it becomes values."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import strawberry

from models.errors import BadInput
from models.rules.booking_mode import BookingMode
from models.rules.energy import EnergyType
from models.rules.fit import Demand
from models.rules.location import ConnectorFormat
from models.rules.offered import LONGEST_ALLOCATION
from resolvers.asked import Asked, MostPrice, SlotForm, Wishes
from resolvers.availability import Box, Named, Near, Where
from resolvers.corridor import Departure, Eta, Timing
from schema.inputs import LONGEST_ID, LONGEST_TYPE, MOST_POWER_W, PeriodInput, VehicleInput, text, vehicle, within
from schema.route import GeoLocationInput, RouteInput

MOST_MINUTES = int(LONGEST_ALLOCATION / timedelta(minutes=1))
MOST_KWH = Decimal(10_000)
MOST_PRICE = Decimal(1_000_000)
MOST_NAMES = 100
MOST_DECIMALS = 4
CURRENCY_LETTERS = 3


@strawberry.input(description="What the vehicle and its driver need in a time that is named.")
class NeedsInput:
    """What is needed in a time that is named."""

    energy_needed: Decimal | None = strawberry.field(
        default=None, description="kWh; how long that takes follows from the power, and what it costs is told."
    )
    energy_type: EnergyType = strawberry.field(default=EnergyType.UNSPECIFIED)
    connector_type: str | None = strawberry.field(default=None, description="Such as MCS or IEC_62196_T2_COMBO.")
    connector_format: ConnectorFormat | None = None
    min_power: int | None = strawberry.field(default=None, description="The least power to be available, in W.")
    guaranteed_power: int | None = strawberry.field(
        default=None, description="The least power that the operator must guarantee, in W."
    )
    vehicle: VehicleInput | None = None


@strawberry.input(description="What the vehicle and its driver need; absent fields ask nothing.")
class DemandInput(NeedsInput):
    """What is needed."""

    minutes_needed: int | None = strawberry.field(
        default=None, description="How long the vehicle must be able to charge; shorter windows are left out."
    )


@strawberry.input(description="The most that something may cost after taxes.")
class MostPriceInput:
    """The most that something may cost."""

    amount: Decimal
    currency: str = strawberry.field(description="ISO 4217.")


@strawberry.input(description="What is asked of every Location.")
class SearchInput(DemandInput):
    """What is asked of every Location."""

    vehicle_id: strawberry.ID | None = strawberry.field(
        default=None, description="A vehicle that its fleet stored, instead of `vehicle`."
    )
    facilities: list[str] = strawberry.field(default_factory=list, description="All of these, such as WIFI.")
    operator_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="One of these, such as NL*ABC; empty is any."
    )
    booking_modes: list[BookingMode] = strawberry.field(
        default_factory=lambda: [BookingMode.OPTIONAL, BookingMode.REQUIRED],
        description="NONE adds chargers that cannot be booked, as `walkUp`.",
    )
    max_price: MostPriceInput | None = strawberry.field(
        default=None,
        description="For booking and charging, or for booking alone without `energyNeeded`; "
        "what your EMSP adds is not counted. A window is within it if some start in it is.",
    )
    slots: SlotForm = strawberry.field(
        default=SlotForm.WINDOWS, description="Windows to cut from, or every start that can be booked."
    )
    most_starts: int = strawberry.field(
        default=50, description="How many STARTS of each BookingLocation, at most 500."
    )
    include_closest: bool = strawberry.field(
        default=True, description="Where nothing is free, tell the closest slots before and after."
    )
    include_near_misses: bool = strawberry.field(
        default=False, description="Tell what is not for the vehicle and its demands too, and why."
    )


@strawberry.input(description="When the vehicle starts at the first point of its route, and how fast it drives.")
class DepartureInput:
    """When the vehicle starts."""

    at: datetime
    speed_kmh: float


@strawberry.input(description="When the vehicle gets to a point of its route.")
class EtaInput:
    """When the vehicle gets to a point."""

    point: int = strawberry.field(description="The number of the point in the route, from 0.")
    at: datetime


@strawberry.input(one_of=True, description="When the vehicle gets where: from its departure on, or by ETAs.")
class TravelInput:
    """When the vehicle gets where."""

    departure: DepartureInput | None = strawberry.field(default=strawberry.UNSET)
    etas: list[EtaInput] | None = strawberry.field(default=strawberry.UNSET, description="In the order of the route.")


@strawberry.input(description="A route, when the vehicle is where, and what it needs.")
class CorridorAvailabilityInput(SearchInput):
    """A route, and what is needed along it."""

    route: RouteInput
    width_km: float = strawberry.field(description="How far off the route on either side, at most 100.")
    window: PeriodInput | None = strawberry.field(
        default=None, description="When to charge, at most 31 days; needed unless `travel` is given."
    )
    travel: TravelInput | None = strawberry.field(
        default=None, description="Then slots are those that start when the vehicle gets there."
    )
    tolerance_minutes: int = strawberry.field(default=60, description="How much sooner or later than the ETA.")


@strawberry.input(description="A circle around a point.")
class NearInput:
    """A circle around a point."""

    point: GeoLocationInput
    radius_km: float = strawberry.field(description="At most 1000.")


@strawberry.input(description="A part of the globe; over the antimeridian if `west` is more than `east`.")
class BoxInput:
    """A part of the globe."""

    south: float
    west: float
    north: float
    east: float


@strawberry.input(one_of=True, description="Where to look.")
class WhereInput:
    """Where to look."""

    near: NearInput | None = strawberry.field(default=strawberry.UNSET)
    box: BoxInput | None = strawberry.field(default=strawberry.UNSET)
    location_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="At most 500; those that are not there to see are left out."
    )


@strawberry.input(description="Where to look, when, and what is needed.")
class AvailabilityInput(SearchInput):
    """Where to look, when, and what is needed."""

    where: WhereInput
    window: PeriodInput = strawberry.field(description="When to charge, at most 31 days.")


def asked_demand(input: DemandInput) -> Demand:
    """Return what is needed as a value, or raise BadInput."""
    minutes = within(input.minutes_needed, "minutesNeeded", "minutes", MOST_MINUTES)
    return replace(needs(input), minutes=minutes)


def needs(input: NeedsInput) -> Demand:
    """Return what is needed in a time that is named as a value, or raise BadInput."""
    return Demand(
        connector_type=text(input.connector_type, "connectorType", LONGEST_TYPE),
        min_power=within(input.min_power, "minPower", "W", MOST_POWER_W),
        guaranteed_power=within(input.guaranteed_power, "guaranteedPower", "W", MOST_POWER_W),
        connector_format=input.connector_format,
        vehicle=vehicle(input.vehicle),
        energy=_amount(input.energy_needed, "energyNeeded", MOST_KWH),
        energy_type=input.energy_type,
    )


def asked(input: SearchInput, *, priced: bool, counted: bool) -> Asked:
    """Return what is asked of every Location as a value, or raise BadInput."""
    if not input.booking_modes:
        raise BadInput("`bookingModes` names at least one; leave it out for all that can be booked.")
    return Asked(
        demand=asked_demand(input),
        vehicle_id=text(input.vehicle_id, "vehicleId", LONGEST_ID),
        wishes=Wishes(
            facilities=_names(input.facilities, "facilities"),
            operator_ids=_names(input.operator_ids, "operatorIds"),
            booking_modes=frozenset(input.booking_modes),
            max_price=most_price(input.max_price),
        ),
        form=input.slots,
        most_starts=input.most_starts,
        near_misses=input.include_near_misses,
        closest=input.include_closest,
        priced=priced,
        counted=counted,
    )


def timing(travel: TravelInput | None) -> Timing | None:
    """Return when the vehicle gets where, or None if nothing is said."""
    if travel is None:
        return None
    if travel.departure:
        return Departure(travel.departure.at, travel.departure.speed_kmh)
    return [Eta(one.point, one.at) for one in travel.etas or ()]


def where_to_look(where: WhereInput) -> Where:
    """Return where to look as a value."""
    if where.near:
        return Near((where.near.point.latitude, where.near.point.longitude), where.near.radius_km)
    if where.box:
        return Box(where.box.south, where.box.west, where.box.north, where.box.east)
    return Named(tuple(where.location_ids or ()))


def most_price(limit: MostPriceInput | None) -> MostPrice | None:
    """Return a limit as a value, or raise BadInput; absent stays absent."""
    if limit is None:
        return None
    if not (0 <= limit.amount <= MOST_PRICE and _short(limit.amount)):
        raise BadInput(f"`maxPrice.amount` is between 0 and {MOST_PRICE}, with {MOST_DECIMALS} decimals at most.")
    if len(limit.currency) != CURRENCY_LETTERS:
        raise BadInput("`maxPrice.currency` is a code of three letters (ISO 4217), such as EUR.")
    return MostPrice(limit.amount, limit.currency.upper())


def _names(given: list[str] | list[strawberry.ID], name: str) -> tuple[str, ...]:
    if len(given) > MOST_NAMES:
        raise BadInput(f"`{name}` has at most {MOST_NAMES} entries.")
    return tuple(text(one, name, LONGEST_TYPE) for one in given)


def _amount(value: Decimal | None, name: str, most: Decimal) -> Decimal | None:
    if value is not None and not (0 < value <= most and _short(value)):
        raise BadInput(f"`{name}` is more than 0 and at most {most}, with {MOST_DECIMALS} decimals at most.")
    return value


def _short(value: Decimal) -> bool:
    """Whether a number has so few decimals that exact arithmetic with it stays quick."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and -MOST_DECIMALS <= exponent <= MOST_DECIMALS
