"""Steps by which holders change their bookings, give them up, or go elsewhere."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.errors import Refusal
from models.rules.booking import Booking as Booked
from models.rules.booking_state import CanceledReason
from models.rules.quote import Grant
from models.rules.quote import Quote as Quoted
from resolvers import alternatives, bookings
from resolvers.alternative_taking import TakenAlternative
from resolvers.booking_cancel import Cancellation
from resolvers.booking_change import QuotedChange, WantedChange
from resolvers.call import Call
from tests.lifecycle.booking_steps import against as against_quote
from tests.lifecycle.model import HOLD_MINUTES, LIVE, Booking, CancelQuote, Model, Offer, Quote, Request, Slot, Span
from tests.lifecycle.site import evse_id, interval, offer_id
from tests.lifecycle.wish import Wish, booked, chosen, granted_by, is_granted, object_id, pick, slot_of


@dataclass(frozen=True)
class AskChange:
    """Have a change priced, and its slot held: `shift` and `longer` in minutes from what the booking has."""

    which: int
    offer: Offer | None
    shift: int
    longer: int
    evse: str | None

    def wish(self, model: Model) -> Wish | None:
        one = chosen(model, self.which)
        if one is None:
            return None
        offer, old = self.offer or one.slot.offer, one.slot
        start = old.span[0] + self.shift
        span = start, max(start + 30, old.span[1] + self.shift + self.longer)
        named = evse_id(offer.place, self.evse) if self.evse else None
        wanted = WantedChange(object_id(one.id), offer_id(offer) if self.offer else None, interval(span), named)

        async def ask(call: Call, key: str) -> Quoted:
            return await bookings.quote_change(call, key, wanted)

        def judge(model: Model, answer: Any) -> None:
            old = model.bookings[one.id]
            evse = self.evse or (old.slot.spot[0] if offer == old.slot.offer and old.slot.pinned else None)
            if is_granted(answer, _against_change(model, old, offer, span, evse)):
                slot = slot_of(answer.grant, model.edition)
                assert (slot.offer, slot.span) == (offer, span)
                assert slot.pinned == (offer.pinned or evse is not None)
                assert slot.spot in model.spots(offer, span, evse)
                until = min(model.now + HOLD_MINUTES, span[1])
                quote = Quote(str(answer.id), old.caller, slot, until, "CHANGE", old.id, old.revision)
                model.quotes[quote.id] = quote

        return Wish(one.caller, ask, judge)


@dataclass(frozen=True)
class Change:
    """Change a booking as it was quoted."""

    which: int

    def wish(self, model: Model) -> Wish | None:
        found = [one for one in model.quotes.values() if one.purpose == "CHANGE"]
        one = pick([quote for quote in found if model.open(quote)] or found, self.which)
        if one is None:
            return None

        async def ask(call: Call, key: str) -> Booked:
            return await bookings.change(call, key, QuotedChange(one.id))

        def judge(model: Model, answer: Any) -> None:
            quote = model.quotes[one.id]
            old = model.bookings[str(quote.booking)]
            against = against_quote(model, quote)
            if model.is_over(old):
                against.add("AlreadyFinal")
            if old.pending:
                against.add("NotAllowed")
            if quote.revision != old.revision:
                against.add("LostUpdate")
            if is_granted(answer, against):
                quote.outcome = "BOOKED"
                ask_or_apply(model, old, quote.slot)

        return Wish(one.caller, ask, judge)


@dataclass(frozen=True)
class AskCancel:
    """Have a cancellation priced."""

    which: int

    def wish(self, model: Model) -> Wish | None:
        one = chosen(model, self.which)
        if one is None:
            return None

        async def ask(call: Call, key: str) -> Any:
            return await bookings.quote_cancel(call, key, object_id(one.id))

        def judge(model: Model, answer: Any) -> None:
            old = model.bookings[one.id]
            if is_granted(answer, {"AlreadyFinal"} if model.is_over(old) else _fee(model, old) - {"FeeDue"}):
                made, _ = answer
                assert (made.fee is not None) == ("FeeDue" in _fee(model, old))
                until = model.now + HOLD_MINUTES
                model.cancel_quotes[str(made.id)] = CancelQuote(str(made.id), old.id, old.revision, until)

        return Wish(one.caller, ask, judge)


@dataclass(frozen=True)
class Cancel:
    """Give a booking up, by its last quote if `quoted` and there is one."""

    which: int
    quoted: bool
    stranger: bool = False

    def wish(self, model: Model) -> Wish | None:
        one = chosen(model, self.which)
        if one is None:
            return None
        mine = [quote for quote in model.cancel_quotes.values() if quote.booking == one.id]
        quote_id = mine[-1].id if mine and self.quoted else None
        wanted = Cancellation(object_id(one.id), CanceledReason.TRAFFIC, quote_id)

        async def ask(call: Call, key: str) -> Booked:
            return await bookings.cancel(call, key, wanted)

        def judge(model: Model, answer: Any) -> None:
            old = model.bookings[one.id]
            if self.stranger:
                is_granted(answer, {"NotFound"})
                return
            if is_granted(answer, _against_cancel(model, old, quote_id)):
                old.requests.append(Request("CANCEL", "ACCEPTED", "holder"))
                model.end(old, "CANCELED")
                if quote_id:
                    model.cancel_quotes[quote_id].used = True
            elif type(answer).__name__ == "CutOffPassed":
                old.requests.append(Request("CANCEL", "DECLINED", "holder"))

        stranger = "emsp" if one.caller == "other_emsp" else "other_emsp"
        return Wish(stranger if self.stranger else one.caller, ask, judge)


@dataclass(frozen=True)
class TakeAlternative:
    """Take what is offered in place of a booking that its operator failed."""

    which: int

    def wish(self, model: Model) -> Wish | None:
        one = pick(list(model.alternatives.values()), self.which)
        if one is None:
            return None

        async def ask(call: Call, key: str) -> tuple[Booked, str, Grant]:
            made = await alternatives.take(call, key, TakenAlternative(one.id))
            async with call.database.reading() as connection:
                quote_id = await connection.fetchval("SELECT quote_id FROM alternative WHERE id = $1", UUID(one.id))
            return made, str(quote_id), await granted_by(call, quote_id)

        def judge(model: Model, answer: Any) -> None:
            old = model.bookings[one.booking]
            held = model.quotes.get(one.quote or "")
            if isinstance(answer, Refusal):
                free = held is not None and not against_quote(model, held)
                assert not free or not _may_leave(old), f"refused by {answer!r}"
                return
            made, quote_id, grant = answer
            assert _may_leave(old)
            _follow_taken(model, old, made, quote_id, grant)

        return Wish(model.bookings[one.booking].caller, ask, judge)


def ask_or_apply(model: Model, old: Booking, slot: Slot) -> None:
    """Have the model follow a change that is made at once, or that the operator decides on."""
    if slot.offer.instant:
        old.requests.append(Request("CHANGE", "ACCEPTED", "holder"))
        model.granted(old, slot)
    else:
        old.requests.append(Request("CHANGE", "PENDING", "holder", model.decide_until(slot.span, old)))
        old.kept = slot


def _may_leave(old: Booking) -> bool:
    """Whether its operator failed a booking, and its holder did not ask for something else meanwhile."""
    if old.status not in LIVE:
        return old.status == "CANCELED" and old.by_operator
    pending = old.pending
    return old.hazard is not None and (pending is None or pending.kind == "CREATE" or pending.by == "operator")


def _follow_taken(model: Model, old: Booking, made: Booked, quote_id: str, grant: Grant) -> None:
    """Have the model follow an alternative that was taken, by the quote that held it before or holds it now."""
    slot = slot_of(grant, model.edition)
    held = model.quotes.get(quote_id)
    if held is None:
        held = model.quotes[quote_id] = Quote(quote_id, old.caller, slot, model.now, "ALTERNATIVE", old.id)
    held.outcome = "BOOKED"
    if old.status == "RESERVED":
        if old.pending:
            old.pending.status, old.kept = "DECLINED", None
        ask_or_apply(model, old, held.slot)
        return
    model.give_back(old.id, but=quote_id)
    booked(model, made, old.caller, held.slot)
    if old.status in LIVE:
        old.requests.append(Request("CANCEL", "ACCEPTED", "holder"))
        model.end(old, "CANCELED")
        old.by_operator = True


def _against_change(model: Model, old: Booking, offer: Offer, span: Span, evse: str | None) -> set[str]:
    if model.full(old.caller):
        return {"TooManyHolds"}
    if model.is_over(old):
        return {"AlreadyFinal"}
    if old.status == "PENDING" or old.pending:
        return {"NotAllowed"}
    if model.now >= old.slot.span[1]:
        return {"CutOffPassed"}
    begun = old.slot.span[0] if span[0] == old.slot.span[0] else None
    found = model.against(offer, span, evse=evse, holder=old.id, begun=begun)
    edition = old.slot.edition
    late = model.now > old.slot.span[0] - edition.cut_off
    return found | ({"CutOffPassed"} if late and not edition.fees and not old.hazard else set())


def _fee(model: Model, old: Booking) -> set[str]:
    """Return what stands against a cancellation without a quote: that it costs a fee, or is too late."""
    start, end = old.slot.span
    ended = model.now >= end
    if old.status == "PENDING" or (old.hazard and not ended):
        return set()
    if model.now <= start - old.slot.edition.cut_off and not ended:
        return set()
    return {"FeeDue"} if old.slot.edition.fees and not ended else {"CutOffPassed"}


def _against_cancel(model: Model, old: Booking, quote_id: str | None) -> set[str]:
    if model.is_over(old):
        return {"AlreadyFinal"}
    if quote_id is None:
        return _fee(model, old)
    quote = model.cancel_quotes[quote_id]
    found = {"QuoteUsed"} if quote.used else set()
    found |= {"QuoteExpired"} if quote.until <= model.now else set()
    return found | ({"LostUpdate"} if quote.revision != old.revision else set())
