"""What all the CDRs of one session tell together: each kWh and minute once, in however many currencies."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ocpi.charging_period import hours
from models.rules.cdr import Cdr, as_billed
from models.rules.price import rounded
from models.rules.session import Reading, Session
from models.rules.tariff import Tariff
from tests.factories.catalogue import at
from tests.ocpi_documents.cdrs import CDRS, WHOLE, told, under, volumes, whole
from tests.ocpi_documents.sessions import completed
from tests.ocpi_documents.tariffs import CHARGING, FLAT_FRANCS, FRANCS


def told_of(session: Session, found: Iterable[Cdr]) -> tuple[Session, list[Any]]:
    """Return a session with the documents of its CDRs."""
    return session, [told(one) for one in found]


def added(documents: Iterable[Any], *kinds: str) -> Decimal:
    """Return what all periods of documents hold of those dimensions."""
    found = [one.get(kind, Decimal(0)) for document in documents for one in volumes(document) for kind in kinds]
    return sum(found, Decimal(0))


def prices_minutes(document: Any) -> bool:
    """Whether a tariff of a CDR prices overtime by its time, as a receiver finds out."""
    elements = [element for tariff in document.get("tariffs", ()) for element in tariff["elements"]]
    of_overtime = [one for one in elements if one.get("restrictions", {}).get("booking") == "BOOKING_OVERTIME"]
    return any(component["type"] == "TIME" for one in of_overtime for component in one["price_components"])


def check_told_once(session: Session, documents: list[Any]) -> None:
    """Check that all CDRs of a session tell each kWh once, and each minute as one thing.

    Overtime at one price is no other use of its minutes: those are charging, or parking.
    """
    lasted = hours((session.end_date_time or session.start_date_time) - session.start_date_time)

    assert added(documents, "ENERGY") == sum(one["total_energy"] for one in documents) == rounded(session.kwh)
    assert max(one["total_time"] for one in documents) == lasted
    overtime = added(filter(prices_minutes, documents), "RESERVATION_OVERTIME")
    assert added(documents, "TIME", "PARKING_TIME") + overtime == lasted


@pytest.mark.parametrize("name", WHOLE)
def test_every_kilowatt_hour_and_minute_of_a_session_is_told_once_by_all_its_cdrs(name: str) -> None:
    check_told_once(*told_of(*WHOLE[name]))


@given(
    start=st.integers(0, 5000),
    length=st.integers(1, 9000),
    shares=st.lists(st.integers(0, 99_999), min_size=1, max_size=5),
    overtime=st.sampled_from([FRANCS, FLAT_FRANCS]),
)
def test_however_a_session_lies_to_its_slot_all_is_told_once(
    start: int, length: int, shares: list[int], overtime: Tariff
) -> None:
    begin, end = at(10) + timedelta(seconds=start), at(10) + timedelta(seconds=start + length)
    energies = [Decimal(each).scaleb(-5) for each in accumulate(shares)]
    read = [Reading(begin + (end - begin) * (nth + 1) / len(shares), kwh) for nth, kwh in enumerate(energies)]
    session = completed(end, start_date_time=begin, kwh=energies[-1])

    one = replace(under(CHARGING, overtime, late="CHF"), charging_started_at=begin)

    check_told_once(*told_of(*whole(one, session, read)))


def test_overtime_of_another_currency_is_a_document_of_its_own_without_the_energy() -> None:
    francs, euros = (told(CDRS[f"charged in overtime of francs, {currency}"]) for currency in ("CHF", "EUR"))

    assert volumes(francs) == [{"RESERVATION_OVERTIME": Decimal("0.4444")}]
    assert (francs["start_date_time"], francs["end_date_time"]) == ("2026-12-01T11:00:00Z", euros["end_date_time"])
    assert (francs["total_time"], francs["total_energy"]) == (Decimal("0.4444"), 0)
    assert francs["session_id"] == euros["session_id"]
    assert [francs["charging_periods"][0]["tariff_id"], *(one["id"] for one in francs["tariffs"])] == ["Francs"] * 2
    assert [sorted(one) for one in volumes(euros)] == [["ENERGY", "TIME"], ["ENERGY", "TIME"], ["ENERGY"]]
    assert (euros["total_time"], euros["total_energy"]) == (Decimal("1.4444"), 100)


def test_who_parks_in_overtime_of_another_currency_has_a_period_without_energy() -> None:
    assert volumes(told(CDRS["parked in overtime of francs, EUR"]))[-2:] == [
        {"PARKING_TIME": Decimal("0.25")},
        {"ENERGY": Decimal(0)},
    ]


def test_a_fee_of_another_currency_for_having_come_late_has_a_period_of_no_time() -> None:
    document = told(CDRS["late in francs, CHF"])

    assert volumes(document) == [{"RESERVATION_TIME": Decimal(0)}]
    assert document["start_date_time"] == "2026-12-01T10:15:00Z"
    assert (document["total_time"], document["total_energy"]) == (0, 0)
    assert document["total_reservation_cost"] == document["total_cost"]


def test_a_bill_is_another_one_when_its_minutes_are() -> None:
    bill = CDRS["parked in overtime of francs, EUR"].bill

    assert bill.timed_until == at(11)
    assert as_billed(bill) != as_billed(replace(bill, timed_until=None))
