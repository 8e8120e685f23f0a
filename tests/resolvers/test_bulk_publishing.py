"""Operators publish many objects at once: whole or not at all, each once, only their own, and no update is lost."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.errors import BadInput, Forbidden, IdempotencyConflict, LostUpdate, NotAllowed, NotFound
from models.rules.booking_location import BookingLocation, Calendar, Confirmation, Timeslot
from models.rules.location import OpeningTimes, RegularHours, Status
from models.rules.weekly import WeeklyHours
from resolvers import bulk_publishing, evses, locations, withdrawing
from resolvers.bulk import MOST_OBJECTS
from resolvers.bulk_calendars import MOST_TIMESLOTS
from resolvers.bulk_publishing import MOST_EVSES
from resolvers.changes import CalendarChange, Change, ConfirmationChange, Withdrawal
from resolvers.evses import StatusReport
from tests.factories.catalogue import NOW, a_location, a_tariff, an_evse, an_offer, at, hours
from tests.resolvers.bulk import ANY, LOC1, a_maintenance, known, offer_of, publish, refusal, told
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

TICK = timedelta(microseconds=1)
ELSEWHERE = a_location("LOC9", owner=("DE", "XYZ"))


async def count(world: World, table: str) -> int:
    """Return how many rows a table has."""
    async with world.database.reading() as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))


async def test_many_locations_are_published_at_once_and_found_at_once(world: World) -> None:
    call = await world.call("cpo")
    sites = [a_location(f"LOC{number}") for number in range(1, 4)]

    ids = await bulk_publishing.locations_publish(call, a_key(), [Change(one) for one in sites])

    found = [one.location for one in await locations.many(call, ids) if one is not None]
    assert ids == [one.id for one in sites]
    assert [(one.id, one.last_updated, len(one.evses)) for one in found] == [(one.id, NOW, 1) for one in sites]
    assert (await told(world))[3:] == [("AVAILABILITY_CHANGED", one.id, "PUBLICATION") for one in sites]


async def test_a_published_object_replaces_the_one_of_its_id(world: World) -> None:
    site = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
    await publish(world, a_tariff(), site, an_offer(site))

    await publish(world, a_location(name="LOC1"), an_offer(site, windows=[hours(8, 12)]))

    found = known(world).location
    assert [(one.id, one.status) for one in found.evses] == [
        (f"{LOC1}*E1", Status.AVAILABLE),
        (f"{LOC1}*E2", Status.REMOVED),
    ]
    assert [one.id for one in found.parking_bays] == [f"{LOC1}*B1"]
    assert [one.period for one in offer_of(world).calendars[0].available_timeslots] == [hours(8, 12)]
    assert found.last_updated == NOW + TICK
    assert [one.id for one in known(world).tariffs.values()] == ["NL*ABC*BOOK"]


async def test_if_one_object_is_refused_none_is_published(world: World) -> None:
    call = await world.call("cpo")
    await publish(world, a_location())
    wrong = Change(a_location("LOC2"), expected_last_updated=NOW)

    refused = await refusal(bulk_publishing.locations_publish(call, a_key(), [Change(a_location("LOC3")), wrong]))

    assert refused == LostUpdate("Location", "NL*ABC*LOC2", None)
    assert await count(world, "location") == 1


async def test_whoever_read_an_older_version_overwrites_nothing(world: World) -> None:
    call = await world.call("cpo")
    await publish(world, a_location(), an_offer(a_location()), a_tariff(), a_maintenance())
    stale = NOW - TICK

    sites = [Change(a_location(), stale)]
    offers = [Change(an_offer(a_location()), stale)]
    calendar = offer_of(world).calendars[0]
    refused = [
        await refusal(bulk_publishing.locations_publish(call, a_key(), sites)),
        await refusal(bulk_publishing.booking_locations_publish(call, a_key(), offers)),
        await refusal(bulk_publishing.tariffs_publish(call, a_key(), [Change(a_tariff(), stale)])),
        await refusal(bulk_publishing.maintenance_publish(call, a_key(), [Change(a_maintenance(), stale)])),
        await refusal(bulk_publishing.calendars_publish(call, a_key(), [CalendarChange(ANY, calendar, stale)])),
        await refusal(
            bulk_publishing.confirmation_set(call, a_key(), [ConfirmationChange(ANY, Confirmation.OPERATOR, stale)])
        ),
    ]

    assert refused == [
        LostUpdate("Location", LOC1, NOW),
        LostUpdate("BookingLocation", ANY, NOW),
        LostUpdate("Tariff", "NL*ABC*BOOK", NOW),
        LostUpdate("Maintenance", "NL*ABC*WORK", NOW),
        LostUpdate("Calendar", f"{ANY}*C1", NOW),
        LostUpdate("BookingLocation", ANY, NOW),
    ]
    await bulk_publishing.locations_publish(call, a_key(), [Change(a_location(), NOW)])
    await bulk_publishing.calendars_publish(call, a_key(), [CalendarChange(ANY, calendar, NOW)])
    assert known(world).location.last_updated == offer_of(world).calendars[0].last_updated == NOW + TICK
    assert offer_of(world).last_updated == NOW + TICK


async def test_a_repeat_with_its_key_publishes_nothing_anew(world: World) -> None:
    call, key = await world.call("cpo"), a_key()
    first = await bulk_publishing.locations_publish(call, key, [Change(a_location())])
    later = replace(call, now=NOW + timedelta(minutes=1))

    again = await bulk_publishing.locations_publish(later, key, [Change(a_location(last_updated=later.now))])
    other = await refusal(bulk_publishing.locations_publish(later, key, [Change(a_location(city="Delft"))]))

    assert again == first == [LOC1]
    assert known(world).location.last_updated == NOW
    assert other == IdempotencyConflict(key)


async def test_a_repeat_that_comes_after_the_end_of_the_work_returns_what_came_of_it(world: World) -> None:
    call, key = await world.call("cpo"), a_key()
    await publish(world, a_location())
    first = await bulk_publishing.maintenance_publish(call, key, [Change(a_maintenance())])
    late = replace(call, now=hours(9, 10).end)

    again = await bulk_publishing.maintenance_publish(late, key, [Change(a_maintenance())])
    anew = await refusal(bulk_publishing.maintenance_publish(late, a_key(), [Change(a_maintenance())]))

    assert again == first == ["NL*ABC*WORK"]
    assert isinstance(anew, BadInput)


async def test_a_call_writes_no_more_chargers_than_there_is_time_for(world: World) -> None:
    half = tuple(an_evse("NL*ABC*LOC1", f"E{number}") for number in range(MOST_EVSES // 2 + 1))
    sites = [Change(a_location(name, evses=half, parking_bays=())) for name in ("LOC1", "LOC2")]

    refused = await refusal(bulk_publishing.locations_publish(await world.call("cpo"), a_key(), sites))

    assert str(refused) == "These locations have more than 10000 chargers together; send fewer at a time."


async def test_a_call_writes_no_more_timeslots_than_there_is_time_for(world: World) -> None:
    await publish(world, a_location(), an_offer(a_location()))
    calendar = offer_of(world).calendars[0]
    many = (Timeslot(hours(0, 48)),) * (MOST_TIMESLOTS // 2 + 1)
    changes = [CalendarChange(ANY, replace(calendar, id=one, available_timeslots=many)) for one in ("C1", "C2")]

    refused = await refusal(bulk_publishing.calendars_publish(await world.call("cpo"), a_key(), changes))

    assert str(refused) == "These calendars have more than 20000 timeslots together; send fewer at a time."


async def test_one_new_id_published_at_two_locations_at_once_comes_to_be_at_one(world: World) -> None:
    call, sites = await world.call("cpo"), [a_location("LOC1"), a_location("LOC2")]
    await publish(world, *sites)
    offers = [replace(an_offer(sites[0]), location_id=site.id) for site in sites]

    async def publish_one(offer: BookingLocation) -> object:
        try:
            return await bulk_publishing.booking_locations_publish(call, a_key(), [Change(offer)])
        except NotAllowed as refused:
            return type(refused)

    came = await asyncio.gather(*(publish_one(offer) for offer in offers))

    assert sorted(came, key=str) == sorted([[ANY], NotAllowed], key=str)
    assert await count(world, "booking_location") == 1


async def test_many_works_at_one_location_are_told_of_it_once(world: World) -> None:
    await publish(world, a_location())
    works = [a_maintenance("A", period=hours(9, 10)), a_maintenance("B", period=hours(14, 15))]

    await bulk_publishing.maintenance_publish(await world.call("cpo"), a_key(), [Change(one) for one in works])
    gone = [Withdrawal(one.id) for one in works]
    await withdrawing.maintenance_withdraw(await world.call("cpo"), a_key(), gone)

    both = [("MAINTENANCE_CHANGED", one.id, None) for one in works]
    assert (await told(world))[-6:] == [*both, ("AVAILABILITY_CHANGED", LOC1, "MAINTENANCE")] * 2
    async with world.database.reading() as connection:
        during = await connection.fetch("SELECT during FROM event WHERE cause = 'MAINTENANCE'")
    assert [(row["during"].lower, row["during"].upper) for row in during] == [(at(9), at(15))] * 2


async def test_a_call_takes_1_to_500_objects_each_once(world: World) -> None:
    call = await world.call("cpo")
    many = [Change(a_tariff(f"T{number}")) for number in range(MOST_OBJECTS + 1)]
    calendar = an_offer(a_location()).calendars[0]
    twice = [CalendarChange(ANY, calendar), CalendarChange(ANY.lower(), replace(calendar, id="c1"))]

    refused = [
        await refusal(bulk_publishing.tariffs_publish(call, a_key(), [])),
        await refusal(bulk_publishing.tariffs_publish(call, a_key(), many)),
        await refusal(bulk_publishing.tariffs_publish(call, a_key(), [many[0], many[0]])),
        await refusal(bulk_publishing.calendars_publish(call, a_key(), twice)),
    ]

    assert [type(one) for one in refused] == [BadInput] * 4
    assert [str(one) for one in refused] == [
        "One call takes 1 to 500 objects; this one has 0.",
        "One call takes 1 to 500 objects; this one has 501.",
        "NL*ABC*T0 comes twice; give each object once.",
        f"{ANY}*C1 comes twice; give each object once.",
    ]


async def test_what_makes_no_sense_is_refused_with_what_is_wrong(world: World) -> None:
    call = await world.call("cpo")
    times = OpeningTimes(twentyfourseven=False, regular_hours=(RegularHours(8, "7:00", "12:00"),))
    wrong = a_location(time_zone="Mars/Olympus", opening_times=times)

    refused = await refusal(bulk_publishing.locations_publish(call, a_key(), [Change(wrong)]))
    over = a_maintenance(period=hours(1, 2))
    late = await refusal(bulk_publishing.maintenance_publish(call, a_key(), [Change(over)]))

    assert isinstance(refused, BadInput)
    assert "'Mars/Olympus' is not an IANA time zone" in str(refused)
    assert "weekday 8 is none" in str(refused)
    assert "a local time is" in str(refused)
    assert str(late) == "Nothing was published: the period of NL*ABC*WORK is over."


@pytest.mark.parametrize("caller", ["emsp", "fleet", "nsp", "nap", "admin"])
async def test_only_operators_publish(world: World, caller: str) -> None:
    refused = await refusal(
        bulk_publishing.locations_publish(await world.call(caller), a_key(), [Change(a_location())])
    )

    assert isinstance(refused, Forbidden)
    assert await count(world, "location") == 0


async def test_an_operator_publishes_only_its_own(world: World) -> None:
    call, other = await world.call("cpo"), await world.call("other_cpo")
    await publish(world, a_location(), an_offer(a_location()))
    await bulk_publishing.locations_publish(other, a_key(), [Change(ELSEWHERE)])
    await world.feed.synced()
    mine_there = an_offer(a_location(), location_id=ELSEWHERE.id)
    work_there = a_maintenance(location_id=ELSEWHERE.id)
    calendar = offer_of(world).calendars[0]

    refused = [
        await refusal(bulk_publishing.locations_publish(call, a_key(), [Change(ELSEWHERE)])),
        await refusal(bulk_publishing.booking_locations_publish(call, a_key(), [Change(an_offer(ELSEWHERE))])),
        await refusal(bulk_publishing.booking_locations_publish(call, a_key(), [Change(mine_there)])),
        await refusal(bulk_publishing.maintenance_publish(call, a_key(), [Change(work_there)])),
        await refusal(bulk_publishing.calendars_publish(other, a_key(), [CalendarChange(ANY, calendar)])),
    ]

    assert [type(one) for one in refused] == [NotAllowed] * 5


async def test_what_is_unknown_or_hidden_is_not_found(world: World) -> None:
    call, other = await world.call("cpo"), await world.call("other_cpo")
    hidden = a_location(publish=False)
    await publish(world, hidden, an_offer(hidden))
    calendar = offer_of(world).calendars[0]
    elsewhere = an_offer(a_location("LOC2"))
    no_charger = a_maintenance(evses=(f"{LOC1}*E1", f"{LOC1}*E7"))

    refused = [
        await refusal(bulk_publishing.calendars_publish(other, a_key(), [CalendarChange(ANY, calendar)])),
        await refusal(bulk_publishing.calendars_publish(call, a_key(), [CalendarChange("NL*ABC*NO", calendar)])),
        await refusal(bulk_publishing.booking_locations_publish(call, a_key(), [Change(elsewhere)])),
        await refusal(bulk_publishing.maintenance_publish(call, a_key(), [Change(no_charger)])),
        await refusal(
            bulk_publishing.confirmation_set(other, a_key(), [ConfirmationChange(ANY, Confirmation.OPERATOR)])
        ),
    ]

    assert refused == [
        NotFound("BookingLocation", ANY),
        NotFound("BookingLocation", "NL*ABC*NO"),
        NotFound("Location", "NL*ABC*LOC2"),
        NotFound("Evse", f"{LOC1}*E7"),
        NotFound("BookingLocation", ANY),
    ]


async def test_what_belongs_to_one_location_does_not_move_to_another(world: World) -> None:
    call = await world.call("cpo")
    there = a_location("LOC2")
    await publish(world, a_location(), there, an_offer(a_location()), a_maintenance())

    offer = replace(an_offer(a_location()), location_id=there.id)
    moved = await refusal(bulk_publishing.booking_locations_publish(call, a_key(), [Change(offer)]))
    work = await refusal(
        bulk_publishing.maintenance_publish(call, a_key(), [Change(a_maintenance(location_id=there.id))])
    )

    assert [str(moved), str(work)] == [
        f"BookingLocation {ANY} belongs to Location {LOC1}; publish it here under a new id.",
        f"Maintenance NL*ABC*WORK belongs to Location {LOC1}; publish it here under a new id.",
    ]


async def test_a_known_charger_keeps_its_state_and_a_new_one_has_what_is_published(world: World) -> None:
    broken = a_location(chargers={"E1": [], "E2": []})
    await publish(world, broken)
    report = StatusReport(f"{LOC1}*E1", Status.OUTOFORDER, None)
    await evses.report_status(await world.call("cpo"), a_key(), report)
    world.later(NOW + timedelta(hours=1))
    three = tuple(an_evse(LOC1, uid, status=Status.AVAILABLE) for uid in ("E1", "E3"))

    await publish(world, replace(broken, evses=three, parking_bays=()))
    await publish(world, replace(broken, evses=(*three, replace(broken.evses[1], status=Status.BLOCKED))))

    states = {one.uid: one.status for one in known(world).location.evses}
    assert states == {"E1": Status.OUTOFORDER, "E2": Status.BLOCKED, "E3": Status.AVAILABLE}
    assert await count(world, "fault WHERE repaired_at IS NULL") == 1


async def test_calendars_are_added_and_replaced_by_their_ids(world: World) -> None:
    call = await world.call("cpo")
    await publish(world, a_location(), an_offer(a_location(), windows=[hours(8, 12)]))
    evening = Calendar("EVENING", hours(18, 24), 30, (Timeslot(hours(18, 22)),), NOW)
    noon = Calendar("c1", hours(8, 14), 15, (Timeslot(hours(11, 13)), Timeslot(hours(8, 9))), NOW)

    changes = [CalendarChange(ANY, evening), CalendarChange(ANY.lower(), noon)]
    ids = await bulk_publishing.calendars_publish(call, a_key(), changes)

    found = offer_of(world).calendars
    assert ids == [ANY]
    assert [(one.id, one.covers, one.timeslot_increment) for one in found] == [
        ("C1", hours(8, 14), 15),
        ("EVENING", hours(18, 24), 30),
    ]
    assert [one.period for one in found[0].available_timeslots] == [hours(11, 13), hours(8, 9)]
    assert [one.last_updated for one in found] == [NOW + TICK, NOW]
    assert (await told(world))[-2:] == [
        ("BOOKING_LOCATION_PUBLISHED", ANY, None),
        ("AVAILABILITY_CHANGED", LOC1, "CALENDAR"),
    ]


async def test_how_an_offer_confirms_is_what_its_operator_set_last(world: World) -> None:
    call = await world.call("cpo")
    by_hand = an_offer(a_location(), confirmation=Confirmation.OPERATOR)
    await publish(world, a_location(), by_hand)
    at_first = offer_of(world).confirmation

    await bulk_publishing.confirmation_set(call, a_key(), [ConfirmationChange(ANY, Confirmation.INSTANT)])
    await publish(world, by_hand)

    assert (at_first, offer_of(world).confirmation) == (Confirmation.OPERATOR, Confirmation.INSTANT)
    assert offer_of(world).last_updated == NOW + 2 * TICK


async def test_maintenance_is_known_with_its_location(world: World) -> None:
    await publish(world, a_location(), a_maintenance(), a_maintenance("MORE", evses=(f"{LOC1}*E1",)))

    works = known(world).maintenance

    assert [(one.id, one.evse_ids, one.period) for one in works] == [
        ("NL*ABC*MORE", (f"{LOC1}*E1",), hours(9, 10)),
        ("NL*ABC*WORK", (), hours(9, 10)),
    ]
    assert (await told(world))[-2:] == [
        ("MAINTENANCE_CHANGED", "NL*ABC*MORE", None),
        ("AVAILABILITY_CHANGED", LOC1, "MAINTENANCE"),
    ]


async def test_the_event_of_moved_maintenance_spans_what_comes_free_and_what_is_taken(world: World) -> None:
    await publish(world, a_location(), a_maintenance(), a_maintenance(period=hours(14, 15)))

    async with world.database.reading() as connection:
        during = await connection.fetch("SELECT during FROM event WHERE cause = 'MAINTENANCE' ORDER BY xid, id")
    assert [(row["during"].lower, row["during"].upper) for row in during] == [
        (hours(9, 10).start, hours(9, 10).end),
        (hours(9, 10).start, hours(14, 15).end),
    ]


async def test_a_tariff_is_there_for_its_operator_before_anything_names_it(world: World) -> None:
    await publish(world, a_tariff("NEW"))

    found = await bulk_publishing.published_tariffs(await world.call("cpo"), ["nl*abc*new", "NL*ABC*NONE"])
    others = await bulk_publishing.published_tariffs(await world.call("other_cpo"), ["NL*ABC*NEW"])

    assert [(one.id, one.last_updated) for one in found] == [("NL*ABC*NEW", NOW)]
    assert others == []


async def test_weekly_hours_are_published_as_the_timeslots_they_mean(world: World) -> None:
    nights = tuple(
        RegularHours(day, *period) for day in range(1, 8) for period in (("00:00", "06:00"), ("18:00", "24:00"))
    )
    weekly = WeeklyHours(nights, horizon_days=2, min_power=150_000, max_power=400_000, green_energy_support=True)
    since = datetime(1970, 1, 1, tzinfo=UTC)
    calendar = Calendar("C1", replace(hours(0, 1), start=since), 15, (), NOW, weekly)

    await publish(world, a_location(), an_offer(a_location(), calendars=(calendar,)))

    (found,) = offer_of(world).calendars
    assert found.covers == hours(-1, 71)
    assert found.weekly_hours == weekly
    assert [one.period for one in found.available_timeslots] == [
        hours(17, 29),
        hours(41, 53),
        hours(65, 71),
    ]
    assert {(one.min_power, one.max_power, one.green_energy_support) for one in found.available_timeslots} == {
        (150_000, 400_000, True)
    }
