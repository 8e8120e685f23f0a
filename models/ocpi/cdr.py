"""A CDR as an OCPI document, of a session or of a booking alone (OCPI CDRs 2.3.0, with Bookings 1.1)."""

from collections.abc import Sequence
from decimal import Decimal

from models.ocpi.charging_period import (
    NOTHING,
    PARKING_TIME,
    RESERVATION_OVERTIME,
    Overtime,
    Used,
    held_over,
    hours,
    used,
)
from models.ocpi.tariff import tariff_document
from models.ocpi.values import (
    LONGEST_METER_ID,
    UNKNOWN,
    Document,
    amount,
    cdr_token,
    given,
    moment,
    number,
    party,
    price,
    text,
)
from models.rules.bill import BillKind, LineKind
from models.rules.cdr import Cdr, CdrPlace
from models.rules.interval import Interval
from models.rules.price import summed
from models.rules.pricing_rules import rules_of
from models.rules.readings import stretches
from models.rules.session import AuthMethod
from models.rules.tariff import BookingRestriction, TariffDimension

NEVER_USED = {
    "connector_standard": "IEC_62196_T2_COMBO",
    "connector_format": "CABLE",
    "connector_power_type": "DC",
}
"""What stands in the required fields of a connector that nobody charged at; the standard lets it be anything."""

HELD = {BillKind.NO_SHOW: "RESERVATION_EXPIRES"}
RESERVATION_TIME = "RESERVATION_TIME"
"""What of a slot is held without being used, unless nobody came."""

CHARGING = (LineKind.ENERGY, LineKind.TIME, LineKind.PARKING_TIME, LineKind.FLAT, LineKind.LIMIT)
COSTS = {
    "total_fixed_cost": (LineKind.FLAT,),
    "total_energy_cost": (LineKind.ENERGY,),
    "total_time_cost": (LineKind.TIME,),
    "total_parking_cost": (LineKind.PARKING_TIME,),
    "total_reservation_cost": (
        LineKind.RESERVATION,
        LineKind.MODIFICATION,
        LineKind.CANCELLATION,
        LineKind.NO_SHOW,
        LineKind.LATE_ARRIVAL,
        LineKind.OVERTIME,
    ),
}
"""Which lines each partial total is of; what a price limit changes, or is given back, is in the total only."""

REMARKS = {
    BillKind.MODIFICATION: "Fee for a late change of the booking.",
    BillKind.CANCELLATION: "Fee for a late cancellation of the booking.",
    BillKind.NO_SHOW: "Fee because nobody came.",
}
"""What the standard has no field to tell."""

LONGEST_NAME = LONGEST_ADDRESS = LONGEST_REMARK = 255
LONGEST_CITY = LONGEST_STATE = 45
LONGEST_POSTAL_CODE = 10
PLACES = 6
"""Decimals of a degree: of the standard's 5 to 7 the most that its strings hold of every place."""


def cdr_document(one: Cdr) -> Document:
    """Return a CDR; in a credit its total alone is negative, all else is that of the CDR it takes back."""
    told, periods = _told(one), _periods(one)
    parked = [period.volumes[PARKING_TIME] for period in periods if PARKING_TIME in period.volumes]
    return given(
        {
            **party(one.parties.cpo_id),
            "id": one.local_id,
            "start_date_time": moment(told.start),
            "end_date_time": moment(told.end),
            "booking_id": str(one.booking_id) if one.booking_id else None,
            "session_id": str(one.bill.session_id) if one.bill.session_id else None,
            "cdr_token": cdr_token(one.token, one.parties, one.contract_id),
            "auth_method": (one.auth_method or AuthMethod.COMMAND).value,
            "authorization_reference": one.authorization_reference,
            "cdr_location": _location(one.place),
            "meter_id": text(one.place.meter_id, LONGEST_METER_ID),
            "currency": one.currency,
            "tariffs": [tariff_document(tariff) for tariff in one.tariffs],
            "charging_periods": [period.document(_tariff_id(one, period)) for period in periods],
            "total_cost": price(one.total),
            **_costs(one),
            "total_energy": amount(one.energy),
            "total_time": number(_lasted(one, periods)),
            "total_parking_time": number(sum(parked, NOTHING)) if parked else None,
            "remark": text(one.remark or REMARKS.get(one.kind), LONGEST_REMARK),
            "credit": True if one.credit else None,
            "credit_reference_id": one.credits,
            "last_updated": moment(one.issued_at),
        }
    )


