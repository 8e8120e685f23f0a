"""Making a CDR of a bill: with all of it that is to be known later, as it was then (OCPI CDRs)."""

from datetime import datetime
from decimal import Decimal

from models.rules.bill import Bill, Charged, subject_of
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
    named = {line.tariff_id for line in bill.lines}
    known = {
        tariff.id: tariff for tariff in (*(booking.tariffs if booking else ()), *(session.tariffs if session else ()))
    }
    return Cdr(
        parties=_parties(booking, session),
        local_id=local_id,
        number=number,
        bill=bill,
        total=bill.total,
        location_id=published.location.id,
        booking_id=booking.id if booking is not None else None,
        authorization_reference=booking.authorization_reference if booking is not None else None,
        contract_id=token.contract_id if token is not None else _only(booking.contract_ids if booking else ()),
        license_plate=booking.license_plate if booking is not None else None,
        token=token,
        auth_method=session.auth_method if session is not None else None,
        place=place(published, session),
        energy=session.kwh if session is not None and bill.subject == subject_of(session.id) else Decimal(0),
        readings=tuple(charged.readings) if charged is not None else (),
        tariffs=tuple(tariff for name, tariff in known.items() if name in named),
        booking_terms=booking.booking_terms if booking is not None else None,
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
    if booking is not None:
        return booking.parties
    if session is not None:
        return session.parties
    raise ValueError("a CDR is of a booking or of a session")


def _only(contract_ids: tuple[str, ...]) -> str | None:
    return contract_ids[0] if len(contract_ids) == 1 else None
