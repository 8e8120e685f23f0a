"""What is granted to a request for a slot, and a Quote: a grant with a price that holds its slot for some minutes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.rules.booking_location import BookingOption, BookingTerms, Confirmation, Timeslot
from models.rules.charge import Charge
from models.rules.estimate import Estimate
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.provider_fee import ProviderFeeLine
from models.rules.role import Role
from models.rules.tariff import Tariff


class QuotePurpose(StrEnum):
    """What a quote is for: a booking to be made, or the next slot of one that is there.

    A CHANGE is its holder's, a PROPOSAL its operator's; an ALTERNATIVE is held because its charger fails.
    """

    BOOKING = "BOOKING"
    CHANGE = "CHANGE"
    PROPOSAL = "PROPOSAL"
    ALTERNATIVE = "ALTERNATIVE"


class QuoteOutcome(StrEnum):
    """What became of a quote; one that is OPEN may have expired without anybody having noted it.

    One that changes a booking is BOOKED once the change is asked for, whatever is then decided.
    """

    OPEN = "OPEN"
    BOOKED = "BOOKED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Held:
    """What a quote holds until `expires_at`, without what it promises: all that is needed to let it go."""

    id: UUID
    location_id: str
    period: Interval
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """A charger and bay for a timeslot, for what was asked, with all that a booking of it freezes.

    `price` is the operator's. Power in W; `evse_pinned` tells that this charger was asked for, not any of a group.
    `license_plate` is that of the stored vehicle which was asked for; a booking has it unless another is given.
    """

    location_id: str
    booking_location_id: str
    cpo_id: str
    timeslot: Timeslot
    evse_id: str
    connector_id: str
    parking_bay_id: str | None
    evse_pinned: bool
    demand: Demand
    booking_option: BookingOption
    booking_terms: BookingTerms
    confirmation: Confirmation
    tariffs: tuple[Tariff, ...]
    price: Estimate
    license_plate: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Which booking a quote changes, as of which revision."""

    booking_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A grant that is held until `expires_at` for the party, role and contracts that asked for it.

    `changes` names the booking whose next slot it is to be, if it is for none that is to be made; `fee` is what that
    change costs besides.
    """

    id: UUID
    emsp_id: str
    role: Role
    contract_ids: tuple[str, ...]
    grant: Grant
    provider_fees: tuple[ProviderFeeLine, ...]
    made_at: datetime
    expires_at: datetime
    settled_at: datetime | None = None
    outcome: QuoteOutcome = QuoteOutcome.OPEN
    booking_id: UUID | None = None
    purpose: QuotePurpose = QuotePurpose.BOOKING
    changes: Changes | None = None
    fee: Charge | None = None

    @property
    def held(self) -> Held:
        """What it holds."""
        return Held(self.id, self.grant.location_id, self.grant.timeslot.period, self.expires_at)

    @property
    def is_proposal(self) -> bool:
        """Whether it is what an operator proposes."""
        return self.purpose is QuotePurpose.PROPOSAL

    def outcome_at(self, now: datetime) -> QuoteOutcome:
        """Return what became of it by `now`."""
        if self.outcome is QuoteOutcome.OPEN and self.expires_at <= now:
            return QuoteOutcome.EXPIRED
        return self.outcome
