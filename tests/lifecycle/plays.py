"""Random plays: what happens, one after the other, as values that can be shrunk, printed and played again."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

from hypothesis import strategies as st

from tests.lifecycle.booking_steps import AskPrice, Book, BookTrip, Create, Release
from tests.lifecycle.changing_steps import AskCancel, AskChange, Cancel, Change, TakeAlternative
from tests.lifecycle.charger_steps import PlanWork, Report
from tests.lifecycle.crashing import Cut
from tests.lifecycle.model import Offer
from tests.lifecycle.operator_steps import Answer, CancelAsOperator, Decide, Propose, Reassign
from tests.lifecycle.site import ASKED, FAILING, OFFERS, PLACES
from tests.lifecycle.stage import Stage
from tests.lifecycle.wish import Step


@dataclass(frozen=True)
class Do:
    """One step."""

    step: Step

    async def on(self, stage: Stage) -> None:
        await stage.do(self.step)


@dataclass(frozen=True)
class Repeat:
    """One step that is sent again and again with the same key."""

    step: Step

    async def on(self, stage: Stage) -> None:
        await stage.do_twice(self.step)


@dataclass(frozen=True)
class Crash:
    """One step that is cut, and then repeated."""

    step: Step
    cut: Cut
    statement: int

    async def on(self, stage: Stage) -> None:
        await stage.do_crashing(self.step, self.cut, self.statement)


@dataclass(frozen=True)
class Together:
    """Two steps at one moment."""

    first: Step
    second: Step

    async def on(self, stage: Stage) -> None:
        await stage.do_together(self.first, self.second)


@dataclass(frozen=True)
class Wait:
    """Time, and workers; the one before them may be killed at a statement."""

    minutes: int
    workers: int
    cut_at: int | None

    async def on(self, stage: Stage) -> None:
        await stage.wait(self.minutes, self.workers, self.cut_at)


@dataclass(frozen=True)
class Publish:
    """Other prices and terms."""

    edition: int

    async def on(self, stage: Stage) -> None:
        await stage.publish(self.edition)
        await stage.compare()


async def play(stage: Stage, events: list[Any]) -> None:
    """Let everything happen in order, on an empty stage."""
    await stage.begin()
    for one in events:
        await one.on(stage)
    await stage.finish()


WHICH = st.integers(0, 39)
NEWEST = st.just(0)
CALLERS = st.sampled_from(["emsp", "other_emsp", "fleet"])
EVSE = st.sampled_from([None, None, None, "E1", "E2", "E3"])
ANYWHERE = st.sampled_from(OFFERS)
SHIFTS = st.sampled_from([0, 30, -30, 60, 120, -60])
STARTS = st.sampled_from([600, 660, 630, 480, 540, 720, 420, 840])
LENGTHS = st.sampled_from([60, 30, 120, 90])
SPANS = st.builds(lambda start, length: (start, start + length), STARTS, LENGTHS)
MAYBE = st.sampled_from([None, None, *OFFERS])
BOOLEANS = st.booleans()


def _asking(kind: type[Create] | type[AskPrice], offer: Offer) -> st.SearchStrategy[Any]:
    """Return a wish for a charger of an offer, most often for any."""
    named = list(dict.fromkeys(evse for evse, _ in offer.spots))
    return st.builds(kind, CALLERS, st.just(offer), SPANS, st.sampled_from([None, None, None, *named]))


CREATE = st.one_of(*(_asking(Create, offer) for offer in OFFERS), st.builds(Create, CALLERS, ANYWHERE, SPANS, EVSE))
CREATE_ASKED = _asking(Create, ASKED)
ASK_PRICE = st.one_of(*(_asking(AskPrice, offer) for offer in OFFERS))
ASK_CHANGE = st.builds(AskChange, WHICH, MAYBE, SHIFTS, SHIFTS, EVSE)
ASK_OPERATOR = st.builds(AskChange, WHICH, st.just(ASKED), SHIFTS, SHIFTS, EVSE)
PROPOSE = st.builds(Propose, WHICH, SHIFTS, EVSE)
FAULT = st.builds(Report, st.sampled_from(PLACES), st.sampled_from(FAILING), st.just(False))
REPORT = st.builds(Report, st.sampled_from(PLACES), st.sampled_from(FAILING), BOOLEANS)

STEPS: st.SearchStrategy[Any] = st.one_of(
    CREATE,
    CREATE,
    ASK_PRICE,
    ASK_CHANGE,
    PROPOSE,
    REPORT,
    st.builds(Book, WHICH),
    st.builds(Release, WHICH),
    st.builds(BookTrip, WHICH, WHICH),
    st.builds(Change, WHICH),
    st.builds(AskCancel, WHICH),
    st.builds(Cancel, WHICH, BOOLEANS),
    st.builds(Cancel, WHICH, BOOLEANS, BOOLEANS),
    st.builds(Decide, WHICH, BOOLEANS),
    st.builds(Answer, WHICH, st.sampled_from(["accept", "decline", "withdraw"])),
    st.builds(CancelAsOperator, WHICH),
    st.builds(Reassign, WHICH, EVSE),
    st.builds(PlanWork, st.sampled_from(PLACES), st.sampled_from(FAILING), SPANS),
    st.builds(TakeAlternative, WHICH),
)
CUTS = st.sampled_from(Cut), st.integers(1, 25)
WAITS = st.builds(
    Wait,
    st.sampled_from([10, 1, 5, 30, 60, 120, 0]),
    st.sampled_from([1, 0, 0, 2]),
    st.none() | st.none() | st.integers(1, 30),
)


UNSEEN = st.builds(Wait, st.sampled_from([30, 60]), st.just(0), st.none())
"""Time in which requests lapse, and no worker notes it."""


def _done(step: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return how a step may be done."""
    return st.one_of(
        st.builds(Do, step),
        st.builds(Do, step),
        st.builds(Do, step),
        st.builds(Repeat, step),
        st.builds(Crash, step, *CUTS),
        st.builds(Together, step, STEPS),
        st.builds(Together, step, step),
    )


