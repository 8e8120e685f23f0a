"""What must have been told on a simulated day: each change once, each cause of other availability, every answer."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from benchmarks.day_log import Deed, Log
from benchmarks.day_plan import Plan
from benchmarks.day_tables import Tables

OF_CHARGING = ("EARLY_START", "EARLY_STOP", "NO_SHOW", "WALK_UP", "OVERTIME")
COUNTING = frozenset({"TAKEN", "LATE"})
Change = tuple[str, str, datetime]


def every_change_is_told_once(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """Each mutation that changed a booking or session left one event of it, and a repeat none."""
    expected: Counter[Change] = Counter()
    for deed in log.deeds:
        expected.update(_changes(log, deed))
    told = Counter((one["kind"], one["object_id"].rpartition("*")[2].lower(), one["at"]) for one in tables.events)
    for (kind, uuid, at), times in expected.items():
        if told[kind, uuid, at] != times:
            yield f"{kind} of {uuid} at {at} was told {told[kind, uuid, at]} times, not {times}"


def nothing_is_told_twice_at_a_moment(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """Outside the worker's rounds nothing else changes a booking twice at a moment."""
    rounds = set(log.rounds)
    told = Counter((one["kind"], one["object_id"], one["at"]) for one in tables.events)
    for (kind, object_id, at), times in told.items():
        if times > 1 and kind == "BOOKING_CHANGED" and at not in rounds:
            yield f"{kind} of {object_id} was told {times} times at {at}"


def every_last_change_was_told(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """What a booking is at the end was told when it became so."""
    for one in tables.bookings:
        if one["last_updated"] not in {each["at"] for each in tables.events_of("BOOKING_CHANGED", one["id"])}:
            yield f"booking {one['id']} became {one['status']} at {one['last_updated']}, of which nobody heard"


def every_cause_was_told_and_heard(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """All that charging does to what is free happened at least once, and reached who follows that."""
    told = Counter(one["cause"] for one in tables.events if one["kind"] == "AVAILABILITY_CHANGED")
    for cause in OF_CHARGING:
        if not told[cause]:
            yield f"no {cause} happened: the day is too easy"
        elif not log.heard[cause]:
            yield f"{cause} was told {told[cause]} times, and slotAvailabilityChanged heard none"


def every_change_of_availability_names_its_time(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """What charging takes or gives back lies ahead, or has just begun."""
    for one in tables.events:
        if one["cause"] in OF_CHARGING and (one["start"] is None or one["end"] <= one["start"]):
            yield f"{one['cause']} at {one['location_id']} at {one['at']} is from {one['start']} to {one['end']}"


def every_operator_that_was_asked_answered_or_timed_out(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """A request ends as its operator wanted; what is ignored times out in the first round after a minute."""
    stored = {one["id"]: one for one in tables.requests}
    for one in log.commands:
        found = stored[one.id.rpartition("*")[2].lower()]
        if found["status"] != one.expected:
            yield f"the request of {one.at} is {found['status']}, not {one.expected}"
        elif one.expected == "TIMED_OUT" and found["answered_at"] != log.first_round(found["answer_until"]):
            yield f"the request of {one.at} timed out at {found['answered_at']}, due {found['answer_until']}"


def every_round_was_done_and_every_repeat_answered_alike(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """No duty of the worker failed, and whoever asks again with the same key hears the same."""
    yield from (f"a round at {at} left something undone" for at in log.failed_rounds)
    yield from (f"the repeat was answered otherwise: {one.line}" for one in log.differing)


def _changes(log: Log, deed: Deed) -> Iterator[Change]:
    """Yield what a mutation is to have told."""
    at = deed.at
    if deed.kind == "Booking":
        yield "BOOKING_CHANGED", _uuid(deed.told["id"]), at
    elif deed.kind == "Session":
        yield "SESSION_CHANGED", _uuid(deed.told["id"]), at
        if deed.told["bookingId"]:
            yield "BOOKING_CHANGED", _uuid(deed.told["bookingId"]), at
    elif deed.kind == "SessionReadings" and any(one["outcome"] in COUNTING for one in deed.told["outcomes"]):
        yield "SESSION_CHANGED", _uuid(deed.told["session"]["id"]), at
    elif deed.kind == "SessionRequest":
        yield "SESSION_REQUESTED", _uuid(deed.told["id"]), at
    elif deed.kind == "ProblemReport":
        yield "PROBLEM_REPORTED", _uuid(deed.told["id"]), at


def _uuid(composite: str) -> str:
    return composite.rpartition("*")[2].lower()


TOLD = (
    every_change_is_told_once,
    nothing_is_told_twice_at_a_moment,
    every_last_change_was_told,
    every_cause_was_told_and_heard,
    every_change_of_availability_names_its_time,
    every_operator_that_was_asked_answered_or_timed_out,
    every_round_was_done_and_every_repeat_answered_alike,
)
