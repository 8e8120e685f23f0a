"""Where the energy of a timeslot comes from, as far as a driver may ask (BUC 1.2, 2.1)."""

from decimal import Decimal
from enum import StrEnum

from models.rules.energy_mix import EnergyMix

FOSSIL = frozenset({"GENERAL_FOSSIL", "COAL", "GAS"})
WHOLE = Decimal(100)


class EnergyType(StrEnum):
    """What a driver asks of the energy."""

    RENEWABLE = "RENEWABLE"
    FOSSIL_FREE = "FOSSIL_FREE"
    UNSPECIFIED = "UNSPECIFIED"


def is_of(asked: EnergyType, green_energy_support: bool | None, mix: EnergyMix | None) -> bool | None:
    """Whether the energy is of the type asked, or None if nobody says (OCPI Timeslot, EnergyMix).

    What a timeslot says of green energy counts before what the Location's mix says.
    """
    if asked is EnergyType.UNSPECIFIED or green_energy_support:
        return True
    if asked is EnergyType.RENEWABLE:
        if green_energy_support is not None:
            return green_energy_support
        return mix.is_green_energy if mix else None
    return _fossil_free(green_energy_support, mix)


def _fossil_free(green_energy_support: bool | None, mix: EnergyMix | None) -> bool | None:
    if mix is None:
        return None
    if any(one.source in FOSSIL and one.percentage > 0 for one in mix.energy_sources):
        return False
    if sum((one.percentage for one in mix.energy_sources), Decimal(0)) >= WHOLE:
        return True
    return True if mix.is_green_energy and green_energy_support is None else None
