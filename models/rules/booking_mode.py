"""Whether a charger, or a Location, can or must be booked (BUC 1.1.3, 1.1.4)."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from models.rules.booking_location import BookingLocation
from models.rules.spot import Spot


class BookingMode(StrEnum):
    """Whether something can be booked, and whether it can be used without."""

    NONE = "NONE"
    OPTIONAL = "OPTIONAL"
    REQUIRED = "REQUIRED"


def mode_of(offer: BookingLocation, spots: Sequence[Spot]) -> BookingMode:
    """Return the mode of what can be booked: the operator's policy, or bays that are for booked vehicles only."""
    bays = [spot.parking_bay for spot in spots]
    if offer.reservation_required or (bays and all(bay is not None and bay.reservation_required for bay in bays)):
        return BookingMode.REQUIRED
    return BookingMode.OPTIONAL


def mode_of_evse(evse_id: str, offers: Mapping[BookingMode, Collection[str]]) -> BookingMode:
    """Return the mode of a charger from the chargers that are offered in each mode."""
    if evse_id in offers.get(BookingMode.REQUIRED, ()):
        return BookingMode.REQUIRED
    return BookingMode.OPTIONAL if evse_id in offers.get(BookingMode.OPTIONAL, ()) else BookingMode.NONE


def offered_in(offers: Sequence[tuple[BookingLocation, Sequence[Spot]]]) -> dict[BookingMode, set[str]]:
    """Return the ids of the chargers that can be booked, by mode; those of a group may differ in it by their bays."""
    found: dict[BookingMode, set[str]] = {}
    for offer, spots in offers:
        at_evse: dict[str, list[Spot]] = {}
        for spot in spots:
            at_evse.setdefault(spot.evse.id, []).append(spot)
        for evse_id, its_spots in at_evse.items():
            found.setdefault(mode_of(offer, its_spots), set()).add(evse_id)
    return found


def mode_of_location(evse_ids: Collection[str], offers: Mapping[BookingMode, Collection[str]]) -> BookingMode:
    """Return the mode of a Location: REQUIRED if no charger of it can be used without a booking."""
    modes = {mode_of_evse(one, offers) for one in evse_ids}
    if modes == {BookingMode.REQUIRED}:
        return BookingMode.REQUIRED
    return BookingMode.NONE if modes <= {BookingMode.NONE} else BookingMode.OPTIONAL
