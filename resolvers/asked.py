"""What a search asks of every Location it comes by: the vehicle's demands, wishes, and the form of the answer."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from models.errors import BadInput
from models.rules.booking_mode import BookingMode
from models.rules.fit import Demand
from models.rules.vehicle import Vehicle
from resolvers import vehicles
from resolvers.call import Call

BOOKABLE = frozenset({BookingMode.OPTIONAL, BookingMode.REQUIRED})
MOST_STARTS = 500


class SlotForm(StrEnum):
    """Whether free time is shown as windows to cut from, or as every start that can be booked."""

    WINDOWS = "WINDOWS"
    STARTS = "STARTS"


@dataclass(frozen=True, slots=True)
class MostPrice:
    """The most that a booking, with its charging if energy is asked, may cost after taxes."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a Location beside what the vehicle needs; empty fields ask nothing."""

    facilities: tuple[str, ...] = ()
    operator_ids: tuple[str, ...] = ()
    booking_modes: frozenset[BookingMode] = BOOKABLE
    max_price: MostPrice | None = None


NO_DEMAND = Demand()
NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of every Location, and how the answer should look.

    `vehicle_id` names a vehicle that its fleet stored, instead of one in `demand`. `most_starts` bounds the STARTS of
    each BookingLocation. `priced` is False if nobody looks at the prices; `counted` tells how many vehicles could
    book each part of a window.
    """

    demand: Demand = NO_DEMAND
    vehicle_id: str | None = None
    wishes: Wishes = NO_WISHES
    form: SlotForm = SlotForm.WINDOWS
    most_starts: int = 50
    near_misses: bool = False
    closest: bool = True
    priced: bool = True
    counted: bool = False


def checked(asked: Asked) -> Asked:
    """Return what is asked, or raise BadInput for what no answer could be given to."""
    demand = asked.demand
    if asked.form is SlotForm.STARTS and demand.minutes is None and demand.energy is None:
        raise BadInput("`slots: STARTS` needs `minutesNeeded` or `energyNeeded`, to know how long a booking is.")
    if not 1 <= asked.most_starts <= MOST_STARTS:
        raise BadInput(f"`mostStarts` is between 1 and {MOST_STARTS}.")
    if asked.vehicle_id is not None and demand.vehicle != Vehicle():
        raise BadInput("Give `vehicle` or `vehicleId`, not both.")
    return asked


async def with_vehicle(call: Call, asked: Asked) -> Asked:
    """Return what is asked with the stored vehicle in it; at most one statement. Raise NotFound."""
    if asked.vehicle_id is None:
        return asked
    known = await vehicles.known(call, asked.vehicle_id)
    return replace(asked, vehicle_id=None, demand=replace(asked.demand, vehicle=known.vehicle))
