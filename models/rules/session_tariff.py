"""Which Tariffs price a Session, and what it costs so far (OCPI Tariffs; BUC 3.8)."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from models.rules.booking import Booking
from models.rules.charge import Charge
from models.rules.estimate import chosen
from models.rules.location import Connector, Evse
from models.rules.pricing import charging
from models.rules.pricing_rules import CHARGING
from models.rules.published import PublishedLocation
from models.rules.readings import stretches
from models.rules.session import Reading
from models.rules.tariff import Tariff


def session_tariffs(
    published: PublishedLocation, connector: Connector | None, booking: Booking | None
) -> tuple[Tariff, ...]:
    """Return the tariffs of a session: those its booking was made under, else the connector's as they are now."""
    if booking is not None:
        return booking.tariffs
    return published.tariffs_of(connector.tariff_ids) if connector is not None else ()


def plug(evse: Evse, named: str | None, booking: Booking | None) -> Connector | None:
    """Return which connector is used: the named one, the booked one, or the only one; None if nobody knows.

    `named` is the connector's composite id, or the operator's own within the charger.
    """
    if named is not None:
        wanted = named.strip().upper()
        return next((one for one in evse.connectors if wanted in (one.id, one.ocpi_id.upper())), None)
    if booking is not None:
        return next((one for one in evse.connectors if one.id == booking.connector_id), None)
    return evse.connectors[0] if len(evse.connectors) == 1 else None


def cost(
    tariffs: Sequence[Tariff], start: datetime, readings: Sequence[Reading], end: datetime | None, zone: tzinfo
) -> Charge | None:
    """Return what charging costs so far, or at the `end`; None if no tariff prices it.

    Fees of the booking, and for overtime, come besides.
    """
    tariff = chosen(tariffs, start, CHARGING)
    if tariff is None:
        return None
    return Charge(charging(tariff, stretches(start, readings, end), zone).total, tariff.currency)
