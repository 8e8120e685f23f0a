"""A Session as an OCPI document (OCPI Sessions 2.3.0)."""

from collections.abc import Sequence

from models.ocpi.charging_period import charged, used
from models.ocpi.values import (
    LONGEST_METER_ID,
    UNKNOWN,
    Document,
    amount,
    cdr_token,
    given,
    moment,
    party,
    price,
    text,
)
from models.rules.estimate import chosen
from models.rules.identity import local
from models.rules.pricing_rules import CHARGING
from models.rules.readings import stretches
from models.rules.session import Reading, Session
from models.rules.session_bill import NO_CURRENCY


def session_document(one: Session, readings: Sequence[Reading] = ()) -> Document:
    """Return a Session, with a period from each of its `readings` to the next.

    Without readings there is one period, of what was last read. The standard's Session has no booking: that is found
    by its authorization_reference.
    """
    return given(
        {
            **party(one.parties.cpo_id),
            "id": str(one.id),
            "start_date_time": moment(one.start_date_time),
            "end_date_time": moment(one.end_date_time) if one.end_date_time else None,
            "kwh": amount(one.kwh),
            "cdr_token": cdr_token(one.token, one.parties, one.parties.only_contract),
            "auth_method": one.auth_method.value,
            "authorization_reference": one.authorization_reference,
            "location_id": local(one.location_id),
            "evse_uid": local(one.evse_id),
            "connector_id": local(one.connector_id) if one.connector_id else UNKNOWN,
            "meter_id": text(one.meter_id, LONGEST_METER_ID),
            "currency": _currency(one),
            "charging_periods": _periods(one, readings or _last_read(one)),
            "total_cost": price(one.cost.price) if one.cost else None,
            "status": one.status.value,
            "last_updated": moment(one.last_updated),
        }
    )


def _currency(one: Session) -> str:
    if one.cost is not None:
        return one.cost.currency
    return one.tariffs[0].currency if one.tariffs else NO_CURRENCY


def _periods(one: Session, readings: Sequence[Reading]) -> list[Document]:
    tariff = chosen(one.tariffs, one.start_date_time, CHARGING)
    found = [*used(stretches(one.start_date_time, readings, one.end_date_time))]
    tariff_id = tariff.ocpi_id if tariff is not None else None
    return [period.document(tariff_id) for period in charged(found, readings, one.end_date_time)]


def _last_read(one: Session) -> Sequence[Reading]:
    at = one.read_at or one.end_date_time
    return () if at is None else (Reading(at, one.kwh, one.power, one.state_of_charge),)
