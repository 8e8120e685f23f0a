"""Files and folders of OCPI documents, and the objects in them: bare lists, single objects, response envelopes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from server.ocpi.complaints import excerpt

ROOT = "$"


class Unreadable(Exception):
    """A file or folder in which no OCPI object can be found."""

    def __init__(self, file: Path, reason: str) -> None:
        """Say which file, and why."""
        super().__init__(f"{file}: {reason}")
        self.file, self.reason = file, reason


class Missing(Unreadable):
    """There is no such file or folder."""


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON value that should be one OCPI object, and where it stands in its file."""

    path: str
    raw: object


def json_files(path: Path) -> Iterator[Path | Unreadable]:
    """Yield the file itself, or the *.json files of a folder and all below it, in order of name.

    Hidden entries and links to folders are left out. What cannot be listed is yielded as the reason why.
    """
    if not path.is_dir():
        yield path if path.exists() else Missing(path, "there is no such file or folder")
        return
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        yield Unreadable(path, f"cannot be read: {error.strerror}")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if not entry.is_symlink():
                yield from json_files(entry)
        elif entry.suffix.lower() == ".json" and (entry.is_file() or entry.is_symlink()):
            yield entry


def documents(file: Path) -> list[Document]:
    """Return the objects in a file, or raise Unreadable."""
    try:
        raw, where = _parsed(file.read_bytes()), ROOT
        if isinstance(raw, dict) and ("data" in raw or "status_code" in raw):
            raw, where = _enveloped(raw), f"{ROOT}.data"
    except OSError as error:
        raise Unreadable(file, f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Unreadable(file, _told(error)) from error
    except RecursionError as error:
        raise Unreadable(file, "nested too deeply") from error
    except ArithmeticError as error:
        raise Unreadable(file, "holds a number that is too large or too small") from error
    if isinstance(raw, list):
        return [Document(f"{where}[{index}]", one) for index, one in enumerate(raw)]
    return [Document(where, raw)]


def _parsed(content: bytes) -> object:
    if not content.strip():
        raise ValueError("the file is empty")
    # A file written on Windows may start with a byte order mark.
    return json.loads(content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)


def _enveloped(response: dict[str, object]) -> object:
    data = response.get("data")
    if data is None:
        status, message = excerpt(response.get("status_code")), excerpt(response.get("status_message"))
        raise ValueError(f"a response without data; its status is {status}, {message}")
    return data


def _told(error: ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: the byte at offset {error.start} belongs to no character"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    return str(error)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"not JSON: it holds {name}, which is no number")
