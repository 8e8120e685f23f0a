"""The root fields that read sessions, and those by which operators report them (BUC 3.3, 3.6, 3.7, 3.8)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from models.errors import BadInput
from models.rules.session import ReadingOutcome, SessionStatus, StopReason
from resolvers import sessions
from resolvers.sessions import Ended, MeterReading, ReadingsReport, SessionFilter, StartReport, StopReport
from schema import charging_problems, problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, PeriodInput, interval, text
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.presented import REFERENCE, PresentedTokenInput, credential
from schema.session import Session, session

LONGEST_METER_ID = 255
MOST_KWH = Decimal(100_000_000)
MOST_POWER = 100_000_000
MOST_PERCENT = 100
MOST_DIGITS = 6
METER = "What the meter shows, in kWh."
KWH = "The energy since the start, in kWh; instead of `meter`."


@strawberry.input(description="That charging began at a charger of yours.")
class SessionStartReportInput:
    """That charging began."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    evse_id: strawberry.ID
    connector_id: strawberry.ID | None = strawberry.field(
        default=None, description="The one in use, by its id or yours; the booked or only one, if absent."
    )
    token: PresentedTokenInput | None = None
    reference: str | None = strawberry.field(default=None, description=REFERENCE)
    started_at: datetime | None = strawberry.field(
        default=None,
        description="Now, if absent. What began over five minutes ago is stored, whatever would have been decided.",
    )
    meter_start: Decimal | None = strawberry.field(default=None, description=METER)
    meter_id: str | None = None
    ended_at: datetime | None = strawberry.field(
        default=None,
        description="For what is told whole, after a charger was out of touch: it occupies nothing, and is stored "
        "even if another session has the charger by now. With `startedAt` and `reason`.",
    )
    reason: StopReason | None = strawberry.field(default=None, description="Why it ended; with `endedAt`.")
    meter: Decimal | None = strawberry.field(default=None, description=f"With `endedAt`. {METER}")
    kwh: Decimal | None = strawberry.field(default=None, description=f"With `endedAt`. {KWH}")
    state_of_charge: int | None = strawberry.field(default=None, description="With `endedAt`. Percent.")


@strawberry.input(description="What a charger measured at one moment.")
class MeterReadingInput:
    """What a charger measured."""

    at: datetime
    meter: Decimal | None = strawberry.field(default=None, description=METER)
    kwh: Decimal | None = strawberry.field(default=None, description=KWH)
    power: int | None = strawberry.field(default=None, description="W.")
    state_of_charge: int | None = strawberry.field(default=None, description="Percent, if the vehicle tells.")


@strawberry.input(description="What the charger of a session measured.")
class SessionReadingsReportInput:
    """What the charger of a session measured."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    session_id: strawberry.ID
    readings: list[MeterReadingInput] = strawberry.field(description="In any order; 1 to 500.")


@strawberry.input(description="That a session ended.")
class SessionStopReportInput:
    """That a session ended."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    session_id: strawberry.ID
    reason: StopReason = strawberry.field(
        description="After CHARGER_FAULT and POWER_LOSS its booking keeps the rest of the slot."
    )
    ended_at: datetime | None = strawberry.field(default=None, description="Now, if absent.")
    meter: Decimal | None = strawberry.field(default=None, description=METER)
    kwh: Decimal | None = strawberry.field(default=None, description=KWH)
    state_of_charge: int | None = strawberry.field(default=None, description="Percent.")


@strawberry.type(description="What became of one reading.")
class ReadingOutcomeAt:
    """What became of one reading."""

    at: datetime
    outcome: ReadingOutcome


@strawberry.type(description="A session as it is now, and what became of each reading, in order of time.")
class SessionReadings:
    """What became of each reading."""

    session: Session
    outcomes: list[ReadingOutcomeAt]


SessionStartReportResult = Annotated[
    Session
    | charging_problems.ChargingRefused
    | charging_problems.TooManyAttempts
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("SessionStartReportResult"),
]
SessionReadingsReportResult = Annotated[
    SessionReadings | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("SessionReadingsReportResult"),
]
SessionStopReportResult = Annotated[
    Session | charging_problems.SessionOver | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("SessionStopReportResult"),
]


