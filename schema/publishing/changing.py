"""What every call of an operator that publishes or withdraws has: a key, objects as last read, ids, refusals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Protocol, TypeVar

import strawberry

from resolvers.call import Call
from resolvers.changes import Change, Withdrawal
from schema.publishing.reading import NAMED, OWN_OR_API_ID, At, Readable, objects

T = TypeVar("T", covariant=True)

OBJECTS_EACH_CALL = "1 to 500; all or none."
EXPECTED = (
    "The `lastUpdated` that you read: if the object was changed since, nothing is done, and LostUpdate tells so. "
    "Left out, whatever is there is replaced."
)
EXPECTED_OF_WITHDRAWAL = (
    "The `lastUpdated` that you read: if the object was changed since, nothing is done, and LostUpdate tells so."
)
OWN_ID = "Your own id; the API's id is made of your country code, your party id and it."


class Publishable(Readable[T], Protocol[T]):
    """An input of a whole object, as last read."""

    expected_last_updated: datetime | None


@strawberry.input(description="An object to take back.")
class WithdrawalInput:
    """An object to take back."""

    id: Annotated[strawberry.ID, NAMED] = strawberry.field(description=OWN_OR_API_ID)
    expected_last_updated: datetime | None = strawberry.field(default=None, description=EXPECTED_OF_WITHDRAWAL)

    def to_domain(self, at: At) -> Withdrawal:
        """Return it as a value."""
        return Withdrawal(**at.read(self), expected_last_updated=self.expected_last_updated)


async def changes(call: Call, name: str, inputs: Sequence[Publishable[T]]) -> list[Change[T]]:
    """Return the objects that one call publishes, each with the version that its caller read."""
    values = await objects(call, name, inputs)
    return [Change(value, one.expected_last_updated) for value, one in zip(values, inputs, strict=True)]


def as_ids(withdrawn: Sequence[str]) -> list[strawberry.ID]:
    """Return ids as callers see them."""
    return [strawberry.ID(one) for one in withdrawn]
