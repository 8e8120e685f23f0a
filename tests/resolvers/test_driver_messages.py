"""Messages to drivers: of whom, through whom, in which language, how often, and until when (BUC 3.11)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from models.db import Connection, connected
from models.errors import BadInput, Forbidden, NotAllowed, NotFound
from models.queries import driver_messages as stored
from models.rules.booking import BookingToken
from models.rules.booking_state import CanceledReason
from models.rules.driver_message import MOST_IN_A_WHILE, DriverMessage
from models.rules.parties import Parties
from models.rules.token import TokenType
from resolvers import bookings, driver_messages, sessions
from resolvers.booking_cancel import Cancellation
from resolvers.charging_scene import Credential
from resolvers.driver_message_sending import ChargingToken, MessageToSend
from resolvers.for_whom import ForWhom
from resolvers.sessions import StartReport
from tests.factories.catalogue import NOW, a_location, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.models.databases import run
from tests.resolvers.lifecycle import E1, E2, booked
from tests.resolvers.messaging import CARD, TEXT, about, acknowledged, charging, messaged, seen_by
from tests.resolvers.quoting import or_refusal
from tests.resolvers.requests import ask
from tests.resolvers.warning import stopped, walked_up
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OF_OTHER = a_location("LOC9", owner=("DE", "XYZ"))
OFFER = an_offer(SITE)
TOLD = """
SELECT object_id, location_id, party_id, booker_id FROM event WHERE kind = 'DRIVER_MESSAGE_SENT' ORDER BY xid, id
"""
MESSAGES = "SELECT count(*) FROM driver_message"
OF_FLEET = BookingToken("NL", "EMS", CARD, "RFID", FLEET_CONTRACT)


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers that may be used without a booking, and one of another operator."""
    await world.publish(SITE, OFFER, OF_OTHER)
    return world


def by_token(uid: str, kind: TokenType) -> MessageToSend:
    return MessageToSend(TEXT, token=ChargingToken(uid, kind))


async def test_an_operator_writes_to_the_driver_of_a_booking_through_its_provider(site: World, dsn: str) -> None:
    one = await booked(site, OFFER, whom=ForWhom((OF_FLEET,)))

    sent = await messaged(site, one, language="NL")

    assert sent == DriverMessage(
        id=sent.id,
        location_id=SITE.id,
        parties=one.parties,
        booking_id=one.id,
        session_id=None,
        text=TEXT,
        language="nl",
        sent_at=NOW,
    )
    assert sent.tokens == (OF_FLEET,)
    assert await run(dsn, TOLD) == [(sent.object_id, SITE.id, "NL*EMS", None)]


async def test_a_message_about_the_session_of_a_booking_is_about_both(site: World) -> None:
    one = await booked(site, OFFER, evse_id=E1)
    site.later(at(10))
    report = StartReport(E1, Credential(reference=one.reference))
    session = await sessions.start_report(await site.call("cpo"), a_key(), report)

    sent = await messaged(site, session)

    assert (sent.booking_id, sent.session_id, sent.parties) == (one.id, session.id, session.parties)
    assert await seen_by(site, "emsp", booking_id=one.object_id) == [sent]
    assert await seen_by(site, "emsp", session_id=session.object_id) == [sent]


@pytest.mark.parametrize("typed", [CARD, CARD.lower()])
async def test_an_operator_writes_to_whoever_charges_with_a_token_at_this_moment(site: World, typed: str) -> None:
    await published(site, a_token())
    session = await charging(site)

    sent = await messaged(site, typed)

    assert (sent.booking_id, sent.session_id) == (None, session.id)
    assert [token.uid for token in sent.tokens] == [CARD]
    await stopped(site, session)
    assert await or_refusal(messaged(site, typed)) == NotFound("Session", "of that token")


async def test_a_vehicle_that_presents_its_contract_is_found_however_that_is_written(site: World) -> None:
    emaid = "NL-EMS-C00000001-A"
    token = BookingToken("NL", "EMS", "NLEMSC00000001A", "EMAID", emaid)
    session = await walked_up(site, token=token)
    call = await site.call("cpo")

    sent = await driver_messages.send(call, a_key(), by_token("nl*ems*c00000001*a", TokenType.EMAID))
    other_type = await or_refusal(driver_messages.send(call, a_key(), by_token(token.uid, TokenType.RFID)))

    assert sent.session_id == session.id
    assert isinstance(other_type, NotFound)


