"""The root fields at the gates of Locations: who is let in, and who asked (BUC 3.12)."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import site_entry as rules
from models.rules.site_entry import SENTENCES, EntryMethod, EntryRefusal
from resolvers import site_entries
from resolvers.site_entry_authorizing import Answered, Attempt
from schema import charging_problems, problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_PLATE
from schema.context import Info
from schema.inputs import LONGEST_ID, text
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.presented import LONGEST_REFERENCE, PresentedTokenInput, read

LONGEST_CODE = 40
LONGEST_GATE = 36


@strawberry.type(description="That somebody asked to enter a Location; what was presented is not kept.")
class SiteEntry:
    """That somebody asked to enter a Location."""

    id: strawberry.ID
    location_id: strawberry.ID
    at: datetime
    gate: str | None = strawberry.field(description="The gate's name with the operator, if it was given.")
    method: EntryMethod
    admitted: bool
    reason: EntryRefusal | None = strawberry.field(description="Why not, unless admitted.")
    booking_id: strawberry.ID | None = strawberry.field(description="The booking that was found, if one was.")

    @classmethod
    def of(cls, one: rules.SiteEntry) -> "SiteEntry":
        """Return an entry as callers see it."""
        return cls(
            id=strawberry.ID(one.object_id),
            location_id=strawberry.ID(one.location_id),
            at=one.at,
            gate=one.gate,
            method=one.method,
            admitted=one.reason is None,
            reason=one.reason,
            booking_id=strawberry.ID(one.booking_object_id) if one.booking_object_id else None,
        )


@strawberry.type(description="That the gate opens, and for which booking.")
class SiteEntryAdmitted:
    """That the gate opens."""

    entry: SiteEntry
    booking: Booking = strawberry.field(description="With its charger and bay, which its holder is told by now.")


@strawberry.type(description="That the gate stays shut, and why.")
class SiteEntryRefused:
    """That the gate stays shut."""

    entry: SiteEntry
    reason: EntryRefusal
    message: str = strawberry.field(description="What to show at the gate.")
    from_: datetime | None = strawberry.field(
        name="from", description="When the gate will open for the booking, if it is too early."
    )


@strawberry.input(
    description="Who asks to enter: exactly one of `licensePlate`, `accessCode`, `token` and `reference`."
)
class SiteEntryAuthorizeInput:
    """Who asks to enter."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    location_id: strawberry.ID
    gate: str | None = strawberry.field(
        default=None, description="Its name with the operator; the only one has none."
    )
    license_plate: str | None = strawberry.field(
        default=None,
        description="As it was read. Case, spaces, hyphens and dots do not count, nor whether O, Q or 0, or I or 1.",
    )
    access_code: str | None = None
    token: PresentedTokenInput | None = None
    reference: str | None = strawberry.field(default=None, description="The booking's, as it was typed.")


SiteEntryAuthorizeResult = Annotated[
    SiteEntryAdmitted
    | SiteEntryRefused
    | charging_problems.TooManyAttempts
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("SiteEntryAuthorizeResult"),
]


@strawberry.type
class SiteEntryMutation:
    """The root field that opens a gate."""

    @strawberry.mutation(
        description="Ask whether a vehicle may enter a Location now, by its plate, a code, a token or the reference "
        "of its booking (BUC 3.12). Every answer is kept for 90 days. Codes and references that are wrong too often "
        "are not taken at that gate for some minutes. For the CPO that owns it."
    )
    async def site_entry_authorize(self, info: Info, input: SiteEntryAuthorizeInput) -> SiteEntryAuthorizeResult:
        """Ask whether a vehicle may enter."""
        call = await info.context.call()
        answered = await site_entries.authorize(call, input.idempotency_key, _attempt(input))
        entry = SiteEntry.of(answered.entry)
        if answered.booking is not None:
            return SiteEntryAdmitted(entry=entry, booking=booking(answered.booking, call))
        return _refused(answered, entry)


@strawberry.type
class SiteEntryQuery:
    """The root field that tells who asked to enter."""

    @strawberry.field(
        description="Who asked to enter, in order of time: an operator's own sites; of others, what is about their "
        "bookings (BUC 3.12). With a token only."
    )
    async def site_entries(
        self,
        info: Info,
        booking_id: strawberry.ID | None = None,
        location_id: strawberry.ID | None = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[SiteEntry]:
        """Return who asked to enter."""
        page = await site_entries.page(
            await info.context.call(),
            booking_id=booking_id,
            location_id=location_id,
            first=first,
            after=from_cursor(after),
        )
        return connection([(SiteEntry.of(one), key) for one, key in page.items], page.has_next, after)


def _attempt(input: SiteEntryAuthorizeInput) -> Attempt:
    uid, kind = read(input.token)
    return Attempt(
        location_id=text(input.location_id, "locationId", LONGEST_ID),
        gate=text(input.gate, "gate", LONGEST_GATE),
        license_plate=text(input.license_plate, "licensePlate", LONGEST_PLATE),
        access_code=text(input.access_code, "accessCode", LONGEST_CODE),
        uid=uid,
        type=kind,
        reference=text(input.reference, "reference", LONGEST_REFERENCE),
    )


def _refused(answered: Answered, entry: SiteEntry) -> SiteEntryRefused:
    reason = answered.entry.reason
    if reason is None:
        raise LookupError(f"entry {answered.entry.id} is admitted by a booking that is not there")
    return SiteEntryRefused(entry=entry, reason=reason, message=SENTENCES[reason], from_=answered.from_)
