"""What must be true of what a simulated day billed: each fact once, to the fourth decimal, and no minute twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction

from benchmarks.day_ledger import Books
from benchmarks.day_ledger_facts import Fact, facts, hours, key_of, overtime, place_of, standing_report, uuid_of
from benchmarks.day_ledger_prices import Line
from benchmarks.day_prices import OVERTIME
from benchmarks.day_tables import Row

Rule = Callable[[Books], Iterator[str]]
SHOWN = Fraction(1, 10_000)
"""To so much of an hour a quantity is shown."""


def every_granted_booking_is_billed_its_fee_once(books: Books) -> Iterator[str]:
    """If its tariff prices it, and it was neither given up nor its charger found unusable."""
    yield from _agree(books, "BOOKING")


def every_late_change_is_billed_its_fee_once(books: Books) -> Iterator[str]:
    """If the terms price it, and its operator did not fail the booking."""
    yield from _agree(books, "MODIFICATION")


def every_late_cancellation_is_billed_its_fee_once(books: Books) -> Iterator[str]:
    """As the tariff prices it."""
    yield from _agree(books, "CANCELLATION")


def every_no_show_is_billed_its_fee_once(books: Books) -> Iterator[str]:
    """If the tariff prices it."""
    yield from _agree(books, "NO_SHOW")


def every_ended_session_is_billed_once(books: Books) -> Iterator[str]:
    """Its energy, its minutes of charging and parking, its overtime, and having come late."""
    yield from _agree(books, "SESSION")


def no_minute_is_billed_twice(books: Books) -> Iterator[str]:
    """Charging, parking and priced overtime are together no longer than the session, but for rounding up."""
    for session_id, used in books.log.sessions.items():
        uuid, site = uuid_of(session_id), place_of(books, used)
        billed = [one for one in books.standing if one["session_id"] == uuid]
        over = overtime(books, site, used)
        if used.end is None or not billed:
            continue
        lasted = hours(used.end - used.start)
        before_overtime = hours(over.start - used.start) if over is not None and over.timed else lasted
        charged, stayed = Fraction(0), Fraction(0)
        for line in (line for one in billed for line in one["lines"]):
            timed = _elements(books, line, site.location_id)
            if line["kind"] in ("TIME", "PARKING_TIME"):
                charged += Fraction(line["quantity"]) - SHOWN
            elif line["kind"] == "OVERTIME" and timed == "TIME":
                stayed += Fraction(line["quantity"]) - SHOWN
        stepped = [one.step for _, one in site.prices.charging.of(None) if "TIME" in one.dimension]
        steps = Fraction(0 if over is not None and over.timed else max(stepped, default=0), 3600)
        over_step = Fraction(max((one.step for _, one in over.prices.of(OVERTIME)), default=0), 3600) if over else 0
        if charged > before_overtime + steps or charged + stayed > lasted + steps + over_step:
            yield (
                f"session {uuid} of {float(lasted):.4f} h, {float(before_overtime):.4f} h before overtime, is billed "
                f"{float(charged):.4f} h of charging and parking, {float(stayed):.4f} h of overtime"
            )


def every_canceled_bookings_fee_is_credited(books: Books) -> Iterator[str]:
    """Whatever was billed for a booking that was given up; of one that was reported, once that is upheld."""
    for made in books.log.bookings.values():
        one = books.tables.booking(made.id)
        upheld, reported = standing_report(books, made.id)
        if one["status"] == "CANCELED" and (not reported or one["who_canceled"] == "CPO"):
            yield from (f"the fee of canceled booking {one['id']} stands" for _ in _fees(books, one["id"]))
        if upheld:
            yield from (
                f"booking {one['id']}: its report was upheld, its fee stands" for _ in _fees(books, one["id"])
            )


def the_day_has_all_kinds_of_bills(books: Books) -> Iterator[str]:
    """All that may be billed was, some of it in another currency, and credited."""
    found = {line["kind"] for one in books.cdrs for line in one["lines"]}
    wanted = {"RESERVATION", "NO_SHOW", "OVERTIME", "ENERGY", "TIME", "PARKING_TIME", "FLAT", "LIMIT", "REFUND"}
    yield from (f"no {one} was billed: the day is too easy" for one in sorted(wanted - found))
    if len({one["currency"] for one in books.cdrs}) < 2:
        yield "all was billed in one currency: the day is too easy"
    if not any(one["credits"] for one in books.cdrs):
        yield "nothing was credited: the day is too easy"


def _agree(books: Books, kind: str) -> Iterator[str]:
    """Yield what is billed otherwise than it is to be, of one kind."""
    expected = {one.key: one for one in facts(books) if one.kind == kind}
    billed = [one for one in books.standing if one["kind"] == kind]
    for key, times in Counter(key_of(one) for one in billed).items():
        if times > 1:
            yield f"{key} is billed {times} times"
    for one in billed:
        fact = expected.pop(key_of(one), None)
        if fact is None:
            yield f"{one['id']} bills {key_of(one)}, which is not to be billed: {_told(one)}"
        elif sorted(lines_of(one)) != sorted(fact.lines):
            yield f"{one['id']} bills {key_of(one)} as {_told(one)}, not as {_spelled(fact)}"
        elif one["energy"] != fact.energy:
            yield f"{one['id']} is of {one['energy']} kWh, not of {fact.energy}"
    yield from (f"{key} is not billed: {_spelled(one)}" for key, one in expected.items())


def lines_of(cdr: Row) -> list[Line]:
    """Return the lines of a CDR as the rules have them."""
    return [
        Line(
            one["kind"],
            -1 if one["element"] is None else one["element"],
            Fraction(one["price"]["before_taxes"]),
            Fraction(one["price"]["after_taxes"]),
        )
        for one in cdr["lines"]
    ]


def _fees(books: Books, uuid: str) -> list[Row]:
    return [one for one in books.standing if one["booking_id"] == uuid and one["kind"] == "BOOKING"]


def _elements(books: Books, line: Row, location_id: str) -> str | None:
    """Return by which dimension a line of the tariff of bookings there is priced."""
    site = next(one for one in books.plan.sites if one.location_id == location_id)
    listed = site.prices.list_for(OVERTIME)
    if listed is None or line["element"] is None or line["kind"] != "OVERTIME":
        return None
    return listed.elements[line["element"]].dimension


def _told(cdr: Row) -> str:
    return ", ".join(str(one) for one in sorted(lines_of(cdr)))


def _spelled(fact: Fact) -> str:
    return ", ".join(str(one) for one in sorted(fact.lines))


FACTS = (
    every_granted_booking_is_billed_its_fee_once,
    every_late_change_is_billed_its_fee_once,
    every_late_cancellation_is_billed_its_fee_once,
    every_no_show_is_billed_its_fee_once,
    every_ended_session_is_billed_once,
    no_minute_is_billed_twice,
    every_canceled_bookings_fee_is_credited,
    the_day_has_all_kinds_of_bills,
)
