"""Sending a message to a driver: whose driver it is, whether that is still a matter, and how often (BUC 3.11)."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.queries import driver_messages as stored
from models.queries import events, locks, sessions, tokens
from models.rules import driver_message as rules
from models.rules.booking import Booking, BookingToken
from models.rules.charging_match import id_of
from models.rules.driver_message import DriverMessage
from models.rules.identity import normalized, own_uuid
from models.rules.parties import Parties
from models.rules.role import Role
from models.rules.session import Session
from models.rules.token import TokenType
from resolvers import access, driver_message_reading, locked_booking, told
from resolvers.call import Call
from resolvers.once import once

OF_TOKEN = "of that token"  # noqa: S105 - words
"""What is named if nobody charges with a Token; a refusal is remembered, and its uid is personal data."""


@dataclass(frozen=True, slots=True)
class ChargingToken:
    """The Token with which somebody charges at this moment."""

    uid: str
    type: TokenType


@dataclass(frozen=True, slots=True)
class MessageToSend:
    """What to tell the driver of one booking, or of one session, or who charges with a token; by one of the three."""

    text: str = field(repr=False)
    booking_id: str | None = None
    session_id: str | None = None
    token: ChargingToken | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Addressed:
    """What a message is about: a booking, a session, or a session of a booking; nobody else changes it meanwhile."""

    booking: Booking | None
    session: Session | None

    @property
    def location_id(self) -> str:
        """Where it is."""
        return self._subject.location_id

    @property
    def parties(self) -> Parties:
        """Whom it concerns."""
        return self._subject.parties

    @property
    def tokens(self) -> tuple[BookingToken, ...]:
        """Whose driver is meant."""
        if self.session is not None:
            return () if self.session.token is None else (self.session.token,)
        return self.booking.tokens if self.booking is not None else ()

    @property
    def _subject(self) -> Booking | Session:
        subject = self.session or self.booking
        if subject is None:
            raise ValueError("a message is about something")
        return subject

    def reachable(self, call: Call) -> bool:
        """Whether it is not over for too long."""
        return rules.reachable(self._subject, call.now)


async def send(call: Call, idempotency_key: str, wanted: MessageToSend) -> DriverMessage:
    """Send a message to the driver of a booking or session at the caller's sites, through the provider.

    Raise NotFound, BadInput, or NotAllowed if nobody can pass it on, or for too many.
    """
    call.acting_as(Role.CPO)
    _check(wanted)
    message_id = uuid4()
    found: dict[str, str] = {}

    async def first(connection: Connection) -> None:
        if wanted.booking_id is not None:
            await locked_booking.lock_places(connection, wanted.booking_id)
            return
        sought = await _sought(call, connection, wanted)
        await locks.share_many(connection, [one.location_id for one in sought])

    async def work(connection: Connection) -> None:
        about = await _addressed(call, connection, wanted)
        new = await _new(call, connection, about, wanted, message_id)
        await stored.add(connection, new)
        await events.add(connection, [told.message(new)], call.now)
        found["message"] = new.object_id

    came = await once(
        call, idempotency_key, "driverMessageSend", wanted, {}, work, first=first, learned=lambda: found
    )
    return await driver_message_reading.get(call, came["message"])


def _check(wanted: MessageToSend) -> None:
    named = [one for one in (wanted.booking_id, wanted.session_id, wanted.token) if one is not None]
    if len(named) != 1:
        raise BadInput("Say whose driver is meant by one of `bookingId`, `sessionId` and `token`.")
    if not wanted.text.strip() or len(wanted.text) > rules.LONGEST_TEXT:
        raise BadInput(f"`text` has 1 to {rules.LONGEST_TEXT} characters, not only spaces.")
    if wanted.language is not None and rules.language(wanted.language) is None:
        raise BadInput("`language` is two letters, such as en or nl.")


async def _sought(call: Call, connection: Connection, wanted: MessageToSend) -> list[Session]:
    """Return the sessions that are named, of those the caller sees."""
    if wanted.token is not None:
        cpo_id = call.authenticated().party_id
        return await sessions.charging_with(connection, cpo_id, wanted.token.uid, wanted.token.type)
    uuid = own_uuid(wanted.session_id or "")
    found = (await sessions.many(connection, [uuid])).get(uuid) if uuid else None
    named = found is not None and found.object_id == normalized(wanted.session_id or "")
    return [found] if found is not None and named and access.concerns(call, found.parties) else []


async def _addressed(call: Call, connection: Connection, wanted: MessageToSend) -> Addressed:
    """Return what a message is about, locked. Raise NotFound, or NotAllowed for a token that charges twice."""
    if wanted.booking_id is not None:
        return Addressed(await locked_booking.locked(call, connection, wanted.booking_id), None)
    sought = await _sought(call, connection, wanted)
    if len(sought) > 1:
        names = ", ".join(one.object_id for one in sought)
        raise NotAllowed(f"That token charges at several of your chargers; name one session by `sessionId`: {names}.")
    about = await _kept(connection, sought[0]) if sought else None
    ended = about is None or about.session is None or (wanted.token is not None and not about.session.active)
    if about is None or ended:
        raise NotFound("Session", wanted.session_id or OF_TOKEN)
    return about


async def _kept(connection: Connection, one: Session) -> Addressed:
    """Lock the booking of a session, if it has one, then the session itself, and return both as they are then."""
    booking = await locked_booking.by_uuid(connection, one.booking_id) if one.booking_id else None
    await locks.share(connection, one.location_id)
    return Addressed(booking, await sessions.locked(connection, one.location_id, one.id))


async def _new(
    call: Call, connection: Connection, about: Addressed, wanted: MessageToSend, message_id: UUID
) -> DriverMessage:
    """Return a message about something that is locked, or raise NotAllowed."""
    if about.parties.emsp_id is None:
        raise NotAllowed("No provider is known for that session, so that nobody can pass a message on.")
    if not about.reachable(call):
        raise NotAllowed("That is over for more than 24 hours; its driver is sent no more messages.")
    booking_id = about.booking.id if about.booking else None
    session_id = about.session.id if about.session else None
    sent = await stored.sent_about(connection, booking_id, session_id, call.now - rules.WHILE)
    if sent >= rules.MOST_IN_A_WHILE:
        raise NotAllowed(f"You sent {sent} messages about this within an hour, as many as one may; wait a while.")
    return DriverMessage(
        id=message_id,
        location_id=about.location_id,
        parties=about.parties,
        booking_id=booking_id,
        session_id=session_id,
        text=wanted.text,
        language=rules.language(wanted.language) or await _language(connection, about),
        sent_at=call.now,
    )


async def _language(connection: Connection, about: Addressed) -> str:
    """Return the language that the driver's provider published with the token."""
    names = [id_of(one) for one in about.tokens]
    published = await tokens.many(connection, names) if names else {}
    return rules.first_language([published[name].language for name in names if name in published])
