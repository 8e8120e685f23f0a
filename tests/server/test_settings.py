"""The environment of a command: what is refused leaves one line that says what to do, and exit code 1."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from models import migrations
from models.db import ServerRefused, checked
from server.settings import Settings, SettingsRefused, read
from tests.server.commands import all_of
from tests.server.served import beside

POSTGRES = "write it as postgresql://user:password@host:5432/database"
KNOWN = "DATABASE_URL, HDV_ALLOWED_ORIGINS, HDV_CONNECTIONS, HDV_DATA_DIR, HDV_DEMO, HDV_HOST, HDV_PORT, HDV_WORKER"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", *Settings.model_fields):
        monkeypatch.delenv(name if name.isupper() else f"HDV_{name.upper()}", raising=False)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("HDV_PORT", "http", "Input should be a valid integer, unable to parse string as an integer"),
        ("HDV_PORT", "-1", "Input should be greater than or equal to 0"),
        ("HDV_PORT", "65536", "Input should be less than or equal to 65535"),
        ("HDV_HOST", " ", "String should have at least 1 character"),
        ("HDV_CONNECTIONS", "1", "Input should be greater than or equal to 2"),
        ("HDV_DEMO", "perhaps", "Input should be a valid boolean, unable to interpret input"),
        ("HDV_WORKER", "2", "Input should be a valid boolean, unable to interpret input"),
        ("HDV_ALLOWED_ORIGINS", "https://a.example", 'write it as JSON: ["https://example.org"]'),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsRefused) as refused:
        read()

    assert str(refused.value) == f"{name}={value!r} is refused: {why}."


@pytest.mark.parametrize("value", ['{"a": 1}', '["https://a.example", 7]', "7", "null"])
def test_origins_are_a_list_of_texts(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HDV_ALLOWED_ORIGINS", value)

    with pytest.raises(SettingsRefused, match=r"^HDV_ALLOWED_ORIGINS=.* is refused: Input should be a valid "):
        read()


def test_the_address_of_a_database_is_refused_without_showing_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://me:geheim@host/database")

    with pytest.raises(SettingsRefused) as refused:
        read()

    assert str(refused.value) == f"DATABASE_URL is refused: {POSTGRES}."


@pytest.mark.parametrize("name", ["HDV_PROT", "HDV_DATABASE_URL", "HDV_"])
def test_a_setting_that_is_none_is_not_passed_over(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "8000")

    with pytest.raises(SettingsRefused) as refused:
        read()

    assert str(refused.value) == f"{name} is no setting; there are {KNOWN}."


def test_what_is_set_holds_and_what_is_empty_counts_as_unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "DATABASE_URL": "postgres://me@host/database",
        "HDV_DATA_DIR": str(tmp_path),
        "HDV_HOST": "::1",
        "HDV_PORT": "0",
        "HDV_WORKER": "no",
        "HDV_DEMO": "",
        "HDV_ALLOWED_ORIGINS": '["https://a.example"]',
    }.items():
        monkeypatch.setenv(name, value)

    settings = read()

    assert settings.database_url == "postgres://me@host/database"
    assert settings.cluster_dir == tmp_path / "postgres"
    assert (settings.host, settings.port, settings.worker, settings.demo) == ("::1", 0, False, None)
    assert settings.allowed_origins == ("https://a.example",)


@pytest.mark.parametrize(
    ("environment", "loads"),
    [
        ({}, True),
        ({"HDV_DEMO": "false"}, False),
        ({"DATABASE_URL": "postgresql://host/x"}, False),
        ({"DATABASE_URL": "postgresql://host/x", "HDV_DEMO": "true"}, True),
    ],
)
def test_the_demo_network_goes_into_a_database_of_ones_own_only_if_asked(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], loads: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert read().loads_demo is loads


@pytest.mark.anyio
async def test_a_refused_command_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = {
        "HDV_PORT": ("x", "hdv-booking: HDV_PORT='x' is refused: "),
        "HDV_PROT": ("8000", "hdv-booking: HDV_PROT is no setting; there are DATABASE_URL, "),
        "HDV_DATA_DIR": (str(tmp_path / "file" / "data"), "hdv-booking: PostgreSQL cannot use the data folder "),
        "DATABASE_URL": (
            "postgresql://me@127.0.0.1:1/x",
            "hdv-booking: The database at DATABASE_URL does not answer: ",
        ),
    }

    ran = await all_of(*((("serve",), {name: value}) for name, (value, _) in refused.items()))

    assert [one.code for one in ran] == [1] * len(refused)
    for one, (_, complaint) in zip(ran, refused.values(), strict=True):
        assert one.out == ""
        assert one.complaint.startswith(complaint)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me@127.0.0.1:port/x",
        "postgresql://me@127.0.0.1:99999/x",
        "postgresql://me@[::1/x",
        "postgresql://me@127.0.0.1/x?sslmode=perhaps",
        "postgresql:///x?host=/nowhere",
        "postgresql://me@127.0.0.1:1/x",
    ],
)
async def test_an_address_that_leads_nowhere_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ServerRefused, match=r"^(The database at DATABASE_URL does not answer|DATABASE_URL leads to)"):
        await checked(url)


@pytest.mark.anyio
async def test_a_database_that_does_not_exist_is_refused(cluster: str) -> None:
    with pytest.raises(ServerRefused, match='does not answer: database "nowhere" does not exist'):
        await checked(cluster.format("nowhere"))


@asynccontextmanager
async def answering(version: str) -> AsyncIterator[str]:
    """Yield the address of something that greets like a PostgreSQL of that version, and does nothing more."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        await reader.readexactly(length - 4)
        parameters = {b"server_version": version.encode(), b"client_encoding": b"UTF8"}
        writer.write(message(b"R", struct.pack("!i", 0)))
        writer.writelines(message(b"S", name + b"\0" + value + b"\0") for name, value in parameters.items())
        writer.write(message(b"K", struct.pack("!ii", 1, 1)) + message(b"Z", b"I"))
        await writer.drain()
        await reader.read(1)
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"postgresql://me@127.0.0.1:{port}/x?sslmode=disable"


