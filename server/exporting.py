"""Writing OCPI documents into a folder: a file of each kind for each operator, a JSON list with an object a line."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import BinaryIO

import orjson
from rich.console import Console
from rich.table import Table

from models.db import Database
from models.ocpi.values import Document
from models.rules.identity import normalized
from resolvers.exporting import Export, Kind, export
from server.ocpi.collecting import Progress
from server.ocpi.report import bar
from server.ocpi.times import DATE, Instant

PRIVATE = 0o600
"""Nobody else reads the files: they hold tokens, contracts and licence plates."""

MOST_NAMED = 10


class ExportRefused(Exception):
    """What was asked for cannot be written; the message says what to do, in one line."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to write, and where; no operator means all of them, no moment all that there is."""

    folder: Path
    kinds: tuple[Kind, ...] = tuple(Kind)
    cpo_id: str | None = None
    since: datetime | None = None


def wanted(folder: Path, only: str | None, cpo: str | None, since: str | None) -> Wanted:
    """Return what an operator typed, or raise ExportRefused."""
    return Wanted(folder, _kinds(only), normalized(cpo) if cpo else None, _moment(since) if since else None)


async def run_export(
    database: Database, what: Wanted, *, console: Console, bar_console: Console | None = None
) -> dict[Kind, int]:
    """Write the files, print how many objects they hold on `console`, and return that.

    All of it is as of one moment. A file is there whole or not at all, and of an operator that has nothing an empty
    list. The bar goes to standard error unless another console is given. Raise ExportRefused.
    """
    async with export(database, what.since) as found:
        cpo_ids = _operators(await found.operators(), what.cpo_id)
        _make(what.folder)
        with bar(bar_console or Console(stderr=True)) as progress:
            counts = {kind: await _write_kind(found, kind, cpo_ids, what.folder, progress) for kind in what.kinds}
    _print(counts, len(cpo_ids), what.folder, console)
    return counts


async def _write_kind(found: Export, kind: Kind, cpo_ids: list[str], folder: Path, progress: Progress) -> int:
    stage, done, total = kind.value.capitalize(), 0, await found.count(kind, cpo_ids)

    async def told(cpo_id: str) -> AsyncIterator[Document]:
        nonlocal done
        async for document in found.documents(kind, cpo_id):
            yield document
            done += 1
            progress(stage, done, total)

    progress(stage, 0, total)
    for cpo_id in cpo_ids:
        await _write(folder / f"{cpo_id.replace('*', '-')}-{kind}.json", told(cpo_id))
    return done


async def _write(file: Path, documents: AsyncIterator[Document]) -> None:
    """Write a file beside its place first, so that one that was cut off is never taken for the whole."""
    part, before = file.with_name(f".{file.name}.part"), b"["
    try:
        with _opened(part, file) as stream:
            async for document in documents:
                with _telling(file):
                    stream.write(before + b"\n" + orjson.dumps(document))
                before = b","
            with _telling(file):
                stream.write(b"[]\n" if before == b"[" else b"\n]\n")
                stream.flush()
        with _telling(file):
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _opened(part: Path, file: Path) -> BinaryIO:
    with _telling(file):
        return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "wb")


@contextmanager
def _telling(file: Path) -> Iterator[None]:
    """Raise ExportRefused for what keeps a file from being written; the database has its own ways to fail."""
    try:
        yield
    except OSError as error:
        raise ExportRefused(
            f"{file} cannot be written: {error.strerror}. The files before it are whole; mend that and run it again."
        ) from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportRefused(f"{folder} cannot be made a folder: {error.strerror}. Name another one.") from error


def _operators(known: list[str], asked: str | None) -> list[str]:
    if asked is None:
        return known
    if asked in known:
        return [asked]
    some = ", ".join(known[:MOST_NAMED]) or "none"
    more = " and others" if len(known) > MOST_NAMED else ""
    raise ExportRefused(f"{asked} is no operator here; known are {some}{more}.")


def _kinds(only: str | None) -> tuple[Kind, ...]:
    if only is None:
        return tuple(Kind)
    asked = {one.strip().lower() for one in only.split(",")}
    if not asked <= set(Kind):
        raise ExportRefused(
            f"--only {only!r} is not understood; write any of {', '.join(Kind)}, with commas between."
        )
    return tuple(kind for kind in Kind if kind in asked)


def _moment(since: str) -> datetime:
    try:
        if DATE.match(since):
            return datetime.combine(date.fromisoformat(since), time(), UTC)
        moment = Instant().read(since)
    except ValueError:
        raise ExportRefused(
            f"--since {since!r} is no moment; write a day in UTC, 2026-11-01, or 2026-11-01T08:00:00Z."
        ) from None
    return moment


def _print(counts: dict[Kind, int], operators: int, folder: Path, console: Console) -> None:
    table = Table("", "written")
    table.columns[1].justify = "right"
    for kind, count in counts.items():
        table.add_row(kind.value.capitalize(), str(count))
    console.print(table)
    told = f"Of {operators} operators, into {folder}."
    console.print(told, markup=False, highlight=False, soft_wrap=True)
