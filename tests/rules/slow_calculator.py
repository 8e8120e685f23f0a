"""A second calculator of prices, for tests only: it walks a session tick by tick and asks everything at every tick.

It shares nothing with the calculator of the product but the values of a Tariff, and reckons in fractions.
Sessions, local times and durations must fall on whole ticks; energy need not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from zoneinfo import ZoneInfo

from models.rules.tariff import PriceLimit, Tariff, TariffDimension, TariffRestrictions, TaxIncluded

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
TEN_THOUSAND = 10_000


@dataclass(frozen=True)
class Use:
    """A stretch of a session, in order; kWh, and A or None."""

    start: datetime
    seconds: int
    kwh: Decimal
    charging: bool
    current: Decimal | None


@dataclass
class Bill:
    """Amounts by element and dimension, and what they come to, in fractions of the currency."""

    parts: dict[tuple[int, str], tuple[Fraction, Fraction]] = field(default_factory=dict)
    taxes: dict[Fraction, Fraction] = field(default_factory=dict)
    before: Fraction = Fraction(0)
    after: Fraction = Fraction(0)


@dataclass
class Tick:
    """Everything one may ask about a moment."""

    local: datetime
    seconds: int
    kwh: Fraction
    kw: Fraction
    current: Fraction | None


def session_bill(tariff: Tariff, uses: list[Use], zone: str, tick: int) -> Bill:
    bill = _bill(tariff, _walk(tariff, uses, zone, tick, (None, None)))
    if uses and tariff.min_price:
        _limit(bill, tariff.min_price, least=True)
    if uses and tariff.max_price:
        _limit(bill, tariff.max_price, least=False)
    return bill


def booking_bill(tariff: Tariff, fee: str, start: datetime, seconds: int, zone: str, tick: int) -> Bill:
    use = Use(start, seconds, Decimal(0), True, Decimal(0))
    return _bill(tariff, _walk(tariff, [use], zone, tick, (fee, None)))


def reservation_bill(tariff: Tariff, expired: bool, start: datetime, seconds: int, zone: str, tick: int) -> Bill:
    use = Use(start, seconds, Decimal(0), True, Decimal(0))
    walked = _walk(tariff, [use], zone, tick, (None, "RESERVATION"))
    if expired:
        if any(
            element.restrictions and element.restrictions.reservation == "RESERVATION_EXPIRES"
            for element in tariff.elements
            if any(component.type == "TIME" for component in element.price_components)
        ):
            walked = [(at, quantity) for at, quantity in walked if _type(tariff, at) == "FLAT"]
        walked += _walk(tariff, [use], zone, tick, (None, "RESERVATION_EXPIRES"))
    return _bill(tariff, walked)


def _walk(
    tariff: Tariff, uses: list[Use], zone: str, tick: int, fee: tuple[str | None, str | None]
) -> list[tuple[tuple[int, int], Fraction]]:
    """Return what each component bills: steps of time or energy, then rounded up by adding to the last one."""
    marks: list[tuple[tuple[int, int], Fraction]] = []
    consumed, flat_done = Fraction(0), False
    for use in uses:
        kw = Fraction(use.kwh) * 3600 / use.seconds
        current = Fraction(use.current) if use.current is not None else None if use.charging else Fraction(0)
        for second in range(0, use.seconds, tick):
            moment = use.start + timedelta(seconds=second)
            since = (moment - uses[0].start) // timedelta(seconds=1)
            local = moment.astimezone(UTC).astimezone(ZoneInfo(zone))
            in_tick = Fraction(use.kwh) * tick / use.seconds
            for share in _shares(tariff, consumed, in_tick):
                now = Tick(local, since, consumed, kw, current)
                for kind, quantity in _demanded(use, in_tick, tick, share, flat_done):
                    at = _component(tariff, kind, now, fee)
                    if at is not None:
                        marks.append((at, quantity))
                        flat_done = flat_done or kind == "FLAT"
                consumed += in_tick * share
    return marks + _topped_up(tariff, marks)


def _demanded(use: Use, in_tick: Fraction, tick: int, share: Fraction, flat_done: bool) -> list[tuple[str, Fraction]]:
    found = [("TIME" if use.charging else "PARKING_TIME", Fraction(tick, 3600) * share)]
    if in_tick:
        found.append(("ENERGY", in_tick * share))
    return found if flat_done else [("FLAT", Fraction(1)), *found]


def _shares(tariff: Tariff, consumed: Fraction, in_tick: Fraction) -> Iterable[Fraction]:
    """Yield the shares of a tick between which a limit of energy is passed."""
    done = Fraction(0)
    named = {
        Fraction(limit)
        for element in tariff.elements
        if element.restrictions
        for limit in (element.restrictions.min_kwh, element.restrictions.max_kwh)
        if limit is not None
    }
    for limit in sorted(named):
        if consumed < limit < consumed + in_tick:
            passed = (limit - consumed) / in_tick
            yield passed - done
            done = passed
    yield 1 - done


def _component(tariff: Tariff, kind: str, now: Tick, fee: tuple[str | None, str | None]) -> tuple[int, int] | None:
    for number, element in enumerate(tariff.elements):
        for place, component in enumerate(element.price_components):
            if component.type == kind and _applies(element.restrictions or TariffRestrictions(), now, fee):
                return number, place
    return None


def _applies(given: TariffRestrictions, now: Tick, fee: tuple[str | None, str | None]) -> bool:
    clock, day = now.local.strftime("%H:%M"), now.local.strftime("%Y-%m-%d")
    start, end = given.start_time or "00:00", given.end_time or "00:00"
    if end == "00:00":
        end = "24:00"
    refusals = [
        (given.booking, given.reservation) != fee,
        start < end and not start <= clock < end,
        start > end and end <= clock < start,
        given.start_date is not None and day < given.start_date,
        given.end_date is not None and day >= given.end_date,
        bool(given.day_of_week) and DAYS[now.local.weekday()] not in given.day_of_week,
        given.min_duration is not None and now.seconds < given.min_duration,
        given.max_duration is not None and now.seconds >= given.max_duration,
        *_outside(given.min_kwh, given.max_kwh, now.kwh),
        *_outside(given.min_power, given.max_power, now.kw),
        *_outside(given.min_current, given.max_current, now.current),
    ]
    return not any(refusals)


def _outside(low: Decimal | None, high: Decimal | None, value: Fraction | None) -> list[bool]:
    return [
        low is not None and (value is None or value < Fraction(low)),
        high is not None and (value is None or value >= Fraction(high)),
    ]


def _topped_up(
    tariff: Tariff, marks: list[tuple[tuple[int, int], Fraction]]
) -> list[tuple[tuple[int, int], Fraction]]:
    """Return what rounding up adds: once to energy, once to time, which is parking's if any of it is billed."""
    kinds = {_type(tariff, at) for at, _ in marks}
    added = []
    for kind, per_unit in (("ENERGY", 1000), ("PARKING_TIME" if "PARKING_TIME" in kinds else "TIME", 3600)):
        of_kind = [(at, quantity) for at, quantity in marks if _type(tariff, at) == kind]
        if not of_kind:
            continue
        last = of_kind[-1][0]
        step = tariff.elements[last[0]].price_components[last[1]].step_size
        total = sum((quantity for _, quantity in of_kind), Fraction(0)) * per_unit
        if step:
            added.append((last, (ceil(total / step) * step - total) / per_unit))
    return added


