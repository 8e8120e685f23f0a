"""All root fields of operators that publish, together."""

from strawberry.tools import merge_types

from schema.publishing.booking_location_fields import BookingLocationMutation
from schema.publishing.calendar_fields import CalendarMutation
from schema.publishing.location_fields import LocationMutation
from schema.publishing.maintenance_fields import MaintenanceMutation
from schema.publishing.tariff_fields import TariffMutation

PublishingMutation = merge_types(
    "PublishingMutation",
    (LocationMutation, TariffMutation, BookingLocationMutation, CalendarMutation, MaintenanceMutation),
)
