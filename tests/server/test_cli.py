"""The commands, run as processes on a database of their own: what each prints, and the code it ends with."""

import asyncio
import json
import re
import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import migrations
from models.errors import Unauthenticated
from resolvers import parties
from server import embedded
from server.cli import SPOKEN
from tests.server.commands import ROOT, Ran, hdv_booking, invoked
from tests.server.ocpi_documents import location, tariff
from tests.server.served import beside
from tests.world import World

pytestmark = pytest.mark.anyio

COMMANDS: dict[tuple[str, ...], str] = {
    (): "Find, book and use charging for heavy-duty vehicles.",
    ("serve",): "needs nothing: without DATABASE_URL it starts its own PostgreSQL",
    ("migrate",): "needs a user who may create tables",
    ("import-ocpi",): "Exits with 0 if everything was imported, 1 if something was rejected, 2 if",
    ("export-ocpi",): "Writes a file of each kind for each operator",
    ("party",): "The parties of the platform.",
    ("party", "create"): "Create a party",
    ("token",): "The API tokens that parties authenticate with.",
    ("token", "create"): "it is kept as a hash only",
    ("token", "revoke"): "End an API token at once.",
    ("schema",): "needs nothing",
    ("worker",): "needs DATABASE_URL or a running server",
}


async def test_every_command_tells_what_it_needs() -> None:
    for command, told in COMMANDS.items():
        ran = await invoked(*command, "--help")

        assert (ran.code, ran.err) == (0, ""), command
        assert told in re.sub(r"\s+", " ", ran.out), command


async def test_what_is_no_command_is_told_on_standard_error() -> None:
    unknown = await invoked("serv")
    bare = await invoked("token", "create")
    wrong = await invoked("party", "create", "NL", "ABC", "--name=x", "--role=KING")

    assert [one.code for one in (unknown, bare, wrong)] == [2, 2, 2]
    assert "No such command 'serv'" in unknown.err
    assert "Usage: " in bare.err
    assert "'KING' is not one of" in wrong.err


async def test_the_schema_is_the_one_that_is_checked_in() -> None:
    ran = await invoked("schema")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")


async def test_migrate_makes_the_tables_and_then_has_nothing_to_do(cluster: str) -> None:
    async with beside(cluster.format("hdv")) as server:
        await server.execute("CREATE DATABASE bare")
    url = cluster.format("bare")

    first = await hdv_booking("migrate", DATABASE_URL=url)
    second = await invoked("migrate", DATABASE_URL=url)

    done = (0, f"The tables are at version {migrations.head()}.\n", "")
    assert [(one.code, one.out, one.err) for one in (first, second)] == [done, done]
    assert await migrations.current(url) == migrations.head()


async def test_a_party_gets_its_token_once_and_loses_it_at_once(dsn: str, world: World) -> None:
    created = await hdv_booking("party", "create", "nl", "new", "--name=New", "--role=CPO", DATABASE_URL=dsn)
    again = await invoked("party", "create", "NL", "NEW", "--name=Newer", "--role=EMSP", DATABASE_URL=dsn)
    token = await hdv_booking("token", "create", "nl*new", "--role=CPO", "--days=7", DATABASE_URL=dsn)
    contracts = ("--contract=C2", "--contract=C1")
    fleet = await invoked("token", "create", "NL*NEW", "--role=TO", *contracts, DATABASE_URL=dsn)

    assert [(one.code, one.out) for one in (created, again)] == [(0, "Party NL*NEW holds the roles.\n")] * 2
    assert [(one.code, one.err) for one in (token, fleet)] == [(0, "")] * 2
    assert all(re.fullmatch(r"hdv_[\w-]{43}\n", one.out) for one in (token, fleet))
    now = datetime.now(UTC)
    operator = await parties.authenticate(world.database, token.out.strip(), now)
    carrier = await parties.authenticate(world.database, fleet.out.strip(), now)
    assert (operator.party_id, operator.role, operator.contract_ids) == ("NL*NEW", "CPO", ())
    assert (carrier.party_id, carrier.role, carrier.contract_ids) == ("NL*NEW", "TO", ("C1", "C2"))

    revoked = await invoked("token", "revoke", token.out.strip(), DATABASE_URL=dsn)
    by_id = await invoked("token", "revoke", str(carrier.token_id), DATABASE_URL=dsn)

    assert [(one.code, one.out) for one in (revoked, by_id)] == [(0, "The token opens nothing any more.\n")] * 2
    for secret in (token.out, fleet.out):
        with pytest.raises(Unauthenticated):
            await parties.authenticate(world.database, secret.strip(), now)


