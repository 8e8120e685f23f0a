"""BUC 1.2.3: whoever watches chosen stations is told, for any reason, when there is more or less to book of them."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from models.events import AvailabilityCause
from server import worker
from tests.api.publications import a_calendar_input, work_input
from tests.factories.catalogue import NOW
from tests.subscriptions.slots import Slots, free
from tests.subscriptions.streams import SLOTS, Stream, subscribed
from tests.use_cases.charging_documents import CARD, begun, ended, tokens_of_all, with_card
from tests.use_cases.documents import CANCEL, OPERATORS, PROVIDERS, QUOTE, RELEASE, REPORT, WINDOW, book, do, period
from tests.use_cases.following_documents import clock
from tests.use_cases.operators import DAY, HUB, HUB_CCS, HUB_MCS, MIXED_FREE, YARD, YARD_ANY, a_slot, done, hub
from tests.world import World

pytestmark = pytest.mark.anyio

SUBSCRIBERS = (*PROVIDERS, *OPERATORS)
CHANGE_QUOTE = """
mutation ($input: BookingChangeQuoteInput!) {
  bookingChangeQuote(input: $input) { __typename ... on ChangeQuote { quote { id } } ... on Problem { message } }
}
"""
CHANGE = """
mutation ($input: BookingChangeInput!) {
  bookingChange(input: $input) { __typename ... on Problem { message } }
}
"""
WHOLE: Slots = [(8, 12, 1)]
Step = Callable[[World], Awaitable[Any]]
Free = dict[str, Slots]
BEFORE: Free = {HUB_CCS: [(8, 12, 2)], HUB_MCS: WHOLE}


def publishing(mutation: str, *objects: dict[str, Any]) -> Step:
    """Return the step of an operator that publishes or takes back."""
    return lambda world: done(world, mutation, *objects)


def calendar(*hours: tuple[str, str]) -> Step:
    """Return the step of an operator that offers the megawatt charger at those hours."""
    changed = a_calendar_input(period=DAY, availableTimeslots=[a_slot(**period(*one)) for one in hours])
    return publishing("calendarsPublish", {"bookingLocationId": "HUB-MCS", "calendar": changed})


def report(status: str, **fault: Any) -> Step:
    """Return the step of an operator that reports the state of one of two short chargers."""
    return lambda world: do(world, "cpo", REPORT, evseId=f"{HUB}*E2", status=status, fault=fault or None)


def booking(start: str, end: str) -> Step:
    """Return the step of a provider that books the megawatt charger."""
    return lambda world: book(world, "emsp", HUB_MCS, start, end)


async def canceling(world: World) -> None:
    found = await world.execute("emsp", "{ bookings { edges { node { id } } } }")
    await do(world, "emsp", CANCEL, bookingId=found.data["bookings"]["edges"][0]["node"]["id"])


async def quoting_a_change(world: World) -> None:
    """Book from 9 to 10 and hold the hour behind that, to change to."""
    booked = await book(world, "emsp", HUB_MCS, "09:00", "10:00")
    came = await do(world, "emsp", CHANGE_QUOTE, bookingId=booked, period=period("10:00", "11:00"))
    assert came["__typename"] == "ChangeQuote", came


async def changing_as_quoted(world: World) -> None:
    async with world.database.reading() as connection:
        quote_id = await connection.fetchval("SELECT id FROM quote")
    came = await do(world, "emsp", CHANGE, quoteId=str(quote_id))
    assert came["__typename"] == "Booking", came


async def quoting(world: World) -> Any:
    came = await do(world, "fleet", QUOTE, bookingLocationId=HUB_MCS, period=period("09:00", "10:00"))
    assert came["__typename"] == "BookingQuoted", came
    return came["quote"]["id"]


async def waiting(world: World) -> None:
    """Let the time pass of a hold, and of a booking of 06:45 that nobody uses."""
    world.later(NOW + timedelta(minutes=75))
    await worker.due(await world.call(None))
    await world.feed.synced()


def with_chargers(*uids: str, **changes: Any) -> Step:
    """Return the step of an operator whose site has those chargers, one more of the short kind if E5 is named."""
    site = hub()
    known = {evse["uid"]: evse for evse in site["evses"]}
    known["E5"] = known["E2"] | {"uid": "E5", "parking": [{"parkingId": "B5", "evsePosition": "RIGHT"}]}
    bays = [*site["parkingBays"], site["parkingBays"][1] | {"ocpiId": "B5"}]
    changed = {"evses": [known[uid] for uid in uids], "parkingBays": bays, **changes}
    return publishing("locationsPublish", site | changed)


def card(*slot: str) -> Step:
    """Return the step of a provider that makes a driver's card known, and books for it if a slot is given."""

    async def step(world: World) -> None:
        await tokens_of_all(world)
        if slot:
            await with_card(world, "fleet", HUB_MCS, *slot)

    return step


