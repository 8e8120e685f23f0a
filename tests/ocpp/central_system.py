"""What an operator's central system knows besides its connections, and how it obeys requests to start and stop."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ocpp.v16 import ChargePoint, call
from ocpp.v16.enums import RemoteStartStopStatus
from websockets.exceptions import ConnectionClosed

from tests.ocpp import documents
from tests.server.asgi_socket import Socket
from tests.server.served import Served

OPERATOR = "cpo"
LONGEST_ID_TAG = 20
OUT_OF_REACH = "The charger is out of reach."
UNWILLING = "The charger does not do that now."
ONLY = 1
"""The connectorId of a charge point that has a single one."""


class Unexpected(Exception):
    """The API answered what a central system has no answer for; the charge point gets a CALLERROR."""


@dataclass
class CentralSystem:
    """What outlives a charge point's connection: which charger is which, and which session a transaction is.

    `chargers` has the Evse of each charge point, whose connectors are numbered alike. A transaction that was refused
    has a number too, and no session.
    """

    served: Served
    chargers: Mapping[str, str]
    online: dict[str, ChargePoint] = field(default_factory=dict)
    transactions: list[tuple[str, str | None]] = field(default_factory=list)
    commanded: dict[str, dict[str, Any]] = field(default_factory=dict)
    stopping: set[str] = field(default_factory=set)
    outcomes: list[str] = field(default_factory=list)

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Return what the one root field of an operation answers."""
        answer = (await self.served.ask(document, OPERATOR, **variables)).json()
        if answer.get("errors"):
            raise Unexpected(str(answer["errors"]))
        (found,) = answer["data"].values()
        return dict(found)

    async def do(self, document: str, key: str, expected: str, **wanted: Any) -> dict[str, Any]:
        """Return what came of a mutation, which is of the type that is expected, or a refusal of charging."""
        came = await self.ask(document, input={"idempotencyKey": key, **wanted})
        if came["__typename"] not in (expected, "ChargingRefused"):
            raise Unexpected(str(came))
        return came

    def number(self, key: str, session_id: str | None) -> int:
        """Return the transactionId of a start; the same for one that is told twice."""
        known = [one for one, _ in self.transactions]
        if key not in known:
            self.transactions.append((key, session_id))
            return len(self.transactions)
        return known.index(key) + 1

    def session(self, transaction_id: int | None) -> str | None:
        """Return the session of a transaction; None if it was refused, or is none of ours."""
        if transaction_id is None or not 1 <= transaction_id <= len(self.transactions):
            return None
        return self.transactions[transaction_id - 1][1]

    def transaction(self, session_id: str) -> int:
        """Return the transactionId of a session."""
        return [known for _, known in self.transactions].index(session_id) + 1

    async def obey(self, socket: Socket) -> None:
        """Turn requests to start and stop into commands as they come, and answer them, until canceled."""
        while True:
            event = json.loads((await socket.to_client.get())["text"])["payload"]["data"]["sessionRequestUpdated"]
            request = event["request"]
            if request["status"] == "PENDING":
                await self._answer(request, await self._command(request))

    async def _command(self, request: dict[str, Any]) -> str | None:
        """Put a request to its charge point, and return why it is not done, if it is not."""
        charge_points = {evse_id: name for name, evse_id in self.chargers.items()}
        bridge = self.online.get(charge_points[request["evse"]["id"]])
        if bridge is None:
            return OUT_OF_REACH
        if request["command"] == "STOP":
            self.stopping.add(request["sessionId"])
            command: Any = call.RemoteStopTransaction(self.transaction(request["sessionId"]))
        else:
            command = call.RemoteStartTransaction(await self._id_tag(request), ONLY)
        try:
            answer = await bridge.call(command)
        except (ConnectionClosed, TimeoutError):
            return OUT_OF_REACH
        done = answer is not None and answer.status == RemoteStartStopStatus.accepted
        return None if done else UNWILLING

    async def _id_tag(self, request: dict[str, Any]) -> str:
        """Return an idTag for a start from afar: an app's uid would not fit, and a booking may have no token."""
        by: dict[str, Any] = {"token": request["token"]}
        if request["token"] is None:
            booking = await self.ask(documents.REFERENCE, id=request["bookingId"])
            by = {"reference": booking["reference"]}
        id_tag = str(request["id"].replace("-", "")[-LONGEST_ID_TAG:])
        self.commanded[id_tag] = by
        return id_tag

    async def _answer(self, request: dict[str, Any], why_not: str | None) -> None:
        wanted = {"requestId": request["id"], "accepted": why_not is None, "reason": why_not}
        key = str(uuid5(NAMESPACE_URL, f"answer {request['id']}"))
        await self.do(documents.ANSWER, key, "SessionRequest", **wanted)
