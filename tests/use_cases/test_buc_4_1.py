"""BUC 4.1: a transport operator knows its consumption, and what it has to pay for booked slots and for charging."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.api.publications import a_tariff_input
from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import CREATE, booked, quoted
from tests.use_cases.booking_documents import a_token as of_booking
from tests.use_cases.charging_documents import CARD, E1, begun, ended, tokens_of_all
from tests.use_cases.documents import ask, do, place
from tests.use_cases.following_documents import HOLDERS, cursor_now, round_of_worker
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB, HUB_MCS, PARK_ANY, done, hub
from tests.use_cases.prices import element
from tests.use_cases.settlement_documents import (
    BY_ID,
    CDRS,
    CONCERNED,
    DAY,
    ISSUED,
    MONTHS,
    OF_BOOKING,
    OF_SESSION,
    OTHER_PLATE,
    PLATE,
    STATEMENT,
    STRANGERS,
    adds_up,
    billed,
    bills,
    invoiced,
    lines,
    owed,
    paid,
    refunded,
    session,
    standing,
    statement,
    stood,
    sums,
    the,
    together,
    used,
)
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

NEXT_MONTH = datetime(2027, 1, 5, 9, tzinfo=UTC)


async def two_trips(world: World) -> None:
    """Let one truck charge 100 kWh at a green site, and another 40 kWh of gas at another one."""
    await used(world)
    one = await booked(world, "fleet", DEPOT_ANY, "12:00", "13:00", licensePlate=OTHER_PLATE)
    charging = await begun(world, f"{DEPOT}*E1", "12:00", reference=one["reference"])
    await ended(world, charging, "12:30", kwh="40")
    await round_of_worker(world)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_4_1_what_it_booked_and_charged_is_told_line_by_line(changing: World, caller: str) -> None:
    booking, one = await used(changing, until="10:40", caller=caller)

    slot, charged = await bills(changing, "fleet", bookingIds=[booking["id"]])

    assert (slot["kind"], lines(slot)) == (
        "BOOKING",
        [("RESERVATION", "1.0000", "2.5000"), ("RESERVATION", "1.0000", "6.0000")],
    )
    assert (charged["kind"], lines(charged)) == (
        "SESSION",
        [("ENERGY", "100.0000", "50.0000"), ("PARKING_TIME", "0.1667", "2.0000")],
    )
    assert [line["words"] for line in charged["lines"]] == [
        "Energy: 100 kWh at 0.50 EUR per kWh, 50.00 EUR before and 59.50 EUR after 19 % VAT.",
        "Time of parking without charging: 0.1667 hours at 12.00 EUR per hour, 2.00 EUR before and 2.38 EUR after "
        "19 % VAT.",
    ]
    for cdr in (slot, charged):
        assert adds_up(cdr)
        assert (cdr["bookingId"], cdr["revision"], cdr["currency"], cdr["state"]) == (booking["id"], 1, "EUR", "DUE")
        assert (cdr["contractId"], cdr["licensePlate"]) == (FLEET_CONTRACT, PLATE)
        assert (cdr["location"]["id"], cdr["cpoId"], cdr["emspId"]) == (HUB, "NL*ABC", "NL*EMS")
    assert (slot["sessionId"], slot["energy"], charged["sessionId"], charged["energy"]) == (
        None,
        "0",
        one["id"],
        "100",
    )
    assert (charged["greenShare"], charged["token"]["uid"], charged["location"]["evseUid"]) == ("100", "CARD-1", "E1")


async def test_buc_4_1_its_consumption_with_the_green_share_is_known_for_each_vehicle(changing: World) -> None:
    await two_trips(changing)

    green, gas = await sums(changing, "fleet", "VEHICLE")

    for line, plate, kwh, of_green, share in ((green, PLATE, 100, 100, "100.00"), (gas, OTHER_PLATE, 40, 0, "0.00")):
        assert (line["vehicle"], line["greenShare"]) == (plate, share)
        assert Decimal(line["energy"]) == kwh
        assert Decimal(line["greenEnergy"]) == of_green
    for line, before, after in ((green, "58.50", "69.62"), (gas, "28.50", "33.92")):
        assert (line["beforeTaxes"], line["afterTaxes"], line["currency"]) == (before, after, "EUR")
        assert (line["bookings"], line["sessions"], line["cdrs"]) == (1, 1, 2)
    (total,) = (await statement(changing, "fleet"))["totals"]
    assert (total["energy"], total["greenShare"], total["afterTaxes"]) == ("140", "71.43", "103.53")


async def test_buc_4_1_its_consumption_is_known_for_each_location_and_contract(changing: World) -> None:
    await two_trips(changing)

    by_place = await sums(changing, "fleet", "LOCATION")
    by_both = await sums(changing, "fleet", "LOCATION", "VEHICLE", "CONTRACT", "MONTH")
    (contract,) = await sums(changing, "fleet", "CONTRACT")

    assert [(one["locationId"], one["energy"]) for one in by_place] == [(DEPOT, "40"), (HUB, "100")]
    keys = [(one["vehicle"], one["contractId"], one["locationId"], one["month"]) for one in by_both]
    assert keys == [(PLATE, FLEET_CONTRACT, HUB, "2026-12"), (OTHER_PLATE, FLEET_CONTRACT, DEPOT, "2026-12")]
    assert (contract["contractId"], contract["bookings"], contract["afterTaxes"]) == (FLEET_CONTRACT, 2, "103.53")


async def test_buc_4_1_each_contract_is_added_up_by_itself(changing: World) -> None:
    await used(changing)
    other = await booked(changing, "other_fleet", DEPOT_ANY, "12:00", "13:00")
    await billed(changing, other, "other_fleet")

    shown = await sums(changing, "emsp", "CONTRACT")

    assert [(one["contractId"], one["beforeTaxes"]) for one in shown] == [
        (FLEET_CONTRACT, "58.50"),
        (OTHER_CONTRACT, "8.50"),
    ]


async def test_buc_4_1_each_month_has_what_was_issued_in_it_corrections_too(changing: World) -> None:
    booking, _ = await used(changing)
    changing.later(NEXT_MONTH)
    await refunded(changing, the(await bills(changing, "cpo"), "SESSION"), "10.00")
    found = await billed(changing, booking)

    december, january = await sums(changing, "fleet", "MONTH", period=MONTHS)

    assert (december["month"], december["beforeTaxes"], december["energy"]) == ("2026-12", "58.50", "100")
    assert (january["month"], january["beforeTaxes"], january["energy"]) == ("2027-01", "-10.00", "0")
    (total,) = (await statement(changing, "fleet", period=MONTHS))["totals"]
    assert Decimal(total["beforeTaxes"]) == together(found) == Decimal("48.50")


async def test_buc_4_1_what_it_was_told_before_it_booked_is_what_it_owes(changing: World) -> None:
    await tokens_of_all(changing)
    quote = await quoted(changing, "fleet", HUB_MCS, "10:00", "11:00", energyNeeded="100")
    booking = await do(changing, "fleet", CREATE, quoteId=quote["id"], tokens=[of_booking(FLEET_CONTRACT)])
    await billed(changing, booking)
    one = await session(changing, "10:06", "11:00")

    found = await billed(changing, booking)

    told = {"BOOKING": quote["price"]["booking"], "SESSION": quote["price"]["charging"]}
    assert standing(found) == {kind: price["beforeTaxes"] for kind, price in told.items()}
    for part in ("beforeTaxes", "afterTaxes"):
        assert together(found, part) == Decimal(quote["price"]["total"][part])
    shown = await ask(changing, "fleet", OF_SESSION, id=one["id"])
    assert shown["cost"]["beforeTaxes"] == the(shown["cdrs"], "SESSION")["total"]["beforeTaxes"]


async def test_buc_4_1_charging_without_a_booking_is_part_of_its_consumption(changing: World) -> None:
    await tokens_of_all(changing)
    one = await session(changing, "10:30", "10:30", evse_id=E1, token=CARD)

    (cdr,) = await bills(changing, "fleet", sessionIds=[one["id"]])

    assert (cdr["bookingId"], cdr["revision"], cdr["contractId"]) == (None, None, FLEET_CONTRACT)
    assert lines(cdr) == [("ENERGY", "100.0000", "50.0000")]
    (line,) = await sums(changing, "fleet", "CONTRACT")
    assert (line["bookings"], line["sessions"], line["energy"], line["beforeTaxes"]) == (0, 1, "100", "50.00")


async def test_buc_4_1_what_its_card_charges_on_a_booking_that_its_provider_made_for_nobody_is_its_own(
    changing: World,
) -> None:
    await tokens_of_all(changing)
    await booked(changing, "emsp", HUB_MCS, "10:00", "11:00")
    one = await session(changing, "10:30", "10:30")

    (cdr,) = await bills(changing, "fleet")

    assert (cdr["kind"], cdr["sessionId"], cdr["contractId"]) == ("SESSION", one["id"], FLEET_CONTRACT)
    (line,) = await sums(changing, "fleet", "CONTRACT")
    assert (line["contractId"], line["energy"], line["beforeTaxes"]) == (FLEET_CONTRACT, "100", "50.00")
    assert [cdr["contractId"] for cdr in await bills(changing, "emsp", kinds=["BOOKING"])] == [None]


async def test_buc_4_1_what_is_due_what_was_invoiced_and_what_is_paid_are_told_apart(changing: World) -> None:
    booking, _ = await used(changing)
    slot, charged = await bills(changing, "emsp")

    async def seen() -> tuple[list[str], tuple[str, str, str]]:
        found = await bills(changing, "fleet", bookingIds=[booking["id"]])
        (line,) = await sums(changing, "fleet")
        return [one["state"] for one in found], owed(line)

    assert await seen() == (["DUE", "DUE"], ("69.62", "0.00", "0.00"))
    await invoiced(changing, [slot, charged], caller="emsp")
    assert await seen() == (["INVOICED", "INVOICED"], ("0.00", "69.62", "0.00"))
    await paid(changing, [slot], "emsp")
    assert await seen() == (["PAID", "INVOICED"], ("0.00", "59.50", "10.12"))
    assert [one["kind"] for one in await bills(changing, "fleet", states=["INVOICED"])] == ["SESSION"]
    assert {one["invoiceId"] for one in await bills(changing, "fleet")} == {"INV-1"}


async def test_buc_4_1_it_pays_its_provider_and_reads_nothing_of_what_that_owes_the_operator(
    changing: World,
) -> None:
    await used(changing)
    slot, charged = await bills(changing, "cpo")

    await invoiced(changing, [slot, charged], "OPERATOR-1")
    await paid(changing, [slot, charged])

    not_yet = ("DUE", None, "DUE", None)
    assert await stood(changing, "fleet") == {"BOOKING": not_yet, "SESSION": not_yet}
    assert await stood(changing, "fleet", states=["PAID"]) == {}
    (line,) = await sums(changing, "fleet")
    assert owed(line) == owed(line, "fleet") == ("69.62", "0.00", "0.00")

    await invoiced(changing, [slot, charged], "FLEET-1", caller="emsp")
    await paid(changing, [slot, charged], "emsp")

    done = ("PAID", "FLEET-1", "PAID", "FLEET-1")
    assert await stood(changing, "fleet", states=["PAID"]) == {"BOOKING": done, "SESSION": done}
    assert (await statement(changing, "fleet", "VEHICLE"))["totals"][0]["paid"] == "69.62"
    assert "OPERATOR-1" not in str(await bills(changing, "fleet"))


async def test_buc_4_1_currencies_are_never_added_up_together(changing: World) -> None:
    krona = element("FLAT", "30.00", booking="BOOKING")
    await done(
        changing, "tariffsPublish", a_tariff_input("BOOK", elements=[krona], currency="DKK"), caller="other_cpo"
    )
    await used(changing)
    await billed(changing, await booked(changing, "fleet", PARK_ANY, "12:00", "13:00"))

    shown = await statement(changing, "fleet", "CONTRACT")

    for found in ([edge["node"] for edge in shown["lines"]["edges"]], shown["totals"]):
        assert [(one["currency"], one["beforeTaxes"]) for one in found] == [("DKK", "30.00"), ("EUR", "58.50")]


async def test_buc_4_1_it_is_told_of_each_bill_as_it_is_issued_and_finds_it_with_booking_and_session(
    changing: World,
) -> None:
    first = await booked(changing, "fleet", DEPOT_ANY, "14:00", "15:00")
    await billed(changing, first)
    after = await cursor_now(changing, "fleet", first["id"])
    booking, one = await used(changing)

    async with subscribed(changing, "fleet", ISSUED, after=after) as stream:
        heard = [(await stream.next())["cdr"] for _ in range(2)]

    assert heard == await bills(changing, "fleet", bookingIds=[booking["id"]])
    assert heard == (await ask(changing, "fleet", OF_BOOKING, id=booking["id"]))["cdrs"]
    assert (await ask(changing, "fleet", OF_SESSION, id=one["id"]))["cdrs"] == heard[-1:]
    assert await ask(changing, "fleet", BY_ID, id=heard[-1]["id"]) == heard[-1]


async def test_buc_4_1_a_bill_names_the_place_as_it_was_called_then(changing: World) -> None:
    booking, _ = await used(changing)
    before = await bills(changing, "fleet", bookingIds=[booking["id"]])

    await done(changing, "locationsPublish", {**hub(), "name": "Renamed", "city": "Elsewhere"})

    assert (await place(changing, "fleet", HUB))["name"] == "Renamed"
    assert await bills(changing, "fleet", bookingIds=[booking["id"]]) == before


@pytest.mark.parametrize("caller", STRANGERS)
async def test_buc_4_1_another_fleet_and_another_provider_see_nothing_of_it(changing: World, caller: str) -> None:
    booking, one = await used(changing)
    found = await bills(changing, "fleet")
    own = None
    if caller != "other_cpo":
        own = await booked(changing, caller, DEPOT_ANY, "14:00", "15:00")
        await billed(changing, own, caller)

    listed = await bills(changing, caller)
    assert [cdr["bookingId"] for cdr in listed] == ([own["id"]] if own else [])
    for wanted in ({"bookingIds": [booking["id"]]}, {"sessionIds": [one["id"]]}, {"contractId": FLEET_CONTRACT}):
        assert await bills(changing, caller, **wanted) == []
    for cdr in found:
        hidden = await changing.execute(caller, BY_ID, id=cdr["id"])
        assert [code for code, _ in hidden.errors] == ["NOT_FOUND"]
    shown = await statement(changing, caller, "VEHICLE", "CONTRACT", "LOCATION")
    assert [edge["node"]["beforeTaxes"] for edge in shown["lines"]["edges"]] == (["8.50"] if own else [])
    assert FLEET_CONTRACT not in str(shown)
    assert PLATE not in str(shown)


@pytest.mark.parametrize("caller", ["nsp", "nap", None])
async def test_buc_4_1_who_has_no_part_in_it_is_refused(changing: World, caller: str | None) -> None:
    await used(changing)
    code = "FORBIDDEN" if caller else "UNAUTHENTICATED"

    stated = await changing.execute(caller, STATEMENT, period=DAY)
    listed = await changing.execute(caller, CDRS)

    assert [one for one, _ in stated.errors] == [code]
    assert [one for one, _ in listed.errors] == [code] or listed.data["cdrs"]["edges"] == []
    assert len(await bills(changing, CONCERNED[0])) == 2
