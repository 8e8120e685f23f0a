"""Warnings in a session (BUC 3.5, 3.6): as its holder wishes or else before the end, each once, moved with it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.charging_errors import SessionOver
from models.db import Connection
from models.errors import AlreadyFinal, BadInput, Forbidden, NotAllowed, NotFound
from models.queries import sessions as stored_sessions
from models.rules.booking_state import CanceledReason
from models.rules.fault import Severity
from models.rules.location import Status
from models.rules.parties import Parties
from models.rules.session import Session, StopReason
from models.rules.session_alert import AlertKind, AlertWish, SessionAlert
from resolvers import bookings, evses, session_alert_wishes, session_alerts
from resolvers.booking_cancel import Cancellation
from resolvers.evses import FaultReport, StatusReport
from resolvers.for_whom import ForWhom
from server import worker
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.lifecycle import E1, E2, booked
from tests.resolvers.quoting import or_refusal, quoted
from tests.resolvers.reminding import by_worker
from tests.resolvers.trips import moved
from tests.resolvers.warning import begun, charged, stopped, to_come, told, walked_up, warned, wished
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
ENDING, OVER, TARGET = "SLOT_ENDING", "NO_LONGER_ALLOWED", "TARGET_REACHED"


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers."""
    await world.publish(SITE, OFFER)
    return world


async def charging(world: World, caller: str = "emsp", **changes: Any) -> Session:
    """Book E1 from ten to eleven, and begin to charge at ten."""
    one = await booked(world, OFFER, caller=caller, evse_id=E1, **changes)
    world.later(at(10))
    return await begun(world, one)


async def report(world: World, severity: Severity | None, evse_id: str = E1) -> None:
    """Report the state of a charger: a fault of that severity, or none."""
    fault = None if severity is None else FaultReport("E042", severity, None, None)
    status = Status.AVAILABLE if severity is None else Status.OUTOFORDER
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport(evse_id, status, fault))


def names(one: Session, *warnings: tuple[str, int]) -> list[str]:
    return [f"{one.object_id}#{kind}#{minutes}" for kind, minutes in warnings]


async def test_who_never_wished_is_warned_a_quarter_before_the_end_and_at_it_each_once(site: World, dsn: str) -> None:
    one = await charging(site)

    rounds = [await warned(site, at(hour)) for hour in (10, 10.74, 10.75, 10.76, 11, 11.1)]

    assert rounds == [0, 0, 1, 0, 1, 0]
    assert await told(dsn) == names(one, (ENDING, 15), (OVER, 0))
    assert await run(dsn, "SELECT location_id, party_id, at FROM event WHERE kind = 'SESSION_ALERT' ORDER BY at") == [
        (SITE.id, "NL*EMS", at(10.75)),
        (SITE.id, "NL*EMS", at(11)),
    ]


async def test_what_is_wished_before_the_session_begins_holds_in_it_and_the_target_is_shown(
    site: World, dsn: str
) -> None:
    booking = await booked(site, OFFER, evse_id=E1)
    before = await wished(site, booking, 5, 30, 5, target_state_of_charge=80, minutes_before_target=(10,))
    site.later(at(10))
    one = await begun(site, booking)
    after = await session_alert_wishes.of(await site.call("emsp"), booking.object_id, None)

    wish = AlertWish((30, 5), 80, (10,))
    assert (before.booking_id, before.session, before.wish, before.alerts) == (booking.object_id, None, wish, [])
    assert one.target_state_of_charge == 80
    assert after.session == one
    assert after.alerts == [
        SessionAlert(AlertKind.SLOT_ENDING, 30, at(10.5)),
        SessionAlert(AlertKind.SLOT_ENDING, 5, at(10) + timedelta(minutes=55)),
        SessionAlert(AlertKind.NO_LONGER_ALLOWED, 0, at(11)),
        SessionAlert(AlertKind.TARGET_REACHED, 10, None),
    ]


async def test_whoever_wishes_no_warning_is_told_only_that_it_is_over(site: World, dsn: str) -> None:
    booking = await booked(site, OFFER, evse_id=E1)
    await wished(site, booking)
    site.later(at(10))
    await begun(site, booking)

    assert await to_come(dsn) == [(OVER, 0, at(11))]


