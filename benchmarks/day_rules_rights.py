"""Who may charge on a simulated day and who may not: nobody without right does, nobody with right is refused."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from benchmarks.day_log import Attempt, Deed, Had, Log, Made
from benchmarks.day_plan import Plan, Site, Truck
from benchmarks.day_rules_sessions import WALK_IN
from benchmarks.day_tables import Row, Tables

SOON = timedelta(minutes=5)
GONE = frozenset({"NO_SHOW", "CANCELED"})
REFUSED = "ChargingRefused"
REFUSALS = frozenset({REFUSED, "SiteEntryRefused", "SlotTaken", "ChargerUnusable", "NotAllowed", "TooManyAttempts"})
ARRIVES = timedelta(minutes=30)


def nobody_charges_without_right(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """Whoever is allowed has a booking of that charger for about then, or a card while nobody else has it."""
    for one in log.attempts:
        if one.basis is None:
            continue
        site, booking = _site(plan, one), _booking(log, tables, one)
        if one.owner is None:
            yield f"{one}: allowed with what is worth nothing"
        if not log.working(one.evse_id, one.at):
            yield f"{one}: allowed at a charger that is out of order"
        if _charging(tables, one):
            yield f"{one}: allowed while another charges there"
        if one.basis != "WALK_UP":
            if booking is None or one.seen is None or one.seen.evse_id != one.evse_id:
                yield f"{one}: allowed without a booking of that charger"
            continue
        if site.booking_only:
            yield f"{one}: walked up where a booking is needed"
        own = booking["id"] if booking is not None else None
        if any(each.holder_id != own for each in _had(one, None, one.at + SOON)):
            yield f"{one}: walked up to what another has booked"


def nobody_with_a_booking_is_refused(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """At its charger and in its time, while that works and nobody is in the way, a booking is honoured."""
    for one in log.attempts:
        made = log.bookings.get(one.owner or "")
        if one.kind != REFUSED or made is None or one.seen is None or one.seen.evse_id != one.evse_id:
            continue
        site, booking = _site(plan, one), tables.booking(made.id)
        if not _in_time(site, made, booking, one.at) or not log.working(one.evse_id, one.at):
            continue
        others = [
            each
            for each in _had(one, booking["parking_bay_id"], max(made.start, one.at + timedelta(seconds=1)))
            if each.holder_id != booking["id"]
        ]
        if not _charging(tables, one) and not _used(tables, booking, one.at) and not others:
            yield f"{one}: refused in the time of its booking, {made.start:%H:%M} to {made.end:%H:%M}"


def nobody_is_refused_a_free_charger(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """Whoever has a good card and no booking may charge where nobody does, has booked, or will in five minutes."""
    for one in log.attempts:
        site = _site(plan, one)
        if one.kind != REFUSED or one.owner is None or one.by_reference or site.booking_only:
            continue
        if one.owner in log.bookings and (one.seen is None or one.seen.status not in GONE):
            continue
        if not log.working(one.evse_id, one.at) or _charging(tables, one):
            continue
        bays = [f"{site.location_id}*{bay}" for bay in site.chargers[one.evse_id.rpartition("*")[2]]]
        if any(not _had(one, bay, one.at + SOON) for bay in bays):
            yield f"{one}: refused though nobody has it"


def nobody_with_a_booking_is_kept_out(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """From half an hour before the slot until it lapses the gate opens."""
    for one in log.entries:
        made = log.bookings[one.truck]
        closes = made.start + plan.sites[made.site].timeout
        if not one.admitted and made.start - ARRIVES <= one.at < closes and made.given_up_at is None:
            if not _moved_off(log, tables, made, one.at):
                yield f"{one.truck} was kept out at {one.at}: {one.reason}"
        elif one.admitted and one.at >= made.end:
            yield f"{one.truck} was let in at {one.at}, its slot ended at {made.end}"


def every_refusal_says_why_and_nothing_of_others(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """A refusal has a sentence, and of a charger a reason; it names no booking, card or contract but one's own."""
    trucks = {one.name: one for one in plan.trucks}
    secrets = {name: _secrets(log, one) for name, one in trucks.items()}
    for deed in log.deeds:
        if deed.kind not in REFUSALS:
            continue
        if not deed.told.get("message", "said") or (deed.kind.endswith("Refused") and not deed.told.get("reason")):
            yield f"{deed.line}: refused without a reason"
        whole, who = json.dumps(deed.told), _truck_of(deed)
        for name, own in secrets.items():
            if name != who and any(secret in whole for secret in own - secrets.get(who, frozenset())):
                yield f"{deed.line}: tells of {name}: {whole}"


def every_refused_driver_is_told(plan: Plan, log: Log, tables: Tables) -> Iterator[str]:
    """The provider whose card was refused hears of that, once."""
    told = [one for one in tables.events if one["kind"] == "CHARGING_REFUSED"]
    at = {one["at"] for one in told}
    for one in log.attempts:
        if one.kind == REFUSED and one.owner is not None and one.at not in at:
            yield f"{one}: its provider heard nothing"


def _site(plan: Plan, one: Attempt) -> Site:
    return next(site for site in plan.sites if one.evse_id.startswith(f"{site.location_id}*"))


def _booking(log: Log, tables: Tables, one: Attempt) -> Row | None:
    made = log.bookings.get(one.owner or "")
    return tables.booking(made.id) if made is not None else None


def _charging(tables: Tables, one: Attempt) -> bool:
    """Whether somebody charged there at that moment."""
    return any(
        each["evse_id"] == one.evse_id and each["start"] < one.at and (each["end"] is None or each["end"] > one.at)
        for each in tables.sessions
    )


def _had(one: Attempt, bay_id: str | None, until: datetime) -> list[Had]:
    """Return what was had of a charger, or of one bay, from the moment somebody asked until another one."""
    here = [each for each in one.had if each.evse_id == one.evse_id or each.parking_bay_id == (bay_id or "")]
    return [each for each in here if each.start < until]


def _in_time(site: Site, made: Made, booking: Row, at: datetime) -> bool:
    opens = made.start - (site.early if site.booking_only else WALK_IN)
    closes = min(made.start + site.timeout, made.end)
    if booking["status"] == "CANCELED" and at >= booking["last_updated"]:
        return False
    given_up = made.given_up_at is not None and made.given_up_at <= at
    return made.at < at and opens <= at < closes and not given_up


def _used(tables: Tables, booking: Row, at: datetime) -> bool:
    """Whether its driver was done with it."""
    return any(
        one["booking_id"] == booking["id"] and one["start"] < at and one["stop_reason"] != "CHARGER_FAULT"
        for one in tables.sessions
    )


def _moved_off(log: Log, tables: Tables, made: Made, at: datetime) -> bool:
    booking = tables.booking(made.id)
    return bool(booking["status"] == "CANCELED" and booking["last_updated"] <= at)


def _secrets(log: Log, truck: Truck) -> frozenset[str]:
    made = log.bookings.get(truck.name)
    booking = {made.id, made.id.rpartition("*")[2].lower()} if made is not None else set()
    return frozenset({truck.card, truck.group_card, truck.contract_id, truck.plate, *booking})


def _truck_of(deed: Deed) -> str:
    """Return the truck that a deed was for, whoever did it."""
    return deed.who if deed.who.startswith("T") else deed.about


RIGHTS = (
    nobody_charges_without_right,
    nobody_with_a_booking_is_refused,
    nobody_is_refused_a_free_charger,
    nobody_with_a_booking_is_kept_out,
    every_refusal_says_why_and_nothing_of_others,
    every_refused_driver_is_told,
)
