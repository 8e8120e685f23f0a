"""What endangers a booking before it begins: its charger is broken, or is worked on, at that time (BUC 2.5, 2.7)."""

from collections.abc import Iterable
from enum import StrEnum

from models.rules.booking_state import CanceledReason
from models.rules.fault import Fault
from models.rules.interval import Interval
from models.rules.maintenance import Maintenance


class Hazard(StrEnum):
    """Why a booking may not be kept; a fault counts before planned work."""

    FAULT = "FAULT"
    MAINTENANCE = "MAINTENANCE"


REASONS = {Hazard.FAULT: CanceledReason.BROKEN_CHARGER, Hazard.MAINTENANCE: CanceledReason.MAINTENANCE}
"""Why a booking is canceled that ends because it is endangered."""


def hazard(period: Interval, evse_id: str, fault: Fault | None, works: Iterable[Maintenance]) -> Hazard | None:
    """Return what endangers a booking of a charger over `period`; `fault` is the charger's open one."""
    if fault is not None and fault.spoils(period):
        return Hazard.FAULT
    if any(work.concerns(evse_id) and work.period.overlaps(period) for work in works):
        return Hazard.MAINTENANCE
    return None
