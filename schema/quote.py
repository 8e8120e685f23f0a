"""Quotes as callers see them, and the root fields that make, give back and read them."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import quote as rules
from models.rules.booking_location import Confirmation
from models.rules.identity import part_id
from models.rules.quote import QuoteOutcome
from models.rules.spot import spots
from resolvers import quotes
from resolvers.call import Call
from resolvers.granting import WantedSlot
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY, STORED_VEHICLE
from schema.booking_location import BookingLocation, BookingOption, BookingTerms, Timeslot
from schema.context import Info
from schema.evse import Evse, ParkingBay
from schema.inputs import LONGEST_ID, PeriodInput, interval, text, vehicle_id
from schema.location import Location
from schema.location import of as location_of
from schema.price import BookingPrice, ProviderFeeLine
from schema.search_inputs import NeedsInput, needs
from schema.tariff import BookedTariff


@strawberry.type(description="A priced slot that is held for its caller for some minutes (BUC 2.1).")
class Quote:
    """A priced slot that is held."""

    id: strawberry.ID
    made_at: datetime
    expires_at: datetime = strawberry.field(description="Until then the slot is held, and can be booked at `price`.")
    outcome: QuoteOutcome
    booking_id: strawberry.ID | None = strawberry.field(description="What it was booked as.")
    location: Location
    booking_location: BookingLocation | None = strawberry.field(
        description="What it is of, as that is now; null once its operator withdrew it."
    )
    timeslot: Timeslot
    booking_option: BookingOption = strawberry.field(description="What is quoted, as its operator had it then.")
    evse: Evse | None = strawberry.field(description="The charger, if it was asked for; else any that complies.")
    parking_bay: ParkingBay | None = strawberry.field(description="The bay, if the charger was asked for.")
    compliant_evses: list[Evse] = strawberry.field(description="The chargers that satisfy what is quoted.")
    confirmation: Confirmation
    booking_terms: BookingTerms = strawberry.field(description="The terms that a booking of it is made under.")
    tariffs: list[BookedTariff] = strawberry.field(description="The tariffs that a booking of it is made under.")
    price: BookingPrice
    provider_fees: list[ProviderFeeLine] = strawberry.field(description="What a fleet's own EMSP adds to `price`.")


@strawberry.type(description="The quote, which holds its slot from now on.")
class BookingQuoted:
    """The quote that was made."""

    quote: Quote


@strawberry.type(description="The quote, which holds nothing any more.")
class BookingQuoteReleased:
    """The quote that was given back."""

    quote: Quote


@strawberry.input(description="What to price and hold, when, and for which needs.")
class BookingQuoteInput(NeedsInput):
    """What to price and hold."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_location_id: strawberry.ID
    period: PeriodInput
    evse_id: strawberry.ID | None = strawberry.field(
        default=None, description="One charger of a group; any that fits, if absent."
    )
    vehicle_id: strawberry.ID | None = strawberry.field(default=None, description=STORED_VEHICLE)


@strawberry.input(description="Which quote to give back.")
class BookingQuoteReleaseInput:
    """Which quote to give back."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    quote_id: strawberry.ID


BookingQuoteResult = Annotated[
    BookingQuoted
    | problems.SlotTaken
    | problems.OutsideCalendar
    | problems.DoesNotFit
    | problems.ChargerUnusable
    | problems.TooManyHolds
    | problems.NotFound
    | problems.IdempotencyConflict,
    strawberry.union("BookingQuoteResult"),
]
BookingQuoteReleaseResult = Annotated[
    BookingQuoteReleased | problems.QuoteUsed | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("BookingQuoteReleaseResult"),
]


@strawberry.type
class QuoteQuery:
    """The root field that reads a quote."""

    @strawberry.field(description="A quote of the caller's; an error with code NOT_FOUND else.")
    async def quote(self, info: Info, id: strawberry.ID) -> Quote | None:
        """Return one quote."""
        call = await info.context.call()
        return quote(await quotes.get(call, text(id, "id", LONGEST_ID)), call)


@strawberry.type
class QuoteMutation:
    """The root fields that make and give back quotes."""

    @strawberry.mutation(
        description="Price a slot of a charger, or of any of a group, and hold it for some minutes; a party, in one "
        "role and under the same contracts, holds at most 20 at a time. For EMSP and TO."
    )
    async def booking_quote(self, info: Info, input: BookingQuoteInput) -> BookingQuoteResult:
        """Price and hold a slot."""
        call = await info.context.call()
        wanted = WantedSlot(
            booking_location_id=text(input.booking_location_id, "bookingLocationId", LONGEST_ID),
            period=interval(input.period, "period"),
            demand=needs(input),
            evse_id=text(input.evse_id, "evseId", LONGEST_ID),
            vehicle_id=vehicle_id(input.vehicle_id, input.vehicle),
        )
        return BookingQuoted(quote=quote(await quotes.quote(call, input.idempotency_key, wanted), call))

    @strawberry.mutation(
        description="Give back the slot that a quote holds; nothing changes if it is over. For EMSP and TO."
    )
    async def booking_quote_release(self, info: Info, input: BookingQuoteReleaseInput) -> BookingQuoteReleaseResult:
        """Give back a slot."""
        call = await info.context.call()
        quote_id = text(input.quote_id, "quoteId", LONGEST_ID)
        released = await quotes.release(call, input.idempotency_key, quote_id)
        return BookingQuoteReleased(quote=quote(released, call))


def quote(one: rules.Quote, call: Call) -> Quote:
    """Return a quote as callers see it at the moment of `call`."""
    grant = one.grant
    entry = call.catalogue.get(grant.location_id)
    if entry is None:
        raise LookupError(f"the catalogue lacks Location {grant.location_id} of quote {one.id}")
    place = location_of(entry.published)
    chargers = {found.id: found for found in place.evses}
    bays = {bay.id: bay for bay in place.parking_bays}
    offers = {offer.id: offer for offer in place.booking_locations}
    complying = [spot.evse.id for spot in spots(entry.published.location, grant.booking_option)]
    charger = chargers.get(strawberry.ID(grant.evse_id)) if grant.evse_pinned else None
    bay_id = grant.parking_bay_id if charger else None
    return Quote(
        id=strawberry.ID(str(one.id)),
        made_at=one.made_at,
        expires_at=one.expires_at,
        outcome=one.outcome_at(call.now),
        booking_id=strawberry.ID(part_id(grant.cpo_id, str(one.booking_id))) if one.booking_id else None,
        location=place,
        booking_location=offers.get(strawberry.ID(grant.booking_location_id)),
        timeslot=Timeslot.of(grant.timeslot),
        booking_option=BookingOption.of(grant.booking_option),
        evse=charger,
        parking_bay=bays.get(strawberry.ID(bay_id)) if bay_id else None,
        compliant_evses=[charger]
        if charger
        else [chargers[strawberry.ID(name)] for name in dict.fromkeys(complying)],
        confirmation=grant.confirmation,
        booking_terms=BookingTerms.of(grant.booking_terms),
        tariffs=[BookedTariff.of(tariff) for tariff in grant.tariffs],
        price=BookingPrice.of(grant.price),
        provider_fees=[ProviderFeeLine.of(line) for line in one.provider_fees],
    )
