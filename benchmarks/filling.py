"""What a search is measured on: when the calendars of a catalogue lie, bookings made up over them, and a route."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from rich.progress import track

from models.catalogue import Catalogue, Entry, Point
from models.tables.allocation import AllocationKind

SEED = 20261122
STEP = timedelta(minutes=15)
LENGTHS = [timedelta(minutes=minutes) for minutes in (30, 45, 60, 75, 90)]
AT_ONCE = 10_000
COLUMNS = ("location_id", "id", "evse_id", "parking_bay_id", "during", "holder_id", "kind", "released_at")

ROTTERDAM_GENOA: tuple[Point, ...] = (
    (51.92, 4.48),  # Rotterdam
    (51.98, 5.91),  # Arnhem
    (51.43, 6.76),  # Duisburg
    (50.94, 6.96),  # Cologne
    (50.36, 7.59),  # Koblenz
    (49.99, 8.25),  # Mainz
    (49.49, 8.47),  # Mannheim
    (49.01, 8.40),  # Karlsruhe
    (47.99, 7.84),  # Freiburg
    (47.56, 7.59),  # Basel
    (47.05, 8.31),  # Lucerne
    (46.19, 9.02),  # Bellinzona
    (45.46, 9.19),  # Milan
    (44.41, 8.93),  # Genoa
)
"""In the order of travel; latitude and longitude."""

Taking = tuple[str, str, str | None]
"""A Location, a charger of it and the bay."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The weeks that are booked; searches are made in the middle of them."""

    begin: datetime
    weeks: int

    @property
    def middle(self) -> datetime:
        """Six in the morning of the day in the middle."""
        return self.begin + self.weeks * timedelta(days=7) / 2 + timedelta(hours=6)


def stretch(catalogue: Catalogue, weeks: int) -> Stretch:
    """Return the first weeks in which most calendars have begun."""
    begins = sorted(
        calendar.covers.start
        for entry in entries(catalogue)
        for offer in entry.published.booking_locations
        for calendar in offer.calendars
    )
    if not begins:
        raise SystemExit("The data has no calendar, so nothing can be searched: give a folder with BookingLocations.")
    begin = begins[len(begins) // 2].astimezone(UTC)
    return Stretch(datetime(begin.year, begin.month, begin.day, tzinfo=UTC) + timedelta(days=1), weeks)


def entries(catalogue: Catalogue) -> Iterator[Entry]:
    """Yield every Location."""
    for location_id in catalogue.ids():
        entry = catalogue.get(location_id)
        if entry is not None:
            yield entry


async def fill(dsn: str, catalogue: Catalogue, booked: Stretch, number: int) -> None:
    """Take so many periods at the chargers that can be booked, evenly over chargers and weeks, by COPY."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = _rows(list(_takings(catalogue)), booked, number)
        for _ in track(range(0, number, AT_ONCE), description="bookings", transient=True):
            part = list(islice(rows, AT_ONCE))
            await connection.copy_records_to_table("allocation", records=part, columns=COLUMNS)
        await connection.execute("VACUUM (ANALYZE) allocation")
    finally:
        await connection.close()


def _takings(catalogue: Catalogue) -> Iterator[Taking]:
    """Yield the chargers that can be booked, each once, and none whose bay another one has."""
    for entry in entries(catalogue):
        seen: set[str] = set()
        for spot in (one for found in entry.spots.values() for one in found):
            parts = {name for name in spot.key if name is not None}
            if seen.isdisjoint(parts):
                seen |= parts
                yield entry.published.location.id, *spot.key


def _rows(takings: list[Taking], booked: Stretch, number: int) -> Iterator[tuple[Any, ...]]:
    """Yield allocations: the weeks of each charger are cut into equal parts, and in each part lies one."""
    chance = random.Random(SEED)
    each = -(-number // len(takings))
    part = booked.weeks * timedelta(days=7) / each
    if part < max(LENGTHS) + STEP:
        raise SystemExit(f"{number} bookings do not fit on {len(takings)} chargers: give fewer, or more --weeks.")
    for turn in range(each):
        for location_id, evse_id, bay_id in takings[: number - turn * len(takings)]:
            length = chance.choice(LENGTHS)
            first = -(-turn * part // STEP)
            start = booked.begin + chance.randint(first, ((turn + 1) * part - length) // STEP) * STEP
            yield (
                location_id,
                UUID(int=chance.getrandbits(128)),
                evse_id,
                bay_id,
                asyncpg.Range(start, start + length),
                UUID(int=chance.getrandbits(128)),
                AllocationKind.BOOKING.value,
                None,
            )


def route(file: Path | None) -> list[Point]:
    """Return the points of the first LineString in a GeoJSON file, or the way from Rotterdam to Genoa."""
    if file is None:
        return list(ROTTERDAM_GENOA)
    document = json.loads(file.read_text())
    if document["type"] == "FeatureCollection":
        document = document["features"][0]
    if document["type"] == "Feature":
        document = document["geometry"]
    if document["type"] != "LineString":
        raise SystemExit(f"{file} begins with a {document['type']}; give a GeoJSON LineString.")
    return [(latitude, longitude) for longitude, latitude, *_ in document["coordinates"]]
