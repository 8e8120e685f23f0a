"""Operators publish, change and withdraw through the contract: in bulk, whole or not at all, and what comes of it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.publications import (
    LISTED,
    a_calendar_input,
    a_location_input,
    a_tariff_input,
    a_weekly_calendar_input,
    an_evse_input,
    an_offer_input,
    operation,
    sent,
    work_input,
)
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = "NL*ABC*LOC1"
OFFER = "NL*ABC*ANY"
NOT_OPERATORS = ("emsp", "fleet", "nsp", "nap", "admin")
OBJECTS: dict[str, dict[str, Any]] = {
    "locationsPublish": a_location_input("LOC2"),
    "locationsWithdraw": {"id": "LOC1"},
    "tariffsPublish": a_tariff_input("OTHER"),
    "tariffsWithdraw": {"id": "BOOK"},
    "bookingLocationsPublish": an_offer_input("OTHER"),
    "bookingLocationsWithdraw": {"id": "ANY"},
    "confirmationSet": {"bookingLocationId": "ANY", "confirmation": "OPERATOR"},
    "calendarsPublish": {"bookingLocationId": "ANY", "calendar": a_calendar_input("C2")},
    "calendarsWithdraw": {"bookingLocationId": "ANY", "calendarId": "C1"},
    "maintenancePublish": work_input("M2"),
    "maintenanceWithdraw": {"id": "M1"},
}
"""For each mutation an object that it would do something to, once `a_site` is published."""

ROWS = """
SELECT string_agg(one::text, ' ' ORDER BY one::text) FROM (
    SELECT to_jsonb(t) AS one FROM location t UNION ALL SELECT to_jsonb(t) FROM evse t
    UNION ALL SELECT to_jsonb(t) FROM connector t UNION ALL SELECT to_jsonb(t) FROM parking_bay t
    UNION ALL SELECT to_jsonb(t) FROM tariff t UNION ALL SELECT to_jsonb(t) FROM booking_location t
    UNION ALL SELECT to_jsonb(t) FROM calendar t UNION ALL SELECT to_jsonb(t) FROM timeslot t
    UNION ALL SELECT to_jsonb(t) FROM maintenance t UNION ALL SELECT to_jsonb(t) FROM event t
) AS rows
"""
SLOTS = """
{ availability(input: {
    where: { near: { point: { latitude: 51.92442, longitude: 4.47773 }, radiusKm: 5 } }
    window: { startDateTime: "2026-12-01T00:00:00Z", endDateTime: "2026-12-04T00:00:00Z" }
  }) { edges { node { bookingLocations { timeslots { startDateTime endDateTime minPower } } } } } }
