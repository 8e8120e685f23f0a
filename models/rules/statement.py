"""A statement: what came together in a time, by vehicle, contract, Location or month, for people (BUC 4.1, 4.4, 4.5).

Here alone amounts are rounded to two decimals, half up, each sum once; CDRs and lines keep four.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from models.rules.license_plate import folded
from models.rules.price import EXACT
from models.rules.token import contract_key

CENTS = Decimal("0.01")


class StatementGroup(StrEnum):
    """By what a statement is divided; a month is that in which a CDR was issued, in UTC."""

    VEHICLE = "VEHICLE"
    CONTRACT = "CONTRACT"
    LOCATION = "LOCATION"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one group comes to in one currency: credits taken off, amounts to two decimals, energy in kWh.

    `vehicle` is a licence plate, `month` like 2026-12; None is not known, or not asked. A plate or contract that came
    in several spellings has one of them. `due`, `invoiced` and `paid` are parts of the total after taxes, as the
    reader stands to it; `fleet_due` and so on are those that an EMSP is owed by its fleets, so without what it booked
    for another one. `provider` is what the fleet's own EMSP adds, after taxes; `provider_due` and so on its parts.
    """

    vehicle: str | None
    contract_id: str | None
    location_id: str | None
    month: str | None
    currency: str
    bookings: int
    sessions: int
    cdrs: int
    energy: Decimal
    green_energy: Decimal
    before_taxes: Decimal
    after_taxes: Decimal
    due: Decimal
    invoiced: Decimal
    paid: Decimal
    fleet_due: Decimal
    fleet_invoiced: Decimal
    fleet_paid: Decimal
    provider: Decimal
    provider_due: Decimal
    provider_invoiced: Decimal
    provider_paid: Decimal

    @property
    def key(self) -> tuple[str, ...]:
        """By what it differs from the others, and what continues behind it; the same however things are spelt."""
        return (
            vehicle_key(self.vehicle or ""),
            contract_key(self.contract_id or ""),
            self.location_id or "",
            self.month or "",
            self.currency,
        )

    @property
    def green_share(self) -> Decimal | None:
        """How much of the energy is known to be green, in percent; None without energy."""
        if not self.energy:
            return None
        return EXACT.divide(self.green_energy * 100, self.energy).quantize(CENTS, ROUND_HALF_UP)


def vehicle_key(plate: str) -> str:
    """Return a licence plate as two are compared, or as it is if nothing of it can be compared."""
    return folded(plate) or plate


def to_cents(amount: Decimal) -> Decimal:
    """Return an amount as people read it: half up to two decimals."""
    return amount.quantize(CENTS, ROUND_HALF_UP, EXACT)
