"""The standard's worked examples of prices through the API, from the booking to its CDRs, to the fourth decimal.

They are of reservations that begin at once; here the same minutes are a booked slot, priced by elements for bookings.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from resolvers.call import Call
from server import worker
from tests.api.publications import (
    a_calendar_input,
    a_connector_input,
    a_location_input,
    a_tariff_input,
    an_evse_input,
    an_offer_input,
    sent,
)
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

BOOK = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) { __typename ... on Booking { id reference } ... on Problem { message } }
}
"""
START = """
mutation ($input: SessionStartReportInput!) {
  sessionStartReport(input: $input) { __typename ... on Session { id } ... on Problem { message } }
}
"""
READ = """
mutation ($input: SessionReadingsReportInput!) {
  sessionReadingsReport(input: $input) { __typename ... on SessionReadings { outcomes { outcome } } }
}
"""
STOP = """
mutation ($input: SessionStopReportInput!) {
  sessionStopReport(input: $input) { __typename ... on Session { id } ... on Problem { message } }
}
"""
CDRS = """
query ($bookingIds: [ID!]) {
  cdrs(bookingIds: $bookingIds) { edges { node {
    kind credit energy total { beforeTaxes afterTaxes taxes { percentage amount } }
    lines { kind element quantity unitPrice price { beforeTaxes afterTaxes } }
  } } }
}
"""
MORNING, EVENING = datetime.fromisoformat("2026-12-01T09:00Z"), datetime.fromisoformat("2026-12-01T18:40Z")
"""At ten, and at twenty to eight, on the site's clock."""

DIMENSIONS = {"flat": "FLAT", "time": "TIME", "parking": "PARKING_TIME", "energy": "ENERGY"}


def element(*prices: str, **restrictions: Any) -> dict[str, Any]:
    """Return an element of prices such as `time 5.00 20 60`: dimension, price, VAT in percent or -, step size."""
    components = []
    for price in prices:
        dimension, amount, vat, *step = price.split()
        component = {"type": DIMENSIONS[dimension], "price": amount, "stepSize": int(step[0]) if step else 1}
        components.append(component | ({} if vat == "-" else {"vat": vat}))
    return {"priceComponents": components, "restrictions": restrictions or None}


START_AND_ENERGY = element("flat 0.50 20", "energy 0.25 10")
TARIFF_15 = [element("time 5.00 20 60", booking="BOOKING"), START_AND_ENERGY]
TARIFF_16 = [element("flat 2.00 20", "time 5.00 20 300", booking="BOOKING"), START_AND_ENERGY]
TARIFF_17 = [
    element("flat 4.00 20", booking="BOOKING_EXPIRES"),
    element("time 2.00 20 600", booking="BOOKING"),
    START_AND_ENERGY,
]
TARIFF_18 = [
    element("time 6.00 20 600", booking="BOOKING_EXPIRES"),
    element("time 3.00 20 600", booking="BOOKING"),
    START_AND_ENERGY,
]
TARIFF_14 = [
    element("time 1.20 - 1800", "parking 1.00 - 900", startTime="00:00", endTime="17:00"),
    element("time 2.40 - 900", "parking 1.00 - 900", startTime="17:00", endTime="20:00"),
    element("time 2.40 - 900", startTime="20:00", endTime="00:00"),
]


@dataclass(frozen=True)
class Bill:
    """A CDR: what it bills, before and after taxes, and the quantities of its lines by kind and element."""

    kind: str
    before: str
    after: str
    quantities: dict[tuple[str, int], str]


async def priced(world: World, elements: list[dict[str, Any]]) -> None:
    """Publish a site that can be booked to the minute under one tariff, by the mutations of an operator."""
    plug = a_connector_input(tariffIds=["GOLDEN"])
    terms = {
        "supportedAccessMethods": ["OPEN"],
        "changeUntilMinutes": 60,
        "cancelUntilMinutes": 60,
        "noshowTimeout": 30,
        "lateStopAllowed": True,
    }
    offer = an_offer_input(
        tariffIds=["GOLDEN"], bookingTerms=terms, calendars=[a_calendar_input(timeslotIncrement=1)]
    )
    for mutation, one in (
        ("tariffsPublish", a_tariff_input("GOLDEN", elements=elements)),
        ("locationsPublish", a_location_input(evses=[an_evse_input(connectors=[plug])])),
        ("bookingLocationsPublish", offer),
    ):
        came = await sent(world, mutation, one)
        assert came["__typename"].endswith("Published"), came


