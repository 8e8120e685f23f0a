"""The published catalogue kept in memory, with its spatial index."""

from models.catalogue.catalogue import Catalogue, Entry
from models.catalogue.spatial import Hit, Point

__all__ = ["Catalogue", "Entry", "Hit", "Point"]
