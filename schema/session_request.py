"""Requests to start and stop sessions from afar, and the root fields that make, answer and read them (BUC 3.9)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import session_request as rules
from models.rules.role import Role
from models.rules.session_request import ANSWER_SECONDS, SessionRequestKind, SessionRequestStatus
from resolvers import access, session_requests
from resolvers.call import Call
from resolvers.events import Resync
from resolvers.session_request_answer import Answer
from resolvers.session_request_start import WantedStart
from resolvers.session_request_stop import WantedStop
from schema import charging_problems, problems
from schema.booking import BookingToken
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.evse import Evse
from schema.inputs import LONGEST_ID, text, words
from schema.live import AFTER_CURSOR, CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from schema.location import Location
from schema.location import of as location_of
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.presented import PresentedTokenInput, credential
from subscriptions import session_requests as following

LONGEST_REASON = 300


@strawberry.type(description="That an operator is asked to start or stop a session, and what came of it.")
class SessionRequest:
    """That an operator is asked to start or stop a session."""

    id: strawberry.ID
    command: SessionRequestKind
    status: SessionRequestStatus
    location: Location
    evse: Evse | None = strawberry.field(description="The charger; null once its operator took that back.")
    connector_id: strawberry.ID | None = strawberry.field(description="Null if any will do.")
    booking_id: strawberry.ID | None = strawberry.field(description="The booking that is used; null for a walk-up.")
    session_id: strawberry.ID | None = strawberry.field(
        description="The session to stop, or the one that began by this; null before it did."
    )
    token: BookingToken | None = strawberry.field(
        description="With which to charge; null if only the booking says, or for a fleet if it is not its own."
    )
    role: Role = strawberry.field(description="As what the requester acted.")
    requester_id: strawberry.ID = strawberry.field(description="The party that asked, such as NL*EMS.")
    status_reason: str | None = strawberry.field(description="Why it was rejected, or came to nothing.")
    requested_at: datetime
    answer_until: datetime = strawberry.field(description="It times out then, unless its operator answers.")
    answered_at: datetime | None = strawberry.field(description="When that was, or when it timed out.")


@strawberry.type(description="A request as it is now, after it was made or answered, or at the beginning.")
class SessionRequestUpdated:
    """A request as it is now."""

    cursor: EventCursor | None = strawberry.field(description=CURSOR)
    at: datetime
    request: SessionRequest


@strawberry.input(
    description="What to start: a booking, or charging at a charger by a token; either `bookingId` or `evseId`."
)
class SessionStartInput:
    """What to start."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID | None = strawberry.field(
        default=None, description="It is started at its charger, which is told to you here at the latest."
    )
    evse_id: strawberry.ID | None = strawberry.field(
        default=None, description="A booking that the token may use there counts; without one it is a walk-up."
    )
    connector_id: strawberry.ID | None = strawberry.field(
        default=None, description="The booked one, or the only one, if absent."
    )
    token: PresentedTokenInput | None = strawberry.field(
        default=None, description="With `bookingId` one that may use the booking; its provider's word, if absent."
    )


@strawberry.input(description="Which session to stop.")
class SessionStopInput:
    """Which session to stop."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    session_id: strawberry.ID


@strawberry.input(description="Whether you do what you are asked.")
class SessionRequestAnswerInput:
    """Whether the operator does what it is asked."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    request_id: strawberry.ID
    accepted: bool
    reason: str | None = strawberry.field(
        default=None, description="To reject, and only then: why, in words for the driver, at most 300 characters."
    )


SessionStartResult = Annotated[
    SessionRequest
    | charging_problems.ChargingRefused
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("SessionStartResult"),
]
SessionStopResult = Annotated[
    SessionRequest
    | charging_problems.SessionOver
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("SessionStopResult"),
]
SessionRequestAnswerResult = Annotated[
    SessionRequest | charging_problems.NothingToAnswer | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("SessionRequestAnswerResult"),
]
SessionRequestEvent = Annotated[SessionRequestUpdated | ResyncRequired, strawberry.union("SessionRequestEvent")]


