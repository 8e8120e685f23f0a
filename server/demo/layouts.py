"""What stands at a site of the demo network: its chargers, its bays, and which charger serves which bay."""

from dataclasses import dataclass

CCS = "IEC_62196_T2_COMBO"
MCS = "MCS"


@dataclass(frozen=True, slots=True)
class Bay:
    """A bay: long ones are driven through, short ones are for solo vehicles that reverse out."""

    drive_through: bool
    booking_only: bool = False
    dangerous_goods: bool = False
    refrigeration_outlet: bool = False
    roofed: bool = False

    @property
    def vehicle_types(self) -> tuple[str, ...]:
        """The types it is built for; coaches fit no long bay, so that the two kinds make two groups."""
        if self.drive_through:
            return ("TRUCK_WITH_TRAILER", "SEMI_TRACTOR", "RIGID")
        return ("SEMI_TRACTOR", "RIGID", "BUS")

    @property
    def longest_vehicle(self) -> int:
        """The longest vehicle it takes, in cm."""
        return 1875 if self.drive_through else 1200


@dataclass(frozen=True, slots=True)
class Charger:
    """A charger of `power` kW; `bays` are the positions in the layout, from 0, of the bays that it serves."""

    standard: str
    power: int
    bays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The chargers and bays of a site; `pinned` are the positions of chargers that are also bookable by name."""

    chargers: tuple[Charger, ...]
    bays: tuple[Bay, ...] = ()
    pinned: tuple[int, ...] = ()

    def groups(self) -> list[tuple[int, ...]]:
        """Return the positions of the chargers that are alike for a vehicle: same plug, same kind of bay."""
        alike: dict[tuple[str, bool | None], list[int]] = {}
        for position, charger in enumerate(self.chargers):
            long_bay = self.bays[charger.bays[0]].drive_through if charger.bays else None
            alike.setdefault((charger.standard, long_bay), []).append(position)
        return [tuple(positions) for positions in alike.values()]

    def sharers(self, bay: int) -> list[Charger]:
        """Return the chargers that serve the bay at that position."""
        return [charger for charger in self.chargers if bay in charger.bays]


def _each_its_own(standard: str, *powers: int, first_bay: int = 0) -> tuple[Charger, ...]:
    return tuple(Charger(standard, power, (first_bay + at,)) for at, power in enumerate(powers))


_LONG = Bay(drive_through=True)
_LONG_ADR = Bay(drive_through=True, dangerous_goods=True)
_LONG_COOLED = Bay(drive_through=True, refrigeration_outlet=True)
_LONG_ROOFED = Bay(drive_through=True, roofed=True)
_LONG_BOOKED = Bay(drive_through=True, booking_only=True, refrigeration_outlet=True)
_SHORT = Bay(drive_through=False)
_SHORT_ADR = Bay(drive_through=False, dangerous_goods=True)
_SHORT_ROOFED = Bay(drive_through=False, roofed=True)
_SHORT_BOOKED = Bay(drive_through=False, booking_only=True, roofed=True)

PAIR = Layout(_each_its_own(CCS, 300, 150), (_LONG, _LONG_COOLED))
QUAD = Layout(_each_its_own(CCS, 400, 400, 400, 400), (_LONG, _LONG_ADR, _LONG_COOLED, _LONG))
ROW = Layout(
    _each_its_own(CCS, 150, 150, 150, 200, 200, 200),
    (_SHORT, _SHORT, _SHORT_ADR, _SHORT_ROOFED, _SHORT_ROOFED, _SHORT_ROOFED),
)
BOOKED_ROW = Layout(_each_its_own(CCS, 250, 250, 250), (_SHORT_BOOKED, _SHORT_BOOKED, _SHORT_BOOKED))
YARD = Layout(
    _each_its_own(CCS, *(350,) * 8),
    (_LONG, _LONG, _LONG, _LONG_ADR, _LONG_ADR, _LONG_COOLED, _LONG_COOLED, _LONG_ROOFED),
)
MIXED = Layout(
    (*_each_its_own(CCS, 350, 350, 200, 200), *_each_its_own(MCS, 1000, 1000, first_bay=4)),
    (_LONG, _LONG_COOLED, _SHORT, _SHORT_ROOFED, _LONG_BOOKED, _LONG_BOOKED),
)
MEGAWATT = Layout(
    (*_each_its_own(CCS, 400, 400, 400), *_each_its_own(MCS, 1500, first_bay=3)),
    (_LONG, _LONG, _LONG_ADR, Bay(drive_through=True, booking_only=True, dangerous_goods=True, roofed=True)),
    pinned=(3,),
)
HUB = Layout(
    (
        *_each_its_own(CCS, 400, 400, 400, 400, 200, 200, 200, 200),
        *_each_its_own(MCS, 750, 750, 1000, 1000, first_bay=8),
    ),
    (
        *(_LONG, _LONG, _LONG_ADR, _LONG_COOLED, _SHORT, _SHORT, _SHORT_ROOFED, _SHORT_ROOFED),
        *(_LONG_ROOFED, _LONG_ROOFED, _LONG_ROOFED, _LONG_BOOKED),
    ),
    pinned=(11,),
)
TWINS = Layout(
    (Charger(CCS, 300, (0,)), Charger(CCS, 300, (0,)), Charger(CCS, 300, (1,)), Charger(CCS, 300, (1,))),
    (_LONG, _LONG_ADR),
)
FORKS = Layout(
    (Charger(CCS, 400, (0, 1)), Charger(CCS, 400, (2, 3)), Charger(CCS, 400, (4, 5))),
    (_LONG, _LONG_COOLED, _LONG, _LONG_ADR, _LONG, _LONG),
)
ONE_BAY = Layout((Charger(CCS, 400, (0,)), Charger(CCS, 400, (0,))), (_LONG,))
UNMAPPED = Layout(tuple(Charger(CCS, power) for power in (250, 250, 300, 300)))
