"""What is billed, waived, given back, invoiced and added up in these use cases: documents, and how they are put."""

from decimal import Decimal
from typing import Any

from tests.api.publications import a_tariff_input
from tests.use_cases.booking_documents import MONEY
from tests.use_cases.charging_documents import CARD, E1, begun, ended, measured, reading, tokens_of_all, with_card
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import clock, round_of_worker
from tests.use_cases.operators import HUB_MCS, an_offer, done
from tests.use_cases.prices import TERMS
from tests.world import World

CONCERNED = ("cpo", "emsp", "fleet")
"""The operator, the provider and the transport operator of what is billed."""

STRANGERS = ("other_cpo", "other_emsp", "other_fleet")
PLATE, OTHER_PLATE = "12-BCD-3", "98-XYZ-7"
DAY = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-02T00:00:00Z"}
MONTHS = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2027-02-01T00:00:00Z"}

LINE = f"kind tariffId element quantity unitPrice vat price {{ {MONEY} }} bookingId revision words"
CDR = f"""
id ocpiId number kind credit creditReferenceId creditedBy currency total {{ {MONEY} taxes {{ percentage amount }} }}
lines {{ {LINE} }} bookingId sessionId revision period {{ startDateTime endDateTime }} energy greenShare
cpoId emspId contractId licensePlate token {{ uid type contractId }} authMethod authorizationReference
location {{ id name city evseUid timeZone }}
tariffs {{ tariffId elements {{ priceComponents {{ type price }} restrictions {{ booking }} }} }}
bookingTerms {{ noshowTimeout noshowFee lateStopAllowed lateStopTime bookingTerms }}
issuedAt remark state invoiceId
"""
BY_ID = f"query ($id: ID!) {{ cdr(id: $id) {{ {CDR} }} }}"
CDRS = f"""
query (
  $bookingIds: [ID!], $sessionIds: [ID!], $locationId: ID, $kinds: [BillKind!], $credits: Boolean
  $contractId: String, $states: [PaymentState!], $issued: PeriodInput, $first: Int! = 50, $after: String
) {{
  cdrs(
    bookingIds: $bookingIds sessionIds: $sessionIds locationId: $locationId kinds: $kinds credits: $credits
    contractId: $contractId states: $states issued: $issued first: $first after: $after
  ) {{ edges {{ node {{ {CDR} }} }} pageInfo {{ hasNextPage endCursor }} }}
}}
"""
STOOD = """
query ($states: [PaymentState!]) {
  cdrs(states: $states) { edges { node { kind state invoiceId fleetState fleetInvoiceId } } }
}
"""
ISSUED = f"""
subscription ($after: EventCursor) {{
  cdrIssued(after: $after) {{ __typename ... on CdrIssued {{ cursor at cdr {{ {CDR} }} }} }}
}}
"""
OF_BOOKING = f"query ($id: ID!) {{ booking(id: $id) {{ cdrs {{ {CDR} }} }} }}"
OF_SESSION = f"query ($id: ID!) {{ session(id: $id) {{ cost {{ {MONEY} }} cdrs {{ {CDR} }} }} }}"
SUMS = """
vehicle contractId locationId month currency bookings sessions cdrs energy greenEnergy greenShare
beforeTaxes afterTaxes due invoiced paid fleetDue fleetInvoiced fleetPaid
providerAfterTaxes providerDue providerInvoiced providerPaid
"""
STATEMENT = f"""
query ($period: PeriodInput!, $groupBy: [StatementGroup!]) {{
  statement(period: $period, groupBy: $groupBy) {{
    period {{ startDateTime endDateTime }} lines {{ edges {{ node {{ {SUMS} }} }} }} totals {{ {SUMS} }}
  }}
}}
"""
WAIVER = "id bookingId fee reason waivedAt revokedAt revokedReason"
WAIVERS = f"query ($bookingId: ID!) {{ feeWaivers(bookingId: $bookingId) {{ {WAIVER} }} }}"
WAIVE = f"""
mutation ($input: FeeWaiveInput!) {{
  feeWaive(input: $input) {{
    __typename ... on FeeWaiver {{ {WAIVER} }} ... on AlreadyWaived {{ waiverId }} ... on Problem {{ message }}
  }}
}}
"""
REVOKE = f"""
mutation ($input: FeeWaiverRevokeInput!) {{
  feeWaiverRevoke(input: $input) {{
    __typename ... on FeeWaiver {{ {WAIVER} }} ... on Problem {{ message }}
  }}
}}
"""
DIFFERS = "... on PaymentStateDiffers { kind id paymentState } ... on Problem { message }"
INVOICE = f"""
mutation ($input: CdrsInvoiceInput!) {{
  cdrsInvoice(input: $input) {{ __typename ... on CdrsInvoiced {{ cdrs {{ {CDR} }} }} {DIFFERS} }}
}}
"""
PAY = f"""
mutation ($input: CdrsPayInput!) {{
  cdrsPay(input: $input) {{ __typename ... on CdrsPaid {{ cdrs {{ {CDR} }} }} {DIFFERS} }}
}}
"""
REFUND = f"""
mutation ($input: CdrRefundInput!) {{
  cdrRefund(input: $input) {{ __typename ... on CdrRefunded {{ cdr {{ {CDR} }} }} ... on Problem {{ message }} }}
}}
"""
NUMBERING = "{ cdrNumbering { prefix lastNumber } }"
NUMBER = """
mutation ($input: CdrNumberingSetInput!) {
  cdrNumberingSet(input: $input) { __typename ... on CdrNumbering { prefix lastNumber } }
}
"""
COMPARED = """
cpoId invoiceId matches differences doubles unknown missing
invoiceLines { cdrId outcome afterTaxes currency expectedAfterTaxes expectedCurrency otherInvoiceId }
"""
RECONCILE = f"""
mutation ($input: InvoiceReconcileInput!) {{
  invoiceReconcile(input: $input) {{ __typename ... on Reconciliation {{ {COMPARED} }} ... on Problem {{ message }} }}
}}
"""
RECONCILIATION = f"""
query ($cpoId: ID!, $invoiceId: String!) {{
  reconciliation(cpoId: $cpoId, invoiceId: $invoiceId) {{ {COMPARED} }}
}}
"""


