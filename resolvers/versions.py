"""Versions of what parties change, told apart by `last_updated`: nobody overwrites what they have not read."""

from datetime import datetime, timedelta

from models.errors import LostUpdate
from resolvers.call import Call

TICK = timedelta(microseconds=1)
"""Two versions of one object are at least so far apart, so that `last_updated` tells them apart."""


def renewed(call: Call, kind: str, object_id: str, stored: datetime | None, expected: datetime | None) -> datetime:
    """Return when an object is updated by this call, later than ever; raise LostUpdate if it is not as `expected`."""
    if expected is not None and expected != stored:
        raise LostUpdate(kind, object_id, stored)
    return call.now if stored is None else max(call.now, stored + TICK)
