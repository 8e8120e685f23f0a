"""Where the energy comes from as the standard writes it, and what it becomes (OCPI Locations 2.3.0, EnergyMix)."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from models.rules.location import EnergyMix, EnergySource
from server.ocpi.numbers import Number
from server.ocpi.texts import Text, one_of
from server.ocpi.wire import Many, WireObject


class EnergySourceCategory(StrEnum):
    """What the energy is made of."""

    NUCLEAR = "NUCLEAR"
    GENERAL_FOSSIL = "GENERAL_FOSSIL"
    COAL = "COAL"
    GAS = "GAS"
    GENERAL_GREEN = "GENERAL_GREEN"
    SOLAR = "SOLAR"
    WIND = "WIND"
    WATER = "WATER"


class OcpiEnergySource(WireObject):
    """The share, in percent, of one source."""

    source: Annotated[EnergySourceCategory, one_of(EnergySourceCategory)]
    percentage: Annotated[Decimal, Number(0, 100)]


class OcpiEnergyMix(WireObject):
    """The sources of a Location's energy."""

    is_green_energy: bool
    energy_sources: Many[OcpiEnergySource] = ()
    supplier_name: Annotated[str | None, Text(64)] = None
    energy_product_name: Annotated[str | None, Text(64)] = None

    def to_domain(self) -> EnergyMix:
        """Return it as a value."""
        return EnergyMix(
            is_green_energy=self.is_green_energy,
            energy_sources=tuple(EnergySource(share.source.value, share.percentage) for share in self.energy_sources),
            supplier_name=self.supplier_name,
            energy_product_name=self.energy_product_name,
        )
