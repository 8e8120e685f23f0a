"""What must be true of the sessions of a simulated day, and of what was measured in them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from benchmarks.day_log import Freed, Log
from benchmarks.day_plan import Plan
from benchmarks.day_rules_bookings import made_by
from benchmarks.day_tables import Allocation, Row, Tables, spelled, uncovered

WALK_IN = timedelta(minutes=60)
ROUND = timedelta(minutes=1, seconds=1)
QUARTER = timedelta(minutes=15)


def every_session_is_one_that_began(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """Stored is what operators were told began, at that charger, at that time, and its end."""
    known = {one.rpartition("*")[2].lower(): used for one, used in log.sessions.items()}
    if len(known) != len(tables.sessions):
        yield f"{len(known)} sessions began, and {len(tables.sessions)} are stored"
    for one in tables.sessions:
        used = known.get(one["id"])
        if used is None:
            yield f"session {one['id']} began for nobody"
        elif (one["evse_id"], one["start"], one["end"]) != (used.evse_id, used.start, used.end):
            yield f"session {one['id']} of {used.truck}: {one['evse_id']} {one['start']} to {one['end']}, not {used}"


def no_two_sessions_share_a_charger(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """One at a time."""
    by_charger = sorted(tables.sessions, key=lambda one: (one["evse_id"], one["start"]))
    for evse_id, found in groupby(by_charger, key=lambda one: one["evse_id"]):
        for one, other in pairwise(found):
            if one["end"] is None or one["end"] > other["start"]:
                yield f"two sessions at {evse_id}: until {one['end']}, and from {other['start']}"


def every_session_of_a_booking_lies_in_its_window(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """It begins after the early start and before the booking lapsed, at its charger, and ends when it may or is told.

    Anybody may begin an hour before the slot where no booking is needed.
    """
    for one in tables.sessions:
        found = made_by(log, str(one["booking_id"])) if one["booking_id"] else None
        if found is None:
            if one["basis"] != "WALK_UP" or one["booking_id"]:
                yield f"session {one['id']} is {one['basis']} with booking {one['booking_id']}, which nobody made"
            continue
        truck, made = found
        site, booking = plan.sites[made.site], tables.booking(made.id)
        opens = made.start - (site.early if site.booking_only else WALK_IN)
        begun = [each["start"] for each in tables.sessions if each["booking_id"] == one["booking_id"]]
        kept = one["start"] != min(begun) or bool(_outages(log, one, made.start))
        closes = made.end if kept else made.start + site.timeout
        if not opens <= one["start"] < max(closes, made.end if _was_taken(tables, one, made.start) else closes):
            yield f"{truck} began at {one['start']}, its booking is from {made.start} to {made.end}"
        if one["evse_id"] != booking["evse_id"]:
            yield f"{truck} charged at {one['evse_id']}, its booking is for {booking['evse_id']}"
        if (one["basis"] == "EARLY_START") != (one["start"] < made.start):
            yield f"{truck} began at {one['start']} by {one['basis']}, its slot at {made.start}"
        if one["slot_end"] != made.end:
            yield f"the session of {truck} has the slot end {one['slot_end']}, its booking {made.end}"
        if one["allowed_until"] > made.end + site.late:
            yield f"{truck} may charge until {one['allowed_until']}, its slot ends at {made.end}, late {site.late}"


def every_session_is_covered_by_what_its_holder_has(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """Whoever charges has the charger, unless another has it; then that other is moved, or flagged and told."""
    for one in tables.sessions:
        holder, start, end = one["booking_id"] or one["id"], one["start"], one["end"] or one["start"]
        at_charger = tables.at_charger(one["evse_id"], one["parking_bay_id"])
        own = [(each.start, each.until) for each in at_charger if each.holder_id == holder]
        for begin, until in uncovered(start, end, own):
            others = [each for each in at_charger if each.holder_id != holder and _in_the_way(each, begin, until)]
            taken = [(each.start, each.until) for each in others]
            free = [gap for gap in uncovered(begin, until, taken) if gap[1] - gap[0] > ROUND]
            for gap in free:
                if _given_back(gap, taken):
                    continue
                yield (
                    f"session {one['id']} at {one['evse_id']} ({start} to {end}) had no charger from {gap[0]} for "
                    f"{spelled(gap[1] - gap[0])}, and nobody else had it"
                )
            yield from (line for each in others for line in _told(tables, one, each))


def an_early_stop_frees_the_rest_at_once(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """A search finds the charger the moment it is left, and did not before."""
    for one in log.freed:
        if one.after != one.before + 1 and not _taken_at_once(tables, one):
            yield f"{one.truck} left {one.evse_id} at {one.at}: {one.before} could book before, and {one.after} after"


def the_energy_is_the_highest_that_counted(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """It is what the meter truly showed last, and never fell."""
    known = {one.rpartition("*")[2].lower(): used for one, used in log.sessions.items()}
    counted = {
        session_id: [one["kwh"] for one in found if one["counts"]]
        for session_id, found in groupby(tables.readings, key=lambda one: str(one["session_id"]))
    }
    for one in tables.sessions:
        used, read = known[one["id"]], counted.get(one["id"], [])
        if one["kwh"] != used.energy or one["kwh"] != max(read, default=0):
            yield f"session {one['id']} has {one['kwh']} kWh, was measured {used.energy}, the readings say {read}"
        if read != sorted(read) or used.shown != sorted(used.shown):
            yield f"the energy of session {one['id']} fell: {read}, told as {used.shown}"


def every_reading_is_judged_rightly(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """What comes twice, late, backwards or from the future is known as that."""
    for one in log.readings:
        if one.outcome != one.expected:
            yield f"a reading of {one.at} of session {one.session_id} was {one.outcome}, not {one.expected}"


def _outages(log: Log, one: Row, start: datetime) -> list[datetime]:
    """Return when its charger was out of order between the slot's start and the session's."""
    found = (each for each in log.outages if each.evse_id == one["evse_id"])
    return [each.start for each in found if each.start <= one["start"] and (each.end is None or each.end > start)]


def _was_taken(tables: Tables, one: Row, start: datetime) -> bool:
    """Whether somebody else charged there when the slot began, so that its holder had to wait."""
    here = [each for each in tables.sessions if each["evse_id"] == one["evse_id"] and each["id"] != one["id"]]
    return any(each["start"] < one["start"] and (each["end"] is None or each["end"] > start) for each in here)


def _given_back(gap: tuple[datetime, datetime], taken: list[tuple[datetime, datetime]]) -> bool:
    """Whether another gave it up while somebody stayed there, who has it again within a quarter of an hour."""
    return gap[1] - gap[0] <= QUARTER and any(until == gap[0] for _, until in taken)


def _in_the_way(each: Allocation, begin: datetime, until: datetime) -> bool:
    return each.start < until and begin < each.until


def _told(tables: Tables, session: Row, each: Allocation) -> Iterator[str]:
    """Yield what is wrong with how a booking was told that another charges there."""
    if each.kind == "HOLD":
        return
    booking = next((one for one in tables.bookings if one["id"] == each.holder_id), None)
    if booking is None or each.holder_id in tables.alternatives:
        return
    moved = booking["evse_id"] != session["evse_id"]
    told = tables.events_of("ALTERNATIVES_OFFERED", each.holder_id)
    if not moved and not told:
        yield f"booking {each.holder_id} was not told that session {session['id']} is in its way"


def _taken_at_once(tables: Tables, one: Freed) -> bool:
    """Whether another has it now: a booking that had to go elsewhere, or one that keeps the bay."""
    return any(
        each.start < one.end and one.start < each.until and each.stands(one.at)
        for each in tables.at_charger(one.evse_id)
    )


SESSIONS = (
    every_session_is_one_that_began,
    no_two_sessions_share_a_charger,
    every_session_of_a_booking_lies_in_its_window,
    every_session_is_covered_by_what_its_holder_has,
    an_early_stop_frees_the_rest_at_once,
    the_energy_is_the_highest_that_counted,
    every_reading_is_judged_rightly,
)
