"""The standard's numbers: exact, bounded, never binary floating point; and coordinates, which are strings."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from server.ocpi.complaints import excerpt
from server.ocpi.texts import Marker

LARGEST = 2_147_483_647
MOST_DECIMALS = 20
DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,16})?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Number(Marker):
    """A number from `low` to `high`, kept to its last digit."""

    low: int = -LARGEST
    high: int = LARGEST

    def read(self, raw: object) -> Decimal:
        """Return the number, or raise ValueError."""
        return _bounded(raw, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Whole(Marker):
    """An int of the standard; 16.0 is one too."""

    low: int = 0
    high: int = LARGEST

    def read(self, raw: object) -> int:
        """Return the int, or raise ValueError."""
        number = _bounded(raw, self.low, self.high)
        if number != int(number):
            raise ValueError(f"{excerpt(raw)} is not a whole number")
        return int(number)


@dataclass(frozen=True, slots=True)
class Floor(Marker):
    """A number that is rounded down, so that never more is promised than was published."""

    high: int = LARGEST

    def read(self, raw: object) -> int:
        """Return the whole part, or raise ValueError."""
        return math.floor(_bounded(raw, 0, self.high))


@dataclass(frozen=True, slots=True)
class Ceiling(Marker):
    """A number that is rounded up: a demand of the operator's, which is never softened."""

    high: int = LARGEST

    def read(self, raw: object) -> int:
        """Return the least whole number that is not below it, or raise ValueError."""
        return math.ceil(_bounded(raw, 0, self.high))


@dataclass(frozen=True, slots=True)
class Degrees(Marker):
    """A coordinate: a decimal string; any number of decimals is taken, the standard asks for five to seven."""

    limit: int

    def read(self, raw: object) -> Decimal:
        """Return the degrees, or raise ValueError unless they lie on the globe."""
        if not isinstance(raw, str):
            raise ValueError(f'a string such as "51.047599" is wanted, not {excerpt(raw)}')
        if not DEGREES.match(raw):
            raise ValueError(f"{excerpt(raw)} is not a number of degrees")
        degrees = Decimal(raw)
        if abs(degrees) > self.limit:
            raise ValueError(f"{raw} is off the globe; it must lie from -{self.limit} to {self.limit}")
        return degrees


def _bounded(raw: object, low: int, high: int) -> Decimal:
    # The bounds come first: what follows would spell out the digits of 1e999999999.
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise ValueError(f"a number is wanted, not {excerpt(raw)}")
    number = Decimal(raw)
    if not number.is_finite():
        raise ValueError(f"{excerpt(raw)} is not a finite number")
    if not low <= number <= high:
        raise ValueError(f"{excerpt(raw)} must lie from {low} to {high}")
    if -int(number.as_tuple().exponent) > MOST_DECIMALS:
        raise ValueError(f"{excerpt(raw)} has more than {MOST_DECIMALS} decimals")
    return number
