"""What must be true of the bookings and allocations of a simulated day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations, groupby

from benchmarks.day_log import Log, Made
from benchmarks.day_plan import Plan, Site
from benchmarks.day_tables import Allocation, Row, Tables

SLOTS = frozenset({"BOOKING", "WALK_UP", "OVERTIME"})
REASONS = {"FULL", "BROKEN_CHARGER"}
GOES_ON = {"WALK_UP", "OVERTIME"}
NOTHING, ROUND = timedelta(0), timedelta(minutes=1)
FAULT, POWER = "CHARGER_FAULT", "POWER_LOSS"


def no_charger_or_bay_is_held_twice(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """Nothing was held by two at the same time, over the time it was really held.

    Who goes on charging has the charger again from when it had it last, which the worker notes in its next round.
    """
    places = {one.evse_id: one.evse_id for one in tables.allocations}
    places |= {one.parking_bay_id: one.parking_bay_id for one in tables.allocations if one.parking_bay_id}
    for place in places:
        here = [one for one in tables.allocations if place in (one.evse_id, one.parking_bay_id)]
        for one, other in combinations(here, 2):
            shared = min(one.until, other.until) - max(one.start, other.start)
            if one.holder_id != other.holder_id and shared > (ROUND if {one.kind, other.kind} & GOES_ON else NOTHING):
                yield f"{place} is held by {_held(one)} and by {_held(other)}"


def every_granted_booking_is_stored_as_granted(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """What providers were told is what is stored, and nothing besides."""
    known = {made.id.rpartition("*")[2].lower() for made in log.bookings.values()}
    for one in tables.bookings:
        if one["id"] not in known:
            yield f"booking {one['id']} was granted to nobody"
    for truck, made in log.bookings.items():
        one = tables.booking(made.id)
        if (one["start"], one["end"]) != (made.start, made.end):
            yield f"the booking of {truck} is from {one['start']} to {one['end']}, not as granted from {made.start}"
        if one["location_id"] != plan.sites[made.site].location_id:
            yield f"the booking of {truck} is at {one['location_id']}"


def every_booking_ends_as_its_truck_did(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """Used is FULFILLED, given up is CANCELED, unused is a no-show, or canceled for what its operator failed in."""
    for truck, made in log.bookings.items():
        one = tables.booking(made.id)
        used = any(session["booking_id"] == one["id"] for session in tables.sessions)
        if used:
            if one["status"] != "FULFILLED":
                yield f"{truck} charged on its booking, which is {one['status']}"
        elif made.given_up_at is not None:
            if one["status"] != "CANCELED" or one["who_canceled"] == "CPO":
                yield f"{truck} gave up its booking, which is {one['status']} by {one['who_canceled']}"
        elif one["status"] == "CANCELED":
            if one["who_canceled"] != "CPO" or one["canceled_reason"] not in REASONS:
                yield f"the booking of {truck} was canceled by {one['who_canceled']}: {one['canceled_reason']}"
            elif not _endangered(log, tables, one):
                yield f"the booking of {truck} was canceled by its operator though nothing was in its way"
        elif one["status"] != "NO_SHOW":
            yield f"{truck} did not use its booking, which is {one['status']}"


def every_no_show_ends_in_the_first_round_after_its_time(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """A booking lapses at its start plus the no-show timeout, at the worker's next round, and frees its charger."""
    for made in log.bookings.values():
        one = tables.booking(made.id)
        if one["status"] != "NO_SHOW" and not (one["status"] == "CANCELED" and one["who_canceled"] == "CPO"):
            continue
        lapses = _lapses(plan.sites[made.site], log, tables, one)
        expected = log.first_round(lapses)
        released = {each.released_at for each in tables.allocations if _own(each, one) and each.end >= lapses}
        if max((each for each in released if each), default=None) != expected:
            yield f"booking {one['id']} lapsed at {lapses}, and freed its charger at {released}, not at {expected}"
        causes = [
            each
            for each in tables.events
            if each["at"] == expected and each["location_id"] == one["location_id"] and each["cause"] == "NO_SHOW"
        ]
        if not causes:
            yield f"nobody was told that the no-show of booking {one['id']} freed {one['evse_id']} at {expected}"


