"""What operators publish comes out as it went in, field by field: by import, and by mutation."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from server.ocpi.importing import import_paths
from server.publisher import DatabasePublisher
from tests.api.publications import (
    BOOKING_LOCATION_INPUT,
    HIDDEN_LOCATION,
    LOCATION_INPUT,
    TARIFF_INPUT,
    a_location_input,
    a_weekly_calendar_input,
    an_evse_input,
    an_offer_input,
    sent,
    work_input,
)
from tests.server.whole_site import BOOKING_LOCATION, TARIFF, selection
from tests.world import World

pytestmark = pytest.mark.anyio

LOCATION_SHOWN = f"""
{{ location(id: "NL*ABC*L1") {selection("Location", "location", "bookingLocations", "tariffs", "maintenance")} }}
"""
TARIFF_SHOWN = f"""
{{ _entities(representations: [{{ __typename: "Tariff", id: "NL*ABC*T1" }}]) {{
    ... on Tariff {selection("Tariff")}
}} }}
"""
BOOKING_LOCATION_SHOWN = f"""
{{ _entities(representations: [{{ __typename: "BookingLocation", id: "NL*ABC*O1" }}]) {{
    ... on BookingLocation {selection("BookingLocation", "location", "tariffs", "fees")}
    ... on BookingLocation {{ location {{ id }} }}
}} }}
"""
ELSEWHERE = {"parkingId": ("parkingBay", "ocpiId"), "locationId": ("location", "id")}
"""Where the contract shows what an input names."""


async def asked(world: World, document: str) -> dict[str, Any]:
    """Return what the operator is shown of one object."""
    answer = await world.execute("cpo", document)
    assert answer.errors == []
    (found,) = answer.data.values()
    one: dict[str, Any] = found[0] if isinstance(found, list) else found
    return one


def lost(given: Any, shown: Any, path: str = "$") -> Iterator[str]:
    """Yield where what is shown differs from what was given; more may be shown."""
    if isinstance(given, dict):
        for name, value in given.items():
            place = shown
            for step in (name,) if name in shown else ELSEWHERE.get(name, (name,)):
                place = place.get(step) if place is not None else None
            yield from lost(value, place, f"{path}.{name}")
    elif isinstance(given, list):
        if not isinstance(shown, list) or len(given) != len(shown):
            yield path
            return
        for number, (one, other) in enumerate(zip(given, shown, strict=True)):
            yield from lost(one, other, f"{path}[{number}]")
    elif given != shown and not _same_number(given, shown):
        yield f"{path}: {given} became {shown}"


def _same_number(given: Any, shown: Any) -> bool:
    try:
        return Decimal(str(given)) == Decimal(str(shown))
    except InvalidOperation:
        return False


async def assert_whole(world: World) -> None:
    assert list(lost(LOCATION_INPUT, await asked(world, LOCATION_SHOWN))) == []
    assert list(lost(TARIFF_INPUT, await asked(world, TARIFF_SHOWN))) == []
    assert list(lost(BOOKING_LOCATION_INPUT, await asked(world, BOOKING_LOCATION_SHOWN))) == []


async def test_every_field_of_a_document_survives_the_import(world: World, tmp_path: Path) -> None:
    (tmp_path / "site.json").write_text(json.dumps([TARIFF, HIDDEN_LOCATION, BOOKING_LOCATION]))

    summary = await import_paths([tmp_path], DatabasePublisher(world.database, lambda: world.now))
    await world.feed.synced()

    assert summary.rejects == []
    await assert_whole(world)


async def test_every_field_that_an_operator_publishes_is_shown(world: World) -> None:
    for mutation, whole in (
        ("tariffsPublish", TARIFF_INPUT),
        ("locationsPublish", LOCATION_INPUT),
        ("bookingLocationsPublish", BOOKING_LOCATION_INPUT),
    ):
        assert (await sent(world, mutation, whole))["__typename"].endswith("Published")

    await assert_whole(world)


async def test_who_may_see_an_unpublished_location_is_for_its_operator_alone(world: World) -> None:
    await sent(world, "locationsPublish", LOCATION_INPUT)
    shown = '{ location(id: "NL*ABC*L1") { publishAllowedTo { uid } } }'

    assert (await asked(world, shown))["publishAllowedTo"][0] == {"uid": "12345678905880"}
    for caller in ("other_cpo", "emsp", "nap", None):
        assert [code for code, _ in (await world.execute(caller, shown)).errors] == ["NOT_FOUND"]


async def test_what_the_standard_lacks_survives_too(world: World) -> None:
    fees = [
        {"kind": "MODIFICATION", "amount": "5.00", "currency": "EUR", "vat": "19"},
        {"kind": "LATE_ARRIVAL", "amount": "7.5", "currency": "EUR"},
    ]
    terms = {"supportedAccessMethods": ["OPEN"], "changeUntilMinutes": 0, "cancelUntilMinutes": 0, "fees": fees}
    weekly = a_weekly_calendar_input(maxPower=400_000, greenEnergySupport=True)
    offer = an_offer_input(bookingTerms=terms, calendars=[weekly], confirmation="OPERATOR")
    await sent(world, "locationsPublish", a_location_input())
    await sent(world, "bookingLocationsPublish", offer)

    shown = await asked(
        world,
        f"""
        {{ location(id: "NL*ABC*LOC1") {{ bookingLocations {{
            confirmation bookingTerms {selection("BookingTerms")}
            calendars {{ weeklyHours {selection("WeeklyHours")} timeslotIncrement }}
        }} }} }}
        """,
    )

    (found,) = shown["bookingLocations"]
    expected = {
        "confirmation": "OPERATOR",
        "bookingTerms": terms,
        "calendars": [{"weeklyHours": weekly["weeklyHours"], "timeslotIncrement": 30}],
    }
    assert list(lost(expected, found)) == []


async def test_every_field_of_planned_work_is_shown(world: World) -> None:
    site = a_location_input(evses=[an_evse_input("E1"), an_evse_input("E2")])
    await sent(world, "locationsPublish", site)
    work = work_input(reason="New cables", evseUids=["E2"])
    shown = "ocpiId location { id } evses { uid } period { startDateTime endDateTime } reason lastUpdated"

    made = await sent(world, "maintenancePublish", work, shown=f"maintenance {{ id {shown} }}")
    read = await asked(world, f'{{ location(id: "NL*ABC*LOC1") {{ maintenance {{ {shown} }} }} }}')

    expected = {
        "ocpiId": "M1",
        "location": {"id": "NL*ABC*LOC1"},
        "evses": [{"uid": "E2"}],
        "period": work["period"],
        "reason": "New cables",
        "lastUpdated": "2026-12-01T06:00:00Z",
    }
    assert made["maintenance"] == [{"id": "NL*ABC*M1", **expected}]
    assert read["maintenance"] == [expected]
