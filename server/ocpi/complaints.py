"""What is wrong with a document, in words for its sender, and where: a JSON path such as `$.evses[0].uid`."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

Steps = tuple[str | int, ...]
Defect = tuple[Steps, str]
"""Where in an object something is wrong, in steps from that object, and what."""

PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
WANTED = {
    "bool_type": "true or false",
    "model_type": "an object",
    "tuple_type": "a list",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong, and the JSON path to it."""

    path: str
    reason: str


def json_path(root: str, steps: Steps) -> str:
    """Return `root` continued by keys and list indexes: `$.data[3]`, `$["a key"]`."""
    return root + "".join(_step(step) for step in steps)


def excerpt(raw: object) -> str:
    """Return the start of a JSON value, as plain ASCII on one line, to be shown in a complaint."""
    if isinstance(raw, dict | list):
        return "an object" if isinstance(raw, dict) else "a list"
    text = str(raw) if isinstance(raw, Decimal) else json.dumps(raw, default=repr)
    return text if len(text) <= 60 else text[:57] + "..."


def refuse(defects: Iterable[Defect]) -> NoReturn:
    """Raise ValidationError with these defects; pydantic puts the place of the object before each."""
    raise ValidationError.from_exception_data(
        "defects",
        [
            InitErrorDetails(
                type=PydanticCustomError("defect", "{reason}", {"reason": reason}), loc=steps, input=None
            )
            for steps, reason in defects
        ],
    )


def defects_of(error: ValidationError) -> list[Defect]:
    """Return what pydantic found, in our words."""
    return [(found["loc"], _reason(found)) for found in error.errors(include_url=False)]


def complaints_of(root: str, error: ValidationError) -> tuple[Complaint, ...]:
    """Return what pydantic found in the object at the JSON path `root`."""
    return tuple(Complaint(json_path(root, steps), reason) for steps, reason in defects_of(error))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if PLAIN_KEY.match(step):
        return f".{step}"
    return f"[{excerpt(step)}]"


def _reason(found: ErrorDetails) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind == "missing":
        return "missing"
    if kind == "defect":
        return str(context["reason"])
    if kind == "value_error":
        return str(context["error"])
    if kind in WANTED:
        return f"{WANTED[kind]} is wanted, not {excerpt(found['input'])}"
    return found["msg"]
