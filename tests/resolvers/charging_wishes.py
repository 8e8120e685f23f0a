"""Every mutation by which an operator lets somebody charge where it does: what is sent, and what is written."""

from tests.factories.tokens import published
from tests.resolvers.remote import going_on
from tests.resolvers.wishes import Sent, Wish
from tests.world import World

CHARGER, OTHER_CHARGER = "NL*ABC*PAIR*E1", "NL*ABC*PAIR*E2"
CARD: Sent = {"uid": "04A1B2C3", "type": "RFID"}
SESSION = "... on Session { id status kwh endDateTime }"


async def of_card(world: World) -> Sent:
    """Publish a driver's card, and name a charger to use it at."""
    await published(world)
    return {"evseId": CHARGER, "token": CARD}


async def of_readings(world: World) -> Sent:
    """Let a session go on, and measure something."""
    reading = {"at": world.now.isoformat(), "kwh": "1"}
    return {"sessionId": (await going_on(world)).object_id, "readings": [reading]}


async def of_stop(world: World) -> Sent:
    """Let a session go on, and let its driver end it."""
    return {"sessionId": (await going_on(world)).object_id, "reason": "DRIVER"}


CHARGING_WISHES: dict[str, Wish] = {
    "chargingAuthorize": Wish(
        of_card,
        {"evseId": OTHER_CHARGER},
        {"charging_authorization": 1},
        "cpo",
        "... on ChargingAuthorized { authorization { id basis until } }",
    ),
    "sessionStartReport": Wish(
        of_card,
        {"evseId": OTHER_CHARGER},
        {"session": 1, "session_alert": 2, "allocation": 1, "event": 2},
        "cpo",
        SESSION,
    ),
    "sessionReadingsReport": Wish(
        of_readings,
        {"sessionId": "NL*ABC*7e57ab1e-0000-4000-8000-000000000000"},
        {"session_reading": 1, "event": 1},
        "cpo",
        "... on SessionReadings { session { id kwh } outcomes { at outcome } }",
    ),
    "sessionStopReport": Wish(of_stop, {"reason": "OPERATOR"}, {"event": 1}, "cpo", SESSION),
}
"""By the mutation's name."""
