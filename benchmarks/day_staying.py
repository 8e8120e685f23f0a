"""A truck at a charger on a simulated day: how a start from afar goes, how it charges, and how it stops."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from benchmarks.day_asking import FREE, Asking
from benchmarks.day_chargers import CPO, Charger
from benchmarks.day_log import Attempt, Commanded, Deed, Freed, Log, Made, Seen, Told
from benchmarks.day_plan import GRID, MINUTE, Operator, Truck, Visit

SOON = timedelta(seconds=10)
LEAST_STAY = 10 * MINUTE
LEAST_FREED = 30 * MINUTE
AS_PLANNED = {
    Operator.DOES: "ACCEPTED",
    Operator.ACCEPTS: "ACCEPTED",
    Operator.REJECTS: "REJECTED",
    Operator.IGNORES: "TIMED_OUT",
}


class Staying:
    """One truck while it is at a charger; `interrupted` tells that a fault ended it."""

    def __init__(
        self, asking: Asking, log: Log, truck: Truck, visit: Visit, late_by: timedelta, chance: Random
    ) -> None:
        """Take the truck and what it is to do, that much later than planned."""
        self._asking = asking
        self._log = log
        self._truck = truck
        self._visit = visit
        self._end = visit.end + late_by
        self._chance = chance
        self.interrupted = False

    @property
    def _now(self) -> datetime:
        return self._asking.now

    async def begin_from_afar(self, charger: Charger, booking: Made | None, card: Told) -> AsyncIterator[datetime]:
        """Let whoever acts for the truck ask the operator to start, and that do, accept, reject or ignore it."""
        wanted: dict[str, Any] = {"bookingId": booking.id} if booking else {"evseId": charger.evse_id, **card}
        request = await self._asking.send(self._truck.caller, "sessionStart", self._truck.name, **wanted)
        if request.kind != "SessionRequest":
            return
        plan = self._visit.operator
        commanded = Commanded(self._now, request.told["id"], AS_PLANNED[plan])
        self._log.commands.append(commanded)
        if plan is Operator.IGNORES:
            yield self._now + 3 * MINUTE
            return
        yield self._now + SOON
        if plan is not Operator.DOES:
            answer = {"accepted": True} if plan is Operator.ACCEPTS else {"accepted": False, "reason": "Not now."}
            await self._asking.send(
                CPO, "sessionRequestAnswer", self._truck.name, requestId=request.told["id"], **answer
            )
            yield self._now + 2 * MINUTE
        if plan is not Operator.REJECTS:
            warnings = self._visit.warnings if booking else None
            seen = Seen(booking.id, "", charger.evse_id) if booking else None
            had = await charger.had()
            deed = await charger.begin(self._truck.name, card, warnings)
            name, told = self._truck.name, deed.told
            basis, reason = told.get("basis"), told.get("reason")
            if plan is Operator.DOES and basis is None:
                commanded.expected = AS_PLANNED[Operator.IGNORES]  # what was refused at the charger answers nothing
            self._log.attempts.append(
                Attempt(self._now, name, name, charger.evse_id, deed.kind, basis, reason, seen, had, start=True)
            )

    async def stay(self, charger: Charger) -> AsyncIterator[datetime]:
        """Charge until it is time to leave, or a fault ends it."""
        session = charger.charging
        leaves = max(self._now + LEAST_STAY, self._end + self._visit.leaves)
        while True:
            yield min(leaves, self._now + timedelta(seconds=self._chance.randrange(400, 700)))
            if charger.charging is not session:
                self.interrupted = True
                return
            if self._now >= leaves:
                break
            await charger.measure()
        if session is not None and self._visit.stopped_from_afar:
            request = await self._asking.send(
                self._truck.caller, "sessionStop", self._truck.name, sessionId=session.id
            )
            if request.kind == "SessionRequest":
                self._log.commands.append(Commanded(self._now, request.told["id"], "ACCEPTED"))
            yield self._now + SOON
            if charger.charging is not session:
                self.interrupted = True
                return
            await self._leave(charger, "REMOTE")
            return
        early = self._now < self._end
        await self._leave(charger, self._chance.choice(("DRIVER", "VEHICLE") if early else ("DRIVER", "OPERATOR")))

    async def _leave(self, charger: Charger, reason: str) -> Deed:
        """Stop; if enough of the slot is left, look whether a search finds it free at once."""
        booking = self._log.bookings.get(self._truck.name)
        start = _on_grid(self._now)
        looks = booking is not None and charger.working and booking.end - start >= LEAST_FREED
        before = await self._free(charger, start, booking.end) if booking and looks else 0
        deed = await charger.end(reason)
        if booking and looks:
            after = await self._free(charger, start, booking.end)
            freed = Freed(self._now, self._truck.name, charger.evse_id, start, booking.end, before, after)
            self._log.freed.append(freed)
        return deed

    async def _free(self, charger: Charger, start: datetime, end: datetime) -> int:
        """Return how many vehicles could book there from `start` on."""
        asked = {
            "where": {"locationIds": [charger.site.location_id]},
            "window": {"startDateTime": start.isoformat(), "endDateTime": end.isoformat()},
        }
        found = (await self._asking.read(self._truck.caller, FREE, input=asked))["availability"]["edges"]
        counts = [
            part["available"]
            for edge in found
            for offer in edge["node"]["bookingLocations"]
            for slot in offer["timeslots"]
            for part in slot["counts"]
            if datetime.fromisoformat(part["startDateTime"]) <= start < datetime.fromisoformat(part["endDateTime"])
        ]
        return max(counts, default=0)


def _on_grid(moment: datetime) -> datetime:
    """Return the first moment of the calendar's grid from then on."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    step = GRID * MINUTE
    return midnight + -(-(moment - midnight) // step) * step
