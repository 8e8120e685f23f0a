"""Refusals as callers see them: members of a mutation's result union, with fields and a sentence."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import strawberry
from strawberry.types.field import StrawberryField

from models import errors
from models.rules.booking_state import ReservationStatus
from models.rules.misfit import Misfit
from schema.booking_location import Period


@strawberry.interface(description="A wish that was turned down, and why.")
class Problem:
    """A wish that was turned down."""

    message: str = strawberry.field(description="A sentence for people.")


@strawberry.type(description="There is no such object, or not one that the caller may see.")
class NotFound(Problem):
    """There is no such object."""

    kind: str
    id: strawberry.ID

    @classmethod
    def of(cls, refusal: errors.NotFound) -> "NotFound":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), kind=refusal.kind, id=strawberry.ID(refusal.id))


@strawberry.type(description="The caller's role, the owner of the object or the operator's terms forbid it.")
class NotAllowed(Problem):
    """It is forbidden."""

    @classmethod
    def of(cls, refusal: errors.NotAllowed) -> "NotAllowed":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal))


@strawberry.type(description="No charger or bay is free for all of the period.")
class SlotTaken(Problem):
    """No charger or bay is free."""

    booking_location_id: strawberry.ID
    period: Period
    closest: list[Period] = strawberry.field(
        description="The last free slot of that length before the period and the first after, within 12 hours."
    )

    @classmethod
    def of(cls, refusal: errors.SlotTaken) -> "SlotTaken":
        """Return the refusal as callers see it."""
        return cls(
            message=str(refusal),
            booking_location_id=strawberry.ID(refusal.booking_location_id),
            period=Period.of(refusal.period),
            closest=[Period.of(one) for one in refusal.closest],
        )


@strawberry.type(description="The period is not offered, or does not lie on the calendar's grid.")
class OutsideCalendar(Problem):
    """The period is not offered."""

    booking_location_id: strawberry.ID
    period: Period
    reason: str

    @classmethod
    def of(cls, refusal: errors.OutsideCalendar) -> "OutsideCalendar":
        """Return the refusal as callers see it."""
        place = strawberry.ID(refusal.booking_location_id)
        period = Period.of(refusal.period)
        return cls(message=str(refusal), booking_location_id=place, period=period, reason=refusal.reason)


@strawberry.type(description="The vehicle or its demands do not fit what is booked.")
class DoesNotFit(Problem):
    """It does not fit."""

    booking_location_id: strawberry.ID
    reasons: list[Misfit]

    @classmethod
    def of(cls, refusal: errors.DoesNotFit) -> "DoesNotFit":
        """Return the refusal as callers see it."""
        place = strawberry.ID(refusal.booking_location_id)
        reasons = [Misfit(reason) for reason in refusal.reasons]
        return cls(message=str(refusal), booking_location_id=place, reasons=reasons)


@strawberry.type(description="Every charger that would fit is out of use.")
class ChargerUnusable(Problem):
    """Every charger that would fit is out of use."""

    booking_location_id: strawberry.ID
    quote_id: strawberry.ID | None = strawberry.field(description="Which quote of a mission holds it.")

    @classmethod
    def of(cls, refusal: errors.ChargerUnusable) -> "ChargerUnusable":
        """Return the refusal as callers see it."""
        place = strawberry.ID(refusal.booking_location_id)
        quote_id = strawberry.ID(refusal.quote_id) if refusal.quote_id else None
        return cls(message=str(refusal), booking_location_id=place, quote_id=quote_id)


@strawberry.type(description="It costs more than `maxPrice`, or nobody knows what it costs in that currency.")
class PriceChanged(Problem):
    """It costs more than the caller would pay."""

    booking_location_id: strawberry.ID
    after_taxes: Decimal | None = strawberry.field(description="What it costs now, with taxes; null if not known.")
    currency: str | None

    @classmethod
    def of(cls, refusal: errors.PriceChanged) -> "PriceChanged":
        """Return the refusal as callers see it."""
        place = strawberry.ID(refusal.booking_location_id)
        amount, currency = refusal.after_taxes, refusal.currency
        return cls(message=str(refusal), booking_location_id=place, after_taxes=amount, currency=currency)


@strawberry.type(description="The caller holds as many slots as one may; book or release one of them.")
class TooManyHolds(Problem):
    """The caller holds as many slots as one may."""

    limit: int

    @classmethod
    def of(cls, refusal: errors.TooManyHolds) -> "TooManyHolds":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), limit=refusal.limit)


@strawberry.type(description="The quote holds its slot no more; ask for a new one.")
class QuoteExpired(Problem):
    """The quote holds its slot no more."""

    quote_id: strawberry.ID
    expired_at: datetime

    @classmethod
    def of(cls, refusal: errors.QuoteExpired) -> "QuoteExpired":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), quote_id=strawberry.ID(refusal.quote_id), expired_at=refusal.expired_at)


@strawberry.type(description="The quote was booked before; it is consumed once.")
class QuoteUsed(Problem):
    """The quote was booked before."""

    quote_id: strawberry.ID
    booking_id: strawberry.ID

    @classmethod
    def of(cls, refusal: errors.QuoteUsed) -> "QuoteUsed":
        """Return the refusal as callers see it."""
        quote_id, booking_id = strawberry.ID(refusal.quote_id), strawberry.ID(refusal.booking_id)
        return cls(message=str(refusal), quote_id=quote_id, booking_id=booking_id)


@strawberry.type(description="The last moment for it is over.")
class CutOffPassed(Problem):
    """The last moment for it is over."""

    cut_off: datetime

    @classmethod
    def of(cls, refusal: errors.CutOffPassed) -> "CutOffPassed":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), cut_off=refusal.cut_off)


@strawberry.type(description="It costs a fee by now; a quote tells it, and accepts it by being named.")
class FeeDue(Problem):
    """It costs a fee by now."""

    after_taxes: Decimal
    currency: str

    @classmethod
    def of(cls, refusal: errors.FeeDue) -> "FeeDue":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), after_taxes=refusal.after_taxes, currency=refusal.currency)


@strawberry.type(description="No request on the booking waits for a decision, or it waits no more.")
class NothingToDecide(Problem):
    """No request on the booking waits for a decision."""

    booking_id: strawberry.ID
    until: datetime | None = strawberry.field(description="When the request lapsed; null if there is none.")

    @classmethod
    def of(cls, refusal: errors.NothingToDecide) -> "NothingToDecide":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), booking_id=strawberry.ID(refusal.booking_id), until=refusal.until)


@strawberry.type(description="The booking is over and changes no more.")
class AlreadyFinal(Problem):
    """The booking is over."""

    status: ReservationStatus

    @classmethod
    def of(cls, refusal: errors.AlreadyFinal) -> "AlreadyFinal":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), status=ReservationStatus(refusal.status))


@strawberry.type(description="The object was changed, or taken away, since the caller read it; read it again.")
class LostUpdate(Problem):
    """The object was changed since the caller read it."""

    kind: str
    id: strawberry.ID
    stored_last_updated: datetime | None = strawberry.field(
        description="Its `lastUpdated` as it is now; null if it is gone."
    )

    @classmethod
    def of(cls, refusal: errors.LostUpdate) -> "LostUpdate":
        """Return the refusal as callers see it."""
        stored = refusal.last_updated
        return cls(message=str(refusal), kind=refusal.kind, id=strawberry.ID(refusal.id), stored_last_updated=stored)


@strawberry.type(description="The idempotency key was used before, with another input.")
class IdempotencyConflict(Problem):
    """The key was used before."""

    idempotency_key: str

    @classmethod
    def of(cls, refusal: errors.IdempotencyConflict) -> "IdempotencyConflict":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), idempotency_key=refusal.idempotency_key)


T = TypeVar("T", bound=errors.Refusal)


def handler(
    refusal: type[T], problem: type[Problem], of: Callable[[T], Problem]
) -> type[strawberry.ExceptionHandler[Any, Any]]:
    """Return what makes a member of the result union of a refusal that a use case raises."""

    class Handling(strawberry.ExceptionHandler):  # type: ignore[type-arg]  # known here only, by the attributes
        exception_type = refusal
        error_type = problem

        def handle(self, exception: Any, *, field: StrawberryField, info: object) -> Problem:
            """Return the refusal as callers see it."""
            return of(exception)

    return Handling


HANDLERS = (
    handler(errors.NotFound, NotFound, NotFound.of),
    handler(errors.NotAllowed, NotAllowed, NotAllowed.of),
    handler(errors.SlotTaken, SlotTaken, SlotTaken.of),
    handler(errors.OutsideCalendar, OutsideCalendar, OutsideCalendar.of),
    handler(errors.DoesNotFit, DoesNotFit, DoesNotFit.of),
    handler(errors.ChargerUnusable, ChargerUnusable, ChargerUnusable.of),
    handler(errors.PriceChanged, PriceChanged, PriceChanged.of),
    handler(errors.TooManyHolds, TooManyHolds, TooManyHolds.of),
    handler(errors.QuoteExpired, QuoteExpired, QuoteExpired.of),
    handler(errors.QuoteUsed, QuoteUsed, QuoteUsed.of),
    handler(errors.CutOffPassed, CutOffPassed, CutOffPassed.of),
    handler(errors.FeeDue, FeeDue, FeeDue.of),
    handler(errors.NothingToDecide, NothingToDecide, NothingToDecide.of),
    handler(errors.AlreadyFinal, AlreadyFinal, AlreadyFinal.of),
    handler(errors.LostUpdate, LostUpdate, LostUpdate.of),
    handler(errors.IdempotencyConflict, IdempotencyConflict, IdempotencyConflict.of),
)
