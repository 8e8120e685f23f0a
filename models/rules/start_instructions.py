"""How a booked vehicle gets on to the site and how charging starts, in words for its driver (BUC 3.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from models.rules.booking import Booking
from models.rules.booking_location import AccessMethod
from models.rules.booking_state import ReservationStatus
from models.rules.charging import StartMethod
from models.rules.location import Connector, ConnectorFormat, DisplayText, Evse, Location, ParkingBay
from models.rules.session_request import remote
from models.rules.site_entry_decision import opens_at as admitted_from

PLUG_AND_CHARGE = frozenset({"ISO_15118_2_PLUG_AND_CHARGE", "ISO_15118_20_PLUG_AND_CHARGE"})
"""What a plug can that knows a vehicle by itself (OCPI ConnectorCapability)."""


@dataclass(frozen=True, slots=True)
class AccessInstruction:
    """One way on to the site; `value` is what is shown or said there: a plate, a code, a reference."""

    method: AccessMethod
    value: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class StartInstruction:
    """One way to start charging."""

    method: StartMethod
    sentence: str


@dataclass(frozen=True, slots=True)
class StartInstructions:
    """From when and until when charging may start, and how; charger, plug and bay once they are told."""

    from_: datetime
    until: datetime
    access: tuple[AccessInstruction, ...]
    start: tuple[StartInstruction, ...]
    evse: Evse | None
    connector: Connector | None
    parking_bay: ParkingBay | None
    directions: tuple[DisplayText, ...]
    text: str


def instructions(
    one: Booking, location: Location, chargers: Sequence[Evse], *, sees_code: bool, sees_charger: bool
) -> StartInstructions | None:
    """Return how to start charging on a booking; None if it was not granted, came to nothing, or is done charging.

    `chargers` are those that it may be given: as long as nobody is told which, what holds for all of them is said.
    """
    if one.status not in (ReservationStatus.RESERVED, ReservationStatus.FULFILLED) or one.charging_ended_at:
        return None
    evse = location.evse(one.evse_id) if sees_charger else None
    plugs = evse.connectors if evse else ()
    connector = next((plug for plug in plugs if plug.id == one.connector_id), None)
    bay = location.parking_bay(one.parking_bay_id) if sees_charger and one.parking_bay_id else None
    access = tuple(_access(one, method, sees_code) for method in one.booking_terms.supported_access_methods)
    start = _start(one, [evse] if evse else chargers, connector)
    sentences = [
        *_times(one, location),
        *(way.sentence for way in access),
        *_place(one, evse, connector, bay),
        *(way.sentence for way in start),
    ]
    if location.help_phone is not None:
        sentences.append(f"For help call {location.help_phone}.")
    directions = (*location.directions, *(evse.directions if evse else ()))
    return StartInstructions(
        one.opens_at, one.closes_at, access, start, evse, connector, bay, directions, " ".join(sentences)
    )


def _times(one: Booking, location: Location) -> list[str]:
    """Return from when and until when, by the clock of the place."""
    zone = ZoneInfo(location.time_zone)
    arrival, first, last = (
        f"{at.astimezone(zone):%H:%M}" for at in (admitted_from(one), one.opens_at, one.closes_at)
    )
    day = f"{one.timeslot.period.start.astimezone(zone):%Y-%m-%d}"
    said = [f"You may enter from {arrival}, and start charging from {first} to {last} ({location.time_zone}, {day})."]
    if one.expires_at is not None and one.charging_started_at is None:
        said.append("A booking that nobody started by then is given up.")
    return said


def _access(one: Booking, method: AccessMethod, sees_code: bool) -> AccessInstruction:
    """Return how to get on to the site by a method (OCPI AccessMethod)."""
    if method is AccessMethod.LICENSE_PLATE:
        plate = one.license_plate
        if plate is None:
            return AccessInstruction(
                method, None, "The gate opens for a licence plate, and your booking has none yet."
            )
        return AccessInstruction(method, plate, f"The gate opens for the licence plate {plate}.")
    if method is AccessMethod.ACCESS_CODE:
        code = one.access_code if sees_code else None
        typed = f" {code}" if code else " of your booking"
        return AccessInstruction(method, code, f"Type the code{typed} at the gate.")
    if method is AccessMethod.INTERCOM:
        told = one.reference
        return AccessInstruction(method, told, f"Ring at the intercom, and give the reference {told}.")
    return AccessInstruction(method, None, _ENTRANCES[method])


def _place(one: Booking, evse: Evse | None, connector: Connector | None, bay: ParkingBay | None) -> list[str]:
    """Return where to stand and what to plug in, as far as that is told."""
    if evse is None:
        return ["Your charger will be told in time."]
    stands = f"charger {evse.physical_reference or evse.uid}"
    said = [f"Go to {stands}."]
    if bay is not None:
        side = next((link.evse_position for link in evse.parking if link.parking_bay_id == bay.id), None)
        beside = f", with the charger {_SIDES[side]}" if side else ""
        said = [f"Go to {stands} and park in bay {bay.physical_reference or bay.ocpi_id}{beside}."]
    if connector is not None:
        cable = " with your own cable" if connector.format is ConnectorFormat.SOCKET else ""
        said.append(f"Use the {connector.standard} plug{cable}.")
    return said


def _start(one: Booking, chargers: Sequence[Evse], connector: Connector | None) -> tuple[StartInstruction, ...]:
    """Return how charging may start, the way that is surest first; as it is decided at the charger (BUC 3.1)."""
    terms = one.booking_terms
    can = frozenset.intersection(*(frozenset(evse.capabilities) for evse in chargers)) if chargers else frozenset()
    ways: list[StartInstruction] = []
    if terms.rfid_auth_required or "RFID_READER" in can:
        ways.append(StartInstruction(StartMethod.RFID, f"Hold {_whose_card(one)} to the reader of the charger."))
    if terms.remote_auth_supported is not False and chargers and all(map(remote, chargers)):
        ways.append(StartInstruction(StartMethod.REMOTE, "Start charging in the app of your provider."))
    if terms.rfid_auth_required:
        return tuple(ways)
    if _knows_vehicles(chargers, connector):
        known = "Plug in: the charger knows the vehicle by its contract, if your booking names that."
        ways.append(StartInstruction(StartMethod.PLUG_AND_CHARGE, known))
    typed = f"Type the reference {one.reference} where the charger asks for one."
    ways.append(StartInstruction(StartMethod.REFERENCE, typed))
    return tuple(ways)


def _whose_card(one: Booking) -> str:
    if not one.tokens:
        return "a card of your provider"
    if one.booking_terms.token_groups_supported:
        return "a card that the booking names, or one of its group,"
    return "a card that the booking names"


def _knows_vehicles(chargers: Sequence[Evse], connector: Connector | None) -> bool:
    """Whether the plug knows a vehicle by itself; if it is not told which, whether every plug there does."""
    plugs = [connector] if connector else [plug for evse in chargers for plug in evse.connectors]
    return bool(plugs) and all(not PLUG_AND_CHARGE.isdisjoint(plug.capabilities) for plug in plugs)


_ENTRANCES = {
    AccessMethod.OPEN: "The site is open: drive in.",
    AccessMethod.TOKEN: "Hold a card that the booking names to the reader at the gate.",
    AccessMethod.PARKING_TICKET: "Take a parking ticket at the gate.",
}
_SIDES = {"LEFT": "on the left", "RIGHT": "on the right", "CENTER": "at the closed end"}
