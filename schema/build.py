"""The schema, made once: roots merged, entities resolved one by one, limits set."""

import asyncio
from typing import Any

import strawberry.federation
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter, ParserCache, QueryDepthLimiter, ValidationCache
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from models.errors import BadInput
from schema import enums as enums
from schema.availability import AvailabilityQuery, AvailabilitySubscription
from schema.booking import Booking
from schema.booking_fields import BookingMutation, BookingQuery
from schema.booking_location import BookingLocation
from schema.context import Info
from schema.evse import Evse
from schema.evse_fields import EvseMutation, FaultSubscription
from schema.live import EventCursor
from schema.location import Location, LocationQuery
from schema.problems import HANDLERS
from schema.refusing import Refusing
from schema.scalars import SCALARS
from schema.tariff import Tariff

DEEPEST = 15
MOST_TOKENS = 1000
CACHED_DOCUMENTS = 500
MOST_REPRESENTATIONS = 1000

ENTITIES = {kind.__name__: kind for kind in (Booking, BookingLocation, Evse, Location, Tariff)}


class Schema(strawberry.federation.Schema):
    """A subgraph whose entities fail one by one, and never with the text of a fault."""

    async def entities_resolver(  # type: ignore[override]
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Return each entity, or an error in its place; loaders ask for all of a kind at once."""
        if len(representations) > MOST_REPRESENTATIONS:
            raise BadInput(f"One request resolves at most {MOST_REPRESENTATIONS} entities.")
        await info.context.loaders()
        found: list[Any] = await asyncio.gather(
            *(self._entity(info, one) for one in representations), return_exceptions=True
        )
        return found

    async def _entity(self, info: Info, representation: Any) -> object:
        kind = ENTITIES.get(str(representation.get("__typename"))) if isinstance(representation, dict) else None
        object_id = representation.get("id") if kind else None
        if kind is None or not isinstance(object_id, str):
            known = ", ".join(sorted(ENTITIES))
            raise GraphQLError(
                f"A representation has a __typename of {known}, and an id.", extensions={"code": "BAD_USER_INPUT"}
            )
        return await kind.resolve_reference(info, strawberry.ID(object_id))


Query = merge_types("Query", (AvailabilityQuery, BookingQuery, LocationQuery))
Mutation = merge_types("Mutation", (BookingMutation, EvseMutation))
Subscription = merge_types("Subscription", (AvailabilitySubscription, FaultSubscription))

schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=list(ENTITIES.values()),
    federation_version="2.9",
    exception_handlers=[handler() for handler in HANDLERS],
    extensions=[
        Refusing,
        lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
        lambda: QueryDepthLimiter(max_depth=DEEPEST),
        lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
        lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
    ],
    config=StrawberryConfig(
        disable_field_suggestions=True,
        scalar_map={
            **SCALARS,
            EventCursor: strawberry.scalar(
                name="EventCursor",
                description="An event's place in the feed; opaque.",
                serialize=str,
                parse_value=str,
            ),
        },
    ),
)
