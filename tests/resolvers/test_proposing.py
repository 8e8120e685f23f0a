"""An operator proposes another slot, which is kept while the holder decides whether to take it (BUC 2.7)."""

from datetime import timedelta

import pytest

from models.errors import (
    AlreadyFinal,
    ChargerUnusable,
    CutOffPassed,
    Forbidden,
    NotAllowed,
    NotFound,
    NothingToDecide,
    OutsideCalendar,
    SlotTaken,
)
from models.rules.booking import Booking, BookingToken
from models.rules.booking_location import AccessMethod
from models.rules.booking_state import CanceledReason, Phase, RequestKind, RequestStatus, ReservationStatus
from models.rules.decision import LAPSED
from models.rules.location import Status
from models.rules.role import Role
from resolvers import bookings, evses, quotes
from resolvers.booking_cancel import Cancellation
from resolvers.evses import StatusReport
from resolvers.for_whom import ForWhom
from resolvers.proposing import WITHDRAWN, Proposal
from tests.factories.catalogue import NOW, a_location, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.deciding import accepted, asked_of, confirmed, declined, lapsed, proposed
from tests.resolvers.lifecycle import (
    E1,
    LIVE,
    booked,
    booking_tariff,
    change_quoted,
    changed,
    replace_terms,
    terms_with_fee,
)
from tests.resolvers.quoting import EXPIRY, or_refusal, quoted
from tests.resolvers.requests import ask
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OTHER = a_location("LOC2")
FAR = a_location("FAR", owner=("DE", "XYZ"))
OFFER = an_offer(SITE, terms=terms_with_fee())
OF_OTHER = an_offer(OTHER)
OF_FAR = an_offer(FAR)
ON_REQUEST = asked_of(SITE, name="ON-REQUEST")
HALF_LATER = hours(10.5, 11.5)
QUOTES = "SELECT purpose, role, emsp_id, outcome, fee FROM quote"


@pytest.fixture
async def site(world: World) -> World:
    """A world with two sites of one operator and one of another, of one charger each."""
    await world.publish(SITE, OTHER, FAR, booking_tariff(), OFFER, OF_OTHER, OF_FAR, ON_REQUEST)
    return world


async def taken(world: World, booking: Booking, caller: str = "emsp") -> Booking:
    """Return the booking once its holder took what is proposed; a refusal is raised."""
    return await bookings.proposal_accept(await world.call(caller), a_key(), booking.object_id)


async def refused(world: World, booking: Booking, reason: str | None = None, caller: str = "emsp") -> Booking:
    """Return the booking once its holder declined what is proposed; a refusal is raised."""
    return await bookings.proposal_decline(await world.call(caller), a_key(), booking.object_id, reason)


async def withdrawn(world: World, booking: Booking, caller: str = "cpo") -> Booking:
    """Return the booking once its operator took back what it proposed; a refusal is raised."""
    return await bookings.proposal_withdraw(await world.call(caller), a_key(), booking.object_id)


async def test_a_proposal_keeps_its_slot_and_leaves_the_booking_as_it_is(site: World, dsn: str) -> None:
    before = await booked(site, OFFER)

    one = await proposed(site, before, HALF_LATER)

    request = one.pending
    assert request is not None
    assert (request.kind, request.role, request.requester_id) == (RequestKind.CHANGE, Role.CPO, "NL*ABC")
    assert (request.decide_until, request.period, request.fee) == (NOW + timedelta(minutes=60), HALF_LATER, None)
    assert (one.status, one.phase(NOW)) == (ReservationStatus.RESERVED, Phase.CHANGE_PENDING)
    assert (one.timeslot, one.reference, one.revision) == (before.timeslot, before.reference, 1)
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00"), ("CHANGE", E1, "10:30", "11:30")]
    assert await run(dsn, QUOTES) == [("PROPOSAL", "CPO", "NL*EMS", "BOOKED", None)]
    assert isinstance(await or_refusal(booked(site, OFFER, hours(11, 11.5), "other_emsp")), SlotTaken)


