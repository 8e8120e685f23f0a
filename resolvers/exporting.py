"""Taking away, as OCPI documents, what operators own: for whoever runs the platform, and sees all of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum

from models.db import Connection, Database
from models.ocpi.booking import booking_document
from models.ocpi.cdr import cdr_document
from models.ocpi.session import session_document
from models.ocpi.tariff import tariff_document
from models.ocpi.values import Document
from models.queries import bookings, cdrs, exporting, sessions
from models.queries.concerning import Condition
from models.rules.booking_filter import BookingFilter, Holder

PAGE = 100
"""So many objects are in memory at a time, with all readings of their meters."""


class Kind(StrEnum):
    """What can be taken away."""

    TARIFFS = "tariffs"
    BOOKINGS = "bookings"
    SESSIONS = "sessions"
    CDRS = "cdrs"


class Export:
    """What the database holds at one moment, of the objects that changed `since` another."""

    def __init__(self, connection: Connection, since: datetime | None) -> None:
        """Take a connection that sees the database as it was at one moment."""
        self._connection = connection
        self._since = since

    async def operators(self) -> list[str]:
        """Return the ids of all operators, in order."""
        return await exporting.operators(self._connection)

    async def count(self, kind: Kind, cpo_ids: Sequence[str]) -> int:
        """Return how many documents there are of a kind."""
        return await exporting.count(self._connection, kind.value, cpo_ids, self._since)

    def documents(self, kind: Kind, cpo_id: str) -> AsyncIterator[Document]:
        """Return the documents of a kind, an operator's own with nothing held back, always in the same order."""
        match kind:
            case Kind.TARIFFS:
                return self._tariffs(cpo_id)
            case Kind.BOOKINGS:
                return self._bookings(cpo_id)
            case Kind.SESSIONS:
                return self._sessions(cpo_id)
            case Kind.CDRS:
                return self._cdrs(cpo_id)

    async def _tariffs(self, cpo_id: str) -> AsyncIterator[Document]:
        after = ""
        while found := await exporting.tariffs(self._connection, cpo_id, self._since, after=after, limit=PAGE):
            for one in found:
                yield tariff_document(one)
            after = found[-1].id

    async def _bookings(self, cpo_id: str) -> AsyncIterator[Document]:
        holder, wanted, after = Holder(cpo_id=cpo_id), BookingFilter(updated_since=self._since), None
        while found := await bookings.page(self._connection, holder, wanted, after=after, limit=PAGE):
            for one in found:
                yield booking_document(one)
            after = found[-1].timeslot.period.start, found[-1].id

    async def _sessions(self, cpo_id: str) -> AsyncIterator[Document]:
        holder, wanted, after = Holder(cpo_id=cpo_id), self._changed("last_updated"), None
        while found := await sessions.listed(self._connection, holder, wanted, after=after, limit=PAGE):
            told = await sessions.readings_of(self._connection, found)
            for one in found:
                yield session_document(one, told[one.id])
            after = found[-1].start_date_time, found[-1].id

    async def _cdrs(self, cpo_id: str) -> AsyncIterator[Document]:
        holder, wanted, after = Holder(cpo_id=cpo_id), self._changed("issued_at"), None
        while found := await cdrs.listed(self._connection, holder, wanted, after=after, limit=PAGE):
            for one, _ in found:
                yield cdr_document(one)
            last, key = found[-1]
            after = last.issued_at, key

    def _changed(self, moment: str) -> list[Condition]:
        return [] if self._since is None else [(f"{moment} >= {{}}", self._since)]


@asynccontextmanager
async def export(database: Database, since: datetime | None = None) -> AsyncIterator[Export]:
    """Yield what there is to take away, all of it as of one moment."""
    async with database.snapshot() as connection:
        yield Export(connection, since)
