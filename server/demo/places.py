"""All places of the demo network, from north to south."""

from server.demo.place import Place
from server.demo.places_alps import ITALY, SWITZERLAND
from server.demo.places_lower_rhine import NETHERLANDS, RHINE_RUHR
from server.demo.places_middle_rhine import RHINE_MAIN, WESTERWALD
from server.demo.places_upper_rhine import ALSACE, BADEN

PLACES: tuple[Place, ...] = (
    *NETHERLANDS,
    *RHINE_RUHR,
    *WESTERWALD,
    *RHINE_MAIN,
    *BADEN,
    *ALSACE,
    *SWITZERLAND,
    *ITALY,
)
