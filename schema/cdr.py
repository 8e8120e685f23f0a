"""CDRs as callers see them."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

import strawberry
import strawberry.federation

from models.ocpi.values import Document
from models.rules import cdr as rules
from models.rules.bill import BillKind, BillLine, LineKind
from models.rules.line_words import sentence
from models.rules.payment import PaymentState
from models.rules.session import AuthMethod
from resolvers import access, ocpi_documents
from resolvers.call import Call
from resolvers.cdrs import KnownCdr
from schema.booking import BookingToken
from schema.booking_location import BookingTerms, Period
from schema.context import Info
from schema.evse import GeoLocation
from schema.ocpi import CDR, OcpiDocument
from schema.price import Price
from schema.provider_line import ProviderLine
from schema.tariff import BookedTariff


@strawberry.type(description="One line of a CDR: what was billed by one element of a tariff, or by the terms.")
class CdrLine:
    """One line of a CDR."""

    kind: LineKind
    tariff_id: strawberry.ID | None = strawberry.field(
        description="The tariff that prices it, as it is in `tariffs`; null for what the terms or a refund say."
    )
    element: int | None = strawberry.field(description="Which element of that tariff, from 0 on.")
    quantity: Decimal = strawberry.field(description="kWh, hours or times, to four decimals.")
    unit_price: Decimal = strawberry.field(description="Of one of these, as published.")
    vat: Decimal | None = strawberry.field(description="Value added tax in percent.")
    price: Price
    booking_id: strawberry.ID | None
    revision: int | None = strawberry.field(description="Of the booking, as it was when this was issued.")
    words: str = strawberry.field(description="All of this as a sentence in English.")


@strawberry.type(description="Where it was, as it was called then (OCPI CdrLocation).")
class CdrLocation:
    """Where it was."""

    id: strawberry.ID
    name: str | None
    address: str
    city: str
    postal_code: str | None
    state: str | None
    country: str
    coordinates: GeoLocation
    time_zone: str
    evse_id: str | None = strawberry.field(description="The charger's eMI3 id; null if nobody charged.")
    evse_uid: str | None
    connector_id: str | None
    connector_standard: str | None


@strawberry.federation.type(
    keys=["id"],
    description="What was billed (OCPI CDR). It never changes: what does not stand is credited as a whole, and "
    "issued anew (BUC 4.1, 4.4).",
)
class Cdr:
    """What was billed."""

    id: strawberry.ID
    ocpi_id: str = strawberry.field(description="Its id with the operator, of at most 39 characters.")
    number: int | None = strawberry.field(
        description="Counts the operator's CDRs without a gap, if it asked for that before."
    )
    kind: BillKind
    credit: bool = strawberry.field(description="Whether it takes back another one: its `total` alone is negative.")
    credit_reference_id: strawberry.ID | None = strawberry.field(description="Which CDR it takes back.")
    credited_by: strawberry.ID | None = strawberry.field(description="Which CDR took it back.")
    currency: str = strawberry.field(description="ISO 4217.")
    total: Price
    lines: list[CdrLine] = strawberry.field(
        description="They add up to `total`; in a credit, to what it takes back, as in the standard."
    )
    booking_id: strawberry.ID | None = strawberry.field(description="Null for a walk-up.")
    session_id: strawberry.ID | None = strawberry.field(description="Null for fees without a session.")
    revision: int | None = strawberry.field(description="Of the booking, as it was when this was issued.")
    period: Period = strawberry.field(description="What it is for: the slot, or how long the session lasted.")
    energy: Decimal = strawberry.field(description="kWh.")
    green_share: Decimal | None = strawberry.field(
        description="How much of the energy was green, in percent; null if nobody says."
    )
    cpo_id: strawberry.ID
    emsp_id: strawberry.ID | None = strawberry.field(description="The provider that is billed, if one is known.")
    contract_id: str | None = strawberry.field(description="Null to a fleet if it is another one's.")
    license_plate: str | None
    token: BookingToken | None = strawberry.field(description="Null to a fleet if it is another one's.")
    auth_method: AuthMethod | None = strawberry.field(description="By what charging was allowed.")
    authorization_reference: str | None = strawberry.field(description="What joins it to its booking and session.")
    location: CdrLocation
    meter_id: str | None = strawberry.field(description="Whose readings of energy these are, if the charger said so.")
    tariffs: list[BookedTariff] = strawberry.field(description="Those that priced it, as they were then.")
    booking_terms: BookingTerms | None = strawberry.field(description="The terms of the booking, as they were then.")
    issued_at: datetime
    remark: str | None = strawberry.field(description="Why it was issued, if it is a credit.")
    state: PaymentState = strawberry.field(
        description="How you stand to it: for operator and EMSP what the operator noted of what the EMSP owes, for a "
        "fleet what its EMSP noted of what the fleet owes. No money is moved here."
    )
    invoice_id: str | None = strawberry.field(description="The invoice that it is on, of the one that noted `state`.")
    fleet_state: PaymentState | None = strawberry.field(
        description="What its EMSP noted of what the fleet owes (BUC 4.5), for that EMSP and its fleet; null for all "
        "others."
    )
    fleet_invoice_id: str | None = strawberry.field(description="The EMSP's invoice to its fleet that it is on.")
    document: strawberry.Private[Callable[[], Document]]

    @strawberry.field(
        description="What the caller's own EMSP, or the caller as one, adds as a share of it; empty for all others "
        "(BUC 4.5)."
    )
    async def provider_lines(self, info: Info) -> list[ProviderLine]:
        """Return the lines that are a share of the CDR."""
        loaders = await info.context.loaders()
        found = await loaders.provider_lines_of.load(self.id)
        return [ProviderLine.of(one, loaders.call) for one in found]

    @strawberry.field(description=CDR)
    def ocpi(self) -> OcpiDocument:
        """Return the document."""
        return OcpiDocument(self.document())


def cdr(known: KnownCdr, call: Call) -> Cdr:
    """Return a CDR as callers see it."""
    one, standing = known.cdr, known.standing
    told = access.told_contract(call, one.contract_id)
    return Cdr(
        id=strawberry.ID(one.object_id),
        ocpi_id=one.local_id,
        number=one.number,
        kind=one.kind,
        credit=one.credit,
        credit_reference_id=_id(one.credits_object_id),
        credited_by=_id(known.credited_by_object_id),
        currency=one.currency,
        total=Price.of(one.total, one.currency),
        lines=[_line(line, one) for line in one.lines],
        booking_id=_id(one.booking_object_id),
        session_id=_id(one.session_object_id),
        revision=one.bill.revision,
        period=Period.of(one.period),
        energy=one.energy,
        green_share=one.place.green_share,
        cpo_id=strawberry.ID(one.parties.cpo_id),
        emsp_id=strawberry.ID(one.parties.emsp_id) if one.parties.emsp_id else None,
        contract_id=one.contract_id if told else None,
        license_plate=one.license_plate,
        token=BookingToken.of(one.token) if one.token and told else None,
        auth_method=one.auth_method,
        authorization_reference=one.authorization_reference,
        location=_location(one.place),
        meter_id=one.place.meter_id,
        tariffs=[BookedTariff.of(tariff) for tariff in one.tariffs],
        booking_terms=BookingTerms.of(terms) if (terms := one.bill.booking_terms) else None,
        issued_at=one.issued_at,
        remark=one.remark,
        state=standing.payment.state,
        invoice_id=standing.payment.invoice_id,
        fleet_state=standing.of_fleet.state if standing.of_fleet else None,
        fleet_invoice_id=standing.of_fleet.invoice_id if standing.of_fleet else None,
        document=partial(ocpi_documents.of_cdr, call, one),
    )


def _id(composite: str | None) -> strawberry.ID | None:
    return strawberry.ID(composite) if composite is not None else None


def _line(line: BillLine, one: rules.Cdr) -> CdrLine:
    return CdrLine(
        kind=line.kind,
        tariff_id=strawberry.ID(line.tariff_id) if line.tariff_id else None,
        element=line.element,
        quantity=line.quantity,
        unit_price=line.unit_price,
        vat=line.vat,
        price=Price.of(line.price, one.currency),
        booking_id=_id(one.booking_object_id),
        revision=one.bill.revision,
        words=sentence(line, one.currency, one.tariffs),
    )


def _location(place: rules.CdrPlace) -> CdrLocation:
    return CdrLocation(
        id=strawberry.ID(place.location_id),
        name=place.name,
        address=place.address,
        city=place.city,
        postal_code=place.postal_code,
        state=place.state,
        country=place.country,
        coordinates=GeoLocation(latitude=float(place.latitude), longitude=float(place.longitude)),
        time_zone=place.time_zone,
        evse_id=place.evse_id,
        evse_uid=place.evse_uid,
        connector_id=place.connector_id,
        connector_standard=place.connector_standard,
    )
