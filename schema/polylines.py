"""Encoded polylines, Google's and HERE's: checked number by number, so that what is wrong is named, then decoded."""

import re
from dataclasses import dataclass

import flexpolyline
import polyline

from models.catalogue import Point
from models.errors import BadInput
from resolvers.corridor import MOST_POINTS


@dataclass(frozen=True, slots=True)
class Script:
    """How numbers are written: in pieces of five bits, all but the last marked, as classes of characters."""

    marked: str
    last: str
    most_pieces: int
    """More of them than any place on the globe takes."""


GOOGLE = Script(marked="_-~", last="?-^", most_pieces=7)
HERE = Script(marked="g-z0-9_-", last="A-Za-f", most_pieces=12)

HEADER = re.compile(r"B(?:[g-z0-9_-]?[A-Za-f]|[g-z0-9_-]{2}[AB])")
"""Version 1, then eleven bits: the digits of latitude and longitude, what a third number means, and its digits."""


def google(encoded: str, precision: int) -> list[Point]:
    """Return the points of Google's encoded polyline, or raise BadInput."""
    _check(encoded, GOOGLE, numbers=2)
    return polyline.decode(encoded, precision)


def flexible(encoded: str) -> list[Point]:
    """Return the points of HERE's flexible polyline without their third dimension, or raise BadInput."""
    header = HEADER.match(encoded)
    if not header:
        raise BadInput("`route.flexiblePolyline` does not begin with the header of a flexible polyline of version 1.")
    numbers = 3 if flexpolyline.get_third_dimension(header.group()) else 2
    _check(encoded[header.end() :], HERE, numbers)
    return [(latitude, longitude) for latitude, longitude, *_ in flexpolyline.iter_decode(encoded)]


def _check(encoded: str, script: Script, numbers: int) -> None:
    """Raise BadInput unless that is a row of points of so many numbers each, and of no more than a route may have."""
    if len(encoded) > MOST_POINTS * numbers * script.most_pieces:
        raise BadInput(f"The polyline is too long: a route has at most {MOST_POINTS} points.")
    count = len(re.findall(f"[{script.last}]", encoded)) // numbers
    if count > MOST_POINTS:
        raise BadInput(f"A route has at most {MOST_POINTS} points; this one has {count}.")
    number = f"[{script.marked}]{{0,{script.most_pieces - 1}}}[{script.last}]"
    sound = _length(f"(?:(?:{number}){{{numbers}}})*", encoded)
    if sound < len(encoded):
        point = len(re.findall(f"[{script.last}]", encoded[:sound])) // numbers
        raise BadInput(f"Point {point} of the route {_fault(encoded[sound:], script, number)}")


def _fault(rest: str, script: Script, number: str) -> str:
    """Return what is wrong with the point that `rest` begins with."""
    rest = rest[_length(f"(?:{number})*", rest) :]
    pieces = _length(f"[{script.marked}]*", rest)
    if pieces >= script.most_pieces:
        return f"is not on the globe: a number of it is written in more than {script.most_pieces} characters."
    if pieces == len(rest):
        return "breaks off; the text seems to be cut short."
    return f"holds {rest[pieces]!r}, a character that no such polyline holds."


def _length(pattern: str, text: str) -> int:
    """Return how much of a text a pattern that may match nothing matches from the beginning."""
    found = re.match(pattern, text)
    return found.end() if found else 0
