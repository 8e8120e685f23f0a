"""Sessions in every state in which somebody is told of them, with what their meters showed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.rules.session import AuthMethod, Reading, Session, SessionStatus
from tests.factories.bookings import a_booking_token
from tests.factories.catalogue import at
from tests.factories.sessions import a_session
from tests.ocpi_documents.bookings import FEE
from tests.ocpi_documents.tariffs import CHARGING, FEES


def readings(*told: tuple[float, str | None, int | None]) -> list[Reading]:
    """Return readings: the hour, the energy since the start in kWh, and the state of charge."""
    return [Reading(at(hour), None if kwh is None else Decimal(kwh), None, charge) for hour, kwh, charge in told]


METERED = readings((10.25, "50.123456", 40), (10.3, None, 45), (10.5, "120.5", None), (10.75, "120.5", 80))

AT_ONCE = readings((10, "2.5", None))


def completed(end: datetime | None = None, **changes: Any) -> Session:
    """Return a session that ended, of the booking unless it is a walk-up's."""
    fields: dict[str, Any] = {
        "status": SessionStatus.COMPLETED,
        "booking_id": UUID(int=1),
        "authorization_reference": "authorization 1",
        "connector_id": "NL*ABC*LOC1*E1*1",
        "token": a_booking_token(),
        "meter_id": "meter 7",
        "kwh": Decimal("120.5"),
        "tariffs": (FEES, CHARGING),
        "cost": FEE,
        "end_date_time": end or at(11),
        "read_at": at(10.75),
        "state_of_charge": 80,
        **changes,
    }
    return a_session(**fields)


SESSIONS: dict[str, tuple[Session, Sequence[Reading]]] = {
    "just begun": (a_session(), ()),
    "goes on": (a_session(tariffs=(CHARGING,), token=a_booking_token()), METERED),
    "last read only": (completed(), ()),
    "completed": (completed(), METERED),
    "overtime": (completed(at(11.5)), METERED),
    "void": (completed(status=SessionStatus.INVALID), METERED),
    "walk-up": (completed(booking_id=None, authorization_reference=None), METERED),
    "of nobody": (a_session(parties=replace(a_session().parties, emsp_id=None)), METERED),
    "of no time": (completed(at(10), read_at=at(10), kwh=Decimal(0)), ()),
    "of no time with energy": (completed(at(10), read_at=at(10), kwh=Decimal("2.5")), AT_ONCE),
    "of no time, last read only": (completed(at(10), read_at=at(10), kwh=Decimal("2.5")), ()),
    **{f"allowed by {one}": (completed(auth_method=one), METERED) for one in AuthMethod},
}
