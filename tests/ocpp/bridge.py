"""The bridge of an operator's central system: what its charge points say by OCPP 1.6 becomes our mutations."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import Action, AuthorizationStatus, ChargePointStatus, RegistrationStatus
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.ocpp import documents, words
from tests.ocpp.central_system import OPERATOR, CentralSystem
from tests.server.asgi_socket import connected
from tests.server.served import Served

OCPP = Subprotocol("ocpp1.6")
HEARTBEAT_SECONDS = 300
WHOLE = 0
"""The connectorId of a whole charge point."""


class Bridge(ChargePoint):
    """One connection of a charge point, as the central system has it."""

    def __init__(self, charge_point: str, connection: ServerConnection, system: CentralSystem) -> None:
        """Take a connection that was accepted."""
        super().__init__(charge_point, connection)
        self.system = system
        self.evse_id = system.chargers[charge_point]
        self.connection_id = uuid4()

    @on(Action.boot_notification)
    async def on_boot(self, **_: Any) -> call_result.BootNotification:
        """Accept it; the StatusNotifications that follow tell the state of each charger."""
        now = self.system.served.world.now.isoformat()
        return call_result.BootNotification(now, HEARTBEAT_SECONDS, RegistrationStatus.accepted)

    @on(Action.status_notification)
    async def on_status(
        self,
        call_unique_id: str,
        connector_id: int,
        error_code: str,
        status: str,
        timestamp: str | None = None,
        info: str | None = None,
        **_: Any,
    ) -> call_result.StatusNotification:
        """Report the state of the charger; that of the whole charge point counts if it does not work."""
        told = ChargePointStatus(status)
        broken = told in (ChargePointStatus.unavailable, ChargePointStatus.faulted)
        if connector_id != WHOLE or broken:
            key = self._key(call_unique_id, "status", timestamp)
            fault = words.fault(error_code, told, info)
            wanted = {"evseId": self.evse_id, "status": words.STATUS[told].value, "fault": fault}
            await self.system.do(documents.STATUS, key, "Evse", **wanted)
        return call_result.StatusNotification()

    @on(Action.authorize)
    async def on_authorize(self, call_unique_id: str, id_tag: str) -> call_result.Authorize:
        """Decide whether the driver may charge here."""
        wanted = {"evseId": self.evse_id, **self._by(id_tag)}
        key = self._key(call_unique_id, "authorize", None)
        came = await self.system.do(documents.AUTHORIZE, key, "ChargingAuthorized", **wanted)
        if came["__typename"] == "ChargingAuthorized":
            return call_result.Authorize(_accepted(came["authorization"]["until"]))
        return call_result.Authorize(IdTagInfo(words.authorization(came["reason"], starting=False)))

    @on(Action.start_transaction)
    async def on_start(
        self, call_unique_id: str, connector_id: int, id_tag: str, meter_start: int, timestamp: str, **_: Any
    ) -> call_result.StartTransaction:
        """Report that charging began; what is refused gets a number too, so that the charge point can end it."""
        key = self._key(call_unique_id, "start", timestamp)
        wanted = {
            "evseId": self.evse_id,
            "connectorId": str(connector_id),
            "startedAt": timestamp,
            "meterStart": str(words.kwh(meter_start)),
            **self._by(id_tag),
        }
        came = await self.system.do(documents.START, key, "Session", **wanted)
        number = self.system.number(key, came.get("id"))
        refusal = came.get("reason") or came.get("irregularity")
        if refusal is None:
            return call_result.StartTransaction(number, _accepted(came["allowedUntil"]))
        return call_result.StartTransaction(number, IdTagInfo(words.authorization(refusal, starting=True)))

    @on(Action.meter_values)
    async def on_meter_values(
        self,
        call_unique_id: str,
        connector_id: int,
        meter_value: list[dict[str, Any]],
        transaction_id: int | None = None,
    ) -> call_result.MeterValues:
        """Report what was measured in a transaction; what a charger that nobody uses measures is nobody's."""
        key = self._key(call_unique_id, "readings", meter_value[0]["timestamp"])
        await self._read(key, self.system.session(transaction_id), words.samples(meter_value))
        return call_result.MeterValues()

    @on(Action.stop_transaction)
    async def on_stop(
        self,
        call_unique_id: str,
        meter_stop: int,
        timestamp: str,
        transaction_id: int,
        reason: str | None = None,
        transaction_data: list[dict[str, Any]] | None = None,
        **_: Any,
    ) -> call_result.StopTransaction:
        """Report what was measured up to the end, and the end."""
        session_id = self.system.session(transaction_id)
        if session_id is None:
            return call_result.StopTransaction()
        told = words.samples(transaction_data or [])
        end = datetime.fromisoformat(timestamp)
        before = [one for one in told if datetime.fromisoformat(one.at) < end]
        await self._read(self._key(call_unique_id, "last readings", timestamp), session_id, before)
        why = words.stop_reason(reason, asked_for=session_id in self.system.stopping)
        charged = [one.state_of_charge for one in told if one.state_of_charge is not None]
        wanted = {
            "sessionId": session_id,
            "endedAt": timestamp,
            "meter": str(words.kwh(meter_stop)),
            "stateOfCharge": charged[-1] if charged else None,
            "reason": why.value,
        }
        await self.system.do(documents.STOP, self._key(call_unique_id, "stop", timestamp), "Session", **wanted)
        return call_result.StopTransaction()

    async def _read(self, key: str, session_id: str | None, told: Sequence[words.Sample]) -> None:
        readings = [one.reading for one in told if one.meter is not None]
        if session_id is None or not readings:
            return
        wanted = {"sessionId": session_id, "readings": readings}
        came = await self.system.do(documents.READINGS, key, "SessionReadings", **wanted)
        self.system.outcomes += [one["outcome"] for one in came["outcomes"]]

    def _by(self, id_tag: str) -> dict[str, Any]:
        """Return who asks: whoever a command was for, else the card that the reader read."""
        return self.system.commanded.get(id_tag, {"token": {"uid": id_tag, "type": "RFID"}})

    def _key(self, unique_id: str, what: str, timestamp: str | None) -> str:
        """Return the key of a mutation, the same however often a CALL is sent.

        A charge point's ids need be unique on one connection only: what is told with its moment is known by that on
        any connection, what has none is about now and on this connection.
        """
        return str(uuid5(NAMESPACE_URL, f"{self.id} {unique_id} {what} {timestamp or self.connection_id}"))


