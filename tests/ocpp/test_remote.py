"""A provider starts and stops from afar: its request reaches a real charge point as a command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from ocpp.v16.enums import Reason

from tests.factories.catalogue import at
from tests.ocpp import documents
from tests.ocpp.central_system import OUT_OF_REACH, UNWILLING
from tests.ocpp.charger import Measured
from tests.ocpp.site import CARD, CHARGE_POINT, EVSE, Site, heard
from tests.server.asgi_socket import Socket, connected

pytestmark = pytest.mark.anyio

APP = "driver-4711-of-the-provider-0001"


@asynccontextmanager
async def following(site: Site) -> AsyncIterator[Socket]:
    """Yield a socket on which the provider hears of its requests."""
    served = site.served
    async with connected(served.app, headers=served.authorization("emsp")) as socket:
        await socket.begin()
        await socket.subscribe(documents.REQUESTS)
        yield socket


async def test_a_provider_starts_and_stops_its_booking_from_afar(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10))
    async with following(site) as socket, site.charger() as charger:
        asked = await site.do("emsp", documents.ASK_START, bookingId=booking_id)
        command = await charger.command()
        accepted = await heard(socket, command="START", status="ACCEPTED")
        transaction, status = await charger.begin(command.id_tag, Measured(at(10), 7_000))
        (going_on,) = await site.sessions(booking_id)
        started = await heard(socket, sessionId=going_on["id"])

        site.later(at(11))
        await charger.measure(transaction, Measured(at(11), 107_250, 350_000))
        stopping = await site.do("emsp", documents.ASK_STOP, sessionId=going_on["id"])
        ended = await charger.command()
        stop_accepted = await heard(socket, command="STOP", status="ACCEPTED")
        await charger.end(ended.transaction_id, Measured(at(11), 107_250), Reason.remote)

    assert (asked["__typename"], asked["status"]) == ("SessionRequest", "PENDING")
    assert (accepted["id"], accepted["status"], accepted["command"]) == (asked["id"], "ACCEPTED", "START")
    assert (status, started["id"]) == ("Accepted", asked["id"])
    assert (going_on["authMethod"], going_on["token"]) == ("COMMAND", {"uid": CARD})
    assert ended.transaction_id == transaction
    assert (stop_accepted["id"], stop_accepted["status"]) == (stopping["id"], "ACCEPTED")
    (over,) = await site.sessions(booking_id)
    assert (over["stopReason"], over["kwh"]) == ("REMOTE", "100.25")
    assert await site.booking(booking_id) == ("FULFILLED", "COMPLETED")


async def test_a_booking_without_a_token_and_an_app_too_long_for_the_protocol_are_started_too(site: Site) -> None:
    await site.issue(APP, kind="APP_USER")
    booking_id = await site.booked(at(10), at(12), card=None)
    site.later(at(10))
    async with site.charger() as charger:
        await site.do("emsp", documents.ASK_START, bookingId=booking_id)
        by_reference = (await charger.command()).id_tag
        transaction, first = await charger.begin(by_reference, Measured(at(10), 1_000))
        await charger.end(transaction, Measured(at(10), 1_000))

        site.later(at(10.5))
        await site.do("emsp", documents.ASK_START, evseId=EVSE, token={"uid": APP, "type": "APP_USER"})
        by_app = (await charger.command()).id_tag
        _, second = await charger.begin(by_app, Measured(at(10.5), 1_000))

    assert (first, second) == ("Accepted", "Accepted")
    booked, walked = await site.sessions()
    assert (booked["basis"], booked["bookingId"], booked["authMethod"]) == ("BOOKING", booking_id, "COMMAND")
    assert (walked["basis"], walked["token"], walked["authMethod"]) == ("WALK_UP", {"uid": APP}, "COMMAND")


async def test_a_charge_point_that_does_not_obey_rejects_the_request(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10))
    async with following(site) as socket, site.charger() as charger:
        charger.willing = False
        await site.do("emsp", documents.ASK_START, bookingId=booking_id)
        rejected = await heard(socket, status="REJECTED")

    assert (rejected["status"], rejected["statusReason"]) == ("REJECTED", UNWILLING)
    assert await site.sessions() == []
    assert await site.booking(booking_id) == ("RESERVED", "LATE")


async def test_a_charge_point_out_of_reach_rejects_the_request(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10))
    async with following(site) as socket:
        await site.do("emsp", documents.ASK_START, bookingId=booking_id)
        rejected = await heard(socket, status="REJECTED")

    assert CHARGE_POINT not in site.system.online
    assert (rejected["status"], rejected["statusReason"]) == ("REJECTED", OUT_OF_REACH)


async def test_a_request_that_is_refused_never_reaches_the_charge_point(booked_site: Site) -> None:
    booking_id = await booked_site.booked(at(10), at(12))
    async with booked_site.charger() as charger:
        asked = await booked_site.do("emsp", documents.ASK_START, bookingId=booking_id)
        assert charger.commands.empty()

    assert (asked["__typename"], asked["reason"]) == ("ChargingRefused", "TOO_EARLY")


async def test_the_operators_own_remote_stop_is_the_operators(site: Site) -> None:
    booking_id = await site.booked(at(10), at(12))
    site.later(at(10))
    async with site.charger() as charger:
        transaction, _ = await charger.begin(CARD, Measured(at(10), 7_000))
        site.later(at(10.5))
        await charger.end(transaction, Measured(at(10.5), 9_000), Reason.remote)

    (over,) = await site.sessions(booking_id)
    assert over["stopReason"] == "OPERATOR"
