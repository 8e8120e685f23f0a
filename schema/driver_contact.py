"""How the driver of a booking is reached, and the root fields that share, withdraw and read it (BUC 3.11)."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import driver_message as rules
from resolvers import driver_contacts
from resolvers.driver_contacts import ContactToShare, ContactToWithdraw
from schema import problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, text

LONGEST_PHONE = 40
KEPT = "It is erased for good at `eraseAt`, when it is withdrawn, and soon after the booking ends unused."


@strawberry.type(description=f"How the driver of a booking is reached, by the driver's consent. {KEPT}")
class DriverContact:
    """How the driver of a booking is reached."""

    phone: str = strawberry.field(description="As it is dialled from anywhere: + and digits.")
    name: str | None
    language: str | None = strawberry.field(description="In which the driver is spoken to; two letters.")
    consented_at: datetime
    erase_at: datetime

    @classmethod
    def of(cls, one: rules.DriverContact) -> "DriverContact":
        """Return a contact as callers see it."""
        return cls(
            phone=one.phone,
            name=one.name,
            language=one.language,
            consented_at=one.consented_at,
            erase_at=one.erase_at,
        )


@strawberry.type(description="A booking, and how its driver is reached now.")
class DriverContactShared:
    """A booking, and how its driver is reached."""

    booking: Booking
    contact: DriverContact


@strawberry.type(description="A booking of which nothing is known of how its driver is reached.")
class DriverContactWithdrawn:
    """A booking whose driver's contact is erased."""

    booking: Booking


@strawberry.input(description="How the driver of a booking is reached, in the place of what was shared before.")
class DriverContactShareInput:
    """How the driver of a booking is reached."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    phone: str = strawberry.field(
        description="With + and the country, such as +31 6 12345678. Neither it nor `name` is remembered with the "
        "`idempotencyKey`: under a key that was used, other ones are not noticed and the first result comes again."
    )
    name: str | None = strawberry.field(default=None, description="At most 100 characters.")
    language: str | None = strawberry.field(default=None, description="Two letters (ISO 639-1), such as nl.")
    consent: bool = strawberry.field(description="That the driver agrees; nothing is shared without.")
    keep_minutes: int | None = strawberry.field(
        default=None, description="How long it is kept after the slot ends, at most 10080 (7 days); 1440, if absent."
    )


@strawberry.input(description="The booking whose driver agrees no more.")
class DriverContactWithdrawInput:
    """The booking whose driver agrees no more."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID


DriverContactShareResult = Annotated[
    DriverContactShared
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("DriverContactShareResult"),
]
DriverContactWithdrawResult = Annotated[
    DriverContactWithdrawn | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("DriverContactWithdrawResult"),
]


@strawberry.type
class DriverContactQuery:
    """The root field that reads how a driver is reached."""

    @strawberry.field(
        description="How the driver of a booking is reached; null if that is not shared, withdrawn or erased, and "
        "for an operator once the booking is canceled or came to nothing otherwise, and for a fleet unless all of "
        "the booking is under its contracts. An error with code NOT_FOUND without such a booking. For the CPO, EMSP "
        "and TO of the booking."
    )
    async def driver_contact(self, info: Info, booking_id: strawberry.ID) -> DriverContact | None:
        """Return how the driver of a booking is reached."""
        call = await info.context.call()
        _, found = await driver_contacts.of(call, text(booking_id, "bookingId", LONGEST_ID))
        return DriverContact.of(found) if found else None


@strawberry.type
class DriverContactMutation:
    """The root fields that share and withdraw how a driver is reached."""

    @strawberry.mutation(
        description=f"Let the operator of a booking know how its driver is reached (BUC 3.11). {KEPT} For EMSP "
        "and TO."
    )
    async def driver_contact_share(self, info: Info, input: DriverContactShareInput) -> DriverContactShareResult:
        """Share how a driver is reached."""
        call = await info.context.call()
        wanted = ContactToShare(
            booking_id=text(input.booking_id, "bookingId", LONGEST_ID),
            consent=input.consent,
            phone=text(input.phone, "phone", LONGEST_PHONE),
            name=input.name,
            language=input.language,
            keep_minutes=input.keep_minutes,
        )
        one, contact = await driver_contacts.share(call, input.idempotency_key, wanted)
        return DriverContactShared(booking=booking(one, call), contact=DriverContact.of(contact))

    @strawberry.mutation(
        description="Erase how the driver of a booking is reached, at once, also when the booking is over. For EMSP "
        "and TO."
    )
    async def driver_contact_withdraw(
        self, info: Info, input: DriverContactWithdrawInput
    ) -> DriverContactWithdrawResult:
        """Erase how a driver is reached."""
        call = await info.context.call()
        wanted = ContactToWithdraw(text(input.booking_id, "bookingId", LONGEST_ID))
        one = await driver_contacts.withdraw(call, input.idempotency_key, wanted)
        return DriverContactWithdrawn(booking=booking(one, call))
