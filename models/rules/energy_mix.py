"""Where the energy of a Location or a Tariff comes from, as values (OCPI Locations, EnergyMix)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class EnergySourceCategory(StrEnum):
    """What energy is made of (OCPI EnergySourceCategory)."""

    NUCLEAR = "NUCLEAR"
    GENERAL_FOSSIL = "GENERAL_FOSSIL"
    COAL = "COAL"
    GAS = "GAS"
    GENERAL_GREEN = "GENERAL_GREEN"
    SOLAR = "SOLAR"
    WIND = "WIND"
    WATER = "WATER"


@dataclass(frozen=True, slots=True)
class EnergySource:
    """A share, in percent, of one source in the energy sold."""

    source: str
    percentage: Decimal


@dataclass(frozen=True, slots=True)
class EnvironmentalImpact:
    """What making the energy leaves behind, such as CARBON_DIOXIDE, in g/kWh (OCPI EnvironmentalImpact)."""

    category: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EnergyMix:
    """Where the energy comes from."""

    is_green_energy: bool
    energy_sources: tuple[EnergySource, ...] = ()
    supplier_name: str | None = None
    energy_product_name: str | None = None
    environ_impact: tuple[EnvironmentalImpact, ...] = ()
