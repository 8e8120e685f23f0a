"""Which bookings a Fault endangers, and how bad it is if nobody says."""

from dataclasses import replace

import pytest

from models.rules.fault import Fault, Severity, severity_of
from models.rules.interval import Interval
from models.rules.location import USABLE, Status
from tests.factories.catalogue import at, hours

OPEN = Fault(
    id="F1",
    location_id="NL*ABC*LOC1",
    evse_id="NL*ABC*LOC1*E1",
    status=Status.INOPERATIVE,
    code="E042",
    severity=Severity.OUT_OF_USE,
    description=None,
    reported_at=at(6),
    expected_end=at(12),
    repaired_at=None,
)


@pytest.mark.parametrize(
    ("period", "is_hit"),
    [
        (hours(7, 8), True),
        (hours(11, 13), True),
        (hours(11.75, 12), True),
        (hours(12, 13), False),
        (hours(13, 14), False),
    ],
)
def test_a_fault_endangers_what_starts_before_its_expected_end(period: Interval, is_hit: bool) -> None:
    assert OPEN.hits(period) is is_hit


def test_a_fault_without_an_expected_end_endangers_all_that_comes() -> None:
    assert replace(OPEN, expected_end=None).hits(hours(10, 11, day=30))


def test_a_repaired_fault_endangers_nothing() -> None:
    assert not replace(OPEN, repaired_at=at(7)).hits(hours(8, 9))


@pytest.mark.parametrize("status", Status)
def test_a_charger_that_still_charges_has_a_warning_and_any_other_is_out_of_use(status: Status) -> None:
    assert severity_of(status) is (Severity.WARNING if status in USABLE else Severity.OUT_OF_USE)