async def test_a_wish_while_the_session_goes_on_holds_at_once_and_what_was_sent_stays_sent(
    site: World, dsn: str
) -> None:
    one = await charging(site)
    await warned(site, at(10.75))

    found = await wished(site, one, 15, 10, 20, target_state_of_charge=90)

    assert found.session is not None
    assert found.session.target_state_of_charge == 90
    assert await warned(site, at(10.75)) == 1
    assert await to_come(dsn) == [(ENDING, 10, at(10) + timedelta(minutes=50)), (OVER, 0, at(11))]
    assert await told(dsn) == names(one, (ENDING, 15), (ENDING, 20))


async def test_a_target_is_warned_of_by_what_the_station_shares_however_that_moves_and_once(
    site: World, dsn: str
) -> None:
    one = await charging(site)
    await wished(site, one, target_state_of_charge=80, minutes_before_target=(10,))
    due = []
    for minute, percent in ((0, None), (1, 40), (6, 45), (11, 55), (16, 60)):
        site.later(at(10 + minute / 60))
        await charged(site, one, state_of_charge=percent)
        due.append([row[2] for row in await to_come(dsn) if row[0] == TARGET])

    minutes = (None, None, 31, 11 + 25 * 10 / 15 - 10, 16 + 20 * 10 / 15 - 10)
    assert due == [[one and at(10) + timedelta(minutes=one)] for one in minutes]
    assert [await warned(site, at(10 + minute / 60)) for minute in (19, 20, 25)] == [0, 1, 0]
    await charged(site, one, state_of_charge=61)
    await charged(site, one, state_of_charge=85)
    assert await warned(site, at(10.6)) == 0
    assert await told(dsn) == names(one, (TARGET, 10))


async def test_a_target_that_is_reached_unforeseen_is_told_once(site: World, dsn: str) -> None:
    one = await charging(site)
    await wished(site, one, target_state_of_charge=80, minutes_before_target=(10, 5))

    await charged(site, one, state_of_charge=85)

    assert await warned(site, at(10)) == 1
    assert await told(dsn) == names(one, (TARGET, 5))


async def test_without_a_state_of_charge_no_target_is_warned_of(site: World, dsn: str) -> None:
    one = await charging(site)
    await wished(site, one, target_state_of_charge=80, minutes_before_target=(10,))
    for minute in range(5):
        site.later(at(10 + minute / 10))
        await charged(site, one)

    assert await warned(site, at(10.99)) == 0
    assert await to_come(dsn) == [(OVER, 0, at(11)), (TARGET, 10, None)]


async def test_another_target_while_the_session_goes_on_is_told_of_with_the_session(site: World, dsn: str) -> None:
    one = await charging(site)
    changes = "SELECT count(*) FROM event WHERE kind = 'SESSION_CHANGED'"
    before = await run(dsn, changes)

    await wished(site, one, 15, target_state_of_charge=90)
    await wished(site, one, 10, target_state_of_charge=90)
    found = await wished(site, one, 10)

    assert found.session is not None
    assert found.session.target_state_of_charge is None
    assert (before, await run(dsn, changes)) == ([(1,)], [(3,)])


async def test_of_warnings_whose_moment_has_passed_at_the_start_the_last_is_sent_at_once(
    site: World, dsn: str
) -> None:
    booking = await booked(site, OFFER, evse_id=E1)
    await wished(site, booking, 60, 55, 5)
    site.later(at(10.2))
    one = await begun(site, booking)

    assert await warned(site, at(10.2)) == 1
    assert await told(dsn) == names(one, (ENDING, 55))


async def test_a_warning_of_an_end_that_has_passed_before_any_worker_came_is_not_sent(site: World, dsn: str) -> None:
    one = await charging(site)

    assert await warned(site, at(11)) == 1
    assert await told(dsn) == names(one, (OVER, 0))
    assert await to_come(dsn) == []


@pytest.mark.parametrize("reason", [StopReason.DRIVER, StopReason.CHARGER_FAULT])
async def test_a_session_that_is_over_warns_of_nothing_more(site: World, dsn: str, reason: StopReason) -> None:
    one = await charging(site)
    site.later(at(10.5))
    await stopped(site, one, reason)

    assert await to_come(dsn) == []
    assert await warned(site, at(11)) == 0


