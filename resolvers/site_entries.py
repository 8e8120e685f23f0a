"""What can be done at the gates of Locations: letting vehicles in, and telling who asked to enter (BUC 3.12)."""

from models.queries import site_entries as stored
from models.queries.concerning import Condition
from models.rules.identity import normalized, own_uuid, owner
from models.rules.site_entry import SiteEntry
from resolvers import access
from resolvers.call import Call
from resolvers.pages import Page, checked_first, cut, moment_and_id
from resolvers.site_entry_authorizing import authorize

__all__ = ["authorize", "page"]


async def page(
    call: Call, *, booking_id: str | None, location_id: str | None, first: int, after: tuple[str, ...] | None
) -> Page[SiteEntry]:
    """Return who asked to enter, in order of time, as far as it concerns the caller; one statement."""
    limit = checked_first(first)
    position = moment_and_id(after)
    holder = access.holder(call)
    if holder is None:
        return Page((), has_next=False)
    wanted: list[Condition] = []
    if booking_id is not None:
        uuid = own_uuid(booking_id)
        if uuid is None:
            return Page((), has_next=False)
        wanted += [("booking_id = {}", uuid), ("cpo_id = {}", owner(normalized(booking_id)))]
    if location_id is not None:
        wanted.append(("location_id = {}", normalized(location_id)))
    async with call.database.reading() as connection:
        found = await stored.listed(connection, holder, wanted, after=position, limit=limit + 1)
    return cut([(one, (one.at.isoformat(), str(one.id))) for one in found], limit)
