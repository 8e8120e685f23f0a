"""The README's first steps, word for word, against a real server."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.live.process import ServerProcess

README = Path(__file__).parents[2] / "README.md"
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PRINTED_TOKENS = {role: f"{role}=hdv_..." for role in ("EMSP", "CPO")}
ENOUGH_SECONDS = "5"


def steps() -> list[str]:
    """Return the README's shell blocks that talk to the server, in order."""
    return [block for block in SHELL.findall(README.read_text()) if not block.startswith("make")]


def followed(block: str, before: str, server: ServerProcess) -> str:
    """Return what a block prints when pasted after `before`, with this server's address and token."""
    script = (before + block).replace("http://127.0.0.1:8000/graphql", server.url)
    for role, printed in PRINTED_TOKENS.items():
        script = script.replace(printed, f"{role}={server.tokens[role]}")
    script = script.replace("curl -sN", f"curl -sN --max-time {ENOUGH_SECONDS}")
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False).stdout


def data(printed: str) -> dict[str, Any]:
    """Return the data of a GraphQL answer without errors."""
    answer: dict[str, Any] = json.loads(printed)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]
    return found


def test_a_newcomer_finds_watches_books_and_publishes(live_server: ServerProcess) -> None:
    variables, find, watch, book, publish = steps()

    found = data(followed(find, variables, live_server))["corridorAvailability"]["edges"]
    assert [edge["node"]["location"]["name"] for edge in found] == ["Verzorgingsplaats Sandelingen"]
    (offered,) = found[0]["node"]["bookingLocations"]
    assert offered["timeslots"][0]["available"] == 4
    assert offered["timeslots"][0]["price"] == {"total": {"beforeTaxes": "135.5000", "afterTaxes": "163.9550"}}
    assert [fee["kind"] for fee in offered["bookingLocation"]["fees"][:2]] == ["RESERVATION", "CANCELLATION"]

    booked = data(followed(book, variables, live_server))["bookingCreate"]
    assert booked["__typename"] == "Booking"
    assert data(followed(book, variables, live_server))["bookingCreate"] == booked

    published = data(followed(publish, variables, live_server))["maintenancePublish"]
    assert published["__typename"] == "MaintenancePublished", published
    assert [one["id"] for one in published["maintenance"]] == ["DE*DEM*M1"]

    event, told, *_ = followed(watch, variables, live_server).splitlines()
    assert event == "event: next"
    change = data(told.removeprefix("data: "))["slotAvailabilityChanged"]
    assert change["cause"] is None
    assert change["timeslots"][-1]["available"] == 3


def test_every_setting_is_in_the_readme() -> None:
    from server.settings import PREFIX, Settings

    named = {PREFIX + name.upper() for name in Settings.model_fields} - {f"{PREFIX}DATABASE_URL"} | {"DATABASE_URL"}
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", README.read_text(), re.MULTILINE))

    assert table == named
