"""What an EMSP adds for its fleet beside what operators charge, line by line (BUC 4.5)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.rules.booking import Booking
from models.rules.booking_state import Outcome
from models.rules.cdr import Cdr, negative
from models.rules.identity import part_id
from models.rules.interval import Interval
from models.rules.payment import PaymentState
from models.rules.price import EXACT, HUNDRED, Price, price_of
from models.rules.problem_report import ProblemReport
from models.rules.provider_fee import ProviderFee
from models.rules.tariff import TaxIncluded
from models.rules.token import contract_keys

A_MONTH_AND_SOME = timedelta(days=31)
"""From the beginning of a month this leads into the next one, or to its beginning."""


class ProviderLineKind(StrEnum):
    """For what a line is: a booking, an operator's CDR of which it is a share, or a month."""

    PER_BOOKING = "PER_BOOKING"
    MARKUP = "MARKUP"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A line; `credits` is the one that it takes back. `cdr_id` is the operator's own id of a CDR.

    `revision` is that of the booking for which a sum was taken, `contract_ids` are those that the fee is for; `month`
    is one of UTC, such as 2026-12.
    """

    id: UUID
    emsp_id: str
    kind: ProviderLineKind
    fee_id: str
    name: str
    contract_ids: tuple[str, ...]
    contract_id: str | None
    license_plate: str | None
    location_id: str | None
    booking_id: UUID | None
    revision: int | None
    cpo_id: str | None
    cdr_id: str | None
    month: str | None
    currency: str
    price: Price
    issued_at: datetime
    credits: UUID | None = None
    state: PaymentState = PaymentState.DUE
    invoice_id: str | None = None

    @property
    def booking_object_id(self) -> str | None:
        """The composite id of the booking it is for, or whose CDR it is a share of."""
        return part_id(self.cpo_id, str(self.booking_id)) if self.cpo_id and self.booking_id else None

    @property
    def cdr_object_id(self) -> str | None:
        """The composite id of the CDR it is a share of."""
        return part_id(self.cpo_id, self.cdr_id) if self.cpo_id and self.cdr_id else None


def fee_stands(one: Booking, report: ProblemReport | None) -> bool:
    """Whether the fee for a booking that was granted stands.

    It does if its holder canceled or did not show up; not if the operator canceled, or its charger was reported
    unusable and that upheld.
    """
    upheld = report is not None and report.upheld
    return one.granted and not upheld and one.outcome not in (Outcome.CANCELED_BY_OPERATOR, Outcome.FAILED)


def strayed(line: ProviderLine, one: Booking) -> bool:
    """Whether a line of a booking is for a contract that this is not under any more."""
    return not contract_keys(line.contract_ids) <= contract_keys(one.contract_ids)


def per_booking(fee: ProviderFee, one: Booking, line_id: UUID, now: datetime) -> ProviderLine | None:
    """Return what a fee takes for a booking; None if nothing."""
    return _line(
        fee,
        fee.per_booking,
        line_id,
        now,
        kind=ProviderLineKind.PER_BOOKING,
        contract_ids=fee.covered(one.contract_ids),
        contract_id=one.parties.only_contract,
        license_plate=one.license_plate,
        location_id=one.location_id,
        booking_id=one.id,
        revision=one.revision,
        cpo_id=one.cpo_id,
    )


def markup(fee: ProviderFee, cdr: Cdr, line_id: UUID, now: datetime) -> ProviderLine | None:
    """Return the share of a CDR that a fee takes; None if nothing. Of one in another currency it takes none."""
    if cdr.currency != fee.currency:
        return None
    return _line(
        fee,
        EXACT.divide(EXACT.multiply(cdr.total.before_taxes, fee.percentage), HUNDRED),
        line_id,
        now,
        kind=ProviderLineKind.MARKUP,
        contract_ids=fee.covered(cdr.parties.contract_ids),
        contract_id=cdr.contract_id,
        license_plate=cdr.license_plate,
        location_id=cdr.location_id,
        booking_id=cdr.booking_id,
        cpo_id=cdr.parties.cpo_id,
        cdr_id=cdr.local_id,
    )


def monthly(fee: ProviderFee, contract_id: str, month: str, line_id: UUID, now: datetime) -> ProviderLine | None:
    """Return what a fee takes for a contract in a month; None if nothing, or if it is not for that contract."""
    if not fee.covered((contract_id,)):
        return None
    return _line(
        fee,
        fee.per_month,
        line_id,
        now,
        kind=ProviderLineKind.MONTHLY,
        contract_ids=(contract_id,),
        contract_id=contract_id,
        month=month,
    )


def taken_back(one: ProviderLine, line_id: UUID, now: datetime, cdr_id: str | None = None) -> ProviderLine:
    """Return the line that takes back all of another one; that of a CDR stands on its credit, `cdr_id`."""
    return replace(
        one,
        id=line_id,
        price=negative(one.price),
        issued_at=now,
        cdr_id=cdr_id,
        credits=one.id,
        state=PaymentState.DUE,
        invoice_id=None,
    )


def month_begin(moment: datetime) -> datetime:
    """Return when the month of a moment begins, in UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months(since: datetime, until: datetime) -> Iterator[tuple[str, Interval]]:
    """Yield the months from that of `since` to the one that is over by `until`, each by its name, 2026-12."""
    begin = month_begin(since)
    while (end := month_begin(begin + A_MONTH_AND_SOME)) <= until:
        yield f"{begin:%Y-%m}", Interval(begin, end)
        begin = end


def _line(fee: ProviderFee, amount: Decimal, line_id: UUID, now: datetime, **about: Any) -> ProviderLine | None:
    price = price_of(amount, fee.vat, TaxIncluded.NO)
    if not price.before_taxes:
        return None
    nothing = dict.fromkeys(("license_plate", "location_id", "booking_id", "revision", "cpo_id", "cdr_id", "month"))
    return ProviderLine(
        **{**nothing, **about},
        id=line_id,
        emsp_id=fee.emsp_id,
        fee_id=fee.id,
        name=fee.name,
        currency=fee.currency,
        price=price,
        issued_at=now,
    )