@strawberry.type
class SessionRequestQuery:
    """The root fields that read requests."""

    @strawberry.field(description="One request; an error with code NOT_FOUND else. For CPO, EMSP and TO.")
    async def session_request(self, info: Info, id: strawberry.ID) -> SessionRequest | None:
        """Return a request."""
        call = await info.context.call()
        return session_request(await session_requests.get(call, text(id, "id", LONGEST_ID)), call)

    @strawberry.field(description="The caller's requests, in the order in which they were made. For CPO, EMSP, TO.")
    async def session_requests(
        self,
        info: Info,
        statuses: Annotated[
            list[SessionRequestStatus] | None, strawberry.argument(description="Any, if absent.")
        ] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[SessionRequest]:
        """Return a page of requests."""
        call = await info.context.call()
        page = await session_requests.page(call, tuple(statuses or ()), first=first, after=from_cursor(after))
        return connection([(session_request(one, call), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class SessionRequestMutation:
    """The root fields that make and answer requests."""

    @strawberry.mutation(
        description="Ask an operator to start charging, by app or back office. It is decided first as at the charger "
        f"itself; what is allowed waits {ANSWER_SECONDS} seconds for the operator. For EMSP and TO (BUC 3.3, 3.9)."
    )
    async def session_start(self, info: Info, input: SessionStartInput) -> SessionStartResult:
        """Ask an operator to start charging."""
        call = await info.context.call()
        wanted = WantedStart(
            booking_id=text(input.booking_id, "bookingId", LONGEST_ID),
            evse_id=text(input.evse_id, "evseId", LONGEST_ID),
            connector_id=text(input.connector_id, "connectorId", LONGEST_ID),
            by=None if input.token is None else credential(input.token, None),
        )
        return session_request(await session_requests.start(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description=f"Ask the operator of a session to stop it; that waits {ANSWER_SECONDS} seconds for an answer. "
        "For EMSP and TO (BUC 3.3)."
    )
    async def session_stop(self, info: Info, input: SessionStopInput) -> SessionStopResult:
        """Ask an operator to stop a session."""
        call = await info.context.call()
        wanted = WantedStop(text(input.session_id, "sessionId", LONGEST_ID))
        return session_request(await session_requests.stop(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Accept or reject what you are asked to start or stop. Whether it was done is told by the "
        "session, which you report; doing so at once answers too. For the CPO (BUC 3.9)."
    )
    async def session_request_answer(
        self, info: Info, input: SessionRequestAnswerInput
    ) -> SessionRequestAnswerResult:
        """Answer a request."""
        call = await info.context.call()
        wanted = Answer(
            text(input.request_id, "requestId", LONGEST_ID),
            input.accepted,
            words(input.reason, "reason", LONGEST_REASON),
        )
        return session_request(await session_requests.answer(call, input.idempotency_key, wanted), call)


@strawberry.type
class SessionRequestSubscription:
    """The root field that tells of requests."""

    @strawberry.subscription(
        description="Requests to start and stop sessions: those that wait, then each as it is made, answered or "
        "times out. For the CPO, and for EMSP and TO those that concern them."
    )
    async def session_request_updated(
        self,
        info: Info,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[SessionRequestEvent, None]:
        """Yield requests."""
        context = info.context
        updates = following.updated(await context.call(), context.call, context.feed, read_cursor(after))
        try:
            async for one in updates:
                yield SessionRequestUpdated(
                    cursor=write_cursor(one.cursor) if one.cursor else None,
                    at=one.at,
                    request=session_request(one.request, await context.call()),
                )
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await updates.aclose()


def session_request(one: rules.SessionRequest, call: Call) -> SessionRequest:
    """Return a request as callers see it at the moment of `call`, whether a worker came by or not."""
    entry = call.catalogue.get(one.location_id)
    if entry is None:
        raise LookupError(f"the catalogue lacks Location {one.location_id} of session request {one.id}")
    place = location_of(entry.published)
    now = one.as_of(call.now)
    return SessionRequest(
        id=strawberry.ID(one.object_id),
        command=now.kind,
        status=now.status,
        location=place,
        evse=next((charger for charger in place.evses if charger.id == one.evse_id), None),
        connector_id=_id(one.connector_id),
        booking_id=_id(one.booking_object_id),
        session_id=_id(one.session_object_id),
        token=_token(one, call),
        role=one.role,
        requester_id=strawberry.ID(one.requester_id),
        status_reason=now.reason,
        requested_at=one.requested_at,
        answer_until=one.answer_until,
        answered_at=now.answered_at,
    )


def _token(one: rules.SessionRequest, call: Call) -> BookingToken | None:
    token = one.token
    if token is None or not access.sees_contract(call, token.contract_id):
        return None
    return BookingToken(
        country_code=token.country_code,
        party_id=token.party_id,
        uid=token.uid,
        type=token.type,
        contract_id=token.contract_id,
    )


def _id(composite: str | None) -> strawberry.ID | None:
    return None if composite is None else strawberry.ID(composite)
