"""Who is told of what as it happens: faults and slots, role by role."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.api.landscape import EVERYBODY, FOREIGN, HIDDEN, OPEN, Landscape, charger_of, landscape, site
from tests.subscriptions.streams import FAULTS, SLOTS, Stream, subscribed
from tests.world import a_key

pytestmark = pytest.mark.anyio

NOWHERE = "NL*ABC*NOWHERE"
WINDOW = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-02T00:00:00Z"}
REPORT = "mutation ($input: EvseStatusReportInput!) { evseStatusReport(input: $input) { __typename } }"


@pytest.fixture(scope="module")
async def here(cluster: str, template: str) -> AsyncIterator[Landscape]:
    """One landscape for the tests of this module that may find its chargers broken."""
    async with landscape(cluster, template) as made:
        yield made


@pytest.fixture
async def own(cluster: str, template: str) -> AsyncIterator[Landscape]:
    """A landscape for one test alone."""
    async with landscape(cluster, template) as made:
        yield made


async def break_all(here: Landscape, code: str) -> None:
    """Report a fault of each site's charger, the hidden one's first, each under a code of its own."""
    for caller, location_id in (("cpo", HIDDEN), ("cpo", OPEN), ("other_cpo", FOREIGN)):
        given = {"idempotencyKey": a_key(), "evseId": charger_of(location_id), "status": "OUTOFORDER"}
        fault = {"code": f"{code} of {location_id}"}
        answer = await here.ask(caller, REPORT, input={**given, "fault": fault})
        assert answer.errors == []


async def heard(stream: Stream, number: int) -> dict[str, set[str]]:
    """Return the codes of so many faults, each with the bookings that are said to be hit."""
    messages = [await stream.next() for _ in range(number)]
    return {one["fault"]["code"]: {booking["id"] for booking in one["bookings"]} for one in messages}


@pytest.mark.parametrize("caller", [one for one in EVERYBODY if one is not None])
async def test_faults_are_told_to_whom_they_concern_with_no_bookings_but_the_callers(
    here: Landscape, caller: str
) -> None:
    places = {"cpo": {HIDDEN, OPEN}, "other_cpo": {FOREIGN}}.get(caller, {OPEN, FOREIGN})
    hit = {one.id for one in here.bookings if caller in one.seen_by}
    await break_all(here, "open")
    await here.world.feed.synced()

    async with subscribed(here.world, caller, FAULTS) as stream:
        first = await heard(stream, len(places))
        await break_all(here, "amended")
        second = await heard(stream, len(places))

    assert first == {f"open of {one}": hit if one == OPEN else set() for one in places}
    assert second == {f"amended of {one}": hit if one == OPEN else set() for one in places}


async def test_faults_are_told_to_nobody_without_a_token(here: Landscape) -> None:
    async with subscribed(here.world, None, FAULTS) as stream:
        code, _ = await stream.refusal()

    assert code == "UNAUTHENTICATED"


@pytest.mark.parametrize("caller", [one for one in EVERYBODY if one != "cpo"])
@pytest.mark.parametrize("document", [SLOTS, FAULTS])
async def test_a_hidden_location_cannot_be_watched_and_answers_like_an_unknown_one(
    here: Landscape, caller: str | None, document: str
) -> None:
    hidden = await refusal(here, caller, document, HIDDEN)
    unknown = await refusal(here, caller, document, NOWHERE)

    assert hidden[0] == ("UNAUTHENTICATED" if caller is None and document == FAULTS else "NOT_FOUND")
    assert (hidden[0], hidden[1].replace(HIDDEN, NOWHERE)) == unknown


async def test_its_operator_watches_its_hidden_location(here: Landscape) -> None:
    await break_all(here, "seen")
    await here.world.feed.synced()

    async with subscribed(here.world, "cpo", SLOTS, **watching(SLOTS, HIDDEN)) as slots:
        assert (await slots.next())["location"]["id"] == HIDDEN
    async with subscribed(here.world, "cpo", FAULTS, **watching(FAULTS, HIDDEN)) as faults:
        assert (await faults.next())["fault"]["evse"]["id"] == charger_of(HIDDEN)


async def test_a_location_that_is_hidden_meanwhile_has_nothing_free_and_is_told_of_no_more(own: Landscape) -> None:
    places = {"input": {"window": WINDOW, "locationIds": [OPEN, FOREIGN]}}
    async with subscribed(own.world, "emsp", SLOTS, **places) as stream:
        first = {(await stream.next())["location"]["id"] for _ in range(2)}
        await own.world.publish(replace(site("OPEN"), publish=False, last_updated=own.world.now))
        last = await stream.next()
        await break_all(own, "hidden")
        then = await stream.next()

    assert first == {OPEN, FOREIGN}
    assert (last["location"]["id"], last["timeslots"]) == (OPEN, [])
    assert then["location"]["id"] == FOREIGN


def watching(document: str, location_id: str) -> dict[str, Any]:
    variables: dict[str, Any] = {"locationIds": [location_id]}
    return {"input": {"window": WINDOW, **variables}} if document == SLOTS else variables


async def refusal(here: Landscape, caller: str | None, document: str, location_id: str) -> tuple[str, str]:
    async with subscribed(here.world, caller, document, **watching(document, location_id)) as stream:
        return await stream.refusal()
