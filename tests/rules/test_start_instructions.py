"""How a driver is told to get on to the site and to start charging (BUC 3.4)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.booking import Booking
from models.rules.booking_location import AccessMethod
from models.rules.booking_state import ReservationStatus
from models.rules.charging import Presented, StartMethod
from models.rules.charging_decision import _accepted
from models.rules.location import ConnectorFormat, DisplayText, Evse, Location
from models.rules.session_request import remote as remote_start
from models.rules.start_instructions import StartInstructions, instructions
from models.rules.token import TokenType
from tests.factories.catalogue import TERMS, a_location, an_evse, at
from tests.factories.entering import CARD, an_expected

SITE = "NL*ABC*LOC1"
KNOWS_VEHICLES = ("ISO_15118_20_PLUG_AND_CHARGE",)
PRESENTED = {
    StartMethod.RFID: Presented(StartMethod.RFID, CARD.uid, TokenType.RFID),
    StartMethod.REMOTE: Presented(StartMethod.REMOTE),
    StartMethod.PLUG_AND_CHARGE: Presented(StartMethod.PLUG_AND_CHARGE, CARD.contract_id, TokenType.EMAID),
    StartMethod.REFERENCE: Presented(StartMethod.REFERENCE, reference="0123456789"),
}


def a_charger(uid: str = "E1", *capabilities: str, plug: tuple[str, ...] = (), **changes: Any) -> Evse:
    evse = an_evse(SITE, uid, ["B1"], capabilities=capabilities, **changes)
    return replace(evse, connectors=tuple(replace(one, capabilities=plug) for one in evse.connectors))


def a_site(*chargers: Evse, **changes: Any) -> Location:
    return replace(a_location(), **{"evses": chargers or (a_charger("E1", "RFID_READER"),), **changes})


def told(one: Booking, site: Location | None = None, *, code: bool = True, charger: bool = True) -> StartInstructions:
    place = site or a_site()
    found = instructions(one, place, place.evses, sees_code=code, sees_charger=charger)
    assert found is not None
    return found


def terms(*methods: AccessMethod, **changes: Any) -> Any:
    return replace(TERMS, supported_access_methods=methods or TERMS.supported_access_methods, **changes)


def methods(one: Booking, *chargers: Evse, charger: bool = True) -> list[str]:
    return [way.method.value for way in told(one, a_site(*chargers), charger=charger).start]


def test_charging_may_start_in_the_slot_until_it_lapses() -> None:
    found = told(an_expected())

    assert (found.from_, found.until) == (at(10), at(10.5))
    assert found.text.startswith(
        "You may enter from 10:30, and start charging from 11:00 to 11:30 (Europe/Amsterdam, 2026-12-01). "
        "A booking that nobody started by then is given up."
    )


@pytest.mark.parametrize(
    ("changes", "first", "last"),
    [
        ({"early_start_allowed": True, "early_start_time": 45}, at(9.25), at(10.5)),
        ({"early_start_allowed": False, "early_start_time": 45}, at(10), at(10.5)),
        ({"noshow_timeout": None}, at(10), at(11)),
    ],
)
def test_it_may_start_as_early_and_as_late_as_the_terms_say(
    changes: dict[str, Any], first: datetime, last: datetime
) -> None:
    lapses = at(11) if changes.get("noshow_timeout", 30) is None else at(10.5)
    found = told(an_expected(booking_terms=terms(**changes), lapses_at=lapses))

    assert (found.from_, found.until) == (first, last)
    assert ("is given up" in found.text) == (lapses == at(10.5))


@pytest.mark.parametrize("status", ReservationStatus)
def test_only_who_may_charge_is_told_how(status: ReservationStatus) -> None:
    site = a_site()
    found = instructions(an_expected(status=status), site, site.evses, sees_code=True, sees_charger=True)

    assert (found is not None) == (status in (ReservationStatus.RESERVED, ReservationStatus.FULFILLED))


def test_who_is_done_charging_is_told_no_more() -> None:
    one = an_expected(status=ReservationStatus.FULFILLED, charging_started_at=at(10), charging_ended_at=at(10.25))

    assert instructions(one, a_site(), (), sees_code=True, sees_charger=True) is None


def test_each_way_on_to_the_site_says_what_to_show_or_to_say() -> None:
    one = an_expected(booking_terms=terms(*AccessMethod), access_code="00000042")

    assert [(way.method.value, way.value, way.sentence) for way in told(one).access] == [
        ("OPEN", None, "The site is open: drive in."),
        ("TOKEN", None, "Hold a card that the booking names to the reader at the gate."),
        ("LICENSE_PLATE", "12-ABC-3", "The gate opens for the licence plate 12-ABC-3."),
        ("ACCESS_CODE", "00000042", "Type the code 00000042 at the gate."),
        ("INTERCOM", "0123456789", "Ring at the intercom, and give the reference 0123456789."),
        ("PARKING_TICKET", None, "Take a parking ticket at the gate."),
    ]


def test_a_code_is_told_to_nobody_who_may_not_see_it() -> None:
    one = an_expected(booking_terms=terms(AccessMethod.ACCESS_CODE), access_code="00000042")

    found = told(one, code=False)

    assert [(way.value, way.sentence) for way in found.access] == [
        (None, "Type the code of your booking at the gate.")
    ]
    assert "00000042" not in found.text


def test_a_plate_that_is_missing_is_missed() -> None:
    one = an_expected(booking_terms=terms(AccessMethod.LICENSE_PLATE), license_plate=None)

    assert [(way.value, way.sentence) for way in told(one).access] == [
        (None, "The gate opens for a licence plate, and your booking has none yet.")
    ]


def test_the_charger_its_plug_and_its_bay_are_told_with_the_way_there() -> None:
    to_site, to_charger = DisplayText("en", "Exit 42."), DisplayText("en", "Behind the wash.")
    charger = a_charger("E1", "RFID_READER", physical_reference="7", directions=(to_charger,))
    socket = tuple(replace(plug, format=ConnectorFormat.SOCKET) for plug in charger.connectors)
    site = a_site(replace(charger, connectors=socket), directions=(to_site,), help_phone="+31101234567")

    found = told(an_expected(), site)

    assert (found.evse, found.connector) == (site.evses[0], socket[0])
    assert found.parking_bay is not None
    assert found.parking_bay.id == f"{SITE}*B1"
    assert found.directions == (to_site, to_charger)
    assert "Go to charger 7 and park in bay B1, with the charger on the left." in found.text
    assert "Use the MCS plug with your own cable." in found.text
    assert found.text.endswith("For help call +31101234567.")


def test_nothing_of_the_charger_is_told_before_it_is_revealed() -> None:
    to_charger = DisplayText("en", "Behind the wash.")
    site = a_site(a_charger("E1", "RFID_READER", directions=(to_charger,), physical_reference="SEVEN"))

    found = told(an_expected(), site, charger=False)

    assert (found.evse, found.connector, found.parking_bay, found.directions) == (None, None, None, ())
    assert "Your charger will be told in time." in found.text
    assert not any(secret in found.text for secret in ("SEVEN", "E1", "B1"))


@pytest.mark.parametrize(
    ("capabilities", "plug", "changes", "expected"),
    [
        ((), (), {}, ["REMOTE", "REFERENCE"]),
        ((), (), {"remote_auth_supported": False}, ["REFERENCE"]),
        (("RFID_READER",), (), {}, ["RFID", "REFERENCE"]),
        (("REMOTE_START_STOP_CAPABLE",), (), {}, ["REMOTE", "REFERENCE"]),
        (("REMOTE_START_STOP_CAPABLE",), (), {"remote_auth_supported": False}, ["REFERENCE"]),
        ((), (), {"remote_auth_supported": True}, ["REMOTE", "REFERENCE"]),
        (("RFID_READER",), (), {"remote_auth_supported": True}, ["RFID", "REFERENCE"]),
        ((), KNOWS_VEHICLES, {}, ["REMOTE", "PLUG_AND_CHARGE", "REFERENCE"]),
        ((), KNOWS_VEHICLES, {"rfid_auth_required": True}, ["RFID", "REMOTE"]),
        (("REMOTE_START_STOP_CAPABLE",), KNOWS_VEHICLES, {"rfid_auth_required": True}, ["RFID", "REMOTE"]),
    ],
)
def test_charging_starts_as_terms_and_charger_allow(
    capabilities: tuple[str, ...], plug: tuple[str, ...], changes: dict[str, Any], expected: list[str]
) -> None:
    one = an_expected(booking_terms=terms(**changes))

    assert methods(one, a_charger("E1", *capabilities, plug=plug)) == expected


def test_until_the_charger_is_told_only_what_all_of_them_know_is_promised() -> None:
    both = (a_charger("E1", "RFID_READER", plug=KNOWS_VEHICLES), a_charger("E2", "RFID_READER"))

    assert methods(an_expected(), *both) == ["RFID", "PLUG_AND_CHARGE", "REFERENCE"]
    assert methods(an_expected(), *both, charger=False) == ["RFID", "REFERENCE"]


@pytest.mark.parametrize(
    ("changes", "card"),
    [
        ({"tokens": ()}, "a card of your provider"),
        ({}, "a card that the booking names"),
        (
            {"booking_terms": terms(token_groups_supported=True)},
            "a card that the booking names, or one of its group,",
        ),
    ],
)
def test_which_card_is_taken_is_said(changes: dict[str, Any], card: str) -> None:
    assert f"Hold {card} to the reader of the charger." in told(an_expected(**changes)).text


OPTIONAL = st.sampled_from([None, True, False])


@given(OPTIONAL, OPTIONAL, st.sets(st.sampled_from(["RFID_READER", "REMOTE_START_STOP_CAPABLE"])), st.booleans())
@settings(max_examples=80)
def test_no_way_is_told_that_the_charger_would_refuse(
    rfid: bool | None, remote: bool | None, capabilities: set[str], knows: bool
) -> None:
    one = an_expected(booking_terms=terms(rfid_auth_required=rfid, remote_auth_supported=remote))
    charger = a_charger("E1", *capabilities, plug=KNOWS_VEHICLES if knows else ())

    ways = [way.method for way in told(one, a_site(charger)).start]
    assert all(_accepted(one, PRESENTED[method]) for method in ways)
    assert (StartMethod.REMOTE in ways) == (_accepted(one, PRESENTED[StartMethod.REMOTE]) and remote_start(charger))
