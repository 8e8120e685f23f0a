"""Bookings as callers see them."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry.federation

from models.ocpi.values import Document
from models.rules import booking as rules
from models.rules.booking_location import Confirmation
from models.rules.booking_state import (
    CanceledReason,
    Outcome,
    Phase,
    RequestKind,
    RequestStatus,
    ReservationStatus,
)
from models.rules.energy import EnergyType
from models.rules.hazard import Hazard
from models.rules.published import PublishedLocation
from models.rules.role import Role
from models.rules.spot import spots
from models.rules.start_instructions import StartInstructions as Instructions
from models.rules.start_instructions import instructions
from models.rules.vehicle import InletSide
from resolvers import access, ocpi_documents
from resolvers.call import Call
from schema.booking_location import BookingLocation, BookingOption, BookingTerms, Period, Timeslot
from schema.context import Info
from schema.evse import Evse, ParkingBay
from schema.location import Location
from schema.location import of as location_of
from schema.ocpi import BOOKING, OcpiDocument
from schema.price import BookingPrice, Price, charge
from schema.start_instructions import StartInstructions, start_instructions
from schema.tariff import BookedTariff

if TYPE_CHECKING:
    from schema.cdr import Cdr
    from schema.session import Session


@strawberry.type(description="A driver's token that may use a booking.")
class BookingToken:
    """A driver's token."""

    country_code: str
    party_id: str
    uid: str
    type: str
    contract_id: str

    @classmethod
    def of(cls, one: rules.BookingToken) -> "BookingToken":
        """Return a token as callers see it."""
        return cls(
            country_code=one.country_code,
            party_id=one.party_id,
            uid=one.uid,
            type=one.type,
            contract_id=one.contract_id,
        )


@strawberry.type(description="One request on a booking, and what came of it.")
class BookingRequest:
    """One request on a booking."""

    kind: RequestKind
    request_status: RequestStatus
    request_received: datetime
    decided_at: datetime | None
    decide_until: datetime | None = strawberry.field(
        description="While it is pending: when it lapses, unless the other side, operator or holder, decides."
    )
    reason: str | None = strawberry.field(description="Why it was not granted.")
    role: Role = strawberry.field(description="As what the requester acted.")
    requester_id: strawberry.ID = strawberry.field(description="The party, such as NL*EMS.")
    period: Period | None = strawberry.field(description="The slot asked for, if it was for one.")
    quote_id: strawberry.ID | None = strawberry.field(description="The quote it was made by.")
    fee: Price | None = strawberry.field(description="What it costs besides; null if nothing.")

    @classmethod
    def of(cls, one: rules.BookingRequest) -> "BookingRequest":
        """Return a request as callers see it."""
        return cls(
            kind=one.kind,
            request_status=one.status,
            request_received=one.request_received,
            decided_at=one.decided_at,
            decide_until=one.decide_until,
            reason=one.reason,
            role=one.role,
            requester_id=strawberry.ID(one.requester_id),
            period=Period.of(one.period) if one.period else None,
            quote_id=strawberry.ID(str(one.quote_id)) if one.quote_id else None,
            fee=charge(one.fee),
        )


@strawberry.type(description="That a booking was canceled, why and by whom.")
class Cancellation:
    """That a booking was canceled."""

    cancellation_reason: CanceledReason
    who_canceled: Role


