"""A picture as the standard writes it, and what it becomes (OCPI Locations 2.3.0, Image)."""

from typing import Annotated

from models.rules.image import Image
from server.ocpi.numbers import Whole
from server.ocpi.texts import CiString, OpenEnum, Url
from server.ocpi.wire import WireObject

WIDEST = 99_999
"""The standard's int(5), in pixels."""


class OcpiImage(WireObject):
    """Where a picture is, and what it shows."""

    url: Annotated[str, Url()]
    thumbnail: Annotated[str | None, Url()] = None
    category: OpenEnum
    type: Annotated[str, CiString(4)]
    width: Annotated[int | None, Whole(high=WIDEST)] = None
    height: Annotated[int | None, Whole(high=WIDEST)] = None

    def to_domain(self) -> Image:
        """Return it as a value; the fields have the same names here."""
        return Image(**dict(self))
