"""The schema, made once: roots merged, limits set."""

import strawberry
from strawberry.extensions import MaxTokensLimiter, QueryDepthLimiter, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from schema import enums as enums
from schema.availability import AvailabilityQuery, AvailabilitySubscription
from schema.booking_fields import BookingMutation, BookingQuery
from schema.cost import CostLimit
from schema.entities import ENTITIES, Subgraph
from schema.evse_fields import EvseMutation, FaultSubscription
from schema.live import EventCursor
from schema.location import LocationQuery
from schema.problems import HANDLERS
from schema.provider_fee import ProviderFeeMutation, ProviderFeeQuery
from schema.publishing.root import PublishingMutation
from schema.quote import QuoteMutation, QuoteQuery
from schema.refusing import Refusing
from schema.requests import KnownDocuments, SoundRequests
from schema.scalars import SCALARS
from schema.vehicle import VehicleMutation, VehicleQuery

DEEPEST = 15
MOST_TOKENS = 1000
CACHED_DOCUMENTS = 500

Query = merge_types(
    "Query", (AvailabilityQuery, BookingQuery, LocationQuery, ProviderFeeQuery, QuoteQuery, VehicleQuery)
)
Mutation = merge_types(
    "Mutation",
    (BookingMutation, EvseMutation, ProviderFeeMutation, PublishingMutation, QuoteMutation, VehicleMutation),
)
Subscription = merge_types("Subscription", (AvailabilitySubscription, FaultSubscription))

schema = Subgraph(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=ENTITIES,
    federation_version="2.9",
    exception_handlers=[handler() for handler in HANDLERS],
    extensions=[
        Refusing,
        lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
        lambda: QueryDepthLimiter(max_depth=DEEPEST),
        lambda: KnownDocuments(maxsize=CACHED_DOCUMENTS),
        lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
        SoundRequests,
        CostLimit,
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
