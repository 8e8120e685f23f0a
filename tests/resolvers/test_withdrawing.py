"""Operators take back what they published: nobody finds or books it, and what was booked stays."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.errors import BadInput, Forbidden, LostUpdate, NotAllowed, NotFound
from models.rules.booking import Booking
from models.rules.booking_state import ReservationStatus
from models.rules.location import Status
from resolvers import bookings, bulk_publishing, evses, locations, withdrawing
from resolvers.changes import CalendarWithdrawal, Change, Withdrawal
from resolvers.evses import StatusReport
from tests.factories.catalogue import NOW, a_location, a_tariff, an_offer
from tests.resolvers.bulk import ANY, LOC1, a_maintenance, known, offer_of, publish, refusal, told
from tests.resolvers.requests import a_request, outcome
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

TICK = timedelta(microseconds=1)
BOOKING = """
query ($id: ID!) { booking(id: $id) { id status location { id name } bookingLocation { id } evse { id } } }
"""
SITE = a_location()
OFFER = an_offer(SITE)


@pytest.fixture
async def site(world: World) -> World:
    """A world with one site, an offer, its tariffs and planned work."""
    await publish(world, a_tariff(), a_tariff("CHARGE"), SITE, OFFER, a_maintenance())
    return world


async def withdraw_site(world: World) -> None:
    """Take the site back, and wait until everybody has heard."""
    await withdrawing.locations_withdraw(await world.call("cpo"), a_key(), [Withdrawal(LOC1.lower())])
    await world.feed.synced()


async def test_a_location_that_is_taken_back_is_there_for_nobody(site: World) -> None:
    await withdraw_site(site)

    for caller in ("cpo", "other_cpo", "emsp", None):
        call = await site.call(caller)
        assert await locations.many(call, [LOC1]) == [None]
        assert await locations.booking_locations(call, [ANY]) == [None]
        assert await locations.evses(call, [f"{LOC1}*E1"]) == [None]
        assert await locations.tariffs(call, ["NL*ABC*BOOK", "NL*ABC*CHARGE"]) == [None, None]
        page = await locations.collected(call, locations.LocationFilter(), first=10, after=None)
        assert page.items == []
    assert (await told(site))[-2:] == [
        ("LOCATION_PUBLISHED", LOC1, None),
        ("AVAILABILITY_CHANGED", LOC1, "WITHDRAWAL"),
    ]


async def test_nobody_books_at_a_location_that_was_taken_back(site: World) -> None:
    call = await site.call("emsp")
    await withdraw_site(site)

    refused = [await outcome(call, a_request(OFFER)), await outcome(await site.call("emsp"), a_request(OFFER))]

    assert refused == [NotFound("BookingLocation", ANY)] * 2


async def test_a_booking_outlives_its_location_and_its_offer(site: World) -> None:
    made = await outcome(await site.call("emsp"), a_request(OFFER))
    assert isinstance(made, Booking)

    await withdraw_site(site)

    answer = await site.execute("emsp", BOOKING, id=made.object_id)
    assert answer.errors == []
    assert answer.data["booking"] == {
        "id": made.object_id,
        "status": ReservationStatus.RESERVED.value,
        "location": {"id": LOC1, "name": "Site LOC1"},
        "bookingLocation": None,
        "evse": None,
    }
    assert [one.id for one in [await bookings.get(await site.call("cpo"), made.object_id)]] == [made.id]
    report = StatusReport(f"{LOC1}*E1", Status.OUTOFORDER, None)
    _, reported = await evses.report_status(await site.call("cpo"), a_key(), report)
    assert reported.status is Status.OUTOFORDER


async def test_a_location_may_be_published_again_and_offers_what_is_published_with_it(site: World) -> None:
    await withdraw_site(site)
    early = await refusal(bulk_publishing.booking_locations_publish(await site.call("cpo"), a_key(), [Change(OFFER)]))

    await publish(site, SITE)
    without = known(site)
    await publish(site, OFFER)

    assert early == NotFound("Location", LOC1)
    assert (without.location.withdrawn_at, without.hidden_at, without.booking_locations) == (None, None, ())
    assert without.location.last_updated == NOW + 2 * TICK
    assert isinstance(await outcome(await site.call("emsp"), a_request(OFFER)), Booking)


async def test_an_offer_that_is_taken_back_is_not_bookable(site: World) -> None:
    await withdrawing.booking_locations_withdraw(await site.call("cpo"), a_key(), [Withdrawal(ANY)])

    assert await locations.booking_locations(await site.call("cpo"), [ANY]) == [None]
    assert await outcome(await site.call("emsp"), a_request(OFFER)) == NotFound("BookingLocation", ANY)
    assert [one.id for one in known(site).withdrawn] == [ANY]
    assert (await told(site))[-2:] == [
        ("BOOKING_LOCATION_PUBLISHED", ANY, None),
        ("AVAILABILITY_CHANGED", LOC1, "WITHDRAWAL"),
    ]


async def test_a_tariff_that_is_taken_back_is_named_no_longer(site: World) -> None:
    assert sorted(known(site).tariffs) == ["NL*ABC*BOOK", "NL*ABC*CHARGE"]

    await withdrawing.tariffs_withdraw(await site.call("cpo"), a_key(), [Withdrawal("NL*ABC*BOOK")])
    await site.feed.synced()

    assert sorted(known(site).tariffs) == ["NL*ABC*CHARGE"]
    assert offer_of(site).tariff_ids == ("NL*ABC*BOOK",)
    assert await bulk_publishing.published_tariffs(await site.call("cpo"), ["NL*ABC*BOOK"]) == []
    await publish(site, a_tariff())
    assert sorted(known(site).tariffs) == ["NL*ABC*BOOK", "NL*ABC*CHARGE"]


async def test_calendars_are_taken_from_their_offer(site: World) -> None:
    gone = [CalendarWithdrawal(ANY.lower(), "c1")]

    ids = await withdrawing.calendars_withdraw(await site.call("cpo"), a_key(), gone)

    assert ids == [ANY]
    assert offer_of(site).calendars == ()
    assert offer_of(site).last_updated == NOW + TICK
    again = await refusal(withdrawing.calendars_withdraw(await site.call("cpo"), a_key(), gone))
    assert again == NotFound("Calendar", f"{ANY}*c1")


async def test_maintenance_that_is_called_off_is_known_no_longer(site: World) -> None:
    await withdrawing.maintenance_withdraw(await site.call("cpo"), a_key(), [Withdrawal("NL*ABC*WORK")])

    assert known(site).maintenance == ()
    assert (await told(site))[-2:] == [
        ("MAINTENANCE_CHANGED", "NL*ABC*WORK", None),
        ("AVAILABILITY_CHANGED", LOC1, "MAINTENANCE"),
    ]


async def withdraw(world: World, caller: str, kind: str, wanted: Withdrawal) -> Any:
    """Return why an object was not taken back."""
    call = await world.call(caller)
    if kind == "Calendar":
        offer_id, calendar_id = wanted.id.rsplit("*", 1)
        one = CalendarWithdrawal(offer_id, calendar_id, wanted.expected_last_updated)
        return await refusal(withdrawing.calendars_withdraw(call, a_key(), [one]))
    use_case = {
        "Location": withdrawing.locations_withdraw,
        "Tariff": withdrawing.tariffs_withdraw,
        "BookingLocation": withdrawing.booking_locations_withdraw,
        "Maintenance": withdrawing.maintenance_withdraw,
    }[kind]
    return await refusal(use_case(call, a_key(), [wanted]))


NAMES = {
    "Location": LOC1,
    "Tariff": "NL*ABC*BOOK",
    "BookingLocation": ANY,
    "Maintenance": "NL*ABC*WORK",
    "Calendar": f"{ANY}*C1",
}


@pytest.mark.parametrize("kind", NAMES)
async def test_nobody_takes_back_what_is_anothers_unknown_or_was_changed_since(site: World, kind: str) -> None:
    name = NAMES[kind]

    stale = await withdraw(site, "cpo", kind, Withdrawal(name, NOW - TICK))
    another = await withdraw(site, "other_cpo", kind, Withdrawal(name))
    forbidden = await withdraw(site, "emsp", kind, Withdrawal(name))
    unknown = await withdraw(site, "cpo", kind, Withdrawal(f"{name}X"))

    assert stale == LostUpdate(kind, name, NOW)
    assert isinstance(another, NotAllowed)
    assert isinstance(forbidden, Forbidden)
    assert unknown == NotFound(kind, f"{name}X")


async def test_what_others_may_not_see_is_not_found_by_them(world: World) -> None:
    hidden = replace(SITE, publish=False)
    await publish(world, a_tariff(), hidden, OFFER, a_maintenance())

    refused = [await withdraw(world, "other_cpo", kind, Withdrawal(name)) for kind, name in NAMES.items()]

    assert [type(one) for one in refused] == [NotFound] * len(NAMES)


async def test_what_was_taken_back_cannot_be_taken_back_again(site: World) -> None:
    call, key = await site.call("cpo"), a_key()
    for _ in range(2):
        assert await withdrawing.maintenance_withdraw(call, key, [Withdrawal("NL*ABC*WORK")]) == ["NL*ABC*WORK"]
    await withdraw_site(site)

    again = [await withdraw(site, "cpo", kind, Withdrawal(NAMES[kind])) for kind in ("Location", "Maintenance")]
    twice = await refusal(withdrawing.locations_withdraw(call, a_key(), [Withdrawal(LOC1), Withdrawal(LOC1.lower())]))

    assert again == [NotFound("Location", LOC1), NotFound("Maintenance", "NL*ABC*WORK")]
    assert isinstance(twice, BadInput)


async def test_an_import_of_an_older_document_does_not_bring_back_what_was_taken_back(site: World) -> None:
    await withdraw_site(site)

    await site.publish(SITE)

    assert known(site).location.withdrawn_at == NOW


async def test_a_tariff_is_seen_as_long_as_one_location_that_names_it_is(site: World) -> None:
    await publish(site, a_location("LOC0"), a_location("LOC2"))
    gone = [Withdrawal("NL*ABC*LOC0"), Withdrawal("NL*ABC*LOC2")]

    await withdrawing.locations_withdraw(await site.call("cpo"), a_key(), gone)

    (found,) = await locations.tariffs(await site.call(None), ["NL*ABC*CHARGE"])
    assert found is not None