def charging(start: str, *, left: bool = False, until: str | None = None) -> Step:
    """Return the step of a driver that charges with that card, and leaves at once, or is there still at `until`."""

    async def step(world: World) -> None:
        session = await begun(world, f"{HUB}*E1", start, token=CARD)
        if left:
            await ended(world, session, start)
        if until is not None:
            world.later(clock(until))
            await worker.due(await world.call(None))
        await world.feed.synced()

    return step


ALL = ("E1", "E2", "E3", "E4")
WORK = work_input("WORK", HUB, evseUids=["E1"], period=period("09:00", "10:00"))
GAP: Free = {HUB_MCS: [(8, 9, 1), (10, 12, 1)]}
NOTHING: Free = {HUB_CCS: [], HUB_MCS: []}


@dataclass(frozen=True)
class Change:
    """What happens while stations are watched, what is told then, and what was done and is free before."""

    cause: AvailabilityCause
    happens: Step
    told: Free
    before: Free | None = None
    prepare: Step | None = None


CHANGES = {
    "a booking": Change(AvailabilityCause.BOOKING, booking("09:00", "10:00"), GAP),
    "a hold": Change(AvailabilityCause.HOLD, quoting, GAP),
    "a hold that ends": Change(AvailabilityCause.EXPIRY, waiting, {HUB_MCS: WHOLE}, GAP, quoting),
    "a cancellation": Change(
        AvailabilityCause.CANCELLATION, canceling, {HUB_MCS: WHOLE}, GAP, booking("09:00", "10:00")
    ),
    "a booking that gets another hour": Change(
        AvailabilityCause.CHANGE,
        changing_as_quoted,
        {HUB_MCS: [(8, 10, 1), (11, 12, 1)]},
        {HUB_MCS: [(8, 9, 1), (11, 12, 1)]},
        quoting_a_change,
    ),
    "a no-show": Change(
        AvailabilityCause.NO_SHOW, waiting, {HUB_MCS: WHOLE}, {HUB_MCS: [(9, 12, 1)]}, booking("06:45", "09:00")
    ),
    "a use without a booking": Change(
        AvailabilityCause.WALK_UP, charging("08:00"), {HUB_MCS: [(9, 12, 1)]}, None, card()
    ),
    "a start before the slot": Change(
        AvailabilityCause.EARLY_START,
        charging("09:00"),
        {HUB_CCS: [(9, 12, 2)], HUB_MCS: [(11, 12, 1)]},
        {HUB_MCS: [(8, 10, 1), (11, 12, 1)]},
        card("10:00", "11:00"),
    ),
    "an end before that of the slot": Change(
        AvailabilityCause.EARLY_STOP,
        charging("08:00", left=True),
        {HUB_MCS: WHOLE},
        {HUB_MCS: [(10, 12, 1)]},
        card("08:00", "10:00"),
    ),
    "a driver who stays beyond the slot": Change(
        AvailabilityCause.OVERTIME,
        charging("08:00", until="09:59"),
        {HUB_CCS: [(10, 12, 2)], HUB_MCS: [(10, 12, 1)]},
        {HUB_MCS: [(10, 12, 1)]},
        card("08:00", "10:00"),
    ),
    "fewer hours": Change(AvailabilityCause.CALENDAR, calendar(("06:00", "10:00")), {HUB_MCS: [(8, 10, 1)]}),
    "more hours": Change(
        AvailabilityCause.CALENDAR,
        calendar(("06:00", "11:00")),
        {HUB_MCS: [(8, 11, 1)]},
        {HUB_MCS: [(8, 9, 1)]},
        calendar(("06:00", "09:00")),
    ),
    "no hours": Change(AvailabilityCause.CALENDAR, calendar(), {HUB_MCS: []}),
    "a charger more": Change(AvailabilityCause.PUBLICATION, with_chargers(*ALL, "E5"), {HUB_CCS: [(8, 12, 3)]}),
    "a charger less": Change(AvailabilityCause.PUBLICATION, with_chargers("E1", "E3", "E4"), {HUB_CCS: [(8, 12, 1)]}),
    "a site that is closed": Change(
        AvailabilityCause.PUBLICATION, with_chargers(*ALL, openingTimes={"twentyfourseven": False}), NOTHING
    ),
    "a site that is hidden": Change(AvailabilityCause.PUBLICATION, with_chargers(*ALL, publish=False), NOTHING),
    "a fault": Change(AvailabilityCause.FAULT, report("OUTOFORDER"), {HUB_CCS: [(8, 12, 1)]}),
    "a repair": Change(
        AvailabilityCause.REPAIR,
        report("AVAILABLE"),
        {HUB_CCS: [(8, 12, 2)]},
        {HUB_CCS: [(8, 12, 1)]},
        report("OUTOFORDER"),
    ),
    "work": Change(AvailabilityCause.MAINTENANCE, publishing("maintenancePublish", WORK), GAP),
    "no work": Change(
        AvailabilityCause.MAINTENANCE,
        publishing("maintenanceWithdraw", {"id": "WORK"}),
        {HUB_MCS: WHOLE},
        GAP,
        publishing("maintenancePublish", WORK),
    ),
    "an offer that is taken back": Change(
        AvailabilityCause.WITHDRAWAL, publishing("bookingLocationsWithdraw", {"id": "HUB-MCS"}), {HUB_MCS: []}
    ),
    "a site that is taken back": Change(
        AvailabilityCause.WITHDRAWAL, publishing("locationsWithdraw", {"id": "HUB"}), NOTHING
    ),
}


