"""Parts that Locations and Tariffs share, as operators write them."""

from decimal import Decimal
from typing import Annotated, Any

import strawberry

from models.rules.energy_mix import EnergyMix, EnergySource, EnergySourceCategory, EnvironmentalImpact
from models.rules.image import Image
from models.rules.location import DisplayText
from schema.publishing.limits import OPEN_ENUM, CiString, Degrees, Letters, Number, Text, Url, Whole
from schema.publishing.reading import At
from schema.route import GeoLocationInput

WIDEST = 99_999
LATITUDE, LONGITUDE = Degrees(90), Degrees(180)


@strawberry.input(description="A text for people, in one language.")
class DisplayTextInput:
    """A text for people."""

    language: Annotated[str, Letters(2, lower=True)] = strawberry.field(description="ISO 639-1, such as de.")
    text: Annotated[str, Text(512)]

    def to_domain(self, at: At) -> DisplayText:
        """Return it as a value."""
        return DisplayText(**at.read(self))


@strawberry.input(description="Where a picture is, and what it shows.")
class ImageInput:
    """Where a picture is."""

    url: Annotated[str, Url()]
    thumbnail: Annotated[str | None, Url()] = strawberry.field(default=None, description="The URL of a small one.")
    category: Annotated[str, OPEN_ENUM] = strawberry.field(description="Such as ENTRANCE, CHARGER or OPERATOR.")
    type: Annotated[str, CiString(4)] = strawberry.field(description="The file type, such as jpeg or png.")
    width: Annotated[int | None, Whole(high=WIDEST)] = strawberry.field(default=None, description="Pixels.")
    height: Annotated[int | None, Whole(high=WIDEST)] = strawberry.field(default=None, description="Pixels.")

    def to_domain(self, at: At) -> Image:
        """Return it as a value."""
        return Image(**at.read(self))


@strawberry.input(description="The share of one source in the energy sold.")
class EnergySourceInput:
    """The share of one source."""

    source: EnergySourceCategory
    percentage: Annotated[Decimal, Number(0, 100)]

    def to_domain(self, at: At) -> EnergySource:
        """Return it as a value."""
        return EnergySource(**at.read(self))


@strawberry.input(description="What making the energy leaves behind.")
class EnvironmentalImpactInput:
    """What making the energy leaves behind."""

    category: Annotated[str, OPEN_ENUM] = strawberry.field(description="Such as CARBON_DIOXIDE or NUCLEAR_WASTE.")
    amount: Annotated[Decimal, Number(low=0)] = strawberry.field(description="g/kWh.")

    def to_domain(self, at: At) -> EnvironmentalImpact:
        """Return it as a value."""
        return EnvironmentalImpact(**at.read(self))


@strawberry.input(description="Where the energy comes from.")
class EnergyMixInput:
    """Where the energy comes from."""

    is_green_energy: bool
    energy_sources: list[EnergySourceInput] = strawberry.field(default_factory=list)
    environ_impact: list[EnvironmentalImpactInput] = strawberry.field(default_factory=list)
    supplier_name: Annotated[str | None, Text(64)] = None
    energy_product_name: Annotated[str | None, Text(64)] = None

    def to_domain(self, at: At) -> EnergyMix:
        """Return it as a value."""
        return EnergyMix(**at.read(self))


def place(point: GeoLocationInput, at: At) -> dict[str, Any]:
    """Return a point as `latitude` and `longitude`, or raise BadInput unless it lies on the globe."""
    found: dict[str, Any] = {}
    for name, value, limit in (("latitude", point.latitude, LATITUDE), ("longitude", point.longitude, LONGITUDE)):
        try:
            found[name] = limit.read(value)
        except ValueError as error:
            at.refuse(name, str(error))
    return found
