"""The places between Karlsruhe and Basel, on both banks of the Rhine."""

from server.demo.hours import Hours
from server.demo.layouts import BOOKED_ROW, HUB, MEGAWATT, MIXED, ONE_BAY, PAIR, QUAD, ROW, TWINS, UNMAPPED, YARD
from server.demo.place import AIR_CARGO, CUSTOMS, REST_AREA, TERMINAL, TRUCK_STOP, Place

# fmt: off
BADEN = (
    Place("baden-baden", "Rastanlage Baden-Baden", "A5", "Baden-Baden", "76532", "DEU",
          48.79500, 8.18500, REST_AREA, YARD),
    Place("achern", "Autohof Achern", "A5, AS Achern", "Achern", "77855", "DEU",
          48.64200, 8.03500, TRUCK_STOP, MEGAWATT),
    Place("renchtal", "Rastanlage Renchtal", "A5", "Renchen", "77871", "DEU",
          48.57500, 7.96500, REST_AREA, ONE_BAY),
    Place("mahlberg", "Rastanlage Mahlberg", "A5", "Mahlberg", "77972", "DEU",
          48.28300, 7.78500, REST_AREA, QUAD, Hours.BY_DAY),
    Place("herbolzheim", "Autohof Herbolzheim", "A5, AS Herbolzheim", "Herbolzheim", "79336", "DEU",
          48.21500, 7.75300, TRUCK_STOP, MIXED),
    Place("freiburg", "Terminal der Rollenden Landstraße", "Güterbahnhof", "Freiburg im Breisgau", None, "DEU",
          48.01800, 7.83400, TERMINAL, BOOKED_ROW),
    Place("schauinsland", "Rastanlage Schauinsland", "A5", "Umkirch", "79224", "DEU",
          48.02000, 7.75000, REST_AREA, TWINS),
    Place("breisgau", "Gewerbepark Breisgau", "Hartheimer Straße", "Eschbach", "79427", "DEU",
          47.90300, 7.61700, TERMINAL, ROW, Hours.NIGHTS),
    Place("bad-bellingen", "Rastanlage Bad Bellingen", "A5", "Bad Bellingen", "79415", "DEU",
          47.73500, 7.55000, REST_AREA, PAIR),
    Place("weil", "Gemeinschaftszollanlage Weil am Rhein", "A5", "Weil am Rhein", "79576", "DEU",
          47.60000, 7.60300, CUSTOMS, HUB),
)

ALSACE = (
    Place("ottmarsheim", "Port rhénan d'Ottmarsheim", "Zone portuaire", "Ottmarsheim", "68490", "FRA",
          47.78500, 7.52500, TERMINAL, MEGAWATT, Hours.WORKDAYS),
    Place("euroairport", "EuroAirport, zone de fret", "Aéroport", "Saint-Louis", "68300", "FRA",
          47.60200, 7.52800, AIR_CARGO, UNMAPPED),
)
# fmt: on
