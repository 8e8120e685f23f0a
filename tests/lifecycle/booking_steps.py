"""Steps by which bookings come to be: directly, by a quote, or several by the quotes of one trip."""

from dataclasses import dataclass
from typing import Any

from models.rules.booking import Booking as Booked
from models.rules.fit import Demand
from models.rules.quote import Quote as Quoted
from resolvers import bookings, quotes
from resolvers.booking_create import NewBooking, QuotedBooking
from resolvers.call import Call
from resolvers.granting import WantedSlot
from resolvers.missions import Mission, MissionBooking, Stop
from tests.lifecycle.model import HOLD_MINUTES, Model, Offer, Quote, Span
from tests.lifecycle.site import evse_id, interval, offer_id
from tests.lifecycle.wish import Wish, booked, is_granted, pick, slot_of


@dataclass(frozen=True)
class Ask:
    """A slot for somebody, at any charger or at a named one."""

    caller: str
    offer: Offer
    span: Span
    evse: str | None

    def wanted(self) -> WantedSlot:
        named = evse_id(self.offer.place, self.evse) if self.evse else None
        return WantedSlot(offer_id(self.offer), interval(self.span), Demand(), evse_id=named)

    def against(self, model: Model) -> set[str]:
        return model.against(self.offer, self.span, evse=self.evse)

    def check(self, model: Model, slot: Any) -> None:
        """Assert that what was granted is what was asked for."""
        assert (slot.offer, slot.span) == (self.offer, self.span)
        assert slot.pinned == (self.offer.pinned or self.evse is not None)
        assert slot.spot in model.spots(self.offer, self.span, self.evse)


@dataclass(frozen=True)
class Create(Ask):
    """Book at once."""

    def wish(self, model: Model) -> Wish | None:
        async def ask(call: Call, key: str) -> Booked:
            return await bookings.create(call, key, NewBooking(self.wanted()))

        def judge(model: Model, answer: Any) -> None:
            if is_granted(answer, self.against(model)):
                slot = slot_of(answer, model.edition)
                self.check(model, slot)
                booked(model, answer, self.caller, slot)

        return Wish(self.caller, ask, judge)


@dataclass(frozen=True)
class AskPrice(Ask):
    """Have a slot priced and held."""

    def wish(self, model: Model) -> Wish | None:
        async def ask(call: Call, key: str) -> Quoted:
            return await quotes.quote(call, key, self.wanted())

        def judge(model: Model, answer: Any) -> None:
            against = {"TooManyHolds"} if model.full(self.caller) else self.against(model)
            if is_granted(answer, against):
                slot = slot_of(answer.grant, model.edition)
                self.check(model, slot)
                until = min(model.now + HOLD_MINUTES, self.span[1])
                model.quotes[str(answer.id)] = Quote(str(answer.id), self.caller, slot, until)

        return Wish(self.caller, ask, judge)


@dataclass(frozen=True)
class Book:
    """Book what a quote holds, which may be over or for something else."""

    which: int

    def wish(self, model: Model) -> Wish | None:
        one = pick(_of_bookings(model), self.which)
        if one is None:
            return None

        async def ask(call: Call, key: str) -> Booked:
            return await bookings.create(call, key, QuotedBooking(one.id))

        def judge(model: Model, answer: Any) -> None:
            quote = model.quotes[one.id]
            if is_granted(answer, against(model, quote)):
                quote.outcome = "BOOKED"
                booked(model, answer, quote.caller, quote.slot)

        return Wish(one.caller, ask, judge)


@dataclass(frozen=True)
class BookTrip:
    """Book what two quotes of one party hold: both or none."""

    which: int
    other: int

    def wish(self, model: Model) -> Wish | None:
        first = pick(_of_bookings(model), self.which)
        if first is None:
            return None
        second = pick([one for one in _of_bookings(model) if one.caller == first.caller and one != first], self.other)
        if second is None:
            return None
        pair = (first.id, second.id)

        async def ask(call: Call, key: str) -> Mission:
            return await bookings.book_mission(call, key, MissionBooking(tuple(Stop(one) for one in pair)))

        def judge(model: Model, answer: Any) -> None:
            found = [model.quotes[one] for one in pair]
            if is_granted(answer, against(model, found[0]) | against(model, found[1])):
                for quote, made in zip(found, answer.bookings, strict=True):
                    quote.outcome = "BOOKED"
                    booked(model, made, quote.caller, quote.slot)

        return Wish(first.caller, ask, judge)


@dataclass(frozen=True)
class Release:
    """Give back what a quote holds."""

    which: int

    def wish(self, model: Model) -> Wish | None:
        found = [one for one in model.quotes.values() if one.purpose != "ALTERNATIVE"]
        one = pick([quote for quote in found if model.open(quote)] or found, self.which)
        if one is None:
            return None

        async def ask(call: Call, key: str) -> Quoted:
            return await quotes.release(call, key, one.id)

        def judge(model: Model, answer: Any) -> None:
            quote = model.quotes[one.id]
            if is_granted(answer, {"QuoteUsed"} if quote.outcome == "BOOKED" else set()):
                quote.outcome = "RELEASED" if model.open(quote) else model.outcome(quote)

        return Wish(one.caller, ask, judge)


def against(model: Model, quote: Quote) -> set[str]:
    """Return why a quote cannot be used now, whatever it is for."""
    if quote.outcome == "BOOKED":
        return {"QuoteUsed"}
    if not model.open(quote):
        return {"QuoteExpired"}
    slot = quote.slot
    return {"ChargerUnusable"} if model.endangered(slot.offer.place, slot.spot[0], slot.span) else set()


def _of_bookings(model: Model) -> list[Quote]:
    """Return the quotes of bookings to be made, those that are open if there are any."""
    found = [one for one in model.quotes.values() if one.purpose == "BOOKING"]
    return [one for one in found if model.open(one)] or found
