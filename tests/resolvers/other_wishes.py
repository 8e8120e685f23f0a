"""The mutations that are not of a booking's life, where they are granted: what parties publish, report and store."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from models.rules.booking import Booking
from resolvers import provider_lines
from resolvers.provider_lines import LinesToInvoice
from tests.api.publications import (
    LISTED,
    a_calendar_input,
    a_location_input,
    a_tariff_input,
    an_offer_input,
    sent,
    work_input,
)
from tests.factories.catalogue import at
from tests.factories.tokens import a_token
from tests.factories.tokens import published as published_tokens
from tests.resolvers.adding import lines, settled
from tests.resolvers.lifecycle import booked
from tests.resolvers.messaging import messaged, shared
from tests.resolvers.remote_wishes import REMOTE_WISHES
from tests.resolvers.reporting import contest, report
from tests.resolvers.settling_wishes import SETTLING_WISHES
from tests.resolvers.wishes import AT_PAIR, UNKNOWN, Sent, Wish, of_booking, of_nothing
from tests.world import World, a_key

FAR, NEAR = "FAR", "NEAR"
"""Sites of the first operator at which nothing is booked."""

FEE: Sent = {"id": "SERVICE", "name": "Service", "currency": "EUR", "perBooking": "0.75", "vat": "21"}
FEE_DOCUMENT = """
mutation ($input: ProviderFeesPublishInput!) { providerFeesPublish(input: $input) { __typename } }
"""
VEHICLE: Sent = {"name": "Truck 1", "vehicle": {"vehicleType": "RIGID", "length": 1100}}
SAVE = "mutation ($input: VehicleSaveInput!) { vehicleSave(input: $input) { ... on Vehicle { id } } }"


def published(mutation: str, one: Sent, other: Sent, success: str, written: Mapping[str, int], *before: Any) -> Wish:
    """Return the wish of an operator to publish or take back `one`; `before` is a mutation and its object."""

    async def prepare(world: World) -> Sent:
        if before:
            await sent(world, *before)
        return {LISTED[mutation]: [one]}

    return Wish(prepare, {LISTED[mutation]: [other]}, written, "cpo", f"... on {success}")


async def of_fee(world: World) -> Sent:
    """Publish a fee."""
    await world.execute("emsp", FEE_DOCUMENT, input={"idempotencyKey": a_key(), "providerFees": [FEE]})
    return {"ids": ["SERVICE"]}


def of_line(*, invoiced: bool = False, **more: Any) -> Callable[[World], Awaitable[Sent]]:
    """Return how something is asked of what an EMSP takes for a booking."""

    async def prepare(world: World) -> Sent:
        await of_fee(world)
        await booked(world, AT_PAIR)
        await settled(world)
        named = tuple(str(one.id) for one in await lines(world))
        if invoiced:
            await provider_lines.invoice(await world.call("emsp"), a_key(), LinesToInvoice(named, "I1"))
        return {"lineIds": list(named), **more}

    return prepare


async def of_vehicle(world: World) -> Sent:
    """Store a vehicle."""
    answer = await world.execute("fleet", SAVE, input={"idempotencyKey": a_key(), **VEHICLE})
    return {"vehicleId": answer.data["vehicleSave"]["id"]}


async def of_token(world: World) -> Sent:
    """Publish a driver's Token."""
    (one,) = await published_tokens(world)
    return {"tokenId": one.id}


async def of_blocked_token(world: World) -> Sent:
    """Publish a driver's Token, and block it."""
    (one,) = await published_tokens(world, a_token(valid=False))
    return {"tokenId": one.id}


async def due(world: World) -> Booking:
    """Return a booking that begins in a quarter of an hour."""
    one = await booked(world, AT_PAIR)
    world.later(at(9.75))
    return one


async def of_due(world: World) -> Sent:
    """Let a booking be about to begin, whose charger is blocked."""
    return {"bookingId": (await due(world)).object_id, "problem": "BLOCKED"}


async def of_message(world: World) -> Sent:
    """Write to the driver of a booking."""
    return {"messageId": (await messaged(world, await booked(world, AT_PAIR))).object_id}


