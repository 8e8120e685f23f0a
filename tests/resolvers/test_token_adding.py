"""Tokens that are added to a booking: what changes with them, until when, and whose they are."""

from datetime import datetime

import pytest

from models.errors import AlreadyFinal, BadInput, NotAllowed, NotFound
from models.rules.booking import Booking, BookingToken
from models.rules.booking_location import Confirmation
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from resolvers import bookings
from resolvers.booking_cancel import Cancellation
from resolvers.for_whom import MOST_TOKENS, ForWhom
from resolvers.token_adding import TokensToAdd
from tests.factories.catalogue import an_offer, at, hours
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.resolvers.requests import ask
from tests.resolvers.trips import BOOKER, HERE, OFFER, PROVIDER, granted, open_sites, revoked, token
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

TOLD = "SELECT count(*) FROM event WHERE kind = 'BOOKING_CHANGED'"
ADD = """
mutation ($input: BookingTokensAddInput!) {
  bookingTokensAdd(input: $input) {
    __typename ... on Booking { reference revision contractIds tokens { uid } } ... on Problem { message }
  }
}
"""


@pytest.fixture
async def site(world: World) -> World:
    """A world with chargers that can be booked all day long."""
    await open_sites(world)
    return world


async def added(
    world: World, one: Booking, *tokens: BookingToken, caller: str = "emsp", key: str | None = None
) -> Booking:
    """Return a booking to which tokens were added; a refusal is raised."""
    wanted = TokensToAdd(one.object_id, tokens)
    return await bookings.add_tokens(await world.call(caller), key or a_key(), wanted)


async def test_a_booking_for_nobody_gets_tokens_and_keeps_reference_and_revision(site: World, dsn: str) -> None:
    made = await booked(site, OFFER)
    before, key = await ask(dsn, TOLD), a_key()

    now = await added(site, made, token("C2", "T2"), token("C1", "T1"), key=key)

    assert now.tokens == (token("C2", "T2"), token("C1", "T1"))
    assert now.contract_ids == ("C1", "C2")
    assert (now.reference, now.revision, now.timeslot) == (made.reference, 1, made.timeslot)
    request = now.booking_requests[-1]
    assert len(now.booking_requests) == 2
    assert (request.kind, request.status) == (RequestKind.CHANGE, RequestStatus.ACCEPTED)
    assert await added(site, made, token("C2", "T2"), token("C1", "T1"), key=key) == now
    assert await ask(dsn, TOLD) == before + 1
    assert await ask(dsn, "SELECT input #>> '{tokens_added,0,uid}' FROM booking_request WHERE position = 1") == "T2"


async def test_tokens_join_those_that_a_booking_has_each_once(site: World) -> None:
    made = await booked(site, OFFER, whom=ForWhom((token("C1", "T1"),), contract_id="C9"))

    now = await added(site, made, token("C1", "t1"), token("C2", "T2"), token("C2", "T2"))

    assert [one.uid for one in now.tokens] == ["T1", "T2"]
    assert now.contract_ids == ("C1", "C2", "C9")


async def test_a_booking_has_so_many_tokens_and_no_more(site: World) -> None:
    made = await booked(site, OFFER, whom=ForWhom((token("C1", "T0"),)))
    more = [token("C1", f"T{number}") for number in range(1, MOST_TOKENS + 1)]

    with pytest.raises(BadInput):
        await added(site, made)
    with pytest.raises(BadInput):
        await added(site, made, *more, token("C1", "one more"))
    with pytest.raises(NotAllowed):
        await added(site, made, *more)
    assert len((await added(site, made, *more[1:])).tokens) == MOST_TOKENS


async def test_tokens_are_the_providers_and_a_fleets_under_its_contracts(site: World) -> None:
    made = await booked(site, OFFER, whom=ForWhom(contract_id=FLEET_CONTRACT))

    with pytest.raises(NotAllowed):
        await added(site, made, token(provider=BOOKER))
    with pytest.raises(NotAllowed):
        await added(site, made, token(OTHER_CONTRACT), caller="fleet")
    with pytest.raises(NotFound):
        await added(site, made, token(OTHER_CONTRACT), caller="other_fleet")
    now = await added(site, made, token(FLEET_CONTRACT), caller="fleet")

    assert now.tokens == (token(FLEET_CONTRACT),)


async def test_a_booker_adds_tokens_that_its_mandate_covers_while_it_is_valid(site: World) -> None:
    mandate = await granted(site, contract_ids=("C1", "C2"))
    whom = ForWhom((token("C1"),), on_behalf_of=PROVIDER)
    made = await booked(site, OFFER, caller="other_emsp", whom=whom)

    with pytest.raises(NotAllowed):
        await added(site, made, token("C3", "T3"), caller="other_emsp")
    now = await added(site, made, token("C2", "T2"), caller="other_emsp")
    await revoked(site, mandate)
    with pytest.raises(NotFound):
        await added(site, made, token("C2", "T4"), caller="other_emsp")

    assert now.contract_ids == ("C1", "C2")


@pytest.mark.parametrize(("moment", "in_time"), [(at(10.25), True), (at(10.5), False)])
async def test_tokens_are_added_until_the_booking_lapses(site: World, moment: datetime, in_time: bool) -> None:
    made = await booked(site, OFFER)
    site.later(moment)

    if in_time:
        assert (await added(site, made, token())).tokens == (token(),)
        return
    with pytest.raises(AlreadyFinal) as late:
        await added(site, made, token())
    assert late.value == AlreadyFinal(ReservationStatus.NO_SHOW)


async def test_a_booking_that_is_over_gets_no_tokens(site: World) -> None:
    made = await booked(site, OFFER)
    wanted = Cancellation(made.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await site.call("emsp"), a_key(), wanted)

    with pytest.raises(AlreadyFinal):
        await added(site, made, token())


async def test_while_its_operator_decides_on_the_booking_tokens_are_added_but_not_while_on_a_change(
    world: World,
) -> None:
    confirmed = an_offer(HERE, "CONFIRMED", confirmation=Confirmation.OPERATOR)
    await open_sites(world, OFFER, confirmed)
    pending = await booked(world, confirmed)
    made = await booked(world, OFFER, hours(12, 13))
    quote = await change_quoted(world, made, booking_location_id=confirmed.id, period=hours(14, 15))
    await changed(world, quote)

    now = await added(world, pending, token())
    with pytest.raises(NotAllowed):
        await added(world, made, token())

    assert (now.status, now.tokens) == (ReservationStatus.PENDING, (token(),))
    assert now.pending is not None


async def test_tokens_are_added_by_graphql(site: World) -> None:
    made = await booked(site, OFFER)
    given = {"countryCode": "NL", "partyId": "EMS", "uid": "T1", "type": "RFID", "contractId": "C1"}
    wanted = {"idempotencyKey": a_key(), "bookingId": made.object_id, "tokens": [given]}

    answer = await site.execute("emsp", ADD, input=wanted)
    empty = await site.execute("emsp", ADD, input={**wanted, "idempotencyKey": a_key(), "tokens": []})

    assert answer.data["bookingTokensAdd"] == {
        "__typename": "Booking",
        "reference": made.reference,
        "revision": 1,
        "contractIds": ["C1"],
        "tokens": [{"uid": "T1"}],
    }
    assert empty.errors[0][0] == "BAD_USER_INPUT"
