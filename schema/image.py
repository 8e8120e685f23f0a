"""Pictures as callers see them."""

from collections.abc import Sequence

import strawberry

from models.rules import image as rules


@strawberry.type(description="Where a picture is, and what it shows.")
class Image:
    """Where a picture is."""

    url: str
    thumbnail: str | None = strawberry.field(description="The URL of a small one.")
    category: str = strawberry.field(description="Such as ENTRANCE, CHARGER or OPERATOR.")
    type: str = strawberry.field(description="The file type, such as jpeg or png.")
    width: int | None = strawberry.field(description="Pixels.")
    height: int | None = strawberry.field(description="Pixels.")

    @classmethod
    def of(cls, one: rules.Image) -> "Image":
        """Return a picture as callers see it."""
        return cls(
            url=one.url,
            thumbnail=one.thumbnail,
            category=one.category,
            type=one.type,
            width=one.width,
            height=one.height,
        )


def images(published: Sequence[rules.Image]) -> list[Image]:
    """Return pictures as callers see them."""
    return [Image.of(one) for one in published]
