"""The published catalogue kept in memory, with its spatial index."""

from models.catalogue.catalogue import Catalogue, Entry
from models.catalogue.line import along_of_points
from models.catalogue.plane import Point
from models.catalogue.spatial import Hit, Nearby, TooManyPasses

__all__ = ["Catalogue", "Entry", "Hit", "Nearby", "Point", "TooManyPasses", "along_of_points"]
