"""BUC 3.4: a provider tells the transport operator how charging can be started at a booked charger."""

from typing import Any

import pytest

from tests.api.publications import a_connector_input
from tests.use_cases.booking_documents import CANCEL, booked, change_quoted, changed
from tests.use_cases.documents import ask, do, period
from tests.use_cases.following_documents import HOLDERS, clock, round_of_worker
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB_CCS, HUB_MCS, a_charger, a_site, an_offer, done
from tests.use_cases.prices import TERMS
from tests.world import World

pytestmark = pytest.mark.anyio

HOW = """
query ($id: ID!) {
  booking(id: $id) {
    evse { id }
    startInstructions {
      from until
      access { method value sentence }
      start { method sentence }
      connector { id standard format maxElectricPower }
      physicalReference
      parkingBay { ocpiId }
      directions { language text }
      text
    }
  }
}
"""
PLATE = "12-ABC-3"


async def told(world: World, one: Any, caller: str = "emsp") -> Any:
    """Return how charging on a booking starts, as a caller is told."""
    return (await ask(world, caller, HOW, id=one["id"]))["startInstructions"]


def ways(instructions: Any) -> tuple[list[str], list[str]]:
    """Return how to get on to the site, and how to start."""
    return [one["method"] for one in instructions["access"]], [one["method"] for one in instructions["start"]]


async def terms(world: World, offer_id: str = HUB_MCS, **changes: Any) -> None:
    """Publish a charger to book on terms that are changed by naming what matters."""
    option = {"bookingOption": {"evseUid": "E1"}} if offer_id == HUB_MCS else {}
    await done(world, "bookingLocationsPublish", an_offer(offer_id, bookingTerms={**TERMS, **changes}, **option))


async def equipped(world: World, *capabilities: str, **plug: Any) -> None:
    """Publish a site whose charger has those capabilities, and such a plug."""
    charger = a_charger("E1", "MCS", 1_000_000, ("B1", "LEFT"))
    connector = a_connector_input(standard="MCS", maxVoltage=1250, maxAmperage=800, tariffIds=["CHARGE"], **plug)
    charger |= {
        "capabilities": list(capabilities),
        "connectors": [connector],
        "physicalReference": "7",
        "directions": [{"language": "en", "text": "Behind the wash."}],
    }
    site = a_site(DEPOT, evses=[charger], directions=[{"language": "en", "text": "Exit 42."}])
    await done(world, "locationsPublish", site)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_4_a_holder_is_told_when_where_and_how_charging_starts(changing: World, caller: str) -> None:
    one = await booked(changing, caller, HUB_MCS, "09:00", "10:00", licensePlate=PLATE, **HOLDERS[caller])

    how = await told(changing, one, caller)

    assert (how["from"], how["until"]) == ("2026-12-01T09:00:00Z", "2026-12-01T09:30:00Z")
    assert how["access"] == [
        {"method": "LICENSE_PLATE", "value": PLATE, "sentence": f"The gate opens for the licence plate {PLATE}."},
        {
            "method": "TOKEN",
            "value": None,
            "sentence": "Hold a card that the booking names to the reader at the gate.",
        },
    ]
    assert [(way["method"], way["sentence"]) for way in how["start"]] == [
        ("RFID", "Hold a card of your provider to the reader of the charger."),
        ("REFERENCE", f"Type the reference {one['reference']} where the charger asks for one."),
    ]
    assert how["connector"] == {"id": "1", "standard": "MCS", "format": "CABLE", "maxElectricPower": 1_000_000}
    assert how["parkingBay"] == {"ocpiId": "B1"}
    for part in (*how["access"], *how["start"]):
        assert part["sentence"] in how["text"]
    assert "start charging from 10:00 to 10:30 (Europe/Amsterdam, 2026-12-01)" in how["text"]
    assert how["text"].endswith("For help call +31 10 1234567.")


