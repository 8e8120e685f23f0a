"""How charging on a booking starts, as callers see it (BUC 3.4)."""

from datetime import datetime

import strawberry

from models.rules import start_instructions as rules
from models.rules.booking_location import AccessMethod
from models.rules.charging import StartMethod
from schema.evse import Connector, Evse, ParkingBay
from schema.tariff import DisplayText


@strawberry.type(description="One way on to the site.")
class AccessInstruction:
    """One way on to the site."""

    method: AccessMethod
    value: str | None = strawberry.field(description="What is shown or said there: a plate, a code, the reference.")
    sentence: str = strawberry.field(description="For the driver, in English.")


@strawberry.type(description="One way to start charging.")
class StartInstruction:
    """One way to start charging."""

    method: StartMethod
    sentence: str = strawberry.field(description="For the driver, in English.")


@strawberry.type(description="How a booked vehicle gets on to the site and starts charging (BUC 3.4).")
class StartInstructions:
    """How to get on to the site and start charging."""

    from_: datetime = strawberry.field(name="from", description="The earliest that charging may start.")
    until: datetime = strawberry.field(description="The latest that charging may start.")
    access: list[AccessInstruction] = strawberry.field(description="The ways on to the site.")
    start: list[StartInstruction] = strawberry.field(
        description="The ways to start; until the charger is told, those that all of `compliantEvses` know."
    )
    connector: Connector | None = strawberry.field(description="The plug to use, once the charger is told.")
    physical_reference: str | None = strawberry.field(description="What is painted on the charger, once it is told.")
    parking_bay: ParkingBay | None = strawberry.field(description="The bay, once the charger is told.")
    directions: list[DisplayText] = strawberry.field(description="To the site, then to the charger once it is told.")
    text: str = strawberry.field(description="All of it in one English text.")


def start_instructions(
    told: rules.StartInstructions | None, evse: Evse | None, bay: ParkingBay | None
) -> StartInstructions | None:
    """Return the instructions as callers see them; `evse` and `bay` are the booking's, if they may know them."""
    if told is None:
        return None
    plug = told.connector
    plugs = evse.connectors if evse and plug else []
    return StartInstructions(
        from_=told.from_,
        until=told.until,
        access=[AccessInstruction(method=one.method, value=one.value, sentence=one.sentence) for one in told.access],
        start=[StartInstruction(method=one.method, sentence=one.sentence) for one in told.start],
        connector=next((one for one in plugs if plug and one.id == plug.ocpi_id), None),
        physical_reference=told.evse.physical_reference if told.evse else None,
        parking_bay=bay,
        directions=[DisplayText.of(one) for one in told.directions],
        text=told.text,
    )
