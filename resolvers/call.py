"""Who asks, when, and with what at hand: the first argument of every use case."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.catalogue import Catalogue
from models.db import Database
from models.errors import Forbidden, Unauthenticated
from models.rules.role import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """The party behind a request and the role it acts in; a fleet (TO) acts for its EMSP within its contracts."""

    token_id: UUID
    party_id: str
    role: Role
    contract_ids: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """Within which an idempotency key is one: the party and role, a fleet's contracts apart from others'."""
        return " ".join((self.party_id, self.role, *self.contract_ids))


@dataclass(frozen=True, slots=True)
class Call:
    """One operation: its caller (None without a token), its moment, the database and the catalogue."""

    caller: Caller | None
    now: datetime
    database: Database
    catalogue: Catalogue

    def authenticated(self) -> Caller:
        """Return the caller or raise Unauthenticated."""
        if self.caller is None:
            raise Unauthenticated("This needs an API token: send the header `Authorization: Bearer <token>`.")
        return self.caller

    def acting_as(self, *roles: Role) -> Caller:
        """Return the caller if it has one of `roles`, or raise Unauthenticated or Forbidden."""
        caller = self.authenticated()
        if caller.role not in roles:
            wanted = " or ".join(roles)
            raise Forbidden(f"This needs a token of role {wanted}; yours is {caller.role}.")
        return caller
