"""Values that no operation at the site makes sense of, each with an operation that takes it, as in `bad_values`."""

from collections.abc import Callable
from typing import Any

from tests.server.bad_values import KEY, Ask

CARD = {"uid": "04A1B2C3", "type": "RFID"}
UNKNOWN = f"NL*ABC*{KEY}"
LONG = "x" * 900_000
AT = "2026-12-01T05:59:00Z"
LISTS = ("sessions", "sessionRequests", "siteEntries", "chargingAuthorizations", "problemReports", "driverMessages")


def doing(caller: str, root: str, **given: Any) -> Ask:
    """Return a mutation that takes an input."""
    kind = f"{root[0].upper()}{root[1:]}Input"
    document = f"mutation ($input: {kind}!) {{ {root}(input: $input) {{ __typename ... on Problem {{ message }} }} }}"
    return caller, document, {"input": {"idempotencyKey": KEY, **given}}


def begin(**changes: Any) -> Ask:
    return doing("cpo", "sessionStartReport", **{"evseId": "NL*ABC*LOC1*E1", "token": CARD, **changes})


def read(*readings: dict[str, Any]) -> Ask:
    return doing("cpo", "sessionReadingsReport", sessionId=UNKNOWN, readings=[*readings])


def one(**measured: Any) -> Ask:
    return read({"at": AT, **measured})


def end(**changes: Any) -> Ask:
    return doing("cpo", "sessionStopReport", sessionId=UNKNOWN, reason="DRIVER", **changes)


def enter(**changes: Any) -> Ask:
    return doing("cpo", "siteEntryAuthorize", **{"locationId": "NL*ABC*LOC1", "accessCode": "1", **changes})


def warn(**changes: Any) -> Ask:
    return doing("emsp", "sessionAlertsSet", **{"sessionId": UNKNOWN, "minutesBeforeEnd": [5], **changes})


def publish(**changes: Any) -> Ask:
    token = {**CARD, "contractId": "C1", "issuer": "The provider", **changes}
    return doing("emsp", "tokensPublish", tokens=[token])


def share(**changes: Any) -> Ask:
    given = {"bookingId": UNKNOWN, "phone": "+31612345678", "consent": True, **changes}
    return doing("emsp", "driverContactShare", **given)


ENERGIES = {
    "of more than all chargers": "1e30",
    "without end": "1e999999",
    "of many digits": "9" * 5000,
    "of fifty decimals": f"0.{'1' * 50}",
    "next to nothing": "1e-999999",
    "below nothing": "-1",
    "that is no number": "NaN",
    "that signals": "sNaN",
    "infinite": "Infinity",
}

METERS: dict[str, Callable[[str], Ask]] = {
    "a meter at the start": lambda value: begin(meterStart=value),
    "a meter": lambda value: one(meter=value),
    "an energy": lambda value: one(kwh=value),
    "a meter at the end": lambda value: end(meter=value),
    "an energy at the end": lambda value: end(kwh=value),
}
METERED: dict[str, Ask] = {
    f"{where} {what}": ask(value) for what, value in ENERGIES.items() for where, ask in METERS.items()
}

