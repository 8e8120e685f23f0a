"""A charge point that speaks OCPP 1.6 over a real WebSocket, and does what it is told by the test."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import (
    Action,
    AuthorizationStatus,
    ChargePointErrorCode,
    ChargePointStatus,
    Reason,
    RemoteStartStopStatus,
)
from websockets.asyncio.client import ClientConnection, connect

from tests.ocpp.bridge import OCPP

DEADLINE_SECONDS = 10.0


@dataclass(frozen=True)
class Measured:
    """What a meter shows at a moment: Wh, and perhaps W and percent."""

    at: datetime
    wh: int
    watts: int | None = None
    percent: int | None = None

    @property
    def sampled(self) -> dict[str, Any]:
        """It, as MeterValues tell it."""
        values: list[dict[str, str]] = [
            {"measurand": "Energy.Active.Import.Register", "unit": "Wh", "value": str(self.wh)}
        ]
        if self.watts is not None:
            values.append({"measurand": "Power.Active.Import", "unit": "W", "value": f"{self.watts}.0"})
        if self.percent is not None:
            values.append({"measurand": "SoC", "unit": "Percent", "location": "EV", "value": str(self.percent)})
        return {"timestamp": self.at.isoformat(), "sampled_value": values}


class Charger(ChargePoint):
    """A charge point. A CALL sent with the `unique_id` of another one is that one, sent again."""

    def __init__(self, charge_point: str, connection: ClientConnection) -> None:
        """Take an open connection to the central system."""
        super().__init__(charge_point, connection)
        self.willing = True
        self.charging: set[int] = set()
        self.commands: asyncio.Queue[call.RemoteStartTransaction | call.RemoteStopTransaction] = asyncio.Queue()

    async def command(self) -> Any:
        """Return the next command that it accepted."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await self.commands.get()

    @on(Action.remote_start_transaction)
    def on_remote_start(
        self, id_tag: str, connector_id: int | None = None, **_: Any
    ) -> call_result.RemoteStartTransaction:
        """Accept it if it is willing; the test lets it begin."""
        return call_result.RemoteStartTransaction(self._obeyed(call.RemoteStartTransaction(id_tag, connector_id)))

    @on(Action.remote_stop_transaction)
    def on_remote_stop(self, transaction_id: int) -> call_result.RemoteStopTransaction:
        """Accept it if it is willing; the test lets it end."""
        return call_result.RemoteStopTransaction(self._obeyed(call.RemoteStopTransaction(transaction_id)))

    def _obeyed(self, command: call.RemoteStartTransaction | call.RemoteStopTransaction) -> RemoteStartStopStatus:
        if not self.willing:
            return RemoteStartStopStatus.rejected
        self.commands.put_nowait(command)
        return RemoteStartStopStatus.accepted

    async def boot(self) -> call_result.BootNotification:
        """Tell that it has started."""
        came: call_result.BootNotification = await self._send_call(call.BootNotification("One", "Maker"))
        return came

    async def status(
        self,
        status: ChargePointStatus,
        error: ChargePointErrorCode = ChargePointErrorCode.no_error,
        *,
        connector: int = 1,
        info: str | None = None,
        unique_id: str | None = None,
    ) -> None:
        """Tell the state of a connector; 0 is the whole charge point."""
        await self._send_call(call.StatusNotification(connector, error, status, info=info), unique_id)

    async def authorize(self, id_tag: str, unique_id: str | None = None) -> str:
        """Ask whether an idTag may charge, and return the status that it is given."""
        came = await self._send_call(call.Authorize(id_tag), unique_id)
        return str(came.id_tag_info["status"])

    async def begin(self, id_tag: str, first: Measured, *, unique_id: str | None = None) -> tuple[int, str]:
        """Tell that a transaction began, and return its number and the status that its idTag is given.

        One that is refused is ended at once, as a charge point with StopTransactionOnInvalidId does.
        """
        wanted = call.StartTransaction(1, id_tag, first.wh, first.at.isoformat())
        came = await self._send_call(wanted, unique_id)
        status = str(came.id_tag_info["status"])
        if status == AuthorizationStatus.accepted:
            self.charging.add(came.transaction_id)
        else:
            await self.end(came.transaction_id, first, Reason.de_authorized)
        return int(came.transaction_id), status

    async def measure(self, transaction_id: int | None, *measured: Measured, unique_id: str | None = None) -> None:
        """Tell what was measured."""
        sampled = [one.sampled for one in measured]
        await self._send_call(call.MeterValues(1, sampled, transaction_id), unique_id)

    async def sample(self, transaction_id: int, at: datetime, *values: Mapping[str, str]) -> None:
        """Tell values of one moment as they are given."""
        sampled = {"timestamp": at.isoformat(), "sampled_value": list(values)}
        await self._send_call(call.MeterValues(1, [sampled], transaction_id))

    async def end(
        self,
        transaction_id: int,
        last: Measured,
        reason: Reason | None = None,
        *,
        data: tuple[Measured, ...] = (),
        unique_id: str | None = None,
    ) -> None:
        """Tell that a transaction ended."""
        self.charging.discard(transaction_id)
        sampled = [one.sampled for one in data] or None
        wanted = call.StopTransaction(last.wh, last.at.isoformat(), transaction_id, reason, transaction_data=sampled)
        await self._send_call(wanted, unique_id)

    async def _send_call(self, payload: Any, unique_id: str | None = None) -> Any:
        """Send a CALL and return its result; a CALLERROR is raised."""
        return await self.call(payload, suppress=False, unique_id=unique_id or str(uuid4()))


@asynccontextmanager
async def plugged(url: str, charge_point: str) -> AsyncIterator[Charger]:
    """Yield a charge point while it is connected to its central system."""
    async with connect(f"{url}/{charge_point}", subprotocols=[OCPP], proxy=None) as connection:
        assert connection.subprotocol == OCPP
        charger = Charger(charge_point, connection)
        listening = asyncio.ensure_future(charger.start())
        try:
            yield charger
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
