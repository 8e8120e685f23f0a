"""A Tariff made ready for pricing: its price components by purpose and dimension, and where a session must be cut."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import chain

from models.rules.pricing_condition import (
    SECOND,
    UNRESTRICTED,
    Circumstances,
    Condition,
    Exact,
    LocalTimes,
    Range,
    condition,
)
from models.rules.tariff import (
    BookingRestriction,
    PriceComponent,
    ReservationRestriction,
    Tariff,
    TariffDimension,
    TariffElement,
)

Purpose = BookingRestriction | ReservationRestriction | None
"""What a price is for: a fee that the standard names, or, None, charging."""

CHARGING: Purpose = None
KEPT_TARIFFS = 8192

WATT_HOURS = 1000
"""The Wh, which steps of energy are stated in, of a kWh."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A price component with the number of its element, and when that element applies; each is itself only.

    The step is counted as quantities are, in kWh or µs; 0 rounds nothing.
    """

    element: int
    component: PriceComponent
    when: Condition
    step: Exact


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where restrictions may begin or cease to hold: minutes of the local day, kWh consumed, µs elapsed."""

    minutes: tuple[int, ...]
    energy: tuple[Fraction, ...]
    durations: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The price components of one purpose, for each dimension in the order in which they are tried."""

    by_dimension: Mapping[TariffDimension, tuple[Rule, ...]]
    cuts: Cuts
    restricted: bool
    by_current: bool

    def first(self, dimension: TariffDimension, now: Circumstances | None) -> Rule | None:
        """Return the first rule of a dimension that applies; None is free. Only restricted rules ask what is now."""
        for rule in self.by_dimension.get(dimension, ()):
            if rule.when is UNRESTRICTED or (now is not None and rule.when.holds(now)):
                return rule
        return None


class Same:
    """The key to what is kept of a tariff: equal for the very same object, as whole tariffs take long to compare."""

    __slots__ = ("tariff",)

    def __init__(self, tariff: Tariff) -> None:
        self.tariff = tariff

    def __hash__(self) -> int:
        return id(self.tariff)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.tariff is self.tariff


def rules_of(tariff: Tariff) -> Mapping[Purpose, Rules]:
    """Return the rules of each purpose that a tariff prices; those of recently used tariffs are kept."""
    return _rules(Same(tariff))


def compiled(rules: Iterable[Rule]) -> Rules:
    """Return rules by dimension, without those that an unrestricted one before them hides."""
    by_dimension: dict[TariffDimension, list[Rule]] = {}
    for rule in rules:
        tried = by_dimension.setdefault(rule.component.type, [])
        if not tried or tried[-1].when is not UNRESTRICTED:
            tried.append(rule)
    conditions = [rule.when for rule in chain.from_iterable(by_dimension.values()) if rule.when is not UNRESTRICTED]
    return Rules(
        by_dimension={dimension: tuple(tried) for dimension, tried in by_dimension.items()},
        cuts=Cuts(
            minutes=_minutes(one.local_times for one in conditions),
            energy=_ends(one.energy for one in conditions),
            durations=_ends(one.duration for one in conditions),
        ),
        restricted=bool(conditions),
        by_current=any(one.current is not None for one in conditions),
    )


@lru_cache(KEPT_TARIFFS)
def _rules(key: Same) -> Mapping[Purpose, Rules]:
    by_purpose: dict[Purpose, list[Rule]] = {}
    for number, element in enumerate(key.tariff.elements):
        restrictions = element.restrictions
        if restrictions is not None and restrictions.booking and restrictions.reservation:
            continue  # an immediate reservation is never a booking: both never hold at once
        found = by_purpose.setdefault(_purpose(element), [])
        when = condition(restrictions)
        found.extend(Rule(number, one, when, _step(one)) for one in element.price_components)
    return {purpose: compiled(rules) for purpose, rules in by_purpose.items()}


def _purpose(element: TariffElement) -> Purpose:
    if element.restrictions is None:
        return CHARGING
    return element.restrictions.booking or element.restrictions.reservation


def _step(component: PriceComponent) -> Exact:
    if component.type is TariffDimension.ENERGY:
        return Fraction(component.step_size, WATT_HOURS)
    return component.step_size * SECOND


def _minutes(restrictions: Iterable[LocalTimes | None]) -> tuple[int, ...]:
    """Return when on the local clock anything changes: midnight, and the times that restrictions name."""
    found = [one for one in restrictions if one is not None]
    if not found:
        return ()
    return tuple(sorted({0, *(one.start for one in found), *(one.end for one in found)} - {24 * 60}))


def _ends(ranges: Iterable[Range | None]) -> tuple[Fraction, ...]:
    found = [one for one in ranges if one is not None]
    ends = chain.from_iterable((one.low, one.high) for one in found)
    return tuple(sorted({end for end in ends if end is not None}))
