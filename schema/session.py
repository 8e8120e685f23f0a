"""Sessions as callers see them."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

import strawberry
import strawberry.federation

from models.ocpi.values import Document
from models.rules import session as rules
from models.rules.charging import ChargingBasis, ChargingRefusal
from models.rules.role import Role
from models.rules.session import AuthMethod, SessionStatus, StopReason
from resolvers import access, ocpi_documents
from resolvers.call import Call
from schema.booking import Booking, BookingToken, booking
from schema.cdr import Cdr, cdr
from schema.context import Info
from schema.evse import Evse
from schema.location import Location
from schema.location import of as location_of
from schema.ocpi import SESSION, OcpiDocument
from schema.price import Price, charge

MINUTE = 60


@strawberry.federation.type(keys=["id"], description="A use of a charger, with or without a booking (OCPI Session).")
class Session:
    """A use of a charger."""

    id: strawberry.ID
    status: SessionStatus
    basis: ChargingBasis = strawberry.field(description="By what it was allowed.")
    booking_id: strawberry.ID | None = strawberry.field(description="The booking that is used; null for a walk-up.")
    location: Location
    evse: Evse | None
    connector_id: strawberry.ID | None = strawberry.field(description="Null if nobody said which.")
    token: BookingToken | None = strawberry.field(
        description="With what it was started; null to a fleet if it is under another one's contract."
    )
    emsp_id: strawberry.ID | None = strawberry.field(description="The provider, if one is known.")
    auth_method: AuthMethod
    authorization_reference: str | None = strawberry.field(description="What joins it to its booking and its CDRs.")
    start_date_time: datetime
    end_date_time: datetime | None
    stop_reason: StopReason | None
    stopped_by: Role | None = strawberry.field(description="Who ended it, where the reason tells.")
    kwh: Decimal = strawberry.field(description="The energy so far, in kWh.")
    power: int | None = strawberry.field(description="As last measured, in W.")
    state_of_charge: int | None = strawberry.field(description="As last measured, in percent, if the vehicle tells.")
    read_at: datetime | None = strawberry.field(description="When that was measured.")
    meter_id: str | None
    cost: Price | None = strawberry.field(
        description="What charging costs so far, or came to; null if no tariff prices it. Fees come besides."
    )
    slot_end: datetime | None = strawberry.field(description="When the booked slot ends; null for a walk-up.")
    allowed_until: datetime | None = strawberry.field(
        description="Until when charging is allowed; null as long as nothing limits it."
    )
    minutes_left: int | None = strawberry.field(
        description="Whole minutes for which charging is still allowed; null if nothing limits it, or it ended."
    )
    overtime_minutes: int = strawberry.field(description="Whole minutes beyond the slot, so far.")
    ended_early: bool = strawberry.field(description="Whether it ended before its slot (BUC 3.7).")
    target_state_of_charge: int | None = strawberry.field(
        description="Of which somebody wants to be told, in percent."
    )
    irregularity: ChargingRefusal | None = strawberry.field(
        description="Why it would have been refused, had it been told of in time; to the operator only."
    )
    last_updated: datetime
    document: strawberry.Private[Callable[[], Document]]

    @strawberry.field(description=SESSION)
    def ocpi(self) -> OcpiDocument:
        """Return the document."""
        return OcpiDocument(self.document())

    @strawberry.field(description="The booking that is used.")
    async def booking(self, info: Info) -> Booking | None:
        """Return the booking, with all others that are asked for."""
        if self.booking_id is None:
            return None
        loaders = await info.context.loaders()
        found = await loaders.booking.load(self.booking_id)
        return booking(found, loaders.call) if found else None

    @strawberry.field(description="What was billed of it, credits too, as it was issued (BUC 4.1, 4.4).")
    async def cdrs(self, info: Info) -> list[Cdr]:
        """Return the CDRs, read with those of all others that are asked for."""
        loaders = await info.context.loaders()
        return [cdr(one, loaders.call) for one in await loaders.cdrs_of_session.load(self.id)]


def session(one: rules.Session, call: Call) -> Session:
    """Return a session as callers see it at the moment of `call`."""
    entry = call.catalogue.get(one.location_id)
    if entry is None:
        raise LookupError(f"the catalogue lacks Location {one.location_id} of session {one.id}")
    place = location_of(entry.published)
    left = one.time_left(call.now)
    return Session(
        id=strawberry.ID(one.object_id),
        status=one.status,
        basis=one.basis,
        booking_id=strawberry.ID(one.booking_object_id) if one.booking_object_id else None,
        location=place,
        evse=next((evse for evse in place.evses if evse.id == one.evse_id), None),
        connector_id=strawberry.ID(one.connector_id) if one.connector_id else None,
        token=_token(one, call),
        emsp_id=strawberry.ID(one.parties.emsp_id) if one.parties.emsp_id else None,
        auth_method=one.auth_method,
        authorization_reference=one.authorization_reference,
        start_date_time=one.start_date_time,
        end_date_time=one.end_date_time,
        stop_reason=one.stop_reason,
        stopped_by=one.stopped_by,
        kwh=one.kwh,
        power=one.power,
        state_of_charge=one.state_of_charge,
        read_at=one.read_at,
        meter_id=one.meter_id,
        cost=charge(one.cost),
        slot_end=one.slot_end,
        allowed_until=one.allowed_until,
        minutes_left=None if left is None else int(left.total_seconds() // MINUTE),
        overtime_minutes=int(one.overtime(call.now).total_seconds() // MINUTE),
        ended_early=one.ended_early,
        target_state_of_charge=one.target_state_of_charge,
        irregularity=one.irregularity if access.sees_irregularity(call) else None,
        last_updated=one.last_updated,
        document=partial(ocpi_documents.of_session, call, one),
    )


def _token(one: rules.Session, call: Call) -> BookingToken | None:
    if one.token is None or not access.sees_contract(call, one.token.contract_id):
        return None
    return BookingToken.of(one.token)
