"""What endangers a booking before it begins: a fault, work, or whoever still charges there (BUC 2.5, 2.7, 3.3.3)."""

from collections.abc import Iterable
from enum import StrEnum

from models.rules.booking_state import CanceledReason
from models.rules.fault import Fault
from models.rules.interval import Interval
from models.rules.maintenance import Maintenance


class Hazard(StrEnum):
    """Why a booking may not be kept; a fault counts before planned work, and that before whoever overstays."""

    FAULT = "FAULT"
    MAINTENANCE = "MAINTENANCE"
    OVERSTAY = "OVERSTAY"


REASONS = {
    Hazard.FAULT: CanceledReason.BROKEN_CHARGER,
    Hazard.MAINTENANCE: CanceledReason.MAINTENANCE,
    Hazard.OVERSTAY: CanceledReason.FULL,
}
"""Why a booking is canceled that ends because it is endangered."""


def hazard(
    period: Interval,
    evse_id: str,
    fault: Fault | None,
    works: Iterable[Maintenance],
    overstay: Interval | None = None,
) -> Hazard | None:
    """Return what endangers a booking of a charger over `period`.

    `fault` is the charger's open one, `overstay` how long another's session is expected to go on there.
    """
    if fault is not None and fault.spoils(period):
        return Hazard.FAULT
    if any(work.concerns(evse_id) and work.period.overlaps(period) for work in works):
        return Hazard.MAINTENANCE
    if overstay is not None and overstay.overlaps(period):
        return Hazard.OVERSTAY
    return None
