"""The schema, made once: roots merged, limits set."""

import strawberry
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ValidationCache
from strawberry.extensions.query_depth_limiter import create_validator
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from schema import enums as enums
from schema.alternative_fields import AlternativeMutation, AlternativeQuery
from schema.alternative_live import AlternativeSubscription
from schema.availability import AvailabilityQuery, AvailabilitySubscription
from schema.booking_cancel import BookingCancelMutation
from schema.booking_change import BookingChangeMutation, BookingChangeQuery
from schema.booking_fields import BookingMutation, BookingQuery
from schema.booking_following import BookingSubscription, ReminderMutation, ReminderQuery
from schema.booking_live import BookingRequestSubscription
from schema.booking_move import BookingMoveMutation
from schema.cdr_fields import CdrQuery
from schema.cdr_live import CdrSubscription
from schema.cdr_numbering import CdrNumberingMutation, CdrNumberingQuery
from schema.cdr_payment import CdrPaymentMutation
from schema.cdr_refund import CdrRefundMutation, CdrRefundQuery
from schema.charging import ChargingMutation, ChargingQuery, ChargingSubscription
from schema.charging_problems import HANDLERS as CHARGING_HANDLERS
from schema.cost import CostLimit
from schema.csv_export import CsvQuery
from schema.deciding import DecisionMutation
from schema.driver_contact import DriverContactMutation, DriverContactQuery
from schema.driver_message import DriverMessageMutation, DriverMessageQuery, DriverMessageSubscription
from schema.entities import ENTITIES, Subgraph
from schema.evse_fields import EvseMutation, FaultSubscription
from schema.fee_waiver import FeeWaiverMutation, FeeWaiverQuery
from schema.live import EventCursor
from schema.location import LocationQuery
from schema.maintenance_impact import MaintenanceImpactQuery
from schema.mandate import MandateMutation, MandateQuery
from schema.mission import MissionMutation
from schema.operator_bookings import OperatorBookingMutation
from schema.problem_report import ProblemReportMutation, ProblemReportQuery, ProblemReportSubscription
from schema.problems import HANDLERS
from schema.provider_fee import ProviderFeeMutation, ProviderFeeQuery
from schema.provider_line import ProviderLineMutation, ProviderLineQuery
from schema.publishing.root import PublishingMutation
from schema.quote import QuoteMutation, QuoteQuery
from schema.reconciliation import ReconciliationMutation, ReconciliationQuery
from schema.refusing import Refusing
from schema.requests import KnownDocuments, SoundRequests
from schema.scalars import SCALARS
from schema.session_alert import SessionAlertMutation, SessionAlertQuery, SessionAlertSubscription
from schema.session_fields import SessionQuery, SessionReportMutation
from schema.session_live import SessionSubscription
from schema.session_request import SessionRequestMutation, SessionRequestQuery, SessionRequestSubscription
from schema.settling_problems import HANDLERS as SETTLING_HANDLERS
from schema.site_entry import SiteEntryMutation, SiteEntryQuery
from schema.statement import StatementQuery
from schema.token import TokenMutation, TokenQuery
from schema.vehicle import VehicleMutation, VehicleQuery

DEEPEST = 15
MOST_TOKENS = 1000
CACHED_DOCUMENTS = 500

DEPTH = create_validator(DEEPEST, None)
"""Made once: a rule of its own for each operation would make every document a new one to the cache of validations."""

Query = merge_types(
    "Query",
    (
        AlternativeQuery,
        AvailabilityQuery,
        BookingChangeQuery,
        BookingQuery,
        CdrNumberingQuery,
        CdrQuery,
        CdrRefundQuery,
        ChargingQuery,
        CsvQuery,
        DriverContactQuery,
        DriverMessageQuery,
        FeeWaiverQuery,
        LocationQuery,
        MaintenanceImpactQuery,
        MandateQuery,
        ProblemReportQuery,
        ProviderFeeQuery,
        ProviderLineQuery,
        QuoteQuery,
        ReconciliationQuery,
        ReminderQuery,
        SessionAlertQuery,
        SessionRequestQuery,
        SessionQuery,
        SiteEntryQuery,
        StatementQuery,
        TokenQuery,
        VehicleQuery,
    ),
)
Mutation = merge_types(
    "Mutation",
    (
        AlternativeMutation,
        BookingCancelMutation,
        BookingChangeMutation,
        BookingMoveMutation,
        BookingMutation,
        CdrNumberingMutation,
        CdrPaymentMutation,
        CdrRefundMutation,
        ChargingMutation,
        DecisionMutation,
        DriverContactMutation,
        DriverMessageMutation,
        EvseMutation,
        FeeWaiverMutation,
        MandateMutation,
        MissionMutation,
        OperatorBookingMutation,
        ProblemReportMutation,
        ProviderFeeMutation,
        ProviderLineMutation,
        PublishingMutation,
        QuoteMutation,
        ReconciliationMutation,
        ReminderMutation,
        SessionAlertMutation,
        SessionRequestMutation,
        SessionReportMutation,
        SiteEntryMutation,
        TokenMutation,
        VehicleMutation,
    ),
)
Subscription = merge_types(
    "Subscription",
    (
        AlternativeSubscription,
        AvailabilitySubscription,
        BookingRequestSubscription,
        BookingSubscription,
        CdrSubscription,
        ChargingSubscription,
        DriverMessageSubscription,
        FaultSubscription,
        SessionSubscription,
        ProblemReportSubscription,
        SessionAlertSubscription,
        SessionRequestSubscription,
    ),
)

schema = Subgraph(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=ENTITIES,
    federation_version="2.9",
    exception_handlers=[handler() for handler in (*HANDLERS, *CHARGING_HANDLERS, *SETTLING_HANDLERS)],
    extensions=[
        Refusing,
        lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
        lambda: AddValidationRules([DEPTH]),
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
