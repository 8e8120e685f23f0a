"""Whether energy is renewable or free of fossil sources: what the timeslot says, then the mix, then nobody."""

from decimal import Decimal

import pytest

from models.rules.energy import EnergyType, is_of
from models.rules.energy_mix import EnergyMix, EnergySource


def a_mix(*, green: bool, **sources: int) -> EnergyMix:
    """Return a mix with those shares in percent."""
    return EnergyMix(green, tuple(EnergySource(name, Decimal(share)) for name, share in sources.items()))


@pytest.mark.parametrize(
    ("slot", "mix", "renewable", "fossil_free"),
    [
        (True, None, True, True),
        (True, a_mix(green=False, COAL=100), True, True),
        (None, None, None, None),
        (False, None, False, None),
        (None, a_mix(green=True), True, True),
        (False, a_mix(green=True), False, None),
        (None, a_mix(green=False), False, None),
        (None, a_mix(green=False, NUCLEAR=100), False, True),
        (False, a_mix(green=False, NUCLEAR=60, WIND=40), False, True),
        (None, a_mix(green=False, NUCLEAR=60), False, None),
        (None, a_mix(green=False, WIND=99, GAS=1), False, False),
        (None, a_mix(green=True, WIND=100, GAS=0), True, True),
    ],
)
def test_the_source_of_energy_is_known_or_not(
    slot: bool | None, mix: EnergyMix | None, renewable: bool | None, fossil_free: bool | None
) -> None:
    assert is_of(EnergyType.RENEWABLE, slot, mix) is renewable
    assert is_of(EnergyType.FOSSIL_FREE, slot, mix) is fossil_free
    assert is_of(EnergyType.UNSPECIFIED, slot, mix) is True
