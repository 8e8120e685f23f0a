"""The places between Basel and Genoa."""

from server.demo.hours import Hours
from server.demo.layouts import BOOKED_ROW, FORKS, HUB, MEGAWATT, MIXED, PAIR, QUAD, ROW, TWINS, YARD
from server.demo.place import CUSTOMS, REST_AREA, TERMINAL, TRUCK_STOP, Place

# fmt: off
SWITZERLAND = (
    Place("kleinhueningen", "Rheinhafen Kleinhüningen", "Hafenstrasse", "Basel", "4057", "CHE",
          47.58600, 7.59300, TERMINAL, YARD),
    Place("pratteln", "Raststätte Pratteln", "A2", "Pratteln", "4133", "CHE",
          47.52600, 7.70000, REST_AREA, TWINS),
    Place("rheinfelden", "Gemeinschaftszollanlage Rheinfelden", "A3", "Rheinfelden", "4310", "CHE",
          47.55900, 7.81500, CUSTOMS, FORKS, Hours.BY_DAY),
    Place("fricktal", "Raststätte Fricktal", "A3", "Mumpf", "4322", "CHE",
          47.54000, 7.93500, REST_AREA, PAIR),
    Place("wuerenlos", "Raststätte Würenlos", "A1", "Würenlos", "5436", "CHE",
          47.44000, 8.36000, REST_AREA, MIXED),
    Place("knonaueramt", "Raststätte Knonaueramt", "A4", "Mettmenstetten", "8932", "CHE",
          47.25000, 8.45000, REST_AREA, QUAD),
    Place("kuessnacht", "Industriegebiet Fänn", "Fännring", "Küssnacht am Rigi", "6403", "CHE",
          47.09500, 8.45800, TERMINAL, ROW, Hours.NIGHTS),
    Place("gotthard", "Gotthard Raststätte", "A2", "Erstfeld", "6472", "CHE",
          46.84600, 8.63600, REST_AREA, MEGAWATT),
    Place("ripshausen", "Schwerverkehrszentrum Uri", "Ripshausen", "Erstfeld", "6472", "CHE",
          46.83300, 8.64300, TRUCK_STOP, HUB),
    Place("giornico", "Centro di controllo veicoli pesanti", "A2", "Giornico", "6745", "CHE",
          46.38800, 8.89300, TRUCK_STOP, FORKS),
    Place("bellinzona", "Area di servizio Bellinzona Nord", "A2", "Bellinzona", "6500", "CHE",
          46.20970, 9.02720, REST_AREA, QUAD),
    Place("coldrerio", "Area di servizio Coldrerio", "A2", "Coldrerio", "6877", "CHE",
          45.85040, 8.98380, REST_AREA, TWINS),
    Place("brogeda", "Dogana commerciale Chiasso-Brogeda", "Via Brogeda", "Chiasso", "6830", "CHE",
          45.83600, 9.03700, CUSTOMS, MIXED, Hours.CLOSED_ONCE),
)

ITALY = (
    Place("lario", "Area di servizio Lario", "A9", "Cadorago", "22071", "ITA",
          45.72000, 9.03000, REST_AREA, PAIR),
    Place("villoresi", "Area di servizio Villoresi", "A8", "Lainate", "20045", "ITA",
          45.56500, 9.03500, REST_AREA, YARD),
    Place("cantalupa", "Area di servizio Cantalupa", "A7", "Milano", None, "ITA",
          45.42500, 9.14300, REST_AREA, MEGAWATT),
    Place("dorno", "Area di servizio Dorno", "A7", "Dorno", "27020", "ITA",
          45.15000, 8.94500, REST_AREA, QUAD),
    Place("rivalta", "Interporto di Rivalta Scrivia", "Strada Savonesa", "Tortona", "15057", "ITA",
          44.85500, 8.82500, TERMINAL, HUB),
    Place("bettole", "Area di servizio Bettole", "A7", "Novi Ligure", "15067", "ITA",
          44.78500, 8.84000, REST_AREA, FORKS),
    Place("giovi", "Area di servizio Giovi", "A7", "Ronco Scrivia", "16019", "ITA",
          44.62500, 8.95200, REST_AREA, TWINS, Hours.BY_DAY),
    Place("bolzaneto", "Centro agroalimentare di Genova", "Via Sardorella", "Genova", "16162", "ITA",
          44.45500, 8.90300, TERMINAL, ROW, Hours.WORKDAYS),
    Place("san-benigno", "Porto di Genova, varco San Benigno", "Lungomare Canepa", "Genova", "16149", "ITA",
          44.41100, 8.90600, TERMINAL, MIXED),
    Place("pra", "Porto di Genova, bacino di Pra'", "Via al Porto", "Genova", "16157", "ITA",
          44.42400, 8.79300, TERMINAL, BOOKED_ROW, Hours.CLOSED_ONCE),
)
# fmt: on
