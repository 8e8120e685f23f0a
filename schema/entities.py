"""The subgraph's entities, found by their ids: each alone, so that one that fails or is hidden spoils no other."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry.federation
from graphql import GraphQLError
from strawberry.federation.schema import FederationAny

from models.errors import BadInput
from schema.booking import Booking, booking
from schema.booking_location import BookingLocation
from schema.cdr import Cdr, cdr
from schema.context import Info
from schema.evse import Evse
from schema.loaders import Loaders
from schema.location import Location, booking_location_of, evse_of
from schema.location import of as location_of
from schema.session import Session, session
from schema.tariff import Tariff
from schema.token import Token

MOST_REPRESENTATIONS = 1000


async def _location(loaders: Loaders, location_id: str) -> Location | None:
    found = await loaders.location.load(location_id)
    return location_of(found) if found else None


async def _evse(loaders: Loaders, evse_id: str) -> Evse | None:
    found = await loaders.evse.load(evse_id)
    return evse_of(*found) if found else None


async def _booking_location(loaders: Loaders, booking_location_id: str) -> BookingLocation | None:
    found = await loaders.booking_location.load(booking_location_id)
    return booking_location_of(*found) if found else None


async def _tariff(loaders: Loaders, tariff_id: str) -> Tariff | None:
    found = await loaders.tariff.load(tariff_id)
    return Tariff.of(found) if found else None


async def _booking(loaders: Loaders, booking_id: str) -> Booking | None:
    found = await loaders.booking.load(booking_id)
    return booking(found, loaders.call) if found else None


async def _cdr(loaders: Loaders, cdr_id: str) -> Cdr | None:
    found = await loaders.cdr.load(cdr_id)
    return cdr(found, loaders.call) if found else None


async def _session(loaders: Loaders, session_id: str) -> Session | None:
    found = await loaders.session.load(session_id)
    return session(found, loaders.call) if found else None


async def _token(loaders: Loaders, token_id: str) -> Token | None:
    found = await loaders.token.load(token_id)
    return Token.of(found) if found else None


FOUND_BY: dict[str, Callable[[Loaders, str], Awaitable[object]]] = {
    "Booking": _booking,
    "BookingLocation": _booking_location,
    "Cdr": _cdr,
    "Evse": _evse,
    "Location": _location,
    "Session": _session,
    "Tariff": _tariff,
    "Token": _token,
}
ENTITIES = (Booking, BookingLocation, Cdr, Evse, Location, Session, Tariff, Token)


class Subgraph(strawberry.federation.Schema):
    """A schema whose entities are asked for all at once, through loaders with the rights of the operation."""

    async def entities_resolver(  # type: ignore[override]
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Return each entity, None for one that the caller may not see, or an error in its place."""
        if len(representations) > MOST_REPRESENTATIONS:
            raise BadInput(f"One request resolves at most {MOST_REPRESENTATIONS} entities.")
        loaders = await info.context.loaders()
        found: list[Any] = await asyncio.gather(
            *(_entity(loaders, one) for one in representations), return_exceptions=True
        )
        return found


async def _entity(loaders: Loaders, representation: Any) -> object:
    kind = str(representation.get("__typename")) if isinstance(representation, dict) else ""
    object_id = representation.get("id") if kind in FOUND_BY else None
    if not isinstance(object_id, str):
        raise GraphQLError(
            f"A representation has a __typename of {', '.join(FOUND_BY)}, and an id.",
            extensions={"code": "BAD_USER_INPUT"},
        )
    return await FOUND_BY[kind](loaders, object_id)
