"""What an operator and the providers do about money on a simulated day: waive, refund, number, invoice, decide."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from benchmarks.day_asking import Asking
from benchmarks.day_chargers import CPO
from benchmarks.day_log import Accounts, Log, Told
from benchmarks.day_plan import MINUTE, NOW, PROVIDERS, Plan

BEGINS, NUMBERED = NOW + 40 * MINUTE, NOW + 95 * MINUTE
EVERY = 35 * MINUTE
PAGE = 500
PREFIXES = ("2026-", "A.")
OF_SESSIONS = frozenset({"OVERTIME", "LATE_ARRIVAL"})
WAIVABLE = frozenset({"CANCELLATION", "NO_SHOW", "MODIFICATION"}) | OF_SESSIONS
ACCOUNTS = """
query ($after: String) { cdrs(first: 500, after: $after) {
  edges { node { id bookingId credit creditedBy state fleetState total { beforeTaxes } lines { kind } } }
  pageInfo { hasNextPage endCursor }
} }
"""
LINES = "query { providerLines(first: 500, states: [DUE]) { edges { node { id } } } }"
STORED = """
SELECT 'cdr ' || id, md5(cdr::text) FROM cdr
UNION ALL
SELECT 'line ' || id, md5((to_jsonb(line) - 'state' - 'invoice_id')::text) FROM provider_line line
"""


class Office:
    """Those who see to what is owed."""

    def __init__(self, asking: Asking, log: Log, plan: Plan, seed: int) -> None:
        """Take what chance begins with."""
        self._asking = asking
        self._log = log
        self._accounts: Accounts = log.accounts
        self._until = plan.end
        self._chance = Random(seed)
        self._chance_of_fleets = Random(seed + 1)
        self._invoices = 0

    async def story(self) -> AsyncIterator[datetime]:
        """Look after it now and then until about the end of the day."""
        yield BEGINS
        prefixes = list(PREFIXES)
        while self._asking.now < self._until + 30 * MINUTE:
            if prefixes and self._asking.now >= NUMBERED + (len(PREFIXES) - len(prefixes)) * 90 * MINUTE:
                await self._number(prefixes.pop(0))
            await self._look_after()
            yield self._asking.now + EVERY + timedelta(seconds=self._chance.randrange(600))

    async def _number(self, prefix: str) -> None:
        await self._asking.send(CPO, "cdrNumberingSet", CPO, prefix=prefix)
        self._accounts.numbered_at = self._accounts.numbered_at or self._asking.now

    async def _look_after(self) -> None:
        for key, looks in await self._asking.stored(STORED):
            self._accounts.stored.setdefault(key, looks)
        known = await self._cdrs(CPO)
        standing = [one for one in known if not one["credit"] and one["creditedBy"] is None]
        for one in standing:
            await self._waive(one)
            if self._chance.random() < 0.12:
                await self._refund(one)
        for (booking_id, fee), waiver_id in list(self._accounts.waived.items()):
            if self._chance.random() < 0.2:
                await self._asking.send(CPO, "feeWaiverRevoke", fee, waiverId=waiver_id, reason="It was due.")
                del self._accounts.waived[booking_id, fee]
        for report_id, (booking_id, status) in list(self._accounts.reports.items()):
            await self._decide(report_id, booking_id, status)
        await self._invoice(CPO, "CPO", [(one["id"], one["state"]) for one in known], self._chance)
        for provider in PROVIDERS:
            await self._invoice_lines(provider)
            own = [(one["id"], one["fleetState"]) for one in await self._cdrs(provider)]
            await self._invoice(provider, "EMSP", own, self._chance_of_fleets)

    async def _cdrs(self, caller: str) -> list[Told]:
        found: list[Told] = []
        after: str | None = None
        while True:
            page = (await self._asking.read(caller, ACCOUNTS, after=after))["cdrs"]
            found.extend(edge["node"] for edge in page["edges"])
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def _waive(self, one: Told) -> None:
        """Do without a fee now and then, also without one that is still to come."""
        if one["bookingId"] is None:
            return
        fees = sorted({line["kind"] for line in one["lines"]} & WAIVABLE)
        fees += ["OVERTIME", "NO_SHOW"] if self._chance.random() < 0.04 else []
        for fee in fees:
            known = (one["bookingId"], fee) in self._accounts.waived
            if not known and self._chance.random() < 0.3:
                wanted = {"bookingId": one["bookingId"], "fee": fee, "reason": "A road was closed."}
                deed = await self._asking.send(CPO, "feeWaive", fee, **wanted)
                self._accounts.waived[one["bookingId"], fee] = deed.told["id"]

    async def _refund(self, one: Told) -> None:
        """Give back all of a CDR, or an odd part of it."""
        whole = Decimal(one["total"]["beforeTaxes"])
        amount = whole if self._chance.random() < 0.3 else (whole / 3).quantize(Decimal("0.0001"))
        if amount > 0:
            wanted = {"cdrId": one["id"], "beforeTaxes": str(amount), "reason": "The bay was dirty."}
            deed = await self._asking.send(CPO, "cdrRefund", CPO, **wanted)
            if deed.kind == "CdrRefunded":
                self._accounts.refunded.append((one["id"], amount))

    async def _decide(self, report_id: str, booking_id: str, status: str) -> None:
        """Contest a report, uphold or dismiss it, or let its holder take it back; or leave it for now."""
        become, reason = self._chance.choice(("UPHELD", "CONTESTED", "WITHDRAWN", status)), "We looked at it."
        if become == status or status not in ("OPEN", "CONTESTED"):
            return
        about = {"reportId": report_id}
        if status == "CONTESTED" or become == "UPHELD":
            upheld = become != "WITHDRAWN"
            await self._asking.send(CPO, "problemReportResolve", CPO, upheld=upheld, explanation=reason, **about)
            become = "UPHELD" if upheld else "DISMISSED"
        elif become == "CONTESTED":
            await self._asking.send(CPO, "problemReportContest", CPO, reason=reason, **about)
        else:
            await self._asking.send(self._holder(booking_id), "problemReportWithdraw", CPO, **about)
        self._accounts.reports[report_id] = (booking_id, become)

    def _holder(self, booking_id: str) -> str:
        """Return who granted bookings were for, by their id."""
        made = next(name for name, one in self._log.bookings.items() if one.id == booking_id)
        return next(deed.who for deed in self._log.deeds if deed.root == "bookingCreate" and deed.about == made)

    async def _invoice(self, caller: str, role: str, known: list[tuple[str, str]], chance: Random) -> None:
        """Let who is owed put what is due on an invoice, and note that some of what was invoiced is paid."""
        noted = self._accounts.payments
        due = [cdr_id for cdr_id, state in known if state == "DUE"][:PAGE]
        if due and chance.random() < 0.6:
            self._invoices += 1
            invoice_id = f"INVOICE-{self._invoices}"
            await self._asking.send(caller, "cdrsInvoice", caller, cdrIds=due, invoiceId=invoice_id)
            noted.update({(one, role): ("INVOICED", invoice_id) for one in due})
        paid = [cdr_id for cdr_id, state in known if state == "INVOICED" and chance.random() < 0.5][:PAGE]
        if paid:
            await self._asking.send(caller, "cdrsPay", caller, cdrIds=paid)
            noted.update({(one, role): ("PAID", noted[one, role][1]) for one in paid})

    async def _invoice_lines(self, provider: str) -> None:
        found = (await self._asking.read(provider, LINES))["providerLines"]["edges"]
        due = [edge["node"]["id"] for edge in found if self._chance.random() < 0.7]
        if due and self._chance.random() < 0.5:
            self._invoices += 1
            invoice_id = f"INVOICE-{self._invoices}"
            await self._asking.send(provider, "providerLinesInvoice", provider, lineIds=due, invoiceId=invoice_id)
            self._accounts.payments.update({(one, "LINE"): ("INVOICED", invoice_id) for one in due})