def _told(one: Cdr) -> Interval:
    """Return what a document is of; beside that of a session, its overtime if it bills any."""
    return (_overtime(one) if one.bill.beside else None) or one.period


def _lasted(one: Cdr, periods: Sequence[Used]) -> Decimal:
    """Return how long the session lasted, in hours; beside it, how long the overtime did."""
    if one.kind is not BillKind.SESSION:
        return NOTHING
    if one.bill.beside:
        return sum((period.volumes.get(RESERVATION_OVERTIME, NOTHING) for period in periods), NOTHING)
    return hours(one.period.duration)


def _periods(one: Cdr) -> list[Used]:
    """Return the periods; of a fee for having come late alone, which has no time of its own, one of none.

    Until it came its charger was reserved and not used, the standard's RESERVATION_TIME; a CDR of the slot tells it.
    """
    if one.kind is not BillKind.SESSION:
        return [Used(one.period.start, {HELD.get(one.kind, RESERVATION_TIME): hours(one.period.duration)})]
    if not one.bill.beside:
        return [*used(stretches(one.period.start, one.readings, one.period.end), _cut(one))]
    overtime = _overtime(one)
    return [held_over(one.period, overtime) if overtime else Used(one.period.start, {RESERVATION_TIME: NOTHING})]


def _overtime(one: Cdr) -> Interval | None:
    """Return the overtime that is billed; not what was granted or waived, nor what no tariff prices."""
    return next((line.period for line in one.lines if line.kind is LineKind.OVERTIME), None)


def _cut(one: Cdr) -> Overtime | None:
    """Return from when on a session is told as overtime, or its minutes are left to the CDR that bills them."""
    if one.bill.timed_until is not None:
        return Overtime(one.bill.timed_until, timed=True, apart=True)
    line = next((line for line in one.lines if line.kind is LineKind.OVERTIME), None)
    if line is None or line.period is None:
        return None
    tariff = next((each for each in one.tariffs if each.id == line.tariff_id), None)
    rules = rules_of(tariff).get(BookingRestriction.BOOKING_OVERTIME) if tariff else None
    return Overtime(line.period.start, rules is not None and TariffDimension.TIME in rules.by_dimension)


def _tariff_id(one: Cdr, period: Used) -> str | None:
    """Return the one tariff that a period can name: that of charging, as long as there is any, else of the fee."""
    charges = any(name in period.volumes for name in ("ENERGY", "TIME", PARKING_TIME))
    of_charging = [line.tariff_id for line in one.lines if line.kind in CHARGING]
    of_fees = [line.tariff_id for line in one.lines if line.kind not in CHARGING]
    named = (of_charging if charges and of_charging else of_fees or of_charging)[:1]
    return next((tariff.ocpi_id for tariff in one.tariffs if [tariff.id] == named), None)


def _costs(one: Cdr) -> Document:
    found = {name: [line.price for line in one.lines if line.kind in kinds] for name, kinds in COSTS.items()}
    return {name: price(summed(prices)) for name, prices in found.items() if prices}


def _location(one: CdrPlace) -> Document:
    connector = {
        "connector_standard": one.connector_standard,
        "connector_format": one.connector_format,
        "connector_power_type": one.connector_power_type,
    }
    return given(
        {
            "id": one.ocpi_id,
            "name": text(one.name, LONGEST_NAME),
            "address": text(one.address, LONGEST_ADDRESS) or UNKNOWN,
            "city": text(one.city, LONGEST_CITY) or UNKNOWN,
            "postal_code": text(one.postal_code, LONGEST_POSTAL_CODE),
            "state": text(one.state, LONGEST_STATE),
            "country": one.country,
            "coordinates": {"latitude": f"{one.latitude:.{PLACES}f}", "longitude": f"{one.longitude:.{PLACES}f}"},
            "evse_uid": one.evse_uid or UNKNOWN,
            "evse_id": one.evse_id or UNKNOWN,
            "connector_id": one.connector_id or UNKNOWN,
            **(connector if one.connector_standard else NEVER_USED),
        }
    )
