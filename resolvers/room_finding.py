"""Where a newcomer finds room at a Location once provisional allocations have moved, by what the database has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from models.db import Connection
from models.queries import provisional
from models.queries.provisional import Asked, Taken
from models.rules.fit import fitting
from models.rules.interval import Interval
from models.rules.location import Evse
from models.rules.moving import Plan, plan
from models.rules.moving_scene import Key, Newcomer, Placed
from models.rules.offered import suffices
from models.rules.published import PublishedLocation
from models.rules.site import Site, site_of
from models.rules.spot import Spot, spots
from models.tables.allocation import AllocationKind
from resolvers import holds
from resolvers.call import Call

REACH = timedelta(hours=12)
"""How far before and after what is in a newcomer's way a chain of moves may go."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where a newcomer finds room, once others have moved: what, and where to."""

    key: Key
    moves: tuple[tuple[Taken, Spot], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A Location, with what it has for whoever asks; `leaving` is a booking that gives up its present charger."""

    call: Call
    connection: Connection
    published: PublishedLocation
    leaving: UUID | None = None
    _known: dict[tuple[Asked, timedelta], Mapping[Key, Spot]] = field(default_factory=dict, init=False)

    @property
    def id(self) -> str:
        """The Location's."""
        return self.published.location.id

    async def room(self, newcomer: Newcomer, *, clear: bool) -> Room | None:
        """Return how room is made, or None if none can be.

        With `clear` the Location is this transaction's alone; expired holds that may be in the way are freed then.
        What overlaps the newcomer's time decides most cases, so that the rest is read only if it has to be.
        """
        near = await self._taken(newcomer.period)
        window = newcomer.period
        first = self._plan(newcomer, near, window.hull(_span(near, window)))
        if first is None:
            return None
        if first.moves:
            window = _span([one for one in near if one.asked], window)
            window = Interval(window.start - REACH, window.end + REACH)
        if clear:
            await provisional.lock_quotes(self.connection, self.id, window)
            await holds.clear(self.connection, self.id, window, self.call.now)
        if not first.moves:
            return Room(first.key)
        taken = await self._taken(window)
        found = self._plan(newcomer, taken, window)
        if found is None:
            return None
        moves = ((one, one.asked, found.moves[one.id]) for one in taken if one.asked and one.id in found.moves)
        return Room(found.key, tuple((one, self._fit(asked, one.period)[key]) for one, asked, key in moves))

    def complying(self, asked: Asked, period: Interval) -> list[Spot]:
        """Return the spots that fit what was asked for a period, and serve then."""
        site = site_of(self.published, period)
        return [spot for spot in self._fit(asked, period).values() if site.serves(spot.evse, period)]

    async def _taken(self, window: Interval) -> list[Taken]:
        found = await provisional.taken(self.connection, self.id, window, self.call.now)
        booked = AllocationKind.BOOKING
        return [one for one in found if self.leaving is None or (one.holder_id, one.kind) != (self.leaving, booked)]

    def _plan(self, newcomer: Newcomer, taken: Sequence[Taken], known: Interval) -> Plan | None:
        """Return the plan; what is not wholly in the time of which all is known stays where it is."""
        site = site_of(self.published, known)
        evses = self.published.location.evses
        doubtful = [evse for evse in evses if not site.serves(evse, known)]  # the others serve whenever asked
        return plan(
            newcomer,
            [
                Placed(
                    one.id,
                    one.holder_id,
                    one.key,
                    one.period,
                    self._keys(site, doubtful, one) if known.contains(one.period) else (),
                )
                for one in taken
            ],
        )

    def _keys(self, site: Site, doubtful: Sequence[Evse], one: Taken) -> tuple[Key, ...]:
        """Return where one may be, if it may be moved."""
        if one.asked is None:
            return ()
        keys = tuple(self._fit(one.asked, one.period))
        out = {evse.id for evse in doubtful if not site.serves(evse, one.period)}
        return tuple(key for key in keys if key[0] not in out) if out else keys

    def _fit(self, asked: Asked, period: Interval) -> Mapping[Key, Spot]:
        """Return the spots that fit what was asked for a period, by their keys."""
        known = self._known.get((asked, period.duration))
        if known is None:
            fit = fitting(spots(self.published.location, asked.booking_option), asked.booking_option, asked.demand)
            known = {spot.key: spot for spot in fit if suffices(spot, asked.max_power, asked.demand, period.duration)}
            self._known[asked, period.duration] = known
        return known


def _span(taken: Sequence[Taken], span: Interval) -> Interval:
    """Return the time from the first start to the last end."""
    for one in taken:
        span = span.hull(one.period)
    return span
