"""Alternatives to bookings through the contract (BUC 2.8): shown, looked for, suggested and taken."""

from typing import Any

import pytest

from tests.resolvers.endangered import AT_FAR, canceled, endangered, offered, open_sites
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SHOWN = """
query ($bookingId: ID!, $withinKm: Int, $shiftMinutes: Int) {
  bookingAlternatives(bookingId: $bookingId, withinKm: $withinKm, shiftMinutes: $shiftMinutes) {
    id rank distance shiftMinutes suggestedBy heldUntil takenAt
    location { id } bookingLocation { id } timeslot { startDateTime endDateTime }
    price { currency booking { afterTaxes } } priceDifference { afterTaxes }
  }
}
"""
TAKE = """
mutation ($input: AlternativeTakeInput!) {
  alternativeTake(input: $input) {
    __typename
    ... on Booking { id revision status location { id } }
    ... on Problem { message }
  }
}
"""
SUGGEST = """
mutation ($input: AlternativesSuggestInput!) {
  alternativesSuggest(input: $input) { __typename ... on Booking { id } ... on Problem { message } }
}
"""
POLICY = "{ alternativesPolicy { withinKm shiftMinutes holdMinutes } }"
POLICY_SET = """
mutation ($input: AlternativesPolicySetInput!) {
  alternativesPolicySet(input: $input) {
    __typename ... on AlternativesPolicy { withinKm shiftMinutes holdMinutes }
  }
}
"""


async def shown(world: World, booking_id: str, **reach: int) -> list[dict[str, Any]]:
    answer = await world.execute("emsp", SHOWN, bookingId=booking_id, **reach)
    assert answer.errors == []
    return list(answer.data["bookingAlternatives"])


async def test_alternatives_are_shown_suggested_and_taken(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    await offered(world, one)
    period = {"startDateTime": "2026-12-01T12:00:00Z", "endDateTime": "2026-12-01T13:00:00Z"}
    wish = {"bookingId": one.object_id, "bookingLocationId": AT_FAR.id, "period": period}

    suggested = await world.execute("cpo", SUGGEST, input={"idempotencyKey": a_key(), **wish})
    found = await shown(world, one.object_id)
    first = found[0]
    taken = await world.execute("emsp", TAKE, input={"idempotencyKey": a_key(), "alternativeId": found[1]["id"]})
    late = await world.execute("emsp", TAKE, input={"idempotencyKey": a_key(), "alternativeId": first["id"]})

    assert suggested.data["alternativesSuggest"] == {"__typename": "Booking", "id": one.object_id}
    assert [each["location"]["id"] for each in found] == ["NL*ABC*FAR", "NL*ABC*NEAR", "DE*XYZ*OTHERS"]
    assert (first["rank"], first["suggestedBy"], first["shiftMinutes"]) == (1, "NL*ABC", 120)
    assert (first["heldUntil"], first["takenAt"]) == ("2026-12-01T06:15:00Z", None)
    assert first["timeslot"] == period
    assert first["price"] == {"currency": "EUR", "booking": {"afterTaxes": "3.0250"}}
    assert first["priceDifference"] == {"afterTaxes": "0.0000"}
    assert taken.data["alternativeTake"] == {
        "__typename": "Booking",
        "id": one.object_id,
        "revision": 2,
        "status": "RESERVED",
        "location": {"id": "NL*ABC*NEAR"},
    }
    assert late.data["alternativeTake"]["__typename"] == "NotAllowed"


async def test_what_one_looks_for_oneself_has_no_id(world: World) -> None:
    await open_sites(world)
    one = await canceled(world)

    found = await shown(world, one.object_id, withinKm=5)

    assert [(each["id"], each["location"]["id"]) for each in found] == [(None, "NL*ABC*NEAR")]
    assert 2900 < found[0]["distance"] < 3100


async def test_an_operator_sets_how_far_it_looks(world: World) -> None:
    before = await world.execute("cpo", POLICY)
    wish = {"idempotencyKey": a_key(), "withinKm": 40, "shiftMinutes": 90, "holdMinutes": 20}
    changed = await world.execute("cpo", POLICY_SET, input=wish)
    after = await world.execute("cpo", POLICY)
    refused = await world.execute("cpo", POLICY_SET, input={**wish, "idempotencyKey": a_key(), "holdMinutes": 0})

    assert before.data["alternativesPolicy"] == {"withinKm": 25, "shiftMinutes": 120, "holdMinutes": 15}
    assert changed.data["alternativesPolicySet"].pop("__typename") == "AlternativesPolicy"
    set_to = {"withinKm": 40, "shiftMinutes": 90, "holdMinutes": 20}
    assert changed.data["alternativesPolicySet"] == after.data["alternativesPolicy"] == set_to
    assert refused.errors == [("BAD_USER_INPUT", "`holdMinutes` is between 1 and 120.")]


async def test_a_stranger_is_told_of_nothing(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    best = (await offered(world, one))[0]

    hidden = await world.execute("other_emsp", SHOWN, bookingId=one.object_id)
    refused = await world.execute(
        "other_emsp", TAKE, input={"idempotencyKey": a_key(), "alternativeId": str(best.id)}
    )

    assert [code for code, _ in hidden.errors] == ["NOT_FOUND"]
    assert refused.data["alternativeTake"]["__typename"] == "NotFound"
