"""Making a CDR of a bill: with all of it that is to be known later, as it was then (OCPI CDRs)."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from models.rules.bill import Bill, Charged
from models.rules.booking import Booking
from models.rules.cdr import Cdr, CdrPlace
from models.rules.energy_mix import EnergyMix
from models.rules.parties import Parties
from models.rules.published import PublishedLocation
from models.rules.session import Session

GREEN = frozenset({"GENERAL_GREEN", "SOLAR", "WIND", "WATER"})
"""The sources of energy that count as green (OCPI EnergySourceCategory)."""


def cdr_of(
    bill: Bill,
    published: PublishedLocation,
    booking: Booking | None,
    charged: Charged | None,
    local_id: str,
    number: int | None,
    now: datetime,
) -> Cdr:
    """Return the CDR of a bill of a booking, of one of its sessions, or of a session without a booking."""
    session = charged.session if charged is not None else None
    token = session.token if session is not None else None
    if token is None and booking is not None and len(booking.tokens) == 1:
        token = booking.tokens[0]
    parties = _parties(booking, session)
    named = {line.tariff_id for line in bill.lines}
    known = {
        tariff.id: tariff for tariff in (*(booking.tariffs if booking else ()), *(session.tariffs if session else ()))
    }
    return Cdr(
        parties=parties,
        local_id=local_id,
        number=number,
        bill=bill,
        total=bill.total,
        location_id=published.location.id,
        booking_id=booking.id if booking is not None else None,
        authorization_reference=booking.authorization_reference if booking is not None else None,
        contract_id=parties.only_contract,
        license_plate=booking.license_plate if booking is not None else None,
        token=token,
        auth_method=session.auth_method if session is not None else None,
        place=place(published, session),
        energy=session.kwh if session is not None and not bill.beside else Decimal(0),
        readings=tuple(charged.readings) if charged is not None else (),
        tariffs=tuple(tariff for name, tariff in known.items() if name in named),
        issued_at=now,
    )


def place(published: PublishedLocation, session: Session | None) -> CdrPlace:
    """Return a Location as it is called now, with the charger and plug of a session if there was one."""
    location = published.location
    evse = location.evse(session.evse_id) if session is not None else None
    plug = (
        next((one for one in evse.connectors if session and one.id == session.connector_id), None) if evse else None
    )
    return CdrPlace(
        location_id=location.id,
        ocpi_id=location.ocpi_id,
        name=location.name,
        address=location.address,
        city=location.city,
        postal_code=location.postal_code,
        state=location.state,
        country=location.country,
        latitude=location.latitude,
        longitude=location.longitude,
        time_zone=location.time_zone,
        evse_uid=evse.uid if evse else None,
        evse_id=evse.evse_id if evse else None,
        connector_id=plug.ocpi_id if plug else None,
        connector_standard=plug.standard if plug else None,
        connector_format=plug.format.value if plug else None,
        connector_power_type=plug.power_type.value if plug else None,
        green_share=green_share(location.energy_mix),
        meter_id=session.meter_id if session is not None else None,
    )


def green_share(mix: EnergyMix | None) -> Decimal | None:
    """Return how much of a mix is green, in percent; None if nobody says."""
    if mix is None:
        return None
    if mix.is_green_energy:
        return Decimal(100)
    if not mix.energy_sources:
        return None
    return sum((one.percentage for one in mix.energy_sources if one.source in GREEN), Decimal(0))


def _parties(booking: Booking | None, session: Session | None) -> Parties:
    """Return whom a CDR concerns: of a session whoever charged, if that is known, whoever else booked."""
    if session is not None:
        known = session.token
        return replace(session.parties, contract_ids=(known.contract_id,)) if known else session.parties
    if booking is not None:
        return booking.parties
    raise ValueError("a CDR is of a booking or of a session")
