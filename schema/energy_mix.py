"""Where energy comes from, as callers see it."""

from decimal import Decimal

import strawberry

from models.rules import energy_mix as rules
from models.rules.energy_mix import EnergySourceCategory


@strawberry.type(description="The share of one source in the energy sold.")
class EnergySource:
    """The share of one source in the energy sold."""

    source: EnergySourceCategory
    percentage: Decimal


@strawberry.type(description="What making the energy leaves behind.")
class EnvironmentalImpact:
    """What making the energy leaves behind."""

    category: str = strawberry.field(description="Such as CARBON_DIOXIDE or NUCLEAR_WASTE.")
    amount: Decimal = strawberry.field(description="g/kWh.")


@strawberry.type(description="Where the energy comes from.")
class EnergyMix:
    """Where the energy comes from."""

    is_green_energy: bool
    energy_sources: list[EnergySource]
    environ_impact: list[EnvironmentalImpact]
    supplier_name: str | None
    energy_product_name: str | None


def energy_mix(mix: rules.EnergyMix | None) -> EnergyMix | None:
    """Return where energy comes from as callers see it, if it is known."""
    if mix is None:
        return None
    return EnergyMix(
        is_green_energy=mix.is_green_energy,
        energy_sources=[
            EnergySource(source=EnergySourceCategory(one.source), percentage=one.percentage)
            for one in mix.energy_sources
        ],
        environ_impact=[EnvironmentalImpact(category=one.category, amount=one.amount) for one in mix.environ_impact],
        supplier_name=mix.supplier_name,
        energy_product_name=mix.energy_product_name,
    )
