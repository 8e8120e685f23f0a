"""The main job through the contract, on PostgreSQL, with the clock standing still."""

import pytest

from tests.factories.catalogue import a_location, a_tariff, an_offer
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

CREATE = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) {
    __typename
    ... on Booking { id reference status phase location { name } evse { id } compliantEvses { id } cancelUntil
      timeslot { startDateTime endDateTime minPower } tariffs { tariffId } bookingTerms { cancelUntilMinutes }
      bookingRequests { kind requestStatus } }
    ... on Problem { message }
  }
}
"""


async def test_a_provider_books_and_finds_its_booking_again(world: World) -> None:
    location = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
    await world.publish(location, a_tariff(), a_tariff("CHARGE"), an_offer(location))

    wanted = {
        "idempotencyKey": a_key(),
        "bookingLocationId": "nl*abc*loc1-any",
        "period": {"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T11:00:00+00:00"},
    }
    made = await world.execute("emsp", CREATE, input=wanted)

    assert made.errors == []
    booking = made.data["bookingCreate"]
    assert booking.pop("reference")
    assert booking.pop("id").startswith("NL*ABC*")
    assert booking == {
        "__typename": "Booking",
        "status": "RESERVED",
        "phase": "CONFIRMED",
        "location": {"name": "Site LOC1"},
        "evse": None,
        "compliantEvses": [{"id": "NL*ABC*LOC1*E1"}, {"id": "NL*ABC*LOC1*E2"}],
        "cancelUntil": "2026-12-01T09:00:00Z",
        "timeslot": {
            "startDateTime": "2026-12-01T10:00:00Z",
            "endDateTime": "2026-12-01T11:00:00Z",
            "minPower": 150_000,
        },
        "tariffs": [{"tariffId": "NL*ABC*BOOK"}, {"tariffId": "NL*ABC*CHARGE"}],
        "bookingTerms": {"cancelUntilMinutes": 60},
        "bookingRequests": [{"kind": "CREATE", "requestStatus": "ACCEPTED"}],
    }