"""
REPORT = "mutation ($input: EvseStatusReportInput!) { evseStatusReport(input: $input) { __typename } }"
READ = """
query ($id: ID!) {
  location(id: $id) {
    name lastUpdated evses { uid status } maintenance { id }
    bookingLocations { id confirmation lastUpdated calendars { id lastUpdated } tariffs { id } }
  }
}
"""


async def a_site(world: World) -> None:
    """Publish a Location that can be booked, with a tariff and planned work."""
    await sent(world, "tariffsPublish", a_tariff_input())
    await sent(world, "locationsPublish", a_location_input())
    await sent(world, "bookingLocationsPublish", an_offer_input(tariffIds=["BOOK"]))
    await sent(world, "maintenancePublish", work_input())


async def stored(world: World) -> str:
    """Return all that publishing writes."""
    async with world.database.reading() as connection:
        return str(await connection.fetchval(ROWS))


async def read(world: World, location_id: str = SITE, caller: str | None = "cpo") -> Any:
    """Return a Location as a caller sees it, None if there is none."""
    return (await world.execute(caller, READ, id=location_id)).data["location"]


async def slots(world: World) -> list[dict[str, Any]]:
    """Return what is free at the site."""
    answer = await world.execute(None, SLOTS)
    assert answer.errors == []
    nodes = [edge["node"] for edge in answer.data["availability"]["edges"]]
    return [slot for node in nodes for offer in node["bookingLocations"] for slot in offer["timeslots"]]


async def test_each_mutation_does_what_it_says_and_answers_with_its_objects(world: World) -> None:
    await a_site(world)
    shown = {
        "locationsPublish": ("LocationsPublished", "locations { id }"),
        "tariffsPublish": ("TariffsPublished", "tariffs { id }"),
        "bookingLocationsPublish": ("BookingLocationsPublished", "bookingLocations { id }"),
        "confirmationSet": ("ConfirmationSet", "bookingLocations { id confirmation }"),
        "calendarsPublish": ("CalendarsPublished", "bookingLocations { id calendars { id } }"),
        "calendarsWithdraw": ("CalendarsWithdrawn", "bookingLocations { id calendars { id } }"),
        "maintenancePublish": ("MaintenancePublished", "maintenance { id }"),
        "maintenanceWithdraw": ("MaintenanceWithdrawn", "ids"),
        "bookingLocationsWithdraw": ("BookingLocationsWithdrawn", "ids"),
        "tariffsWithdraw": ("TariffsWithdrawn", "ids"),
        "locationsWithdraw": ("LocationsWithdrawn", "ids"),
    }

    came = {mutation: await sent(world, mutation, OBJECTS[mutation], shown=of) for mutation, (_, of) in shown.items()}

    assert {mutation: one.pop("__typename") for mutation, one in came.items()} == {
        mutation: kind for mutation, (kind, _) in shown.items()
    }
    both = [{"id": "C1"}, {"id": "C2"}]
    assert came == {
        "locationsPublish": {"locations": [{"id": "NL*ABC*LOC2"}]},
        "tariffsPublish": {"tariffs": [{"id": "NL*ABC*OTHER"}]},
        "bookingLocationsPublish": {"bookingLocations": [{"id": "NL*ABC*OTHER"}]},
        "confirmationSet": {"bookingLocations": [{"id": OFFER, "confirmation": "OPERATOR"}]},
        "calendarsPublish": {"bookingLocations": [{"id": OFFER, "calendars": both}]},
        "calendarsWithdraw": {"bookingLocations": [{"id": OFFER, "calendars": both[1:]}]},
        "maintenancePublish": {"maintenance": [{"id": "NL*ABC*M2"}]},
        "maintenanceWithdraw": {"ids": ["NL*ABC*M1"]},
        "bookingLocationsWithdraw": {"ids": [OFFER]},
        "tariffsWithdraw": {"ids": ["NL*ABC*BOOK"]},
        "locationsWithdraw": {"ids": [SITE]},
    }
    assert await read(world) is None


@pytest.mark.parametrize("mutation", OBJECTS)
async def test_only_operators_publish(world: World, mutation: str) -> None:
    await a_site(world)
    before = await stored(world)
    given = {"idempotencyKey": a_key(), LISTED[mutation]: [OBJECTS[mutation]]}

    for caller in NOT_OPERATORS:
        answer = await world.execute(caller, operation(mutation), input=given)
        assert [code for code, _ in answer.errors] == ["FORBIDDEN"]
    answer = await world.execute(None, operation(mutation), input=given)

    assert [code for code, _ in answer.errors] == ["UNAUTHENTICATED"]
    assert await stored(world) == before


@pytest.mark.parametrize("mutation", OBJECTS)
async def test_the_same_call_twice_does_it_once(world: World, mutation: str) -> None:
    await a_site(world)
    given = {"idempotencyKey": a_key(), LISTED[mutation]: [OBJECTS[mutation]]}

    first = await world.execute("cpo", operation(mutation), input=given)
    before = await stored(world)
    world.later(world.now + timedelta(minutes=5))
    second = await world.execute("cpo", operation(mutation), input=given)

    assert first.errors == second.errors == []
    assert second.data == first.data
    assert await stored(world) == before


@pytest.mark.parametrize("mutation", OBJECTS)
async def test_a_key_is_for_one_input(world: World, mutation: str) -> None:
    await a_site(world)
    given = {"idempotencyKey": a_key(), LISTED[mutation]: [OBJECTS[mutation]]}
    await world.execute("cpo", operation(mutation), input=given)
    then = {"expectedLastUpdated": "2026-12-01T06:00:00Z"}

    if mutation == "tariffsPublish":
        then = {"currency": "CHF"}
    again = await world.execute(
        "cpo", operation(mutation), input={**given, LISTED[mutation]: [OBJECTS[mutation] | then]}
    )

    assert again.data[mutation]["__typename"] == "IdempotencyConflict"


@pytest.mark.parametrize("mutation", [name for name in OBJECTS if name.endswith(("Withdraw", "Set"))])
async def test_nobody_changes_what_is_anothers(world: World, mutation: str) -> None:
    await a_site(world)
    before = await stored(world)
    name, local = next(iter(OBJECTS[mutation].items()))

    named = await sent(world, mutation, OBJECTS[mutation] | {name: f"NL*ABC*{local}"}, caller="other_cpo")
    own = await sent(world, mutation, OBJECTS[mutation], caller="other_cpo")

    assert named["__typename"] == "NotAllowed"
    assert (own["__typename"], own["id"]) == ("NotFound", f"DE*XYZ*{local}")
    assert await stored(world) == before


async def test_the_same_name_of_two_operators_is_two_locations(world: World) -> None:
    await a_site(world)

    await sent(world, "locationsPublish", a_location_input(name="Elsewhere"), caller="other_cpo")

    assert (await read(world))["name"] is None
    assert (await read(world, "DE*XYZ*LOC1"))["name"] == "Elsewhere"


async def test_nothing_is_published_at_anothers_location(world: World) -> None:
    await a_site(world)

    for mutation, given in (("bookingLocationsPublish", an_offer_input), ("maintenancePublish", work_input)):
        came = await sent(world, mutation, given("MINE", SITE), caller="other_cpo")
        assert came["__typename"] == "NotAllowed"


async def test_five_hundred_are_published_at_once(world: World) -> None:
    many = [a_location_input(f"LOC{number}") for number in range(500)]

    came = await sent(world, "locationsPublish", *many, shown="locations { id }")

    assert [one["id"] for one in came["locations"]] == [f"NL*ABC*LOC{number}" for number in range(500)]
    assert len(world.catalogue.ids()) == 500


async def test_none_and_five_hundred_and_one_are_refused(world: World) -> None:
    for mutation, one in OBJECTS.items():
        for number in (0, 501):
            given = {"idempotencyKey": a_key(), LISTED[mutation]: [one] * number}
            answer = await world.execute("cpo", operation(mutation), input=given)
            told = f"`{LISTED[mutation]}` has {number} entries; 1 to 500 are allowed."
            assert answer.errors == [("BAD_USER_INPUT", told)]


async def test_one_that_is_refused_keeps_all_from_being_published(world: World) -> None:
    await a_site(world)
    before = await stored(world)

    came = await sent(world, "bookingLocationsPublish", an_offer_input("A"), an_offer_input("B", "NOWHERE"))

    assert (came["__typename"], came["kind"], came["id"]) == ("NotFound", "Location", "NL*ABC*NOWHERE")
    assert await stored(world) == before


async def test_what_was_changed_since_it_was_read_is_not_overwritten(world: World) -> None:
    await a_site(world)
    known = (await read(world))["lastUpdated"]
    world.later(world.now + timedelta(minutes=1))
    first = await sent(world, "locationsPublish", a_location_input(name="First", expectedLastUpdated=known))

    late = a_location_input(name="Late", expectedLastUpdated=known)
    second = await sent(world, "locationsPublish", a_location_input("LOC9"), late)

    assert first["__typename"] == "LocationsPublished"
    now = (await read(world))["lastUpdated"]
    assert now > known
    assert second == {
        "__typename": "LostUpdate",
        "message": second["message"],
        "kind": "Location",
        "id": SITE,
        "storedLastUpdated": now,
    }
    assert (await read(world))["name"] == "First"
    assert await read(world, "NL*ABC*LOC9") is None


async def test_what_was_withdrawn_can_be_published_again(world: World) -> None:
    await a_site(world)
    await sent(world, "locationsWithdraw", {"id": SITE})
    assert await read(world) is None
    assert await slots(world) == []

    await sent(world, "locationsPublish", a_location_input(name="Again"))
    await sent(world, "bookingLocationsPublish", an_offer_input())

    assert (await read(world, caller=None))["name"] == "Again"
    assert len(await slots(world)) > 0


async def test_a_charger_keeps_the_state_that_was_reported(world: World) -> None:
    await a_site(world)
    report = {"idempotencyKey": a_key(), "evseId": f"{SITE}*E1", "status": "OUTOFORDER"}
    await world.execute(
        "cpo",
        "mutation ($input: EvseStatusReportInput!) { evseStatusReport(input: $input) { __typename } }",
        input=report,
    )

    both = [an_evse_input("E1"), an_evse_input("E2")]
    await sent(world, "locationsPublish", a_location_input(evses=both))

    assert (await read(world))["evses"] == [
        {"uid": "E1", "status": "OUTOFORDER"},
        {"uid": "E2", "status": "AVAILABLE"},
    ]


async def test_hours_of_the_week_become_free_timeslots(world: World) -> None:
    await a_site(world)
    await sent(world, "maintenanceWithdraw", {"id": "M1"})

    await sent(world, "calendarsPublish", {"bookingLocationId": OFFER, "calendar": a_weekly_calendar_input()})

    assert await slots(world) == [
        {"startDateTime": "2026-12-01T06:00:00Z", "endDateTime": "2026-12-01T21:00:00Z", "minPower": 150_000},
        {"startDateTime": "2026-12-02T05:00:00Z", "endDateTime": "2026-12-02T21:00:00Z", "minPower": 150_000},
        {"startDateTime": "2026-12-03T05:00:00Z", "endDateTime": "2026-12-03T21:00:00Z", "minPower": 150_000},
    ]


async def test_planned_work_is_not_offered_until_it_is_called_off(world: World) -> None:
    await a_site(world)
    edges = [(slot["startDateTime"], slot["endDateTime"]) for slot in await slots(world)]

    await sent(world, "maintenanceWithdraw", {"id": "NL*ABC*M1"})
    after = [(slot["startDateTime"], slot["endDateTime"]) for slot in await slots(world)]

    assert [end for _, end in edges] == ["2026-12-01T09:00:00Z", "2026-12-03T00:00:00Z"]
    assert edges[1][0] == "2026-12-01T12:00:00Z"
    assert [end for _, end in after] == ["2026-12-03T00:00:00Z"]


async def test_how_requests_are_confirmed_is_set_and_kept(world: World) -> None:
    await a_site(world)
    await sent(world, "confirmationSet", {"bookingLocationId": OFFER, "confirmation": "OPERATOR"})

    await sent(world, "bookingLocationsPublish", an_offer_input(confirmation="INSTANT"))

    (offer,) = (await read(world))["bookingLocations"]
    assert offer["confirmation"] == "OPERATOR"


async def test_ids_are_ones_own_or_the_apis(world: World) -> None:
    await a_site(world)
    named = an_offer_input("SECOND", SITE.lower(), tariffIds=["nl*abc*book", "book"])

    came = await sent(world, "bookingLocationsPublish", named, shown="bookingLocations { location { id } tariffIds }")

    (offer,) = came["bookingLocations"]
    assert offer["location"] == {"id": SITE}
    assert set(offer["tariffIds"]) == {"NL*ABC*BOOK"}
