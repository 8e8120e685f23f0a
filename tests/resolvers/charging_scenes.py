"""Drivers at chargers: their Tokens, what they present, and the sessions that their operator reports."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from models.rules.booking import Booking, BookingToken
from models.rules.session import Session, StopReason
from models.rules.token import TokenType
from resolvers import bookings, charging, sessions
from resolvers.charging import Authorized, WantedCharging
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from resolvers.sessions import Judged, MeterReading, ReadingsReport, StartReport, StopReport
from tests.world import FLEET_CONTRACT, World, a_key

CARD = BookingToken("NL", "EMS", "04A1B2C3", "RFID", FLEET_CONTRACT)
BY_CARD = Credential("04A1B2C3", TokenType.RFID)
WITH_CARD = ForWhom(tokens=(CARD,))
STRANGER = Credential("FFFF0000", TokenType.RFID)


async def authorized(world: World, evse_id: str, by: Credential = BY_CARD) -> Authorized:
    """Return what the operator's charger is told; a refusal is raised."""
    return await charging.authorize(await world.call("cpo"), a_key(), WantedCharging(evse_id, by))


async def started(world: World, evse_id: str, by: Credential = BY_CARD, **changes: Any) -> Session:
    """Return a session that the operator reports as begun; a refusal is raised."""
    return await sessions.start_report(await world.call("cpo"), a_key(), StartReport(evse_id, by, **changes))


async def read(world: World, one: Session, *readings: tuple[datetime, str, int | None]) -> Judged:
    """Report readings, each a moment, the energy since the start and the state of charge."""
    given = tuple(MeterReading(at, None, Decimal(kwh), None, charge) for at, kwh, charge in readings)
    report = ReadingsReport(one.object_id, given)
    return await sessions.readings_report(await world.call("cpo"), a_key(), report)


async def stopped(world: World, one: Session, reason: StopReason = StopReason.DRIVER, **changes: Any) -> Session:
    """Return a session that the operator reports as ended; a refusal is raised."""
    report = StopReport(one.object_id, reason, **changes)
    return await sessions.stop_report(await world.call("cpo"), a_key(), report)


async def seen(world: World, one: Booking, caller: str = "emsp") -> Booking:
    """Return a booking as it is now."""
    return await bookings.get(await world.call(caller), one.object_id)
