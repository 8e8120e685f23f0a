"""The closed enumerations of the contract; they are the standard's, and the values of the rules themselves."""

import strawberry

from models.events import AvailabilityCause
from models.rules.bill import BillKind, LineKind
from models.rules.booking_location import AccessMethod, Confirmation
from models.rules.booking_mode import BookingMode
from models.rules.booking_state import CanceledReason, Outcome, Phase, RequestKind, RequestStatus, ReservationStatus
from models.rules.charging import ChargingBasis, ChargingRefusal, StartMethod
from models.rules.energy import EnergyType
from models.rules.energy_mix import EnergySourceCategory
from models.rules.fault import Severity
from models.rules.hazard import Hazard
from models.rules.location import ConnectorFormat, EvsePosition, ParkingDirection, PowerType, Status
from models.rules.misfit import Misfit
from models.rules.nearby_times import Closeness
from models.rules.payment import PaymentState
from models.rules.problem_report import ChargerProblem, ProblemReportStatus
from models.rules.provider_line import ProviderLineKind
from models.rules.quote import QuoteOutcome
from models.rules.reconciliation import InvoiceLineOutcome
from models.rules.role import Role
from models.rules.session import AuthMethod, ReadingOutcome, SessionStatus, StopReason
from models.rules.session_alert import AlertKind
from models.rules.session_request import SessionRequestKind, SessionRequestStatus
from models.rules.site_entry import EntryMethod, EntryRefusal
from models.rules.statement import StatementGroup
from models.rules.tariff import BookingRestriction, DayOfWeek, ReservationRestriction, TariffDimension, TaxIncluded
from models.rules.terms_fee import FeeKind
from models.rules.token import TokenType, Whitelist
from models.rules.vehicle import InletSide
from resolvers.asked import SlotForm

DESCRIPTIONS = {
    AccessMethod: "How a booked vehicle gets on to the site.",
    AlertKind: "Of what somebody in a session is warned; NO_LONGER_ALLOWED and CHARGER_FAULT the operator too.",
    AvailabilityCause: "Why what can be booked changed. HOLD is a quote's, EXPIRY its end without a booking.",
    AuthMethod: "By what a session was allowed.",
    ChargingBasis: "By what charging is allowed: a booking in its slot, a booking before it, or no booking at all.",
    ReadingOutcome: "What became of a reading; BACKWARDS, CONTRADICTS and OUTSIDE count for nothing.",
    SessionStatus: "The state of a session.",
    StopReason: "Why a session ended.",
    BillKind: "What a CDR bills: a booking, a fee of one, or a session.",
    BookingMode: "Whether something can be booked, and whether it can be used without.",
    BookingRestriction: "The fee that an element of a booking tariff carries.",
    CanceledReason: "Why a booking was canceled.",
    ChargerProblem: "What is wrong with a charger that was booked.",
    ChargingRefusal: "Why charging is refused; none tells who has the charger (BUC 3.9).",
    Closeness: "On which side of the time asked for a slot lies.",
    Confirmation: "Whether a request is granted at once or decided by the operator.",
    ConnectorFormat: "Whether the driver brings the cable.",
    EntryMethod: "By what a vehicle asks to enter.",
    EntryRefusal: "Why a vehicle is not let in; none tells of other bookings.",
    StartMethod: "How somebody asks to charge.",
    EnergyType: "What a driver asks of the energy.",
    DayOfWeek: "A weekday.",
    EnergySourceCategory: "What energy is made of.",
    EvsePosition: "On which side of the parked vehicle the charger stands.",
    FeeKind: "What a fee is for.",
    InvoiceLineOutcome: "How a line of an invoice compares with its CDR; DOUBLE is what was invoiced before.",
    InletSide: "Where on the vehicle the charging inlet is.",
    LineKind: "For what one line of a CDR is; LIMIT is what a price limit makes of it, REFUND what was given back.",
    Misfit: "Why a charger and its bay do not fit; what is unknown never fits.",
    ParkingDirection: "How a bay lies to the road that leads to it.",
    Outcome: "What became of a booking.",
    Hazard: "What endangers a booking.",
    PaymentState: "What became of something that was billed, as a creditor noted; only a record, no money is moved.",
    Phase: "Where a booking stands now, finer than its status.",
    PowerType: "The current a connector gives.",
    ProblemReportStatus: "What came of a report: OPEN while it may be contested, CONTESTED until that is resolved.",
    ProviderLineKind: "For what an EMSP adds a line: a booking, its share of an operator's CDR, or a month.",
    QuoteOutcome: "What became of a quote.",
    RequestKind: "What a request on a booking asks for.",
    RequestStatus: "What came of a request on a booking.",
    ReservationRestriction: "The fee that an element carries for an immediate reservation.",
    ReservationStatus: "The state of a booking as the standard has it; FULFILLED means that charging started.",
    Role: "What a party acts as.",
    SessionRequestKind: "What an operator is asked for from afar.",
    SessionRequestStatus: "What came of a request to start or stop a session.",
    Severity: "How bad a fault is.",
    SlotForm: "How free time is shown.",
    StatementGroup: "By what a statement is divided.",
    Status: "The state of a charger now.",
    TariffDimension: "What a price component bills.",
    TaxIncluded: "Whether prices hold the taxes.",
    TokenType: "What a driver's token is. EMAID is a contract that the vehicle itself presents (ISO 15118).",
    Whitelist: "Whether an operator may decide by a token as it was published, or asks its EMSP (WhitelistType).",
}

for kind, description in DESCRIPTIONS.items():
    strawberry.enum(kind, description=description)