@strawberry.federation.type(keys=["id"], description="A granted or asked-for use of a charger (BUC 2.1).")
class Booking:
    """A granted or asked-for use of a charger."""

    id: strawberry.ID
    reference: str = strawberry.field(description="What people type; a granted change issues a new one.")
    revision: int = strawberry.field(description="Counts granted changes; begins with 1.")
    request_id: str = strawberry.field(
        description="The idempotency key it was created with; of a mission, an id of its own."
    )
    authorization_reference: str = strawberry.field(description="What joins sessions and CDRs to it.")
    status: ReservationStatus
    phase: Phase
    outcome: Outcome = strawberry.field(description="What became of it; OPEN while that is not decided (BUC 2.11).")
    hazard: Hazard | None = strawberry.field(
        description="What endangers it: its charger is broken, or worked on, at that time (BUC 2.5, 2.7)."
    )
    location: Location
    booking_location: BookingLocation | None = strawberry.field(
        description="What was booked of, as it is now; null once its operator withdrew it."
    )
    timeslot: Timeslot
    reserved_at: datetime
    reservation_expires_at: datetime | None = strawberry.field(description="Start plus no-show timeout.")
    change_until: datetime = strawberry.field(description="Until then a change costs nothing.")
    cancel_until: datetime = strawberry.field(description="Until then a cancellation costs nothing.")
    booking_option: BookingOption = strawberry.field(description="What was booked, as its operator had it then.")
    evse: Evse | None = strawberry.field(
        description="The charger, once it is revealed, to its operator always; any of `compliantEvses` till then."
    )
    evse_revealed_at: datetime | None
    parking_bay: ParkingBay | None = strawberry.field(description="The bay, once the charger is revealed.")
    compliant_evses: list[Evse] = strawberry.field(description="The chargers that satisfy what was booked.")
    tokens: list[BookingToken]
    contract_ids: list[str]
    license_plate: str | None
    access_code: str | None = strawberry.field(
        description="What opens the gate, where codes do; while it is reserved or used."
    )
    power_required: int | None = strawberry.field(description="The least power asked for, in W.")
    guaranteed_power: int | None = strawberry.field(description="The power that was asked to be guaranteed, in W.")
    energy_needed: Decimal | None = strawberry.field(description="The energy asked for, in kWh.")
    energy_type: EnergyType
    inlet_side: InletSide | None = strawberry.field(description="Where the vehicle has its inlet, if that was said.")
    max_power: int | None = strawberry.field(description="The most that the vehicle takes, in W, if that was said.")
    confirmation: Confirmation
    booking_terms: BookingTerms = strawberry.field(description="The terms it was made under.")
    tariffs: list[BookedTariff] = strawberry.field(description="The tariffs it was made under, as they were then.")
    price: BookingPrice | None = strawberry.field(
        description="What it was made at, without what an EMSP adds; null if it was made before prices were kept."
    )
    canceled: Cancellation | None
    booking_requests: list[BookingRequest] = strawberry.field(description="Every request made on it, in order.")
    emsp_id: strawberry.ID = strawberry.field(description="The provider that it is for, such as NL*EMS.")
    booker_id: strawberry.ID | None = strawberry.field(
        description="The party that made it on behalf of its provider, if another did (BUC 2.2)."
    )
    mission_id: strawberry.ID | None = strawberry.field(
        description="The trip that it was booked with, if any; null for operators."
    )
    replaces_id: strawberry.ID | None = strawberry.field(
        description="The booking that it took the place of; null for an operator if that was another operator's."
    )
    start_instructions: StartInstructions | None = strawberry.field(
        description="How to get on to the site and start charging, while it is reserved or used (BUC 3.4)."
    )
    last_updated: datetime
    document: strawberry.Private[Callable[[], Document]]

    @strawberry.field(description=BOOKING)
    def ocpi(self) -> OcpiDocument:
        """Return the document."""
        return OcpiDocument(self.document())

    @strawberry.field(
        description="The sessions in which it is used, in order; none before charging starts (BUC 2.11)."
    )
    async def sessions(self, info: Info) -> list[Annotated["Session", strawberry.lazy("schema.session")]]:
        """Return the sessions, read with those of all others that are asked for."""
        from schema.session import session

        loaders = await info.context.loaders()
        return [session(one, loaders.call) for one in await loaders.sessions_of.load(self.id)]

    @strawberry.field(
        description="What was billed of it and its sessions, credits too, as it was issued (BUC 4.1, 4.4)."
    )
    async def cdrs(self, info: Info) -> list[Annotated["Cdr", strawberry.lazy("schema.cdr")]]:
        """Return the CDRs, read with those of all others that are asked for."""
        from schema.cdr import cdr

        loaders = await info.context.loaders()
        return [cdr(one, loaders.call) for one in await loaders.cdrs_of.load(self.id)]


