"""Whose booking it is: by which Token somebody may use it, and which one is meant (BUC 3.1)."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.booking import Booking, BookingToken
from models.rules.charging import METHODS, Presented, StartMethod
from models.rules.charging_match import best, id_of, standing, used_token
from models.rules.token import Token, TokenType, contract_key, token_id
from tests.factories.bookings import a_booking, a_booking_token
from tests.factories.catalogue import NOW, TERMS, at, hours
from tests.factories.tokens import known
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT

EMAID = "NLEMSC00000001A"
"""The contract of the first fleet, as a vehicle may present it."""

GROUPS = replace(TERMS, token_groups_supported=True)
ANY = a_booking()
NAMED = a_booking(tokens=(a_booking_token(),), contract_ids=(FLEET_CONTRACT,))
IN_GROUP = known(group_id="Night")
OTHER = known("99", contract_id=OTHER_CONTRACT, group_id="NIGHT")
OF_EMAID = a_booking_token(EMAID, type="EMAID")


def present(uid: str = "04A1B2C3", kind: TokenType = TokenType.RFID, *tokens: Token) -> Presented:
    """Return who presents a uid of a type, under which those Tokens are known."""
    return Presented(METHODS[kind], uid, kind, known=tokens)


def by_emaid(emaid: str = EMAID, *tokens: Token) -> Presented:
    """Return a vehicle that presents its contract."""
    return present(emaid, TokenType.EMAID, *tokens)


def used(one: Booking, presented: Presented, *published: Token) -> BookingToken | None:
    """Return the Token by which a booking may be used, whose Tokens were published so."""
    return used_token(one, presented, {token.id: token for token in published})


def an_emaid(uid: str = EMAID, **changes: Any) -> Token:
    return known(uid, type=TokenType.EMAID, **changes)


@pytest.mark.parametrize("uid", ["04A1B2C3", "04a1b2c3"])
@pytest.mark.parametrize("written", ["RFID", "rfid"])
def test_a_token_that_the_booking_names_may_use_it_in_any_case_published_or_not(uid: str, written: str) -> None:
    one = a_booking(tokens=(a_booking_token("FIRST"), a_booking_token("04a1B2c3", type=written)))

    assert used(one, present(uid)) == one.tokens[1]


@pytest.mark.parametrize("presented", [present("04A1B2C4"), present(kind=TokenType.APP_USER), present("")])
def test_another_uid_or_another_type_may_not(presented: Presented) -> None:
    assert used(NAMED, presented) is None


def test_another_token_of_the_same_contract_may_not_unless_it_is_the_contract_itself() -> None:
    assert used(NAMED, present("05", TokenType.RFID, known("05"))) is None
    assert used(NAMED, by_emaid()) == OF_EMAID


@pytest.mark.parametrize("emaid", [EMAID, EMAID.lower(), FLEET_CONTRACT, "NL*EMS*C00000001*A", "nl-emsC00000001a"])
def test_a_vehicle_may_use_a_booking_under_its_contract_however_that_is_written(emaid: str) -> None:
    by_token = a_booking(tokens=(a_booking_token(),))
    by_contract = a_booking(contract_ids=(FLEET_CONTRACT,))
    by_plain = a_booking(contract_ids=(EMAID,))

    for one in (NAMED, by_token, by_contract):
        assert used(one, by_emaid(emaid)) == replace(OF_EMAID, uid=emaid)
    assert used(by_plain, by_emaid(emaid)) == replace(OF_EMAID, uid=emaid, contract_id=EMAID)


def test_a_vehicle_that_the_booking_names_may_use_it_however_that_is_written() -> None:
    one = a_booking(tokens=(a_booking_token(FLEET_CONTRACT, type="EMAID", contract_id="C1"),))

    assert used(one, by_emaid()) == one.tokens[0]


def test_a_vehicle_of_another_contract_may_not() -> None:
    assert used(NAMED, by_emaid(OTHER_CONTRACT)) is None
    assert used(NAMED, by_emaid(OTHER_CONTRACT, an_emaid(OTHER_CONTRACT, contract_id=OTHER_CONTRACT))) is None


def test_a_contract_that_is_written_as_a_card_is_no_vehicle() -> None:
    assert used(NAMED, present(EMAID)) is None


def test_a_vehicle_may_use_a_booking_of_the_contract_that_its_provider_published_it_under() -> None:
    vehicle = an_emaid("NL-EMS-C00000009-X")

    found = used(NAMED, by_emaid("NLEMSC00000009X", vehicle))

    assert found == a_booking_token("NLEMSC00000009X", type="EMAID")
    assert used(NAMED, by_emaid("NLEMSC00000009X", replace(vehicle, emsp_id="DE*EMO"))) is None


def test_a_contract_that_is_no_emaid_keeps_its_separators() -> None:
    one = a_booking(contract_ids=("11-1",))

    assert used(one, by_emaid("1-11")) is None
    assert used(one, present("X", TokenType.RFID, known("X", contract_id="1-11"))) is None
    assert used(one, by_emaid("11-1")) is not None


def test_any_token_of_the_provider_may_use_a_booking_that_names_none() -> None:
    mine, vehicle = known(contract_id=OTHER_CONTRACT), an_emaid()

    assert used(ANY, present("04a1b2c3", TokenType.RFID, mine)) == mine.of_booking
    assert used(ANY, by_emaid(EMAID, vehicle)) == vehicle.of_booking


def test_one_that_nobody_published_may_not_use_a_booking_that_names_none() -> None:
    assert used(ANY, present()) is None
    assert used(ANY, by_emaid()) is None


def test_of_a_booking_that_names_contracts_only_those_tokens_may_use_it() -> None:
    one = a_booking(contract_ids=(FLEET_CONTRACT,))
    mine, other = known(contract_id=EMAID), known(contract_id=OTHER_CONTRACT)

    assert used(one, present("04A1B2C3", TokenType.RFID, mine)) == mine.of_booking
    assert used(one, present("04A1B2C3", TokenType.RFID, other)) is None


@pytest.mark.parametrize("one", [ANY, a_booking(contract_ids=(FLEET_CONTRACT,))])
def test_a_token_of_another_provider_never_may(one: Booking) -> None:
    theirs = known(emsp_id="DE*EMO", group_id="Night")

    assert used(one, present("04A1B2C3", TokenType.RFID, theirs)) is None
    assert (
        used(replace(NAMED, booking_terms=GROUPS), present("05", TokenType.RFID, replace(theirs, uid="05"))) is None
    )


def test_of_two_providers_that_published_one_uid_the_one_of_the_booking_counts() -> None:
    theirs, mine = known(emsp_id="DE*EMO", valid=False), known()
    presented = present("04A1B2C3", TokenType.RFID, theirs, mine)

    assert used(ANY, presented) == mine.of_booking
    assert standing(used(NAMED, presented), presented, {}) == mine


@pytest.mark.parametrize(
    ("terms", "mine", "found"),
    [
        (GROUPS, OTHER, OTHER.of_booking),
        (TERMS, OTHER, None),
        (replace(TERMS, token_groups_supported=False), OTHER, None),
        (GROUPS, replace(OTHER, group_id="Day"), None),
        (GROUPS, replace(OTHER, group_id=None), None),
        (GROUPS, replace(OTHER, emsp_id="DE*EMO"), None),
    ],
)
def test_a_token_of_the_same_group_may_where_the_terms_let_it(
    terms: Any, mine: Token, found: BookingToken | None
) -> None:
    one = replace(NAMED, booking_terms=terms)

    assert used(one, present("99", TokenType.RFID, mine), IN_GROUP) == found


def test_who_is_in_no_group_shares_none() -> None:
    one = replace(NAMED, booking_terms=GROUPS)
    alone = known("99", contract_id=OTHER_CONTRACT)

    assert used(one, present("99", TokenType.RFID, alone), known()) is None
    assert used(one, present("99", TokenType.RFID, OTHER)) is None


def test_a_vehicle_may_be_of_the_group_too() -> None:
    one = replace(NAMED, booking_terms=GROUPS)
    vehicle = an_emaid(OTHER_CONTRACT, contract_id=OTHER_CONTRACT, group_id="night")

    assert used(one, by_emaid(OTHER_CONTRACT, vehicle), IN_GROUP) == vehicle.of_booking


def test_who_gives_a_reference_presents_no_token() -> None:
    typed = Presented(StartMethod.REFERENCE, reference=NAMED.reference)

    assert used(NAMED, typed) is None
    assert used(ANY, typed) is None
    assert standing(None, typed, {}) is None


def test_what_was_published_of_a_token_is_found_in_any_case() -> None:
    stolen = known(valid=False)
    named = a_booking_token("04a1b2c3", type="rfid", country_code="nl", party_id="ems")

    assert standing(named, present("04a1b2c3", TokenType.RFID, stolen), {}) == stolen
    assert standing(named, Presented(StartMethod.REFERENCE, reference="X"), {stolen.id: stolen}) == stolen
    assert standing(named, present("04a1b2c3"), {}) is None


@pytest.mark.parametrize(
    "vehicle",
    [an_emaid(FLEET_CONTRACT, valid=False), an_emaid("NL-EMS-C00000009-X", valid=False)],
    ids=["written otherwise", "another of the contract"],
)
def test_a_vehicle_whose_contract_is_blocked_opens_nothing_however_it_is_written(vehicle: Token) -> None:
    presented = by_emaid(EMAID, vehicle)

    assert standing(used(NAMED, presented), presented, {}) == vehicle


def test_what_another_provider_blocked_blocks_nobody_else() -> None:
    theirs = an_emaid(emsp_id="DE*EMO", valid=False)
    presented = by_emaid(EMAID, theirs)

    assert used(NAMED, presented) == OF_EMAID
    assert standing(OF_EMAID, presented, {}) is None


def test_the_id_of_a_token_is_the_same_in_a_booking_and_as_published() -> None:
    for one in (known("a*b%"), known(FLEET_CONTRACT, type=TokenType.EMAID), known(FLEET_CONTRACT)):
        assert id_of(one.of_booking) == one.id
    assert id_of(a_booking_token(EMAID.lower(), type="emaid")) == token_id("NL*EMS", "EMAID", FLEET_CONTRACT)


@given(st.text("ab1*-%", min_size=1, max_size=6), st.text("ab1*-%", min_size=1, max_size=6))
def test_two_cards_have_one_id_only_if_their_uids_are_alike(one: str, other: str) -> None:
    assert (token_id("NL*EMS", "RFID", one) == token_id("NL*EMS", "RFID", other)) == (one.upper() == other.upper())


@given(
    st.from_regex("[A-Z]{2}[A-Z0-9]{3}(C?[A-Z0-9]{8}|[A-Z0-9]{6})[A-Z0-9]?", fullmatch=True),
    st.sampled_from(["-", "*"]),
)
def test_an_emaid_is_the_same_contract_with_and_without_separators(plain: str, separator: str) -> None:
    written = separator.join((plain[:2], plain[2:5], plain[5:]))

    assert contract_key(written.lower()) == contract_key(plain) == plain


def test_the_booking_that_may_be_used_now_is_meant_rather_here_and_rather_the_earlier() -> None:
    here, later = a_booking(1), a_booking(2, timeslot=replace(ANY.timeslot, period=hours(11, 12)))
    there = a_booking(3, evse_id="NL*ABC*LOC1*E2", timeslot=replace(ANY.timeslot, period=hours(9, 10)))
    order = [there, here, later]
    Random(7).shuffle(order)

    assert best(order, here.evse_id, at(10)) == here
    assert best(order, here.evse_id, at(9.5)) == there
    assert best(order, there.evse_id, at(10)) == there
    assert best(order, here.evse_id, at(11)) == here
    assert best(order, here.evse_id, NOW) == here
    assert best([later, there], here.evse_id, NOW) == later
    assert best([], here.evse_id, NOW) is None
