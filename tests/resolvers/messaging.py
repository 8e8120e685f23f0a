"""Messages to drivers, how drivers are reached, and drivers who charge, with a token or by their booking."""

from typing import Any

from models.rules.booking import Booking
from models.rules.driver_message import DriverContact, DriverMessage
from models.rules.session import Session
from models.rules.token import TokenType
from resolvers import driver_contacts, driver_messages, sessions
from resolvers.charging_scene import Credential
from resolvers.driver_contacts import ContactToShare, ContactToWithdraw
from resolvers.driver_message_reading import MessageFilter
from resolvers.driver_message_sending import ChargingToken, MessageToSend
from resolvers.driver_messages import MessageToAcknowledge
from resolvers.sessions import StartReport
from tests.resolvers.lifecycle import E1
from tests.world import World, a_key

CARD = "04A1B2C3"
TEXT = "Please move your truck from bay B1 once you are done."
PHONE, DIALLED, NAME = "+31 (0)6-1234.5678", "+31612345678", "The driver of truck QX-17"


def about(one: Booking | Session | str, text: str = TEXT, **changes: Any) -> MessageToSend:
    """Return a message about a booking, a session, or to whoever charges with a card."""
    if isinstance(one, Booking):
        return MessageToSend(text, booking_id=one.object_id, **changes)
    if isinstance(one, Session):
        return MessageToSend(text, session_id=one.object_id, **changes)
    return MessageToSend(text, token=ChargingToken(one, TokenType.RFID), **changes)


async def messaged(world: World, one: Booking | Session | str, caller: str = "cpo", **changes: Any) -> DriverMessage:
    """Send a message about something, and return it; a refusal is raised."""
    return await driver_messages.send(await world.call(caller), a_key(), about(one, **changes))


async def acknowledged(world: World, one: DriverMessage, caller: str = "emsp") -> DriverMessage:
    """Acknowledge a message, and return it; a refusal is raised."""
    wanted = MessageToAcknowledge(one.object_id)
    return await driver_messages.acknowledge(await world.call(caller), a_key(), wanted)


async def seen_by(world: World, caller: str, **asked: Any) -> list[DriverMessage]:
    """Return the first messages that a caller lists."""
    page = await driver_messages.page(await world.call(caller), MessageFilter(**asked), first=50, after=None)
    return [one for one, _ in page.items]


async def charging(world: World, uid: str = CARD, evse_id: str = E1) -> Session:
    """Let somebody begin to charge with a card, and return the session."""
    report = StartReport(evse_id, Credential(uid=uid, type=TokenType.RFID))
    return await sessions.start_report(await world.call("cpo"), a_key(), report)


async def shared(
    world: World, one: Booking, caller: str = "emsp", phone: str = PHONE, key: str | None = None, **changes: Any
) -> DriverContact:
    """Share how the driver of a booking is reached, with consent unless told; a refusal is raised."""
    wanted = ContactToShare(**{"booking_id": one.object_id, "consent": True, "phone": phone, "name": NAME, **changes})
    _, contact = await driver_contacts.share(await world.call(caller), key or a_key(), wanted)
    return contact


async def withdrawn(world: World, one: Booking, caller: str = "emsp") -> Booking:
    """Take the consent back; a refusal is raised."""
    wanted = ContactToWithdraw(one.object_id)
    return await driver_contacts.withdraw(await world.call(caller), a_key(), wanted)


async def reached(world: World, one: Booking, caller: str = "cpo") -> str | None:
    """Return by which number a caller learns to reach the driver of a booking, if by any."""
    _, contact = await driver_contacts.of(await world.call(caller), one.object_id)
    return contact.phone if contact else None
