"""The root fields that tell of bookings as they change, and that remind of them (BUC 2.6, 2.10, 2.11)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import reminder as rules
from resolvers import reminders
from resolvers.events import Resync
from resolvers.reminders import Preference, ReminderChange
from schema import problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_TOKEN_PART
from schema.context import Info
from schema.inputs import LONGEST_ID, text
from schema.live import AFTER_CURSOR, CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from subscriptions import bookings as following

MINUTES = "Minutes before the start, each 1 to 20160 (14 days); at most five."


@strawberry.type(description="A booking as it is now, after it changed or at the beginning.")
class BookingUpdated:
    """A booking as it is now."""

    cursor: EventCursor | None = strawberry.field(description=CURSOR)
    at: datetime
    booking: Booking


@strawberry.type(description="That a booking is about to begin.")
class ReminderDue:
    """That a booking is about to begin."""

    cursor: EventCursor = strawberry.field(description="Keep the last one, and resume `after` it.")
    at: datetime
    booking: Booking
    minutes_before: int = strawberry.field(description="How long before the start it was asked for.")


@strawberry.type(description="When the holder of a booking is reminded of it.")
class Reminder:
    """When the holder of a booking is reminded of it."""

    minutes_before: int
    due_at: datetime


@strawberry.type(description="A booking and its reminders, those to come and those that were sent.")
class BookingReminders:
    """A booking and its reminders."""

    booking: Booking
    reminders: list[Reminder] = strawberry.field(description="The earliest first.")


@strawberry.type(description="When a party is reminded of bookings that are made without saying.")
class ReminderPreference:
    """When a party is reminded of bookings."""

    contract_id: str | None = strawberry.field(
        description="Whose bookings it is for; null for those whose contracts have none."
    )
    minutes_before: list[int] = strawberry.field(description="Empty for no reminder.")


@strawberry.type(description="What the caller prefers.")
class ReminderPreferences:
    """What the caller prefers."""

    reminder_preferences: list[ReminderPreference]


@strawberry.input(description="When to be reminded of a booking, in the place of what was asked before.")
class BookingRemindersSetInput:
    """When to be reminded of a booking."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    minutes_before: list[int] = strawberry.field(description=f"{MINUTES} Empty for no reminder.")


@strawberry.input(description="When to be reminded of bookings that are made from now on without saying.")
class ReminderPreferenceSetInput:
    """When to be reminded of bookings."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    contract_id: str | None = strawberry.field(
        default=None, description="Whose bookings it is for; all whose contracts have none, if absent. A fleet's own."
    )
    minutes_before: list[int] | None = strawberry.field(
        default=None, description=f"{MINUTES} Empty for no reminder; absent to give up what was preferred."
    )


BookingRemindersSetResult = Annotated[
    BookingReminders | problems.AlreadyFinal | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("BookingRemindersSetResult"),
]
ReminderPreferenceSetResult = Annotated[
    ReminderPreferences | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("ReminderPreferenceSetResult"),
]
BookingEvent = Annotated[BookingUpdated | ResyncRequired, strawberry.union("BookingEvent")]
ReminderEvent = Annotated[ReminderDue | ResyncRequired, strawberry.union("ReminderEvent")]


@strawberry.type
class ReminderQuery:
    """The root fields that read reminders."""

    @strawberry.field(description="A booking with its reminders; an error with code NOT_FOUND else. For EMSP and TO.")
    async def booking_reminders(self, info: Info, booking_id: strawberry.ID) -> BookingReminders | None:
        """Return the reminders of a booking."""
        return await _of(info, booking_id)

    @strawberry.field(
        description="When the caller is reminded of bookings that are made without saying. For EMSP, and for TO what "
        "its contracts have, and what its EMSP prefers for those that have none."
    )
    async def reminder_preferences(self, info: Info) -> list[ReminderPreference]:
        """Return what the caller prefers."""
        return [_preference(one) for one in await reminders.preferences(await info.context.call())]


@strawberry.type
class ReminderMutation:
    """The root fields that ask for reminders."""

    @strawberry.mutation(
        description="Ask for reminders of a booking (BUC 2.10); one that was sent is not sent again, and of those "
        "whose moment has passed the last is sent at once. For EMSP and TO."
    )
    async def booking_reminders_set(self, info: Info, input: BookingRemindersSetInput) -> BookingRemindersSetResult:
        """Ask for reminders of a booking."""
        booking_id = text(input.booking_id, "bookingId", LONGEST_ID)
        wanted = ReminderChange(booking_id, tuple(input.minutes_before))
        await reminders.set(await info.context.call(), input.idempotency_key, wanted)
        return await _of(info, booking_id)

    @strawberry.mutation(
        description="Ask for reminders of every booking that is made without saying (BUC 2.10). For EMSP, and for TO "
        "under its contracts."
    )
    async def reminder_preference_set(
        self, info: Info, input: ReminderPreferenceSetInput
    ) -> ReminderPreferenceSetResult:
        """Ask for reminders of every booking."""
        wanted = Preference(
            text(input.contract_id, "contractId", LONGEST_TOKEN_PART),
            None if input.minutes_before is None else tuple(input.minutes_before),
        )
        preferred = await reminders.prefer(await info.context.call(), input.idempotency_key, wanted)
        return ReminderPreferences(reminder_preferences=[_preference(one) for one in preferred])


@strawberry.type
class BookingSubscription:
    """The root fields that tell of bookings."""

    @strawberry.subscription(
        description="Bookings as they change: confirmed, declined, changed, canceled, lapsed (BUC 2.6, 2.11). First "
        "those that are named, as they are. For EMSP, TO and CPO."
    )
    async def booking_updated(
        self,
        info: Info,
        booking_ids: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="With `references` at most 100.")
        ] = None,
        references: Annotated[
            list[str] | None,
            strawberry.argument(description="As people type them. All that the caller may see, if none is named."),
        ] = None,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[BookingEvent, None]:
        """Yield bookings."""
        context = info.context
        updates = following.updated(
            await context.call(),
            context.call,
            context.feed,
            tuple(booking_ids or ()),
            tuple(references or ()),
            read_cursor(after),
        )
        try:
            async for one in updates:
                yield BookingUpdated(
                    cursor=write_cursor(one.cursor) if one.cursor else None,
                    at=one.at,
                    booking=booking(one.booking, await context.call()),
                )
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await updates.aclose()

    @strawberry.subscription(
        description="Reminders of the caller's bookings as they fall due, each once (BUC 2.10). For EMSP and TO."
    )
    async def reminder_due(
        self,
        info: Info,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[ReminderEvent, None]:
        """Yield reminders."""
        context = info.context
        due = following.reminders(await context.call(), context.call, context.feed, read_cursor(after))
        try:
            async for one in due:
                yield ReminderDue(
                    cursor=write_cursor(one.cursor),
                    at=one.at,
                    booking=booking(one.booking, await context.call()),
                    minutes_before=one.minutes_before,
                )
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await due.aclose()


async def _of(info: Info, booking_id: str) -> BookingReminders:
    call = await info.context.call()
    one, asked = await reminders.of(call, booking_id)
    return BookingReminders(
        booking=booking(one, call),
        reminders=[Reminder(minutes_before=each.minutes_before, due_at=each.due_at) for each in asked],
    )


def _preference(one: rules.ReminderPreference) -> ReminderPreference:
    return ReminderPreference(contract_id=one.contract_id, minutes_before=list(one.minutes_before))
