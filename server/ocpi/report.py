"""What the operator sees of an import: a bar while it runs, a table and the complaints after it, an exit code."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from models.rules.upserted import Upserted
from server.ocpi.collecting import Progress, Reject
from server.ocpi.importing import Publisher, Summary, import_paths
from server.ocpi.kinds import Kind

ALL_GOOD, SOME_REJECTED, NOTHING_IMPORTED = 0, 1, 2


async def run_import(
    paths: Sequence[Path], publisher: Publisher, *, console: Console, bar_console: Console | None = None
) -> int:
    """Import files and folders, print what came of it on `console`, and return the exit code.

    0: everything was imported; 1: something was rejected; 2: a path is missing, or held nothing importable.
    The bar goes to standard error unless another console is given for it.
    """
    with bar(bar_console or Console(stderr=True)) as progress:
        summary = await import_paths(paths, publisher, progress=progress)
    print_summary(summary, console)
    return exit_code(summary)


def exit_code(summary: Summary) -> int:
    """Return what the process should tell its caller."""
    if summary.path_missing or summary.nothing_importable:
        return NOTHING_IMPORTED
    return SOME_REJECTED if summary.rejects else ALL_GOOD


def print_summary(summary: Summary, console: Console) -> None:
    """Print how many objects of each kind came in, then every complaint on a line of its own."""
    table = Table("", *(_heading(outcome) for outcome in Upserted), "rejected")
    for column in table.columns[1:]:
        column.justify = "right"
    for kind in Kind:
        counts = [summary.published[kind][outcome] for outcome in Upserted]
        table.add_row(f"{kind}s", *(str(count) for count in (*counts, summary.rejected[kind])))
    if summary.rejected[None]:
        table.add_row("other", *("" for _ in Upserted), str(summary.rejected[None]))
    console.print(table)
    for reject in summary.rejects:
        console.print(_line(reject), markup=False, highlight=False, soft_wrap=True)
    if summary.nothing_importable:
        console.print("Nothing importable was found: no Location, Tariff or BookingLocation.")


@contextmanager
def bar(console: Console) -> Iterator[Progress]:
    """Yield what tells how far each stage has come, on a terminal; on anything else nothing is drawn."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, disable=not console.is_terminal) as drawn:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = drawn.add_task(stage)
            drawn.update(tasks[stage], completed=done, total=total)

        yield progress


def _heading(outcome: Upserted) -> str:
    return outcome.value.lower().replace("_", " ")


def _line(reject: Reject) -> str:
    # A file name may hold bytes that are no text, or characters that steer a terminal.
    name = os.fsencode(reject.file).decode("utf-8", "replace")
    return f"{''.join(c if c.isprintable() else '?' for c in name)} {reject.path}: {reject.reason}"
