"""Messages of operators to drivers as callers see them, and the root fields that send, take and read them."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import driver_message as rules
from resolvers import access, driver_messages
from resolvers.call import Call
from resolvers.driver_message_reading import MessageFilter
from resolvers.driver_message_sending import ChargingToken, MessageToSend
from resolvers.driver_messages import MessageToAcknowledge
from resolvers.events import Resync
from schema import problems
from schema.booking import BookingToken
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, text
from schema.live import AFTER_CURSOR, CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.presented import PresentedTokenInput, read
from subscriptions import driver_messages as following


@strawberry.type(description="What an operator tells a driver, which its provider or fleet passes on (BUC 3.11).")
class DriverMessage:
    """What an operator tells a driver."""

    id: strawberry.ID
    location_id: strawberry.ID
    booking_id: strawberry.ID | None = strawberry.field(description="The booking it is about, if there is one.")
    session_id: strawberry.ID | None = strawberry.field(description="The session it is about, if it is about one.")
    tokens: list[BookingToken] = strawberry.field(
        description="Whose driver is meant: who charges with this token, or may use the booking with these."
    )
    contract_ids: list[str] = strawberry.field(description="The contracts that it concerns.")
    emsp_id: strawberry.ID | None = strawberry.field(description="The provider that it was sent to, such as NL*EMS.")
    text: str | None = strawberry.field(description="Null once it is forgotten, 90 days after it was sent.")
    language: str = strawberry.field(description="Two letters (ISO 639-1), such as en.")
    sent_at: datetime
    acknowledged_at: datetime | None = strawberry.field(
        description="When the provider or fleet took it to pass it on; null if it has not."
    )
    acknowledged_by: strawberry.ID | None = strawberry.field(description="The party that took it, such as NL*EMS.")


@strawberry.type(description="A message to a driver as it is now: sent, or acknowledged.")
class DriverMessageReceived:
    """A message to a driver as it is now."""

    cursor: EventCursor | None = strawberry.field(description=CURSOR)
    at: datetime = strawberry.field(description="When it was sent, or acknowledged.")
    message: DriverMessage


@strawberry.input(description="What to tell a driver; exactly one of `bookingId`, `sessionId` and `token` says whom.")
class DriverMessageSendInput:
    """What to tell a driver."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID | None = strawberry.field(
        default=None, description="A booking of one of your sites, until 24 hours after it is over."
    )
    session_id: strawberry.ID | None = strawberry.field(
        default=None, description="A session at one of your sites, until 24 hours after its end."
    )
    token: PresentedTokenInput | None = strawberry.field(
        default=None, description="Who charges with it at one of your sites now, and at no other charger of yours."
    )
    text: str = strawberry.field(description="1 to 1000 characters.")
    language: str | None = strawberry.field(
        default=None,
        description="Of the text, two letters; what was published with the driver's token, or en, if absent.",
    )


@strawberry.input(description="The message that is passed on.")
class DriverMessageAcknowledgeInput:
    """The message that is passed on."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    message_id: strawberry.ID


DriverMessageSendResult = Annotated[
    DriverMessage | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("DriverMessageSendResult"),
]
DriverMessageAcknowledgeResult = Annotated[
    DriverMessage | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("DriverMessageAcknowledgeResult"),
]
DriverMessageEvent = Annotated[DriverMessageReceived | ResyncRequired, strawberry.union("DriverMessageEvent")]


@strawberry.type
class DriverMessageQuery:
    """The root field that reads messages."""

    @strawberry.field(
        description="The messages that concern the caller, as they were sent: an operator's own, those to a "
        "provider's drivers, those under a fleet's contracts (BUC 3.11)."
    )
    async def driver_messages(
        self,
        info: Info,
        booking_id: strawberry.ID | None = None,
        session_id: strawberry.ID | None = None,
        unacknowledged: Annotated[
            bool | None,
            strawberry.argument(description="Only those that are not acknowledged, or only those that are."),
        ] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[DriverMessage]:
        """Return a page of messages."""
        call = await info.context.call()
        wanted = MessageFilter(
            booking_id=text(booking_id, "bookingId", LONGEST_ID),
            session_id=text(session_id, "sessionId", LONGEST_ID),
            unacknowledged=unacknowledged,
        )
        page = await driver_messages.page(call, wanted, first=first, after=from_cursor(after))
        return connection([(_message(one, call), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class DriverMessageMutation:
    """The root fields that send and take messages."""

    @strawberry.mutation(
        description="Tell the driver of a booking, of a session, or whoever charges with a token, through its "
        "provider (BUC 3.11); at most 20 messages an hour about one of them. For the CPO."
    )
    async def driver_message_send(self, info: Info, input: DriverMessageSendInput) -> DriverMessageSendResult:
        """Send a message."""
        call = await info.context.call()
        wanted = MessageToSend(
            text=input.text,
            booking_id=text(input.booking_id, "bookingId", LONGEST_ID),
            session_id=text(input.session_id, "sessionId", LONGEST_ID),
            token=ChargingToken(*read(input.token)) if input.token else None,
            language=input.language,
        )
        return _message(await driver_messages.send(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Tell the operator that its message is passed on; one that was acknowledged before stays as it "
        "is (BUC 3.11). For EMSP and TO."
    )
    async def driver_message_acknowledge(
        self, info: Info, input: DriverMessageAcknowledgeInput
    ) -> DriverMessageAcknowledgeResult:
        """Acknowledge a message."""
        call = await info.context.call()
        wanted = MessageToAcknowledge(text(input.message_id, "messageId", LONGEST_ID))
        return _message(await driver_messages.acknowledge(call, input.idempotency_key, wanted), call)


@strawberry.type
class DriverMessageSubscription:
    """The root field that tells of messages."""

    @strawberry.subscription(
        description="Messages to drivers: those of the last day that are not acknowledged, then each as it is sent, "
        "and again when it is acknowledged (BUC 3.11). For EMSP and TO, and for the CPO its own."
    )
    async def driver_message_received(
        self,
        info: Info,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[DriverMessageEvent, None]:
        """Yield messages."""
        context = info.context
        received = following.received(await context.call(), context.call, context.feed, read_cursor(after))
        try:
            async for one in received:
                yield DriverMessageReceived(
                    cursor=write_cursor(one.cursor) if one.cursor else None,
                    at=one.at,
                    message=_message(one.message, await context.call()),
                )
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await received.aclose()


def _message(one: rules.DriverMessage, call: Call) -> DriverMessage:
    """Return a message as callers see it; a fleet is told its own contracts of several."""
    return DriverMessage(
        id=strawberry.ID(one.object_id),
        location_id=strawberry.ID(one.location_id),
        booking_id=strawberry.ID(one.booking_object_id) if one.booking_object_id else None,
        session_id=strawberry.ID(one.session_object_id) if one.session_object_id else None,
        tokens=[
            BookingToken(
                country_code=token.country_code,
                party_id=token.party_id,
                uid=token.uid,
                type=token.type,
                contract_id=token.contract_id,
            )
            for token in one.tokens
            if access.sees_contract(call, token.contract_id)
        ],
        contract_ids=[name for name in one.parties.contract_ids if access.sees_contract(call, name)],
        emsp_id=strawberry.ID(one.parties.emsp_id) if one.parties.emsp_id else None,
        text=one.text,
        language=one.language,
        sent_at=one.sent_at,
        acknowledged_at=one.acknowledged_at,
        acknowledged_by=strawberry.ID(one.acknowledged_by) if one.acknowledged_by else None,
    )
