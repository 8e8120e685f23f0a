"""A CDR as a value: what was billed, to whom, and by which facts; it never changes (OCPI CDRs)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from models.rules.bill import Bill, BillKind, BillLine
from models.rules.booking import BookingToken
from models.rules.identity import normalized, part_id
from models.rules.interval import Interval
from models.rules.parties import Parties
from models.rules.payment import Payment
from models.rules.price import Price, TaxAmount
from models.rules.session import AuthMethod, Reading
from models.rules.tariff import Tariff

CREDIT = "-C"
"""What the id of a credit CDR has behind that of the one it credits (OCPI CDR, id)."""


class Creditor(StrEnum):
    """Who is owed what a CDR bills, and keeps a record of it: its operator by the EMSP, that EMSP by its fleet."""

    CPO = "CPO"
    EMSP = "EMSP"


@dataclass(frozen=True, slots=True)
class CdrRecords:
    """What became of a CDR since it was issued: what each creditor noted, and which CDR credits it.

    `credited_by` is the operator's own id of that.
    """

    of: Mapping[Creditor, Payment]
    credited_by: str | None


@dataclass(frozen=True, slots=True)
class CdrStanding:
    """What became of a CDR since it was issued, as one reader is told.

    `payment` is how the reader stands to it: what its operator noted, or to a fleet what its EMSP did. `of_fleet` is
    what the EMSP noted of its fleet, None for whom that is not; `credited_by` as in `CdrRecords`.
    """

    payment: Payment
    of_fleet: Payment | None
    credited_by: str | None


@dataclass(frozen=True, slots=True)
class CdrNumbering:
    """How an operator's CDRs are numbered without a gap: what is put before a number, and the last that was given."""

    prefix: str
    last_number: int


@dataclass(frozen=True, slots=True)
class CdrPlace:
    """Where it was, as it was called then (OCPI CdrLocation); the charger is None if nobody charged."""

    location_id: str
    ocpi_id: str
    name: str | None
    address: str
    city: str
    postal_code: str | None
    state: str | None
    country: str
    latitude: Decimal
    longitude: Decimal
    time_zone: str
    evse_uid: str | None = None
    evse_id: str | None = None
    connector_id: str | None = None
    connector_standard: str | None = None
    connector_format: str | None = None
    connector_power_type: str | None = None
    green_share: Decimal | None = None
    """How much of its energy is green, in percent; None is not known."""
    meter_id: str | None = None
    """By which meter its energy is, as the operator names it."""


@dataclass(frozen=True, slots=True)
class Cdr:
    """A CDR. `local_id` is the operator's own, `number` counts its CDRs without a gap where it asks for that.

    A credit takes back all of the CDR that `credits` names: its total alone is negative (OCPI CDR, credit).
    `energy` is in kWh; `readings` are what the meter showed.
    """

    parties: Parties
    local_id: str
    number: int | None
    bill: Bill
    total: Price
    location_id: str
    booking_id: UUID | None
    authorization_reference: str | None
    contract_id: str | None
    license_plate: str | None
    token: BookingToken | None
    auth_method: AuthMethod | None
    place: CdrPlace
    energy: Decimal
    readings: tuple[Reading, ...]
    tariffs: tuple[Tariff, ...]
    issued_at: datetime
    credits: str | None = None
    remark: str | None = None

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; the operator owns it (OCPI CDRs)."""
        return part_id(self.parties.cpo_id, self.local_id)

    @property
    def key(self) -> tuple[str, str]:
        """Its operator, and that one's own id of it."""
        return self.parties.cpo_id, self.local_id

    @property
    def booking_object_id(self) -> str | None:
        """The composite id of the booking it is of; None of a walk-up."""
        return part_id(self.parties.cpo_id, str(self.booking_id)) if self.booking_id else None

    @property
    def session_object_id(self) -> str | None:
        """The composite id of the session it is of; None of fees without one."""
        return part_id(self.parties.cpo_id, str(self.bill.session_id)) if self.bill.session_id else None

    @property
    def credits_object_id(self) -> str | None:
        """The composite id of the CDR that it takes back, if it is a credit."""
        return part_id(self.parties.cpo_id, self.credits) if self.credits else None

    @property
    def holder_id(self) -> UUID:
        """What is settled as one with all that it bills: the booking, or the session that has none."""
        found = self.booking_id or self.bill.session_id
        if found is None:
            raise RuntimeError(f"CDR {self.object_id} is of no booking and no session")
        return found

    def owed_to(self, creditor: Creditor) -> str | None:
        """Return the party that is this creditor; None if it is the EMSP, and none is known."""
        return self.parties.cpo_id if creditor is Creditor.CPO else self.parties.emsp_id

    @property
    def credit(self) -> bool:
        """Whether it takes another one back."""
        return self.credits is not None

    @property
    def kind(self) -> BillKind:
        """What it bills."""
        return self.bill.kind

    @property
    def currency(self) -> str:
        """In what it bills."""
        return self.bill.currency

    @property
    def period(self) -> Interval:
        """What it is for."""
        return self.bill.period

    @property
    def lines(self) -> tuple[BillLine, ...]:
        """What adds up to the total, or in a credit to what it takes back."""
        return self.bill.lines

    @property
    def billed_as(self) -> tuple[object, ...]:
        """What must be the same for a bill to stand as it was issued."""
        return as_billed(self.bill)


def as_billed(bill: Bill) -> tuple[object, ...]:
    """Return what makes one bill differ from another of the same subject; a new revision alone does not."""
    return bill.kind, bill.currency, bill.lines, bill.period, bill.timed_until


def named(cdr_id: str) -> tuple[str, str] | None:
    """Return the operator of a composite id and its own id, which is in upper case; None if it names no CDR."""
    parts = normalized(cdr_id).split("*")
    return ("*".join(parts[:2]), parts[2]) if len(parts) == 3 else None


def negative(price: Price) -> Price:
    """Return what takes a price back."""
    taxes = tuple(TaxAmount(one.name, one.percentage, -one.amount) for one in price.taxes)
    return Price(-price.before_taxes, taxes, -price.after_taxes)


def credit_of(one: Cdr, number: int | None, local_id: str, now: datetime, remark: str) -> Cdr:
    """Return the CDR that takes back all of another one: as that, but for its id and its negative total."""
    return replace(
        one,
        local_id=local_id,
        number=number,
        total=negative(one.total),
        issued_at=now,
        credits=one.local_id,
        remark=remark,
    )
