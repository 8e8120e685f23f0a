"""The DataLoaders behind `_entities`: each asks a batch function once, with the rights of the operation."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from strawberry.dataloader import DataLoader

from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.location import Evse
from models.rules.provider_line import ProviderLine
from models.rules.published import PublishedLocation
from models.rules.session import Session
from models.rules.tariff import Tariff
from models.rules.token import Token
from resolvers import bookings, cdrs, locations, provider_lines, sessions, tokens
from resolvers.call import Call
from resolvers.cdrs import KnownCdr

T = TypeVar("T")


class Loaders:
    """One loader per entity; what the caller may not see is None."""

    def __init__(self, call: Call) -> None:
        """Take the call whose rights decide."""
        self.call = call
        self.location: DataLoader[str, PublishedLocation | None] = _loader(call, locations.many)
        self.evse: DataLoader[str, tuple[PublishedLocation, Evse] | None] = _loader(call, locations.evses)
        self.booking_location: DataLoader[str, tuple[PublishedLocation, BookingLocation] | None] = _loader(
            call, locations.booking_locations
        )
        self.tariff: DataLoader[str, Tariff | None] = _loader(call, locations.tariffs)
        self.sessions_of: DataLoader[str, list[Session]] = _loader(call, sessions.of_bookings)
        self.cdrs_of: DataLoader[str, list[KnownCdr]] = _loader(call, cdrs.of_bookings)
        self.cdrs_of_session: DataLoader[str, list[KnownCdr]] = _loader(call, cdrs.of_sessions)
        self.cdr: DataLoader[str, KnownCdr | None] = _loader(call, cdrs.many)
        self.provider_lines_of: DataLoader[str, list[ProviderLine]] = _loader(call, provider_lines.of_cdrs)
        self.booking: DataLoader[str, Booking | None] = _loader(call, bookings.many)
        self.session: DataLoader[str, Session | None] = _loader(call, sessions.many)
        self.token: DataLoader[str, Token | None] = _loader(call, tokens.many)


def _loader(call: Call, many: Callable[[Call, Sequence[str]], Awaitable[list[T]]]) -> DataLoader[str, T]:
    async def load(ids: list[str]) -> list[T]:
        return await many(call, ids)

    return DataLoader(load_fn=load)