def _type(tariff: Tariff, at: tuple[int, int]) -> TariffDimension:
    return tariff.elements[at[0]].price_components[at[1]].type


def _bill(tariff: Tariff, marks: list[tuple[tuple[int, int], Fraction]]) -> Bill:
    quantities: dict[tuple[int, int], Fraction] = {}
    for at, quantity in marks:
        quantities[at] = quantities.get(at, Fraction(0)) + quantity
    bill = Bill()
    for (number, place), quantity in quantities.items():
        component = tariff.elements[number].price_components[place]
        stated = _half_up(Fraction(component.price) * quantity)
        before = after = stated
        if component.vat is not None and tariff.tax_included != TaxIncluded.NOT_APPLICABLE:
            rate = Fraction(component.vat) / 100
            if tariff.tax_included == TaxIncluded.YES:
                before = _half_up(stated / (1 + rate))
            else:
                after = stated + _half_up(stated * rate)
            bill.taxes[rate * 100] = bill.taxes.get(rate * 100, Fraction(0)) + after - before
        bill.parts[number, component.type.value] = before, after
        bill.before += before
        bill.after += after
    return bill


def _limit(bill: Bill, limit: PriceLimit, *, least: bool) -> None:
    """Hold a bill to a floor or a ceiling, before and after taxes, as `models.rules.pricing_limit` says in words."""

    def held(amount: Fraction, bound: Decimal) -> Fraction:
        return max(amount, _half_up(Fraction(bound))) if least else min(amount, _half_up(Fraction(bound)))

    before, after = held(bill.before, limit.before_taxes), bill.after
    if limit.after_taxes is not None:
        after = held(after, limit.after_taxes)
    elif before != bill.before and bill.before:
        after = _half_up(bill.after * before / bill.before)
    tax = bill.after - bill.before
    if tax == 0 or after < before:
        before = after = max(before, after) if least else min(before, after)
    if tax:
        rates, shared = sorted(bill.taxes), Fraction(0)
        for rate in rates[:-1]:
            bill.taxes[rate] = _half_up(bill.taxes[rate] * (after - before) / tax)
            shared += bill.taxes[rate]
        bill.taxes[rates[-1]] = after - before - shared
    bill.before, bill.after = before, after


def _half_up(amount: Fraction) -> Fraction:
    return Fraction(floor(amount * TEN_THOUSAND + Fraction(1, 2)), TEN_THOUSAND)