async def test_the_same_proposal_with_the_same_key_is_made_once(site: World, dsn: str) -> None:
    before, key = await booked(site, OFFER), a_key()
    call, wanted = await site.call("cpo"), Proposal(before.object_id, HALF_LATER)

    first = await bookings.propose(call, key, wanted)

    assert await bookings.propose(call, key, wanted) == first
    assert await ask(dsn, "SELECT count(*) FROM quote") == 1


async def test_what_is_proposed_is_taken_without_a_fee_though_the_cut_off_is_over(site: World, dsn: str) -> None:
    before = await booked(site, OFFER)
    site.later(at(9.5))
    waiting = await proposed(site, before, HALF_LATER)

    after = await taken(site, waiting)

    request = after.booking_requests[1]
    assert (request.status, request.decided_at, request.fee) == (RequestStatus.ACCEPTED, at(9.5), None)
    assert (after.timeslot.period, after.revision, after.id) == (HALF_LATER, 2, before.id)
    assert after.reference != before.reference
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:30", "11:30")]


async def test_a_place_that_opens_by_plate_only_is_proposed_for_who_has_one(site: World) -> None:
    by_plate = an_offer(
        OTHER, "BY-PLATE", terms=replace_terms(supported_access_methods=(AccessMethod.LICENSE_PLATE,))
    )
    await site.publish(by_plate)
    plain = await booked(site, OFFER)
    known = await booked(site, OFFER, hours(12, 13), whom=ForWhom(license_plate="AB-12-CD"))

    with pytest.raises(NotAllowed, match="the booking has none; propose another place"):
        await proposed(site, plain, HALF_LATER, booking_location_id=by_plate.id)
    one = await proposed(site, known, hours(13, 14), booking_location_id=by_plate.id)

    assert (await taken(site, one)).booking_location_id == by_plate.id


async def test_who_may_use_a_booking_stays_when_what_is_proposed_is_taken(site: World) -> None:
    card = BookingToken("NL", "EMS", "CARD1", "RFID", "NL-EMS-C1")
    before = await booked(site, OFFER, whom=ForWhom(tokens=(card,), license_plate="AB-12-CD"))

    after = await taken(site, await proposed(site, before, HALF_LATER))

    assert (after.tokens, after.license_plate, after.contract_ids) == ((card,), "AB-12-CD", before.contract_ids)


@pytest.mark.parametrize("reason", ["It would be too late.", None])
async def test_what_is_declined_leaves_the_booking_as_it_is(site: World, dsn: str, reason: str | None) -> None:
    before = await booked(site, OFFER)
    waiting = await proposed(site, before, hours(12, 13))

    after = await refused(site, waiting, reason)

    request = after.booking_requests[1]
    assert (request.status, request.reason, request.decided_at) == (RequestStatus.DECLINED, reason, NOW)
    assert (after.timeslot, after.reference, after.pending) == (before.timeslot, before.reference, None)
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00")]


async def test_an_operator_takes_back_what_it_proposed_and_proposes_something_else(site: World, dsn: str) -> None:
    before = await booked(site, OFFER)
    waiting = await proposed(site, before, hours(12, 13))

    back = await withdrawn(site, waiting)
    again = await proposed(site, back, hours(13, 14))

    request = back.booking_requests[1]
    assert (request.status, request.reason) == (RequestStatus.FAILED, WITHDRAWN)
    assert again.pending is not None
    assert again.pending.period == hours(13, 14)
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00"), ("CHANGE", E1, "13:00", "14:00")]


async def test_a_place_of_the_same_operator_is_proposed_and_the_booking_moves_there(site: World, dsn: str) -> None:
    before = await booked(site, OFFER)
    place = {"booking_location_id": OF_OTHER.id.lower(), "evse_id": "NL*ABC*LOC2*E1"}

    after = await taken(site, await proposed(site, before, hours(10, 11), **place))

    assert (after.location_id, after.booking_location_id, after.evse_pinned) == (OTHER.id, OF_OTHER.id, True)
    assert after.object_id == before.object_id
    assert await run(dsn, LIVE) == [("BOOKING", "NL*ABC*LOC2*E1", "10:00", "11:00")]


