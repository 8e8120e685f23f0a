"""What of a simulated day is to be billed, fact by fact and line by line, by its log and the price lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from benchmarks.day_ledger import Books
from benchmarks.day_ledger_prices import Line, Overtime, fee_lines, refunded, session_lines, terms_line
from benchmarks.day_log import Granted, Made, Used
from benchmarks.day_plan import MINUTE, Site
from benchmarks.day_prices import BOOKING, LATE_CANCELLATION, NO_SHOW, OVERTIME
from benchmarks.day_tables import Row

LATE = 5 * MINUTE
"""Who begins later after the start of a slot than this came late."""

Key = tuple[str | None, str | None, str, str]


@dataclass(frozen=True, slots=True)
class Fact:
    """What is to be billed once: of which booking and session, by uuid, as what, in which currency, and how much."""

    booking: str | None
    session: str | None
    kind: str
    currency: str
    lines: Sequence[Line]
    energy: Decimal = Decimal(0)

    @property
    def key(self) -> Key:
        """What no two facts share: no booking of the day is changed or canceled twice."""
        return self.booking, self.session, self.kind, self.currency

    @property
    def nothing_left(self) -> bool:
        """Whether all of it was given back."""
        return self.lines[-1].kind == "REFUND" and not sum(one.after for one in self.lines)


def facts(books: Books) -> list[Fact]:
    """Return all that is to be billed as the day ended, what was given back subtracted."""
    given: dict[Key, Fraction] = {}
    known = {one["id"]: one for one in books.cdrs}
    for cdr_id, amount in books.log.accounts.refunded:
        key = key_of(known[cdr_id])
        given[key] = given.get(key, Fraction(0)) + Fraction(amount)
    found = [one for one in _gross(books) if one.lines]
    left = [
        Fact(
            one.booking,
            one.session,
            one.kind,
            one.currency,
            refunded(one.lines, given.get(one.key, Fraction(0))),
            one.energy,
        )
        for one in found
    ]
    return [one for one in left if one.kind == "SESSION" or not one.nothing_left]


def key_of(cdr: Row) -> Key:
    """Return which fact a CDR bills."""
    return cdr["booking_id"], cdr["session_id"], cdr["kind"], cdr["currency"]


def _gross(books: Books) -> Iterator[Fact]:
    for made in books.log.bookings.values():
        yield from _of_booking(books, made)
    for session_id, used in books.log.sessions.items():
        yield from of_session(books, session_id, used)


def _of_booking(books: Books, made: Made) -> Iterator[Fact]:
    prices, uuid, one = books.plan.sites[made.site].prices, uuid_of(made.id), books.tables.booking(made.id)
    upheld, reported = standing_report(books, made.id)
    given_up = one["status"] == "CANCELED" and not (reported and one["who_canceled"] != "CPO")
    listed = prices.list_for(BOOKING)
    if listed is not None and not upheld and not given_up:
        lines = fee_lines(listed, BOOKING, "RESERVATION", made.start, made.end)
        yield Fact(uuid, None, "BOOKING", listed.currency, lines)
    failed = upheld or (one["status"] == "CANCELED" and one["who_canceled"] == "CPO")
    for granted in [] if failed else books.log.accounts.granted.get(made.id, []):
        yield from _of_change(books, made, granted)
    listed = prices.list_for(NO_SHOW)
    missed = one["status"] == "NO_SHOW" and not waived(books, made.id, "NO_SHOW")
    if listed is not None and missed and not upheld:
        yield Fact(
            uuid, None, "NO_SHOW", listed.currency, fee_lines(listed, NO_SHOW, "NO_SHOW", made.start, made.end)
        )


def _of_change(books: Books, made: Made, granted: Granted) -> Iterator[Fact]:
    """Yield the fee of a change or cancellation that came late, unless the charger was failing it."""
    prices, uuid = books.plan.sites[made.site].prices, uuid_of(made.id)
    until = prices.change_until if granted.kind == "MODIFICATION" else prices.cancel_until
    late = granted.at > granted.start - until * MINUTE
    if not late or granted.endangered or waived(books, made.id, granted.kind):
        return
    if granted.kind == "MODIFICATION":
        if prices.modification is not None:
            line = terms_line(prices, granted.kind, prices.modification)
            yield Fact(uuid, None, granted.kind, prices.booking.currency, [line])
        return
    listed = prices.list_for(LATE_CANCELLATION)
    if listed is not None:
        found = fee_lines(listed, LATE_CANCELLATION, granted.kind, granted.start, granted.end)
        yield Fact(uuid, None, granted.kind, listed.currency, found)


def of_session(books: Books, session_id: str, used: Used) -> Iterator[Fact]:
    """Yield what a session that ended costs, by currency: charging, overtime, and having come late."""
    if used.end is None or (used.end <= used.start and not used.energy):
        return
    site, made = place_of(books, used), books_of(books, used)
    over, prices = overtime(books, site, used), site.prices
    by_currency: dict[str, list[Line]] = {}
    main = prices.charging.currency
    by_currency[main] = session_lines(prices.charging, used.start, used.end, used.measured, over)
    if over is not None:
        by_currency.setdefault(over.prices.currency, []).extend(
            fee_lines(over.prices, OVERTIME, "OVERTIME", over.start, over.end)
        )
    if made is not None and prices.late_arrival is not None and _came_late(books, made, used):
        line = terms_line(prices, "LATE_ARRIVAL", prices.late_arrival)
        by_currency.setdefault(prices.booking.currency, []).append(line)
    booking = uuid_of(made.id) if made is not None else None
    for currency, lines in by_currency.items():
        energy = used.energy if currency == main else Decimal(0)
        yield Fact(booking, uuid_of(session_id), "SESSION", currency, lines, energy)


def overtime(books: Books, site: Site, used: Used) -> Overtime | None:
    """Return the overtime of a session that is billed, if there was any."""
    made, listed = books_of(books, used), site.prices.list_for(OVERTIME)
    if made is None or listed is None or used.end is None or waived(books, made.id, "OVERTIME"):
        return None
    begin = max(made.end + site.late, used.start)
    return Overtime(listed, begin, used.end) if used.end > begin else None


def _came_late(books: Books, made: Made, used: Used) -> bool:
    """Whether it is the session in which its booking was begun to be used, too late, and that is billed.

    It is not if its holder was kept waiting when its slot began.
    """
    until = books.tables.booking(made.id)["kept_waiting_until"]
    if until is not None and until > made.start:
        return False
    first = min(one.start for one in books.log.sessions.values() if one.booking_id == made.id)
    return used.start == first > made.start + LATE and not waived(books, made.id, "LATE_ARRIVAL")


def waived(books: Books, booking_id: str, fee: str) -> bool:
    """Whether the operator does without a fee."""
    return (booking_id, fee) in books.log.accounts.waived


def standing_report(books: Books, booking_id: str) -> tuple[bool, bool]:
    """Return whether the charger of a booking was reported and that upheld, and whether it was reported at all."""
    found = [status for one, status in books.log.accounts.reports.values() if one == booking_id]
    return "UPHELD" in found, bool(found)


def books_of(books: Books, used: Used) -> Made | None:
    """Return the booking that a session used."""
    return next((one for one in books.log.bookings.values() if one.id == used.booking_id), None)


def place_of(books: Books, used: Used) -> Site:
    """Return where a session was."""
    return next(one for one in books.plan.sites if one.location_id == used.evse_id.rpartition("*")[0])


def uuid_of(composite: str) -> str:
    """Return the uuid of an id on the API."""
    return composite.rpartition("*")[2].lower()


def hours(lasted: timedelta) -> Fraction:
    """Return a duration in hours."""
    return Fraction(lasted // timedelta(microseconds=1), 3_600_000_000)
