"""What the files hold: values to publish, and what is wrong with the rest."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from server.ocpi.complaints import complaints_of
from server.ocpi.kinds import SHAPES, Kind, Value, kind_of
from server.ocpi.reading import ROOT, Document, Missing, Unreadable, documents, json_files

Progress = Callable[[str, int, int], None]
"""Is told a stage, how much of it is done, and how much there is."""

MOST_COMPLAINTS = 10
READING = "Reading"


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that is not imported: its file, the JSON path to what is wrong, and why."""

    file: Path
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Collected:
    """A value to publish, and where it came from."""

    kind: Kind
    value: Value
    file: Path
    path: str


@dataclass(slots=True)
class Collection:
    """Everything found in the files of one import; `rejected` counts objects, of no kind too."""

    found: list[Collected] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rejected: Counter[Kind | None] = field(default_factory=Counter)
    path_missing: bool = False


def nothing_told(stage: str, done: int, total: int) -> None:
    """Tell nobody how far the import is."""


def collect(paths: Iterable[Path], progress: Progress = nothing_told) -> Collection:
    """Return what the files, or the *.json files in the folders, hold; never raises for what they hold."""
    collection = Collection()
    files: dict[Path, None] = {}
    for entry in (entry for path in paths for entry in json_files(path)):
        if isinstance(entry, Unreadable):
            _set_aside(collection, entry)
        else:
            files[entry] = None
    for done, file in enumerate(files):
        progress(READING, done, len(files))
        try:
            _collect_file(collection, file, documents(file))
        except Unreadable as error:
            _set_aside(collection, error)
    progress(READING, len(files), len(files))
    return collection


def _set_aside(collection: Collection, error: Unreadable) -> None:
    collection.rejects.append(Reject(error.file, ROOT, error.reason))
    collection.rejected[None] += 1
    collection.path_missing |= isinstance(error, Missing)


def _collect_file(collection: Collection, file: Path, objects: Sequence[Document]) -> None:
    strangers = [document for document in objects if kind_of(document.raw) is None]
    if strangers:
        reason = "not an importable kind; Locations, Tariffs and BookingLocations are"
        more = f" ({len(strangers) - 1} more such in this file)" if len(strangers) > 1 else ""
        collection.rejects.append(Reject(file, strangers[0].path, reason + more))
        collection.rejected[None] += len(strangers)
    for document in objects:
        kind = kind_of(document.raw)
        if kind is not None:
            _collect_object(collection, file, document, kind)


def _collect_object(collection: Collection, file: Path, document: Document, kind: Kind) -> None:
    try:
        value = SHAPES[kind].model_validate(document.raw).to_domain()
    except ValidationError as error:
        complaints = complaints_of(document.path, error)
        shown = [Reject(file, one.path, one.reason) for one in complaints[:MOST_COMPLAINTS]]
        if len(complaints) > len(shown):
            shown.append(Reject(file, document.path, f"and {len(complaints) - len(shown)} more"))
        collection.rejects += shown
        collection.rejected[kind] += 1
        return
    collection.found.append(Collected(kind, value, file, document.path))