async def bills(world: World, caller: str, **wanted: Any) -> list[Any]:
    """Return the CDRs that a caller lists, in the order in which they were issued."""
    return [edge["node"] for edge in (await ask(world, caller, CDRS, **wanted))["edges"]]


async def stood(world: World, caller: str, **wanted: Any) -> dict[str, tuple[Any, ...]]:
    """Return how a caller stands to each CDR that it lists, and what it is told of EMSP and fleet, by kind."""
    found = [edge["node"] for edge in (await ask(world, caller, STOOD, **wanted))["edges"]]
    keys = ("state", "invoiceId", "fleetState", "fleetInvoiceId")
    return {one["kind"]: tuple(one[key] for key in keys) for one in found}


def owed(line: Any, of: str = "") -> tuple[str, str, str]:
    """Return what of a line of a statement is due, invoiced and paid: to the reader, `fleet` or `provider`."""
    due, invoiced, paid = (f"{of}{name.capitalize()}" if of else name for name in ("due", "invoiced", "paid"))
    return line[due], line[invoiced], line[paid]


async def billed(world: World, booking: Any, caller: str = "fleet", **wanted: Any) -> list[Any]:
    """Let a worker bill what is to be billed, and return the CDRs of a booking as a caller sees them."""
    await round_of_worker(world)
    return await bills(world, caller, bookingIds=[booking["id"]], **wanted)


def standing(found: list[Any]) -> dict[str, str]:
    """Return what is billed now, before taxes, by kind: neither credits nor what was credited."""
    alive = [one for one in found if not one["credit"] and one["creditedBy"] is None]
    kinds = {one["kind"]: one["total"]["beforeTaxes"] for one in alive}
    assert len(kinds) == len(alive), alive
    return kinds


def lines(cdr: Any) -> list[tuple[str, str, str]]:
    """Return the lines of a CDR: for what, how much of it, and what it costs before taxes."""
    return [(one["kind"], one["quantity"], one["price"]["beforeTaxes"]) for one in cdr["lines"]]