async def of_contact(world: World) -> Sent:
    """Share how the driver of a booking is reached."""
    one = await booked(world, AT_PAIR)
    await shared(world, one)
    return {"bookingId": one.object_id}


def of_report(*, contested: bool = False, **more: Any) -> Callable[[World], Awaitable[Sent]]:
    """Return how something is asked of the report of a booked charger."""

    async def prepare(world: World) -> Sent:
        one = await report(world, await due(world))
        if contested:
            await contest(world, one)
        return {"reportId": one.object_id, **more}

    return prepare


MESSAGE = "... on DriverMessage { id text sentAt acknowledgedAt }"
REPORT = "... on ProblemReport { id reportStatus resolvedAt booking { status } }"
SITE = {"location": 1, "evse": 1, "connector": 1, "parking_bay": 1, "evse_parking": 1, "event": 2}
MORE = {"calendar": 1, "timeslot": 1, "event": 2}
FEWER = {"calendar": -1, "timeslot": -1, "event": 2}
DRIVER: Sent = {"type": "RFID", "uid": "04A1B2C3", "contractId": "C1", "issuer": "The provider"}
LINES = "{ providerLines { id state invoiceId } }"
TOKEN = "... on Token { id valid blockedReason expiresAt lastUpdated }"

OTHER_WISHES: dict[str, Wish] = {
    "locationsPublish": published(
        "locationsPublish",
        a_location_input("NEW"),
        a_location_input("NEW", city="Delft"),
        "LocationsPublished { locations { id } }",
        SITE,
    ),
    "locationsWithdraw": published(
        "locationsWithdraw", {"id": FAR}, {"id": NEAR}, "LocationsWithdrawn { ids }", FEWER
    ),
    "tariffsPublish": published(
        "tariffsPublish",
        a_tariff_input("NEW"),
        a_tariff_input("NEW", currency="CHF"),
        "TariffsPublished { tariffs { id } }",
        {"tariff": 1, "event": 1},
    ),
    "tariffsWithdraw": published(
        "tariffsWithdraw",
        {"id": "NEW"},
        {"id": "BOOK"},
        "TariffsWithdrawn { ids }",
        {"event": 1},
        "tariffsPublish",
        a_tariff_input("NEW"),
    ),
    "bookingLocationsPublish": published(
        "bookingLocationsPublish",
        an_offer_input("NEW", FAR),
        an_offer_input("NEW", NEAR),
        "BookingLocationsPublished { bookingLocations { id } }",
        {"booking_location": 1, **MORE},
    ),
    "bookingLocationsWithdraw": published(
        "bookingLocationsWithdraw", {"id": "FAR-ANY"}, {"id": "NEAR-ANY"}, "BookingLocationsWithdrawn { ids }", FEWER
    ),
    "confirmationSet": published(
        "confirmationSet",
        {"bookingLocationId": "FAR-ANY", "confirmation": "OPERATOR"},
        {"bookingLocationId": "FAR-ANY", "confirmation": "INSTANT"},
        "ConfirmationSet { bookingLocations { id confirmation } }",
        {"event": 1},
    ),
    "calendarsPublish": published(
        "calendarsPublish",
        {"bookingLocationId": "FAR-ANY", "calendar": a_calendar_input("C2")},
        {"bookingLocationId": "FAR-ANY", "calendar": a_calendar_input("C3")},
        "CalendarsPublished { bookingLocations { id } }",
        MORE,
    ),
    "calendarsWithdraw": published(
        "calendarsWithdraw",
        {"bookingLocationId": "FAR-ANY", "calendarId": "C1"},
        {"bookingLocationId": "NEAR-ANY", "calendarId": "C1"},
        "CalendarsWithdrawn { bookingLocations { id } }",
        FEWER,
    ),
    "maintenancePublish": published(
        "maintenancePublish",
        work_input("WORK", FAR),
        work_input("WORK", NEAR),
        "MaintenancePublished { maintenance { id } }",
        {"maintenance": 1, "event": 2},
    ),
    "maintenanceWithdraw": published(
        "maintenanceWithdraw",
        {"id": "WORK"},
        {"id": "OTHER"},
        "MaintenanceWithdrawn { ids }",
        {"event": 2},
        "maintenancePublish",
        work_input("WORK", FAR),
    ),
    "evseStatusReport": Wish(
        of_nothing(evseId="NL*ABC*FAR*E1", status="OUTOFORDER"),
        {"status": "BLOCKED"},
        {"fault": 1, "event": 3},
        "cpo",
        "... on Evse { id status }",
    ),
    "providerFeesPublish": Wish(
        of_nothing(providerFees=[FEE]),
        {"providerFees": [FEE | {"vat": "19"}]},
        {"provider_fee": 1},
        shown="... on ProviderFeesPublished { providerFees { id lastUpdated } }",
    ),
    "providerFeesWithdraw": Wish(
        of_fee, {"ids": ["OTHER"]}, {"provider_fee": -1}, shown="... on ProviderFeesWithdrawn { ids }"
    ),
    "providerLinesInvoice": Wish(
        of_line(invoiceId="I1"), {"invoiceId": "I2"}, {}, shown=f"... on ProviderLinesInvoiced {LINES}"
    ),
    "providerLinesPay": Wish(
        of_line(invoiced=True),
        {"lineIds": ["7e57ab1e-0000-4000-8000-000000000000"]},
        {},
        shown=f"... on ProviderLinesPaid {LINES}",
    ),
    "tokensPublish": Wish(
        of_nothing(tokens=[DRIVER]),
        {"tokens": [DRIVER | {"valid": False}]},
        {"token": 1},
        shown="... on TokensPublished { tokens { id lastUpdated } }",
    ),
    "tokenBlock": Wish(of_token, {"reason": "Lost."}, {}, shown=TOKEN),
    "tokenUnblock": Wish(of_blocked_token, {"tokenId": "NL*EMS*RFID*OTHER"}, {}, shown=TOKEN),
    "tokenExpire": Wish(of_token, {"at": "2026-12-01T20:00:00Z"}, {}, shown=TOKEN),
    "vehicleSave": Wish(
        of_nothing(**VEHICLE), {"name": "Truck 2"}, {"vehicle": 1}, "fleet", "... on Vehicle { id lastUpdated }"
    ),
    "vehicleRemove": Wish(
        of_vehicle,
        {"vehicleId": "7e57ab1e-0000-4000-8000-000000000000"},
        {"vehicle": -1},
        "fleet",
        "... on VehicleRemoved { id }",
    ),
    "driverMessageSend": Wish(
        of_booking(text="Please leave the bay."),
        {"text": "Please move on."},
        {"driver_message": 1, "event": 1},
        "cpo",
        MESSAGE,
    ),
    "driverMessageAcknowledge": Wish(of_message, {"messageId": UNKNOWN["bookingId"]}, {"event": 1}, shown=MESSAGE),
    "driverContactShare": Wish(
        of_booking(phone="+31612345678", consent=True),
        {"keepMinutes": 60},
        {"driver_contact": 1},
        shown="... on DriverContactShared { contact { phone consentedAt eraseAt } }",
    ),
    "driverContactWithdraw": Wish(
        of_contact, UNKNOWN, {"driver_contact": -1}, shown="... on DriverContactWithdrawn { booking { id } }"
    ),
    "problemReportCreate": Wish(
        of_due,
        {"problem": "BROKEN"},
        {"problem_report": 1, "booking_request": 1, "alternative": 1, "allocation": 2, "quote": 1, "event": 5},
        shown=REPORT,
    ),
    "problemReportContest": Wish(
        of_report(reason="It was free."), {"reason": "It works."}, {"event": 1}, "cpo", REPORT
    ),
    "problemReportResolve": Wish(
        of_report(contested=True, upheld=False, explanation="It was free."),
        {"upheld": True},
        {"event": 1},
        "cpo",
        REPORT,
    ),
    "problemReportWithdraw": Wish(of_report(), {"reportId": UNKNOWN["bookingId"]}, {"event": 1}, shown=REPORT),
    **REMOTE_WISHES,
    **SETTLING_WISHES,
    "siteEntryAuthorize": Wish(
        of_nothing(locationId="NL*ABC*FAR", accessCode="4711"),
        {"accessCode": "4712"},
        {"site_entry": 1, "failed_attempt": 1},
        "cpo",
        "... on SiteEntryRefused { reason entry { id at } }",
    ),
}
"""By the mutation's name."""