EVENTS = st.one_of(_done(STEPS), _done(STEPS), _done(STEPS), WAITS, st.builds(Publish, st.sampled_from([0, 1])))


def _after(*minutes: int) -> st.SearchStrategy[list[Any]]:
    """Return time that passes, seen by a worker or not, and a step then."""
    wait = st.builds(Wait, st.sampled_from(minutes), st.sampled_from([0, 0, 1]), st.none())
    return st.tuples(wait, st.builds(Do, STEPS)).map(list)


@st.composite
def _following(draw: st.DrawFn, *steps: st.SearchStrategy[Any]) -> list[Any]:
    """Return steps that follow one from the other, with something else in between now and then."""
    found: list[Any] = []
    for step in steps:
        found += draw(st.lists(EVENTS, max_size=1)) if found else []
        found.append(draw(_done(step)))
    return found


SCENES: st.SearchStrategy[list[Any]] = st.one_of(
    st.lists(EVENTS),
    _following(ASK_PRICE, st.builds(Book, NEWEST)),
    _following(ASK_PRICE, ASK_PRICE, ASK_PRICE, st.builds(BookTrip, NEWEST, NEWEST)),
    _following(CREATE_ASKED, st.builds(Decide, NEWEST, BOOLEANS)),
    _following(ASK_CHANGE, st.builds(Change, NEWEST)),
    _following(ASK_OPERATOR, st.builds(Change, NEWEST), st.builds(Decide, NEWEST, BOOLEANS)),
    _following(PROPOSE, st.builds(Answer, NEWEST, st.sampled_from(["accept", "decline", "withdraw"]))),
    _following(st.builds(AskCancel, NEWEST), st.builds(Cancel, NEWEST, st.just(True))),
    _following(st.builds(CancelAsOperator, NEWEST), st.builds(TakeAlternative, NEWEST)),
    _following(FAULT, st.builds(TakeAlternative, NEWEST)),
    _following(ASK_CHANGE, FAULT, st.builds(Change, NEWEST)),
    _following(ASK_PRICE, FAULT, st.builds(Book, NEWEST)),
    _after(10, 30, 60, 120),
    st.tuples(st.builds(Do, CREATE_ASKED), UNSEEN, st.builds(Do, st.builds(Decide, NEWEST, BOOLEANS))).map(list),
)


def plays() -> st.SearchStrategy[list[Any]]:
    """Return plays of some 30 events, the first of which make bookings; they shrink to any part of them."""
    begun = st.lists(st.builds(Do, CREATE), max_size=8)
    pairs = st.lists(st.tuples(SCENES, SCENES))
    return st.tuples(begun, pairs).map(lambda found: [*found[0], *(one for pair in found[1] for one in chain(*pair))])
