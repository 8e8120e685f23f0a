"""A small plain model of what must be true: who has which charger and bay when, and what came of each request.

It shares no rule with the product. Times are whole minutes since the midnight of the tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

Spot = tuple[str, str]
"""A charger and a bay, by their names at their Location."""

Span = tuple[int, int]
LIVE = ("PENDING", "RESERVED")
HOLD_MINUTES = 10
DECIDE_MINUTES = 30
MOST_HOLDS = 20
SHORTEST, LONGEST = 30, 240


@dataclass(frozen=True, repr=False)
class Offer:
    """What can be booked; `reveal` is how many minutes before the start the charger is told."""

    name: str
    place: str
    spots: tuple[Spot, ...]
    instant: bool
    pinned: bool
    reveal: int = 0

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Edition:
    """What an operator publishes anew now and then: a price, cut-offs, and whether fees allow to be late."""

    number: int
    price: str
    cut_off: int
    no_show: int
    fees: bool


@dataclass(frozen=True)
class Slot:
    """What somebody was granted, and under which edition."""

    offer: Offer
    spot: Spot
    span: Span
    edition: Edition
    pinned: bool

    def meets(self, other: "Slot") -> bool:
        """Whether two vehicles would be in each other's way."""
        shared = self.spot[0] == other.spot[0] or self.spot[1] == other.spot[1]
        return self.offer.place == other.offer.place and shared and overlap(self.span, other.span)


@dataclass
class Request:
    kind: str
    status: str
    by: str
    until: int | None = None


@dataclass
class Quote:
    """A hold; `booking` is the one that it would change, `revision` as of when."""

    id: str
    caller: str
    slot: Slot
    until: int
    purpose: str = "BOOKING"
    booking: str | None = None
    revision: int = 0
    outcome: str = "OPEN"


@dataclass
class CancelQuote:
    id: str
    booking: str
    revision: int
    until: int
    used: bool = False


@dataclass(frozen=True)
class Alternative:
    id: str
    booking: str
    quote: str | None


@dataclass
class Booking:
    id: str
    caller: str
    status: str
    slot: Slot
    references: list[str]
    requests: list[Request]
    revealed: int
    revision: int = 1
    kept: Slot | None = None
    hazard: str | None = None
    by_operator: bool = False
    unsettled: bool = False
    """Whether it may have been moved away from what endangers it, which is the product's choice."""

    @property
    def pending(self) -> Request | None:
        return next((one for one in self.requests if one.status == "PENDING"), None)

    @property
    def lapses(self) -> int:
        start, end = self.slot.span
        return min(start + self.slot.edition.no_show, end)


@dataclass(frozen=True)
class Taken:
    """What a holder has; one that is `movable` may be seated elsewhere to make room."""

    holder: str
    slot: Slot
    movable: bool


