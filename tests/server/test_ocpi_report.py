"""What the operator sees of an import, and the exit code."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from server.ocpi.importing import import_paths
from server.ocpi.report import exit_code, print_summary, run_import
from tests.server.ocpi_documents import location, tariff, written
from tests.server.ocpi_shelf import Shelf

pytestmark = pytest.mark.anyio

STRANGE = "not an importable kind; Locations, Tariffs and BookingLocations are"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_the_operator_sees_counts_complaints_and_an_exit_code(tmp_path: Path) -> None:
    written(tmp_path / "a.json", [tariff("T1"), tariff("T2", currency="[bold]"), {"uid": "1"}])
    written(tmp_path / "b.json", location())
    console, bar = Console(file=io.StringIO(), width=100), Console(file=io.StringIO())

    code = await run_import([tmp_path], Shelf(), console=console, bar_console=bar)

    lines = printed(console).splitlines()
    assert code == 1
    assert [line.split() for line in table_rows(lines)] == [
        ["Tariffs", "1", "0", "0", "0", "1"],
        ["Locations", "1", "0", "0", "0", "0"],
        ["BookingLocations", "0", "0", "0", "0", "0"],
        ["other", "1"],
    ]
    assert lines[-2:] == [
        f"{tmp_path / 'a.json'} $[2]: {STRANGE}",
        f'{tmp_path / "a.json"} $[1].currency: "[bold]" is not a code of 3 letters',
    ]
    assert printed(bar) == ""


async def test_the_bar_is_drawn_on_a_terminal(tmp_path: Path) -> None:
    file = written(tmp_path / "a.json", [tariff("T1"), tariff("T2")])
    bar = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)

    await run_import([file], Shelf(), console=Console(file=io.StringIO()), bar_console=bar)

    assert "Reading" in printed(bar)
    assert "2/2" in printed(bar)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (tariff(), 0),
        (tariff(id=7), 1),
        ([tariff(), {"uid": "1"}], 1),
        ({"uid": "1"}, 2),
        ([], 2),
    ],
)
async def test_the_exit_code_tells_how_it_went(tmp_path: Path, document: object, code: int) -> None:
    file = written(tmp_path / "a.json", document)

    summary = await import_paths([file], Shelf())

    assert exit_code(summary) == code


async def test_a_missing_path_is_an_exit_code_of_its_own_though_the_rest_is_imported(tmp_path: Path) -> None:
    file = written(tmp_path / "a.json", tariff())
    shelf = Shelf()

    summary = await import_paths([file, tmp_path / "nowhere"], shelf)

    assert (exit_code(summary), shelf.order) == (2, ["NL*ABC*T1"])


async def test_an_import_of_nothing_says_so(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=100)

    print_summary(await import_paths([tmp_path], Shelf()), console)

    assert printed(console).splitlines()[-1] == (
        "Nothing importable was found: no Location, Tariff or BookingLocation."
    )


async def test_a_file_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    file = written(tmp_path / "a\x1b[2J\udcff.json", {"uid": "1"})
    console = Console(file=io.StringIO(), width=100)

    print_summary(await import_paths([file], Shelf()), console)

    assert f"{tmp_path}/a?[2J\ufffd.json $: {STRANGE}" in printed(console).splitlines()


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def table_rows(lines: list[str]) -> list[str]:
    return [line.replace("│", " ") for line in lines if line.startswith("│")]
