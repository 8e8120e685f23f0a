"""From what a client sends to the call it makes: on HTTP the Authorization header, on WebSocket connection_init."""

from collections.abc import Callable, Mapping
from datetime import datetime

from models.catalogue import Catalogue
from models.db import Database
from models.errors import Unauthenticated
from resolvers import parties
from resolvers.call import Call
from schema.context import Begin

SCHEME = "bearer "


def secret_of(authorization: object) -> str | None:
    """Return the API token in an `Authorization` value, None without one; "" if it is of another scheme."""
    if authorization is None:
        return None
    if not isinstance(authorization, str) or not authorization.lower().startswith(SCHEME):
        return ""
    return authorization[len(SCHEME) :].strip()


def secret_in(connection_params: Mapping[str, object]) -> str | None:
    """Return the API token in the payload of `connection_init`: `{"authorization": "Bearer <token>"}`."""
    for name, value in connection_params.items():
        if name.lower() == "authorization":
            return secret_of(value)
    return None


def beginning(database: Database, catalogue: Catalogue, clock: Callable[[], datetime]) -> Begin:
    """Return what makes a call of an API token, or raises Unauthenticated for one that opens nothing."""

    async def begin(secret: str | None) -> Call:
        now = clock()
        if secret is None:
            return Call(None, now, database, catalogue)
        if not secret:
            raise Unauthenticated("Send the API token as `Authorization: Bearer <token>`.")
        return Call(await parties.authenticate(database, secret, now), now, database, catalogue)

    return begin
