"""Quotes through the contract: priced and held, read, given back, booked; and what each refusal tells."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.rules.tariff import PriceComponent, TariffDimension, TariffElement
from resolvers import provider_fees
from tests.factories.catalogue import a_location, a_tariff, an_offer, at
from tests.factories.fleet import a_fee, fees
from tests.resolvers.quoting import EXPIRY
from tests.world import Answer, World, a_key

pytestmark = pytest.mark.anyio

PRICE = "{ currency booking { beforeTaxes afterTaxes } charging { afterTaxes } total { afterTaxes } }"
FIELDS = f"""
id madeAt expiresAt outcome bookingId location {{ id }} bookingLocation {{ id }} confirmation
timeslot {{ startDateTime endDateTime maxPower }} evse {{ id }} parkingBay {{ id }} compliantEvses {{ id }}
bookingTerms {{ cancelUntilMinutes }} tariffs {{ currency }} price {PRICE}
providerFees {{ name currency complete price {{ afterTaxes }} }}
"""
QUOTE = f"""
mutation ($input: BookingQuoteInput!) {{
  bookingQuote(input: $input) {{
    __typename ... on BookingQuoted {{ quote {{ {FIELDS} }} }} ... on Problem {{ message }}
    ... on TooManyHolds {{ limit }}
  }}
}}
"""
RELEASE = """
mutation ($input: BookingQuoteReleaseInput!) {
  bookingQuoteRelease(input: $input) {
    __typename ... on BookingQuoteReleased { quote { id outcome } } ... on Problem { message }
    ... on QuoteUsed { quoteId bookingId }
  }
}
"""
CREATE = f"""
mutation ($input: BookingCreateInput!) {{
  bookingCreate(input: $input) {{
    __typename ... on Booking {{ id status licensePlate price {PRICE} }} ... on Problem {{ message }}
    ... on QuoteExpired {{ quoteId expiredAt }} ... on QuoteUsed {{ quoteId bookingId }}
    ... on PriceChanged {{ bookingLocationId afterTaxes currency }}
  }}
}}
"""
READ = f"query ($id: ID!) {{ quote(id: $id) {{ {FIELDS} }} }}"
BOOKING = f"query ($id: ID!) {{ booking(id: $id) {{ price {PRICE} }} }}"
ANY = "NL*ABC*LOC1-ANY"
E1, E2 = "NL*ABC*LOC1*E1", "NL*ABC*LOC1*E2"
COSTS = {
    "currency": "EUR",
    "booking": {"beforeTaxes": "2.5000", "afterTaxes": "3.0250"},
    "charging": {"afterTaxes": "60.5000"},
    "total": {"afterTaxes": "63.5250"},
}


@pytest.fixture(autouse=True)
async def _site(world: World) -> None:
    """Two chargers that can be booked for 2.50 and 0.50 for each kWh, before taxes."""
    energy = PriceComponent(TariffDimension.ENERGY, Decimal("0.50"), Decimal(21), 1)
    place = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
    await world.publish(place, a_tariff(), a_tariff("CHARGE", elements=(TariffElement((energy,)),)), an_offer(place))


def a_wish(start: float = 10, **changes: Any) -> dict[str, Any]:
    """Return the input for an hour of any charger, and 100 kWh in it."""
    period = {"startDateTime": at(start).isoformat(), "endDateTime": at(start + 1).isoformat()}
    plain = {"idempotencyKey": a_key(), "bookingLocationId": ANY, "period": period, "energyNeeded": "100"}
    return {**plain, **changes}


async def came_of(world: World, caller: str, document: str, input: dict[str, Any]) -> Any:
    """Return what came of a mutation, without errors."""
    answer = await world.execute(caller, document, input=input)
    assert answer.errors == []
    (result,) = answer.data.values()
    return result


async def quoted(world: World, caller: str = "emsp", **changes: Any) -> Any:
    """Return a quote as its caller sees it."""
    result = await came_of(world, caller, QUOTE, a_wish(**changes))
    assert result["__typename"] == "BookingQuoted", result
    return result["quote"]


async def create(world: World, caller: str = "emsp", **input: Any) -> Any:
    return await came_of(world, caller, CREATE, {"idempotencyKey": a_key(), **input})


async def release(world: World, caller: str, quote_id: str) -> Any:
    return await came_of(world, caller, RELEASE, {"idempotencyKey": a_key(), "quoteId": quote_id})


async def read(world: World, caller: str | None, quote_id: str) -> Answer:
    return await world.execute(caller, READ, id=quote_id)


async def test_a_quote_tells_what_is_held_for_how_long_and_what_it_costs(world: World) -> None:
    one = await quoted(world)

    assert one == {
        "id": one["id"],
        "madeAt": "2026-12-01T06:00:00Z",
        "expiresAt": "2026-12-01T06:10:00Z",
        "outcome": "OPEN",
        "bookingId": None,
        "location": {"id": "NL*ABC*LOC1"},
        "bookingLocation": {"id": ANY},
        "confirmation": "INSTANT",
        "timeslot": {
            "startDateTime": "2026-12-01T10:00:00Z",
            "endDateTime": "2026-12-01T11:00:00Z",
            "maxPower": 400_000,
        },
        "evse": None,
        "parkingBay": None,
        "compliantEvses": [{"id": E1}, {"id": E2}],
        "bookingTerms": {"cancelUntilMinutes": 60},
        "tariffs": [{"currency": "EUR"}, {"currency": "EUR"}],
        "price": COSTS,
        "providerFees": [],
    }
    assert (await read(world, "emsp", one["id"])).data == {"quote": one}


async def test_a_charger_that_was_asked_for_is_shown(world: World) -> None:
    one = await quoted(world, evseId=E2)

    assert (one["evse"], one["parkingBay"], one["compliantEvses"]) == (
        {"id": E2},
        {"id": "NL*ABC*LOC1*B2"},
        [{"id": E2}],
    )


async def test_without_energy_only_the_booking_is_priced(world: World) -> None:
    one = await quoted(world, energyNeeded=None)

    assert one["price"] == {"currency": "EUR", "booking": COSTS["booking"], "charging": None, "total": None}


async def test_a_fleet_alone_is_told_what_its_provider_adds(world: World) -> None:
    await provider_fees.publish(await world.call("emsp"), a_key(), fees(a_fee()))

    of_fleet, of_emsp = await quoted(world, "fleet"), await quoted(world, "emsp")

    line = {"name": "Fee SERVICE", "currency": "EUR", "complete": True, "price": {"afterTaxes": "2.1780"}}
    assert (of_fleet["providerFees"], of_emsp["providerFees"]) == ([line], [])
    assert of_fleet["price"] == of_emsp["price"] == COSTS


async def test_a_quote_is_booked_by_its_id_and_the_booking_keeps_its_price(world: World) -> None:
    one = await quoted(world)

    made = await create(world, quoteId=one["id"], licensePlate="12-ABC-3")
    again = await create(world, quoteId=one["id"])

    assert (made["__typename"], made["status"], made["licensePlate"]) == ("Booking", "RESERVED", "12-ABC-3")
    assert made["price"] == COSTS
    for caller in ("emsp", "cpo"):
        assert (await world.execute(caller, BOOKING, id=made["id"])).data == {"booking": {"price": COSTS}}
    used = {"quoteId": one["id"], "bookingId": made["id"]}
    told = {"message": f"Quote {one['id']} was booked before, as {made['id']}."}
    assert again == {"__typename": "QuoteUsed", **used, **told}
    assert await release(world, "emsp", one["id"]) == {"__typename": "QuoteUsed", **used, **told}
    now = (await read(world, "emsp", one["id"])).data["quote"]
    assert (now["outcome"], now["bookingId"]) == ("BOOKED", made["id"])


async def test_a_direct_booking_is_priced_too_and_takes_a_limit(world: World) -> None:
    dear = await create(world, **a_wish(maxPrice={"amount": "63.52", "currency": "EUR"}))
    made = await create(world, **a_wish(maxPrice={"amount": "63.53", "currency": "eur"}))

    assert dear == {
        "__typename": "PriceChanged",
        "message": f"{ANY} costs 63.5250 EUR for that.",
        "bookingLocationId": ANY,
        "afterTaxes": "63.5250",
        "currency": "EUR",
    }
    assert made["price"] == COSTS


async def test_a_quote_that_expired_is_told_with_when(world: World) -> None:
    one = await quoted(world)
    world.later(EXPIRY + timedelta(minutes=1))

    refused = await create(world, quoteId=one["id"])

    assert refused == {
        "__typename": "QuoteExpired",
        "message": f"Quote {one['id']} held its slot until 2026-12-01T06:10:00+00:00; ask for a new one.",
        "quoteId": one["id"],
        "expiredAt": "2026-12-01T06:10:00Z",
    }
    assert (await read(world, "emsp", one["id"])).data["quote"]["outcome"] == "EXPIRED"


async def test_a_quote_that_is_given_back_frees_its_slot(world: World) -> None:
    first, second = await quoted(world), await quoted(world)
    taken = await came_of(world, "other_emsp", QUOTE, a_wish())

    released = await release(world, "emsp", first["id"])
    after = await came_of(world, "other_emsp", QUOTE, a_wish())

    assert taken["__typename"] == "SlotTaken"
    assert released == {"__typename": "BookingQuoteReleased", "quote": {"id": first["id"], "outcome": "RELEASED"}}
    assert after["__typename"] == "BookingQuoted"
    assert (await read(world, "emsp", second["id"])).data["quote"]["outcome"] == "OPEN"


async def test_the_twenty_first_hold_is_refused(world: World) -> None:
    for start in range(7, 27):
        await quoted(world, start=start)

    refused = await came_of(world, "emsp", QUOTE, a_wish(start=28))

    assert (refused["__typename"], refused["limit"]) == ("TooManyHolds", 20)


@pytest.mark.parametrize("caller", [None, "cpo", "other_cpo", "other_emsp", "fleet", "nsp", "nap", "admin"])
async def test_nobody_else_sees_a_quote(world: World, caller: str | None) -> None:
    one = await quoted(world)

    answer = await read(world, caller, one["id"])

    code = "UNAUTHENTICATED" if caller is None else "NOT_FOUND"
    assert (answer.data, [found for found, _ in answer.errors]) == ({"quote": None}, [code])


@pytest.mark.parametrize("caller", ["other_emsp", "fleet"])
async def test_nobody_else_books_or_gives_back_a_quote(world: World, caller: str) -> None:
    one = await quoted(world)

    booked = await create(world, caller, quoteId=one["id"])
    released = await release(world, caller, one["id"])

    assert booked == released == {"__typename": "NotFound", "message": f"There is no Quote {one['id']}."}


@pytest.mark.parametrize(
    "settled",
    [
        {"bookingLocationId": ANY},
        {"period": a_wish()["period"]},
        {"evseId": E1},
        {"maxPrice": {"amount": "1", "currency": "EUR"}},
        {"energyNeeded": "1"},
        {"energyType": "RENEWABLE"},
        {"connectorType": "MCS"},
        {"connectorFormat": "CABLE"},
        {"minPower": 1},
        {"guaranteedPower": 1},
        {"vehicle": {}},
    ],
    ids=lambda settled: next(iter(settled)),
)
async def test_beside_a_quote_nothing_is_given_that_it_settles(world: World, settled: dict[str, Any]) -> None:
    one = await quoted(world)

    answer = await world.execute("emsp", CREATE, input={"idempotencyKey": a_key(), "quoteId": one["id"], **settled})

    ((code, message),) = answer.errors
    assert code == "BAD_USER_INPUT"
    assert message == (
        "The quote settles what is booked: with `quoteId` give `tokens`, `contractId`, `licensePlate`, "
        "`onBehalfOf` and `reminders` only."
    )


@pytest.mark.parametrize("missing", ["bookingLocationId", "period"])
async def test_without_a_quote_it_must_be_said_what_is_booked(world: World, missing: str) -> None:
    answer = await world.execute("emsp", CREATE, input={**a_wish(), missing: None})

    assert answer.errors == [("BAD_USER_INPUT", "Give `quoteId`, or else `bookingLocationId` and `period`.")]
