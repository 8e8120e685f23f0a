"""The mutations that start and stop from afar, where they are granted."""

from tests.factories.catalogue import an_offer, at
from tests.resolvers.lifecycle import booked
from tests.resolvers.remote import OF_CARD, a_site, going_on
from tests.resolvers.wishes import UNKNOWN, Sent, Wish
from tests.world import World, a_key

AFAR = a_site("AFAR")
AT_AFAR = an_offer(AFAR)
START = "mutation ($input: SessionStartInput!) { sessionStart(input: $input) { ... on SessionRequest { id } } }"
REQUEST = "... on SessionRequest { id command status sessionId answerUntil answeredAt }"


async def of_start(world: World) -> Sent:
    """Let a booking begin whose charger takes commands."""
    await world.publish(AFAR, AT_AFAR)
    one = await booked(world, AT_AFAR, whom=OF_CARD)
    world.later(at(10))
    return {"bookingId": one.object_id}


async def of_stop(world: World) -> Sent:
    """Let a session go on at a charger that takes commands."""
    await world.publish(AFAR)
    return {"sessionId": (await going_on(world, location_id=AFAR.id, evse_id=f"{AFAR.id}*E1")).object_id}


async def of_asked(world: World) -> Sent:
    """Ask to start a booking."""
    wanted = {"idempotencyKey": a_key(), **await of_start(world)}
    answer = await world.execute("emsp", START, input=wanted)
    return {"requestId": answer.data["sessionStart"]["id"], "accepted": True}


REMOTE_WISHES: dict[str, Wish] = {
    "sessionStart": Wish(
        of_start, UNKNOWN, {"session_request": 1, "charging_authorization": 1, "event": 1}, shown=REQUEST
    ),
    "sessionStop": Wish(
        of_stop, {"sessionId": UNKNOWN["bookingId"]}, {"session_request": 1, "event": 1}, shown=REQUEST
    ),
    "sessionRequestAnswer": Wish(
        of_asked, {"accepted": False, "reason": "The cable is cut."}, {"event": 1}, "cpo", REQUEST
    ),
}
"""By the mutation's name."""
