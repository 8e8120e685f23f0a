"""Booking on behalf of a provider: under which mandate, for how long, and who sees and changes what was booked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import BadInput, Forbidden, NotAllowed, NotFound, Refusal
from models.rules.booking import Booking
from models.rules.booking_filter import BookingFilter
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.mandate import Mandate
from models.rules.role import Role
from resolvers import bookings, mandates, parties
from resolvers.booking_cancel import Cancellation
from resolvers.booking_create import QuotedBooking
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import NOW, at, hours
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.resolvers.quoting import or_refusal, quoted
from tests.resolvers.requests import ask
from tests.resolvers.trips import BOOKER, OFFER, PROVIDER, granted, open_sites, revoked, token
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

FOR_PROVIDER = ForWhom(on_behalf_of=PROVIDER)
EVERYTHING = BookingFilter()
ALLOCATIONS = "SELECT count(*) FROM allocation WHERE released_at IS NULL"
GRANT = """
mutation ($input: MandateGrantInput!) {
  mandateGrant(input: $input) { __typename ... on Mandate { id emspId bookerId contractIds validUntil revokedAt } }
}
"""
REVOKE = """
mutation ($input: MandateRevokeInput!) {
  mandateRevoke(input: $input) { __typename ... on Mandate { revokedAt } ... on Problem { message } }
}
"""
CREATE = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) { __typename ... on Booking { id } ... on Problem { message } }
}
"""
LISTED = "{ mandates { edges { node { id revokedAt } } } }"


@pytest.fixture
async def site(world: World) -> World:
    """A world with chargers that can be booked all day long."""
    await open_sites(world)
    return world


async def listed(world: World, caller: str, **changes: int) -> list[Booking]:
    """Return the bookings that a caller lists."""
    page = await bookings.page(await world.call(caller), EVERYTHING, after=None, **{"first": 50, **changes})
    return [one for one, _ in page.items]


async def canceled(world: World, caller: str, one: Booking) -> Booking:
    """Return the booking that a caller canceled."""
    wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    return await bookings.cancel(await world.call(caller), a_key(), wanted)


async def test_what_is_booked_by_mandate_is_the_providers_and_both_see_it(site: World) -> None:
    await granted(site)

    direct = await booked(site, OFFER, caller="other_emsp", whom=replace(FOR_PROVIDER, tokens=(token(),)))
    quote = await quoted(site, OFFER, "other_emsp", period=hours(12, 13))
    wanted = QuotedBooking(str(quote.id), FOR_PROVIDER)
    by_quote = await bookings.create(await site.call("other_emsp"), a_key(), wanted)

    for made in (direct, by_quote):
        assert (made.emsp_id, made.booker_id) == (PROVIDER, BOOKER)
        assert made.booking_requests[0].requester_id == BOOKER
    for caller in ("emsp", "other_emsp", "cpo"):
        assert await listed(site, caller) == [direct, by_quote]
        assert await bookings.get(await site.call(caller), direct.object_id) == direct
    for caller in ("other_cpo", "fleet", "nsp"):
        assert await listed(site, caller) == []
        with pytest.raises(NotFound):
            await bookings.get(await site.call(caller), direct.object_id)


async def test_what_a_party_booked_for_itself_and_for_others_is_listed_in_one_order(site: World) -> None:
    await granted(site)
    starts = (12, 10, 16, 14)
    for number, start in enumerate(starts):
        whom = FOR_PROVIDER if number % 2 else ForWhom()
        await booked(site, OFFER, hours(start, start + 1), "other_emsp", whom=whom)
    await booked(site, OFFER, hours(18, 19))

    page = await bookings.page(await site.call("other_emsp"), EVERYTHING, first=3, after=None)
    behind = await bookings.page(await site.call("other_emsp"), EVERYTHING, first=3, after=page.items[-1][1])

    found = [one.timeslot.period.start for one, _ in (*page.items, *behind.items)]
    assert found == [at(start) for start in sorted(starts)]
    assert (page.has_next, behind.has_next) == (True, False)


