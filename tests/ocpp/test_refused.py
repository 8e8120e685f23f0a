"""Drivers who may not charge, or not yet: what a real charge point is answered, and that it stops."""

from typing import Any

import pytest
from ocpp.v16.enums import AuthorizationStatus, ChargePointErrorCode, ChargePointStatus, Reason

from models.rules.charging import ChargingRefusal
from models.rules.location import Status
from models.rules.session import StopReason
from tests.factories.catalogue import at
from tests.ocpp import documents, words
from tests.ocpp.charger import Measured
from tests.ocpp.site import CARD, EVSE, OTHER_CARD, Site
from tests.world import OTHER_CONTRACT

pytestmark = pytest.mark.anyio

NOBODYS = "04DEADBEEF"


async def refused(site: Site, card: str, authorized: str, started: str) -> None:
    """Let a driver try at the reader, and then a charge point start all the same: neither leads to a session."""
    before = await site.sessions()
    async with site.charger() as charger:
        assert await charger.authorize(card) == authorized
        _, status = await charger.begin(card, Measured(site.served.world.now, 5_000))
        assert status == started
        assert charger.charging == set()
    assert await site.sessions() == before


async def test_a_card_that_nobody_issued_is_invalid(site: Site) -> None:
    await refused(site, NOBODYS, "Invalid", "Invalid")


async def test_a_blocked_card_is_blocked_though_its_driver_has_a_booking(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    came = await site.do("emsp", documents.BLOCK, tokenId=f"NL*EMS*RFID*{CARD}")
    assert came["__typename"] == "Token"

    site.later(at(10))
    await refused(site, CARD, "Blocked", "Blocked")
    assert await site.booking(booking_id) == ("RESERVED", "LATE")


async def test_an_expired_card_is_expired(site: Site) -> None:
    await site.issue("04E0", expiresAt=at(9).isoformat())
    site.later(at(9))
    await refused(site, "04E0", "Expired", "Expired")


async def test_a_card_without_the_booking_is_invalid_in_a_slot_of_somebody_else(site: Site) -> None:
    await site.issue("04C0", contractId=OTHER_CONTRACT)
    await site.booked(at(10), at(12))
    site.later(at(10))
    await refused(site, "04C0", "Invalid", "Invalid")


async def test_a_second_card_meets_a_transaction_that_goes_on(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10))
    async with site.charger() as charger:
        transaction, _ = await charger.begin(CARD, Measured(at(10), 5_000))
        await refused(site, OTHER_CARD, "Invalid", "ConcurrentTx")
        site.later(at(10.5))
        await charger.measure(transaction, Measured(at(10.5), 6_500))

    (going_on,) = await site.sessions(booking_id)
    assert (going_on["status"], going_on["kwh"]) == ("ACTIVE", "1.5")


async def test_it_is_too_early_before_the_slot_and_allowed_once_it_begins(booked_site: Site) -> None:
    site = booked_site
    booking_id = await site.booked(at(10), at(12))
    site.later(at(9.9))
    await refused(site, CARD, "Invalid", "Invalid")
    told: dict[str, Any] = await site.do("cpo", documents.AUTHORIZE, evseId=EVSE, token={"uid": CARD, "type": "RFID"})

    site.later(at(10))
    async with site.charger() as charger:
        assert await charger.authorize(CARD) == "Accepted"
        _, status = await charger.begin(CARD, Measured(at(10), 5_000))

    assert (told["reason"], told["from"]) == ("TOO_EARLY", "2026-12-01T10:00:00Z")
    assert status == "Accepted"
    assert await site.booking(booking_id) == ("FULFILLED", "CHARGING")


async def test_it_is_too_late_once_the_booking_lapsed(booked_site: Site) -> None:
    await booked_site.booked(at(10), at(12))
    booked_site.later(at(10.5))
    await booked_site.duties()
    await refused(booked_site, CARD, "Expired", "Expired")


@pytest.mark.parametrize("reason", ChargingRefusal)
def test_every_refusal_has_a_word_of_the_protocol(reason: ChargingRefusal) -> None:
    assert words.authorization(reason, starting=True) is not AuthorizationStatus.accepted
    assert words.authorization(reason, starting=False) not in (
        AuthorizationStatus.accepted,
        AuthorizationStatus.concurrent_tx,
    )


def test_every_word_of_the_protocol_has_one_of_ours() -> None:
    assert set(words.STATUS) == set(ChargePointStatus)
    assert set(words.STOP) == set(Reason)
    assert set(StopReason) - set(words.STOP.values()) == {StopReason.REMOTE, StopReason.TARGET_REACHED}
    assert words.STATUS[ChargePointStatus.faulted] is Status.OUTOFORDER
    assert words.fault(ChargePointErrorCode.no_error, ChargePointStatus.available, None) is None
