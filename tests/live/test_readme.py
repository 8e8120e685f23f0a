"""The README's first steps, word for word, against a real server."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from tests.live.process import ServerProcess

README = Path(__file__).parents[2] / "README.md"
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PRINTED_TOKENS = {role: f"{role}=hdv_..." for role in ("EMSP", "CPO")}
ENOUGH_SECONDS = "5"
MOST_SECONDS = "60"
"""Six times what a worker's round takes, on a busy machine."""


def steps() -> list[str]:
    """Return the README's shell blocks that talk to the server, in order."""
    return [block for block in SHELL.findall(README.read_text()) if not block.startswith("make")]


def pasted(block: str, before: str, server: ServerProcess, most: str = ENOUGH_SECONDS, **answered: str) -> list[str]:
    """Return the command that pastes a block after `before`, with this server's address and tokens.

    `answered` has what a newcomer copies from earlier answers; a stream ends after `most` seconds.
    """
    script = (before + block).replace("http://127.0.0.1:8000/graphql", server.url)
    for role, printed in PRINTED_TOKENS.items():
        script = script.replace(printed, f"{role}={server.tokens[role]}")
    for name, value in answered.items():
        script = re.sub(rf"^{name}=.*\.\.\.'?$", f"{name}='{value}'", script, flags=re.MULTILINE)
    return ["bash", "-c", script.replace("curl -sN", f"exec curl -sN --max-time {most}")]


def followed(block: str, before: str, server: ServerProcess, **answered: str) -> str:
    """Return what a block prints, pasted as above."""
    command = pasted(block, before, server, **answered)
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@contextmanager
def streamed(block: str, before: str, server: ServerProcess, **answered: str) -> Iterator[Iterator[dict[str, Any]]]:
    """Yield the data of each message that a block prints, as it comes."""
    command = pasted(block, before, server, MOST_SECONDS, **answered)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield (data(line.removeprefix("data: ")) for line in process.stdout if line.startswith("data: {"))
        finally:
            process.terminate()


def data(printed: str) -> dict[str, Any]:
    """Return the data of a GraphQL answer without errors."""
    answer: dict[str, Any] = json.loads(printed)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]
    return found


def test_a_newcomer_finds_watches_books_follows_changes_cancels_publishes_charges_and_settles(
    live_server: ServerProcess,
) -> None:
    variables, find, watch, book, follow, *managing, publish, card, start, go_on, stop, bill, settle = steps()

    found = data(followed(find, variables, live_server))["corridorAvailability"]["edges"]
    assert [edge["node"]["location"]["name"] for edge in found] == ["Verzorgingsplaats Sandelingen"]
    (offered,) = found[0]["node"]["bookingLocations"]
    assert offered["timeslots"][0]["available"] == 4
    assert offered["timeslots"][0]["price"] == {"total": {"beforeTaxes": "135.5000", "afterTaxes": "163.9550"}}
    assert [fee["kind"] for fee in offered["bookingLocation"]["fees"][:2]] == ["RESERVATION", "CANCELLATION"]

    booked = data(followed(book, variables, live_server))["bookingCreate"]
    assert booked["__typename"] == "Booking"
    assert data(followed(book, variables, live_server))["bookingCreate"] == booked

    event, told, *_ = followed(watch, variables, live_server).splitlines()
    assert event == "event: next"
    change = data(told.removeprefix("data: "))["slotAvailabilityChanged"]
    assert change["cause"] is None
    assert change["timeslots"][-1]["available"] == 3

    token = f"{PRINTED_TOKENS['EMSP']}\n"
    with streamed(follow, variables + token, live_server, BOOKING=booked["id"]) as messages:
        first = next(messages)["bookingUpdated"]["booking"]
        assert (first["reference"], first["phase"], first["outcome"]) == (booked["reference"], "CONFIRMED", "OPEN")
        changes_and_cancels(managing, variables + token, live_server, booked)
        told_of = (message["bookingUpdated"]["booking"] for message in messages)
        assert next(one["revision"] for one in told_of if one["revision"] > 1) == 2
        assert next(one["outcome"] for one in told_of if one["status"] == "CANCELED") == "CANCELED_BY_HOLDER"

    published = data(followed(publish, variables, live_server))["maintenancePublish"]
    assert published["__typename"] == "MaintenancePublished", published
    assert [one["id"] for one in published["maintenance"]] == ["DE*DEM*M1"]
    terminal = f"{variables}{token}{PRINTED_TOKENS['CPO']}\n"
    settles(bill, settle, terminal, live_server, *charges(card, start, go_on, stop, terminal, live_server))


