"""What a truck does on a simulated day, step by step: it books, comes, errs, charges and leaves, or does not."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from benchmarks.day_asking import SEEN, Asking
from benchmarks.day_chargers import CPO, Charger
from benchmarks.day_log import Attempt, Deed, Entered, Log, Made, Seen, Told
from benchmarks.day_plan import MINUTE, Arrival, How, Mistake, Site, Truck
from benchmarks.day_rebooking import LATER, cancel, change, moved_at
from benchmarks.day_staying import Staying

PATIENCE = 4
LONGEST_WAIT = 75 * MINUTE
LONGEST_DELAY = 180 * MINUTE
PLUGGING_IN = timedelta(seconds=20)
UNKNOWN = {"token": {"uid": "NOBODYS", "type": "RFID"}}
UNKNOWN_REFERENCE = {"reference": "0000000000"}
HOPELESS = frozenset({"TOO_LATE", "BOOKING_OVER", "BOOKING_REQUIRED", "TOKEN_BLOCKED", "TOKEN_UNKNOWN"})


class Driving:
    """One truck and whoever acts for it."""

    def __init__(
        self,
        asking: Asking,
        log: Log,
        site: Site,
        chargers: Mapping[str, Charger],
        trucks: Mapping[str, Truck],
        name: str,
    ) -> None:
        """Take its site, the chargers there by uid, and all trucks by name, because cards get mixed up."""
        self._asking = asking
        self._log = log
        self._site = site
        self._chargers = chargers
        self._trucks = trucks
        self.truck = trucks[name]
        self._visit = self.truck.visit
        self._chance = Random(self.truck.seed)
        self._how = self._visit.how
        self._late_by = timedelta(0)
        self._granted = False
        self._reference: str | None = None
        self._code: str | None = None

    async def story(self) -> AsyncIterator[datetime]:
        """Do what is planned; each value is when to go on."""
        visit = self._visit
        if visit.booked_at is not None:
            yield visit.booked_at
            await self._book()
            moment = moved_at(self.truck)
            if moment is not None:
                yield moment
                await self._change()
        if visit.arrival is Arrival.CANCELS and visit.booked_at is not None:
            yield visit.booked_at + (visit.start - visit.booked_at) * 0.8
            await self._cancel()
        if visit.arrival in (Arrival.CANCELS, Arrival.NEVER):
            return
        yield max(visit.arrives + self._late_by, self._now + MINUTE)
        if self._booking is not None:
            async for moment in self._enter():
                yield moment
        if visit.mistake is not Mistake.NONE:
            yield self._later(1)
            await self._err()
            if not visit.recovers:
                return
        async for moment in self._charge():
            yield moment

    @property
    def _now(self) -> datetime:
        return self._asking.now

    @property
    def _booking(self) -> Made | None:
        found = self._log.bookings.get(self.truck.name)
        return found if found is not None and found.given_up_at is None else None

    def _later(self, minutes: int) -> datetime:
        return self._now + minutes * MINUTE + timedelta(seconds=self._chance.randrange(60))

    async def _book(self) -> None:
        """Book what is wanted, or else what is offered instead."""
        visit = self._visit
        deed = await self._ask_for(visit.start, visit.end, pinned=visit.pinned)
        if deed.kind == "SlotTaken":
            later = [datetime.fromisoformat(one["startDateTime"]) for one in deed.told["closest"]]
            start = max(later, default=None)
            if start is not None and self._now < start < visit.start + LONGEST_DELAY:
                self._late_by = start - visit.start
                deed = await self._ask_for(start, start + (visit.end - visit.start), pinned=False)
        if deed.kind == "Booking" and visit.warnings is not None:
            wanted = {"bookingId": deed.told["id"], "minutesBeforeEnd": list(visit.warnings)}
            await self._asking.send(self.truck.caller, "sessionAlertsSet", self.truck.name, **wanted)

    async def _ask_for(self, start: datetime, end: datetime, *, pinned: bool) -> Deed:
        truck, (country_code, party_id) = self.truck, self.truck.emsp_id.split("*")
        card = {"uid": truck.card, "type": "RFID", "contractId": truck.contract_id}
        wanted: dict[str, Any] = {
            "bookingLocationId": f"{self._site.location_id}-ANY",
            "period": {"startDateTime": start.isoformat(), "endDateTime": end.isoformat()},
            "tokens": [{"countryCode": country_code, "partyId": party_id, **card}],
            "licensePlate": truck.plate,
        }
        if pinned:
            wanted["evseId"] = self._site.evse_id(self._visit.uid)
        deed = await self._asking.send(truck.caller, "bookingCreate", truck.name, **wanted)
        if deed.kind == "Booking":
            self._log.bookings[truck.name] = Made(deed.told["id"], self._visit.site, start, end, self._now)
            self._reference, self._code = deed.told["reference"], deed.told["accessCode"]
        return deed

    async def _change(self) -> None:
        """Move the booking a little, as far as that can be had."""
        booking = self._booking
        moved = await change(self._asking, self._log, self.truck, booking) if booking is not None else None
        if moved is not None:
            self._late_by += LATER
            self._reference, self._code = moved.told["reference"], moved.told["accessCode"]

    async def _cancel(self) -> None:
        booking = self._booking
        if booking is not None and await cancel(self._asking, self._log, self.truck, booking):
            booking.given_up_at = self._now

    async def _enter(self) -> AsyncIterator[datetime]:
        """Ask to be let in, and wait once if it is too early."""
        shown = {"accessCode": self._code} if self._code else {"licensePlate": self.truck.plate.replace("-", " ")}
        for _ in range(2):
            deed = await self._asking.send(
                CPO,
                "siteEntryAuthorize",
                self._site.name,
                who=self.truck.name,
                locationId=self._site.location_id,
                **shown,
            )
            reason = deed.told.get("reason")
            self._log.entries.append(Entered(self._now, self.truck.name, deed.kind == "SiteEntryAdmitted", reason))
            opens = deed.told.get("from")
            if opens is None:
                return
            yield datetime.fromisoformat(opens)

    async def _err(self) -> None:
        """Ask at a charger with what gives no right, or at another charger; what is refused is tried all the same."""
        mistake, charger = self._visit.mistake, await self._meant()
        owner: Truck | None = self.truck
        if mistake is Mistake.WRONG_CHARGER:
            others = [one for uid, one in self._chargers.items() if uid != charger.uid]
            charger = self._chance.choice(others) if others else charger
            credential = self._card(self.truck)
        elif mistake is Mistake.ANOTHERS_TOKEN:
            owner = self._trucks[self._chance.choice(sorted(self._trucks))]
            credential = self._card(owner)
        else:
            owner, credential = None, self._worthless(mistake)
        deed, _ = await self._try(charger, owner, credential, start=False)
        if deed.kind == "ChargingRefused":
            await self._try(charger, owner, credential, start=True)

    def _worthless(self, mistake: Mistake) -> Told:
        if mistake is Mistake.UNKNOWN_REFERENCE:
            return UNKNOWN_REFERENCE
        if mistake is Mistake.BLOCKED_TOKEN:
            return {"token": {"uid": f"LOST{self.truck.name}", "type": "RFID"}}
        return UNKNOWN

    async def _charge(self) -> AsyncIterator[datetime]:
        """Try to charge until it is granted or there is no hope; after a fault, again."""
        for _ in range(PATIENCE):
            yield self._later(2)
            charger = await self._meant()
            staying = Staying(self._asking, self._log, self.truck, self._visit, self._late_by, self._chance)
            if self._how is How.REMOTE:
                self._how = How.CARD
                async for moment in staying.begin_from_afar(charger, self._booking, self._card(self.truck)):
                    yield moment
            else:
                wait = await self._ask(charger)
                if wait is None:
                    break
                yield wait
                if self._granted:
                    await self._try(charger, self.truck, self._credential(), start=True)
            if charger.charging is not None and charger.charging.truck == self.truck.name:
                async for moment in staying.stay(charger):
                    yield moment
                if not staying.interrupted:
                    return
        await self._complain()

    async def _ask(self, charger: Charger) -> datetime | None:
        """Ask to charge; return when to begin or to try again, None if there is no hope."""
        deed, granted = await self._try(charger, self.truck, self._credential(), start=False)
        self._granted = granted
        if granted:
            return self._now + PLUGGING_IN
        reason, opens = deed.told.get("reason"), deed.told.get("from")
        if reason in HOPELESS:
            return None
        if opens is not None:
            wait = datetime.fromisoformat(opens)
            return wait if wait - self._now < LONGEST_WAIT else None
        return self._later(5)

    async def _try(
        self, charger: Charger, owner: Truck | None, credential: Told, *, start: bool
    ) -> tuple[Deed, bool]:
        """Ask at a charger, or let it begin, and log that with what its operator knows of the owner's booking."""
        seen, had = await self._seen(owner), await charger.had()
        warnings = self._visit.warnings if owner is self.truck and self._booking is not None else None
        if start:
            deed = await charger.begin(self.truck.name, credential, warnings)
        else:
            deed = await charger.authorize(self.truck.name, credential)
        basis = deed.told.get("basis") or deed.told.get("authorization", {}).get("basis")
        name = owner.name if owner is not None else None
        reason = deed.told.get("reason")
        self._log.attempts.append(
            Attempt(
                self._now,
                self.truck.name,
                name,
                charger.evse_id,
                deed.kind,
                basis,
                reason,
                seen,
                had,
                "reference" in credential,
                start,
            )
        )
        return deed, basis is not None

    async def _seen(self, owner: Truck | None) -> Seen | None:
        booking = self._log.bookings.get(owner.name) if owner is not None else None
        if booking is None:
            return None
        found = (await self._asking.read(CPO, SEEN, id=booking.id))["booking"]
        return Seen(found["id"], found["status"], found["evse"]["id"])

    async def _meant(self) -> Charger:
        """Return the charger to go to: the booked one as the app shows it, else the one that was in mind."""
        booking = self._booking
        if booking is not None:
            found = (await self._asking.read(self.truck.caller, SEEN, id=booking.id))["booking"]
            if found["evse"] is not None:
                return self._chargers[found["evse"]["id"].rpartition("*")[2]]
        return self._chargers[self._visit.uid]

    def _credential(self) -> Told:
        if self._how is How.REFERENCE and self._reference is not None:
            return {"reference": self._reference}
        if self._how is How.VEHICLE and not self.truck.caller.endswith("fleet"):
            return {"token": {"uid": self.truck.contract_id, "type": "EMAID"}}
        if self._how is How.GROUP_CARD and self._booking is not None:
            return {"token": {"uid": self.truck.group_card, "type": "RFID"}}
        return self._card(self.truck)

    @staticmethod
    def _card(truck: Truck) -> Told:
        return {"token": {"uid": truck.card, "type": "RFID"}}

    async def _complain(self) -> None:
        """Report that the booked charger cannot be used, which gives the booking up."""
        booking = self._booking
        if booking is None or not self._visit.reports:
            return
        wanted = {"bookingId": booking.id, "problem": self._chance.choice(("BLOCKED", "BROKEN"))}
        deed = await self._asking.send(self.truck.caller, "problemReportCreate", self.truck.name, **wanted)
        if deed.kind == "ProblemReport":
            self._log.accounts.reports[deed.told["id"]] = (booking.id, "OPEN")
        if deed.kind == "ProblemReport" and deed.told["booking"]["status"] == "CANCELED":
            booking.given_up_at = self._now