def booking(one: rules.Booking, call: Call) -> Booking:
    """Return a booking as callers see it at the moment of `call`."""
    entry = call.catalogue.get(one.location_id)
    if entry is None:
        raise LookupError(f"the catalogue lacks Location {one.location_id} of booking {one.id}")
    place = location_of(entry.published)
    chargers = {found.id: found for found in place.evses}
    offers = {offer.id: offer for offer in place.booking_locations}
    revealed = access.sees_charger(call, one)
    bays = {bay.id: bay for bay in place.parking_bays}
    compliant = _compliant(one, entry.published)
    evse = chargers.get(strawberry.ID(one.evse_id)) if revealed else None
    bay = bays.get(strawberry.ID(one.parking_bay_id)) if revealed and one.parking_bay_id else None
    return Booking(
        id=strawberry.ID(one.object_id),
        reference=one.reference,
        revision=one.revision,
        request_id=one.request_id,
        authorization_reference=one.authorization_reference,
        status=one.status,
        phase=one.phase(call.now),
        outcome=one.outcome,
        hazard=one.hazard,
        location=place,
        booking_location=offers.get(strawberry.ID(one.booking_location_id)),
        timeslot=Timeslot.of(one.timeslot),
        reserved_at=one.reserved_at,
        reservation_expires_at=one.expires_at,
        change_until=one.change_until,
        cancel_until=one.cancel_until,
        booking_option=BookingOption.of(one.booking_option),
        evse=evse,
        evse_revealed_at=one.evse_revealed_at,
        parking_bay=bay,
        compliant_evses=[chargers[strawberry.ID(name)] for name in compliant],
        tokens=[BookingToken.of(token) for token in one.tokens if access.sees_contract(call, token.contract_id)],
        contract_ids=[name for name in one.contract_ids if access.sees_contract(call, name)],
        license_plate=one.license_plate,
        access_code=one.access_code if access.sees_code(one) else None,
        power_required=one.demand.min_power,
        guaranteed_power=one.demand.guaranteed_power,
        energy_needed=one.demand.energy,
        energy_type=one.demand.energy_type,
        inlet_side=one.demand.vehicle.inlet_side,
        max_power=one.demand.vehicle.max_power,
        confirmation=one.confirmation,
        booking_terms=BookingTerms.of(one.booking_terms),
        tariffs=[BookedTariff.of(tariff) for tariff in one.tariffs],
        price=BookingPrice.of(one.price) if one.price else None,
        canceled=_cancellation(one),
        booking_requests=[BookingRequest.of(request) for request in one.booking_requests],
        emsp_id=strawberry.ID(one.emsp_id),
        booker_id=strawberry.ID(one.booker_id) if one.booker_id else None,
        mission_id=strawberry.ID(str(one.mission_id)) if one.mission_id and access.sees_mission(call) else None,
        replaces_id=strawberry.ID(one.replaces_id) if one.replaces_id and access.sees_replaced(call, one) else None,
        start_instructions=start_instructions(_instructions(one, entry.published, compliant, call), evse, bay),
        last_updated=one.last_updated,
        document=partial(ocpi_documents.of_booking, call, one),
    )


def _instructions(
    one: rules.Booking, published: PublishedLocation, compliant: list[str], call: Call
) -> Instructions | None:
    """Return how to start charging, as far as the caller may know it."""
    found = [evse for evse in published.location.evses if evse.id in compliant]
    sees_code, sees_charger = access.sees_code(one), access.sees_charger(call, one)
    return instructions(one, published.location, found, sees_code=sees_code, sees_charger=sees_charger)


def _cancellation(one: rules.Booking) -> Cancellation | None:
    if one.canceled_reason is None or one.who_canceled is None:
        return None
    return Cancellation(cancellation_reason=one.canceled_reason, who_canceled=one.who_canceled)


def _compliant(one: rules.Booking, published: PublishedLocation) -> list[str]:
    """Return the ids of the chargers that satisfy what was booked; the one alone if one was booked."""
    if one.evse_pinned:
        return [one.evse_id] if published.location.evse(one.evse_id) else []
    return list(dict.fromkeys(spot.evse.id for spot in spots(published.location, one.booking_option)))
