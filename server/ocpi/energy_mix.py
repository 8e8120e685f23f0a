"""Where the energy comes from as the standard writes it, and what it becomes (OCPI Locations 2.3.0, EnergyMix)."""

from decimal import Decimal
from typing import Annotated

from models.rules.energy_mix import EnergyMix, EnergySource, EnergySourceCategory, EnvironmentalImpact
from server.ocpi.numbers import Number
from server.ocpi.texts import OpenEnum, Text, one_of
from server.ocpi.wire import Many, WireObject


class OcpiEnergySource(WireObject):
    """The share, in percent, of one source."""

    source: Annotated[EnergySourceCategory, one_of(EnergySourceCategory)]
    percentage: Annotated[Decimal, Number(0, 100)]


class OcpiEnvironmentalImpact(WireObject):
    """What making the energy leaves behind, in g/kWh."""

    category: OpenEnum
    amount: Annotated[Decimal, Number(low=0)]


class OcpiEnergyMix(WireObject):
    """The sources of the energy of a Location or a Tariff."""

    is_green_energy: bool
    energy_sources: Many[OcpiEnergySource] = ()
    environ_impact: Many[OcpiEnvironmentalImpact] = ()
    supplier_name: Annotated[str | None, Text(64)] = None
    energy_product_name: Annotated[str | None, Text(64)] = None

    def to_domain(self) -> EnergyMix:
        """Return it as a value."""
        return EnergyMix(
            is_green_energy=self.is_green_energy,
            energy_sources=tuple(EnergySource(share.source.value, share.percentage) for share in self.energy_sources),
            supplier_name=self.supplier_name,
            energy_product_name=self.energy_product_name,
            environ_impact=tuple(EnvironmentalImpact(one.category, one.amount) for one in self.environ_impact),
        )
