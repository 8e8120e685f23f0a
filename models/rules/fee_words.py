"""Amounts, steps, taxes and restrictions of a fee in English."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from models.rules.tariff import TariffRestrictions, TaxIncluded

CENTS = Decimal("0.01")
UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))


def sentence(
    currency: str,
    flat: Decimal | None,
    per_hour: Decimal | None,
    step: int,
    vat: Decimal | None,
    tax_included: TaxIncluded,
    restrictions: TariffRestrictions | None,
) -> str:
    """Return one sentence; prices as published, the step in seconds, VAT in percent."""
    prices = [f"{amount(flat)} {currency} once"] if flat else []
    if per_hour:
        prices.append(f"{amount(per_hour)} {currency} per hour")
    if not prices:
        said = ["Free of charge"]
    else:
        steps = [f"in steps of {duration(step)}"] if per_hour and step > 1 else []
        said = [listed(prices), *steps, taxes(vat, tax_included)]
    if restrictions is not None:
        said.append(f"{listed(list(_when(restrictions)))} only")
    return f"{', '.join(said)}."


def amount(value: Decimal) -> str:
    """Return an amount with its cents, and further digits only where there are any."""
    return f"{value.quantize(CENTS):f}" if value == value.quantize(CENTS) else f"{value.normalize():f}"


def number(value: Decimal) -> str:
    """Return a number without needless zeros."""
    return f"{value.normalize():f}"


def duration(seconds: int) -> str:
    """Return seconds in hours, minutes or seconds, whichever divides them."""
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def taxes(vat: Decimal | None, tax_included: TaxIncluded) -> str:
    """Return what becomes of taxes."""
    if tax_included is TaxIncluded.NOT_APPLICABLE:
        return "no tax applies"
    if vat is None:
        return "taxes included" if tax_included is TaxIncluded.YES else "taxes not stated"
    return f"{'including' if tax_included is TaxIncluded.YES else 'plus'} {number(vat)} % VAT"


def listed(parts: Sequence[str]) -> str:
    """Return words as a list in prose."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _when(given: TariffRestrictions) -> Iterator[str]:
    if given.start_time or given.end_time:
        yield f"between {given.start_time or '00:00'} and {given.end_time or '24:00'}"
    if given.day_of_week:
        yield f"on {listed([day.capitalize() for day in given.day_of_week])}"
    if given.start_date:
        yield f"from {given.start_date}"
    if given.end_date:
        yield f"before {given.end_date}"
    if given.min_duration is not None:
        yield f"after the first {duration(given.min_duration)}"
    if given.max_duration is not None:
        yield f"within the first {duration(given.max_duration)}"
    for low, high, unit in (
        (given.min_kwh, given.max_kwh, "kWh"),
        (given.min_power, given.max_power, "kW"),
        (given.min_current, given.max_current, "A"),
    ):
        if low is not None:
            yield f"from {number(low)} {unit}"
        if high is not None:
            yield f"below {number(high)} {unit}"
