"""What the table of places says of one place."""

from dataclasses import dataclass
from zlib import crc32
from zoneinfo import ZoneInfo

from server.demo.hours import Hours
from server.demo.layouts import Layout

TIME_ZONES = {
    "NLD": "Europe/Amsterdam",
    "DEU": "Europe/Berlin",
    "FRA": "Europe/Paris",
    "CHE": "Europe/Zurich",
    "ITA": "Europe/Rome",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of place: its OCPI ParkingType, what drivers find there, and whether it lies behind a gate."""

    parking_type: str
    facilities: tuple[str, ...]
    gated: bool = False


REST_AREA = Kind("ALONG_MOTORWAY", ("RESTAURANT", "CAFE", "FUEL_STATION", "WIFI"))
FUEL_STOP = Kind("ALONG_MOTORWAY", ("CAFE", "FUEL_STATION"))
LAY_BY = Kind("ALONG_MOTORWAY", ("NATURE",))
TRUCK_STOP = Kind("PARKING_LOT", ("RESTAURANT", "HOTEL", "FUEL_STATION", "WIFI"))
TERMINAL = Kind("PARKING_LOT", ("CAFE", "WIFI"), gated=True)
CUSTOMS = Kind("PARKING_LOT", ("RESTAURANT", "WIFI"))
AIR_CARGO = Kind("PARKING_LOT", ("AIRPORT", "CAFE"), gated=True)


@dataclass(frozen=True, slots=True)
class Place:
    """A real place on the corridor, in degrees WGS 84, and the site that the demo puts there."""

    slug: str
    name: str
    address: str
    city: str
    postal_code: str | None
    country: str
    latitude: float
    longitude: float
    kind: Kind
    layout: Layout
    hours: Hours = Hours.ALWAYS

    @property
    def id(self) -> str:
        """The OCPI id of its Location."""
        return self.slug.upper()

    @property
    def time_zone(self) -> ZoneInfo:
        """The zone that its opening hours and tariff times are in."""
        return ZoneInfo(TIME_ZONES[self.country])

    def draw(self, sides: int, what: str = "") -> int:
        """Return a number from 0 to `sides` - 1 that never changes for this place and `what`."""
        return crc32(f"{self.slug}/{what}".encode()) % sides
