"""The chargers of a simulated day as their operator reports them: who charges, what is measured, what breaks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from benchmarks.day_asking import Asking
from benchmarks.day_log import Deed, Down, Had, Judged, Log, Told, Used
from benchmarks.day_plan import MINUTE, Outage, Site

CPO = "cpo"
UNTIL_TOLD = timedelta(seconds=5)
THOUSANDTH = Decimal("0.001")
FULL_KWH = 130


@dataclass(slots=True)
class Meter:
    """What a charger measures of one session: kWh a minute until the battery is full."""

    start: datetime
    rate: Decimal
    at_start: Decimal

    def kwh(self, at: datetime) -> Decimal:
        """Return the energy since the start."""
        minutes = Decimal((at - self.start).total_seconds()) / 60
        return min(minutes * self.rate, Decimal(FULL_KWH)).quantize(THOUSANDTH)


@dataclass(slots=True)
class Charging:
    """A session that goes on: its id, its truck, its meter, and the reading that is still on its way."""

    id: str
    truck: str
    meter: Meter
    delayed: datetime | None = None
    last: datetime | None = None


class Charger:
    """One charger: whether it works, and who charges."""

    def __init__(self, asking: Asking, log: Log, site: Site, uid: str, seed: int) -> None:
        """Take its site and what its chance begins with."""
        self._asking = asking
        self._log = log
        self._chance = Random(seed)
        self.site = site
        self.uid = uid
        self.evse_id = site.evse_id(uid)
        self.working = True
        self.charging: Charging | None = None

    async def had(self) -> tuple[Had, ...]:
        """Return who has it, or one of its bays, from now on."""
        bays = [f"{self.site.location_id}*{bay}" for bay in self.site.chargers[self.uid]]
        return await self._asking.had(self.evse_id, bays)

    async def authorize(self, who: str, credential: Told) -> Deed:
        """Ask whether somebody may charge."""
        return await self._asking.send(CPO, "chargingAuthorize", self.uid, who=who, evseId=self.evse_id, **credential)

    async def begin(self, who: str, credential: Told, warnings: tuple[int, ...] | None = None) -> Deed:
        """Report that charging began; what is refused is stopped."""
        shown = Decimal(self._chance.randrange(10_000_000)) / 1000
        meter = Meter(self._asking.now, Decimal(self._chance.randrange(2000, 6000)) / 1000, shown)
        wanted: dict[str, Any] = {"evseId": self.evse_id, "meterStart": str(shown), **credential}
        deed = await self._asking.send(CPO, "sessionStartReport", self.uid, who=who, **wanted)
        if deed.kind == "Session":
            self.charging = Charging(deed.told["id"], who, meter)
            used = Used(who, self.evse_id, self._asking.now, warnings=warnings, booking_id=deed.told["bookingId"])
            self._log.sessions[deed.told["id"]] = used
        return deed

    async def measure(self) -> None:
        """Report what was measured: as it should be, or twice, late, out of order, backwards, or from the future."""
        now, one = self._asking.now, self._present()
        how = self._chance.choice(("well", "well", "well", "twice", "held back", "shuffled", "backwards", "future"))
        if how == "held back" and one.delayed is None:
            one.delayed = now
            return
        sent = [(now, one.meter.kwh(now), "TAKEN")]
        if how == "shuffled" and one.last is not None and one.last < now - MINUTE:
            between = now - timedelta(seconds=30)
            sent.append((between, one.meter.kwh(between), "TAKEN"))
        await self._send(one, sent, by_meter=self._chance.random() < 0.5)
        if how == "twice":
            await self._send(one, [(now, one.meter.kwh(now), "KNOWN")])
        if how == "backwards" and one.meter.kwh(now) > 1:
            await self._send(one, [(now + UNTIL_TOLD, one.meter.kwh(now) - 1, "BACKWARDS")])
        if how == "future":
            await self._send(one, [(now + 60 * MINUTE, one.meter.kwh(now) + 1, "OUTSIDE")])
        if one.delayed is not None and one.last is not None and one.delayed < now:
            before, one.delayed = one.delayed, None
            await self._send(one, [(before, one.meter.kwh(before), "LATE")])
        one.last = now

    async def end(self, reason: str, *, told: bool = True) -> Deed:
        """Report that charging ended, with what the meter showed then if that is `told`."""
        now, one = self._asking.now, self._present()
        used = self._log.sessions[one.id]
        last = one.meter.kwh(now)
        energy = {"kwh": str(last)} if told else {}
        deed = await self._asking.send(
            CPO, "sessionStopReport", self.uid, who=one.truck, sessionId=one.id, reason=reason, **energy
        )
        if deed.kind != "Session":
            raise RuntimeError(f"{one.truck} could not stop at {self.evse_id}: {deed.told['message']}")
        if told:
            used.energy = last
            used.measured.append((now, last))
        used.shown.append(Decimal(deed.told["kwh"]))
        used.end = now
        self.charging = None
        return deed

    async def fail(self, outage: Outage) -> AsyncIterator[datetime]:
        """Break, which ends whatever goes on, and be repaired."""
        yield outage.at
        if not self.working:
            return
        self.working = False
        down = Down(self.evse_id, self._asking.now)
        self._log.outages.append(down)
        fault: dict[str, Any] = {"code": "E042", "severity": "OUT_OF_USE"}
        repaired_at = self._asking.now + outage.lasts
        if outage.guessed:
            fault["expectedEnd"] = repaired_at.isoformat()
        await self._report("OUTOFORDER", fault=fault)
        if self.charging is not None:
            yield self._asking.now + UNTIL_TOLD
        if self.charging is not None:
            await self.end("CHARGER_FAULT", told=self._chance.random() < 0.5)
        yield repaired_at
        self.working = True
        down.end = self._asking.now
        await self._report("AVAILABLE")

    async def _report(self, status: str, **fault: Any) -> None:
        await self._asking.send(CPO, "evseStatusReport", self.uid, evseId=self.evse_id, status=status, **fault)
        await self._asking.heard()

    async def _send(
        self, one: Charging, readings: list[tuple[datetime, Decimal, str]], *, by_meter: bool = False
    ) -> None:
        """Send readings, the newest first, and log what became of them."""
        values = [
            {"at": at.isoformat(), "power": 150_000}
            | ({"meter": str(one.meter.at_start + kwh)} if by_meter else {"kwh": str(kwh)})
            for at, kwh, _ in readings
        ]
        deed = await self._asking.send(
            CPO, "sessionReadingsReport", self.uid, who=one.truck, sessionId=one.id, readings=values
        )
        outcomes = {datetime.fromisoformat(each["at"]): each["outcome"] for each in deed.told["outcomes"]}
        used = self._log.sessions[one.id]
        used.shown.append(Decimal(deed.told["session"]["kwh"]))
        for at, kwh, expected in readings:
            self._log.readings.append(Judged(one.id, at, expected, outcomes[at]))
            if expected in ("TAKEN", "LATE"):
                used.energy = max(used.energy, kwh)
                used.measured.append((at, kwh))

    def _present(self) -> Charging:
        if self.charging is None:
            raise RuntimeError(f"nobody charges at {self.evse_id}")
        return self.charging
