"""Sessions for tests: in the slot from ten to eleven, and changed by naming what matters."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.rules.charging import ChargingBasis
from models.rules.parties import Parties
from models.rules.session import AuthMethod, Session, SessionStatus
from tests.factories.catalogue import at

A_SESSION = Session(
    id=UUID("5e551000-0000-4000-8000-000000000001"),
    location_id="NL*ABC*LOC1",
    evse_id="NL*ABC*LOC1*E1",
    connector_id=None,
    parking_bay_id=None,
    booking_id=None,
    parties=Parties("NL*ABC", "NL*EMS"),
    token=None,
    auth_method=AuthMethod.AUTH_REQUEST,
    authorization_reference=None,
    basis=ChargingBasis.WALK_UP,
    status=SessionStatus.ACTIVE,
    start_date_time=at(10),
    end_date_time=None,
    stop_reason=None,
    stopped_by=None,
    meter_id=None,
    meter_start=None,
    kwh=Decimal(0),
    power=None,
    state_of_charge=None,
    read_at=None,
    tariffs=(),
    cost=None,
    slot_end=at(11),
    allowed_until=at(11.25),
    occupied_until=at(11.25),
    target_state_of_charge=None,
    irregularity=None,
    last_updated=at(10),
)


def a_session(**changes: Any) -> Session:
    """Return a session that goes on, changed by naming what matters."""
    return replace(A_SESSION, **changes)
