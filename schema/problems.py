"""Refusals as callers see them: members of a mutation's result union, with fields and a sentence."""

from datetime import datetime

import strawberry
from strawberry.types.field import StrawberryField

from models import errors
from models.rules.fit import Misfit
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


@strawberry.type(description="The caller's role, the owner of the object or the operator's terms forbid it.")
class NotAllowed(Problem):
    """It is forbidden."""


@strawberry.type(description="No charger or bay is free for all of the period.")
class SlotTaken(Problem):
    """No charger or bay is free."""

    booking_location_id: strawberry.ID
    period: Period


@strawberry.type(description="The period is not offered, or does not lie on the calendar's grid.")
class OutsideCalendar(Problem):
    """The period is not offered."""

    booking_location_id: strawberry.ID
    period: Period
    reason: str


@strawberry.type(description="The vehicle or its demands do not fit what is booked.")
class DoesNotFit(Problem):
    """It does not fit."""

    booking_location_id: strawberry.ID
    reasons: list[Misfit]


@strawberry.type(description="Every charger that would fit is out of use.")
class ChargerUnusable(Problem):
    """Every charger that would fit is out of use."""

    booking_location_id: strawberry.ID


@strawberry.type(description="The last moment for it is over.")
class CutOffPassed(Problem):
    """The last moment for it is over."""

    cut_off: datetime


@strawberry.type(description="The booking is over and changes no more.")
class AlreadyFinal(Problem):
    """The booking is over."""

    status: str


@strawberry.type(description="The idempotency key was used before, with another input.")
class IdempotencyConflict(Problem):
    """The key was used before."""

    idempotency_key: str


class NotFoundHandler(strawberry.ExceptionHandler[errors.NotFound, NotFound]):
    """Make a member of the union."""

    def handle(self, exception: errors.NotFound, *, field: StrawberryField, info: object) -> NotFound:
        """Return the refusal as callers see it."""
        return NotFound(message=str(exception), kind=exception.kind, id=strawberry.ID(exception.id))


class NotAllowedHandler(strawberry.ExceptionHandler[errors.NotAllowed, NotAllowed]):
    """Make a member of the union."""

    def handle(self, exception: errors.NotAllowed, *, field: StrawberryField, info: object) -> NotAllowed:
        """Return the refusal as callers see it."""
        return NotAllowed(message=str(exception))


class SlotTakenHandler(strawberry.ExceptionHandler[errors.SlotTaken, SlotTaken]):
    """Make a member of the union."""

    def handle(self, exception: errors.SlotTaken, *, field: StrawberryField, info: object) -> SlotTaken:
        """Return the refusal as callers see it."""
        return SlotTaken(
            message=str(exception),
            booking_location_id=strawberry.ID(exception.booking_location_id),
            period=Period.of(exception.period),
        )


class OutsideCalendarHandler(strawberry.ExceptionHandler[errors.OutsideCalendar, OutsideCalendar]):
    """Make a member of the union."""

    def handle(self, exception: errors.OutsideCalendar, *, field: StrawberryField, info: object) -> OutsideCalendar:
        """Return the refusal as callers see it."""
        return OutsideCalendar(
            message=str(exception),
            booking_location_id=strawberry.ID(exception.booking_location_id),
            period=Period.of(exception.period),
            reason=exception.reason,
        )


class DoesNotFitHandler(strawberry.ExceptionHandler[errors.DoesNotFit, DoesNotFit]):
    """Make a member of the union."""

    def handle(self, exception: errors.DoesNotFit, *, field: StrawberryField, info: object) -> DoesNotFit:
        """Return the refusal as callers see it."""
        return DoesNotFit(
            message=str(exception),
            booking_location_id=strawberry.ID(exception.booking_location_id),
            reasons=[Misfit(reason) for reason in exception.reasons],
        )


class ChargerUnusableHandler(strawberry.ExceptionHandler[errors.ChargerUnusable, ChargerUnusable]):
    """Make a member of the union."""

    def handle(self, exception: errors.ChargerUnusable, *, field: StrawberryField, info: object) -> ChargerUnusable:
        """Return the refusal as callers see it."""
        return ChargerUnusable(
            message=str(exception), booking_location_id=strawberry.ID(exception.booking_location_id)
        )


class CutOffPassedHandler(strawberry.ExceptionHandler[errors.CutOffPassed, CutOffPassed]):
    """Make a member of the union."""

    def handle(self, exception: errors.CutOffPassed, *, field: StrawberryField, info: object) -> CutOffPassed:
        """Return the refusal as callers see it."""
        return CutOffPassed(message=str(exception), cut_off=exception.cut_off)


class AlreadyFinalHandler(strawberry.ExceptionHandler[errors.AlreadyFinal, AlreadyFinal]):
    """Make a member of the union."""

    def handle(self, exception: errors.AlreadyFinal, *, field: StrawberryField, info: object) -> AlreadyFinal:
        """Return the refusal as callers see it."""
        return AlreadyFinal(message=str(exception), status=exception.status)


class IdempotencyConflictHandler(strawberry.ExceptionHandler[errors.IdempotencyConflict, IdempotencyConflict]):
    """Make a member of the union."""

    def handle(
        self, exception: errors.IdempotencyConflict, *, field: StrawberryField, info: object
    ) -> IdempotencyConflict:
        """Return the refusal as callers see it."""
        return IdempotencyConflict(message=str(exception), idempotency_key=exception.idempotency_key)


HANDLERS = (
    NotFoundHandler,
    NotAllowedHandler,
    SlotTakenHandler,
    OutsideCalendarHandler,
    DoesNotFitHandler,
    ChargerUnusableHandler,
    CutOffPassedHandler,
    AlreadyFinalHandler,
    IdempotencyConflictHandler,
)