@pytest.mark.anyio
@pytest.mark.parametrize(("version", "major"), [("16.10", 16), ("9.6.24", 9), ("16.4 (Debian 16.4-1)", 16)])
async def test_a_server_that_is_too_old_is_refused_with_a_sentence(version: str, major: int) -> None:
    async with answering(version) as url:
        with pytest.raises(ServerRefused) as refused:
            await checked(url)

    assert str(refused.value) == f"The database is PostgreSQL {major}; PostgreSQL 17 or newer is needed."


@pytest.mark.anyio
async def test_a_server_without_btree_gist_is_refused_with_a_sentence(dsn: str) -> None:
    async with beside(dsn) as connection:
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"ALTER DATABASE {name} SET extension_control_path = '/nowhere'")

    with pytest.raises(ServerRefused) as refused:
        await checked(dsn)

    assert str(refused.value) == (
        "The database server lacks the extension btree_gist; install PostgreSQL's contrib package on it."
    )


@pytest.mark.anyio
async def test_tables_of_a_newer_version_are_left_alone(dsn: str) -> None:
    async with beside(dsn) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(ServerRefused, match=r"^The tables were made by a newer version of the program"):
        await migrations.upgrade(dsn)


@pytest.mark.anyio
async def test_who_may_not_create_tables_is_told_so(cluster: str) -> None:
    async with beside(cluster.format("hdv")) as server:
        await server.execute("CREATE ROLE guest LOGIN")
        try:
            with pytest.raises(
                ServerRefused, match=r"^The database's user may not create the tables: grant it CREATE"
            ):
                await migrations.upgrade(cluster.format("hdv").replace("//hdv@", "//guest@"))
        finally:
            await server.execute("DROP ROLE guest")