def the(found: list[Any], kind: str) -> Any:
    """Return the one CDR of a kind that bills now."""
    (one,) = [one for one in found if one["kind"] == kind and not one["credit"] and one["creditedBy"] is None]
    return one


def together(found: list[Any], part: str = "beforeTaxes") -> Decimal:
    """Return what CDRs come to, credits taken off."""
    return sum((Decimal(one["total"][part]) for one in found), Decimal(0))


def adds_up(cdr: Any) -> bool:
    """Whether the lines of a CDR add up to its total, or in a credit to what it takes back, and its taxes too."""
    sign = -1 if cdr["credit"] else 1
    total = cdr["total"]
    taxes = sum(Decimal(one["amount"]) for one in total["taxes"])
    return Decimal(total["beforeTaxes"]) + taxes == Decimal(total["afterTaxes"]) and all(
        sum(Decimal(line["price"][part]) for line in cdr["lines"]) == sign * Decimal(total[part])
        for part in ("beforeTaxes", "afterTaxes")
    )


async def statement(world: World, caller: str, *groups: str, period: Any = None) -> Any:
    """Return what a caller is told of all that was issued on the day, or in that period."""
    return await ask(world, caller, STATEMENT, period=period or DAY, groupBy=list(groups))


async def sums(world: World, caller: str, *groups: str, period: Any = None) -> list[Any]:
    """Return the groups of a statement."""
    shown = await statement(world, caller, *groups, period=period)
    return [edge["node"] for edge in shown["lines"]["edges"]]


async def used(
    world: World, full: str = "10:30", until: str = "10:30", *, caller: str = "fleet", **more: Any
) -> tuple[Any, Any]:
    """Book ten to eleven, charge 100 kWh of it by a moment, unplug at another; return booking and session."""
    await tokens_of_all(world)
    booking = await with_card(world, caller, licensePlate=PLATE, **more)
    await round_of_worker(world)
    return booking, await session(world, full, until)


async def session(world: World, full: str, until: str, kwh: str = "100", evse_id: str = E1, **by: Any) -> Any:
    """Charge from ten until a moment, unplug at another, and return the session, as the worker has billed it."""
    one = await begun(world, evse_id, "10:00", **(by or {"token": CARD}))
    world.later(clock(full))
    await measured(world, one, reading("10:00", "0"), reading(full, kwh))
    over = await ended(world, one, until, kwh=kwh)
    await round_of_worker(world)
    return over


async def waived(world: World, booking: Any, fee: str, reason: str = "A road was closed.") -> Any:
    """Let the operator do without a fee of a booking, and return the waiver."""
    came = await do(world, "cpo", WAIVE, bookingId=booking["id"], fee=fee, reason=reason)
    assert came["__typename"] == "FeeWaiver", came
    return came


async def refunded(world: World, cdr: Any, amount: str, reason: str = "The bay was dirty.") -> Any:
    """Let the operator give back a part of what a CDR billed, and return what came of it."""
    return await do(world, "cpo", REFUND, cdrId=cdr["id"], beforeTaxes=amount, reason=reason)


async def invoiced(world: World, found: list[Any], invoice_id: str = "INV-1", caller: str = "cpo") -> Any:
    """Let CDRs be put on an invoice, and return what came of it."""
    return await do(world, caller, INVOICE, cdrIds=[one["id"] for one in found], invoiceId=invoice_id)


async def paid(world: World, found: list[Any], caller: str = "cpo") -> Any:
    """Let it be noted that CDRs are paid, and return what came of it."""
    return await do(world, caller, PAY, cdrIds=[one["id"] for one in found])


async def priced(world: World, *elements: dict[str, Any], **terms: Any) -> None:
    """Let the megawatt charger be booked at other prices from now on, and on other terms."""
    await done(world, "tariffsPublish", a_tariff_input("PLAIN", elements=list(elements)))
    offer = an_offer(HUB_MCS, bookingOption={"evseUid": "E1"}, tariffIds=["PLAIN"], bookingTerms={**TERMS, **terms})
    await done(world, "bookingLocationsPublish", offer)