async def test_a_use_without_a_booking_is_warned_when_something_limits_it(site: World, dsn: str) -> None:
    one = await walked_up(site, slot_end=None, allowed_until=None)
    unlimited = await to_come(dsn)
    limited = await walked_up(site, slot_end=None, allowed_until=at(12), evse_id=E2)
    await wished(site, limited, 30)

    assert unlimited == [(OVER, 0, None), (ENDING, 15, None)]
    assert await warned(site, at(11.5)) == 1
    assert await warned(site, at(12)) == 1
    assert await told(dsn) == names(limited, (ENDING, 30), (OVER, 0))
    assert one.object_id != limited.object_id


async def test_an_end_that_moves_moves_its_warnings_and_is_told_of_again(site: World, dsn: str) -> None:
    one = await walked_up(site, slot_end=None, allowed_until=at(11))
    await warned(site, at(11))

    async def longer(connection: Connection) -> None:
        old = await stored_sessions.locked(connection, one.location_id, one.id)
        assert old is not None
        new = replace(old, allowed_until=at(13))
        await stored_sessions.put(connection, old, new)
        await session_alerts.moved(await site.call("cpo"), connection, new)

    await site.database.write(longer)

    assert await to_come(dsn) == [(ENDING, 15, at(12.75)), (OVER, 0, at(13))]
    assert [await warned(site, at(hour)) for hour in (12.75, 13)] == [1, 1]
    assert await told(dsn) == names(one, (OVER, 0), (ENDING, 15), (OVER, 0))


async def test_a_fault_is_told_to_whoever_charges_there_when_it_is_opened_or_gets_worse(
    site: World, dsn: str
) -> None:
    one = await charging(site)
    heard = []
    for severity in (Severity.WARNING, Severity.WARNING, Severity.OUT_OF_USE, Severity.DEGRADED, None, None):
        await report(site, severity)
        heard.append(len(await told(dsn)))
    await report(site, Severity.OUT_OF_USE, E2)

    assert heard == [1, 1, 2, 2, 2, 2]
    assert await told(dsn) == names(one, ("CHARGER_FAULT", 0)) * 2


async def test_a_fault_where_nobody_charges_is_told_to_nobody(site: World, dsn: str) -> None:
    one = await charging(site)
    await stopped(site, one)

    await report(site, Severity.OUT_OF_USE)

    assert await told(dsn) == []


@pytest.mark.parametrize(
    "wish",
    [
        AlertWish((0,)),
        AlertWish((241,)),
        AlertWish((1, 2, 3, 4, 5, 6)),
        AlertWish((), None, (5,)),
        AlertWish((), 0),
        AlertWish((), 101),
        AlertWish((), 80, (0,)),
        AlertWish((), 80, (1, 2, 3, 4, 5, 6)),
    ],
    ids=str,
)
async def test_a_wish_that_cannot_be_is_bad_input(site: World, dsn: str, wish: AlertWish) -> None:
    one = await charging(site)

    with pytest.raises(BadInput):
        await wished(site, one, *wish.minutes_before_end, **target_of(wish))

    assert await run(dsn, "SELECT count(*) FROM alert_wish") == [(0,)]


def target_of(wish: AlertWish) -> dict[str, Any]:
    return {
        "target_state_of_charge": wish.target_state_of_charge,
        "minutes_before_target": wish.minutes_before_target,
    }


async def test_a_wish_is_about_a_booking_or_a_session_and_not_both_or_none(site: World) -> None:
    call = await site.call("emsp")
    for booking_id, session_id in ((None, None), ("NL*ABC*1", "NL*ABC*1")):
        with pytest.raises(BadInput):
            await session_alert_wishes.of(call, booking_id, session_id)
        wanted = session_alert_wishes.WantedAlerts(booking_id, session_id, AlertWish())
        with pytest.raises(BadInput):
            await session_alert_wishes.set(call, a_key(), wanted)


