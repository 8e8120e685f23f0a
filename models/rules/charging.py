"""Who asks to charge at a charger, and what is decided: allowed, and on what basis, or refused (BUC 3.1, 3.9)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.rules.booking import Booking, BookingToken
from models.rules.token import Token, TokenType


class ChargingBasis(StrEnum):
    """By what charging is allowed: a booking in its slot, a booking before it, or no booking at all."""

    BOOKING = "BOOKING"
    EARLY_START = "EARLY_START"
    WALK_UP = "WALK_UP"


class StartMethod(StrEnum):
    """How somebody asks to charge; REMOTE is by the EMSP's command, PLUG_AND_CHARGE by the vehicle (ISO 15118)."""

    RFID = "RFID"
    APP = "APP"
    PLUG_AND_CHARGE = "PLUG_AND_CHARGE"
    REFERENCE = "REFERENCE"
    REMOTE = "REMOTE"
    OTHER = "OTHER"


METHODS = {
    TokenType.RFID: StartMethod.RFID,
    TokenType.APP_USER: StartMethod.APP,
    TokenType.AD_HOC_USER: StartMethod.APP,
    TokenType.EMAID: StartMethod.PLUG_AND_CHARGE,
    TokenType.OTHER: StartMethod.OTHER,
}
"""How a Token of each type asks."""


class ChargingRefusal(StrEnum):
    """Why charging is refused; none tells who has the charger."""

    BOOKED_BY_OTHER = "BOOKED_BY_OTHER"
    CHARGER_IN_USE = "CHARGER_IN_USE"
    CHARGER_UNUSABLE = "CHARGER_UNUSABLE"
    LOCATION_CLOSED = "LOCATION_CLOSED"
    BOOKING_REQUIRED = "BOOKING_REQUIRED"
    BOOKING_PENDING = "BOOKING_PENDING"
    BOOKING_OVER = "BOOKING_OVER"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    WRONG_CHARGER = "WRONG_CHARGER"
    METHOD_NOT_ACCEPTED = "METHOD_NOT_ACCEPTED"
    REFERENCE_UNKNOWN = "REFERENCE_UNKNOWN"
    REFERENCE_REPLACED = "REFERENCE_REPLACED"
    TOKEN_UNKNOWN = "TOKEN_UNKNOWN"  # noqa: S105 - a reason
    TOKEN_BLOCKED = "TOKEN_BLOCKED"  # noqa: S105 - a reason
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a reason


@dataclass(frozen=True, slots=True)
class Presented:
    """With what somebody asks to charge: a Token's uid and type, or a reference typed at the pinpad.

    `known` are the Tokens that EMSPs published under that uid and type; for an EMAID, those of its contract.
    """

    method: StartMethod
    uid: str | None = None
    type: TokenType | None = None
    reference: str | None = None
    known: tuple[Token, ...] = ()

    @property
    def remote(self) -> bool:
        """Whether nobody stands at the charger's own reader or pinpad."""
        return self.method is StartMethod.REMOTE


@dataclass(frozen=True, slots=True)
class Allowed:
    """That charging is allowed, until when if anything limits it, by which booking and at whose expense."""

    basis: ChargingBasis
    booking: Booking | None
    token: BookingToken | None
    emsp_id: str | None
    until: datetime | None
    parking_bay_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """That charging is refused; `from_` is when it will be allowed, `evse_id` the charger that was booked instead.

    `booking` is the one it was about, if it was about one that whoever asks may use.
    """

    reason: ChargingRefusal
    from_: datetime | None = None
    evse_id: str | None = None
    booking: Booking | None = None

    @property
    def sentence(self) -> str:
        """What to show at the charger and to the driver (BUC 3.9)."""
        return SENTENCES[self.reason]


Decision = Allowed | Refused

SENTENCES = {
    ChargingRefusal.BOOKED_BY_OTHER: "This charger is booked by someone else at this time.",
    ChargingRefusal.CHARGER_IN_USE: "This charger is in use.",
    ChargingRefusal.CHARGER_UNUSABLE: "This charger is out of use.",
    ChargingRefusal.LOCATION_CLOSED: "This location is closed now.",
    ChargingRefusal.BOOKING_REQUIRED: "This charger can be used with a booking only.",
    ChargingRefusal.BOOKING_PENDING: "The operator has yet to confirm your booking.",
    ChargingRefusal.BOOKING_OVER: "Your booking is over.",
    ChargingRefusal.TOO_EARLY: "It is too early for your booking.",
    ChargingRefusal.TOO_LATE: "It is too late for your booking.",
    ChargingRefusal.WRONG_CHARGER: "Your booking is for another charger.",
    ChargingRefusal.METHOD_NOT_ACCEPTED: "This booking cannot be started that way; see how to start it.",
    ChargingRefusal.REFERENCE_UNKNOWN: "No booking here has this reference.",
    ChargingRefusal.REFERENCE_REPLACED: "Your booking was changed and has a new reference.",
    ChargingRefusal.TOKEN_UNKNOWN: "This card or account is not known here.",
    ChargingRefusal.TOKEN_BLOCKED: "This card or account is blocked; ask your provider.",
    ChargingRefusal.TOKEN_EXPIRED: "This card or account has expired; ask your provider.",
}
