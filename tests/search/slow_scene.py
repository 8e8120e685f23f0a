"""A second opinion on who sees a Location, and what booking and charging cost there, for tests only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from models.rules.booking_location import BookingLocation
from models.rules.fit import Demand
from models.rules.misfit import Misfit
from models.rules.published import PublishedLocation
from models.rules.spot import Spot
from resolvers.asked import Asked
from resolvers.call import Caller
from tests.search.slow_hours import Doors
from tests.search.slow_slots import Bookable, Site, Taken

BOOKING, CHARGING = "BOOK", "CHARGE"
FLAT = Decimal("6.00")
"""What booking costs after taxes under the one tariff that prices it; charging is free under the other one."""


@dataclass(frozen=True, eq=False)
class Scene:
    """One Location with who is there when, and its hours."""

    published: PublishedLocation
    taken: Sequence[Taken]
    doors: Doors
    known: dict[str, Bookable] = field(default_factory=dict)

    def bookable(self, offer: BookingLocation, spots: Sequence[Spot], demand: Demand) -> Bookable:
        """Return what can be booked of an offer; the demand is always the same."""
        if offer.id not in self.known:
            mix = self.published.location.energy_mix
            site = Site(self.doors, self.published.maintenance, self.taken, mix)
            self.known[offer.id] = Bookable(offer, spots, site, demand)
        return self.known[offer.id]


def is_seen(caller: Caller | None, published: PublishedLocation) -> bool:
    location = published.location
    own = caller is not None and caller.role == "CPO" and caller.party_id == owner_of(published)
    return location.withdrawn_at is None and (location.publish or own)


def owner_of(published: PublishedLocation) -> str:
    return f"{published.location.country_code}*{published.location.party_id}"


def price_of(scene: Scene, tariff_ids: Sequence[str], demand: Demand) -> Decimal | None:
    """Return what a booking costs with the energy asked, or None if some of it is unknown."""
    known = {scene.published.tariffs[one].ocpi_id for one in tariff_ids if one in scene.published.tariffs}
    if not known or (demand.energy is not None and CHARGING not in known):
        return None
    return FLAT if BOOKING in known else Decimal(0)


def too_dear(asked: Asked, price: Decimal | None) -> Misfit | None:
    limit = asked.wishes.max_price
    if limit is None:
        return None
    if price is None or limit.currency != "EUR":
        return Misfit.PRICE_UNKNOWN
    return Misfit.PRICE_TOO_HIGH if price > limit.amount else None
