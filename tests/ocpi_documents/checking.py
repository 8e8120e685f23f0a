"""Whether a document is what the standard's table allows: every fault, with the place it is at."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson

from tests.ocpi_documents.standard import ENUMS, OBJECTS, PATTERNS

SIZED = re.compile(r"(CiString|string)\((\d+)\)")
DECIMALS = 4


def as_sent(document: object) -> Any:
    """Return a document as its receiver reads it, each number to its last digit."""
    return json.loads(orjson.dumps(document), parse_float=Decimal)


def faults(kind: str, document: object) -> list[str]:
    """Return what the standard does not allow in a document of one of its objects."""
    return faults_as_read(kind, as_sent(document))


def faults_as_read(kind: str, document: object) -> list[str]:
    """Return what the standard does not allow in a document as its receiver reads it."""
    return list(_of_object(kind, document, "$"))


def _of_object(kind: str, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: no {kind}"
        return
    table = OBJECTS[kind]
    for name in value.keys() - table.keys():
        yield f"{path}.{name}: not a field of {kind}"
    for name, rule in table.items():
        of, often = rule.split()
        yield from _of_field(of, often, value, name, f"{path}.{name}")


def _of_field(of: str, often: str, holder: dict[str, object], name: str, path: str) -> Iterator[str]:
    if name not in holder:
        if often in "1+":
            yield f"{path}: missing"
        return
    value = holder[name]
    if often in "1?":
        yield from _of_value(of, value, path)
    elif not isinstance(value, list) or (often == "+" and not value):
        yield f"{path}: no list of {of}"
    else:
        for index, one in enumerate(value):
            yield from _of_value(of, one, f"{path}[{index}]")


def _of_value(of: str, value: object, path: str) -> Iterator[str]:
    if of in OBJECTS:
        yield from _of_object(of, value, path)
    elif not _allowed(of, value):
        yield f"{path}: {value!r} is no {of}"


def _allowed(of: str, value: object) -> bool:
    if of == "boolean":
        return isinstance(value, bool)
    if of in {"int", "number", "exact"}:
        return _is_number(of, value)
    if not isinstance(value, str):
        return False
    if of in ENUMS:
        return value in ENUMS[of].split()
    if of in PATTERNS:
        return PATTERNS[of].fullmatch(value) is not None
    sized = SIZED.fullmatch(of)
    assert sized is not None, of
    fits = 0 < len(value) <= int(sized[2])
    return fits and (sized[1] == "string" or (value.isascii() and value.isprintable()))


def _is_number(of: str, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return isinstance(value, int) or of == "exact" or (of == "number" and round(value, DECIMALS) == value)