def a_used_booking_has_the_times_of_its_sessions(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """A booking knows when charging began, and when it ended for good.

    A fault within the slot only interrupts it; whoever then reports the charger within the slot leaves it for good.
    """
    of_booking = sorted((one for one in tables.sessions if one["booking_id"]), key=lambda one: one["booking_id"])
    for booking_id, found in groupby(of_booking, key=lambda one: str(one["booking_id"])):
        used = sorted(found, key=lambda one: one["start"])
        one, last = next(each for each in tables.bookings if each["id"] == booking_id), used[-1]
        if one["charging_started_at"] != used[0]["start"]:
            yield f"booking {booking_id} began at {one['charging_started_at']}, its session at {used[0]['start']}"
        interrupted = last["stop_reason"] in (FAULT, POWER) and last["end"] < one["end"]
        ended, other = (
            ("interrupted_at", "charging_ended_at") if interrupted else ("charging_ended_at", "interrupted_at")
        )
        left = _reported_at(log, booking_id) if interrupted else None
        if one[ended] != last["end"] or one[other] != left:
            yield f"booking {booking_id} has {ended} {one[ended]}, {other} {one[other]}; its session: {last['end']}"


def nothing_is_open_that_should_be_over(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """When everybody is gone nothing is pending, active or held."""
    yield from (f"still open: {one}" for one in tables.pending)


def _reported_at(log: Log, booking_id: str) -> datetime | None:
    """Return when the charger of a booking was reported within its slot, if it was."""
    reports = {
        one for one, (about, _) in log.accounts.reports.items() if about.rpartition("*")[2].lower() == booking_id
    }
    made = made_by(log, booking_id)
    found = (one.at for one in log.deeds if one.root == "problemReportCreate" and one.told.get("id") in reports)
    return next((at for at in found if made is not None and at < made[1].end), None)


def _lapses(site: Site, log: Log, tables: Tables, one: Row) -> datetime:
    """Return when a booking lapses: so long after its start, or after another left who was seen to stay into it."""
    lapses: datetime = min(one["start"] + site.timeout, one["end"])
    seen = log.first_round(one["start"])
    for each in sorted(tables.sessions, key=lambda each: _until(each, one["end"])):
        left = _until(each, one["end"])
        there = each["evse_id"] == one["evse_id"] or each["parking_bay_id"] == one["parking_bay_id"]
        if there and seen and each["start"] < one["start"] and seen < left <= lapses:
            lapses = max(lapses, min(left + site.timeout, one["end"]))
    return lapses


def _endangered(log: Log, tables: Tables, one: Row) -> bool:
    """Whether its charger was out of order, or used by another, at some time in question."""
    down = any(
        each.evse_id == one["evse_id"] and each.start < one["end"] and (each.end is None or each.end > one["start"])
        for each in log.outages
    )
    return down or any(
        each["evse_id"] == one["evse_id"] and each["start"] < one["end"] and _until(each, one["end"]) > one["start"]
        for each in tables.sessions
        if each["booking_id"] != one["id"]
    )


def _until(session: Row, end: datetime) -> datetime:
    until: datetime = session["end"] or end
    return until


def _own(each: Allocation, booking: Row) -> bool:
    return each.holder_id == booking["id"] and each.kind in SLOTS


def _held(one: Allocation) -> str:
    return f"{one.kind} {one.holder_id} from {one.start} to {one.until}"


def made_by(log: Log, booking_id: str) -> tuple[str, Made] | None:
    """Return which truck has a booking, by its uuid."""
    found = ((name, one) for name, one in log.bookings.items() if one.id.rpartition("*")[2].lower() == booking_id)
    return next(found, None)


BOOKINGS = (
    no_charger_or_bay_is_held_twice,
    every_granted_booking_is_stored_as_granted,
    every_booking_ends_as_its_truck_did,
    every_no_show_ends_in_the_first_round_after_its_time,
    a_used_booking_has_the_times_of_its_sessions,
    nothing_is_open_that_should_be_over,
)
