"""Charging asks the database as often at a site of many bookings, sessions and readings as at a quiet one."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

import pytest

from models.rules.booking import Booking
from models.rules.session import StopReason
from resolvers import charging, sessions
from resolvers.charging import WantedCharging
from resolvers.charging_scene import Credential
from resolvers.sessions import MeterReading, ReadingsReport, StartReport, StopReport
from server.auth import beginning
from tests.factories.catalogue import a_location, a_tariff, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import BY_CARD, STRANGER, WITH_CARD, read, started
from tests.resolvers.lifecycle import booked
from tests.resolvers.quoting import charging as priced
from tests.statements import Counting
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

FEW, MANY = 1, 30
SITE = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(1, MANY + 3)})
OFFER = an_offer(SITE)
FIRST, SECOND, *OTHERS = [evse.id for evse in SITE.evses]
SESSIONS = """
query ($number: Int!) {
  list: sessions(first: $number) {
    edges { node {
      id kwh cost { afterTaxes } location { id name } evse { id } token { uid }
      booking { reference location { id } tokens { uid } bookingRequests { kind } tariffs { currency } }
    } }
  }
}
"""
BOOKINGS = """
query ($number: Int!) {
  list: bookings(first: $number) {
    edges { node { id location { id } sessions { id kwh cost { afterTaxes } evse { id } location { name } } } }
  }
}
"""

T = TypeVar("T")


@pytest.fixture
def counting(world: World) -> Counting:
    """The world's database, whose statements are noted."""
    return Counting(world.database)


async def busy(world: World, number: int) -> Booking:
    """Let so many sessions go on, and as many bookings wait, all of one card; return the first charger's booking.

    It may be used from ten to half past.
    """
    await world.publish(a_tariff(), priced("0.50"), SITE, OFFER)
    await published(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")
    first = await booked(world, OFFER, evse_id=FIRST, whom=WITH_CARD)
    used = OTHERS[:number]
    for evse_id in used:
        await booked(world, OFFER, evse_id=evse_id, whom=WITH_CARD)
        await booked(world, OFFER, hours(12, 13), evse_id=evse_id, whom=WITH_CARD)
    world.later(at(10))
    for evse_id in used:
        await read(world, await started(world, evse_id), (at(10), "0", None))
    world.later(at(10.2))
    return first


def measured(number: int) -> tuple[MeterReading, ...]:
    """Return so many readings, a second apart."""
    return tuple(MeterReading(at(10.2) + timedelta(seconds=each), None, Decimal(each)) for each in range(number))


@pytest.mark.parametrize("number", [FEW, MANY])
async def test_what_operators_report_takes_as_many_statements_however_busy_the_site_is(
    world: World, counting: Counting, number: int
) -> None:
    first = await busy(world, number)
    call = replace(await world.call("cpo"), database=counting)
    by_reference = Credential(reference=first.reference)
    found: dict[str, int] = {}

    async def note(name: str, work: Awaitable[T]) -> T:
        counting.since()
        came = await work
        found[name] = len(counting.since())
        return came

    await note("allowed by card", charging.authorize(call, a_key(), WantedCharging(FIRST, BY_CARD)))
    await note("allowed by reference", charging.authorize(call, a_key(), WantedCharging(FIRST, by_reference)))
    used = await note("begun", sessions.start_report(call, a_key(), StartReport(FIRST, BY_CARD)))
    walked = await note("begun unbooked", sessions.start_report(call, a_key(), StartReport(SECOND, STRANGER)))
    read = ReadingsReport(used.object_id, measured(number))
    await note("read", sessions.readings_report(call, a_key(), read))
    ended = StopReport(used.object_id, StopReason.DRIVER, kwh=Decimal(100))
    await note("ended", sessions.stop_report(call, a_key(), ended))
    left = StopReport(walked.object_id, StopReason.DRIVER)
    await note("ended unbooked", sessions.stop_report(call, a_key(), left))

    assert found == {
        "allowed by card": 18,
        "allowed by reference": 20,
        "begun": 29,
        "begun unbooked": 18,
        "read": 12,
        "ended": 21,
        "ended unbooked": 15,
    }


@pytest.mark.parametrize("document", [SESSIONS, BOOKINGS])
async def test_a_page_of_sessions_and_one_of_bookings_take_four_statements_beside_who_asks(
    world: World, counting: Counting, document: str
) -> None:
    await busy(world, MANY)
    world.begin = beginning(counting, world.catalogue, lambda: world.now)
    for caller in ("cpo", "emsp", "fleet"):
        found = []
        for number in (FEW, MANY):
            counting.since()
            answer = await world.execute(caller, document, number=number)
            assert answer.errors == []
            assert len(answer.data["list"]["edges"]) == number
            found.append(len(counting.since()))
        assert found == [5, 5], caller
