"""What OCPP 1.6 says in the words of our contract, and our refusals in its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ocpp.v16.enums import (
    AuthorizationStatus,
    ChargePointErrorCode,
    ChargePointStatus,
    Location,
    Measurand,
    Reason,
    UnitOfMeasure,
)

from models.rules.charging import ChargingRefusal
from models.rules.location import Status
from models.rules.session import StopReason

AUTHORIZATION = {
    ChargingRefusal.TOKEN_BLOCKED: AuthorizationStatus.blocked,
    ChargingRefusal.TOKEN_EXPIRED: AuthorizationStatus.expired,
    ChargingRefusal.BOOKING_OVER: AuthorizationStatus.expired,
    ChargingRefusal.TOO_LATE: AuthorizationStatus.expired,
    ChargingRefusal.CHARGER_IN_USE: AuthorizationStatus.concurrent_tx,
}
"""What an idTag is told; it is Invalid for every other reason, as 1.6 knows no nearer word."""

STATUS = {
    ChargePointStatus.available: Status.AVAILABLE,
    ChargePointStatus.preparing: Status.CHARGING,
    ChargePointStatus.charging: Status.CHARGING,
    ChargePointStatus.suspended_evse: Status.CHARGING,
    ChargePointStatus.suspended_ev: Status.CHARGING,
    ChargePointStatus.finishing: Status.CHARGING,
    ChargePointStatus.reserved: Status.RESERVED,
    ChargePointStatus.unavailable: Status.INOPERATIVE,
    ChargePointStatus.faulted: Status.OUTOFORDER,
}

STOP = {
    Reason.local: StopReason.DRIVER,
    Reason.ev_disconnected: StopReason.VEHICLE,
    Reason.remote: StopReason.OPERATOR,
    Reason.unlock_command: StopReason.OPERATOR,
    Reason.soft_reset: StopReason.OPERATOR,
    Reason.hard_reset: StopReason.OPERATOR,
    Reason.de_authorized: StopReason.NO_LONGER_ALLOWED,
    Reason.emergency_stop: StopReason.CHARGER_FAULT,
    Reason.reboot: StopReason.CHARGER_FAULT,
    Reason.power_loss: StopReason.POWER_LOSS,
    Reason.other: StopReason.OTHER,
}
"""Remote is the operator's own command, unless the driver's provider asked for it: that is REMOTE."""

ENERGY = Measurand.energy_active_import_register
THOUSAND = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a charger measured at one moment: its meter in kWh if it told that, W and percent."""

    at: str
    meter: Decimal | None
    power: int | None
    state_of_charge: int | None

    @property
    def reading(self) -> dict[str, Any]:
        """The sample as our contract takes it."""
        meter = None if self.meter is None else str(self.meter)
        return {"at": self.at, "meter": meter, "power": self.power, "stateOfCharge": self.state_of_charge}


def authorization(refusal: str, *, starting: bool) -> AuthorizationStatus:
    """Return what an idTag is told that was refused; ConcurrentTx is an answer to StartTransaction only."""
    found = AUTHORIZATION.get(ChargingRefusal(refusal), AuthorizationStatus.invalid)
    return AuthorizationStatus.invalid if found is AuthorizationStatus.concurrent_tx and not starting else found


def stop_reason(reason: str | None, *, asked_for: bool) -> StopReason:
    """Return why a transaction ended; Local if nothing is said."""
    told = Reason(reason or Reason.local)
    return StopReason.REMOTE if told is Reason.remote and asked_for else STOP[told]


def fault(error_code: str, status: str, info: str | None) -> dict[str, Any] | None:
    """Return the fault that a StatusNotification tells of, if it does; an error without Faulted is a warning."""
    if error_code == ChargePointErrorCode.no_error and status != ChargePointStatus.faulted:
        return None
    return {"code": error_code, "description": info}


def kwh(watt_hours: int | Decimal) -> Decimal:
    """Return an energy in kWh, exact to the Wh."""
    return watt_hours / THOUSAND


def samples(meter_values: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """Return what MeterValues tell, each by its moment; nothing of single phases, nor of what enters the charger."""
    return [_sample(one["timestamp"], one["sampled_value"]) for one in meter_values]


def _sample(at: str, sampled: Sequence[Mapping[str, str]]) -> Sample:
    whole = [one for one in sampled if "phase" not in one and one.get("location") != Location.inlet]
    found = {one.get("measurand", ENERGY): one for one in whole}
    energy, power, soc = (found.get(name) for name in (ENERGY, Measurand.power_active_import, Measurand.soc))
    return Sample(
        at,
        None if energy is None else _scaled(energy, UnitOfMeasure.wh) / THOUSAND,
        None if power is None else round(_scaled(power, UnitOfMeasure.w)),
        None if soc is None else round(Decimal(soc["value"])),
    )


def _scaled(one: Mapping[str, str], unit: UnitOfMeasure) -> Decimal:
    """Return a value in Wh or W; a charger may tell thousands of them."""
    value = Decimal(one["value"])
    return value if one.get("unit", unit) == unit else value * THOUSAND