@asynccontextmanager
async def operating(served: Served, chargers: Mapping[str, str]) -> AsyncIterator[tuple[CentralSystem, str]]:
    """Yield a central system that takes connections and requests, and the URL to which charge points connect."""
    system = CentralSystem(served, chargers)

    async def take(connection: ServerConnection) -> None:
        charge_point = connection.request.path.rpartition("/")[2] if connection.request else ""
        bridge = Bridge(charge_point, connection, system)
        system.online[charge_point] = bridge
        with suppress(ConnectionClosed):
            await bridge.start()
        if system.online.get(charge_point) is bridge:
            del system.online[charge_point]

    async with (
        serve(take, "127.0.0.1", 0, subprotocols=[OCPP]) as server,
        connected(served.app, headers=served.authorization(OPERATOR)) as socket,
    ):
        await socket.begin()
        await socket.subscribe(documents.REQUESTS)
        obeying = asyncio.ensure_future(system.obey(socket))
        port = next(iter(server.sockets)).getsockname()[1]
        yield system, f"ws://127.0.0.1:{port}"
        obeying.cancel()
        with suppress(asyncio.CancelledError):
            await obeying


def _accepted(until: str | None) -> IdTagInfo:
    """Return that an idTag is accepted, and until when a charge point may take that from its cache."""
    return IdTagInfo(AuthorizationStatus.accepted, expiry_date=until)