def charges(card: str, start: str, go_on: str, stop: str, before: str, server: ServerProcess) -> tuple[str, str]:
    """Paste the blocks that publish a card, and begin, follow and end a session with it.

    Return the session's id, and the cursor of the last that was told of it.
    """
    known = data(followed(card, before, server))["tokensPublish"]
    assert known["tokens"] == [{"id": "NL*DMP*RFID*04A1B2C3D4", "valid": True}], known
    begun = data(followed(start, before, server))["sessionStartReport"]
    assert (begun["__typename"], begun["basis"]) == ("Session", "WALK_UP"), begun
    with streamed(go_on, before, server, SESSION=begun["id"]) as messages:
        first = next(messages)["sessionUpdated"]
        assert (first["session"]["status"], first["session"]["kwh"]) == ("ACTIVE", "0"), first
        ended = data(followed(stop, before, server, SESSION=begun["id"]))["sessionStopReport"]
        last = next(messages)["sessionUpdated"]
    assert (ended["status"], ended["kwh"]) == ("COMPLETED", "20"), ended
    assert ended["cost"]["currency"] == "EUR"
    assert 8.8 <= float(ended["cost"]["beforeTaxes"]) <= 13.75, "between the prices of the night and of the evening"
    assert last["session"] == {name: ended[name] for name in last["session"]}
    return begun["id"], last["cursor"]


def settles(bill: str, settle: str, before: str, server: ServerProcess, session_id: str, cursor: str) -> None:
    """Paste the block that tells of the session's CDR once a worker issued it, and the one that adds up."""
    with streamed(bill, before, server, CURSOR=cursor) as messages:
        issued = (message["cdrIssued"]["cdr"] for message in messages)
        cdr = next(one for one in issued if one["sessionId"] == session_id)
    assert (cdr["kind"], cdr["energy"], cdr["state"]) == ("SESSION", "20", "DUE"), cdr
    assert 8.8 <= float(cdr["total"]["beforeTaxes"]) <= 13.75, "between the prices of the night and of the evening"
    assert any("20 kWh" in line["words"] for line in cdr["lines"]), cdr
    found = data(followed(settle, before, server))["statement"]
    assert [total["currency"] for total in found["totals"]] == ["EUR"]
    lines = [edge["node"] for edge in found["lines"]["edges"]]
    (line,) = (one for one in lines if one["locationId"] == "DE*DEM*BADEN-BADEN")
    assert (line["sessions"], line["energy"], line["due"], line["paid"]) == (1, "20", line["afterTaxes"], "0.00")
    assert Decimal(line["afterTaxes"]) == Decimal(cdr["total"]["afterTaxes"]).quantize(Decimal("0.01"), ROUND_HALF_UP)


def changes_and_cancels(blocks: list[str], before: str, server: ServerProcess, booked: dict[str, Any]) -> None:
    """Paste the blocks that change a booking, look it up and cancel it, each with what the one before answered."""
    quote_change, change, look_up, quote_cancel, cancel = blocks
    terminal = f"{before}BOOKING=...\n"

    def answer(block: str, **answered: str) -> dict[str, Any]:
        (found,) = data(followed(block, terminal, server, BOOKING=booked["id"], **answered)).values()
        assert isinstance(found, dict)
        return found

    quoted = answer(quote_change)
    assert quoted["__typename"] == "ChangeQuote", quoted
    assert (quoted["fee"], quoted["maxPowerDifference"]) == (None, 0)
    assert quoted["priceDifference"] == {"currency": "EUR", "beforeTaxes": "9.0000", "afterTaxes": "10.8900"}
    changed = answer(change, QUOTE=quoted["quote"]["id"])
    assert (changed["__typename"], changed["revision"]) == ("Booking", 2), changed
    known = answer(look_up, REFERENCE=booked["reference"])
    assert (known["id"], known["reference"]) == (booked["id"], changed["reference"])
    assert [asked["kind"] for asked in known["bookingRequests"]] == ["CREATE", "CHANGE"]
    priced = answer(quote_cancel)
    assert (priced["__typename"], priced["fee"]) == ("CancelQuote", None), priced
    canceled = answer(cancel, QUOTE=priced["id"])
    assert canceled == {"__typename": "Booking", "status": "CANCELED", "outcome": "CANCELED_BY_HOLDER"}


def test_every_setting_is_in_the_readme() -> None:
    from server.settings import PREFIX, Settings

    named = {PREFIX + name.upper() for name in Settings.model_fields} - {f"{PREFIX}DATABASE_URL"} | {"DATABASE_URL"}
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", README.read_text(), re.MULTILINE))

    assert table == named
