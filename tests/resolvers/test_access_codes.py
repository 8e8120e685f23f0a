"""What opens the gate to a booking: a code of its own where codes do, and a licence plate where nothing else does."""

import secrets
from dataclasses import replace

import pytest

from models.errors import NotAllowed
from models.rules.booking_location import AccessMethod, BookingLocation
from resolvers import bookings
from resolvers.for_whom import ForWhom
from resolvers.missions import MissionBooking, Stop
from tests.factories.catalogue import TERMS, a_location, an_offer, hours
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.resolvers.quoting import book, quoted
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

PLACE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
ELSEWHERE = a_location("LOC2")
PLATE = "12-ABC-3"
BOOKINGS = "SELECT count(*) FROM booking"


def opened_by(*methods: AccessMethod, name: str = "ANY", elsewhere: bool = False) -> BookingLocation:
    """Return what can be booked of a site whose gate opens so."""
    place = ELSEWHERE if elsewhere else PLACE
    return an_offer(place, name, terms=replace(TERMS, supported_access_methods=methods))


CODES = opened_by(AccessMethod.TOKEN, AccessMethod.ACCESS_CODE)
PLATES = opened_by(AccessMethod.LICENSE_PLATE)
OPEN = opened_by(AccessMethod.OPEN, name="OPEN")
CODES_ELSEWHERE = opened_by(AccessMethod.ACCESS_CODE, elsewhere=True)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes that chance draws next, in order; a test fails that draws more."""
    codes: list[int] = []
    monkeypatch.setattr(secrets, "randbelow", lambda _: codes.pop(0))
    return codes


async def test_a_booking_has_a_code_where_codes_open_the_gate(world: World) -> None:
    await world.publish(PLACE, CODES, OPEN)

    with_code, without = await booked(world, CODES), await booked(world, OPEN, hours(12, 13))

    assert with_code.access_code is not None
    assert (len(with_code.access_code), with_code.access_code.isdecimal()) == (8, True)
    assert without.access_code is None


async def test_no_two_bookings_of_a_site_have_one_code(world: World, drawn: list[int], dsn: str) -> None:
    drawn += [42, 42, 42, 7]
    await world.publish(PLACE, CODES)

    first, second = await booked(world, CODES), await booked(world, CODES)

    assert (first.access_code, second.access_code) == ("00000042", "00000007")
    assert (drawn, await ask(dsn, BOOKINGS)) == ([], 2)
    assert await ask(dsn, "SELECT count(*) FROM allocation WHERE released_at IS NULL") == 2


async def test_a_code_may_be_that_of_another_site(world: World, drawn: list[int]) -> None:
    drawn += [42, 42]
    await world.publish(PLACE, ELSEWHERE, CODES, CODES_ELSEWHERE)

    first, second = await booked(world, CODES), await booked(world, CODES_ELSEWHERE)

    assert first.access_code == second.access_code == "00000042"


async def test_a_booking_that_goes_to_another_site_gets_a_code_that_is_free_there(
    world: World, drawn: list[int]
) -> None:
    drawn += [42, 7, 7, 8]
    await world.publish(PLACE, ELSEWHERE, CODES, CODES_ELSEWHERE)
    await booked(world, CODES_ELSEWHERE, hours(14, 15))  # has 42
    made = await booked(world, CODES)
    await booked(world, CODES_ELSEWHERE, hours(16, 17))  # has 7 too

    there = await changed(world, await change_quoted(world, made, booking_location_id=CODES_ELSEWHERE.id))

    assert (made.access_code, there.access_code) == ("00000007", "00000008")


async def test_a_change_at_the_same_site_keeps_the_code(world: World) -> None:
    await world.publish(PLACE, CODES)
    made = await booked(world, CODES)

    later = await changed(world, await change_quoted(world, made, period=hours(12, 13)))

    assert later.access_code == made.access_code is not None


async def test_where_only_plates_open_the_gate_nothing_is_booked_without_one(world: World, dsn: str) -> None:
    await world.publish(PLACE, PLATES)
    quote = await quoted(world, PLATES)

    with pytest.raises(NotAllowed):
        await booked(world, PLATES, hours(12, 13))
    with pytest.raises(NotAllowed):
        await book(await world.call("emsp"), quote)
    stops = MissionBooking((Stop(str(quote.id)),))
    with pytest.raises(NotAllowed) as named:
        await bookings.book_mission(await world.call("emsp"), a_key(), stops)

    assert str(quote.id) in named.value.reason
    assert await ask(dsn, BOOKINGS) == 0
    made = await book(await world.call("emsp"), quote, license_plate=PLATE)
    direct = await booked(world, PLATES, hours(12, 13), whom=ForWhom(license_plate=PLATE))
    assert made.license_plate == direct.license_plate == PLATE
    assert made.access_code is None


async def test_a_change_to_a_site_that_only_plates_open_needs_one(world: World) -> None:
    there = opened_by(AccessMethod.LICENSE_PLATE, elsewhere=True)
    await world.publish(PLACE, ELSEWHERE, OPEN, there)
    made = await booked(world, OPEN)
    quote = await change_quoted(world, made, booking_location_id=there.id)

    with pytest.raises(NotAllowed):
        await changed(world, quote)
    now = await changed(world, quote, license_plate=PLATE)

    assert (now.booking_location_id, now.license_plate) == (there.id, PLATE)


async def test_where_a_token_opens_the_gate_too_no_plate_is_needed(world: World) -> None:
    either = opened_by(AccessMethod.LICENSE_PLATE, AccessMethod.TOKEN)
    await world.publish(PLACE, either)

    assert (await booked(world, either)).license_plate is None