async def do(world: World, caller: str, document: str, kind: str, **wanted: Any) -> Any:
    """Return what came of a mutation, which is of that kind."""
    answer = await world.execute(caller, document, input={"idempotencyKey": a_key(), **wanted})
    assert answer.errors == []
    (came,) = answer.data.values()
    assert came["__typename"] == kind, came
    await world.feed.synced()
    return came


async def a_round(world: World) -> None:
    """Let a worker do all that is due."""
    assert await worker.due(Call(None, world.now, world.database, world.catalogue))


async def booked(world: World, start: datetime, minutes: int) -> Any:
    """Book so many minutes, let the fee be billed, and return the booking."""
    end = start + timedelta(minutes=minutes)
    period = {"startDateTime": start.isoformat(), "endDateTime": end.isoformat()}
    made = await do(world, "emsp", BOOK, "Booking", bookingLocationId="NL*ABC*ANY", period=period)
    await a_round(world)
    return made


async def charged(world: World, booking: Any, start: datetime, parts: list[tuple[float, str | None]]) -> None:
    """Let a booking be used: minutes one after the other, with the kWh charged in them, or None for parked."""
    world.later(start)
    used = await do(
        world, "cpo", START, "Session", evseId="NL*ABC*LOC1*E1", reference=booking["reference"], meterStart="0"
    )
    total, at = Decimal(0), start
    for minutes, kwh in parts:
        at, total = at + timedelta(minutes=minutes), total + Decimal(kwh or 0)
        world.later(at)
        shown = [{"at": at.isoformat(), "kwh": str(total)}]
        await do(world, "cpo", READ, "SessionReadings", sessionId=used["id"], readings=shown)
    await do(world, "cpo", STOP, "Session", sessionId=used["id"], reason="DRIVER", kwh=str(total))


async def billed(world: World, booking: Any) -> list[Bill]:
    """Let the worker bill what is to be billed, and return the CDRs, each of which adds up from its lines."""
    await a_round(world)
    answer = await world.execute("emsp", CDRS, bookingIds=[booking["id"]])
    assert answer.errors == []
    found = [edge["node"] for edge in answer.data["cdrs"]["edges"]]
    for one in found:
        assert one["credit"] is False
        for part in ("beforeTaxes", "afterTaxes"):
            assert sum(Decimal(line["price"][part]) for line in one["lines"]) == Decimal(one["total"][part])
    return [
        Bill(
            one["kind"],
            one["total"]["beforeTaxes"],
            one["total"]["afterTaxes"],
            {(line["kind"], line["element"]): line["quantity"] for line in one["lines"]},
        )
        for one in found
    ]


def together(bills: list[Bill]) -> tuple[str, str]:
    """Return what CDRs come to, before and after taxes."""
    return str(sum(Decimal(one.before) for one in bills)), str(sum(Decimal(one.after) for one in bills))


@pytest.mark.parametrize(
    ("elements", "minutes", "fee", "charging", "total"),
    [
        (TARIFF_15, 15, ("1.2500", "1.5000", "0.2500"), ("5.5000", "6.1000"), ("6.7500", "7.6000")),
        (TARIFF_16, 13, ("3.2500", "3.9000", "0.2500"), ("5.5000", "6.1000"), ("8.7500", "10.0000")),
        (TARIFF_17, 22, ("1.0000", "1.2000", "0.5000"), ("5.5000", "6.1000"), ("6.5000", "7.3000")),
        (TARIFF_18, 22, ("1.5000", "1.8000", "0.5000"), ("5.5000", "6.1000"), ("7.0000", "7.9000")),
    ],
    ids=["tariff 15", "tariff 16, 13 minutes are 15", "tariff 17, 22 minutes are 30", "tariff 18, 22 minutes are 30"],
)
async def test_a_booked_slot_and_20_kwh_are_billed_as_the_standard_says(
    world: World,
    elements: list[dict[str, Any]],
    minutes: int,
    fee: tuple[str, str, str],
    charging: tuple[str, str],
    total: tuple[str, str],
) -> None:
    await priced(world, elements)
    booking = await booked(world, MORNING, minutes)
    await charged(world, booking, MORNING, [(minutes, "20")])

    of_slot, of_session = found = await billed(world, booking)

    assert (of_slot.kind, of_session.kind) == ("BOOKING", "SESSION")
    timed = next(number for number, one in enumerate(elements) if one["restrictions"] == {"booking": "BOOKING"})
    assert (of_slot.before, of_slot.after) == fee[:2]
    assert Decimal(list(of_slot.quantities.values())[-1]) == Decimal(fee[2])
    assert {number for _, number in of_slot.quantities} == {timed}
    assert (of_session.before, of_session.after) == charging
    assert {kind: Decimal(one) for (kind, _), one in of_session.quantities.items()} == {"FLAT": 1, "ENERGY": 20}
    assert together(found) == total


