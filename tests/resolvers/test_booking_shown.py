"""What a booking shows to whom: its gate code, its trip, what it took the place of, and times of any terms."""

from dataclasses import replace
from typing import Any

import pytest

from models.rules.booking import Booking
from models.rules.booking_location import AccessMethod
from models.rules.booking_state import CanceledReason
from resolvers import bookings
from resolvers.booking_cancel import Cancellation
from tests.factories.catalogue import TERMS, a_location, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.deciding import accepted, asked_of, declined
from tests.resolvers.lifecycle import booked
from tests.resolvers.quoting import quoted
from tests.resolvers.trips import ABROAD, HERE, OFFER, mission, moved, open_sites
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

CODES = replace(TERMS, supported_access_methods=(AccessMethod.ACCESS_CODE,))
SHOWN = "status phase accessCode missionId replacesId changeUntil cancelUntil evseRevealedAt reservationExpiresAt"
BY_ID = f"query ($id: ID!) {{ booking(id: $id) {{ {SHOWN} }} }}"
LISTED = f"{{ bookings {{ edges {{ node {{ {SHOWN} }} }} }} }}"


async def shown(world: World, caller: str, one: Booking) -> dict[str, Any]:
    """Return a booking as a caller is shown it."""
    answer = await world.execute(caller, BY_ID, id=one.object_id)
    assert answer.errors == []
    found: dict[str, Any] = answer.data["booking"]
    return found


async def codes(world: World, one: Booking) -> list[str | None]:
    """Return the code of a booking as its holder and its operator are shown it."""
    return [(await shown(world, caller, one))["accessCode"] for caller in ("emsp", "cpo")]


async def canceled(world: World, one: Booking) -> None:
    """Let the holder cancel a booking."""
    await bookings.cancel(await world.call("emsp"), a_key(), Cancellation(one.object_id, CanceledReason.NO_CANCELED))


async def test_the_code_of_the_gate_is_told_from_the_grant_until_the_booking_comes_to_nothing(world: World) -> None:
    offer = asked_of(HERE, terms=CODES)
    await world.publish(HERE, offer)
    one = await booked(world, offer)
    other = await booked(world, offer, hours(12, 13))
    pending = await codes(world, one)
    await accepted(world, one)
    await declined(world, other)
    granted = await codes(world, one)
    await canceled(world, one)

    assert one.access_code is not None
    assert (pending, granted) == ([None, None], [one.access_code] * 2)
    assert await codes(world, one) == await codes(world, other) == [None, None]


@pytest.mark.parametrize(
    ("status", "told"), [("FULFILLED", True), ("NO_SHOW", False), ("FAILED", False), ("REJECTED", False)]
)
async def test_the_code_is_told_once_it_was_used_but_not_of_what_was_never_used(
    world: World, dsn: str, status: str, told: bool
) -> None:
    offer = an_offer(HERE, terms=CODES)
    await world.publish(HERE, offer)
    one = await booked(world, offer)
    await run(dsn, "UPDATE booking SET status = $1 WHERE id = $2", status, one.id)

    assert await codes(world, one) == [one.access_code if told else None] * 2


async def test_an_operator_does_not_learn_by_a_trip_where_else_its_stops_are(world: World) -> None:
    await open_sites(world)
    trip = await mission(world, await quoted(world, OFFER), await quoted(world, ABROAD, period=hours(12, 13)))

    here, there = trip.bookings
    assert (await shown(world, "cpo", here))["missionId"] is None
    assert (await shown(world, "other_cpo", there))["missionId"] is None
    for one in trip.bookings:
        assert (await shown(world, "emsp", one))["missionId"] == str(trip.id)


@pytest.mark.parametrize(("offer_id", "caller", "told"), [(ABROAD.id, "other_cpo", False), (OFFER.id, "cpo", True)])
async def test_an_operator_is_told_which_booking_was_replaced_only_if_that_was_its_own(
    world: World, offer_id: str, caller: str, told: bool
) -> None:
    await open_sites(world)
    old = await booked(world, OFFER)
    to = {one.id: one for one in (OFFER, ABROAD)}[offer_id]
    new = await moved(world, old, await quoted(world, to, period=hours(12, 13)))

    assert (await shown(world, caller, new))["replacesId"] == (old.object_id if told else None)
    assert (await shown(world, "emsp", new))["replacesId"] == old.object_id


async def test_terms_of_thousands_of_years_spoil_no_list_of_bookings(world: World, dsn: str) -> None:
    await open_sites(world)
    one, other = await booked(world, OFFER), await booked(world, OFFER, hours(12, 13))
    huge = """
    UPDATE booking SET booking_terms = booking_terms || jsonb_build_object(
        'change_until_minutes', 2147483647, 'cancel_until_minutes', 2147483647, 'early_start_allowed', true,
        'early_start_time', 2147483647, 'noshow_timeout', 2147483647, 'late_stop_time', 2147483647
    ) WHERE id = $1
    """
    await run(dsn, huge, one.id)
    world.later(at(7))

    for caller in ("emsp", "cpo"):
        answer = await world.execute(caller, LISTED)
        assert answer.errors == []
        first, second = (edge["node"] for edge in answer.data["bookings"]["edges"])
        assert (first["changeUntil"], first["cancelUntil"]) == ("0001-01-01T00:00:00Z",) * 2
        assert first["phase"] == "DUE"
        assert second["changeUntil"] == (await shown(world, caller, other))["changeUntil"]


async def test_terms_of_a_year_are_booked_under(world: World) -> None:
    place = a_location()
    year = 365 * 24 * 60
    offer = an_offer(
        place,
        terms=replace(
            TERMS,
            change_until_minutes=year,
            cancel_until_minutes=year,
            early_start_allowed=True,
            early_start_time=year,
            noshow_timeout=year,
            reveal_minutes=year,
            max_booking_duration=year,
        ),
    )
    await world.publish(place, offer)

    found = await shown(world, "emsp", await booked(world, offer))

    assert (found["changeUntil"], found["cancelUntil"]) == ("2025-12-01T10:00:00Z",) * 2
    assert found["phase"] == "DUE"
