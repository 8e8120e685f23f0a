"""Steps of the operator with bookings: deciding, proposing, reassigning, canceling."""

from dataclasses import dataclass, replace
from typing import Any

from models.rules.booking import Booking as Booked
from models.rules.booking_state import CanceledReason
from models.rules.quote import Grant
from models.rules.role import Role
from resolvers import bookings
from resolvers.booking_cancel import Cancellation
from resolvers.call import Call
from resolvers.deciding import Decision, Declined
from resolvers.proposing import Proposal
from resolvers.reassigning import Reassignment
from tests.lifecycle.model import Booking, Model, Request, Slot, Span, Spot
from tests.lifecycle.site import CHARGERS, evse_id, interval
from tests.lifecycle.wish import Wish, chosen, granted_by, is_granted, object_id, pick, slot_of

PROPOSAL_MINUTES = 60


@dataclass(frozen=True)
class Decide:
    """Accept or decline what a holder asked for."""

    which: int
    accept: bool

    def wish(self, model: Model) -> Wish | None:
        one = pick([each for each in model.live() if each.pending], self.which) or chosen(model, self.which)
        if one is None:
            return None

        async def ask(call: Call, key: str) -> Booked:
            if self.accept:
                return await bookings.accept(call, key, Decision(object_id(one.id)))
            return await bookings.decline(call, key, Declined(object_id(one.id), "Full."))

        def judge(model: Model, answer: Any) -> None:
            old = model.bookings[one.id]
            pending = old.pending
            against = _against_decision(model, old, "holder")
            if not against and self.accept:
                against = _against_slot(model, old.kept or old.slot)
            if not is_granted(answer, against) or pending is None:
                return
            if self.accept:
                _accepted(model, old, pending)
            elif pending.kind == "CREATE":
                model.end(old, "REJECTED")
            else:
                pending.status, old.kept = "DECLINED", None

        return Wish("cpo", ask, judge)


@dataclass(frozen=True)
class Propose:
    """Propose another time, and maybe another charger."""

    which: int
    shift: int
    evse: str | None

    def wish(self, model: Model) -> Wish | None:
        one = chosen(model, self.which)
        if one is None:
            return None
        start, end = one.slot.span
        span = start + self.shift, end + self.shift
        named = evse_id(one.slot.offer.place, self.evse) if self.evse else None
        wanted = Proposal(object_id(one.id), interval(span), evse_id=named)

        async def ask(call: Call, key: str) -> Grant:
            made = await bookings.propose(call, key, wanted)
            last = [each for each in made.booking_requests if each.role is Role.CPO and each.quote_id][-1]
            return await granted_by(call, last.quote_id)

        def judge(model: Model, answer: Any) -> None:
            old = model.bookings[one.id]
            evse = self.evse or (old.slot.spot[0] if old.slot.pinned else None)
            if is_granted(answer, _against_proposal(model, old, span, evse)):
                until = min(model.now + PROPOSAL_MINUTES, old.slot.span[0], span[0])
                old.requests.append(Request("CHANGE", "PENDING", "operator", until))
                old.kept = slot_of(answer, model.edition)
                assert (old.kept.offer, old.kept.span) == (old.slot.offer, span)
                assert old.kept.spot in model.spots(old.slot.offer, span, evse)

        return Wish("cpo", ask, judge)


@dataclass(frozen=True)
class Answer:
    """Accept, decline or withdraw a proposal."""

    which: int
    how: str

    def wish(self, model: Model) -> Wish | None:
        proposed = [one for one in model.live() if one.pending and one.pending.by == "operator"]
        one = pick(proposed, self.which) or chosen(model, self.which)
        if one is None:
            return None

        async def ask(call: Call, key: str) -> Booked:
            if self.how == "accept":
                return await bookings.proposal_accept(call, key, object_id(one.id))
            if self.how == "decline":
                return await bookings.proposal_decline(call, key, object_id(one.id))
            return await bookings.proposal_withdraw(call, key, object_id(one.id))

        def judge(model: Model, answer: Any) -> None:
            old = model.bookings[one.id]
            pending = old.pending
            against = _against_decision(model, old, "operator")
            if not against and self.how == "accept":
                against = _against_slot(model, old.kept or old.slot)
            if not is_granted(answer, against) or pending is None:
                return
            if self.how == "accept":
                _accepted(model, old, pending)
            else:
                pending.status, old.kept = "DECLINED" if self.how == "decline" else "FAILED", None

        return Wish("cpo" if self.how == "withdraw" else one.caller, ask, judge)


