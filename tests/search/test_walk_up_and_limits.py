"""What a search tells of chargers that nobody can book, and of prices that nobody knows, in examples."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.catalogue import Catalogue
from models.events import Cursor
from models.rules.availability import Search
from models.rules.booking_location import BookingLocation
from models.rules.booking_mode import BookingMode
from models.rules.fit import Demand
from models.rules.location import Location, OpeningTimes, RegularHours
from models.rules.misfit import Misfit
from models.rules.published import PublishedLocation
from models.rules.tariff import PriceComponent, Tariff, TariffDimension, TariffElement
from resolvers.asked import Asked, MostPrice, Wishes
from resolvers.free import Available, Place, available
from tests.factories.catalogue import NOW, a_location, a_tariff, an_offer, hours

WINDOW = hours(8, 10)
DAYTIME = OpeningTimes(False, tuple(RegularHours(weekday, "06:00", "22:00") for weekday in range(1, 8)))
BY_KWH = TariffElement((PriceComponent(TariffDimension.ENERGY, Decimal("0.10"), None, 1),))
CHARGING = a_tariff("CHARGE", elements=(BY_KWH,))
LIMIT = MostPrice(Decimal(20), "EUR")
WALK_UP = Wishes(booking_modes=frozenset({BookingMode.NONE}))


def found(
    location: Location,
    asked: Asked,
    *,
    offers: tuple[BookingLocation, ...] = (),
    tariffs: tuple[Tariff, ...] = (),
    search: Search | None = None,
) -> Available:
    """Return what is told of a Location between 8 and 10, or when else is asked."""
    published = PublishedLocation(location, offers, {one.id: one for one in tariffs}, 1, NOW)
    catalogue = Catalogue()
    catalogue.load([published], Cursor("", 0, 0), NOW)
    entry = catalogue.get(location.id)
    assert entry is not None
    return available(Place.of(entry, asked, search or Search(WINDOW, NOW), {}))


@pytest.mark.parametrize("closest", [True, False])
@pytest.mark.parametrize("times", [None, DAYTIME])
@pytest.mark.parametrize(("minutes", "chargers"), [(120, 1), (121, 0)])
def test_whoever_walks_up_charges_in_the_time_asked_for(
    minutes: int, chargers: int, times: OpeningTimes | None, closest: bool
) -> None:
    asked = Asked(Demand(minutes=minutes), wishes=WALK_UP, closest=closest)

    assert len(found(a_location(opening_times=times), asked).walk_up) == chargers


@pytest.mark.parametrize(
    "search",
    [Search(hours(1, 2), NOW), Search(hours(5, 9), NOW, latest_start=hours(5, 5.5).end)],
    ids=["window", "arrival"],
)
def test_nobody_walks_up_in_the_past(search: Search) -> None:
    assert found(a_location(), Asked(wishes=WALK_UP), search=search).walk_up == ()


@pytest.mark.parametrize(("kwh", "chargers"), [("200", 1), ("200.1", 0)])
def test_a_price_limit_holds_for_whoever_walks_up(kwh: str, chargers: int) -> None:
    asked = Asked(Demand(energy=Decimal(kwh)), wishes=replace(WALK_UP, max_price=LIMIT))

    assert len(found(a_location(), asked, tariffs=(CHARGING,)).walk_up) == chargers


def test_a_price_limit_keeps_out_what_charges_at_an_unknown_price() -> None:
    location = a_location()
    asked = Asked(Demand(energy=Decimal(10)), wishes=Wishes(max_price=LIMIT), near_misses=True)

    unknown = found(location, asked, offers=(an_offer(location),), tariffs=(a_tariff(),))
    known = found(location, asked, offers=(an_offer(location),), tariffs=(a_tariff(), CHARGING))

    assert unknown.free == ()
    assert [one.reasons for one in unknown.near_misses] == [(Misfit.PRICE_UNKNOWN,)]
    assert [one.booking_location.id for one in known.free] == ["NL*ABC*LOC1-ANY"]


def test_a_price_limit_is_for_booking_alone_if_no_energy_is_asked() -> None:
    location = a_location()
    asked = Asked(Demand(minutes=60), wishes=Wishes(max_price=replace(LIMIT, amount=Decimal("3.03"))))

    assert len(found(location, asked, offers=(an_offer(location),), tariffs=(a_tariff(), CHARGING)).free) == 1
