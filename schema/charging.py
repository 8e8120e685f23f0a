"""The root fields that decide whether somebody may charge, and tell of what was refused (BUC 3.1, 3.9)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import authorization as rules
from models.rules.charging import SENTENCES, ChargingBasis, ChargingRefusal, StartMethod
from resolvers import charging
from resolvers.charging import WantedCharging
from resolvers.events import Resync
from schema import charging_problems, problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, text
from schema.live import AFTER_CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.presented import REFERENCE, PresentedTokenInput, credential
from subscriptions import charging as following


@strawberry.type(description="That somebody asked to charge, and what was decided; what was presented is not kept.")
class ChargingAuthorization:
    """That somebody asked to charge."""

    id: strawberry.ID
    at: datetime
    location_id: strawberry.ID
    evse_id: strawberry.ID
    method: StartMethod
    basis: ChargingBasis | None = strawberry.field(description="By what it was allowed; null if it was refused.")
    reason: ChargingRefusal | None = strawberry.field(description="Why it was refused; null if it was allowed.")
    message: str | None = strawberry.field(description="The same for people.")
    until: datetime | None = strawberry.field(description="Until when charging is allowed, if anything limits it.")
    booking_id: strawberry.ID | None = strawberry.field(description="The booking that it was about.")

    @classmethod
    def of(cls, one: rules.ChargingAuthorization) -> "ChargingAuthorization":
        """Return a decision as callers see it."""
        booking_id = one.booking_object_id
        return cls(
            id=strawberry.ID(one.object_id),
            at=one.at,
            location_id=strawberry.ID(one.location_id),
            evse_id=strawberry.ID(one.evse_id),
            method=one.method,
            basis=one.basis,
            reason=one.reason,
            message=SENTENCES[one.reason] if one.reason else None,
            until=one.until,
            booking_id=strawberry.ID(booking_id) if booking_id else None,
        )


@strawberry.type(description="That somebody may charge.")
class ChargingAuthorized:
    """That somebody may charge."""

    authorization: ChargingAuthorization
    booking: Booking | None = strawberry.field(description="The booking that is used; null for a walk-up.")


@strawberry.type(description="That one of the caller's drivers was refused at a charger, and why.")
class ChargingRefusedEvent:
    """That a driver was refused."""

    cursor: EventCursor = strawberry.field(description="Keep the last one, and resume `after` it.")
    authorization: ChargingAuthorization


@strawberry.input(description="Who asks to charge at a charger of yours: a driver's token, or a booking's reference.")
class ChargingAuthorizeInput:
    """Who asks to charge."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    evse_id: strawberry.ID
    token: PresentedTokenInput | None = None
    reference: str | None = strawberry.field(default=None, description=REFERENCE)


ChargingAuthorizeResult = Annotated[
    ChargingAuthorized
    | charging_problems.ChargingRefused
    | charging_problems.TooManyAttempts
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("ChargingAuthorizeResult"),
]
ChargingEvent = Annotated[ChargingRefusedEvent | ResyncRequired, strawberry.union("ChargingEvent")]


@strawberry.type
class ChargingQuery:
    """The root field that reads what was decided at chargers."""

    @strawberry.field(
        description="What was decided at chargers, in order of time; of the caller's sites, bookings or tokens. Kept "
        "for 90 days."
    )
    async def charging_authorizations(
        self,
        info: Info,
        booking_id: strawberry.ID | None = None,
        evse_id: strawberry.ID | None = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[ChargingAuthorization]:
        """Return a page of decisions."""
        call = await info.context.call()
        page = await charging.page(call, booking_id, evse_id, first=first, after=from_cursor(after))
        return connection([(ChargingAuthorization.of(one), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class ChargingMutation:
    """The root field that decides whether somebody may charge."""

    @strawberry.mutation(
        description="Decide whether somebody may charge at a charger now (BUC 3.1), by a token or by a booking's "
        "reference. A refusal has its reason, and never tells who has the charger. For the CPO."
    )
    async def charging_authorize(self, info: Info, input: ChargingAuthorizeInput) -> ChargingAuthorizeResult:
        """Decide whether somebody may charge."""
        call = await info.context.call()
        wanted = WantedCharging(text(input.evse_id, "evseId", LONGEST_ID), credential(input.token, input.reference))
        came = await charging.authorize(call, input.idempotency_key, wanted)
        return ChargingAuthorized(
            authorization=ChargingAuthorization.of(came.authorization),
            booking=booking(came.booking, call) if came.booking else None,
        )


@strawberry.type
class ChargingSubscription:
    """The root field that tells of drivers who were refused."""

    @strawberry.subscription(
        description="The caller's drivers who were refused at chargers, and why, so that they can be told (BUC 3.9). "
        "For EMSP and TO."
    )
    async def charging_refused(
        self,
        info: Info,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[ChargingEvent, None]:
        """Yield refusals."""
        context = info.context
        heard = following.refused(await context.call(), context.call, context.feed, read_cursor(after))
        try:
            async for one in heard:
                authorization = ChargingAuthorization.of(one.authorization)
                yield ChargingRefusedEvent(cursor=write_cursor(one.cursor), authorization=authorization)
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await heard.aclose()
