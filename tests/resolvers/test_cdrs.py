"""CDRs as they are read: with their lines in words, by filter, and only by whom they concern (BUC 4.1, 4.4)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from models.errors import BadInput, NotFound
from models.rules.bill import BillKind
from models.rules.booking import Booking
from models.rules.payment import PaymentState
from models.rules.session import Session
from models.rules.token import TokenType
from resolvers import cdrs, mandates
from resolvers.cdrs import CdrFilter, Invoicing
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant, MandateToRevoke
from server.auth import beginning
from tests.factories.catalogue import at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import BY_CARD, CARD, started, stopped
from tests.resolvers.lifecycle import E2, booked
from tests.resolvers.settling import OFFER, issued, open_site, overstayed, refunded, settle
from tests.statements import Counting
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

WHOLE = """
query ($id: ID!) {
  cdr(id: $id) {
    id ocpiId number kind credit creditReferenceId creditedBy currency
    total { beforeTaxes afterTaxes taxes { amount } }
    lines { kind tariffId element quantity unitPrice vat price { afterTaxes } bookingId revision words }
    bookingId sessionId revision period { startDateTime endDateTime } energy greenShare cpoId emspId contractId
    licensePlate token { uid } authMethod authorizationReference
    location { id name city country coordinates { latitude } evseUid connectorStandard } tariffs { tariffId }
    bookingTerms { cancelUntilMinutes } issuedAt remark state invoiceId
  }
}
"""
BESIDE = """
query ($id: ID!) {
  booking(id: $id) { cdrs { kind credit total { afterTaxes } } sessions { cdrs { kind total { afterTaxes } } } }
}
"""
ENTITIES = """
query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Cdr { id kind } } }
"""
OF_ALL = "{ bookings { edges { node { cdrs { id lines { words } } sessions { cdrs { id state } } } } } }"
LIST = """
query ($after: String) {
  cdrs(first: 2, after: $after) { edges { node { id issuedAt } } pageInfo { endCursor hasNextPage } }
}
"""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site where everything costs something."""
    await open_site(world)


async def billed(world: World) -> tuple[Booking, Session, str]:
    """Return a booking that was overstayed, its session, and the id of the session's CDR."""
    one, session = await overstayed(world)
    (cdr,) = await issued(world, kinds=(BillKind.SESSION,))
    return one, session, cdr.object_id


async def test_a_cdr_tells_of_each_line_what_caused_it_and_how_it_is_reckoned(world: World) -> None:
    one, session, cdr_id = await billed(world)

    answer = await world.execute("emsp", WHOLE, id=cdr_id.lower())

    assert answer.errors == []
    found = answer.data["cdr"]
    energy, overtime = found.pop("lines")
    assert energy == {
        "kind": "ENERGY",
        "tariffId": "NL*ABC*CHARGE",
        "element": 0,
        "quantity": "120.5000",
        "unitPrice": "0.50",
        "vat": "21",
        "price": {"afterTaxes": "72.9025"},
        "bookingId": one.object_id,
        "revision": 1,
        "words": "Energy: 120.5 kWh at 0.50 EUR per kWh, 60.25 EUR before and 72.9025 EUR after 21 % VAT.",
    }
    assert overtime["words"] == (
        "Fee for staying longer than booked: 0.5 hours at 6.00 EUR per hour, 3.00 EUR before and 3.63 EUR after "
        "21 % VAT."
    )
    assert (overtime["tariffId"], overtime["element"]) == ("NL*ABC*BOOK", 3)
    assert found["total"] == {"beforeTaxes": "63.2500", "afterTaxes": "76.5325", "taxes": [{"amount": "13.2825"}]}
    assert (found["bookingId"], found["sessionId"]) == (one.object_id, session.object_id)
    assert (found["kind"], found["credit"], found["creditReferenceId"], found["creditedBy"]) == (
        "SESSION",
        False,
        None,
        None,
    )
    assert (found["energy"], found["contractId"], found["token"]) == ("120.5", FLEET_CONTRACT, {"uid": "04A1B2C3"})
    assert found["period"] == {"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T11:30:00Z"}
    assert (found["cpoId"], found["emspId"], found["number"], found["state"]) == ("NL*ABC", "NL*EMS", None, "DUE")
    assert (found["location"]["id"], found["location"]["evseUid"]) == ("NL*ABC*LOC1", "E1")
    assert {each["tariffId"] for each in found["tariffs"]} == {"NL*ABC*BOOK", "NL*ABC*CHARGE"}
    assert found["authorizationReference"] == one.authorization_reference
    assert len(found["ocpiId"]) <= 39