async def test_a_booked_hour_that_nobody_used_is_billed_as_the_standard_says_by_tariff_17(world: World) -> None:
    await priced(world, TARIFF_17)
    booking = await booked(world, MORNING, 60)
    world.later(MORNING + timedelta(hours=1))

    found = await billed(world, booking)

    assert [(one.kind, one.before, one.after) for one in found] == [
        ("BOOKING", "2.0000", "2.4000"),
        ("NO_SHOW", "4.0000", "4.8000"),
    ]
    assert together(found) == ("6.0000", "7.2000")


async def test_not_using_an_hour_and_a_half_is_billed_as_the_standard_says_by_tariff_18(world: World) -> None:
    """A reservation that expired costs these 9.00 only; the fee of a booking was billed before, and stays."""
    await priced(world, TARIFF_18)
    booking = await booked(world, MORNING, 90)
    (fee,) = await billed(world, booking)
    world.later(MORNING + timedelta(hours=1))

    kept, expired = await billed(world, booking)

    assert kept == fee
    assert (fee.kind, fee.before, fee.after) == ("BOOKING", "4.5000", "5.4000")
    assert (expired.kind, expired.before, expired.after) == ("NO_SHOW", "9.0000", "10.8000")
    assert {key: Decimal(one) for key, one in expired.quantities.items()} == {("NO_SHOW", 0): Decimal("1.5")}


async def test_1_973_hours_in_steps_of_five_minutes_are_billed_as_two(world: World) -> None:
    await priced(world, [element("time 2.00 10 300")])
    booking = await booked(world, MORNING, 120)
    await charged(world, booking, MORNING, [(1.973 * 60, "15.342")])

    (one,) = await billed(world, booking)

    assert (one.kind, one.before, one.after) == ("SESSION", "4.0000", "4.4000")
    assert {key: Decimal(quantity) for key, quantity in one.quantities.items()} == {("TIME", 0): 2}


async def test_parking_that_is_free_after_eight_in_the_evening_is_billed_until_then_in_its_steps(
    world: World,
) -> None:
    """12 minutes at 2.40 and 15 at 1.00 an hour: 0.73, where older editions of the standard print 0.80."""
    await priced(world, TARIFF_14)
    booking = await booked(world, EVENING, 32)
    await charged(world, booking, EVENING, [(12, "5"), (20, None)])

    (one,) = await billed(world, booking)

    assert (one.kind, one.before, one.after) == ("SESSION", "0.7300", "0.7300")
    assert {key: Decimal(quantity) for key, quantity in one.quantities.items()} == {
        ("TIME", 1): Decimal("0.2"),
        ("PARKING_TIME", 1): Decimal("0.25"),
    }


async def test_what_the_team_defines_of_bookings_themselves_is_billed_to_the_fourth_decimal(world: World) -> None:
    """No example of the standard has an element for overtime: 50 minutes booked, 7 of overtime, 33.333 kWh."""
    await priced(
        world,
        [
            element("flat 2.50 19", "time 6.00 19 900", booking="BOOKING"),
            element("time 30.00 19 300", booking="BOOKING_OVERTIME"),
            element("energy 0.5551 5.2"),
        ],
    )
    booking = await booked(world, MORNING, 50)
    await charged(world, booking, MORNING, [(50, "33.333"), (7, None)])

    of_slot, of_session = found = await billed(world, booking)

    assert (of_slot.before, of_slot.after) == ("8.5000", "10.1150")
    assert (of_session.before, of_session.after) == ("23.5031", "25.4153")  # 18.5031 with 5.2 %, and 5.00 with 19 %
    assert Decimal(of_session.quantities["OVERTIME", 1]) == Decimal("0.1667")
    assert together(found) == ("32.0031", "35.5303")
