"""The places between Cologne and Karlsruhe."""

from server.demo.hours import Hours
from server.demo.layouts import BOOKED_ROW, FORKS, HUB, MEGAWATT, MIXED, PAIR, QUAD, ROW, TWINS, UNMAPPED, YARD
from server.demo.place import AIR_CARGO, LAY_BY, REST_AREA, TERMINAL, TRUCK_STOP, Place

# fmt: off
WESTERWALD = (
    Place("siegburg", "Rastanlage Siegburg", "A3", "Siegburg", "53721", "DEU",
          50.80500, 7.22500, REST_AREA, PAIR, Hours.BY_DAY),
    Place("logebachtal", "Rastplatz Logebachtal", "A3", "Bad Honnef", "53604", "DEU",
          50.66300, 7.30500, LAY_BY, UNMAPPED),
    Place("fernthal", "Rastanlage Fernthal", "A3", "Neustadt (Wied)", "53577", "DEU",
          50.60500, 7.41500, REST_AREA, FORKS),
    Place("urbacher-wald", "Rastanlage Urbacher Wald", "A3", "Dernbach", "56307", "DEU",
          50.54400, 7.59300, REST_AREA, TWINS),
    Place("mogendorf", "Autohof Mogendorf", "A3, AS Mogendorf", "Mogendorf", "56424", "DEU",
          50.49000, 7.76000, TRUCK_STOP, YARD),
    Place("heiligenroth", "Rastanlage Heiligenroth", "A3", "Heiligenroth", "56412", "DEU",
          50.45500, 7.86200, REST_AREA, MEGAWATT),
    Place("limburg", "Rastanlage Limburg", "A3", "Limburg an der Lahn", "65549", "DEU",
          50.39000, 8.08400, REST_AREA, MIXED),
    Place("bad-camberg", "Rastanlage Bad Camberg", "A3", "Bad Camberg", "65520", "DEU",
          50.29900, 8.24000, REST_AREA, QUAD, Hours.BY_DAY),
    Place("medenbach", "Rastanlage Medenbach", "A3", "Wiesbaden", "65207", "DEU",
          50.12300, 8.34800, REST_AREA, TWINS),
)

RHINE_MAIN = (
    Place("weilbach", "Rastanlage Weilbach", "A66", "Flörsheim am Main", "65439", "DEU",
          50.04800, 8.45000, REST_AREA, PAIR),
    Place("hoechst", "Industriepark Höchst", "Hoechster-Farben-Straße", "Frankfurt am Main", "65926", "DEU",
          50.09000, 8.52500, TERMINAL, BOOKED_ROW, Hours.WORKDAYS),
    Place("cargocity-sued", "CargoCity Süd", "Flughafen", "Frankfurt am Main", "60549", "DEU",
          50.02500, 8.58500, AIR_CARGO, ROW, Hours.NIGHTS),
    Place("graefenhausen", "Rastanlage Gräfenhausen", "A5", "Weiterstadt", "64331", "DEU",
          49.93800, 8.59500, REST_AREA, HUB),
    Place("bergstrasse", "Rastanlage Bergstraße", "A5", "Bensheim", "64625", "DEU",
          49.69500, 8.59300, REST_AREA, FORKS),
    Place("hardtwald", "Rastanlage Hardtwald", "A5", "Sandhausen", "69207", "DEU",
          49.33000, 8.64000, REST_AREA, QUAD),
    Place("bruchsal", "Rastanlage Bruchsal", "A5", "Bruchsal", "76646", "DEU",
          49.13300, 8.56000, REST_AREA, MIXED),
    Place("karlsruhe", "Rheinhafen Karlsruhe", "Werftstraße", "Karlsruhe", "76189", "DEU",
          49.01300, 8.34500, TERMINAL, ROW, Hours.WORKDAYS),
)
# fmt: on
