"""How bookings are made, read, changed, canceled and moved in these use cases: documents, and how they are put."""

from typing import Any

from tests.use_cases.documents import FREE, ask, do, period
from tests.world import World

MONEY = "currency beforeTaxes afterTaxes"
FROZEN_PRICE = f"currency booking {{ {MONEY} }} charging {{ {MONEY} }} total {{ {MONEY} }}"
TIMESLOT = "startDateTime endDateTime minPower maxPower greenEnergySupport"
TARIFF = "tariffId currency elements { priceComponents { type price } restrictions { booking } }"
BOOKING = f"""
id reference revision requestId status phase outcome reservedAt reservationExpiresAt changeUntil cancelUntil
location {{ id name }}
bookingLocation {{ id }}
timeslot {{ {TIMESLOT} }}
bookingOption {{ evseUid connectorTypes vehicleTypes }}
evse {{ id }} evseRevealedAt parkingBay {{ ocpiId }} compliantEvses {{ id }}
tokens {{ countryCode partyId uid type contractId }} contractIds licensePlate accessCode
powerRequired energyNeeded energyType inletSide maxPower
tariffs {{ {TARIFF} }}
price {{ {FROZEN_PRICE} }}
canceled {{ cancellationReason whoCanceled }}
bookingRequests {{
  kind requestStatus requestReceived decidedAt reason role requesterId quoteId
  period {{ startDateTime endDateTime }}
  fee {{ {MONEY} }}
}}
bookerId replacesId
"""
TAKEN = "... on SlotTaken { closest { startDateTime endDateTime } } ... on DoesNotFit { reasons }"
CREATE = f"""
mutation ($input: BookingCreateInput!) {{
  bookingCreate(input: $input) {{ __typename ... on Booking {{ {BOOKING} }} ... on Problem {{ message }} {TAKEN} }}
}}
"""
QUOTE_SHOWN = f"""
id expiresAt outcome timeslot {{ {TIMESLOT} }} evse {{ id }} parkingBay {{ ocpiId }} compliantEvses {{ id }}
tariffs {{ {TARIFF} }}
price {{ {FROZEN_PRICE} }}
providerFees {{ name currency complete price {{ {MONEY} }} }}
"""
QUOTE = f"""
mutation ($input: BookingQuoteInput!) {{
  bookingQuote(input: $input) {{
    __typename ... on BookingQuoted {{ quote {{ {QUOTE_SHOWN} }} }} ... on Problem {{ message }} {TAKEN}
  }}
}}
"""
BOOKED_QUOTE = f"query ($id: ID!) {{ quote(id: $id) {{ bookingId {QUOTE_SHOWN} }} }}"
BY_ID = f"query ($id: ID!) {{ booking(id: $id) {{ {BOOKING} }} }}"
BY_REFERENCE = f"query ($reference: String!) {{ booking(reference: $reference) {{ {BOOKING} }} }}"
LISTED = """
query ($references: [String!], $statuses: [ReservationStatus!], $locationId: ID) {
  bookings(references: $references, statuses: $statuses, locationId: $locationId) {
    edges { node { id reference status } }
  }
}
"""
OPTIONS = f"""
query ($input: ChangeOptionsInput!) {{
  bookingChangeOptions(input: $input) {{
    booking {{ id reference }} location {{ id }} bookingLocations {{ bookingLocation {{ id }} {FREE} }}
  }}
}}
"""
CHANGE_QUOTE = f"""
mutation ($input: BookingChangeQuoteInput!) {{
  bookingChangeQuote(input: $input) {{
    __typename
    ... on ChangeQuote {{
      quote {{ {QUOTE_SHOWN} location {{ id }} bookingLocation {{ id }} }}
      booking {{ reference revision phase timeslot {{ {TIMESLOT} }} }}
      fee {{ {MONEY} }} priceDifference {{ {MONEY} }} minPowerDifference maxPowerDifference changeUntil expiresAt
      remaining {{ bookingLocation {{ id }} timeslots {{ startDateTime endDateTime }} }}
    }}
    ... on Problem {{ message }}
    {TAKEN}
  }}
}}
"""
CHANGE = f"""
mutation ($input: BookingChangeInput!) {{
  bookingChange(input: $input) {{ __typename ... on Booking {{ {BOOKING} }} ... on Problem {{ message }} }}
}}
"""
CANCEL_QUOTE = f"""
mutation ($input: BookingCancelQuoteInput!) {{
  bookingCancelQuote(input: $input) {{
    __typename
    ... on CancelQuote {{ id booking {{ id status }} fee {{ {MONEY} }} cancelUntil expiresAt }}
    ... on Problem {{ message }}
  }}
}}
"""
CANCEL = f"""
mutation ($input: BookingCancelInput!) {{
  bookingCancel(input: $input) {{
    __typename
    ... on Booking {{ {BOOKING} }}
    ... on Problem {{ message }}
    ... on FeeDue {{ afterTaxes currency }}
    ... on CutOffPassed {{ cutOff }}
    ... on AlreadyFinal {{ finally: status }}
  }}
}}
"""
MOVE = f"""
mutation ($input: BookingMoveInput!) {{
  bookingMove(input: $input) {{
    __typename
    ... on Booking {{ {BOOKING} }}
    ... on Problem {{ message }}
    ... on FeeDue {{ afterTaxes currency }}
  }}
}}
"""
REVEAL = f"""
mutation ($input: BookingRevealInput!) {{
  bookingReveal(input: $input) {{ __typename ... on Booking {{ {BOOKING} }} ... on Problem {{ message }} }}
}}
"""
TOKENS_ADD = f"""
mutation ($input: BookingTokensAddInput!) {{
  bookingTokensAdd(input: $input) {{ __typename ... on Booking {{ {BOOKING} }} ... on Problem {{ message }} }}
}}
"""
MANDATE = """
mutation ($input: MandateGrantInput!) {
  mandateGrant(input: $input) { __typename ... on Mandate { id } ... on Problem { message } }
}
"""
MANDATE_END = """
mutation ($input: MandateRevokeInput!) {
  mandateRevoke(input: $input) { __typename ... on Mandate { id } ... on Problem { message } }
}
"""
VEHICLE = """
mutation ($input: VehicleSaveInput!) {
  vehicleSave(input: $input) { __typename ... on Vehicle { id } ... on Problem { message } }
}
"""


