"""The command line: one command a deed, each telling what it needs."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from models import migrations
from models.catalogue import Catalogue
from models.db import Database, ServerRefused, checked, connected
from models.errors import BadInput, Refusal
from models.rules.role import Role
from resolvers import parties
from server import clock, logs, serving
from server.database import reachable
from server.embedded import EmbeddedPostgresError
from server.exporting import ExportRefused, run_export, wanted
from server.ocpi.report import run_import
from server.publisher import DatabasePublisher
from server.settings import Settings, SettingsRefused, read
from server.worker import work
from subscriptions.feed import Feed

T = TypeVar("T")
TERMINATED = 128 + signal.SIGTERM
MOST_DAYS = 36_500
SPOKEN = (SettingsRefused, EmbeddedPostgresError, ServerRefused, ExportRefused, Refusal, BadInput)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Find, book and use charging for heavy-duty vehicles. Configured by the environment: see the README.",
)
party_app = typer.Typer(no_args_is_help=True, help="The parties of the platform.")
token_app = typer.Typer(no_args_is_help=True, help="The API tokens that parties authenticate with.")
app.add_typer(party_app, name="party")
app.add_typer(token_app, name="token")


@app.command()
def serve() -> None:
    """Serve the API; needs nothing: without DATABASE_URL it starts its own PostgreSQL. Ctrl-C stops all of it."""
    serving.run(read())


@app.command()
def migrate() -> None:
    """Bring the tables to the newest version; needs a user who may create tables and the extension btree_gist."""
    with reachable(read()) as dsn:
        asyncio.run(_migrate(dsn))
    Console().print(f"The tables are at version {migrations.head()}.")


@app.command("import-ocpi")
def import_ocpi(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders whose *.json files are read.")],
) -> None:
    """Import OCPI 2.3.0 Locations and Tariffs and Bookings 1.1 BookingLocations.

    Reads bare lists, single objects and response envelopes. Never puts an older object over a newer. Exits with 0 if
    everything was imported, 1 if something was rejected, 2 if there was nothing to import.
    """

    async def imported(database: Database) -> int:
        return await run_import(paths, DatabasePublisher(database, clock.now), console=Console())

    raise typer.Exit(_with_database(imported))


@app.command("export-ocpi")
def export_ocpi(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it is not there.")],
    cpo: Annotated[str | None, typer.Option(help="One operator, such as NL*ABC; all, if not given.")] = None,
    since: Annotated[
        str | None, typer.Option(help="What changed since then only, such as 2026-11-01 or 2026-11-01T08:00:00Z.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Some of tariffs,bookings,sessions,cdrs, with commas; all, if not given.")
    ] = None,
) -> None:
    """Export Tariffs, Sessions and CDRs as OCPI 2.3.0, and Bookings as Bookings 1.1, all as of one moment.

    Writes a file of each kind for each operator, NL-ABC-cdrs.json: a JSON list, an object a line. They hold personal
    data. What is there under such a name is replaced.
    """
    what = wanted(folder, only, cpo, since)

    async def exported(database: Database) -> None:
        await run_export(database, what, console=Console())

    _with_database(exported)


@party_app.command("create")
def create_party(
    country_code: Annotated[str, typer.Argument(help="Two letters, such as NL.")],
    party_id: Annotated[str, typer.Argument(help="Three letters or digits, such as ABC.")],
    name: Annotated[str, typer.Option(help="The party's name, for people.")],
    role: Annotated[
        list[Role], typer.Option(help="CPO, EMSP, NSP, NAP or ADMIN; give it several times for several.")
    ],
) -> None:
    """Create a party, or give a known one a new name and more roles."""

    async def created(database: Database) -> str:
        return await parties.create(database, country_code, party_id, name, role, clock.now())

    Console().print(f"Party {_with_database(created)} holds the roles.")


@token_app.command("create")
def create_token(
    party: Annotated[str, typer.Argument(help="The party's id, such as NL*ABC.")],
    role: Annotated[Role, typer.Option(help="One of the party's roles; TO for a fleet that an EMSP serves.")],
    contract: Annotated[list[str] | None, typer.Option(help="A contract of the fleet; for TO, at least one.")] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=MOST_DAYS, help="For how many days; forever, if not given.")
    ] = None,
) -> None:
    """Create an API token and print it; it is kept as a hash only, so it is shown this once."""

    async def created(database: Database) -> str:
        now = clock.now()
        expires_at = now + timedelta(days=days) if days else None
        return await parties.create_token(
            database, party, role, now, contract_ids=contract or (), expires_at=expires_at
        )

    typer.echo(_with_database(created))


@token_app.command("revoke")
def revoke_token(
    token: Annotated[str, typer.Argument(help="The API token itself, or its id.")],
) -> None:
    """End an API token at once."""

    async def revoked(database: Database) -> None:
        await parties.revoke(database, token, clock.now())

    _with_database(revoked)
    Console().print("The token opens nothing any more.")


@app.command("schema")
def print_schema() -> None:
    """Print the contract in GraphQL's schema language; needs nothing."""
    from schema.build import schema

    typer.echo(schema.as_str())


@app.command()
def worker() -> None:
    """Do what falls due, apart from the server; needs DATABASE_URL or a running server. Ctrl-C stops it."""

    async def working(database: Database) -> None:
        catalogue = Catalogue()
        with _ending_in_order():
            async with Feed(database, catalogue, clock.now).following():
                await work(database, catalogue, clock.now)

    _with_database(working)


def main() -> None:
    """Run a command; a foreseeable failure is one line and exit code 1."""
    logs.configure()
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except SPOKEN as error:
        Console(stderr=True, soft_wrap=True).print(f"hdv-booking: {error}", markup=False, highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except asyncio.CancelledError:
        sys.exit(TERMINATED)


def _terminated(number: int, frame: object) -> None:
    """End in order: whatever is open is closed, an embedded PostgreSQL is stopped."""
    sys.exit(TERMINATED)


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let SIGTERM cancel what runs here where it awaits something; wherever it strikes, a connection may be torn."""
    loop, running = asyncio.get_running_loop(), asyncio.current_task()
    if running is None:
        raise RuntimeError("nothing runs here that could be canceled")
    loop.add_signal_handler(signal.SIGTERM, running.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, _terminated)


def _with_database(deed: Callable[[Database], Awaitable[T]]) -> T:
    settings = read()
    with reachable(settings) as dsn:
        return asyncio.run(_on(dsn, settings, deed))


async def _on(dsn: str, settings: Settings, deed: Callable[[Database], Awaitable[T]]) -> T:
    await _migrate(dsn)
    async with connected(dsn, connections=settings.connections) as database:
        return await deed(database)


async def _migrate(dsn: str) -> None:
    await checked(dsn)
    await migrations.upgrade(dsn)


if __name__ == "__main__":
    main()