async def test_warnings_are_for_the_holder_alone(site: World) -> None:
    booking = await booked(site, OFFER, caller="fleet", evse_id=E1)
    site.later(at(10))
    one = await begun(site, booking)

    for stranger in ("other_emsp", "other_fleet"):
        for held in (booking, one):
            assert isinstance(await or_refusal(wished(site, held, 5, caller=stranger)), NotFound)
    for role in ("cpo", "nsp"):
        with pytest.raises(Forbidden):
            await wished(site, one, 5, caller=role)
    for unknown in ("NL*ABC*1", "NL*ABC*7e57ab1e-0000-4000-8000-000000000000", "x", ""):
        call = await site.call("emsp")
        assert isinstance(await or_refusal(session_alert_wishes.of(call, None, unknown)), NotFound)
        wanted = session_alert_wishes.WantedAlerts(None, unknown, AlertWish())
        assert isinstance(await or_refusal(session_alert_wishes.set(call, a_key(), wanted)), NotFound)
    assert (await wished(site, booking, 5, caller="fleet")).session == one
    assert (await wished(site, one, 7, caller="emsp")).wish == AlertWish((7,))


async def test_a_fleet_wishes_only_for_what_is_all_under_its_contracts(site: World) -> None:
    both = (FLEET_CONTRACT, OTHER_CONTRACT)
    one = await walked_up(site, parties=Parties("NL*ABC", "NL*EMS", None, both))

    assert isinstance(await or_refusal(wished(site, one, 5, caller="fleet")), NotAllowed)
    assert (await wished(site, one, 5)).wish == AlertWish((5,))


async def test_what_is_over_is_warned_of_no_more(site: World) -> None:
    canceled = await booked(site, OFFER, hours(12, 13), evse_id=E1)
    cancellation = Cancellation(canceled.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await site.call("emsp"), a_key(), cancellation)
    booking = await booked(site, OFFER, evse_id=E1)
    site.later(at(10))
    one = await begun(site, booking)
    site.later(at(10.5))
    await stopped(site, one)

    assert isinstance(await or_refusal(wished(site, canceled, 5)), AlreadyFinal)
    assert isinstance(await or_refusal(wished(site, booking, 5)), AlreadyFinal)
    assert isinstance(await or_refusal(wished(site, one, 5)), SessionOver)


async def test_a_booking_that_a_fault_interrupted_keeps_its_wish_for_the_next_session(site: World, dsn: str) -> None:
    booking = await booked(site, OFFER, evse_id=E1)
    site.later(at(10))
    one = await begun(site, booking)
    await wished(site, one, 10)
    site.later(at(10.25))
    await stopped(site, one, StopReason.CHARGER_FAULT)
    await wished(site, booking, 12)
    site.later(at(10.5))

    again = await begun(site, booking)

    assert again.id != one.id
    assert await to_come(dsn) == [(ENDING, 12, at(10.8)), (OVER, 0, at(11))]


async def test_a_wish_holds_of_the_booking_that_took_the_place_of_its_own_until_it_is_said_anew(site: World) -> None:
    one = await booked(site, OFFER, evse_id=E1)
    await wished(site, one, 20)
    new = await moved(site, one, await quoted(site, OFFER, period=hours(12, 13)))
    newer = await moved(site, new, await quoted(site, OFFER, period=hours(14, 15)))
    call = await site.call("emsp")

    before = (await session_alert_wishes.of(call, newer.object_id, None)).wish
    await wished(site, newer, 5)

    assert before == AlertWish((20,))
    assert (await session_alert_wishes.of(call, newer.object_id, None)).wish == AlertWish((5,))
    assert (await session_alert_wishes.of(call, new.object_id, None)).wish == AlertWish((20,))


async def test_asking_again_with_the_same_key_changes_nothing(site: World, dsn: str) -> None:
    one, key, call = await charging(site), a_key(), await site.call("emsp")
    wanted = session_alert_wishes.WantedAlerts(None, one.object_id, AlertWish((20,)))
    await session_alert_wishes.set(call, key, wanted)
    await wished(site, one, 10)

    again = await session_alert_wishes.set(call, key, wanted)

    assert again.wish == AlertWish((10,))


async def test_the_worker_sends_them_among_its_duties(site: World, dsn: str) -> None:
    one = await charging(site, whom=ForWhom(reminders=()))
    site.later(at(10.75))

    assert await worker.due(by_worker(site))
    assert await told(dsn) == names(one, (ENDING, 15))
