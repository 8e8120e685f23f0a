"""A whole product in a test's database: its feed, its catalogue, a clock that stands, and callers of every role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from models.catalogue import Catalogue
from models.db import Database
from models.rules.booking_location import BookingLocation
from models.rules.location import Location
from models.rules.role import Role
from models.rules.tariff import Tariff
from resolvers import parties, publishing
from resolvers.call import Call
from schema.build import schema
from schema.context import Context
from server.auth import beginning
from subscriptions.feed import Feed
from tests.factories.catalogue import NOW

FLEET_CONTRACT = "NL-EMS-C00000001-A"
OTHER_CONTRACT = "NL-EMS-C00000002-B"

PARTIES: dict[str, tuple[str, str, Role]] = {
    "cpo": ("NL", "ABC", Role.CPO),
    "other_cpo": ("DE", "XYZ", Role.CPO),
    "emsp": ("NL", "EMS", Role.EMSP),
    "other_emsp": ("DE", "EMO", Role.EMSP),
    "nsp": ("DE", "NAV", Role.NSP),
    "nap": ("CH", "NAP", Role.NAP),
    "admin": ("NL", "ADM", Role.ADMIN),
}
FLEETS = {"fleet": FLEET_CONTRACT, "other_fleet": OTHER_CONTRACT}


@dataclass
class Answer:
    """What an operation answered: its data, and its errors as (code, message)."""

    data: Any
    errors: list[tuple[str, str]]


class World:
    """The product around a database. `now` may be set; nothing else moves the clock."""

    def __init__(self, database: Database) -> None:
        """Take an empty, migrated database."""
        self.database = database
        self.now = NOW
        self.catalogue = Catalogue()
        self.feed = Feed(database, self.catalogue, lambda: self.now)
        self.secrets: dict[str | None, str | None] = {None: None}
        self.begin = beginning(database, self.catalogue, lambda: self.now)

    @asynccontextmanager
    async def living(self) -> AsyncIterator["World"]:
        """Make the parties and their tokens, and follow the feed until the end."""
        for name, (country_code, party_id, role) in PARTIES.items():
            composite = await parties.create(self.database, country_code, party_id, name, [role], self.now)
            self.secrets[name] = await parties.create_token(self.database, composite, role, self.now)
        for name, contract in FLEETS.items():
            self.secrets[name] = await parties.create_token(
                self.database, "NL*EMS", Role.TO, self.now, contract_ids=[contract]
            )
        async with self.feed.following():
            yield self

    async def publish(self, *values: Location | BookingLocation | Tariff) -> None:
        """Publish values in order and wait until the catalogue has them."""
        call = Call(None, self.now, self.database, self.catalogue)
        for value in values:
            if isinstance(value, Location):
                await publishing.location(call, value)
            elif isinstance(value, Tariff):
                await publishing.tariff(call, value)
            else:
                await publishing.booking_location(call, value)
        await self.feed.synced()

    async def call(self, caller: str | None) -> Call:
        """Return a call of one of the callers; None stands for no token."""
        return await self.begin(self.secrets[caller])

    def context(self, caller: str | None, *, lasting: bool = False) -> Context:
        """Return the context of an operation of one of the callers."""
        return Context(self.begin, self.feed, self.secrets[caller], lasting=lasting)

    async def execute(self, caller: str | None, document: str, **variables: Any) -> Answer:
        """Execute an operation with the rights of a caller, as the server would."""
        result = await schema.execute(document, variable_values=variables, context_value=self.context(caller))
        errors = [(str((error.extensions or {}).get("code")), error.message) for error in result.errors or []]
        return Answer(result.data, errors)

    def later(self, moment: datetime) -> None:
        """Let the clock stand at a later moment."""
        self.now = moment


def a_key() -> str:
    """Return a fresh idempotency key."""
    return str(uuid4())
