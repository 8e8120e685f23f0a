"""How a vehicle asks to enter a Location, why it is not let in, and what is kept of that (BUC 3.12)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.rules.identity import part_id
from models.rules.parties import Parties


class EntryMethod(StrEnum):
    """By what a vehicle asks to enter."""

    LICENSE_PLATE = "LICENSE_PLATE"
    ACCESS_CODE = "ACCESS_CODE"
    TOKEN = "TOKEN"  # noqa: S105 - a value of the standard
    REFERENCE = "REFERENCE"


GUESSED = frozenset({EntryMethod.ACCESS_CODE, EntryMethod.REFERENCE})
"""What somebody without a booking could try one after the other; plates and Tokens are seen or read by a device."""


class EntryRefusal(StrEnum):
    """Why a vehicle is not let in; none tells of other bookings."""

    NO_BOOKING = "NO_BOOKING"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    BOOKING_OVER = "BOOKING_OVER"
    BOOKING_PENDING = "BOOKING_PENDING"
    REFERENCE_REPLACED = "REFERENCE_REPLACED"
    METHOD_NOT_ACCEPTED = "METHOD_NOT_ACCEPTED"
    TOKEN_BLOCKED = "TOKEN_BLOCKED"  # noqa: S105 - a reason
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a reason


SENTENCES = {
    EntryRefusal.NO_BOOKING: "There is no booking for that here around now.",
    EntryRefusal.TOO_EARLY: "It is too early for your booking; come back later.",
    EntryRefusal.TOO_LATE: "It is too late for your booking.",
    EntryRefusal.BOOKING_OVER: "Your booking is over.",
    EntryRefusal.BOOKING_PENDING: "The operator has yet to confirm your booking.",
    EntryRefusal.REFERENCE_REPLACED: "Your booking was changed and has a new reference.",
    EntryRefusal.METHOD_NOT_ACCEPTED: "This gate does not open that way; see how to enter with your booking.",
    EntryRefusal.TOKEN_BLOCKED: "This card or account is blocked; ask your provider.",
    EntryRefusal.TOKEN_EXPIRED: "This card or account has expired; ask your provider.",
}
"""What to show at the gate."""


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """That somebody asked to enter a Location by a gate, which may have a name; admitted unless there is a `reason`.

    `booking_id` is the booking that was found, if one was. It is kept without what was presented.
    """

    id: UUID
    location_id: str
    at: datetime
    gate: str | None
    method: EntryMethod
    reason: EntryRefusal | None
    booking_id: UUID | None
    parties: Parties

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; the operator owns it."""
        return part_id(self.parties.cpo_id, str(self.id))

    @property
    def booking_object_id(self) -> str | None:
        """The composite id of the booking that was found."""
        return None if self.booking_id is None else part_id(self.parties.cpo_id, str(self.booking_id))
