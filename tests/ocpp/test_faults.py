"""Chargers that fail while a truck charges, as a real charge point tells it."""

import pytest
from ocpp.v16.enums import ChargePointErrorCode, ChargePointStatus, Reason

from tests.factories.catalogue import at
from tests.ocpp.charger import Charger, Measured
from tests.ocpp.site import CARD, EVSE, Site, heard
from tests.server.asgi_socket import connected

pytestmark = pytest.mark.anyio

ALERTS = """
subscription {
  chargerFaultAlert {
    ... on ChargerFaultAlert { fault { evse { id } severity code description repairedAt } }
  }
}
"""


async def begun(site: Site, charger: Charger) -> tuple[str, int]:
    """Return the booking from ten to twelve and the transaction of a truck that charges since ten."""
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10))
    transaction, status = await charger.begin(CARD, Measured(at(10), 500_000))
    assert status == "Accepted"
    return booking_id, transaction


@pytest.mark.parametrize(
    ("reason", "stored"), [(Reason.emergency_stop, "CHARGER_FAULT"), (Reason.power_loss, "POWER_LOSS")]
)
async def test_a_fault_ends_the_session_and_its_booking_goes_on_once_the_charger_works_again(
    site: Site, reason: Reason, stored: str
) -> None:
    async with site.charger() as charger:
        booking_id, transaction = await begun(site, charger)
        site.later(at(10.5))
        await charger.status(ChargePointStatus.faulted, ChargePointErrorCode.ground_failure, info="Isolation lost.")
        await charger.end(transaction, Measured(at(10.5), 533_333), reason)
        assert await site.status() == "OUTOFORDER"
        assert await site.booking(booking_id) == ("FULFILLED", "DUE")
        assert await charger.authorize(CARD) == "Invalid"
        taken = await site.book(at(10.75), at(11.75), card=None, caller="other_emsp")

        site.later(at(11))
        await charger.status(ChargePointStatus.available)
        assert await site.status() == "AVAILABLE"
        assert await charger.authorize(CARD) == "Accepted"
        again, _ = await charger.begin(CARD, Measured(at(11), 533_333))
        site.later(at(11.5))
        await charger.end(again, Measured(at(11.5), 600_000), Reason.local)

    found = await site.sessions(booking_id)
    assert [(one["stopReason"], one["kwh"]) for one in found] == [(stored, "33.333"), ("DRIVER", "66.667")]
    assert await site.booking(booking_id) == ("FULFILLED", "COMPLETED")
    assert taken["__typename"] in ("SlotTaken", "ChargerUnusable")


async def test_the_provider_is_told_of_the_fault_and_of_its_end(site: Site) -> None:
    served = site.served
    async with (
        site.charger() as charger,
        connected(served.app, headers=served.authorization("emsp")) as socket,
    ):
        await begun(site, charger)
        await socket.begin()
        await socket.subscribe(ALERTS)
        await charger.status(ChargePointStatus.charging, ChargePointErrorCode.high_temperature, info="Derated.")
        warned = await heard(socket, code="HighTemperature")
        await charger.status(ChargePointStatus.faulted, ChargePointErrorCode.ground_failure, connector=0)
        faulted = await heard(socket, code="GroundFailure", repairedAt=None)
        site.later(at(10.5))
        await charger.status(ChargePointStatus.available, connector=0)
        assert await site.status() == "OUTOFORDER"
        await charger.status(ChargePointStatus.available)
        repaired = await heard(socket, repairedAt="2026-12-01T10:30:00Z")

    told = (warned, faulted, repaired)
    assert {one["evse"]["id"] for one in told} == {EVSE}
    assert [(one["code"], one["severity"]) for one in told] == [
        ("HighTemperature", "WARNING"),
        ("GroundFailure", "OUT_OF_USE"),
        ("GroundFailure", "OUT_OF_USE"),
    ]
    assert [one["description"] for one in told] == ["Derated.", None, None]


@pytest.mark.parametrize(
    ("reason", "stored", "phase"),
    [
        (None, "DRIVER", "COMPLETED"),
        (Reason.ev_disconnected, "VEHICLE", "COMPLETED"),
        (Reason.unlock_command, "OPERATOR", "COMPLETED"),
        (Reason.de_authorized, "NO_LONGER_ALLOWED", "COMPLETED"),
        (Reason.reboot, "CHARGER_FAULT", "DUE"),
        (Reason.other, "OTHER", "COMPLETED"),
    ],
)
async def test_a_transaction_ends_for_the_reason_that_is_told(
    site: Site, reason: Reason | None, stored: str, phase: str
) -> None:
    async with site.charger() as charger:
        booking_id, transaction = await begun(site, charger)
        site.later(at(11))
        await charger.end(transaction, Measured(at(11), 500_001), reason)

    (over,) = await site.sessions(booking_id)
    assert (over["stopReason"], over["kwh"]) == (stored, "0.001")
    assert await site.booking(booking_id) == ("FULFILLED", phase)