async def booked(world: World, caller: str, offer_id: str, start: str, end: str, **asked: Any) -> Any:
    """Book a stretch of the day directly, and return the booking as it is answered."""
    made = await do(world, caller, CREATE, bookingLocationId=offer_id, period=period(start, end), **asked)
    assert made["__typename"] == "Booking", made
    return made


async def not_booked(world: World, caller: str | None, offer_id: str, start: str, end: str, **asked: Any) -> Any:
    """Return why a stretch of the day cannot be booked."""
    refusal = await do(world, caller, CREATE, bookingLocationId=offer_id, period=period(start, end), **asked)
    assert refusal["__typename"] != "Booking", refusal
    return refusal


async def quoted(world: World, caller: str, offer_id: str, start: str, end: str, **asked: Any) -> Any:
    """Let a stretch of the day be priced and held, and return the quote."""
    made = await do(world, caller, QUOTE, bookingLocationId=offer_id, period=period(start, end), **asked)
    assert made["__typename"] == "BookingQuoted", made
    return made["quote"]


async def found(world: World, caller: str, reference: str) -> Any:
    """Return the booking that a reference finds."""
    return await ask(world, caller, BY_REFERENCE, reference=reference)


async def hidden(world: World, caller: str | None, reference: str) -> bool:
    """Whether a reference finds nothing for a caller, and it may not know why."""
    answer = await world.execute(caller, BY_REFERENCE, reference=reference)
    return [code for code, _ in answer.errors] in (["NOT_FOUND"], ["UNAUTHENTICATED"])


async def options(world: World, caller: str, booking: Any, **asked: Any) -> dict[str, list[Any]]:
    """Return what a booking could be changed to: the windows of each BookingLocation of its site or another's."""
    shown = await ask(world, caller, OPTIONS, input={"bookingId": booking["id"], **asked})
    assert shown["booking"] == {"id": booking["id"], "reference": booking["reference"]}
    return {one["bookingLocation"]["id"]: one["timeslots"] for one in shown["bookingLocations"]}


async def change_quoted(world: World, caller: str, booking: Any, **different: Any) -> Any:
    """Let a change be priced and its slot be held, and return that."""
    made = await do(world, caller, CHANGE_QUOTE, bookingId=booking["id"], **different)
    assert made["__typename"] == "ChangeQuote", made
    return made


async def changed(world: World, caller: str, quote: Any, **whom: Any) -> Any:
    """Make a change as it was quoted, and return the booking."""
    made = await do(world, caller, CHANGE, quoteId=quote["quote"]["id"], **whom)
    assert made["__typename"] == "Booking", made
    return made


async def canceled(world: World, caller: str, booking: Any, **how: Any) -> Any:
    """Cancel a booking, and return it."""
    made = await do(world, caller, CANCEL, bookingId=booking["id"], **how)
    assert made["__typename"] == "Booking", made
    return made


def named(bookings: Any) -> list[str]:
    """Return the references on a page of bookings."""
    return [edge["node"]["reference"] for edge in bookings["edges"]]


def amounts(price: Any) -> dict[str, str]:
    """Return the parts of a price before taxes."""
    return {part: price[part]["beforeTaxes"] for part in ("booking", "charging", "total")}


def when(one: Any) -> tuple[str, str]:
    """Return start and end of a booking or a quote as HH:MM, UTC."""
    slot = one["timeslot"]
    return slot["startDateTime"][11:16], slot["endDateTime"][11:16]


def history(booking: Any) -> list[tuple[str, str, str, str]]:
    """Return what was asked of a booking, what came of it, as what its requester acted and who that is."""
    return [
        (one["kind"], one["requestStatus"], one["role"], one["requesterId"]) for one in booking["bookingRequests"]
    ]


def a_token(contract_id: str, uid: str = "CARD-1") -> dict[str, str]:
    """Return a token of the EMSP under a contract, as an input."""
    return {"countryCode": "NL", "partyId": "EMS", "uid": uid, "type": "RFID", "contractId": contract_id}
