"""Whether the product is as the model says; where it may choose, the model follows after a look at the choice."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from models.rules.booking import Booking as Booked
from models.rules.role import Role
from models.rules.terms_fee import FeeKind
from tests.lifecycle.model import LIVE, Alternative, Booking, Edition, Model, Quote, Slot, Spot
from tests.lifecycle.site import minute, moment, offer_of
from tests.lifecycle.truth import Truth
from tests.lifecycle.wish import slot_of


def follow(model: Model, found: Truth) -> None:
    """Have the model follow what the product chose: moves of provisional slots, references, and alternatives."""
    follow_moves(model, found)
    for row in found.bookings:
        if row["id"] in model.bookings:
            _follow_reference(model, model.bookings[row["id"]], row)
    for row in found.quotes:
        if row["purpose"] == "ALTERNATIVE":
            _follow_alternative(model, row, model.quotes.get(row["name"]))
    model.alternatives = {
        row["id"]: Alternative(row["id"], row["booking"], row["quote"]) for row in found.alternatives
    }
    for one in model.live():
        if one.unsettled:
            _assert_not_left(model, one)
    model.over = {one.id for one in model.bookings.values() if one.status not in LIVE}


def follow_moves(model: Model, found: Truth) -> None:
    """Have the model follow what was moved while nobody was told where it is."""
    for row in found.bookings:
        if row["id"] in model.bookings:
            _follow_moved(model, model.bookings[row["id"]], row)
    for row in found.quotes:
        if row["purpose"] == "BOOKING" and row["name"] in model.quotes:
            _follow_moved_quote(model, model.quotes[row["name"]], _spot(row))


def assert_as_modeled(model: Model, found: Truth, seen: Sequence[Booked | None]) -> None:
    """Assert that there are the bookings, quotes and allocations that are modeled, each as modeled, and no other."""
    assert {row["id"] for row in found.bookings} == set(model.bookings)
    for one, booked in zip(model.bookings.values(), seen, strict=True):
        assert booked is not None
        _assert_booking(model, one, booked)
    references = {one.id: one.references for one in model.bookings.values()}
    stored: dict[str, list[str]] = {name: [] for name in references}
    for row in found.references:
        stored[row["id"]].append(row["reference"])
    assert stored == references
    _assert_quotes(model, found)
    _assert_allocations(model, found)


def _follow_moved(model: Model, one: Booking, row: Any) -> None:
    """A live booking may be moved, while nobody was told its charger, to another that works."""
    spot = _spot(row)
    if spot == one.slot.spot:
        return
    assert one.id not in model.over, f"{one} was moved to {spot}"
    assert model.provisional(one), f"{one} was moved to {spot}"
    assert spot in model.spots(one.slot.offer, one.slot.span), f"{one} was moved to {spot}"
    one.slot = replace(one.slot, spot=spot)
    if one.unsettled:
        one.hazard, one.unsettled = None, False


def _follow_reference(model: Model, one: Booking, row: Any) -> None:
    """Each revision has a reference of its own."""
    known = [reference for each in model.bookings.values() for reference in each.references]
    if row["reference"] not in known:
        assert len(one.references) + 1 == one.revision
        one.references.append(row["reference"])


def _follow_moved_quote(model: Model, one: Quote, spot: Spot) -> None:
    slot = one.slot
    if spot != slot.spot:
        assert not slot.pinned, f"{one} was moved to {spot}"
        assert spot in model.spots(slot.offer, slot.span), f"{one} was moved to {spot}"
        one.slot = replace(slot, spot=spot)


def _follow_alternative(model: Model, row: Any, known: Quote | None) -> None:
    """What is offered in place of a booking is the product's choice, and held for that booking alone."""
    if known is None:
        old = model.bookings.get(row["changes"])
        assert old is not None
        assert old.hazard or (old.status == "CANCELED" and old.by_operator), f"alternatives to {old}"
        offer = offer_of(row["booking_location_id"])
        span = minute(row["during"].lower), minute(row["during"].upper)
        slot = Slot(offer, _spot(row), span, model.edition, pinned=row["evse_pinned"])
        until = minute(row["expires_at"])
        known = Quote(row["name"], old.caller, slot, until, "ALTERNATIVE", old.id, old.revision)
        if row["outcome"] == "OPEN":
            assert slot.spot in model.spots(offer, span)
        model.quotes[known.id] = known
    known.outcome = row["outcome"]


