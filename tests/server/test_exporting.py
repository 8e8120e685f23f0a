"""What leaves the platform as OCPI files: all of it, each operator its own, the same each time, or one sentence."""

import asyncio
import io
import json
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from resolvers import exporting, settling
from resolvers.exporting import Kind
from server.exporting import ExportRefused, Wanted, run_export, wanted
from server.ocpi.report import run_import
from tests.factories.catalogue import a_location, a_tariff, an_offer, at
from tests.factories.tokens import published
from tests.ocpi_documents.checking import faults
from tests.resolvers.charging_scenes import BY_CARD, WITH_CARD, read, started, stopped
from tests.resolvers.lifecycle import E1, E2, booked, booking_tariff
from tests.resolvers.quoting import charging
from tests.server.commands import hdv_booking, invoked
from tests.server.ocpi_shelf import Shelf
from tests.world import World

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
OBJECTS = {"tariffs": "Tariff", "bookings": "Booking", "sessions": "Session", "cdrs": "CDR"}


async def a_day(world: World) -> None:
    """Book, charge with and without the booking, and bill that."""
    await world.publish(booking_tariff(), charging("0.50"), SITE, OFFER)
    await published(world)
    await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    await settling.settle(await world.call(None))
    world.later(at(10))
    session = await started(world, E1)
    world.later(at(10.5))
    await read(world, session, (at(10.2), "40", 50), (at(10.4), "100", 60))
    await stopped(world, session, kwh=Decimal("120.5"))
    walk_up = await started(world, E2, BY_CARD)
    world.later(at(11))
    await stopped(world, walk_up, kwh=Decimal(10))
    await settling.settle(await world.call(None))


