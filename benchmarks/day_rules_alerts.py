"""Which warnings a simulated day's drivers and operators must have had, and when."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from benchmarks.day_log import Log, Used
from benchmarks.day_plan import MINUTE, Plan
from benchmarks.day_tables import Row, Tables

USUAL = 15
Warnings = Counter[tuple[str, int, datetime]]
Limits = Mapping[datetime, datetime | None]


def every_warning_comes_once_and_in_time(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """Before the end, at it, and with a fault: in the first round from the moment on, to whoever still charges."""
    known = {one.rpartition("*")[2].lower(): used for one, used in log.sessions.items()}
    for one in tables.sessions:
        told = Counter(_named(each) for each in tables.events_of("SESSION_ALERT", one["id"]))
        expected = _expected(log, one, known[one["id"]])
        for kind, minutes, at in (expected - told).elements():
            yield f"session {one['id']} was not warned at {at} of {kind} {minutes}; it was: {_spelled(told)}"
        for kind, minutes, at in (told - expected).elements():
            yield f"session {one['id']} was warned at {at} of {kind} {minutes}; it should: {_spelled(expected)}"


def _expected(log: Log, one: Row, used: Used) -> Warnings:
    found: Warnings = Counter()
    limits = log.limits.get(one["id"], {})
    if one["slot_end"] is not None:
        found += _before_the_end(log, one, used, one["slot_end"])
    else:
        found += Counter(
            ("SLOT_ENDING", USUAL, at) for at in _reached(limits, USUAL * MINUTE) if _lies_ahead(limits, at)
        )
    found += Counter(("NO_LONGER_ALLOWED", 0, at) for at in _reached(limits, 0 * MINUTE))
    for down in log.outages:
        if down.evse_id == one["evse_id"] and one["start"] < down.start and _goes_on(one, down.start):
            found["CHARGER_FAULT", 0, down.start] += 1
    return found


def _reached(limits: Limits, before: timedelta) -> Iterator[datetime]:
    """Yield the rounds in which the time before a limit is reached, once for each time that it lies ahead."""
    reached = False
    for at, limit in limits.items():
        passed = limit is not None and limit - before <= at
        if passed and not reached:
            yield at
        reached = passed


def _lies_ahead(limits: Limits, at: datetime) -> bool:
    limit = limits[at]
    return limit is not None and limit > at


def _before_the_end(log: Log, one: Row, used: Used, ends: datetime) -> Warnings:
    """Return the warnings so many minutes before; of those that were due before the start the last alone."""
    found: Warnings = Counter()
    wished = (USUAL,) if used.warnings is None else used.warnings
    passed = [minutes for minutes in wished if ends - minutes * MINUTE <= one["start"]]
    for minutes in wished:
        if minutes in passed and minutes != min(passed):
            continue
        at = _round(log, one, ends - minutes * MINUTE)
        if at is not None and at < ends:
            found["SLOT_ENDING", minutes, at] += 1
    return found


def _round(log: Log, one: Row, due: datetime) -> datetime | None:
    """Return the round in which a warning that is due is sent, if the session still goes on then."""
    at = log.first_round(max(due, one["start"]))
    return at if at is not None and _goes_on(one, at) else None


def _goes_on(one: Row, at: datetime) -> bool:
    return one["end"] is None or bool(one["end"] > at)


def _named(event: Row) -> tuple[str, int, datetime]:
    _, kind, minutes = event["object_id"].split("#")
    return kind, int(minutes), event["at"]


def _spelled(warnings: Warnings) -> str:
    return ", ".join(f"{kind} {minutes} at {at:%H:%M:%S}" for kind, minutes, at in sorted(warnings)) or "none"


ALERTS = (every_warning_comes_once_and_in_time,)
