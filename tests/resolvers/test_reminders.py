"""Reminders (BUC 2.10): asked for by booking or by party, sent once each, and moved with the booking."""

from typing import Any

import pytest

from models.errors import AlreadyFinal, BadInput, Forbidden, NotAllowed, NotFound
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.location import Status
from models.rules.reminder import ReminderPreference
from resolvers import bookings, evses, reminders
from resolvers.booking_cancel import Cancellation
from resolvers.evses import StatusReport
from resolvers.for_whom import ForWhom
from resolvers.reminders import Preference, ReminderChange
from server import worker
from tests.factories.catalogue import NOW, a_location, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.deciding import asked_of
from tests.resolvers.lifecycle import E1, booked, change_quoted, changed
from tests.resolvers.quoting import or_refusal
from tests.resolvers.reminding import asked_again, by_worker, sent, to_come, told
from tests.resolvers.requests import ask
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OTHER = a_location("LOC2")
OFFER = an_offer(SITE)
OF_OTHER = an_offer(OTHER)
ASKED = asked_of(a_location("LOC3"))


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers, another of one, and one whose operator decides."""
    await world.publish(SITE, OTHER, a_location("LOC3"), OFFER, OF_OTHER, ASKED)
    return world


def reminded(*minutes: int, **changes: Any) -> ForWhom:
    """Return for whom a booking is made that is to be reminded of so many minutes before."""
    return ForWhom(reminders=minutes, **changes)


async def preferring(world: World, minutes: tuple[int, ...] | None, contract: str | None = None) -> None:
    await reminders.prefer(await world.call("emsp"), a_key(), Preference(contract, minutes))


async def minutes_of(world: World, one: Booking, caller: str = "emsp") -> list[int]:
    _, found = await reminders.of(await world.call(caller), one.object_id)
    return [reminder.minutes_before for reminder in found]


async def test_a_reminder_that_a_booking_asks_for_is_sent_at_its_moment_and_once(site: World, dsn: str) -> None:
    one = await booked(site, OFFER, whom=reminded(60, 120))

    early = await sent(site, at(7.99))
    first = await sent(site, at(8))
    between = await sent(site, at(8.5))
    second = await sent(site, at(9))
    later = await sent(site, at(9.9))

    assert (early, first, between, second, later) == (0, 1, 0, 1, 0)
    assert await told(dsn) == [f"{one.object_id}#120", f"{one.object_id}#60"]
    assert await run(dsn, "SELECT location_id, party_id, at FROM event WHERE kind = 'REMINDER_DUE' ORDER BY at") == [
        (SITE.id, "NL*EMS", at(8)),
        (SITE.id, "NL*EMS", at(9)),
    ]


async def test_a_booking_that_asks_for_none_gets_none_whatever_its_party_prefers(site: World, dsn: str) -> None:
    await preferring(site, (60,))
    await booked(site, OFFER, whom=reminded())

    assert await to_come(dsn) == []


async def test_a_booking_that_does_not_say_is_reminded_of_as_its_contracts_or_else_its_party_prefer(
    site: World,
) -> None:
    before = await booked(site, OFFER)
    await preferring(site, (60,))
    await preferring(site, (90, 30), FLEET_CONTRACT)
    await preferring(site, (), OTHER_CONTRACT)
    of_party = await booked(site, OFFER, hours(11, 12))
    of_unknown = await booked(site, OFFER, hours(12, 13), whom=ForWhom(contract_id="NL-EMS-C3"))
    of_contract = await booked(site, OFFER, hours(13, 14), whom=ForWhom(contract_id=FLEET_CONTRACT))
    of_fleet = await booked(site, OFFER, hours(14, 15), "fleet")
    of_silent = await booked(site, OFFER, hours(15, 16), "other_fleet")
    of_other = await booked(site, OFFER, hours(16, 17), "other_emsp")

    assert await minutes_of(site, before) == []
    assert await minutes_of(site, of_party) == [60]
    assert await minutes_of(site, of_unknown) == [60]
    assert await minutes_of(site, of_contract) == [90, 30]
    assert await minutes_of(site, of_fleet, "fleet") == [90, 30]
    assert await minutes_of(site, of_silent) == []
    assert await minutes_of(site, of_other, "other_emsp") == []


async def test_a_preference_that_is_given_up_leaves_it_to_the_one_for_all(site: World) -> None:
    await preferring(site, (60,))
    await preferring(site, (30,), FLEET_CONTRACT)
    await preferring(site, None, FLEET_CONTRACT)

    one = await booked(site, OFFER, whom=ForWhom(contract_id=FLEET_CONTRACT))

    assert await minutes_of(site, one) == [60]
    assert await reminders.preferences(await site.call("emsp")) == [ReminderPreference(None, (60,))]


async def test_a_fleet_prefers_for_its_own_contracts_and_sees_those_and_what_is_for_all(site: World) -> None:
    await preferring(site, (60,))
    await preferring(site, (45,), OTHER_CONTRACT)

    preferred = await reminders.prefer(await site.call("fleet"), a_key(), Preference(None, (15, 30)))
    foreign = await or_refusal(reminders.prefer(await site.call("fleet"), a_key(), Preference(OTHER_CONTRACT, ())))

    assert preferred == [ReminderPreference(None, (60,)), ReminderPreference(FLEET_CONTRACT, (30, 15))]
    assert isinstance(foreign, NotAllowed)
    assert len(await reminders.preferences(await site.call("emsp"))) == 3
    assert await reminders.preferences(await site.call("other_emsp")) == []


@pytest.mark.parametrize("minutes", [(0,), (-5,), (20_161,), (1, 2, 3, 4, 5, 6)])
async def test_reminders_that_are_too_many_or_no_time_before_are_bad_input(
    site: World, dsn: str, minutes: tuple[int, ...]
) -> None:
    one = await booked(site, OFFER)

    with pytest.raises(BadInput):
        await booked(site, OFFER, whom=reminded(*minutes))
    with pytest.raises(BadInput):
        await asked_again(site, one, *minutes)
    with pytest.raises(BadInput):
        await preferring(site, minutes)

    assert await ask(dsn, "SELECT count(*) FROM booking") == 1
    assert await ask(dsn, "SELECT count(*) FROM reminder") == 0


async def test_of_reminders_whose_moment_has_passed_when_the_booking_is_made_the_last_is_sent_at_once(
    site: World, dsn: str
) -> None:
    one = await booked(site, OFFER, whom=reminded(1440, 300, 60))

    assert await sent(site, NOW) == 1
    assert await told(dsn) == [f"{one.object_id}#300"]
    assert await to_come(dsn) == [(60, at(9))]


async def test_a_booking_that_is_asked_for_is_reminded_of_too(site: World, dsn: str) -> None:
    one = await booked(site, ASKED, whom=reminded(60))

    assert one.status is ReservationStatus.PENDING
    assert await sent(site, at(9)) == 1


async def test_a_booking_that_is_over_or_has_begun_is_reminded_of_no_more_nor_looked_at_again(
    site: World, dsn: str
) -> None:
    gone = await booked(site, OFFER, whom=reminded(60))
    await booked(site, OFFER, hours(9, 10), whom=reminded(30))
    gone_too = Cancellation(gone.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await site.call("emsp"), a_key(), gone_too)
    await sent(site, at(8))

    late = await sent(site, at(9))

    assert (late, await told(dsn), await to_come(dsn)) == (0, [], [])


async def test_changing_a_booking_moves_its_reminders_and_what_lies_ahead_again_is_sent_again(
    site: World, dsn: str
) -> None:
    one = await booked(site, OFFER, whom=reminded(180, 60))
    first = await sent(site, at(7))
    quote = await change_quoted(site, one, period=hours(12, 13), booking_location_id=OF_OTHER.id)
    quoted_only = await to_come(dsn)

    moved = await changed(site, quote)

    assert first == 1
    assert quoted_only == [(60, at(9))]
    assert moved.location_id == OTHER.id
    assert await to_come(dsn) == [(180, at(9)), (60, at(11))]
    assert await sent(site, at(9)) == 1
    assert await sent(site, at(11)) == 1
    assert await told(dsn) == [f"{one.object_id}#180", f"{one.object_id}#180", f"{one.object_id}#60"]


async def test_a_change_that_leaves_the_start_sends_nothing_again(site: World, dsn: str) -> None:
    one = await booked(site, OFFER, hours(12, 13), whom=reminded(300, 60))
    await sent(site, at(7))

    await changed(site, await change_quoted(site, one, period=hours(12, 14)))

    assert await to_come(dsn) == [(60, at(11))]
    assert await sent(site, at(7)) == 0


async def test_reminders_can_be_asked_for_anew_and_what_was_sent_stays_sent(site: World, dsn: str) -> None:
    one = await booked(site, OFFER, whom=reminded(180, 60))
    await sent(site, at(7))

    again = await asked_again(site, one, 180, 90)

    assert again == await bookings.get(await site.call("emsp"), one.object_id)
    assert await to_come(dsn) == [(90, at(8.5))]
    assert await minutes_of(site, one) == [180, 90]


async def test_asking_again_with_the_same_key_changes_nothing(site: World, dsn: str) -> None:
    one, key, call = await booked(site, OFFER), a_key(), await site.call("emsp")
    wanted = ReminderChange(one.object_id, (60,))
    await reminders.set(call, key, wanted)
    await asked_again(site, one, 30)

    await reminders.set(call, key, wanted)

    assert await to_come(dsn) == [(30, at(9.5))]


async def test_reminders_are_for_the_holder_while_the_booking_lives(site: World) -> None:
    one = await booked(site, OFFER, caller="fleet")

    for stranger in ("other_emsp", "other_fleet"):
        assert isinstance(await or_refusal(asked_again(site, one, 60, caller=stranger)), NotFound)
        assert isinstance(await or_refusal(minutes_of(site, one, stranger)), NotFound)
    for role in ("cpo", "nsp"):
        with pytest.raises(Forbidden):
            await asked_again(site, one, 60, caller=role)
    await asked_again(site, one, 60, caller="fleet")
    cancellation = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await site.call("fleet"), a_key(), cancellation)
    assert isinstance(await or_refusal(asked_again(site, one, 30, caller="fleet")), AlreadyFinal)


async def test_the_worker_sends_them_among_its_duties(site: World, dsn: str) -> None:
    one = await booked(site, OFFER, whom=reminded(60), evse_id=E1)
    await evses.report_status(await site.call("cpo"), a_key(), StatusReport(E1, Status.OUTOFORDER, None))
    site.later(at(9))

    assert await worker.due(by_worker(site))
    assert await told(dsn) == [f"{one.object_id}#60"]