@dataclass
class Model:
    """All that is known; `broken` are chargers out of order, `works` those that are worked on, each with when."""

    now: int
    edition: Edition
    bookings: dict[str, Booking] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)
    cancel_quotes: dict[str, CancelQuote] = field(default_factory=dict)
    alternatives: dict[str, Alternative] = field(default_factory=dict)
    broken: set[tuple[str, str]] = field(default_factory=set)
    works: dict[tuple[str, str], Span] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    """The bookings that were over before the last step."""

    def live(self) -> list[Booking]:
        return [one for one in self.bookings.values() if one.status in LIVE]

    def is_over(self, one: Booking) -> bool:
        """Whether a booking changes no more: a no-show is one, whether a worker came by or not."""
        unused = one.status == "RESERVED" and one.hazard is None and one.lapses <= self.now
        return one.status not in LIVE or unused

    def open(self, one: Quote) -> bool:
        return one.outcome == "OPEN" and self.now < one.until

    def outcome(self, one: Quote) -> str:
        return "EXPIRED" if one.outcome == "OPEN" and one.until <= self.now else one.outcome

    def provisional(self, one: Booking) -> bool:
        """Whether its charger was neither asked for nor told."""
        return not one.slot.pinned and one.revealed > self.now

    def endangered(self, place: str, evse: str, span: Span) -> str | None:
        if (place, evse) in self.broken:
            return "FAULT"
        works = self.works.get((place, evse))
        return "MAINTENANCE" if works and overlap(works, span) else None

    def taken(self) -> Iterator[Taken]:
        """Yield what everybody has now."""
        for one in self.live():
            yield Taken(one.id, one.slot, self.provisional(one) and one.hazard is None)
            if one.kept:
                yield Taken(one.id, one.kept, False)
        for quote in self.quotes.values():
            if self.open(quote):
                yield Taken(quote.booking or quote.id, quote.slot, quote.booking is None and not quote.slot.pinned)

    def spots(self, offer: Offer, span: Span, evse: str | None = None) -> list[Spot]:
        """Return where an offer can be served, whoever is there."""
        named = [one for one in offer.spots if evse in (None, one[0])]
        return [one for one in named if self.endangered(offer.place, one[0], span) is None]

    def against(
        self, offer: Offer, span: Span, *, evse: str | None = None, holder: str = "", begun: int | None = None
    ) -> set[str]:
        """Return why nobody may be granted that now, or nothing if it must be granted."""
        late = span[1] <= self.now or (span[0] < self.now and span[0] != begun)
        if late or not SHORTEST <= span[1] - span[0] <= LONGEST:
            return {"OutsideCalendar"}
        if not [one for one in offer.spots if evse in (None, one[0])]:
            return {"NotFound"}
        spots = self.spots(offer, span, evse)
        if not spots:
            return {"ChargerUnusable"}
        return set() if self.has_room(offer, span, spots, holder) else {"SlotTaken"}

    def has_room(self, offer: Offer, span: Span, spots: list[Spot], holder: str, leaving: Slot | None = None) -> bool:
        """Whether all can be seated: those that stay where they are, the movable ones anywhere, and one more.

        What its holder is `leaving` is free for others.
        """
        there = [one for one in self.taken() if one.slot.offer.place == offer.place]
        there = [one for one in there if one.holder != holder or one.slot is not leaving]
        fixed = [one for one in there if not one.movable or one.holder == holder]
        moving = sorted((one for one in there if one not in fixed), key=lambda one: one.slot.span)
        newcomer = Slot(offer, spots[0], span, self.edition, pinned=False)
        choices = [(holder, newcomer, spots)]
        choices += [(one.holder, one.slot, self._elsewhere(one.slot)) for one in moving]
        return seated(choices, [(one.holder, one.slot) for one in fixed])

    def _elsewhere(self, slot: Slot) -> list[Spot]:
        return [slot.spot, *(one for one in self.spots(slot.offer, slot.span) if one != slot.spot)]

    def full(self, caller: str) -> bool:
        """Whether a party holds as much as it may."""
        mine = [one for one in self.quotes.values() if one.caller == caller and self.open(one)]
        return sum(one.purpose in ("BOOKING", "CHANGE") for one in mine) >= MOST_HOLDS

    def give_back(self, booking: str, but: str | None = None) -> None:
        """End the quotes that would change a booking."""
        for one in self.quotes.values():
            if one.booking == booking and one.outcome == "OPEN" and one.id != but:
                one.outcome = "RELEASED" if self.now < one.until else "EXPIRED"

    def end(self, one: Booking, status: str, undecided: str = "DECLINED") -> None:
        """Give a booking its last status; nothing is kept for it any more."""
        if one.pending:
            one.pending.status = undecided
        one.status, one.kept, one.hazard = status, None, None
        self.give_back(one.id)

    def granted(self, one: Booking, slot: Slot, but: str | None = None) -> None:
        """Give a booking another slot; its references come from the product."""
        same = (one.slot.offer.place, one.slot.spot[0]) == (slot.offer.place, slot.spot[0])
        known = slot.pinned or (same and one.revealed <= self.now)
        one.revealed = self.now if known else self.revealed(slot)
        one.slot, one.kept, one.hazard = slot, None, None
        one.revision += 1
        self.give_back(one.id, but)

    def revealed(self, slot: Slot) -> int:
        return self.now if slot.pinned else max(self.now, slot.span[0] - slot.offer.reveal)

    def decide_until(self, span: Span, changes: Booking | None = None) -> int:
        """Return when a request lapses: not after its slot begins, nor after the booking lapses that it changes."""
        ends = [self.now + DECIDE_MINUTES]
        ends += [span[0]] if span[0] > self.now else []
        return min(ends + ([changes.lapses] if changes else []))

    def due(self) -> None:
        """Let happen what falls due by now, as a worker does."""
        for quote in self.quotes.values():
            quote.outcome = self.outcome(quote)
        for one in self.live():
            pending = one.pending
            if pending and pending.until is not None and pending.until <= self.now:
                if pending.kind == "CREATE":
                    self.end(one, "FAILED", "FAILED")
                else:
                    pending.status, one.kept = "FAILED", None
        for one in self.live():
            if one.status == "RESERVED" and one.lapses <= self.now:
                failed = one.hazard is not None
                self.end(one, "CANCELED" if failed else "NO_SHOW", "FAILED")
                one.by_operator = failed

    def double_booked(self) -> list[tuple[Taken, Taken]]:
        """Return who is in whose way."""
        there = list(self.taken())
        pairs = [(one, other) for number, one in enumerate(there) for other in there[:number]]
        return [(one, other) for one, other in pairs if one.holder != other.holder and one.slot.meets(other.slot)]


def overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def seated(choices: list[tuple[str, Slot, list[Spot]]], settled: list[tuple[str, Slot]]) -> bool:
    """Whether each finds a spot where nobody who is settled is in its way; all ways are tried."""
    if not choices:
        return True
    (holder, slot, spots), *others = choices
    for spot in spots:
        here = Slot(slot.offer, spot, slot.span, slot.edition, slot.pinned)
        free = all(who == holder or not here.meets(there) for who, there in settled)
        if free and seated(others, [*settled, (holder, here)]):
            return True
    return False
