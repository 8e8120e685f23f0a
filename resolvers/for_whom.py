"""For whom a booking is made, and whether the caller may: tokens, contracts, plate, and on whose behalf (BUC 2.2)."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from models.errors import BadInput, NotAllowed
from models.rules.booking import BookingToken
from models.rules.booking_location import AccessMethod, BookingTerms
from models.rules.identity import party
from models.rules.role import Role
from resolvers import access
from resolvers.call import Caller

MOST_TOKENS = 50
"""Of one booking."""


@dataclass(frozen=True, slots=True)
class ForWhom:
    """Who may use a booking; any valid token of the provider, if none is named.

    `on_behalf_of` is the provider for whom another party books under its mandate. `reminders` are so many minutes
    before the start; None leaves it to what the party prefers.
    """

    tokens: tuple[BookingToken, ...] = ()
    contract_id: str | None = None
    license_plate: str | None = None
    on_behalf_of: str | None = None
    reminders: tuple[int, ...] | None = None


NOBODY = ForWhom()
"""Who may use it is left to the provider."""


def check_plate(terms: BookingTerms, license_plate: str | None) -> None:
    """Raise NotAllowed where access is by plate and there is none (BUC 3.12)."""
    if terms.supported_access_methods == (AccessMethod.LICENSE_PLATE,) and not license_plate:
        raise NotAllowed("This site opens its gate by licence plate only; give `licensePlate`.")


def check_tokens(emsp_id: str, tokens: Sequence[BookingToken]) -> None:
    """Raise NotAllowed unless all tokens are the provider's."""
    for token in tokens:
        if party(token.country_code, token.party_id) != emsp_id:
            raise NotAllowed(f"Token {token.uid} is not one of {emsp_id}.")


def contracts(caller: Caller, wanted: ForWhom) -> tuple[str, ...]:
    """Return the contracts that a booking is made under, or raise BadInput or NotAllowed."""
    named = {token.contract_id for token in wanted.tokens}
    if wanted.contract_id is not None:
        named.add(wanted.contract_id)
    if caller.role is Role.TO:
        if not named and len(caller.contract_ids) == 1:
            named = set(caller.contract_ids)
        if not named:
            raise BadInput("Your token covers several contracts; give `contractId` or tokens.")
    contracts_covered(caller, named)
    return tuple(sorted(named))


def contracts_covered(caller: Caller, named: Set[str]) -> None:
    """Raise NotAllowed unless a fleet's token covers all contracts that are named."""
    if not access.covers(caller, named):
        raise NotAllowed("Your token does not cover all contracts that the booking names.")