async def test_a_booking_and_a_session_tell_what_was_billed_of_them(world: World) -> None:
    one, _, _ = await billed(world)

    answer = await world.execute("fleet", BESIDE, id=one.object_id)

    assert answer.errors == []
    (session,) = answer.data["booking"]["sessions"]
    assert session["cdrs"] == [{"kind": "SESSION", "total": {"afterTaxes": "76.5325"}}]
    assert sorted(each["kind"] for each in answer.data["booking"]["cdrs"]) == ["BOOKING", "SESSION"]


SEEN_BY: list[tuple[str | None, bool]] = [
    *((caller, True) for caller in ("cpo", "emsp", "fleet")),
    *((caller, False) for caller in (None, "other_cpo", "other_emsp", "other_fleet", "nsp", "nap", "admin")),
]


@pytest.mark.parametrize(("caller", "sees"), SEEN_BY)
async def test_a_cdr_is_seen_by_whom_it_concerns_and_is_unknown_to_others(
    world: World, caller: str | None, sees: bool
) -> None:
    _, _, cdr_id = await billed(world)
    unknown = "NL*ABC*7E57AB1E-0000-4000-8000-000000000000"

    one, none = [await world.execute(caller, WHOLE, id=each) for each in (cdr_id, unknown)]
    entities = await world.execute(caller, ENTITIES, representations=[{"__typename": "Cdr", "id": cdr_id}])
    listed = await world.execute(caller, LIST)

    assert entities.data["_entities"] == ([{"id": cdr_id, "kind": "SESSION"}] if sees else [None])
    if sees:
        assert one.data["cdr"]["id"] == cdr_id
        assert len(listed.data["cdrs"]["edges"]) == 2
    else:
        assert [(code, text.replace(cdr_id, "")) for code, text in one.errors] == [
            (code, text.replace(unknown, "")) for code, text in none.errors
        ]
        assert listed.data is None or listed.data["cdrs"]["edges"] == []


