"""Loading the demo network into an empty database, keeping its calendars ahead, and its API tokens at hand."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import structlog

from models.db import Database
from models.errors import Unauthenticated
from models.rules.identity import object_id
from models.rules.role import Role
from resolvers import parties
from resolvers.catalogue import is_empty, is_known, published_at
from server.demo.network import SHARED_BAY_LOCATION, Documents, documents
from server.demo.operators import OPERATORS, UPPER_RHINE
from server.ocpi.importing import import_paths
from server.publisher import DatabasePublisher

STALE = timedelta(days=1)
ID = ("country_code", "party_id", "id")
TOKENS_FILE = "demo-tokens.json"
PROVIDER = ("NL", "DMP", "Demo Provider", (Role.EMSP,))
OTHERS = (
    PROVIDER,
    ("DE", "DMN", "Demo Navigation", (Role.NSP,)),
    ("CH", "DMC", "Demo Data Collector", (Role.NAP,)),
    ("NL", "DMX", "Demo Platform", (Role.ADMIN,)),
)
CONTRACT = "NL-DMP-C00000001-A"
log = structlog.get_logger()


async def ensure_network(database: Database, clock: Callable[[], datetime]) -> bool:
    """Publish the demo network if nothing is published, or again if it is not whole or of another day.

    Return whether it is there; a database that holds other Locations only is left alone.
    """
    now = clock()
    made = documents(now)
    known = await published_at(database, [object_id(*(one[name] for name in ID)) for one in made.booking_locations])
    if len(known) == len(made.booking_locations) and min(known) > now - STALE:
        return True
    if not known and not await is_empty(database) and not await is_known(database, SHARED_BAY_LOCATION):
        return False
    for operator in OPERATORS:
        await parties.create(database, operator.country_code, operator.party_id, operator.name, [Role.CPO], now)
    for country_code, party_id, name, roles in OTHERS:
        await parties.create(database, country_code, party_id, name, roles, now)
    with TemporaryDirectory(prefix="hdv-demo-") as folder:
        _write_documents(Path(folder), made)
        summary = await import_paths([Path(folder)], DatabasePublisher(database, clock))
    if summary.rejects:
        raise RuntimeError(f"the demo network is broken: {summary.rejects[0]}")
    log.info("the demo network is published", locations=len(made.locations))
    return True


async def tokens(database: Database, data_dir: Path, now: datetime) -> dict[str, str]:
    """Return a demo token for each role, made once and kept in a file that only its owner may read."""
    path = data_dir / TOKENS_FILE
    known = _read_tokens(path)
    if known and await _all_alive(database, known, now):
        return known
    made = {Role.CPO.value: await parties.create_token(database, UPPER_RHINE.id, Role.CPO, now)}
    for country_code, party_id, _, roles in OTHERS:
        made[roles[0].value] = await parties.create_token(database, f"{country_code}*{party_id}", roles[0], now)
    provider = f"{PROVIDER[0]}*{PROVIDER[1]}"
    made[Role.TO.value] = await parties.create_token(database, provider, Role.TO, now, contract_ids=[CONTRACT])
    _write_tokens(path, made)
    return made


async def _all_alive(database: Database, known: dict[str, str], now: datetime) -> bool:
    for secret in known.values():
        try:
            await parties.authenticate(database, secret, now)
        except Unauthenticated:
            return False
    return True


def _write_documents(folder: Path, made: Documents) -> None:
    for name, objects in asdict(made).items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(objects))


def _read_tokens(path: Path) -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known


def _write_tokens(path: Path, made: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - mode
        file.write(orjson.dumps(made, option=orjson.OPT_INDENT_2))
    unfinished.replace(path)