@strawberry.type
class SessionQuery:
    """The root fields that read sessions."""

    @strawberry.field(description="A session by its id; an error with code NOT_FOUND else.")
    async def session(self, info: Info, id: strawberry.ID) -> Session | None:
        """Return one session."""
        call = await info.context.call()
        return session(await sessions.get(call, text(id, "id", LONGEST_ID)), call)

    @strawberry.field(description="The sessions that concern the caller, in the order of their starts.")
    async def sessions(
        self,
        info: Info,
        location_id: strawberry.ID | None = None,
        booking_ids: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="Those of these bookings; at most 100.")
        ] = None,
        statuses: list[SessionStatus] | None = None,
        starting: Annotated[PeriodInput | None, strawberry.argument(description="When they started.")] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[Session]:
        """Return a page of sessions."""
        call = await info.context.call()
        wanted = SessionFilter(
            location_id,
            None if booking_ids is None else tuple(booking_ids),
            tuple(statuses or ()),
            interval(starting, "starting") if starting else None,
        )
        page = await sessions.page(call, wanted, first=first, after=from_cursor(after))
        return connection([(session(one, call), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class SessionReportMutation:
    """The root fields by which operators report sessions."""

    @strawberry.mutation(
        description="Report that charging began (BUC 3.3). It is decided as by `chargingAuthorize`: what is refused "
        "is not stored, and the charger is to stop it. Reported again under another key it is the same session. What "
        "began while the charger was out of touch and would be CHARGER_IN_USE is told whole, with `endedAt`. For the "
        "CPO."
    )
    async def session_start_report(self, info: Info, input: SessionStartReportInput) -> SessionStartReportResult:
        """Report that charging began."""
        call = await info.context.call()
        report = StartReport(
            evse_id=text(input.evse_id, "evseId", LONGEST_ID),
            by=credential(input.token, input.reference),
            connector_id=text(input.connector_id, "connectorId", LONGEST_ID),
            started_at=input.started_at,
            meter_start=energy(input.meter_start, "meterStart"),
            meter_id=text(input.meter_id, "meterId", LONGEST_METER_ID),
            ended=_ended(input),
        )
        return session(await sessions.start_report(call, input.idempotency_key, report), call)

    @strawberry.mutation(
        description="Report what the charger of a session measured (BUC 3.8), in any order and as often as you like. "
        "For the CPO."
    )
    async def session_readings_report(
        self, info: Info, input: SessionReadingsReportInput
    ) -> SessionReadingsReportResult:
        """Report what a charger measured."""
        call = await info.context.call()
        readings = tuple(_reading(one) for one in input.readings)
        report = ReadingsReport(text(input.session_id, "sessionId", LONGEST_ID), readings)
        judged = await sessions.readings_report(call, input.idempotency_key, report)
        outcomes = [ReadingOutcomeAt(at=at, outcome=outcome) for at, outcome in judged.outcomes]
        return SessionReadings(session=session(judged.session, call), outcomes=outcomes)

    @strawberry.mutation(
        description="Report that a session ended (BUC 3.3, 3.6): the rest of its slot is free at once. For the CPO."
    )
    async def session_stop_report(self, info: Info, input: SessionStopReportInput) -> SessionStopReportResult:
        """Report that a session ended."""
        call = await info.context.call()
        if input.meter is not None and input.kwh is not None:
            raise BadInput("Give `meter` or `kwh`, not both.")
        report = StopReport(
            session_id=text(input.session_id, "sessionId", LONGEST_ID),
            reason=input.reason,
            ended_at=input.ended_at,
            meter=energy(input.meter, "meter"),
            kwh=energy(input.kwh, "kwh"),
            state_of_charge=percent(input.state_of_charge, "stateOfCharge"),
        )
        return session(await sessions.stop_report(call, input.idempotency_key, report), call)


def energy(value: Decimal | None, name: str) -> Decimal | None:
    """Return an energy in kWh, or raise BadInput; absent stays absent."""
    if value is not None and not 0 <= value <= MOST_KWH:
        raise BadInput(f"`{name}` is in kWh, between 0 and {MOST_KWH}.")
    if value is not None and value != round(value, MOST_DIGITS):
        raise BadInput(f"`{name}` has at most {MOST_DIGITS} decimals.")
    return value


def percent(value: int | None, name: str) -> int | None:
    """Return a state of charge, or raise BadInput; absent stays absent."""
    if value is not None and not 0 <= value <= MOST_PERCENT:
        raise BadInput(f"`{name}` is in percent, between 0 and {MOST_PERCENT}.")
    return value


def _ended(one: SessionStartReportInput) -> Ended | None:
    """Return how a session ended that is told of whole, or raise BadInput."""
    if one.ended_at is None or one.reason is None:
        if any(value is not None for value in (one.ended_at, one.reason, one.meter, one.kwh, one.state_of_charge)):
            raise BadInput("Give `endedAt` and `reason` with what was read at the end.")
        return None
    if one.meter is not None and one.kwh is not None:
        raise BadInput("Give `meter` or `kwh`, not both.")
    return Ended(
        one.ended_at,
        one.reason,
        energy(one.meter, "meter"),
        energy(one.kwh, "kwh"),
        percent(one.state_of_charge, "stateOfCharge"),
    )


def _reading(one: MeterReadingInput) -> MeterReading:
    if one.meter is not None and one.kwh is not None:
        raise BadInput("Of each reading give `meter` or `kwh`, not both.")
    if one.meter is None and one.kwh is None and one.power is None and one.state_of_charge is None:
        raise BadInput("A reading has at least one of `meter`, `kwh`, `power` and `stateOfCharge`.")
    if one.power is not None and not 0 <= one.power <= MOST_POWER:
        raise BadInput(f"`power` is in W, between 0 and {MOST_POWER}.")
    return MeterReading(
        one.at,
        energy(one.meter, "meter"),
        energy(one.kwh, "kwh"),
        one.power,
        percent(one.state_of_charge, "stateOfCharge"),
    )
