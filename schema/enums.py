"""The closed enumerations of the contract; they are the standard's, and the values of the rules themselves."""

import strawberry

from models.events import AvailabilityCause
from models.rules.booking_location import AccessMethod, Confirmation
from models.rules.booking_state import CanceledReason, Phase, RequestKind, RequestStatus, ReservationStatus
from models.rules.fault import Severity
from models.rules.fit import Misfit
from models.rules.location import ConnectorFormat, EvsePosition, PowerType, Status
from models.rules.role import Role
from models.rules.tariff import BookingRestriction, ReservationRestriction, TariffDimension, TaxIncluded

DESCRIPTIONS = {
    AccessMethod: "How a booked vehicle gets on to the site.",
    AvailabilityCause: "Why what can be booked changed.",
    BookingRestriction: "The fee that an element of a booking tariff carries.",
    CanceledReason: "Why a booking was canceled.",
    Confirmation: "Whether a request is granted at once or decided by the operator.",
    ConnectorFormat: "Whether the driver brings the cable.",
    EvsePosition: "On which side of the parked vehicle the charger stands.",
    Misfit: "Why a charger and its bay do not fit; what is unknown never fits.",
    Phase: "Where a booking stands now, finer than its status.",
    PowerType: "The current a connector gives.",
    RequestKind: "What a request on a booking asks for.",
    RequestStatus: "What came of a request on a booking.",
    ReservationRestriction: "The fee that an element carries for an immediate reservation.",
    ReservationStatus: "The state of a booking as the standard has it; FULFILLED means that charging started.",
    Role: "What a party acts as.",
    Severity: "How bad a fault is.",
    Status: "The state of a charger now.",
    TariffDimension: "What a price component bills.",
    TaxIncluded: "Whether prices hold the taxes.",
}

for kind, description in DESCRIPTIONS.items():
    strawberry.enum(kind, description=description)