async def test_buc_3_4_everybody_who_sees_the_booking_is_told_and_nobody_else(changing: World) -> None:
    one = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", licensePlate=PLATE)

    assert await told(changing, one, "fleet") == await told(changing, one) == await told(changing, one, "cpo")
    for caller in ("other_emsp", "other_fleet", "other_cpo"):
        answer = await changing.execute(caller, HOW, id=one["id"])
        assert [code for code, _ in answer.errors] == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("capabilities", "plug", "changes", "expected"),
    [
        (["RFID_READER"], [], {}, ["RFID", "REFERENCE"]),
        (["REMOTE_START_STOP_CAPABLE"], [], {}, ["REMOTE", "REFERENCE"]),
        ([], ["ISO_15118_20_PLUG_AND_CHARGE"], {}, ["REMOTE", "PLUG_AND_CHARGE", "REFERENCE"]),
        ([], ["ISO_15118_2_PLUG_AND_CHARGE"], {}, ["REMOTE", "PLUG_AND_CHARGE", "REFERENCE"]),
        ([], [], {"remoteAuthSupported": True}, ["REMOTE", "REFERENCE"]),
        (["RFID_READER"], [], {"remoteAuthSupported": True}, ["RFID", "REFERENCE"]),
        (["RFID_READER"], ["ISO_15118_2_PLUG_AND_CHARGE"], {"rfidAuthRequired": True}, ["RFID"]),
        (["REMOTE_START_STOP_CAPABLE"], [], {"remoteAuthSupported": False}, ["REFERENCE"]),
    ],
)
async def test_buc_3_4_remark_by_card_by_app_or_by_the_vehicle_as_charger_and_terms_allow(
    changing: World, capabilities: list[str], plug: list[str], changes: dict[str, Any], expected: list[str]
) -> None:
    await equipped(changing, *capabilities, capabilities=plug)
    await terms(changing, DEPOT_ANY, **changes)
    one = await booked(changing, "emsp", DEPOT_ANY, "09:00", "10:00")
    changing.later(clock("09:00"))
    await round_of_worker(changing)

    assert ways(await told(changing, one))[1] == expected


async def test_buc_3_4_remark_what_is_painted_on_the_charger_and_how_to_find_it_is_told(changing: World) -> None:
    await equipped(changing, "RFID_READER", format="SOCKET")
    one = await booked(changing, "emsp", DEPOT_ANY, "09:00", "10:00", licensePlate=PLATE)
    changing.later(clock("09:00"))
    await round_of_worker(changing)

    how = await told(changing, one)

    assert how["physicalReference"] == "7"
    assert [one["text"] for one in how["directions"]] == ["Exit 42.", "Behind the wash."]
    assert "Go to charger 7 and park in bay B1, with the charger on the left." in how["text"]
    assert "Use the MCS plug with your own cable." in how["text"]


async def test_buc_3_4_a_charger_of_a_group_is_told_only_when_the_terms_say(changing: World) -> None:
    one = await booked(changing, "emsp", HUB_CCS, "09:00", "10:00", licensePlate=PLATE)

    before, to_operator = await told(changing, one), await told(changing, one, "cpo")
    changing.later(clock("09:00"))
    await round_of_worker(changing)
    after = await told(changing, one)

    assert (before["connector"], before["physicalReference"], before["parkingBay"]) == (None, None, None)
    assert "Your charger will be told in time." in before["text"]
    assert ways(before)[1] == ["RFID", "REFERENCE"]
    assert after == to_operator
    assert after["connector"]["standard"] == "IEC_62196_T2_COMBO"
    assert after["parkingBay"] is not None


async def test_buc_3_4_the_code_that_opens_the_gate_is_told_with_the_rest(changing: World) -> None:
    await terms(changing, supportedAccessMethods=["ACCESS_CODE", "INTERCOM"])
    one = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00")

    how = await told(changing, one)

    assert [(way["method"], way["value"]) for way in how["access"]] == [
        ("ACCESS_CODE", one["accessCode"]),
        ("INTERCOM", one["reference"]),
    ]
    assert f"Type the code {one['accessCode']} at the gate." in how["text"]


async def test_buc_3_4_early_start_and_no_show_say_from_when_until_when(changing: World) -> None:
    await terms(changing, earlyStartAllowed=True, earlyStartTime=45, noshowTimeout=None)
    one = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00")

    how = await told(changing, one)

    assert (how["from"], how["until"]) == ("2026-12-01T08:15:00Z", "2026-12-01T10:00:00Z")
    assert how["text"].startswith("You may enter from 09:15, and start charging from 09:15 to 11:00")


async def test_buc_3_4_nothing_is_told_of_a_booking_that_is_not_granted_or_over(changing: World) -> None:
    await done(changing, "confirmationSet", {"bookingLocationId": "HUB-CCS", "confirmation": "OPERATOR"})
    waits = await booked(changing, "emsp", HUB_CCS, "09:00", "10:00")
    gone, late = (
        await booked(changing, "emsp", HUB_MCS, "09:00", "10:00"),
        await booked(changing, "emsp", HUB_MCS, "07:00", "08:00"),
    )
    await do(changing, "emsp", CANCEL, bookingId=gone["id"], cancellationReason="TRAFFIC")
    assert await told(changing, late) is not None
    assert await told(changing, waits) is None
    changing.later(clock("07:30"))
    await round_of_worker(changing)

    assert await told(changing, gone) is None
    assert await told(changing, late) is None


async def test_buc_3_4_the_new_reference_and_time_are_told_after_a_change(changing: World) -> None:
    one = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00")
    quote = await change_quoted(changing, "emsp", one, period=period("11:00", "12:00"))

    after = await changed(changing, "emsp", quote)

    how = await told(changing, one)
    assert how["from"] == "2026-12-01T11:00:00Z"
    assert after["reference"] in how["text"]
    assert one["reference"] not in how["text"]