async def test_without_a_mandate_nobody_books_for_another_and_a_fleet_never_does(site: World, dsn: str) -> None:
    await granted(site)

    asked = [
        booked(site, OFFER, caller="emsp", whom=ForWhom(on_behalf_of=BOOKER)),
        booked(site, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*NONE")),
        booked(site, OFFER, caller="fleet", whom=ForWhom(on_behalf_of=BOOKER)),
        booked(site, OFFER, caller="fleet", whom=FOR_PROVIDER),
    ]
    came = [await or_refusal(one) for one in asked]

    assert [type(one) for one in came] == [NotAllowed] * 4
    assert await ask(dsn, ALLOCATIONS) == 0


async def test_a_mandate_for_contracts_is_for_bookings_that_name_one_of_them(site: World) -> None:
    await granted(site, contract_ids=("C1", "C2"))

    async def book_under(*contracts: str) -> Booking | Refusal:
        tokens = tuple(token(one, f"uid of {one}") for one in contracts)
        asked = booked(site, OFFER, caller="other_emsp", whom=replace(FOR_PROVIDER, tokens=tokens))
        return await or_refusal(asked)

    assert isinstance(await book_under(), NotAllowed)
    assert isinstance(await book_under("C1", "C3"), NotAllowed)
    made = await book_under("C1", "C2")
    assert isinstance(made, Booking)
    assert made.contract_ids == ("C1", "C2")


async def test_the_tokens_are_the_providers_and_not_the_bookers(site: World) -> None:
    await granted(site)

    with pytest.raises(NotAllowed):
        await booked(site, OFFER, caller="other_emsp", whom=replace(FOR_PROVIDER, tokens=(token(provider=BOOKER),)))


async def test_the_fleet_of_the_contract_sees_what_was_booked_for_it(site: World) -> None:
    await granted(site)
    whom = replace(FOR_PROVIDER, contract_id=FLEET_CONTRACT)

    made = await booked(site, OFFER, caller="other_emsp", whom=whom)

    assert await listed(site, "fleet") == [made]
    assert (await canceled(site, "fleet", made)).status is ReservationStatus.CANCELED


async def test_a_mandate_ends_by_its_time_by_revocation_and_by_another_in_its_place(site: World) -> None:
    first = await granted(site, valid_until=at(8))
    second = await granted(site, contract_ids=("C1",))
    third = await granted(site, valid_until=at(9))
    site.later(at(9))
    with pytest.raises(NotAllowed):
        await booked(site, OFFER, caller="other_emsp", whom=FOR_PROVIDER)
    fourth = await granted(site)
    await booked(site, OFFER, caller="other_emsp", whom=FOR_PROVIDER)
    ended = await revoked(site, fourth)
    with pytest.raises(NotAllowed):
        await booked(site, OFFER, hours(12, 13), "other_emsp", whom=FOR_PROVIDER)

    assert ended == replace(fourth, revoked_at=at(9)) == await revoked(site, fourth)
    known = {one.id: one.revoked_at for one in await both_lists(site)}
    assert known == {first.id: NOW, second.id: NOW, third.id: at(9), fourth.id: at(9)}


async def both_lists(world: World) -> list[Mandate]:
    """Return the mandates that provider and booker list alike, read in pages of one."""
    found: list[list[Mandate]] = []
    for caller in ("emsp", "other_emsp"):
        mine: list[Mandate] = []
        after: tuple[str, ...] | None = None
        while True:
            page = await mandates.page(await world.call(caller), first=1, after=after)
            mine += [one for one, _ in page.items]
            if not page.has_next:
                break
            after = page.items[-1][1]
        found.append(mine)
    assert found[0] == found[1]
    return found[0]


async def test_a_booker_changes_and_cancels_what_it_made_but_not_what_the_provider_made(site: World) -> None:
    await granted(site)
    made = await booked(site, OFFER, caller="other_emsp", whom=FOR_PROVIDER)
    of_provider = await booked(site, OFFER, hours(16, 17))

    later = await changed(
        site, await change_quoted(site, made, "other_emsp", period=hours(12, 13)), "other_emsp", tokens=(token(),)
    )
    ended = await canceled(site, "other_emsp", later)

    assert (later.emsp_id, later.booker_id, later.timeslot.period) == (PROVIDER, BOOKER, hours(12, 13))
    assert ended.status is ReservationStatus.CANCELED
    with pytest.raises(NotFound):
        await canceled(site, "other_emsp", of_provider)


async def test_a_booker_gives_a_booking_only_tokens_that_its_mandate_covers(site: World) -> None:
    await granted(site, contract_ids=("C1",))
    whom = replace(FOR_PROVIDER, contract_id="C1")
    made = await booked(site, OFFER, caller="other_emsp", whom=whom)
    quote = await change_quoted(site, made, "other_emsp", period=hours(12, 13))

    with pytest.raises(NotAllowed):
        await changed(site, quote, "other_emsp", tokens=(token("C2"),))
    assert (await changed(site, quote, "other_emsp", tokens=(token("C1"),))).contract_ids == ("C1",)


async def test_a_mandate_is_for_another_provider_that_is_known_and_ends_in_the_future(site: World) -> None:
    with pytest.raises(NotFound):
        await granted(site, booker_id="NL*NON")
    with pytest.raises(NotAllowed):
        await granted(site, booker_id="NL*ABC")
    with pytest.raises(BadInput):
        await granted(site, booker_id="nl*ems")
    with pytest.raises(BadInput):
        await granted(site, valid_until=NOW)
    with pytest.raises(Forbidden):
        await granted(site, caller="fleet")


async def test_only_who_gave_a_mandate_ends_it_and_only_who_has_part_in_it_knows_it(site: World) -> None:
    mandate = await granted(site)

    with pytest.raises(NotAllowed):
        await revoked(site, mandate, "other_emsp")
    await a_third_provider(site)
    with pytest.raises(NotFound):
        await revoked(site, mandate, "third_emsp")
    assert (await mandates.page(await site.call("third_emsp"), first=50, after=None)).items == []


async def a_third_provider(world: World) -> None:
    """Add a provider that has part in no mandate, as the caller `third_emsp`."""
    name = await parties.create(world.database, "FR", "TRD", "third", [Role.EMSP], NOW)
    world.secrets["third_emsp"] = await parties.create_token(world.database, name, Role.EMSP, NOW)


async def test_a_mandate_is_given_used_listed_and_ended_by_graphql(site: World) -> None:
    until = (NOW + timedelta(days=1)).isoformat()
    wanted = {"idempotencyKey": a_key(), "bookerId": "de*emo", "contractIds": ["C1"], "validUntil": until}
    made = (await site.execute("emsp", GRANT, input=wanted)).data["mandateGrant"]
    again = (await site.execute("emsp", GRANT, input=wanted)).data["mandateGrant"]
    period = {"startDateTime": at(10).isoformat(), "endDateTime": at(11).isoformat()}
    booking = {
        "idempotencyKey": a_key(),
        "bookingLocationId": OFFER.id,
        "period": period,
        "onBehalfOf": "nl*ems",
        "contractId": "C1",
        "reminders": [60],
    }
    booked_for = (await site.execute("other_emsp", CREATE, input=booking)).data["bookingCreate"]
    ending = {"idempotencyKey": a_key(), "mandateId": made["id"]}
    refused = (await site.execute("other_emsp", REVOKE, input=ending)).data["mandateRevoke"]
    ended = (await site.execute("emsp", REVOKE, input=ending)).data["mandateRevoke"]
    known = (await site.execute("other_emsp", LISTED)).data["mandates"]["edges"]

    assert made == again
    assert (made["emspId"], made["bookerId"], made["contractIds"]) == (PROVIDER, BOOKER, ["C1"])
    assert booked_for["__typename"] == "Booking"
    assert refused["__typename"] == "NotAllowed"
    assert [one["node"] for one in known] == [{"id": made["id"], "revokedAt": ended["revokedAt"]}]
    assert ended["revokedAt"] is not None
