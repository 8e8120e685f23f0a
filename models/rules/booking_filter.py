"""Which bookings a list holds: whose they are, and what is asked of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.rules.booking_state import Outcome, ReservationStatus
from models.rules.interval import Interval


@dataclass(frozen=True, slots=True)
class Booker:
    """A party that books on behalf of others, by mandates that are valid `now`."""

    party_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose bookings are asked for: an operator's, a provider's, or some contracts' of one provider.

    With `booker`, also those that this party made on behalf of others whose mandates for that it has.
    """

    cpo_id: str | None = None
    emsp_id: str | None = None
    contract_ids: tuple[str, ...] | None = None
    booker: Booker | None = None


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """Which bookings are asked for; empty fields ask nothing.

    `references` are those that bookings have or once had, `named` their operators and ids; none given is no booking,
    None asks nothing.
    `endangered` asks for those that their charger may fail, or for the others.
    """

    location_id: str | None = None
    statuses: tuple[ReservationStatus, ...] = ()
    starting: Interval | None = None
    references: tuple[str, ...] | None = None
    mission_id: UUID | None = None
    outcomes: tuple[Outcome, ...] = ()
    endangered: bool | None = None
    named: tuple[tuple[str, UUID], ...] | None = None
    updated_since: datetime | None = None
