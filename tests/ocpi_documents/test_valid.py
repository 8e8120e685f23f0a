"""Every document that we tell others is one that the standard allows, in every state of what it tells."""

from decimal import Decimal
from typing import Any

import pytest

from models.ocpi.booking import booking_document
from models.ocpi.cdr import cdr_document
from models.ocpi.session import session_document
from models.ocpi.tariff import tariff_document
from server.ocpi.tariffs import OcpiTariff
from tests.ocpi_documents.bookings import BOOKINGS
from tests.ocpi_documents.cdrs import CDRS
from tests.ocpi_documents.checking import as_sent, faults, faults_as_read
from tests.ocpi_documents.sessions import SESSIONS
from tests.ocpi_documents.tariffs import TARIFFS


@pytest.mark.parametrize("state", BOOKINGS)
@pytest.mark.parametrize("revealed", [True, False])
def test_bookings_are_valid(state: str, revealed: bool) -> None:
    assert faults("Booking", booking_document(BOOKINGS[state], revealed=revealed)) == []


@pytest.mark.parametrize("state", SESSIONS)
def test_sessions_are_valid(state: str) -> None:
    assert faults("Session", session_document(*SESSIONS[state])) == []


@pytest.mark.parametrize("state", CDRS)
def test_cdrs_are_valid(state: str) -> None:
    assert faults("CDR", cdr_document(CDRS[state])) == []


@pytest.mark.parametrize("name", TARIFFS)
def test_tariffs_are_valid_and_are_imported_as_they_were(name: str) -> None:
    document = tariff_document(TARIFFS[name])

    assert faults("Tariff", document) == []
    assert OcpiTariff.model_validate(as_sent(document)).to_domain() == TARIFFS[name]


def spoil(document: Any, name: str, value: object) -> None:
    """Put a value into a document by its path, or with None take it away."""
    *way, last = name.split(".")
    for step in way:
        document = document[int(step) if step.isdigit() else step]
    if value is None:
        del document[last]
    else:
        document[last] = value


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("id", "x" * 40, "is no CiString(39)"),
        ("id", "", "is no CiString(39)"),
        ("id", "é", "is no CiString(39)"),
        ("total_energy", "1", "is no number"),
        ("total_energy", True, "is no number"),
        ("total_energy", Decimal("0.00001"), "is no number"),
        ("currency", None, "$.currency: missing"),
        ("booking_reference", "x", "not a field of CDR"),
        ("last_updated", "2026-12-01T06:00:00+00:00", "is no DateTime"),
        ("last_updated", "2026-12-01T06:00:00.123456Z", "is no DateTime"),
        ("cdr_location.coordinates.latitude", "51.9", "is no Latitude"),
        ("cdr_location.country", "NL", "is no Country3"),
        ("charging_periods", [], "no list of ChargingPeriod"),
        ("charging_periods.0.dimensions.0.type", "WAITING", "is no CdrDimensionType"),
        ("charging_periods.0.dimensions", None, "$.charging_periods[0].dimensions: missing"),
        ("cdr_token", "04A1", "no CdrToken"),
        ("credit", "true", "is no boolean"),
    ],
)
def test_what_the_standard_does_not_allow_is_found(name: str, value: object, fault: str) -> None:
    document = as_sent(cdr_document(CDRS["session"]))
    spoil(document, name, value)

    (found,) = faults_as_read("CDR", document)
    assert fault in found
