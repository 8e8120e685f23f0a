"""What all objects on the OCPI wire share: unknown fields are ignored, null lists are empty, keys are spelt right."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Protocol, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)

from models.rules.identity import object_id
from server.ocpi.complaints import Defect, defects_of, excerpt, refuse
from server.ocpi.texts import Id, Letters, PartyCode
from server.ocpi.times import Instant

T = TypeVar("T")
V = TypeVar("V", covariant=True)


def _none_is_empty(raw: Any) -> Any:
    return () if raw is None else raw


def _not_empty(raw: Any) -> Any:
    # pydantic's own min_length would count only the items that are right.
    if raw == []:
        raise ValueError("empty; at least one is required")
    return raw


Many = Annotated[tuple[T, ...], BeforeValidator(_none_is_empty), Field(strict=False)]
"""A list of the standard's cardinality `*`: null, [] and absence all mean none. Give it the default ()."""

Some = Annotated[tuple[T, ...], BeforeValidator(_not_empty), Field(strict=False)]
"""A list of the standard's cardinality `+`."""


class WireObject(BaseModel):
    """An object as the standard writes it."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    renamed: ClassVar[Mapping[str, str]] = {}
    """Keys that are no field, though senders use them, and the field that is meant.

    Ignoring one would change the meaning: a wish that is not read widens the offer.
    """

    unique: ClassVar[Mapping[str, str]] = {}
    """Lists whose items must differ in the key given; case does not count."""

    def defects(self) -> Iterator[Defect]:
        """Yield what is wrong with the object as a whole, each of its fields being right."""
        return iter(())

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, raw: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        defects = [*cls._misspelt(raw), *cls._repeated(raw)] if isinstance(raw, dict) else []
        try:
            read = handler(raw)
        except ValidationError as error:
            if not defects:
                raise
            refuse(defects + defects_of(error))
        defects += read.defects()
        if defects:
            refuse(defects)
        return read

    @classmethod
    def _misspelt(cls, raw: dict[str, Any]) -> Iterator[Defect]:
        for key in raw:
            if key in cls.renamed:
                name = cls.__name__.removeprefix("Ocpi")
                yield (key,), f"{key} is not a field of {name}; {cls.renamed[key]} is"
            elif key != key.strip():
                yield (key,), f"the key has blanks around it; write {excerpt(key.strip())}"

    @classmethod
    def _repeated(cls, raw: dict[str, Any]) -> Iterator[Defect]:
        for name, key in cls.unique.items():
            items, first = raw.get(name), dict[str, int]()
            for index, item in enumerate(items if isinstance(items, list) else ()):
                local_id = item.get(key) if isinstance(item, dict) else None
                if isinstance(local_id, str) and first.setdefault(local_id.upper(), index) != index:
                    earlier = f"{name}[{first[local_id.upper()]}]"
                    yield (name, index, key), f"{excerpt(local_id)} is already the {key} of {earlier}"


class OwnedObject(WireObject):
    """An object that is known by its owner and an id of the owner's."""

    country_code: Annotated[str, Letters(2)]
    party_id: Annotated[str, PartyCode()]
    id: Annotated[str, Id(36)]
    last_updated: Annotated[datetime, Instant()]

    @property
    def composite_id(self) -> str:
        """The one id by which the object is known here."""
        return self.sibling(self.id)

    def sibling(self, local_id: str) -> str:
        """Return the composite id of another object of the same owner."""
        return object_id(self.country_code, self.party_id, local_id)

    def siblings(self, local_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the composite ids of other objects of the same owner, each once."""
        return tuple(dict.fromkeys(self.sibling(local_id) for local_id in local_ids))


class Convertible(Protocol[V]):
    """A wire object that knows which value it becomes."""

    def to_domain(self) -> V:
        """Return the value."""


def converted(part: Convertible[T] | None) -> T | None:
    """Return the value of a part that may be left out."""
    return None if part is None else part.to_domain()
