"""Requests decided on and slots proposed, by the contract alone (BUC 2.6, 2.7)."""

from typing import Any

import pytest

from tests.factories.catalogue import a_location, a_tariff, hours
from tests.resolvers.deciding import asked_of
from tests.resolvers.lifecycle import booked
from tests.world import Answer, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = asked_of(SITE)
PERIOD = {"startDateTime": "2026-12-01T12:00:00Z", "endDateTime": "2026-12-01T13:00:00Z"}
MUTATION = """
mutation ($input: %sInput!) {
  %s(input: $input) {
    __typename
    ... on Booking {
      id status phase revision timeslot { startDateTime } bookingRequests { kind requestStatus reason role }
    }
    ... on Problem { message }
    %s
  }
}
"""
NOTHING = "... on NothingToDecide { bookingId until }"


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site whose operator decides on every request."""
    await world.publish(SITE, a_tariff(), OFFER)
    return world


async def answer(world: World, caller: str, field: str, booking_id: str, **given: Any) -> Answer:
    """Return what a mutation of a booking answered, errors and all."""
    undecided = "" if field == "bookingPropose" else NOTHING
    document = MUTATION % (field[0].upper() + field[1:], field, undecided)
    given = {"idempotencyKey": a_key(), "bookingId": booking_id, **given}
    return await world.execute(caller, document, input=given)


async def done(world: World, caller: str, field: str, booking_id: str, **given: Any) -> dict[str, Any]:
    """Return what a mutation of a booking answered; there are no errors."""
    came = await answer(world, caller, field, booking_id, **given)
    assert came.errors == []
    result: dict[str, Any] = came.data[field]
    return result


async def test_a_booking_is_accepted_and_gets_another_slot_that_its_holder_consents_to(site: World) -> None:
    booking_id = (await booked(site, OFFER)).object_id

    granted = await done(site, "cpo", "bookingAccept", booking_id)
    proposed = await done(site, "cpo", "bookingPropose", booking_id, period=PERIOD, decideMinutes=30)
    refused = await done(site, "emsp", "bookingProposalDecline", booking_id, reason="Too late.")
    await done(site, "cpo", "bookingPropose", booking_id, period=PERIOD)
    withdrawn = await done(site, "cpo", "bookingProposalWithdraw", booking_id)
    await done(site, "cpo", "bookingPropose", booking_id, period=PERIOD, evseId="NL*ABC*LOC1*E1")
    taken = await done(site, "emsp", "bookingProposalAccept", booking_id)

    assert (granted["status"], granted["bookingRequests"][0]["requestStatus"]) == ("RESERVED", "ACCEPTED")
    assert proposed["phase"] == "CHANGE_PENDING"
    assert refused["bookingRequests"][-1] == {
        "kind": "CHANGE",
        "requestStatus": "DECLINED",
        "reason": "Too late.",
        "role": "CPO",
    }
    assert withdrawn["bookingRequests"][-1]["requestStatus"] == "FAILED"
    assert (taken["revision"], taken["timeslot"]["startDateTime"]) == (2, PERIOD["startDateTime"])


async def test_a_booking_is_declined_with_a_reason(site: World) -> None:
    booking_id = (await booked(site, OFFER)).object_id

    came = await done(site, "cpo", "bookingDecline", booking_id, reason="Full.")

    assert (came["status"], came["bookingRequests"][0]["reason"]) == ("REJECTED", "Full.")


async def test_refusals_are_members_of_the_result(site: World) -> None:
    booking_id = (await booked(site, OFFER)).object_id
    await done(site, "cpo", "bookingAccept", booking_id)

    came = [
        await done(site, "cpo", "bookingAccept", booking_id),
        await done(site, "cpo", "bookingDecline", booking_id, reason="Full."),
        await done(site, "emsp", "bookingProposalAccept", booking_id),
        await done(site, "emsp", "bookingProposalDecline", booking_id),
        await done(site, "cpo", "bookingProposalWithdraw", booking_id),
    ]
    unseen = await done(site, "other_cpo", "bookingAccept", booking_id)

    assert [(one["__typename"], one["bookingId"], one["until"]) for one in came] == [
        ("NothingToDecide", booking_id, None)
    ] * 5
    assert unseen["__typename"] == "NotFound"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("bookingDecline", {"reason": ""}),
        ("bookingDecline", {"reason": "x" * 301}),
        ("bookingProposalDecline", {"reason": "x" * 301}),
        ("bookingPropose", {"period": PERIOD, "decideMinutes": 0}),
        ("bookingPropose", {"period": PERIOD, "decideMinutes": 10_081}),
        ("bookingPropose", {"period": {**PERIOD, "endDateTime": PERIOD["startDateTime"]}}),
        ("bookingAccept", {"bookingId": ""}),
    ],
)
async def test_what_makes_no_sense_is_bad_input(site: World, field: str, given: dict[str, Any]) -> None:
    booking_id = (await booked(site, OFFER, hours(14, 15))).object_id
    caller = "emsp" if field == "bookingProposalDecline" else "cpo"

    came = await answer(site, caller, field, booking_id, **given)

    assert [code for code, _ in came.errors] == ["BAD_USER_INPUT"]
