"""A charge point that was out of touch, and one whose CALLs come twice: what happened is known once, as it was."""

import pytest
from ocpp.v16.enums import ChargePointErrorCode, ChargePointStatus, Reason

from tests.factories.catalogue import at
from tests.ocpp import documents
from tests.ocpp.charger import Measured
from tests.ocpp.site import CARD, Site

pytestmark = pytest.mark.anyio

LATE_CARD = "04DEADBEEF"
"""Issued later."""


async def test_a_transaction_told_of_afterwards_is_as_it_was_and_its_booking_no_no_show(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10.6))
    await site.duties()
    assert await site.booking(booking_id) == ("NO_SHOW", "NO_SHOW")

    site.later(at(11.8))
    async with site.charger() as charger:
        await charger.boot()
        transaction, status = await charger.begin(CARD, Measured(at(10.25), 40_000))
        await charger.measure(transaction, Measured(at(11), 61_000, 90_000, 50), Measured(at(10.5), 47_000, 91_000))
        await charger.measure(transaction, Measured(at(10.75), 55_500))
        await charger.measure(transaction, Measured(at(10.75), 55_500))
        await charger.measure(transaction, Measured(at(11.25), 60_000))
        await charger.measure(transaction, Measured(at(10), 40_000))
        await charger.end(transaction, Measured(at(11.5), 83_333), Reason.ev_disconnected)

    assert status == "Accepted"
    assert site.system.outcomes == ["TAKEN", "TAKEN", "LATE", "KNOWN", "BACKWARDS", "OUTSIDE"]
    (over,) = await site.sessions(booking_id)
    assert (over["startDateTime"], over["endDateTime"]) == ("2026-12-01T10:15:00Z", "2026-12-01T11:30:00Z")
    assert (over["kwh"], over["stopReason"], over["stateOfCharge"]) == ("43.333", "VEHICLE", 50)
    assert await site.booking(booking_id) == ("FULFILLED", "COMPLETED")
    assert (await site.ask("emsp", documents.BOOKING, id=booking_id))["outcome"] == "CHARGED"


async def test_an_end_told_of_afterwards_undoes_the_overtime_that_was_believed(site: Site) -> None:
    booking_id = await site.booked(at(10), at(11))
    site.later(at(10))
    async with site.charger() as charger:
        transaction, _ = await charger.begin(CARD, Measured(at(10), 40_000))
    site.later(at(11))
    await site.duties()
    (believed,) = await site.sessions(booking_id)
    assert (believed["status"], await site.booking(booking_id)) == ("ACTIVE", ("FULFILLED", "OVERTIME"))
    taken = await site.book(at(11), at(12), card=None, caller="other_emsp")

    site.later(at(11.2))
    async with site.charger() as charger:
        await charger.end(transaction, Measured(at(10.9), 60_000), Reason.local)

    (over,) = await site.sessions(booking_id)
    assert taken["__typename"] == "SlotTaken"
    assert (over["endDateTime"], over["overtimeMinutes"], over["kwh"]) == ("2026-12-01T10:54:00Z", 0, "20")
    assert await site.booking(booking_id) == ("FULFILLED", "COMPLETED")
    free = await site.book(at(11.25), at(12), card=None, caller="other_emsp")
    assert free["__typename"] == "Booking"


async def test_a_card_that_was_let_in_offline_without_a_right_is_stored_and_told_to_the_charge_point(
    site: Site,
) -> None:
    await site.do("emsp", documents.BLOCK, tokenId=f"NL*EMS*RFID*{CARD}")
    site.later(at(11))
    async with site.charger() as charger:
        _, status = await charger.begin(CARD, Measured(at(10), 40_000))

    (stored,) = await site.sessions()
    assert status == "Blocked"
    assert (stored["basis"], stored["token"], stored["stopReason"]) == ("WALK_UP", {"uid": CARD}, "NO_LONGER_ALLOWED")


async def test_a_call_that_is_sent_twice_has_one_effect(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10))
    read, first, last = (Measured(at(hour), wh) for hour, wh in ((10.5, 52_500), (10, 40_000), (11, 70_001)))
    async with site.charger() as charger:
        await charger.status(ChargePointStatus.charging, ChargePointErrorCode.high_temperature, unique_id="1")
        assert await charger.authorize(CARD, unique_id="2") == "Accepted"
        begun = await charger.begin(CARD, first, unique_id="3")
        site.later(at(11))
        await charger.measure(begun[0], read, unique_id="4")
        once = await site.served.written()
        sessions = await site.sessions(booking_id)

        await charger.status(ChargePointStatus.charging, ChargePointErrorCode.high_temperature, unique_id="1")
        assert await charger.authorize(CARD, unique_id="2") == "Accepted"
        assert await charger.begin(CARD, first, unique_id="3") == begun
        await charger.measure(begun[0], read, unique_id="4")
        assert (await site.served.written(), await site.sessions(booking_id)) == (once, sessions)

        await charger.end(begun[0], last, unique_id="5")
        ended = await site.served.written(), await site.sessions(booking_id)
    site.later(at(11.5))
    async with site.charger() as charger:
        assert await charger.begin(CARD, first, unique_id="3") == begun
        await charger.measure(begun[0], read, unique_id="4")
        await charger.end(begun[0], last, unique_id="5")

    assert (await site.served.written(), await site.sessions(booking_id)) == ended
    assert [(one["status"], one["kwh"]) for one in ended[1]] == [("COMPLETED", "30.001")]
    assert site.system.outcomes == ["TAKEN", "TAKEN", "TAKEN"]


async def test_ids_that_begin_anew_with_a_connection_are_not_taken_for_calls_of_before(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10))
    async with site.charger() as charger:
        await charger.status(ChargePointStatus.preparing, unique_id="1")
        assert await charger.authorize(LATE_CARD, unique_id="2") == "Invalid"
        transaction, _ = await charger.begin(CARD, Measured(at(10), 40_000), unique_id="3")
        await charger.measure(transaction, Measured(at(10), 40_000), unique_id="4")
    site.later(at(10.5))
    await site.issue(LATE_CARD)
    async with site.charger() as charger:
        await charger.end(transaction, Measured(at(10.5), 40_700))
        await charger.status(ChargePointStatus.available, unique_id="1")
        assert await charger.authorize(LATE_CARD, unique_id="2") == "Accepted"
        again, status = await charger.begin(LATE_CARD, Measured(at(10.5), 40_700), unique_id="3")
        site.later(at(10.75))
        await charger.measure(again, Measured(at(10.75), 40_701), unique_id="4")

    assert (again != transaction, status, await site.status()) == (True, "Accepted", "AVAILABLE")
    first, second = await site.sessions()
    assert (first["bookingId"], first["kwh"]) == (booking_id, "0.7")
    assert (second["bookingId"], second["kwh"]) == (None, "0.001")
