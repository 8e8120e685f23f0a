"""A picture that an operator publishes, as a value (OCPI Locations, Image)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Image:
    """Where a picture is, what it shows (ENTRANCE, CHARGER, ...) and its file type; sizes in pixels."""

    url: str
    category: str
    type: str
    thumbnail: str | None = None
    width: int | None = None
    height: int | None = None
