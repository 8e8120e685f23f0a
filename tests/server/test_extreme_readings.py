"""Sessions with the least and the most that a charger may report, over HTTP: each is answered, none is a fault."""

from typing import Any

import pytest

from tests.factories.catalogue import a_location, a_tariff, an_offer
from tests.factories.tokens import published
from tests.server.bad_charging import doing
from tests.server.served import Served, codes
from tests.world import a_key

pytestmark = pytest.mark.anyio

E1 = "NL*ABC*LOC1*E1"
CARD = {"uid": "04A1B2C3", "type": "RFID"}
SESSION = "... on Session { id kwh endDateTime }"


async def asked(own: Served, root: str, selection: str = SESSION, **given: Any) -> Any:
    """Return what a mutation of the operator is answered; whatever is wrong with its input is told."""
    caller, document, variables = doing("cpo", root, **given, idempotencyKey=a_key())
    answer = await own.ask(document.replace("__typename", f"__typename {selection}"), caller, **variables)
    assert answer.status_code == 200
    if "errors" in answer.json():
        assert codes(answer) == ["BAD_USER_INPUT"]
        return None
    return answer.json()["data"][root]


async def opened(own: Served) -> None:
    """Publish a site with one charger, and a driver's card."""
    site = a_location()
    await own.world.publish(a_tariff(), a_tariff("CHARGE"), site, an_offer(site))
    await published(own.world)
    await own.published()


async def begun(own: Served, **given: Any) -> str:
    """Return the id of a session that begins at the only charger of a site."""
    await opened(own)
    return str((await asked(own, "sessionStartReport", evseId=E1, token=CARD, **given))["id"])


async def read(own: Served, session_id: str, at: str, **measured: Any) -> tuple[str, str]:
    """Return what becomes of a reading, and the energy of its session then."""
    selection = "... on SessionReadings { session { kwh } outcomes { outcome } }"
    given = {"sessionId": session_id, "readings": [{"at": at, **measured}]}
    came = await asked(own, "sessionReadingsReport", selection, **given)
    return came["outcomes"][0]["outcome"], came["session"]["kwh"]


async def test_the_least_and_the_most_that_a_meter_shows_is_taken_and_written_with_all_its_digits(
    own: Served,
) -> None:
    session_id = await begun(own, meterStart="0e50")
    now = own.world.now.isoformat()
    told = await read(own, session_id, "1970-01-01T00:00:00Z", kwh="100000000")
    assert told == ("OUTSIDE", "0")
    assert await read(own, session_id, "2199-12-31T23:59:59.999999Z", kwh="1") == ("OUTSIDE", "0")
    assert await read(own, session_id, now, meter="0.000001") == ("TAKEN", "0.000001")
    assert await read(own, session_id, now.replace("00:00+", "00:01+"), power=100_000_000) == ("TAKEN", "0.000001")
    assert await read(own, session_id, now.replace("00:00+", "00:02+"), meter="1E+8") == ("TAKEN", "100000000")
    assert await read(own, session_id, now.replace("00:00+", "00:03+"), meter="99999999") == (
        "BACKWARDS",
        "100000000",
    )

    ended = await asked(own, "sessionStopReport", sessionId=session_id, reason="DRIVER", meter="0")

    assert ended["kwh"] == "100000000"


@pytest.mark.parametrize("ended_at", ["1970-01-01T00:00:00Z", "2026-12-01T05:59:59Z", "2199-12-31T23:59:59Z"])
async def test_a_session_ends_neither_before_it_began_nor_later_than_now(own: Served, ended_at: str) -> None:
    session_id = await begun(own)

    assert await asked(own, "sessionStopReport", sessionId=session_id, reason="DRIVER", endedAt=ended_at) is None
    ended = await asked(own, "sessionStopReport", sessionId=session_id, reason="DRIVER")

    assert ended["endDateTime"] == "2026-12-01T06:00:00Z"


async def test_a_meter_that_began_above_what_it_shows_runs_backwards(own: Served) -> None:
    session_id = await begun(own, meterStart="100000000")

    assert await read(own, session_id, own.world.now.isoformat(), meter="0") == ("BACKWARDS", "0")


async def test_a_connector_that_the_charger_has_not_begins_nothing(own: Served) -> None:
    await opened(own)

    assert await asked(own, "sessionStartReport", evseId=E1, token=CARD, connectorId=f"{E1}*9") is None