async def test_a_token_that_charges_at_two_chargers_is_ambiguous_and_the_sessions_are_named(site: World) -> None:
    await published(site, a_token())
    two = [await walked_up(site, token=OF_FLEET, evse_id=evse) for evse in (E1, E2)]

    refused = await or_refusal(messaged(site, CARD))

    assert isinstance(refused, NotAllowed)
    assert all(one.object_id in refused.reason for one in two)
    assert (await messaged(site, two[1])).session_id == two[1].id


async def test_a_token_that_charges_at_another_operators_site_is_not_found(site: World) -> None:
    elsewhere = Parties("DE*XYZ", "NL*EMS")
    await walked_up(site, token=OF_FLEET, parties=elsewhere, location_id=OF_OTHER.id, evse_id=f"{OF_OTHER.id}*E1")

    assert await or_refusal(messaged(site, CARD)) == NotFound("Session", "of that token")


async def test_the_uid_of_a_card_with_which_nobody_charges_is_not_kept_with_the_refusal(
    site: World, dsn: str
) -> None:
    refused = await or_refusal(messaged(site, CARD))

    assert str(refused) == "There is no Session of that token."
    kept = await run(dsn, "SELECT outcome::text FROM idempotency WHERE mutation = 'driverMessageSend'")
    assert "of that token" in str(kept)
    assert CARD not in str(kept)


async def test_a_session_whose_provider_nobody_knows_cannot_be_messaged_about(site: World, dsn: str) -> None:
    session = await walked_up(site, parties=Parties("NL*ABC"))

    refused = await or_refusal(messaged(site, session))

    assert refused == NotAllowed("No provider is known for that session, so that nobody can pass a message on.")
    assert await ask(dsn, MESSAGES) == 0


async def test_bookings_and_sessions_of_others_and_what_is_none_are_not_found(site: World) -> None:
    one, session = await booked(site, OFFER), await walked_up(site, evse_id=E2)
    other = one.object_id.replace("NL*ABC", "DE*XYZ")

    for refused in (
        await or_refusal(messaged(site, one, "other_cpo")),
        await or_refusal(messaged(site, session, "other_cpo")),
        await or_refusal(driver_messages.send(await site.call("cpo"), a_key(), MessageToSend(TEXT, other))),
        await or_refusal(driver_messages.send(await site.call("cpo"), a_key(), MessageToSend(TEXT, None, "NL*ABC"))),
        await or_refusal(
            driver_messages.send(await site.call("cpo"), a_key(), MessageToSend(TEXT, None, one.object_id))
        ),
    ):
        assert isinstance(refused, NotFound)


@pytest.mark.parametrize("caller", ["emsp", "fleet", "nsp", "admin"])
async def test_only_operators_write_and_only_whoever_passes_on_acknowledges(site: World, caller: str) -> None:
    one = await booked(site, OFFER)
    sent = await messaged(site, one)

    with pytest.raises(Forbidden):
        await messaged(site, one, caller)
    if caller not in ("emsp", "fleet"):
        with pytest.raises(Forbidden):
            await acknowledged(site, sent, caller)
    with pytest.raises(Forbidden):
        await acknowledged(site, sent, "cpo")


@pytest.mark.parametrize(
    "wrong",
    [
        MessageToSend(TEXT),
        MessageToSend(TEXT, "NL*ABC*X", "NL*ABC*Y"),
        MessageToSend(TEXT, session_id="NL*ABC*Y", token=ChargingToken(CARD, TokenType.RFID)),
        MessageToSend("", "NL*ABC*X"),
        MessageToSend(" \n", "NL*ABC*X"),
        MessageToSend("x" * 1001, "NL*ABC*X"),
        MessageToSend(TEXT, "NL*ABC*X", language="dutch"),
        MessageToSend(TEXT, "NL*ABC*X", language=""),
    ],
)
async def test_a_message_to_nobody_to_two_without_words_or_in_no_language_is_bad_input(
    site: World, wrong: MessageToSend
) -> None:
    with pytest.raises(BadInput):
        await driver_messages.send(await site.call("cpo"), a_key(), wrong)


async def test_a_message_may_have_as_many_characters_as_are_promised(site: World) -> None:
    one = await booked(site, OFFER)

    assert (await messaged(site, one, text="é" * 1000)).text == "é" * 1000


