"""How those who take part in a simulated day ask the product: GraphQL over HTTP, at the moment it has come to."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from benchmarks.day_log import Deed, Had, Log, Told
from tests.server.served import Served

TWICE = 0.05
"""So often a mutation is sent again with its key, as after a lost answer."""

PERSISTENT = 8
"""So often a request is sent until it is answered."""

REFUSED = "... on ChargingRefused { reason from evseId }"
SESSION = "... on Session { id status basis evse { id } bookingId kwh allowedUntil }"
REQUEST = "... on SessionRequest { id status }"
ANSWERED = {
    "tokensPublish": "... on TokensPublished { tokens { id } }",
    "tokenBlock": "... on Token { id }",
    "bookingCreate": "... on Booking { id status reference accessCode timeslot { startDateTime endDateTime } } "
    "... on SlotTaken { closest { startDateTime endDateTime } }",
    "bookingCancel": "... on Booking { id status } ... on FeeDue { afterTaxes }",
    "bookingCancelQuote": "... on CancelQuote { id }",
    "bookingChangeQuote": "... on ChangeQuote { quote { id } }",
    "bookingChange": "... on Booking { id status reference accessCode }",
    "sessionAlertsSet": "... on SessionAlerts { minutesBeforeEnd }",
    "siteEntryAuthorize": "... on SiteEntryAdmitted { entry { id } } ... on SiteEntryRefused { reason from }",
    "chargingAuthorize": "... on ChargingAuthorized { authorization { id basis until } booking { id } } " + REFUSED,
    "sessionStartReport": f"{SESSION} {REFUSED}",
    "sessionReadingsReport": "... on SessionReadings { session { id kwh } outcomes { at outcome } }",
    "sessionStopReport": SESSION,
    "sessionStart": f"{REQUEST} {REFUSED}",
    "sessionStop": REQUEST,
    "sessionRequestAnswer": REQUEST,
    "evseStatusReport": "... on Evse { id }",
    "problemReportCreate": "... on ProblemReport { id booking { status } }",
    "problemReportContest": "... on ProblemReport { id }",
    "problemReportResolve": "... on ProblemReport { id }",
    "problemReportWithdraw": "... on ProblemReport { id }",
    "cdrNumberingSet": "... on CdrNumbering { prefix }",
    "feeWaive": "... on FeeWaiver { id }",
    "feeWaiverRevoke": "... on FeeWaiver { id }",
    "cdrRefund": "... on CdrRefunded { cdr { id } }",
    "cdrsInvoice": "... on CdrsInvoiced { cdrs { id state } }",
    "cdrsPay": "... on CdrsPaid { cdrs { id state } }",
    "providerLinesInvoice": "... on ProviderLinesInvoiced { providerLines { id state } }",
    "invoiceReconcile": "... on Reconciliation { matches differences doubles unknown missing "
    "invoiceLines { cdrId outcome } }",
    "providerFeesPublish": "... on ProviderFeesPublished { providerFees { id } }",
}
SEEN = "query ($id: ID!) { booking(id: $id) { id status hazard evse { id } } }"
GOING_ON = """
query { sessions(statuses: [ACTIVE], first: 100) { edges { node { id allowedUntil } } pageInfo { hasNextPage } } }
"""
HAD = """
SELECT evse_id, parking_bay_id, holder_id::text, kind, lower(during), upper(during) FROM allocation
WHERE released_at IS NULL AND (expires_at IS NULL OR expires_at > $3) AND upper(during) > $3
    AND (evse_id = $1 OR parking_bay_id = ANY($2))
"""
FREE = """
query ($input: AvailabilityInput!) {
  availability(input: $input, first: 1) { edges { node { bookingLocations { timeslots {
    counts { startDateTime endDateTime available }
  } } } } }
}
"""


class Asking:
    """Everybody's way to the product. What is answered is logged; an answer that is an error ends the day."""

    def __init__(self, target: Served, log: Log, seed: int) -> None:
        """Take the application, where to log, and what chance begins with."""
        self._target = target
        self._log = log
        self._chance = Random(seed)
        self._sent = 0

    @property
    def now(self) -> datetime:
        """The moment that the day has come to."""
        return self._target.world.now

    async def send(self, caller: str, root: str, about: str, *, who: str | None = None, **wanted: Any) -> Deed:
        """Send a mutation, now and then twice, and return what came of it; `who` is whose doing it is."""
        self._sent += 1
        variables = {"input": {"idempotencyKey": f"day-{self._sent:06}", **wanted}}
        told = (await self._ask(caller, _document(root), variables))[root]
        deed = Deed(self.now, who or caller, root, about, told.pop("__typename"), told)
        self._log.deeds.append(deed)
        if self._chance.random() < TWICE:
            again = (await self._ask(caller, _document(root), variables))[root]
            if again.pop("__typename") != deed.kind or again != told:
                self._log.differing.append(deed)
        return deed

    async def read(self, caller: str, document: str, **variables: Any) -> Told:
        """Return what a query answers."""
        return await self._ask(caller, document, variables)

    async def had(self, evse_id: str, bay_ids: Sequence[str]) -> tuple[Had, ...]:
        """Return who has a charger or one of its bays from now on, by plain SQL."""
        async with self._target.world.database.reading() as connection:
            rows = await connection.fetch(HAD, evse_id, bay_ids, self.now)
        return tuple(Had(*row) for row in rows)

    async def stored(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what plain SQL finds."""
        async with self._target.world.database.reading() as connection:
            return [tuple(row) for row in await connection.fetch(statement)]

    async def heard(self) -> None:
        """Wait until the application has heard of all that was written."""
        await self._target.published()

    async def _ask(self, caller: str, document: str, variables: dict[str, Any]) -> Told:
        answer: Told = {}
        for _ in range(PERSISTENT):
            answer = (await self._target.ask(document, caller, **variables)).json()
            if [one["extensions"]["code"] for one in answer.get("errors", [])] != ["TRY_AGAIN"]:
                break
        if "errors" in answer:
            raise RuntimeError(f"{self.now.isoformat()} {caller} {document} {variables}: {answer['errors']}")
        return dict(answer["data"])


def _document(root: str) -> str:
    kind = f"{root[0].upper()}{root[1:]}Input"
    fields = f"__typename {ANSWERED[root]} ... on Problem {{ message }}"
    return f"mutation ($input: {kind}!) {{ {root}(input: $input) {{ {fields} }} }}"
