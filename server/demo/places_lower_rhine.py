"""The places between Rotterdam and Cologne."""

from server.demo.hours import Hours
from server.demo.layouts import FORKS, HUB, MEGAWATT, MIXED, PAIR, QUAD, ROW, TWINS, YARD
from server.demo.place import FUEL_STOP, LAY_BY, REST_AREA, TERMINAL, TRUCK_STOP, Place

# fmt: off
NETHERLANDS = (
    Place("eemhaven", "Distripark Eemhaven", "Seattleweg", "Rotterdam", None, "NLD",
          51.87300, 4.41500, TERMINAL, HUB),
    Place("sandelingen", "Verzorgingsplaats Sandelingen", "A16", "Hendrik-Ido-Ambacht", None, "NLD",
          51.84200, 4.60800, REST_AREA, QUAD),
    Place("zuidpad", "Verzorgingsplaats Zuidpad", "A15", "Hendrik-Ido-Ambacht", None, "NLD",
          51.85500, 4.62500, FUEL_STOP, TWINS),
    Place("steenenhoek", "Verzorgingsplaats Steenenhoek", "A15", "Boven-Hardinxveld", None, "NLD",
          51.83500, 4.90000, FUEL_STOP, PAIR, Hours.BY_DAY),
    Place("de-lucht", "Verzorgingsplaats De Lucht", "A2", "Bruchem", None, "NLD",
          51.78400, 5.27500, REST_AREA, MIXED),
    Place("medel", "Bedrijvenpark Medel", "Medelsestraat", "Tiel", None, "NLD",
          51.90200, 5.47500, TERMINAL, ROW, Hours.WORKDAYS),
    Place("varakker", "Verzorgingsplaats Varakker", "A15", "IJzendoorn", None, "NLD",
          51.91300, 5.53300, FUEL_STOP, FORKS),
    Place("park15", "Logistiek park Park15", "Griftdijk-Noord", "Oosterhout", None, "NLD",
          51.88900, 5.81500, TERMINAL, YARD, Hours.NIGHTS),
    Place("nijmegen", "Containerterminal Nijmegen", "Vlotkampweg", "Nijmegen", None, "NLD",
          51.85700, 5.82400, TERMINAL, MEGAWATT),
    Place("lokkant", "Verzorgingsplaats Lokkant", "A73", "Haps", None, "NLD",
          51.68000, 5.88600, FUEL_STOP, QUAD, Hours.CLOSED_ONCE),
    Place("heijen", "Haven Heijen", "Hoofdstraat", "Heijen", None, "NLD",
          51.67100, 5.97500, TERMINAL, PAIR),
)

RHINE_RUHR = (
    Place("goch", "Grenzstation Goch", "A57", "Goch", "47574", "DEU",
          51.67500, 6.04500, LAY_BY, QUAD, Hours.CLOSED_ONCE),
    Place("kalbecker-forst", "Rastanlage Kalbecker Forst", "A57", "Weeze", "47652", "DEU",
          51.64500, 6.22500, REST_AREA, FORKS),
    Place("rheinberg", "Autohof Rheinberg", "A57, AS Rheinberg", "Rheinberg", "47495", "DEU",
          51.53000, 6.55500, TRUCK_STOP, HUB),
    Place("duisburg", "Terminal Duisburg-Rheinhausen", "Gaterweg", "Duisburg", "47229", "DEU",
          51.39050, 6.72900, TERMINAL, MEGAWATT, Hours.CLOSED_ONCE),
    Place("krefeld", "Rheinhafen Krefeld", "Hentrichstraße", "Krefeld", "47809", "DEU",
          51.33900, 6.66300, TERMINAL, ROW, Hours.WORKDAYS),
    Place("geismuehle", "Rastanlage Geismühle", "A57", "Krefeld", "47809", "DEU",
          51.31000, 6.63800, REST_AREA, YARD),
    Place("hoesel", "Rastanlage Hösel", "A3", "Ratingen", "40883", "DEU",
          51.33300, 6.87500, REST_AREA, TWINS),
    Place("ohligser-heide", "Rastanlage Ohligser Heide", "A3", "Solingen", "42697", "DEU",
          51.15500, 6.96600, REST_AREA, MIXED),
    Place("koenigsforst", "Rastanlage Königsforst", "A3", "Rösrath", "51503", "DEU",
          50.91700, 7.11700, REST_AREA, QUAD),
)
# fmt: on
