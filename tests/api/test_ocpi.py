"""What callers are told in the words of OCPI: valid, and no more than they may know."""

from decimal import Decimal
from typing import Any

import pytest

from models.rules.booking_location import AccessMethod
from models.rules.location import Location
from models.rules.token import TokenType
from resolvers import settling
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from schema.cost import DOCUMENTS
from tests.factories.bookings import a_booking_token
from tests.factories.catalogue import a_location, an_offer, at
from tests.factories.tokens import a_token, published
from tests.ocpi_documents.checking import faults
from tests.resolvers.charging_scenes import CARD, WITH_CARD, read, started, stopped
from tests.resolvers.lifecycle import E1, booked, booking_tariff, replace_terms
from tests.resolvers.quoting import charging
from tests.world import OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

SITE: Location = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE, terms=replace_terms(supported_access_methods=(AccessMethod.ACCESS_CODE,)))
BOOKINGS = "{ bookings { edges { node { ocpi } } } }"
SESSIONS = "{ sessions { edges { node { ocpi } } } }"
CDRS = "{ cdrs { edges { node { kind meterId ocpi } } } }"


async def the_site(world: World) -> None:
    await world.publish(booking_tariff(), charging("0.50"), SITE, OFFER)
    await published(world)


async def told(world: World, caller: str, document: str) -> list[dict[str, Any]]:
    answer = await world.execute(caller, document)
    assert answer.errors == []
    (found,) = answer.data.values()
    return [edge["node"] for edge in found["edges"]]


async def test_a_booking_is_told_with_its_charger_to_its_operator_only(world: World) -> None:
    await the_site(world)
    await booked(world, OFFER, whom=WITH_CARD)

    (mine,) = await told(world, "emsp", BOOKINGS)
    (operators,) = await told(world, "cpo", BOOKINGS)

    assert [faults("Booking", one["ocpi"]) for one in (mine, operators)] == [[], []]
    assert mine["ocpi"]["booking_option"] == {"evse_uid": "#NA"}
    assert operators["ocpi"]["booking_option"]["evse_uid"] in {"E1", "E2"}
    assert [one["method"] for one in mine["ocpi"]["access_information"]] == ["ACCESS_CODE"]
    assert await told(world, "other_emsp", BOOKINGS) == []


async def test_a_session_and_what_is_billed_of_it_are_told(world: World) -> None:
    await the_site(world)
    await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    session = await started(world, E1, meter_id="METER-7")
    world.later(at(10.5))
    await read(world, session, (at(10.4), "100", 60))
    await stopped(world, session, kwh=Decimal("120.5"))
    await settling.settle(await world.call(None))

    (mine,) = await told(world, "fleet", SESSIONS)
    listed = await told(world, "fleet", CDRS)
    cdrs = {one["kind"]: one["ocpi"] for one in listed}

    assert faults("Session", mine["ocpi"]) == []
    assert (mine["ocpi"]["kwh"], mine["ocpi"]["cdr_token"]["uid"]) == (120.5, "04A1B2C3")
    assert {kind: faults("CDR", one) for kind, one in cdrs.items()} == {"BOOKING": [], "SESSION": []}
    assert cdrs["SESSION"]["session_id"] == mine["ocpi"]["id"]
    assert cdrs["SESSION"]["total_energy_cost"]["before_taxes"] == 60.25
    assert "session_id" not in cdrs["BOOKING"]
    meters = {one["kind"]: (one["meterId"], one["ocpi"].get("meter_id")) for one in listed}
    assert meters == {"BOOKING": (None, None), "SESSION": ("METER-7", "METER-7")}


async def test_a_fleet_is_told_of_no_other_ones_cards(world: World) -> None:
    await the_site(world)
    other = a_booking_token("0BADC0DE", contract_id=OTHER_CONTRACT)
    await published(world, a_token(other.uid, contract_id=OTHER_CONTRACT))
    await booked(world, OFFER, evse_id=E1, whom=ForWhom(tokens=(CARD, other)))
    world.later(at(10))
    session = await started(world, E1, Credential(other.uid, TokenType.RFID))
    world.later(at(10.5))
    await stopped(world, session, kwh=Decimal(20))
    await settling.settle(await world.call(None))

    (booking,) = await told(world, "fleet", BOOKINGS)
    (charged,) = await told(world, "fleet", SESSIONS)
    billed = [one["ocpi"]["cdr_token"] for one in await told(world, "fleet", CDRS)]

    assert [one["uid"] for one in booking["ocpi"]["booking_tokens"]] == [CARD.uid]
    assert {one["uid"] for one in (charged["ocpi"]["cdr_token"], *billed)} == {"#NA"}
    assert OTHER_CONTRACT not in str((booking, charged, billed))
    assert (await told(world, "other_fleet", SESSIONS))[0]["ocpi"]["cdr_token"]["uid"] == other.uid


async def test_a_tariff_is_told_to_anybody(world: World) -> None:
    await the_site(world)

    answer = await world.execute(None, '{ location(id: "NL*ABC*LOC1") { tariffs { ocpi } } }')

    assert answer.errors == []
    assert [faults("Tariff", one["ocpi"]) for one in answer.data["location"]["tariffs"]] == [[], []]


async def test_documents_are_reckoned_as_what_they_take(world: World) -> None:
    document = "{ bookings(first: 500) { edges { node { %s } } } }"
    enough = " ".join(f"a{number}: ocpi" for number in range(300_000 // 500 // DOCUMENTS["ocpi"] + 1))

    answer = await world.execute("emsp", document % enough)

    assert [code for code, _ in answer.errors] == ["COST_EXCEEDED"]
