"""Every refusal of the business, as a type with fields.

Refusal
├── NotFound             no such object, or not one that the caller may see
├── NotAllowed           the caller's role or the object's owner forbids it
├── SlotTaken            no charger or bay is free for all of the period
├── OutsideCalendar      the period is not offered, or not on the calendar's grid
├── DoesNotFit           the vehicle or its demands do not fit what is booked
├── ChargerUnusable      every charger that would fit is out of use
├── PriceChanged         it costs more than the caller would pay
├── TooManyHolds         the party holds as many slots as one may
├── QuoteExpired         the quote holds its slot no more
├── QuoteUsed            the quote was booked before
├── CutOffPassed         too late to change or to cancel
├── FeeDue               it costs a fee, which is accepted by a quote
├── NothingToDecide      no request on the booking waits for a decision
├── AlreadyFinal         the booking is over and changes no more
├── LostUpdate           the object was changed since the caller read it
└── IdempotencyConflict  the key was used before, with another input

Those at the site are in `models.charging_errors`.

Bad input is `BadInput`; whatever else is raised is a fault. `TryAgain` tells that the database was too busy.
"""

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from models.rules.interval import Interval


@dataclass
class Refusal(Exception):
    """A wish that the business turns down."""

    kinds: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init_subclass__(cls) -> None:
        """Make the refusal known by name, so that a remembered one can be raised again."""
        super().__init_subclass__()
        Refusal.kinds[cls.__name__] = cls

    def remembered(self) -> dict[str, Any]:
        """Return the refusal as JSON values, for `recalled`."""
        return {"refusal": type(self).__name__, **{k: _plain(v) for k, v in asdict(self).items()}}


def recalled(stored: dict[str, Any]) -> Refusal:
    """Return the refusal that `Refusal.remembered` wrote down."""
    kind = Refusal.kinds[stored["refusal"]]
    known = {f.name: _value(stored.get(f.name), f.type) for f in fields(kind)}
    return kind(**known)


@dataclass
class NotFound(Refusal):
    """No such object, or not one that the caller may see."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"There is no {self.kind} {self.id}."


@dataclass
class NotAllowed(Refusal):
    """The caller's role, or the object's owner, forbids it."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass
class SlotTaken(Refusal):
    """No charger or bay is free for all of the period; `closest` are the free ones before and after (BUC 2.1)."""

    booking_location_id: str
    period: Interval
    closest: list[Interval] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.booking_location_id} has no charger free from {_span(self.period)}."


@dataclass
class OutsideCalendar(Refusal):
    """The period is not offered, or does not lie on the calendar's grid."""

    booking_location_id: str
    period: Interval
    reason: str

    def __str__(self) -> str:
        return f"{self.booking_location_id} cannot be booked from {_span(self.period)}: {self.reason}."


@dataclass
class DoesNotFit(Refusal):
    """The vehicle or its demands do not fit what is booked."""

    booking_location_id: str
    reasons: list[str]

    def __str__(self) -> str:
        return f"{self.booking_location_id} does not fit: {'; '.join(self.reasons)}."


@dataclass
class ChargerUnusable(Refusal):
    """Every charger that would fit is out of use; `quote_id` names the one of several quotes that it holds."""

    booking_location_id: str
    quote_id: str | None = None

    def __str__(self) -> str:
        return f"Every charger of {self.booking_location_id} that would fit is out of use."


@dataclass
class PriceChanged(Refusal):
    """It costs more after taxes than the caller would pay; None is not known, or in another currency in part."""

    booking_location_id: str
    after_taxes: Decimal | None
    currency: str | None

    def __str__(self) -> str:
        if self.after_taxes is None or self.currency is None:
            return f"What {self.booking_location_id} costs is not known, or not in one currency."
        return f"{self.booking_location_id} costs {self.after_taxes} {self.currency} for that."


@dataclass
class TooManyHolds(Refusal):
    """The party holds as many slots as one may at a time."""

    limit: int

    def __str__(self) -> str:
        return f"You hold {self.limit} slots, as many as one may; book or release one of them, or let it expire."


@dataclass
class QuoteExpired(Refusal):
    """The quote holds its slot no more."""

    quote_id: str
    expired_at: datetime

    def __str__(self) -> str:
        return f"Quote {self.quote_id} held its slot until {self.expired_at.isoformat()}; ask for a new one."


@dataclass
class QuoteUsed(Refusal):
    """The quote was booked before; it is consumed once."""

    quote_id: str
    booking_id: str

    def __str__(self) -> str:
        return f"Quote {self.quote_id} was booked before, as {self.booking_id}."


@dataclass
class CutOffPassed(Refusal):
    """The last moment for it is over (BUC 2.9)."""

    cut_off: datetime

    def __str__(self) -> str:
        return f"This was possible until {self.cut_off.isoformat()}."


@dataclass
class FeeDue(Refusal):
    """It costs a fee by now; a quote tells it, and is how the holder accepts it (BUC 2.9)."""

    after_taxes: Decimal
    currency: str

    def __str__(self) -> str:
        return f"This costs {self.after_taxes} {self.currency} by now; accept that by asking for a quote and its id."


@dataclass
class NothingToDecide(Refusal):
    """No request on the booking waits for a decision, or it waits no more (BUC 2.6)."""

    booking_id: str
    until: datetime | None

    def __str__(self) -> str:
        if self.until is not None:
            return f"The request on {self.booking_id} could be decided on until {self.until.isoformat()}."
        return f"No request on {self.booking_id} waits for a decision; read the booking to see what came of it."


@dataclass
class AlreadyFinal(Refusal):
    """The booking is over and changes no more."""

    status: str

    def __str__(self) -> str:
        return f"The booking is {self.status} and changes no more."


@dataclass
class LostUpdate(Refusal):
    """The object was changed, or taken away, since the caller read it; `last_updated` is what it is now."""

    kind: str
    id: str
    last_updated: datetime | None

    def __str__(self) -> str:
        if self.last_updated is None:
            return f"There is no {self.kind} {self.id} any more; read again what there is."
        changed = self.last_updated.isoformat()
        return f"{self.kind} {self.id} was changed at {changed}; read it again, then repeat your change."


@dataclass
class IdempotencyConflict(Refusal):
    """The key was used before, with another input."""

    idempotency_key: str

    def __str__(self) -> str:
        return f"The key {self.idempotency_key} was used with another input; use a new key for a new request."


class BadInput(Exception):
    """What the client sent makes no sense; the message says what to do."""


class Unauthenticated(Exception):
    """The field needs an API token, or the one given opens nothing."""


class Forbidden(Exception):
    """The caller may not use this field at all."""


class TryAgain(Exception):
    """The database was too busy to answer in time; nothing was written."""


def _span(period: Interval) -> str:
    return f"{period.start.isoformat()} to {period.end.isoformat()}"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _value(value: Any, kind: object) -> Any:
    if kind == list[Interval]:
        return [_value(one, Interval) for one in value or ()]
    if kind is Interval and value is not None:
        return Interval(datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"]))
    if kind in (datetime, datetime | None) and value is not None:
        return datetime.fromisoformat(value)
    if kind in (Decimal, Decimal | None) and value is not None:
        return Decimal(value)
    return value