async def exported(world: World, folder: Path, **changes: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what the files of the operator of the site hold, by kind."""
    quiet = Console(file=io.StringIO())
    await run_export(world.database, Wanted(folder, **changes), console=quiet, bar_console=quiet)
    return {kind: json.loads((folder / f"NL-ABC-{kind}.json").read_text()) for kind in changes.get("kinds", Kind)}


async def test_all_that_an_operator_has_is_written_as_the_standard_has_it(world: World, tmp_path: Path) -> None:
    await a_day(world)

    found = await exported(world, tmp_path)

    assert {kind: len(objects) for kind, objects in found.items()} == {
        "tariffs": 2,
        "bookings": 1,
        "sessions": 2,
        "cdrs": 3,
    }
    assert [faults(OBJECTS[kind], one) for kind, objects in found.items() for one in objects] == [[]] * 8
    periods = found["sessions"][0]["charging_periods"]
    assert [one["dimensions"][-1]["volume"] for one in periods[:2]] == [50, 60]
    assert sum(one["dimensions"][0]["volume"] for one in periods) == 120.5
    assert found["bookings"][0]["booking_option"]["evse_uid"] == "E1"


async def test_each_operator_has_its_own_files_and_nobody_else_reads_them(world: World, tmp_path: Path) -> None:
    await a_day(world)

    await exported(world, tmp_path)

    names = {f"{party}-{kind}.json" for party in ("NL-ABC", "DE-XYZ") for kind in Kind}
    assert {file.name for file in tmp_path.iterdir()} == names
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    assert json.loads((tmp_path / "DE-XYZ-cdrs.json").read_text()) == []


async def test_a_second_run_writes_the_same(world: World, tmp_path: Path) -> None:
    await a_day(world)

    for name in ("first", "second"):
        await exported(world, tmp_path / name, since=at(0))

    for file in (tmp_path / "first").iterdir():
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes()


async def test_pages_follow_each_other_without_a_gap(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_day(world)
    whole = await exported(world, tmp_path)
    monkeypatch.setattr(exporting, "PAGE", 1)

    assert await exported(world, tmp_path / "by one") == whole


async def test_what_changed_since_is_written_alone(world: World, tmp_path: Path) -> None:
    await a_day(world)

    found = await exported(world, tmp_path, since=at(10.75))

    assert {kind: len(objects) for kind, objects in found.items()} == {
        "tariffs": 0,
        "bookings": 0,
        "sessions": 1,
        "cdrs": 2,
    }


async def test_tariffs_are_imported_again_as_they_were(world: World, tmp_path: Path) -> None:
    known = {one.id: one for one in (booking_tariff(), charging("0.50"), a_tariff("OTHER"))}
    await world.publish(*known.values())
    await exported(world, tmp_path, kinds=(Kind.TARIFFS,), cpo_id="NL*ABC")
    shelf, quiet = Shelf(), Console(file=io.StringIO())

    code = await run_import([tmp_path], shelf, console=quiet, bar_console=quiet)

    assert code == 0
    assert {one.id: one for one in shelf.kept.values()} == known


async def test_the_bar_is_drawn_on_a_terminal_and_the_counts_are_told(world: World, tmp_path: Path) -> None:
    await a_day(world)
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    console = Console(file=io.StringIO(), width=200)

    await run_export(world.database, Wanted(tmp_path), console=console, bar_console=terminal)

    drawn, told = (one.file.getvalue() for one in (terminal, console) if isinstance(one.file, io.StringIO))
    assert "Cdrs" in drawn
    assert "3/3" in drawn
    assert told.splitlines()[-1] == f"Of 2 operators, into {tmp_path}."


async def test_a_file_that_cannot_be_written_is_told_and_leaves_no_part_of_it(world: World, tmp_path: Path) -> None:
    await a_day(world)
    (tmp_path / "NL-ABC-sessions.json").mkdir()

    with pytest.raises(ExportRefused, match=r"NL-ABC-sessions\.json cannot be written: Is a directory\. The files"):
        await exported(world, tmp_path)

    assert not list(tmp_path.glob(".*"))
    assert len(json.loads((tmp_path / "NL-ABC-bookings.json").read_text())) == 1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("cdr", None, None), "--only 'cdr' is not understood; write any of tariffs, bookings, sessions, cdrs, with"),
        ((None, None, "yesterday"), "--since 'yesterday' is no moment; write a day in UTC, 2026-11-01, or 2026-11-"),
        ((None, None, "2026-02-30"), "--since '2026-02-30' is no moment"),
    ],
)
async def test_what_is_not_understood_is_told(asked: tuple[str | None, str | None, str | None], told: str) -> None:
    with pytest.raises(ExportRefused) as refused:
        wanted(Path("out"), *asked)

    assert str(refused.value).startswith(told)


async def test_what_is_typed_is_understood() -> None:
    found = wanted(Path("out"), " CDRs,tariffs", "nl*abc", "2026-12-01")

    assert found == Wanted(Path("out"), (Kind.TARIFFS, Kind.CDRS), "NL*ABC", at(0))
    assert wanted(Path("out"), None, None, "2026-12-01T01:00:00+01:00").since == at(0)


async def test_the_command_ends_with_what_it_wrote_or_with_one_line(dsn: str, world: World, tmp_path: Path) -> None:
    await a_day(world)
    file = tmp_path / "file"
    await asyncio.to_thread(file.touch)
    url = {"DATABASE_URL": dsn}

    written = await invoked("export-ocpi", str(tmp_path / "out"), "--cpo=NL*ABC", "--only=cdrs", **url)
    stranger = await hdv_booking("export-ocpi", str(tmp_path / "out"), "--cpo=NL*NONE", **url)
    no_folder = await hdv_booking("export-ocpi", str(file), **url)

    assert (written.code, written.err) == (0, "")
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["NL-ABC-cdrs.json"]
    assert (stranger.code, no_folder.code) == (1, 1)
    assert stranger.complaint == "hdv-booking: NL*NONE is no operator here; known are DE*XYZ, NL*ABC."
    assert no_folder.complaint == f"hdv-booking: {file} cannot be made a folder: File exists. Name another one."