async def test_a_place_of_another_operator_or_of_nobody_is_not_proposed(site: World) -> None:
    before = await booked(site, OFFER)

    of_another = await or_refusal(proposed(site, before, HALF_LATER, booking_location_id=OF_FAR.id))
    of_nobody = await or_refusal(proposed(site, before, HALF_LATER, booking_location_id="NL*ABC*NONE"))

    assert of_another == NotAllowed("That is another operator's; propose a place of your own.")
    assert of_nobody == NotFound("BookingLocation", "NL*ABC*NONE")


async def test_what_is_taken_or_not_offered_is_not_proposed(site: World) -> None:
    before = await booked(site, OFFER)
    await booked(site, OFFER, hours(11, 12), "other_emsp")

    overlapping = await or_refusal(proposed(site, before, HALF_LATER))
    off_the_grid = await or_refusal(proposed(site, before, hours(10.1, 11.1)))

    assert isinstance(overlapping, SlotTaken)
    assert isinstance(off_the_grid, OutsideCalendar)
    assert (await bookings.get(await site.call("emsp"), before.object_id)).pending is None


async def test_a_hold_that_expired_gives_room_to_a_proposal(site: World, dsn: str) -> None:
    before = await booked(site, OFFER)
    await quoted(site, OFFER, "other_emsp", period=hours(12, 13))
    site.later(EXPIRY)

    one = await proposed(site, before, hours(12, 13))

    assert one.pending is not None
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00"), ("CHANGE", E1, "12:00", "13:00")]


@pytest.mark.parametrize(
    ("now", "start", "minutes", "until"),
    [(6, 12, None, 7), (6, 12, 90, 7.5), (9.5, 12, None, 10), (6, 7, 90, 7)],
)
async def test_the_holder_has_as_long_as_the_operator_says_but_not_after_either_slot_begins(
    site: World, now: float, start: float, minutes: int | None, until: float
) -> None:
    before = await booked(site, OFFER)
    site.later(at(now))

    one = await proposed(site, before, hours(start, start + 1), decide_minutes=minutes)

    assert one.pending is not None
    assert one.pending.decide_until == at(until)


async def test_nothing_is_proposed_for_a_booking_that_began(site: World) -> None:
    before = await booked(site, OFFER)
    site.later(at(10))

    assert await or_refusal(proposed(site, before, hours(12, 13))) == CutOffPassed(at(10))


async def test_what_the_holder_does_not_decide_on_in_time_lapses(site: World, dsn: str) -> None:
    before = await booked(site, OFFER)
    waiting = await proposed(site, before, hours(12, 13))
    site.later(at(7))
    late = [await or_refusal(one) for one in (taken(site, waiting), refused(site, waiting), withdrawn(site, waiting))]

    assert late == [NothingToDecide(before.object_id, at(7))] * 3
    assert await lapsed(site) == 1
    one = await bookings.get(await site.call("emsp"), before.object_id)
    assert (one.booking_requests[1].status, one.booking_requests[1].reason) == (RequestStatus.FAILED, LAPSED)
    assert (one.status, one.timeslot) == (ReservationStatus.RESERVED, before.timeslot)
    assert await run(dsn, LIVE) == [("BOOKING", E1, "10:00", "11:00")]


async def test_nobody_decides_on_what_it_asked_for_itself(site: World) -> None:
    by_operator = await proposed(site, await booked(site, OFFER), hours(12, 13))
    of_holder = await confirmed(site, ON_REQUEST, hours(14, 15))
    by_holder = await changed(site, await change_quoted(site, of_holder, period=hours(15, 16)))

    came = [
        await or_refusal(accepted(site, by_operator)),
        await or_refusal(declined(site, by_operator)),
        await or_refusal(taken(site, by_holder)),
        await or_refusal(refused(site, by_holder)),
        await or_refusal(withdrawn(site, by_holder)),
    ]

    assert [type(one) for one in came] == [NotAllowed] * 5