async def test_whoever_booked_on_behalf_of_another_sees_its_cdrs_while_it_has_the_mandate(world: World) -> None:
    mandate = await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    await booked(world, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
    await settle(world)
    (one,) = await issued(world, "other_emsp")

    await mandates.revoke(await world.call("emsp"), a_key(), MandateToRevoke(str(mandate.id)))

    assert await issued(world, "other_emsp") == []
    with pytest.raises(NotFound):
        await cdrs.get(await world.call("other_emsp"), one.object_id)
    assert await issued(world, "emsp") == [one]


async def test_a_walk_up_is_billed_to_the_contract_of_its_card(world: World) -> None:
    world.later(at(10))
    session = await started(world, E2, BY_CARD)
    world.later(at(10.5))
    await stopped(world, session, kwh=Decimal(10))
    await settle(world)

    (one,) = await issued(world, "fleet")

    assert (one.booking_id, one.bill.session_id, one.contract_id) == (None, session.id, FLEET_CONTRACT)
    assert await issued(world, "other_fleet") == []


async def noted(world: World) -> dict[str, Any]:
    """Let things of every kind be billed, one be invoiced and one be refunded; return what filters name."""
    one, session, cdr_id = await billed(world)
    other = await booked(world, OFFER, hours(14, 15), evse_id=E2, whom=ForWhom(contract_id=OTHER_CONTRACT))
    await settle(world)
    await cdrs.invoice(await world.call("cpo"), a_key(), Invoicing((cdr_id,), "INV-1"))
    (fee,) = await issued(world, booking_ids=(other.object_id,))
    await refunded(world, fee, "1.00")
    world.later(at(13))
    await settle(world)
    return {"one": one, "session": session, "other": other}


async def test_each_filter_leaves_what_it_asks_for(world: World) -> None:
    known = await noted(world)

    async def count(**asked: Any) -> int:
        return len(await issued(world, **asked))

    assert await count() == 5
    assert await count(booking_ids=(known["one"].object_id,)) == 2
    assert await count(booking_ids=()) == 0
    assert await count(session_ids=(known["session"].object_id,)) == 1
    assert await count(location_id="nl*abc*loc1") == 5
    assert await count(location_id="NL*ABC*LOC2") == 0
    assert await count(kinds=(BillKind.SESSION, BillKind.NO_SHOW)) == 1
    assert await count(credits=True) == 1
    assert await count(credits=False) == 4
    assert await count(contract_id=OTHER_CONTRACT) == 3
    assert await count(states=(PaymentState.INVOICED,)) == 1
    assert await count(states=(PaymentState.DUE, PaymentState.PAID)) == 4
    assert await count(issued=hours(13, 14)) == 2
    assert len(await issued(world, "fleet")) == 2
    assert await issued(world, "fleet", contract_id=OTHER_CONTRACT) == []


async def test_pages_hold_every_cdr_once_in_the_order_in_which_they_were_issued(world: World) -> None:
    await noted(world)
    found: list[str] = []
    after: str | None = None

    while True:
        page = (await world.execute("cpo", LIST, after=after)).data["cdrs"]
        found.extend(edge["node"]["id"] for edge in page["edges"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert found == [one.object_id for one in await issued(world)]
    assert len(set(found)) == 5


async def test_the_cdrs_of_many_bookings_and_sessions_are_read_at_once(world: World) -> None:
    await billed(world)
    asked = []
    for start in (14, 15, 16):
        counting = Counting(world.database)
        world.begin = beginning(counting, world.catalogue, lambda: world.now)
        answer = await world.execute("emsp", OF_ALL)
        assert answer.errors == []
        asked.append(len(counting.since()))
        await booked(world, OFFER, hours(start, start + 1), evse_id=E2)
        await settle(world)

    assert len(set(asked)) == 1


async def test_a_filter_names_a_hundred_bookings_at_most(world: World) -> None:
    names = tuple(f"NL*ABC*{number}" for number in range(101))

    for asked in (CdrFilter(booking_ids=names), CdrFilter(session_ids=names)):
        with pytest.raises(BadInput, match="at most 100"):
            await cdrs.page(await world.call("cpo"), asked, first=1, after=None)


async def test_what_one_of_two_fleets_charges_on_their_booking_is_its_own_to_see_and_to_pay(world: World) -> None:
    other = replace(CARD, uid="0B0B0B0B", contract_id=OTHER_CONTRACT)
    await published(world, a_token(other.uid, contract_id=OTHER_CONTRACT))
    await booked(world, OFFER, evse_id=E2, whom=ForWhom(tokens=(CARD, other)))
    world.later(at(10))
    session = await started(world, E2, Credential(other.uid, TokenType.RFID))
    world.later(at(10.5))
    await stopped(world, session, kwh=Decimal(10))
    await settle(world)

    (one,) = await issued(world, "other_fleet", kinds=(BillKind.SESSION,))
    seen = (await world.execute("other_fleet", WHOLE, id=one.object_id)).data["cdr"]

    assert (seen["contractId"], seen["token"]) == (OTHER_CONTRACT, {"uid": other.uid})
    assert await issued(world, "fleet", kinds=(BillKind.SESSION,)) == []
    with pytest.raises(NotFound):
        await cdrs.get(await world.call("fleet"), one.object_id)
