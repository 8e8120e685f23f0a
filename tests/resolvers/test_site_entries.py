"""Vehicles at the gates of Locations: who is let in, and what is kept of that (BUC 3.12)."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from models.db import connected
from models.errors import BadInput, Forbidden, IdempotencyConflict, NotAllowed, NotFound
from models.rules.booking_location import AccessMethod
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.site_entry import EntryMethod, EntryRefusal
from models.rules.token import TokenType
from resolvers import bookings, site_entries
from resolvers.booking_cancel import Cancellation
from resolvers.call import Call
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant, MandateToRevoke, grant, revoke
from resolvers.site_entry_authorizing import Attempt
from server import worker
from tests.factories.catalogue import TERMS, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.gates import (
    AT_ELSEWHERE,
    CARD,
    ELSEWHERE,
    FAILED,
    HIDDEN,
    KEPT,
    MINUTE,
    SITE,
    TO_CONFIRM,
    TOLD,
    enter,
    expected,
    open_sites,
    ways,
    why,
)
from tests.resolvers.lifecycle import change_quoted, changed
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """Sites of two operators."""
    await open_sites(world)


async def test_a_vehicle_is_let_in_by_its_plate_its_code_its_card_and_its_reference(world: World) -> None:
    one = await expected(world)
    world.later(at(9.75))

    for number, by in enumerate(ways(one)):
        answered = await enter(world, gate="North", **by)

        assert (answered.booking, answered.from_) == (
            await bookings.get(await world.call("cpo"), one.object_id),
            None,
        )
        entry = answered.entry
        assert (entry.reason, entry.booking_id, entry.gate, entry.at) == (None, one.id, "North", at(9.75))
        assert entry.method is list(EntryMethod)[number]


async def test_it_is_not_let_in_before_its_time_and_told_when(world: World) -> None:
    one = await expected(world)
    world.later(at(9.5) - MINUTE)

    for by in ways(one):
        answered = await enter(world, **by)

        assert (answered.entry.reason, answered.from_, answered.booking) == (EntryRefusal.TOO_EARLY, at(9.5), None)


async def test_nor_after_it(world: World) -> None:
    one = await expected(world)
    world.later(at(10.5))

    assert [await why(world, **by) for by in ways(one)] == [EntryRefusal.TOO_LATE] * 4
    await worker.due(Call(None, world.now, world.database, world.catalogue))
    assert [await why(world, **by) for by in ways(one)] == [EntryRefusal.TOO_LATE] * 4


async def test_a_booking_that_was_canceled_or_waits_for_its_operator_opens_nothing(world: World) -> None:
    gone, waits = await expected(world), await expected(world, TO_CONFIRM, whom=ForWhom(license_plate="Z-1"))
    await bookings.cancel(await world.call("emsp"), a_key(), Cancellation(gone.object_id, CanceledReason.TRAFFIC))
    world.later(at(6.25))

    assert waits.status is ReservationStatus.PENDING
    assert await why(world, access_code=gone.access_code) is EntryRefusal.BOOKING_OVER
    assert await why(world, license_plate="Z1") is EntryRefusal.BOOKING_PENDING


async def test_a_booking_of_another_site_opens_nothing_here_and_its_reference_counts_as_wrong(
    world: World, dsn: str
) -> None:
    one = await expected(world, AT_ELSEWHERE)
    world.later(at(9.75))

    assert [await why(world, **by) for by in ways(one)] == [EntryRefusal.NO_BOOKING] * 4
    assert await ask(dsn, FAILED) == 2
    assert await ask(dsn, "SELECT count(*) FROM site_entry WHERE booking_id IS NOT NULL OR emsp_id IS NOT NULL") == 0


async def test_a_reference_that_a_change_replaced_says_so(world: World) -> None:
    one = await expected(world)
    later = await changed(world, await change_quoted(world, one, period=hours(10.25, 11.25)))
    world.later(at(9.75))

    assert await why(world, reference=one.reference) is EntryRefusal.REFERENCE_REPLACED
    assert await why(world, reference=later.reference) is None


async def test_the_ways_are_those_that_the_terms_name(world: World) -> None:
    codes = an_offer(SITE, "CODES", terms=replace(TERMS, supported_access_methods=(AccessMethod.ACCESS_CODE,)))
    await world.publish(codes)
    one = await expected(world, codes)
    world.later(at(9.75))

    refused = EntryRefusal.METHOD_NOT_ACCEPTED
    assert [await why(world, **by) for by in ways(one)] == [refused, None, refused, refused]


async def test_a_card_that_its_provider_blocked_opens_nothing(world: World, dsn: str) -> None:
    await expected(world)
    await published(world, a_token(CARD.uid))
    await world.database.write(lambda connection: connection.execute("UPDATE token SET valid = false"))
    world.later(at(9.75))

    assert await why(world, uid=CARD.uid, type=TokenType.RFID) is EntryRefusal.TOKEN_BLOCKED


async def test_any_card_of_the_provider_opens_for_a_booking_that_names_none(world: World) -> None:
    one = await expected(world, whom=ForWhom())
    await published(world, a_token("04FFFFFF"))
    world.later(at(9.75))

    known = await enter(world, uid="04ffffff", type=TokenType.RFID)
    unknown = await enter(world, uid="04EEEEEE", type=TokenType.RFID)

    assert known.entry.booking_id == one.id
    assert unknown.entry.reason is EntryRefusal.NO_BOOKING


async def test_two_plates_that_look_alike_are_both_let_in_each_by_its_own_booking(world: World) -> None:
    zero = await expected(world, whom=ForWhom(license_plate="H0-10"))
    letter = await expected(world, whom=ForWhom(license_plate="HO-I0"))
    world.later(at(9.75))

    assert (await enter(world, license_plate="h0 10")).entry.booking_id == zero.id
    assert (await enter(world, license_plate="ho i0")).entry.booking_id == letter.id


async def test_who_is_let_in_is_told_the_charger_once(world: World, dsn: str) -> None:
    one = await expected(world)
    world.later(at(9.75))
    assert one.reveal_due_at == at(10)

    entered = [await enter(world, license_plate="12ABC3") for _ in range(2)]
    await worker.due(Call(None, world.now, world.database, world.catalogue))

    now = await bookings.get(await world.call("emsp"), one.object_id)
    assert (now.evse_revealed_at, now.reveal_due_at, now.last_updated) == (at(9.75), None, at(9.75))
    assert [each.booking for each in entered] == [now, now]
    assert await ask(dsn, TOLD, one.object_id) == 2, "one of the booking, one of its charger"


async def test_who_is_not_let_in_is_told_no_charger(world: World) -> None:
    one = await expected(world)
    world.later(at(9.25))

    await enter(world, license_plate="12ABC3")

    assert (await bookings.get(await world.call("emsp"), one.object_id)).reveal_due_at == at(10)


async def test_only_the_operator_of_a_site_asks_at_its_gate(world: World, dsn: str) -> None:
    for caller in ("emsp", "fleet", "nsp"):
        with pytest.raises(Forbidden):
            await enter(world, caller=caller, license_plate="X")
    with pytest.raises(NotAllowed):
        await enter(world, caller="other_cpo", license_plate="X")
    for location_id in (HIDDEN.id, "NL*ABC*NONE"):
        with pytest.raises(NotFound):
            await enter(world, location_id=location_id, license_plate="X")

    assert (await enter(world, location_id=SITE.id.lower(), license_plate="X")).entry.location_id == SITE.id
    assert await ask(dsn, KEPT) == 1


@pytest.mark.parametrize(
    "by",
    [
        {},
        {"license_plate": "X", "access_code": "1"},
        {"uid": "04", "type": TokenType.RFID, "reference": "1"},
        {"license_plate": " - "},
    ],
)
async def test_exactly_one_thing_is_presented(world: World, by: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        await enter(world, **by)


async def test_what_is_sent_again_is_answered_as_before_whatever_happened_since(world: World, dsn: str) -> None:
    one = await expected(world)
    early, admitted = a_key(), a_key()
    world.later(at(9))
    first = await enter(world, early, license_plate="12ABC3")
    world.later(at(9.75))
    second = await enter(world, admitted, license_plate="12ABC3")

    assert await enter(world, early, license_plate="12ABC3") == first
    assert await enter(world, admitted, license_plate="12ABC3") == second
    assert (first.from_, second.entry.booking_id) == (at(9.5), one.id)
    assert await ask(dsn, KEPT) == 2
    with pytest.raises(IdempotencyConflict):
        await enter(world, early, license_plate="12ABC4")


async def test_nothing_that_was_presented_is_kept(world: World, dsn: str) -> None:
    await enter(world, license_plate="SECRET1")
    await enter(world, access_code="SECRET2")
    await enter(world, uid="SECRET3", type=TokenType.RFID)
    await enter(world, reference="SECRET4")

    for table in ("site_entry", "failed_attempt", "idempotency", "event"):
        assert await ask(dsn, f"SELECT count(*) FROM {table} one WHERE one::text ILIKE '%secret%'") == 0
    assert await ask(dsn, KEPT) == 4


async def test_a_vehicle_that_asks_at_two_gates_at_one_moment_is_told_its_charger_once(
    world: World, dsn: str
) -> None:
    one = await expected(world)
    world.later(at(9.75))

    async with connected(dsn, connections=10) as database:
        call = replace(await world.call("cpo"), database=database)
        wanted = [Attempt(SITE.id, str(number), license_plate="12ABC3") for number in range(10)]
        came = await asyncio.gather(*(site_entries.authorize(call, a_key(), each) for each in wanted))

    assert {each.entry.reason for each in came} == {None}
    assert await ask(dsn, TOLD, one.object_id) == 2


async def test_a_booking_that_is_canceled_at_that_moment_admits_or_does_not(world: World, dsn: str) -> None:
    one = await expected(world)
    world.later(at(9.75))
    cancellation = Cancellation(one.object_id, CanceledReason.FULL)

    entered, gone = await asyncio.gather(
        enter(world, license_plate="12ABC3"),
        bookings.cancel(await world.call("cpo"), a_key(), cancellation),
    )

    assert gone.status is ReservationStatus.CANCELED
    assert entered.entry.reason in (None, EntryRefusal.BOOKING_OVER)
    assert await why(world, license_plate="12ABC3") is EntryRefusal.BOOKING_OVER


async def seen(world: World, caller: str, **wanted: Any) -> list[tuple[str | None, EntryRefusal | None]]:
    """Return the gate and the reason of the entries that a caller sees."""
    given: dict[str, Any] = {"booking_id": None, "location_id": None, "first": 50, "after": None, **wanted}
    found = await site_entries.page(await world.call(caller), **given)
    return [(one.gate, one.reason) for one, _ in found.items]


async def test_entries_are_seen_by_whom_they_concern(world: World) -> None:
    own = await expected(world)
    other = await expected(world, period=hours(10, 11), caller="other_emsp", whom=ForWhom(license_plate="OTHER"))
    world.later(at(9.75))
    for number, (gate, plate) in enumerate([("own", "12ABC3"), ("other", "OTHER"), ("nobody", "X"), ("there", "X")]):
        world.later(at(9.75) + number * MINUTE)
        await enter(world, gate=gate, license_plate=plate, location_id=ELSEWHERE.id if gate == "there" else SITE.id)

    none = EntryRefusal.NO_BOOKING
    assert await seen(world, "cpo") == [("own", None), ("other", None), ("nobody", none), ("there", none)]
    assert await seen(world, "cpo", location_id=ELSEWHERE.id.lower()) == [("there", none)]
    assert await seen(world, "cpo", booking_id=other.object_id) == [("other", None)]
    assert await seen(world, "emsp") == await seen(world, "fleet") == [("own", None)]
    assert await seen(world, "emsp", booking_id=own.object_id) == [("own", None)]
    assert await seen(world, "emsp", booking_id=other.object_id) == []
    assert await seen(world, "other_emsp") == [("other", None)]
    for caller in ("other_cpo", "other_fleet", "nsp", "nap"):
        assert await seen(world, caller) == []
    assert await seen(world, "cpo", booking_id="NL*ABC*NONE") == []


async def test_a_booker_sees_them_while_it_has_its_mandate(world: World) -> None:
    mandate = await grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    whom = ForWhom(license_plate="BOOKER", on_behalf_of="NL*EMS")
    await expected(world, caller="other_emsp", whom=whom)
    world.later(at(9.75))
    await enter(world, license_plate="BOOKER")

    assert await seen(world, "other_emsp") == [(None, None)]
    await revoke(await world.call("emsp"), a_key(), MandateToRevoke(str(mandate.id)))
    assert await seen(world, "other_emsp") == []
    assert await seen(world, "emsp") == [(None, None)]


async def test_pages_follow_each_other_without_gap_or_repeat(world: World) -> None:
    for number in range(5):
        world.later(at(9) + number // 2 * MINUTE)
        await enter(world, gate=str(number), license_plate="X")
    call = await world.call("cpo")
    after: tuple[str, ...] | None = None
    pages: list[list[str | None]] = []
    more = True

    while more:
        page = await site_entries.page(call, booking_id=None, location_id=None, first=2, after=after)
        pages.append([one.gate for one, _ in page.items])
        after, more = page.items[-1][1], page.has_next

    assert [len(one) for one in pages] == [2, 2, 1]
    assert sorted(str(gate) for one in pages for gate in one) == ["0", "1", "2", "3", "4"]