def watching(*location_ids: str, **changes: Any) -> dict[str, Any]:
    return {"locationIds": list(location_ids), "window": WINDOW, **changes}


async def heard(stream: Stream, number: int) -> tuple[Free, set[str | None]]:
    """Return what so many messages tell to be free, and why."""
    messages = [await stream.next() for _ in range(number)]
    return {one["bookingLocation"]["id"]: free(one) for one in messages}, {one["cause"] for one in messages}


def test_buc_1_2_3_every_reason_has_a_case() -> None:
    assert {case.cause for case in CHANGES.values()} == set(AvailabilityCause)


@pytest.mark.parametrize("what", CHANGES)
async def test_buc_1_2_3_whoever_watches_a_station_is_told_of_its_slots_and_of_every_change(
    changing: World, what: str
) -> None:
    case = CHANGES[what]
    if case.prepare is not None:
        await case.prepare(changing)
    async with AsyncExitStack() as stack:
        streams = [
            await stack.enter_async_context(subscribed(changing, one, SLOTS, input=watching(HUB)))
            for one in SUBSCRIBERS
        ]
        first = [await heard(stream, 2) for stream in streams]
        await case.happens(changing)
        then = [await heard(stream, len(case.told)) for stream in streams]

    assert first == [(BEFORE | (case.before or {}), {None})] * len(SUBSCRIBERS)
    assert then == [(case.told, {case.cause.value})] * len(SUBSCRIBERS)


async def test_buc_1_2_3_a_hold_that_is_given_back_is_told_as_one_that_ends(changing: World) -> None:
    quote_id = await quoting(changing)

    async with subscribed(changing, "nsp", SLOTS, input=watching(HUB)) as stream:
        await heard(stream, 2)
        await do(changing, "fleet", RELEASE, quoteId=quote_id)
        told = await heard(stream, 1)

    assert told == ({HUB_MCS: WHOLE}, {"EXPIRY"})


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_2_3_only_chosen_stations_are_told_of_and_only_what_is_of_use_there(
    changing: World, caller: str
) -> None:
    for_short = watching(bookingLocationIds=[HUB_CCS], vehicle={"vehicleType": "RIGID"}, minutesNeeded=120)

    async with subscribed(changing, caller, SLOTS, input=for_short) as stream:
        first = await heard(stream, 1)
        told = []
        for elsewhere in (("09:00", "10:00"), ("10:00", "11:00")):
            await book(changing, "emsp", HUB_MCS, *elsewhere)
            await book(changing, "emsp", MIXED_FREE, *elsewhere)
            await do(changing, "cpo", REPORT, evseId=f"{HUB}*E4", status="BLOCKED")
            await book(changing, "emsp", HUB_CCS, "09:00", "10:00")
            told.append(await heard(stream, 1))

    assert first == ({HUB_CCS: [(8, 12, 2)]}, {None})
    assert told == [({HUB_CCS: [(8, 12, 1)]}, {"BOOKING"}), ({HUB_CCS: [(10, 12, 2)]}, {"BOOKING"})]


async def test_buc_1_2_3_who_was_away_goes_on_where_it_stopped(changing: World) -> None:
    async with subscribed(changing, "emsp", SLOTS, input=watching(HUB)) as stream:
        messages = [await stream.next() for _ in range(2)]
    await book(changing, "other_emsp", HUB_MCS, "09:00", "10:00")

    async with subscribed(changing, "emsp", SLOTS, input=watching(HUB), after=messages[-1]["cursor"]) as stream:
        told, causes = await heard(stream, 2)

    assert told == BEFORE | GAP
    assert causes == {"BOOKING"}


@pytest.mark.parametrize("caller", [*SUBSCRIBERS, "other_cpo"])
async def test_buc_1_2_3_a_site_that_is_not_published_cannot_be_watched_but_by_its_operator(
    market: World, caller: str | None
) -> None:
    for wanted, name in (
        (watching(HUB, YARD), f"Location {YARD}"),
        (watching(bookingLocationIds=[YARD_ANY]), f"BookingLocation {YARD_ANY}"),
    ):
        async with subscribed(market, caller, SLOTS, input=wanted) as stream:
            assert await stream.refusal() == ("NOT_FOUND", f"There is no {name}.")
    async with subscribed(market, "cpo", SLOTS, input=watching(YARD)) as stream:
        assert await heard(stream, 1) == ({YARD_ANY: WHOLE}, {None})
