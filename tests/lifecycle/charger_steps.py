"""Steps of the operator with chargers: reporting them out of order or repaired, and planning work on them."""

from dataclasses import dataclass
from typing import Any

from models.rules.location import Status
from models.rules.maintenance import Maintenance
from resolvers import bulk_publishing, evses
from resolvers.call import Call
from resolvers.changes import Change
from resolvers.evses import StatusReport
from tests.factories.catalogue import UPDATED
from tests.lifecycle.model import Booking, Model, Span, overlap
from tests.lifecycle.site import evse_id, interval
from tests.lifecycle.wish import Wish, is_granted


@dataclass(frozen=True)
class Report:
    """Report a charger out of order, or repaired."""

    place: str
    evse: str
    works: bool

    def wish(self, model: Model) -> Wish | None:
        status = Status.AVAILABLE if self.works else Status.OUTOFORDER
        report = StatusReport(evse_id(self.place, self.evse), status, None)

        async def ask(call: Call, key: str) -> Any:
            return await evses.report_status(call, key, report)

        def judge(model: Model, answer: Any) -> None:
            assert is_granted(answer, set())
            where = (self.place, self.evse)
            model.broken = model.broken - {where} if self.works else model.broken | {where}
            for one in model.live():
                if (one.slot.offer.place, one.slot.spot[0]) == where:
                    _endanger(model, one)

        return Wish("cpo", ask, judge)


@dataclass(frozen=True)
class PlanWork:
    """Plan work on a charger, or move what was planned."""

    place: str
    evse: str
    span: Span

    def wish(self, model: Model) -> Wish | None:
        if self.span[1] <= model.now:
            return None
        work = Maintenance(
            id=f"NL*ABC*{self.place}-{self.evse}",
            country_code="NL",
            party_id="ABC",
            ocpi_id=f"{self.place}-{self.evse}",
            location_id=f"NL*ABC*{self.place}",
            evse_ids=(evse_id(self.place, self.evse),),
            period=interval(self.span),
            reason=None,
            last_updated=UPDATED,
        )

        async def ask(call: Call, key: str) -> Any:
            return await bulk_publishing.maintenance_publish(call, key, [Change(work)])

        def judge(model: Model, answer: Any) -> None:
            assert is_granted(answer, set())
            before = model.works.get((self.place, self.evse), self.span)
            model.works[self.place, self.evse] = self.span
            for one in model.live():
                touched = overlap(one.slot.span, before) or overlap(one.slot.span, self.span)
                if one.slot.offer.place == self.place and touched:
                    _endanger(model, one)

        return Wish("cpo", ask, judge)


def _endanger(model: Model, one: Booking) -> None:
    """Have the model follow what befell a charger; whether a booking was moved is found in the database."""
    if one.slot.span[1] > model.now:
        one.hazard = model.endangered(one.slot.offer.place, one.slot.spot[0], one.slot.span)
        one.unsettled = one.hazard is not None and model.provisional(one)
