"""What a line of a CDR bills, in English: one sentence, with its quantity, price and taxes."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from models.rules.bill import BillLine, LineKind
from models.rules.fee_words import amount, listed, number
from models.rules.price import Price
from models.rules.tariff import Tariff, TariffDimension

FOR_WHAT = {
    LineKind.RESERVATION: "Fee for the booking",
    LineKind.MODIFICATION: "Fee for a change of the booking",
    LineKind.CANCELLATION: "Fee for the cancellation",
    LineKind.NO_SHOW: "Fee because nobody came",
    LineKind.LATE_ARRIVAL: "Fee for coming late",
    LineKind.OVERTIME: "Fee for staying longer than booked",
    LineKind.ENERGY: "Energy",
    LineKind.TIME: "Time of charging",
    LineKind.PARKING_TIME: "Time of parking without charging",
    LineKind.FLAT: "Price of each session",
    LineKind.LIMIT: "What the lowest or highest price of the tariff adds or takes away",
    LineKind.REFUND: "Given back by the operator",
}
OF_CHARGING = frozenset({LineKind.ENERGY, LineKind.TIME, LineKind.PARKING_TIME, LineKind.FLAT})
ONCE = Decimal(1)


def sentence(line: BillLine, currency: str, tariffs: Iterable[Tariff]) -> str:
    """Return one sentence; `tariffs` are those by which the line was priced."""
    said = [_quantity(line, currency, _dimension(line, tariffs)), _worth(line.price, currency)]
    return f"{FOR_WHAT[line.kind]}: {', '.join(one for one in said if one)}."


def _quantity(line: BillLine, currency: str, dimension: TariffDimension | None) -> str:
    """Return how much it bills at which price; nothing for a plain amount."""
    price = f"{amount(line.unit_price)} {currency}"
    if dimension is TariffDimension.ENERGY:
        return f"{number(line.quantity)} kWh at {price} per kWh"
    if dimension in (TariffDimension.TIME, TariffDimension.PARKING_TIME):
        return f"{number(line.quantity)} {'hour' if line.quantity == ONCE else 'hours'} at {price} per hour"
    return ""


def _worth(price: Price, currency: str) -> str:
    before, after = (f"{amount(one)} {currency}" for one in (price.before_taxes, price.after_taxes))
    if not price.taxes:
        return f"{after}, and no tax is stated"
    rates = listed([f"{number(one.percentage)} % {one.name}" for one in price.taxes])
    return f"{before} before and {after} after {rates}"


def _dimension(line: BillLine, tariffs: Iterable[Tariff]) -> TariffDimension | None:
    """Return what a line was priced by; of a fee, its element tells."""
    if line.kind in OF_CHARGING:
        return TariffDimension(line.kind.value)
    tariff = next((one for one in tariffs if one.id == line.tariff_id), None)
    if tariff is None or line.element is None or line.element >= len(tariff.elements):
        return None
    components = tariff.elements[line.element].price_components
    known = [one.type for one in components if (one.price, one.vat) == (line.unit_price, line.vat)]
    return _likely(line.quantity, known)


def _likely(quantity: Decimal, known: Sequence[TariffDimension]) -> TariffDimension | None:
    """Return the dimension of a fee; one with a flat amount and an hour at the same price bills the hour if not 1."""
    times = [one for one in known if one is not TariffDimension.FLAT]
    if not times or (quantity == ONCE and TariffDimension.FLAT in known):
        return None
    return times[0]