AT_SITE: dict[str, Ask] = {
    "a start when nothing was": begin(startedAt="1970-01-01T00:00:00Z"),
    "a start in another age": begin(startedAt="2199-12-31T23:59:59Z"),
    "a start in the first year": begin(startedAt="0001-01-01T00:00:00Z"),
    "a start by nobody": begin(token=None),
    "a start by two": begin(reference="0123456789"),
    "a start with a uid without end": begin(token={**CARD, "uid": "x" * 37}),
    "a start with a uid of nothing": begin(token={**CARD, "uid": ""}),
    "a start at a charger without end": begin(evseId=LONG),
    "a meter's id without end": begin(meterId=LONG),
    "readings of nothing": read(),
    "more readings than one takes": read(*[{"at": AT, "kwh": "1"}] * 501),
    "a reading that tells nothing": one(),
    "a reading that tells twice": one(meter="1", kwh="1"),
    "a reading in the last year": read({"at": "9999-12-31T23:59:59Z", "kwh": "1"}),
    "negative power": one(power=-1),
    "power without end": one(power=100_000_001),
    "power that no Int has": one(power=2**31),
    "a battery below empty": one(stateOfCharge=-1),
    "a battery above full": one(stateOfCharge=101),
    "an end of two meters": end(meter="1", kwh="1"),
    "an end above full": end(stateOfCharge=101),
    "an end in the last year": end(endedAt="9999-12-31T23:59:59Z"),
    "a charger asked by nobody": doing("cpo", "chargingAuthorize", evseId="NL*ABC*LOC1*E1"),
    "a reference without end": doing("cpo", "chargingAuthorize", evseId="NL*ABC*LOC1*E1", reference=LONG),
    "a gate asked by nobody": enter(accessCode=None),
    "a gate asked by two": enter(licensePlate="AB-12-CD"),
    "a gate's name without end": enter(gate="x" * 37),
    "a code of nothing": enter(accessCode=""),
    "a plate of no letter": enter(accessCode=None, licensePlate="--"),
    "a plate without end": enter(accessCode=None, licensePlate=LONG),
    "a remote start of nothing": doing("emsp", "sessionStart"),
    "a remote start of two": doing("emsp", "sessionStart", bookingId=UNKNOWN, evseId="NL*ABC*LOC1*E1"),
    "a remote start by nobody": doing("emsp", "sessionStart", evseId="NL*ABC*LOC1*E1"),
    "a rejection without a reason": doing("cpo", "sessionRequestAnswer", requestId=UNKNOWN, accepted=False),
    "a reason without a rejection": doing(
        "cpo", "sessionRequestAnswer", requestId=UNKNOWN, accepted=True, reason="No."
    ),
    "a warning at the moment itself": warn(minutesBeforeEnd=[0]),
    "a warning before everything": warn(minutesBeforeEnd=[241]),
    "more warnings than one takes": warn(minutesBeforeEnd=[1, 2, 3, 4, 5, 6]),
    "a target of nothing": warn(targetStateOfCharge=0),
    "a target above full": warn(targetStateOfCharge=101),
    "a warning of no target": warn(minutesBeforeTarget=[5]),
    "warnings of two": warn(bookingId=UNKNOWN),
    "warnings of nothing": warn(sessionId=None),
    "a report's story without end": doing(
        "emsp", "problemReportCreate", bookingId=UNKNOWN, problem="BROKEN", description="x" * 2001
    ),
    "a contest of no word": doing("cpo", "problemReportContest", reportId=UNKNOWN, reason=""),
    "a message of spaces": doing("cpo", "driverMessageSend", bookingId=UNKNOWN, text="  "),
    "a message without end": doing("cpo", "driverMessageSend", bookingId=UNKNOWN, text="x" * 1001),
    "a message to nobody": doing("cpo", "driverMessageSend", text="Move on."),
    "a message to two": doing("cpo", "driverMessageSend", text="Move on.", bookingId=UNKNOWN, token=CARD),
    "a message in no language": doing("cpo", "driverMessageSend", bookingId=UNKNOWN, text="Go.", language="dutch"),
    "a contact without consent": share(consent=False),
    "a number that is none": share(phone="call me"),
    "a name without end": share(name="x" * 101),
    "a contact kept for ever": share(keepMinutes=10_081),
    "a contact kept for less than nothing": share(keepMinutes=-1),
    "a token of no letter": publish(uid=""),
    "a token that ends in a blank": publish(uid="04A1 "),
    "a token of other letters": publish(uid="é"),
    "a contract of other letters": publish(contractId="ü"),
    "a language of five letters": publish(language="dutch"),
    "a token that expires in the last year": publish(expiresAt="9999-12-31T23:59:59Z"),
    "no tokens": doing("emsp", "tokensPublish", tokens=[]),
    "a token that comes twice": doing(
        "emsp", "tokensPublish", tokens=[{**CARD, "contractId": "C1", "issuer": "The provider"}] * 2
    ),
}

LISTED: dict[str, Ask] = {
    f"{name}: {what}": ("emsp", f"{{ {name}({given}) {{ edges {{ cursor }} }} }}", {})
    for name in (*LISTS, "tokens")
    for what, given in {
        "none": "first: 0",
        "too many": "first: 501",
        "no cursor": 'after: "?"',
        "a cursor of no key": 'after: "W10"',
        "a cursor of numbers": 'after: "WzEsMl0"',
    }.items()
}