def _assert_not_left(model: Model, one: Booking) -> None:
    """A booking that could be moved away from what endangers it, was."""
    slot, one.unsettled = one.slot, False
    spots = [spot for spot in model.spots(slot.offer, slot.span) if spot[0] != slot.spot[0]]
    stays = not spots or not model.has_room(slot.offer, slot.span, spots, one.id, leaving=slot)
    assert stays, f"{one} was not moved"


def _assert_booking(model: Model, one: Booking, booked: Booked) -> None:
    assert _plain(one) == _product(booked), f"revision {one.revision} of {one.id}"
    assert slot_of(booked, one.slot.edition) == one.slot
    _assert_frozen(one.slot.edition, booked)
    pending = booked.pending
    assert (pending is None) == (one.pending is None)
    if pending is not None and one.pending is not None:
        assert pending.decide_until is not None
        assert minute(pending.decide_until) == one.pending.until
    if one.status in LIVE:
        told = booked.evse_revealed_at is not None and booked.evse_revealed_at <= moment(model.now)
        assert told == (not model.provisional(one) or one.revealed <= model.now)


def _plain(one: Booking) -> dict[str, Any]:
    return {
        "status": one.status,
        "revision": one.revision,
        "reference": one.references[-1],
        "lapses": one.lapses,
        "hazard": one.hazard,
        "by operator": one.by_operator,
        "history": [(each.kind, each.status, each.by) for each in one.requests],
    }


def _product(booked: Booked) -> dict[str, Any]:
    return {
        "status": booked.status.value,
        "revision": booked.revision,
        "reference": booked.reference,
        "lapses": minute(booked.lapses_at),
        "hazard": booked.hazard.value if booked.hazard else None,
        "by operator": booked.who_canceled is Role.CPO,
        "history": [
            (each.kind.value, each.status.value, "operator" if each.role is Role.CPO else "holder")
            for each in booked.booking_requests
        ],
    }


def _assert_frozen(edition: Edition, booked: Booked) -> None:
    """Terms, tariff and price are those of the edition under which the slot was granted."""
    terms = booked.booking_terms
    assert (terms.cancel_until_minutes, terms.change_until_minutes) == (edition.cut_off, edition.cut_off)
    assert terms.noshow_timeout == edition.no_show
    assert [fee.kind for fee in terms.fees] == [FeeKind.MODIFICATION] * edition.fees
    (tariff,) = booked.tariffs
    assert tariff.elements[0].price_components[0].price == Decimal(edition.price)
    assert len(tariff.elements) == 1 + edition.fees
    assert booked.price is not None
    assert booked.price.booking is not None
    assert booked.price.booking.before_taxes == Decimal(edition.price)


def _assert_quotes(model: Model, found: Truth) -> None:
    stored = {row["name"]: row for row in found.quotes if row["purpose"] != "PROPOSAL"}
    assert set(stored) == set(model.quotes)
    for name, row in stored.items():
        one = model.quotes[name]
        outcome = row["outcome"]
        if outcome == "OPEN" and minute(row["expires_at"]) <= model.now:
            outcome = "EXPIRED"
        assert outcome == model.outcome(one), f"{one} is {outcome}"
        if outcome == "OPEN":
            assert (minute(row["expires_at"]), _spot(row)) == (one.until, one.slot.spot)
            assert (minute(row["during"].lower), minute(row["during"].upper)) == one.slot.span


def _assert_allocations(model: Model, found: Truth) -> None:
    """Holds are compared with their quotes."""
    expected = [("BOOKING", one.id, one.slot) for one in model.live()]
    expected += [("CHANGE", one.id, one.kept) for one in model.live() if one.kept]
    wanted = sorted((kind, holder, slot.offer.place, slot.spot, slot.span) for kind, holder, slot in expected)
    stored = sorted(
        (
            str(row["kind"]),
            str(row["holder"]),
            row["location_id"].split("*")[-1],
            _spot(row),
            (minute(row["during"].lower), minute(row["during"].upper)),
        )
        for row in found.allocations
    )
    assert stored == wanted


def _spot(row: Any) -> Spot:
    return row["evse_id"].split("*")[-1], row["parking_bay_id"].split("*")[-1]
