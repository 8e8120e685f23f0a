"""A small calculator of what a simulated day's fees and sessions cost: by the price lists, in fractions.

It shares nothing with the product. A line is rounded once, half up to four decimals, and its tax is that of the
rounded amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from benchmarks.day_prices import OVERTIME, Element, PriceList, Prices

HOUR = 3600
Measured = Sequence[tuple[datetime, Decimal]]


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """For what, by which element (-1 for none), and how much before and after taxes, in fractions of the currency."""

    kind: str
    element: int
    before: Fraction
    after: Fraction

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.kind} {float(self.before):.4f}/{float(self.after):.4f}"


@dataclass(frozen=True, slots=True)
class Overtime:
    """From when until when, and by which tariff."""

    prices: PriceList
    start: datetime
    end: datetime

    @property
    def timed(self) -> bool:
        """Whether its minutes are priced, so that charging does not price them as well."""
        return any(one.dimension == "TIME" for _, one in self.prices.of(OVERTIME))


def half_up(amount: Fraction) -> Fraction:
    """Return an amount to four decimals."""
    return Fraction(floor(amount * 10_000 + Fraction(1, 2)), 10_000)


def line(kind: str, element: int, amount: Fraction, vat: Decimal, *, included: bool) -> Line:
    """Return a line of an amount as it is stated, with or without its tax."""
    stated, rate = half_up(amount), Fraction(vat) / 100
    if included:
        return Line(kind, element, half_up(stated / (1 + rate)), stated)
    return Line(kind, element, stated, stated + half_up(stated * rate))


def fee_lines(prices: PriceList, fee: str, kind: str, start: datetime, end: datetime) -> list[Line]:
    """Return what a fee comes to: once, and for how long."""
    found = []
    seen: set[str] = set()
    for number, one in prices.of(fee):
        if one.dimension in seen:
            continue
        seen.add(one.dimension)
        amount = Fraction(1) if one.dimension == "FLAT" else _stepped(_seconds(start, end), one) / HOUR
        found.append(line(kind, number, amount * Fraction(one.price), prices.vat, included=prices.tax_included))
    return found


def terms_line(prices: Prices, kind: str, amount: Decimal) -> Line:
    """Return a fee of the terms, which is before taxes."""
    return line(kind, -1, Fraction(amount), prices.booking.vat, included=False)


def session_lines(
    prices: PriceList, start: datetime, end: datetime, measured: Measured, over: Overtime | None
) -> list[Line]:
    """Return what charging costs: its energy, and its minutes but for those that overtime prices.

    Minutes before such overtime are not rounded up into it.
    """
    cut = over is not None and over.timed
    used = {"TIME": Fraction(0), "PARKING_TIME": Fraction(0)}
    points = [(start, Decimal(0)), *sorted(measured)]
    if points[-1][0] < end:
        points.append((end, points[-1][1]))
    for (begin, before), (until, after) in pairwise(points):
        priced_until = min(until, max(begin, over.start)) if over is not None and cut else until
        used["TIME" if after > before else "PARKING_TIME"] += _seconds(begin, priced_until)
    found = []
    if flat := _first(prices, "FLAT"):
        found.append((flat, Fraction(1)))
    found += _energy(prices, Fraction(points[-1][1]))
    parked, charged = _first(prices, "PARKING_TIME"), _first(prices, "TIME")
    parks = parked is not None and used["PARKING_TIME"] > 0
    if parked is not None and parks:
        time = used["PARKING_TIME"] if cut else _stepped(used["PARKING_TIME"], parked[1])
        found.append((parked, time / HOUR))
    if charged is not None and used["TIME"]:
        time = used["TIME"] if parks or cut else _stepped(used["TIME"], charged[1])
        found.append((charged, time / HOUR))
    lines = [
        line(one.dimension, number, amount * Fraction(one.price), prices.vat, included=prices.tax_included)
        for (number, one), amount in found
    ]
    return _at_most(lines, prices)


def refunded(lines: Sequence[Line], given: Fraction) -> list[Line]:
    """Return what is left once so much before taxes was given back, with its share of the tax."""
    before, after = sum(one.before for one in lines), sum(one.after for one in lines)
    amount = half_up(min(given, Fraction(before)))
    if not amount:
        return list(lines)
    tax = after - before if amount == before else half_up((after - before) * amount / before)
    return [*lines, Line("REFUND", -1, -amount, -amount - tax)]


def _at_most(lines: list[Line], prices: PriceList) -> list[Line]:
    before, after = sum(one.before for one in lines), sum(one.after for one in lines)
    if prices.most is None or before <= prices.most:
        return lines
    most = Fraction(prices.most)
    return [*lines, Line("LIMIT", -1, most - before, half_up(after * most / before) - after)]


def _energy(prices: PriceList, kwh: Fraction) -> list[tuple[tuple[int, Element], Fraction]]:
    """Return how much each element of energy bills; the last one what is rounded up."""
    found = []
    for number, one in enumerate(prices.elements):
        if one.fee is None and one.dimension == "ENERGY":
            begin = Fraction(one.from_kwh or 0)
            end = min(kwh, Fraction(one.to_kwh)) if one.to_kwh is not None else kwh
            if end > begin:
                found.append(((number, one), end - begin))
    if found:
        last, amount = found[-1]
        whole = _stepped(kwh * 1000, last[1]) / 1000
        found[-1] = (last, amount + whole - kwh)
    return found


def _first(prices: PriceList, dimension: str) -> tuple[int, Element] | None:
    return next((one for one in prices.of(None) if one[1].dimension == dimension), None)


def _stepped(quantity: Fraction, one: Element) -> Fraction:
    return Fraction(ceil(quantity / one.step) * one.step)


def _seconds(start: datetime, end: datetime) -> Fraction:
    lasted = end - start
    return Fraction(lasted.days * 86_400 + lasted.seconds) + Fraction(lasted.microseconds, 1_000_000)