@dataclass(frozen=True)
class CancelAsOperator:
    which: int

    def wish(self, model: Model) -> Wish | None:
        one = chosen(model, self.which)
        if one is None:
            return None
        wanted = Cancellation(object_id(one.id), CanceledReason.POWER_OUTAGE)

        async def ask(call: Call, key: str) -> Booked:
            return await bookings.cancel(call, key, wanted)

        def judge(model: Model, answer: Any) -> None:
            old = model.bookings[one.id]
            if is_granted(answer, {"AlreadyFinal"} if model.is_over(old) else set()):
                old.requests.append(Request("CANCEL", "ACCEPTED", "operator"))
                model.end(old, "CANCELED")
                old.by_operator = True

        return Wish("cpo", ask, judge)


@dataclass(frozen=True)
class Reassign:
    """Give a booking another charger of its group."""

    which: int
    evse: str | None

    def wish(self, model: Model) -> Wish | None:
        one = chosen(model, self.which)
        if one is None:
            return None
        wanted = Reassignment(object_id(one.id), evse_id(one.slot.offer.place, self.evse) if self.evse else None)

        async def ask(call: Call, key: str) -> Booked:
            return await bookings.reassign(call, key, wanted)

        def judge(model: Model, answer: Any) -> None:
            old = model.bookings[one.id]
            if is_granted(answer, _against_reassignment(model, old, self.evse)):
                old.requests.append(Request("REASSIGN", "ACCEPTED", "operator"))
                spot = slot_of(answer, old.slot.edition).spot
                assert spot in _elsewhere(model, old, self.evse)
                old.slot, old.hazard = replace(old.slot, spot=spot), None

        return Wish("cpo", ask, judge)


def _against_slot(model: Model, slot: Slot) -> set[str]:
    return {"ChargerUnusable"} if model.endangered(slot.offer.place, slot.spot[0], slot.span) else set()


def _against_decision(model: Model, old: Booking, by: str) -> set[str]:
    if model.is_over(old):
        return {"AlreadyFinal"}
    pending = old.pending
    if pending is None or (pending.until is not None and pending.until <= model.now):
        return {"NothingToDecide"}
    return set() if pending.by == by else {"NotAllowed"}


def _against_proposal(model: Model, old: Booking, span: Span, evse: str | None) -> set[str]:
    if model.is_over(old):
        return {"AlreadyFinal"}
    if old.pending:
        return {"NotAllowed"}
    if min(old.slot.span[0], span[0]) <= model.now:
        return {"CutOffPassed"}
    return model.against(old.slot.offer, span, evse=evse, holder=old.id)


def _elsewhere(model: Model, old: Booking, evse: str | None) -> list[Spot]:
    found = model.spots(old.slot.offer, old.slot.span, evse)
    return [one for one in found if one[0] != old.slot.spot[0]]


def _against_reassignment(model: Model, old: Booking, evse: str | None) -> set[str]:
    if model.is_over(old):
        return {"AlreadyFinal"}
    over = old.slot.span[1] <= model.now
    if over or (old.slot.pinned and not old.hazard) or evse == old.slot.spot[0]:
        return {"NotAllowed"}
    if evse is not None and evse not in CHARGERS[old.slot.offer.place]:
        return {"NotFound"}
    if not [one for one in old.slot.offer.spots if one[0] != old.slot.spot[0] and evse in (None, one[0])]:
        return {"DoesNotFit"}
    spots = _elsewhere(model, old, evse)
    if not spots:
        return {"ChargerUnusable"}
    slot = old.slot
    return set() if model.has_room(slot.offer, slot.span, spots, old.id, leaving=slot) else {"SlotTaken"}


def _accepted(model: Model, old: Booking, pending: Request) -> None:
    pending.status = "ACCEPTED"
    if pending.kind == "CREATE":
        old.status = "RESERVED"
    elif old.kept is not None:
        model.granted(old, old.kept)