async def test_only_the_booking_s_operator_proposes_and_only_its_holder_decides(site: World) -> None:
    before = await booked(site, OFFER)
    unseen = NotFound("Booking", before.object_id)
    assert await or_refusal(proposed(site, before, HALF_LATER, "other_cpo")) == unseen
    waiting = await proposed(site, before, HALF_LATER)

    assert await or_refusal(taken(site, waiting, "other_emsp")) == unseen
    assert await or_refusal(refused(site, waiting, caller="other_emsp")) == unseen
    assert await or_refusal(taken(site, waiting, "fleet")) == unseen
    assert await or_refusal(withdrawn(site, waiting, "other_cpo")) == unseen
    with pytest.raises(Forbidden):
        await proposed(site, before, HALF_LATER, "emsp")
    with pytest.raises(Forbidden):
        await taken(site, waiting, "cpo")
    with pytest.raises(Forbidden):
        await refused(site, waiting, caller="cpo")
    with pytest.raises(Forbidden):
        await withdrawn(site, waiting, "emsp")


async def test_a_fleet_decides_on_what_is_all_under_its_contracts(site: World) -> None:
    mine = await proposed(site, await booked(site, OFFER, caller="fleet"), hours(12, 13))
    tokens = tuple(
        BookingToken("NL", "EMS", f"CARD{number}", "RFID", contract)
        for number, contract in enumerate((FLEET_CONTRACT, OTHER_CONTRACT))
    )
    shared = await booked(site, OFFER, hours(14, 15), whom=ForWhom(tokens=tokens))
    await proposed(site, shared, hours(15, 16))

    assert (await taken(site, mine, "fleet")).timeslot.period == hours(12, 13)
    assert isinstance(await or_refusal(taken(site, shared, "fleet")), NotAllowed)
    assert isinstance(await or_refusal(refused(site, shared, caller="fleet")), NotAllowed)


async def test_without_a_proposal_there_is_nothing_to_decide(site: World) -> None:
    before = await booked(site, OFFER)
    nothing = NothingToDecide(before.object_id, None)

    came = [await or_refusal(one) for one in (taken(site, before), refused(site, before), withdrawn(site, before))]

    assert came == [nothing] * 3


async def test_what_is_proposed_ends_with_the_booking(site: World, dsn: str) -> None:
    before = await booked(site, OFFER)
    waiting = await proposed(site, before, hours(12, 13))
    wanted = Cancellation(before.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await site.call("emsp"), a_key(), wanted)

    assert await or_refusal(taken(site, waiting)) == AlreadyFinal("CANCELED")
    assert await or_refusal(proposed(site, waiting, hours(12, 13))) == AlreadyFinal("CANCELED")
    assert await run(dsn, LIVE) == []


async def test_what_is_proposed_at_a_charger_that_broke_meanwhile_is_not_taken(site: World) -> None:
    waiting = await proposed(site, await booked(site, OFFER), hours(12, 13), booking_location_id=OF_OTHER.id)
    broken = StatusReport("NL*ABC*LOC2*E1", Status.OUTOFORDER, None)
    await evses.report_status(await site.call("cpo"), a_key(), broken)

    assert await or_refusal(taken(site, waiting)) == ChargerUnusable(OF_OTHER.id)


async def test_a_booking_that_its_operator_has_not_granted_yet_gets_no_proposal(site: World) -> None:
    asked = await booked(site, ON_REQUEST)

    assert isinstance(await or_refusal(proposed(site, asked, HALF_LATER)), NotAllowed)


async def test_what_is_proposed_is_seen_by_all_who_see_the_booking_with_its_place_and_price(site: World) -> None:
    mine = await booked(site, OFFER, caller="fleet")
    waiting = await proposed(site, mine, hours(12, 13), booking_location_id=OF_OTHER.id)
    assert waiting.pending is not None
    quote_id = str(waiting.pending.quote_id)

    seen = [await quotes.get(await site.call(name), quote_id) for name in ("fleet", "emsp", "cpo")]
    strangers = [
        await or_refusal(quotes.get(await site.call(name), quote_id)) for name in ("other_fleet", "other_emsp", "nsp")
    ]

    assert {one.grant.booking_location_id for one in seen} == {OF_OTHER.id}
    assert [type(one) for one in strangers] == [NotFound] * 3
