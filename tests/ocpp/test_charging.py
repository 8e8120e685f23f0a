"""A booking from its making to the end of its session, by a real charge point's OCPP 1.6."""

from decimal import Decimal

import pytest
from ocpp.v16.enums import ChargePointStatus, Reason, RegistrationStatus

from tests.factories.catalogue import at
from tests.ocpp.charger import Measured
from tests.ocpp.site import CARD, EVSE, Site

pytestmark = pytest.mark.anyio

METER = 12_345_678
"""What the meter showed before, in Wh."""


async def test_a_driver_charges_by_card_within_the_slot_and_leaves_early(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))

    site.later(at(9.75))
    async with site.charger() as charger:
        booted = await charger.boot()
        await charger.status(ChargePointStatus.available)
        assert (booted.status, booted.current_time) == (RegistrationStatus.accepted, at(9.75).isoformat())
        assert await site.status() == "AVAILABLE"

        site.later(at(10.05))
        assert await charger.authorize(CARD) == "Accepted"
        await charger.status(ChargePointStatus.preparing)
        transaction, status = await charger.begin(CARD, Measured(at(10.05), METER))
        await charger.status(ChargePointStatus.charging)
        assert status == "Accepted"
        assert await site.status() == "CHARGING"
        assert await site.booking(booking_id) == ("FULFILLED", "CHARGING")

        site.later(at(10.5))
        await charger.measure(transaction, Measured(at(10.25), METER + 60_001, 320_500, 21))
        await charger.measure(transaction, Measured(at(10.5), METER + 140_007, 310_000, 44))
        (going_on,) = await site.sessions(booking_id)

        site.later(at(11))
        last = Measured(at(11), METER + 280_123, 0, 80)
        await charger.end(
            transaction, last, Reason.local, data=(Measured(at(10.75), METER + 210_060, 290_000, 63), last)
        )
        await charger.status(ChargePointStatus.available)
        assert charger.charging == set()

    assert (going_on["status"], going_on["kwh"]) == ("ACTIVE", "140.007")
    assert (going_on["power"], going_on["stateOfCharge"]) == (310_000, 44)
    (over,) = await site.sessions(booking_id)
    assert over == going_on | {
        "status": "COMPLETED",
        "endDateTime": "2026-12-01T11:00:00Z",
        "stopReason": "DRIVER",
        "kwh": "280.123",
        "power": None,
        "stateOfCharge": 80,
        "readAt": "2026-12-01T11:00:00Z",
        "endedEarly": True,
    }
    assert (over["basis"], over["authMethod"], over["token"]) == ("BOOKING", "AUTH_REQUEST", {"uid": CARD})
    assert (over["startDateTime"], over["evse"], over["connectorId"]) == (
        "2026-12-01T10:03:00Z",
        {"id": EVSE},
        f"{EVSE}*1",
    )
    assert await site.booking(booking_id) == ("FULFILLED", "COMPLETED")
    assert await site.status() == "AVAILABLE"
    assert set(site.system.outcomes) == {"TAKEN"}


async def test_what_is_left_of_the_slot_can_be_booked_the_moment_the_transaction_ends(site: Site) -> None:
    await site.booked(at(10), at(12))
    site.later(at(10))
    async with site.charger() as charger:
        transaction, _ = await charger.begin(CARD, Measured(at(10), METER))
        site.later(at(11))
        before = await site.book(at(11), at(12), card=None, caller="other_emsp")
        await charger.end(transaction, Measured(at(11), METER + 90_000))
        after = await site.book(at(11), at(12), card=None, caller="other_emsp")

    assert before["__typename"] == "SlotTaken"
    assert (after["__typename"], after["evse"]) == ("Booking", {"id": EVSE})


async def test_a_meter_that_tells_whole_kilowatts_and_single_phases_is_read_right(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10))
    async with site.charger() as charger:
        transaction, _ = await charger.begin(CARD, Measured(at(10), METER))
        site.later(at(10.5))
        await charger.sample(
            transaction,
            at(10.5),
            {"value": "12355.679", "unit": "kWh"},
            {"value": "7", "measurand": "Energy.Active.Import.Register", "phase": "L1"},
            {"value": "99.5", "measurand": "Power.Active.Import", "unit": "kW", "location": "Outlet"},
            {"value": "104.2", "measurand": "Power.Active.Import", "unit": "kW", "location": "Inlet"},
            {"value": "810", "measurand": "Voltage", "unit": "V"},
        )
        await charger.measure(None, Measured(at(10.5), 1))

    (going_on,) = await site.sessions(booking_id)
    assert Decimal(going_on["kwh"]) == Decimal("10.001")
    assert (going_on["power"], going_on["stateOfCharge"]) == (99_500, None)
