"""How a route passes points: the stretches of it that stay near one, found piece by piece and put together."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from models.catalogue.plane import Booleans, Floats, Integers

EQUALLY_NEAR_DIGITS = 6
"""Distances that differ by less than a millimetre are the same: arithmetic does not decide which way counts."""

Column = npt.NDArray[Any]


class Passes(NamedTuple):
    """Stretches of a route within the width of a point, as columns.

    They are: the point's number, the first and last piece of the route, whether the stretch is still within the
    width where its last piece ends, and where it is nearest, in km off and along the route.
    """

    number: Column
    first: Column
    last: Column
    stays: Column
    off: Column
    along: Column


def joined(parts: Sequence[Passes]) -> Passes:
    """Return passes by point and in the order of travel, those that go on in the next piece as one.

    A pass is nearest at the first of the places that are equally near.
    """
    passes = Passes(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    order = np.lexsort((passes.first, passes.number))
    if not len(order):
        return passes
    passes = Passes(*(column[order] for column in passes))
    begins = np.flatnonzero(np.concatenate(([True], ~_go_on(passes))))
    ends = np.append(begins[1:], len(order)) - 1
    nearest = _nearest(passes.off, begins, ends)
    return Passes(
        number=passes.number[begins],
        first=passes.first[begins],
        last=passes.last[ends],
        stays=passes.stays[ends],
        off=passes.off[nearest],
        along=passes.along[nearest],
    )


def _go_on(passes: Passes) -> Booleans:
    """Whether each but the first goes on with the one before it: what stays within the width is there next."""
    same = passes.number[1:] == passes.number[:-1]
    adjacent = passes.first[1:] <= passes.last[:-1] + 1
    return np.asarray(same & adjacent & passes.stays[:-1], dtype=np.bool_)


def _nearest(off: Floats, begins: Integers, ends: Integers) -> Integers:
    """Return, of each run of rows, the one with the least distance."""
    rounded = off.round(EQUALLY_NEAR_DIGITS)
    least = np.repeat(np.minimum.reduceat(rounded, begins), ends - begins + 1)
    equally = np.flatnonzero(rounded == least)
    return np.asarray(equally[np.searchsorted(equally, begins)], dtype=np.int64)
