"""Which bookings a list holds: whose they are, and what is asked of them."""

from dataclasses import dataclass

from models.rules.booking_state import ReservationStatus
from models.rules.interval import Interval


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose bookings are asked for: an operator's, a provider's, or some contracts' of one provider."""

    cpo_id: str | None = None
    emsp_id: str | None = None
    contract_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """Which bookings are asked for; empty fields ask nothing."""

    location_id: str | None = None
    statuses: tuple[ReservationStatus, ...] = ()
    starting: Interval | None = None