async def test_no_column_of_any_table_holds_a_token(dsn: str, world: World) -> None:
    secrets = [one for one in world.secrets.values() if one is not None]

    async with beside(dsn) as connection:
        tables = [
            row["name"]
            for row in await connection.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
        ]
        rows = [str(dict(row)) for table in tables for row in await connection.fetch(f'SELECT * FROM "{table}"')]
        hashes = await connection.fetchval("SELECT count(DISTINCT token_hash) FROM api_token")

    assert {"api_token", "event", "idempotency"} <= set(tables)
    assert hashes == len(secrets)
    for secret in secrets:
        telling = secret.removeprefix(parties.PREFIX)
        assert not [row for row in rows if telling in row or telling.encode().hex() in row]


REFUSED: dict[tuple[str, ...], str] = {
    ("party", "create", "N", "ABC", "--name=x", "--role=CPO"): "A country code has two letters; 'N' has not.",
    (
        "party",
        "create",
        "NL",
        "AB",
        "--name=x",
        "--role=CPO",
    ): "A party id has three letters or digits; 'AB'",
    ("party", "create", "NL", "ABC", "--name=x", "--role=TO"): "A party has at least one role, and TO is none",
    ("token", "create", "NL*XXX", "--role=CPO"): "There is no Party NL*XXX.",
    ("token", "create", "NL*ABC", "--role=NAP"): "Party NL*ABC does not hold the role NAP; it is CPO.",
    ("token", "create", "NL*EMS", "--role=TO"): "A token of role TO names its contracts, and no other does.",
    ("token", "revoke", "hdv_nothing"): "There is no ApiToken of that name.",
}


async def test_what_cannot_be_is_refused_with_a_sentence(dsn: str, world: World) -> None:
    for command, sentence in REFUSED.items():
        with pytest.raises(SPOKEN) as refused:
            await invoked(*command, DATABASE_URL=dsn)
        assert str(refused.value).startswith(sentence)


async def test_an_import_ends_with_what_came_of_it(dsn: str, tmp_path: Path) -> None:
    good, mixed, other = (tmp_path / name for name in ("good", "mixed", "other"))
    for folder in (good, mixed, other):
        folder.mkdir()
    (good / "locations.json").write_text(json.dumps([location("L1"), location("L2")]))
    (good / "tariffs.json").write_text(json.dumps({"status_code": 1000, "data": [tariff()]}))
    (mixed / "locations.json").write_text(json.dumps([location("L3"), location("L4", country="Netherlands")]))
    (other / "token.json").write_text(json.dumps({"uid": "1", "type": "RFID"}))

    async def imported(*paths: Path) -> Ran:
        return await invoked("import-ocpi", *map(str, paths), DATABASE_URL=dsn)

    first = await imported(good)
    second = await hdv_booking("import-ocpi", str(good), str(mixed), DATABASE_URL=dsn)
    nothing = await imported(other)
    missing = await imported(tmp_path / "nowhere")

    assert [one.code for one in (first, second, nothing, missing)] == [0, 1, 2, 2]
    assert rows_of(first)["Locations"] == [2, 0, 0, 0, 0]
    assert rows_of(first)["Tariffs"] == [1, 0, 0, 0, 0]
    assert rows_of(second)["Locations"] == [1, 0, 2, 0, 1]
    assert f"{mixed / 'locations.json'} $[1].country: " in second.out
    assert "not an importable kind" in nothing.out
    assert "there is no such file or folder" in missing.out
    async with beside(dsn) as connection:
        assert await connection.fetchval("SELECT array_agg(ocpi_id ORDER BY id) FROM location") == ["L1", "L2", "L3"]


def rows_of(ran: Ran) -> dict[str, list[int]]:
    """Return the numbers of each row of an import's table."""
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in ran.out.splitlines() if "│" in line]
    return {name: [int(number) for number in numbers] for name, *numbers in cells if "".join(numbers).isdecimal()}


async def test_an_address_that_is_taken_is_told_and_ends_the_server(dsn: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = await hdv_booking("serve", DATABASE_URL=dsn, HDV_PORT=port)

    assert ran.code == 1
    assert ran.complaint == (
        f"hdv-booking: HDV_HOST='127.0.0.1' and HDV_PORT={port} are refused: Address already in use. "
        "End what listens there, or choose another address."
    )


async def test_a_command_beside_nothing_starts_a_PostgreSQL_and_ends_it(place: Path) -> None:  # noqa: N802 - a name
    ran = await hdv_booking("party", "create", "NL", "ABC", "--name=x", "--role=CPO", HDV_DATA_DIR=str(place / "own"))

    assert (ran.code, ran.out) == (0, "Party NL*ABC holds the roles.\n")
    assert embedded.running(place / "own" / "postgres") is None


async def test_the_worker_works_until_it_is_ended(dsn: str) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.cli", "worker", cwd=ROOT, env={"DATABASE_URL": dsn, "PATH": "/usr/bin:/bin"}
    )
    try:
        async with asyncio.timeout(30), beside(dsn) as connection:
            while not await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name = 'hdv-booking'"
            ):
                await asyncio.sleep(0.05)
    finally:
        worker.terminate()
        await worker.wait()

    assert worker.returncode == 128 + signal.SIGTERM