@pytest.mark.parametrize(("language", "expected"), [("pl", "pl"), ("DE", "de"), (None, "en")])
async def test_a_message_is_in_the_language_of_the_drivers_token_unless_told(
    site: World, language: str | None, expected: str
) -> None:
    await published(site, a_token(language=language))
    of_booking = await messaged(site, await booked(site, OFFER, whom=ForWhom((OF_FLEET,)), evse_id=E2))
    of_session = await messaged(site, await walked_up(site, token=OF_FLEET))
    told = await messaged(site, CARD, language="fr")

    assert (of_booking.language, of_session.language, told.language) == (expected, expected, "fr")


async def test_a_booking_or_session_that_is_over_is_written_about_for_a_day_more(site: World) -> None:
    one = await booked(site, OFFER, hours(7, 8))
    gone = await booked(site, OFFER, hours(20, 21))
    await bookings.cancel(await site.call("emsp"), a_key(), Cancellation(gone.object_id, CanceledReason.NO_CANCELED))
    session = await walked_up(site, start_date_time=NOW)
    await stopped(site, session)

    site.later(at(30) - timedelta(seconds=1))
    for subject in (one, gone, session):
        assert (await messaged(site, subject)).sent_at == site.now
    site.later(at(30))
    assert isinstance(await or_refusal(messaged(site, gone)), NotAllowed)
    assert isinstance(await or_refusal(messaged(site, session)), NotAllowed)
    assert (await messaged(site, one)).booking_id == one.id
    site.later(at(32))
    refused = await or_refusal(messaged(site, one))
    assert refused == NotAllowed("That is over for more than 24 hours; its driver is sent no more messages.")


async def test_a_booking_on_which_somebody_still_charges_is_not_over(site: World) -> None:
    one = await booked(site, OFFER, evse_id=E1)
    site.later(at(10))
    report = StartReport(E1, Credential(reference=one.reference))
    await sessions.start_report(await site.call("cpo"), a_key(), report)

    site.later(at(40))

    assert (await messaged(site, one)).booking_id == one.id


async def test_one_booking_is_written_about_twenty_times_an_hour_and_a_session_of_it_counts(
    site: World, dsn: str
) -> None:
    one, beside = await booked(site, OFFER, evse_id=E1), await booked(site, OFFER, evse_id=E2)
    site.later(at(10))
    report = StartReport(E1, Credential(reference=one.reference))
    session = await sessions.start_report(await site.call("cpo"), a_key(), report)
    for number in range(MOST_IN_A_WHILE):
        await messaged(site, session if number % 2 else one)

    refused = await or_refusal(messaged(site, one))

    assert refused == NotAllowed("You sent 20 messages about this within an hour, as many as one may; wait a while.")
    assert isinstance(await or_refusal(messaged(site, session)), NotAllowed)
    assert (await messaged(site, beside)).booking_id == beside.id
    site.later(at(11))
    assert (await messaged(site, one)).booking_id == one.id


@pytest.mark.parametrize("with_booking", [True, False])
async def test_many_messages_at_one_moment_are_no_more_than_one_may_send(
    site: World, dsn: str, with_booking: bool
) -> None:
    subject = await booked(site, OFFER) if with_booking else await walked_up(site)
    async with connected(dsn, connections=12) as database:
        call = replace(await site.call("cpo"), database=database)
        sending = (
            or_refusal(driver_messages.send(call, a_key(), about(subject, f"{number}")))
            for number in range(MOST_IN_A_WHILE + 10)
        )
        came = await asyncio.gather(*sending)

    assert sum(isinstance(one, DriverMessage) for one in came) == MOST_IN_A_WHILE
    assert sum(isinstance(one, NotAllowed) for one in came) == 10
    assert await ask(dsn, MESSAGES) == MOST_IN_A_WHILE


async def test_without_the_lock_two_at_one_moment_would_send_more_than_one_may(site: World, dsn: str) -> None:
    one = await booked(site, OFFER)
    sent = [await messaged(site, one) for _ in range(MOST_IN_A_WHILE - 1)]
    counted = asyncio.Barrier(2)

    async def unlocked(connection: Connection) -> None:
        number = await stored.sent_about(connection, one.id, None, NOW - timedelta(hours=1))
        await counted.wait()
        if number < MOST_IN_A_WHILE:
            await stored.add(connection, replace(sent[0], id=uuid4()))

    await asyncio.gather(*(site.database.write(unlocked) for _ in range(2)))

    assert await ask(dsn, MESSAGES) == MOST_IN_A_WHILE + 1
