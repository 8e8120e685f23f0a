"""The root fields that warn of the end of sessions, and of states of charge (BUC 3.5, 3.6)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import session_alert as rules
from models.rules.session_alert import DEFAULT_MINUTES, AlertKind, AlertWish
from resolvers import session_alert_wishes as wishes
from resolvers.call import Call
from resolvers.events import Resync
from resolvers.session_alert_wishes import Alerts, WantedAlerts
from schema import charging_problems, problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, text
from schema.live import AFTER_CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from schema.session import Session, session
from subscriptions import session_alerts as following

MINUTES = "each 1 to 240; at most five"
TARGET = "State of charge in percent, 1 to 100."


@strawberry.type(description="One warning of a session.")
class SessionAlert:
    """One warning of a session."""

    kind: AlertKind
    minutes_before: int = strawberry.field(description="0 at the moment itself.")
    due_at: datetime | None = strawberry.field(
        description="Null while that is not known: nothing limits the session, or the station does not share the "
        "state of charge, or that does not rise."
    )
    settled_at: datetime | None = strawberry.field(
        description="When it was sent, or when nobody needed it any more; null while it is to come."
    )


@strawberry.type(description="When somebody wants to be warned in a session, and the warnings that come of it.")
class SessionAlerts:
    """When somebody wants to be warned in a session."""

    booking_id: strawberry.ID | None = strawberry.field(description="Null for a use without a booking.")
    session: Session | None = strawberry.field(
        description="The booking's session that goes on, or was the last; null before it begins."
    )
    minutes_before_end: list[int] = strawberry.field(description="Before the end of the slot; 15, unless set.")
    target_state_of_charge: int | None = strawberry.field(description=TARGET)
    minutes_before_target: list[int]
    alerts: list[SessionAlert] = strawberry.field(
        description="In the order in which they fall due; none before the session begins."
    )


@strawberry.type(description="That something in a session is about to happen, or happens.")
class SessionAlertDue:
    """That something in a session is about to happen."""

    cursor: EventCursor = strawberry.field(description="Keep the last one, and resume `after` it.")
    at: datetime
    kind: AlertKind
    minutes_before: int = strawberry.field(description="How long before it was asked for; 0 at the moment itself.")
    session: Session


@strawberry.input(description="When to be warned in a session, in the place of what was asked before.")
class SessionAlertsSetInput:
    """When to be warned in a session."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID | None = strawberry.field(
        default=None, description="A booking to be charged on. Either this, or `sessionId`."
    )
    session_id: strawberry.ID | None = strawberry.field(default=None, description="A session that goes on.")
    minutes_before_end: list[int] = strawberry.field(
        description=f"Minutes before the end of the slot, or of a use without a booking before it is no longer "
        f"allowed, {MINUTES}. Empty for no warning."
    )
    target_state_of_charge: int | None = strawberry.field(
        default=None, description=f"{TARGET} It is shown in the session too."
    )
    minutes_before_target: list[int] | None = strawberry.field(
        default=None,
        description=f"Minutes before the projected moment of the target, {MINUTES}; 15 if absent. Of those that are "
        "left when the target is reached, the last is sent then. Only a station that shares the state of charge "
        "can be warned by.",
    )


SessionAlertsSetResult = Annotated[
    SessionAlerts
    | charging_problems.SessionOver
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("SessionAlertsSetResult"),
]
SessionAlertEvent = Annotated[SessionAlertDue | ResyncRequired, strawberry.union("SessionAlertEvent")]


@strawberry.type
class SessionAlertQuery:
    """The root field that reads warnings."""

    @strawberry.field(
        description="When the holder of a booking, or of a session, is warned; an error with code NOT_FOUND else. "
        "For EMSP and TO."
    )
    async def session_alerts(
        self,
        info: Info,
        booking_id: strawberry.ID | None = None,
        session_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Either this, or `bookingId`.")
        ] = None,
    ) -> SessionAlerts | None:
        """Return the warnings of a booking, or of a session."""
        call = await info.context.call()
        return _alerts(await wishes.of(call, _id(booking_id, "bookingId"), _id(session_id, "sessionId")), call)


@strawberry.type
class SessionAlertMutation:
    """The root field that asks for warnings."""

    @strawberry.mutation(
        description="Ask to be warned before the slot ends, and before the battery reaches a state of charge "
        "(BUC 3.5); while the session goes on, too. What was sent is not sent again, and of those whose moment has "
        "passed the last is sent at once. Who never asks is warned 15 minutes before the end. For EMSP and TO."
    )
    async def session_alerts_set(self, info: Info, input: SessionAlertsSetInput) -> SessionAlertsSetResult:
        """Ask to be warned."""
        booking_id, session_id = _id(input.booking_id, "bookingId"), _id(input.session_id, "sessionId")
        call = await info.context.call()
        return _alerts(
            await wishes.set(call, input.idempotency_key, WantedAlerts(booking_id, session_id, _wish(input))), call
        )


@strawberry.type
class SessionAlertSubscription:
    """The root field that warns."""

    @strawberry.subscription(
        description="Warnings of the caller's sessions as they fall due, each once (BUC 3.5). For EMSP and TO; the "
        "CPO is told the moment charging is no longer allowed (BUC 3.6), and of faults of chargers in use."
    )
    async def session_alert_due(
        self,
        info: Info,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[SessionAlertEvent, None]:
        """Yield warnings."""
        context = info.context
        due = following.due(await context.call(), context.call, context.feed, read_cursor(after))
        try:
            async for one in due:
                yield SessionAlertDue(
                    cursor=write_cursor(one.cursor),
                    at=one.at,
                    kind=one.kind,
                    minutes_before=one.minutes_before,
                    session=session(one.session, await context.call()),
                )
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await due.aclose()


def _id(given: strawberry.ID | None, name: str) -> str | None:
    return text(given, name, LONGEST_ID)


def _wish(input: SessionAlertsSetInput) -> AlertWish:
    target, minutes = input.target_state_of_charge, input.minutes_before_target
    unless_said = () if target is None else DEFAULT_MINUTES
    return AlertWish(tuple(input.minutes_before_end), target, unless_said if minutes is None else tuple(minutes))


def _alerts(one: Alerts, call: Call) -> SessionAlerts:
    return SessionAlerts(
        booking_id=None if one.booking_id is None else strawberry.ID(one.booking_id),
        session=None if one.session is None else session(one.session, call),
        minutes_before_end=list(one.wish.minutes_before_end),
        target_state_of_charge=one.wish.target_state_of_charge,
        minutes_before_target=list(one.wish.minutes_before_target),
        alerts=[_alert(each) for each in one.alerts],
    )


def _alert(one: rules.SessionAlert) -> SessionAlert:
    return SessionAlert(kind=one.kind, minutes_before=one.minutes_before, due_at=one.due_at, settled_at=one.sent_at)
