"""What the ledger check of a simulated day notices: each thing that is wrong with its books, by its own rule."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from benchmarks.day import lived
from benchmarks.day_ledger import Books
from benchmarks.day_ledger_rules import LEDGER
from benchmarks.day_tables import Row

pytestmark = pytest.mark.anyio

LEAST = Decimal("0.0001")


def last(books: Books, kind: str) -> Row:
    """Return what bills something of a kind and was not credited."""
    return next(one for one in books.standing if one["kind"] == kind)


def costlier(one: Row, by: Decimal) -> None:
    """Let one line, and so all of it, cost more, without taxes."""
    price, total = one["lines"][0]["price"], one["total"]
    for name in ("before_taxes", "after_taxes"):
        price[name] = str(Decimal(price[name]) + by)
        total[name] = str(Decimal(total[name]) + by)
        one[name] += by


def dearer_session(books: Books) -> Books:
    costlier(last(books, "SESSION"), LEAST)
    return books


def dearer_fee(books: Books) -> Books:
    costlier(last(books, "BOOKING"), LEAST)
    return books


def dearer_total(books: Books) -> Books:
    last(books, "NO_SHOW")["after_taxes"] += LEAST
    return books


def billed_twice(books: Books) -> Books:
    return replace(books, cdrs=[*books.cdrs, last(books, "NO_SHOW") | {"id": "NL*ABC*AGAIN"}])


def not_billed(books: Books) -> Books:
    gone = last(books, "SESSION")
    return replace(books, cdrs=[one for one in books.cdrs if one["id"] != gone["id"]])


def not_credited(books: Books) -> Books:
    gone = next(one for one in books.cdrs if one["credits"])
    return replace(books, cdrs=[one for one in books.cdrs if one["id"] != gone["id"]])


def credited_twice(books: Books) -> Books:
    one = next(one for one in books.cdrs if one["credits"])
    return replace(books, cdrs=[*books.cdrs, one | {"id": "NL*ABC*AGAIN"}])


def negative(books: Books) -> Books:
    last(books, "BOOKING")["after_taxes"] *= -1
    return books


def minutes_twice(books: Books) -> Books:
    timed = [line for one in books.standing for line in one["lines"] if line["kind"] in ("TIME", "PARKING_TIME")]
    timed[0]["quantity"] = str(Decimal(timed[0]["quantity"]) + 2)
    return books


def other_currency(books: Books) -> Books:
    last(books, "SESSION")["currency"] = "SEK"
    return books


def a_gap(books: Books) -> Books:
    numbered = [one for one in books.cdrs if one["number"] is not None]
    numbered[-1]["number"] += 1
    return books


def changed(books: Books) -> Books:
    return replace(books, stored=dict.fromkeys(books.stored, "otherwise"))


def may_be_changed(books: Books) -> Books:
    return replace(books, tampered=["DELETE FROM cdr"])


def never_told(books: Books) -> Books:
    last(books, "BOOKING")["issued_at"] += timedelta(seconds=1)
    return books


def for_another(books: Books) -> Books:
    last(books, "BOOKING")["emsp_id"] = "DE*NAV"
    return books


def paid_by_itself(books: Books) -> Books:
    return replace(books, payments=dict.fromkeys(books.payments, ("PAID", "NONE")))


def paid_by_its_fleet_too(books: Books) -> Books:
    """Let there be one record for both creditors: what the provider paid the operator, its fleet paid it."""
    of_operator = {(one, "EMSP"): paid for (one, creditor), paid in books.payments.items() if creditor == "CPO"}
    return replace(books, payments={**books.payments, **of_operator})


def more_paid_than_there_is(books: Books) -> Books:
    total = books.shown["emsp"].statements[()][1][0]
    total["fleetPaid"] = str(Decimal(total["fleetPaid"]) + Decimal("0.02"))
    return books


def told_to_operators(books: Books) -> Books:
    books.shown["cpo"].statements[()][1][0]["fleetDue"] = "0.00"
    return books


def given_up_and_billed(books: Books) -> Books:
    billed = last(books, "BOOKING")["booking_id"]
    given_up = [one | {"status": "CANCELED"} if one["id"] == billed else one for one in books.tables.bookings]
    return replace(books, tables=replace(books.tables, bookings=given_up))


def taken_again(books: Books) -> Books:
    known = {one["fee_id"]: one for one in books.standing_lines}
    keyed = {fee_id: one | {"id": "again", "fee_id": "OTHER"} for fee_id, one in known.items()}
    return replace(books, lines=[*books.lines, *keyed.values()])


def not_taken_back(books: Books) -> Books:
    gone = next(one for one in books.lines if one["credits"])
    return replace(books, lines=[one for one in books.lines if one["id"] != gone["id"]])


def shown_to_all(books: Books) -> Books:
    seen = books.shown["emsp"]
    return replace(books, shown={**books.shown, "cpo": replace(books.shown["cpo"], cdrs=seen.cdrs)})


def a_cent_off(books: Books) -> Books:
    line = books.shown["fleet"].statements["LOCATION",][0][0]
    line["afterTaxes"] = str(Decimal(line["afterTaxes"]) + Decimal("0.01"))
    return books


def a_cell_off(books: Books) -> Books:
    last_row = books.csv["fleet"][-1]
    last_row["afterTaxes"] = str(Decimal(last_row["afterTaxes"]) + LEAST)
    return books


def a_row_less(books: Books) -> Books:
    return replace(books, csv={**books.csv, "cpo": books.csv["cpo"][:-1]})


def a_row_of_anothers(books: Books) -> Books:
    return replace(books, csv={**books.csv, "nsp": books.csv["cpo"][:1]})


def told_twice(books: Books) -> Books:
    return replace(books, told=[books.told[0], *books.told[:-1]])


def agrees_with_all(books: Books) -> Books:
    for line in books.reconciled[-1].answer["invoiceLines"]:
        line["outcome"] = "MATCH"
    return books


def nothing_missing(books: Books) -> Books:
    books.reconciled[-1].answer["missing"] = []
    return books


WRONG: dict[Callable[[Books], Books], str] = {
    dearer_session: "every_ended_session_is_billed_once",
    dearer_fee: "every_granted_booking_is_billed_its_fee_once",
    dearer_total: "the_lines_of_a_cdr_add_up_to_it",
    billed_twice: "every_no_show_is_billed_its_fee_once",
    not_billed: "every_ended_session_is_billed_once",
    not_credited: "what_stands_is_known_as_billed",
    credited_twice: "a_credit_takes_back_one_cdr_to_nothing",
    negative: "only_credits_are_negative",
    minutes_twice: "no_minute_is_billed_twice",
    other_currency: "currencies_are_kept_apart",
    a_gap: "numbers_have_no_gap",
    changed: "what_is_billed_never_changes",
    may_be_changed: "what_is_billed_never_changes",
    never_told: "every_cdr_was_told_once",
    for_another: "every_cdr_is_for_who_used_it",
    paid_by_itself: "what_became_of_it_is_as_was_noted",
    paid_by_its_fleet_too: "every_statement_adds_up_by_every_grouping",
    more_paid_than_there_is: "what_is_due_invoiced_and_paid_is_all_of_it",
    told_to_operators: "what_is_due_invoiced_and_paid_is_all_of_it",
    given_up_and_billed: "every_canceled_bookings_fee_is_credited",
    taken_again: "every_line_of_a_provider_is_reckoned_by_its_fee_once",
    not_taken_back: "every_line_of_a_provider_is_reckoned_by_its_fee_once",
    shown_to_all: "what_providers_add_is_shown_to_them_and_their_fleets_only",
    a_cent_off: "every_statement_adds_up_by_every_grouping",
    a_cell_off: "the_csv_of_every_party_is_its_ledger_line_by_line",
    a_row_less: "the_csv_of_every_party_is_its_ledger_line_by_line",
    a_row_of_anothers: "the_csv_of_every_party_is_its_ledger_line_by_line",
    told_twice: "who_listens_from_the_beginning_is_told_of_every_cdr_once",
    agrees_with_all: "an_invoice_is_compared_with_the_ledger_line_by_line",
    nothing_missing: "an_invoice_is_compared_with_the_ledger_line_by_line",
}
"""What is done to the books of a day, and which rule is to notice that."""


async def test_whatever_is_wrong_with_the_books_of_a_day_is_noticed(dsn: str) -> None:
    books = (await lived(dsn, 2, locations=5, trucks=20, hours=3)).books
    rules = {rule.__name__: rule for rule in LEDGER}

    assert all(not list(rule(books)) for name, rule in rules.items() if name in WRONG.values())
    assert [wrong.__name__ for wrong, name in WRONG.items() if not list(rules[name](wrong(deepcopy(books))))] == []
