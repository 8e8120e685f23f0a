"""What an MSP adds for its transport operators in these use cases: the documents, and how they are put."""

from decimal import Decimal
from typing import Any

from tests.use_cases.booking_documents import MONEY
from tests.use_cases.charging_documents import CARD, E1, begun, ended, measured, reading, tokens_of_all, with_card
from tests.use_cases.documents import ONE_FEE, ask, do, fees_of_the_emsp
from tests.use_cases.following_documents import clock, round_of_worker
from tests.world import World

LINE = f"""
id emspId kind feeId name contractIds contractId licensePlate locationId bookingId cdrId month
price {{ {MONEY} }} credit creditReferenceId state invoiceId issuedAt
"""
LINES = f"""
query ($contractId: String, $kinds: [ProviderLineKind!], $states: [PaymentState!], $issued: PeriodInput) {{
  providerLines(contractId: $contractId, kinds: $kinds, states: $states, issued: $issued) {{
    edges {{ node {{ {LINE} }} }}
  }}
}}
"""
CDRS = f"""
query ($bookingIds: [ID!]) {{
  cdrs(bookingIds: $bookingIds) {{ edges {{ node {{
    id kind energy greenShare contractId licensePlate total {{ {MONEY} }} lines {{ kind words price {{ {MONEY} }} }}
  }} }} }}
}}
"""
INVOICE = f"""
mutation ($input: ProviderLinesInvoiceInput!) {{
  providerLinesInvoice(input: $input) {{
    __typename ... on ProviderLinesInvoiced {{ providerLines {{ {LINE} }} }} ... on Problem {{ message }}
    ... on PaymentStateDiffers {{ kind id paymentState }}
  }}
}}
"""
PAY = f"""
mutation ($input: ProviderLinesPayInput!) {{
  providerLinesPay(input: $input) {{
    __typename ... on ProviderLinesPaid {{ providerLines {{ {LINE} }} }} ... on Problem {{ message }}
    ... on PaymentStateDiffers {{ kind id paymentState }}
  }}
}}
"""
STATEMENT = """
query ($period: PeriodInput!) {
  statement(period: $period, groupBy: [CONTRACT]) {
    lines { edges { node { contractId currency afterTaxes providerAfterTaxes } } }
  }
}
"""
DAY = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-02T00:00:00Z"}
MONTHLY = {"id": "MONTH", "name": "Subscription", "currency": "EUR", "perMonth": "9.90", "vat": "21"}
FEE_OF_10_PERCENT = [("MARKUP", "0.8500"), ("MARKUP", "5.0000"), ("PER_BOOKING", "1.0000")]
"""Of 8.50 for an hour's slot, of 50.00 for 100 kWh, and for the booking."""


async def lines(world: World, caller: str, **wanted: Any) -> list[Any]:
    """Return what a caller is told that an MSP adds."""
    return [edge["node"] for edge in (await ask(world, caller, LINES, **wanted))["edges"]]


async def cdrs(world: World, caller: str, booking: Any) -> list[Any]:
    """Return what operators bill of a booking, as a caller is told."""
    found = await ask(world, caller, CDRS, bookingIds=[booking["id"]])
    return [edge["node"] for edge in found["edges"]]


def amounts(found: list[Any]) -> list[tuple[str, str]]:
    """Return the kinds of lines with their amounts before taxes."""
    return sorted((one["kind"], one["price"]["beforeTaxes"]) for one in found)


def total(found: list[Any], part: str = "beforeTaxes") -> Decimal:
    """Return what prices add up to."""
    return sum((Decimal(one["price"][part]) for one in found), Decimal(0))


async def invoiced(world: World, found: list[Any], invoice: str = "2026-1", caller: str = "emsp") -> Any:
    """Let an MSP put lines on an invoice, and return what came of it."""
    return await do(world, caller, INVOICE, lineIds=[one["id"] for one in found], invoiceId=invoice)


async def paid(world: World, found: list[Any], caller: str = "emsp") -> Any:
    """Let an MSP note that lines were paid, and return what came of it."""
    return await do(world, caller, PAY, lineIds=[one["id"] for one in found])


async def charged(world: World, caller: str = "fleet") -> Any:
    """Let an MSP have fees, and 100 kWh be charged on a booking of its fleet's, which is returned."""
    await fees_of_the_emsp(world, ONE_FEE)
    booking = await with_card(world, caller, licensePlate="12-BCD-3")
    await used(world)
    return booking


async def used(world: World, full: str = "10:30", until: str = "10:30") -> None:
    """Let 100 kWh be charged on the booking of a card by a moment, the vehicle leave, and all of it be billed."""
    await tokens_of_all(world)
    await round_of_worker(world)
    session = await begun(world, E1, "10:00", token=CARD)
    world.later(clock(full))
    await measured(world, session, reading("10:00", "0"), reading(full, "100"))
    await ended(world, session, until, kwh="100")
    await round_of_worker(world)
