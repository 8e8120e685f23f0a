"""What can be done with Sessions: one use case a name."""

from resolvers.session_finding import SessionFilter, get, many, of_bookings, page
from resolvers.session_past import Ended
from resolvers.session_readings import Judged, MeterReading, ReadingsReport, readings_report
from resolvers.session_start import StartReport, start_report
from resolvers.session_stop import StopReport, stop_report

__all__ = [
    "Ended",
    "Judged",
    "MeterReading",
    "ReadingsReport",
    "SessionFilter",
    "StartReport",
    "StopReport",
    "get",
    "many",
    "of_bookings",
    "page",
    "readings_report",
    "start_report",
    "stop_report",
]
