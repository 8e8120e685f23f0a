"""Reports of booked chargers, and what is stored and told of them."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from models.queries import problem_reports as stored
from models.rules.booking import Booking
from models.rules.problem_report import ChargerProblem, ProblemReport, reported
from models.rules.role import Role
from resolvers import bookings, lapsing, problem_reports
from resolvers.for_whom import ForWhom
from resolvers.problem_deciding import Contest, Resolution, Withdrawal
from resolvers.problem_reporting import Report
from tests.factories.catalogue import a_location, an_offer, at
from tests.models.databases import run
from tests.resolvers.deciding import asked_of
from tests.resolvers.lifecycle import E1, booked, booking_tariff
from tests.resolvers.reminding import by_worker
from tests.world import FLEET_CONTRACT, World, a_key

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
OTHER = a_location("LOC2")
ASKED = asked_of(OTHER)
USED = "UPDATE booking SET status = 'FULFILLED', charging_started_at = lower(during) WHERE id = $1"

TOLD = "SELECT object_id FROM event WHERE kind = 'PROBLEM_REPORTED' ORDER BY xid, id"
STATUSES = "SELECT status FROM problem_report ORDER BY reported_at, id"


async def open_site(world: World) -> None:
    """Publish a site of two chargers at 2.50 a booking, and one whose operator decides."""
    await world.publish(SITE, OTHER, booking_tariff(), OFFER, ASKED)


async def booked_for_ten(world: World, caller: str = "fleet") -> Booking:
    """Return a booking of E1 for ten, under the fleet's contract; it is 9:45."""
    whom = ForWhom(contract_id=FLEET_CONTRACT) if caller == "emsp" else None
    one = await booked(world, OFFER, caller=caller, whom=whom, evse_id=E1)
    world.later(at(9.75))
    return one


async def now_is(world: World, one: Booking) -> Booking:
    """Return what became of a booking."""
    return await bookings.get(await world.call("cpo"), one.object_id)


async def used(dsn: str, one: Booking) -> None:
    """Let charging have begun on a booking."""
    await run(dsn, USED, one.id)


async def lapsed(world: World, when: datetime) -> int:
    """Let it be later, do a worker's round, and return how many bookings lapsed."""
    world.later(when)
    return await lapsing.no_shows(by_worker(world))


async def report(
    world: World, one: Booking, caller: str = "emsp", problem: ChargerProblem = ChargerProblem.BLOCKED, **more: Any
) -> ProblemReport:
    """Return the report of a booking's charger; a refusal is raised."""
    wanted = Report(one.object_id, problem, **more)
    return (await problem_reports.create(await world.call(caller), a_key(), wanted))[0]


async def noted(world: World, one: Booking) -> ProblemReport:
    """Store the open report of a booking's charger, and leave the booking as it is."""
    made = reported(uuid4(), one, ChargerProblem.BLOCKED, "A van.", (Role.EMSP, one.emsp_id), world.now)
    async with world.database.transaction() as connection:
        await stored.add(connection, made)
    return made


async def contest(world: World, one: ProblemReport, caller: str = "cpo") -> ProblemReport:
    """Return a report contested; a refusal is raised."""
    wanted = Contest(one.object_id, "It was free.")
    return (await problem_reports.contest(await world.call(caller), a_key(), wanted))[0]


async def resolve(world: World, one: ProblemReport, *, upheld: bool, caller: str = "cpo") -> ProblemReport:
    """Return a report resolved; a refusal is raised."""
    wanted = Resolution(one.object_id, upheld, "Seen on camera.")
    return (await problem_reports.resolve(await world.call(caller), a_key(), wanted))[0]


async def withdraw(world: World, one: ProblemReport, caller: str = "emsp") -> ProblemReport:
    """Return a report taken back; a refusal is raised."""
    return (await problem_reports.withdraw(await world.call(caller), a_key(), Withdrawal(one.object_id)))[0]


async def settled(world: World, when: datetime) -> int:
    """Let it be later, do a worker's round, and return how many reports were upheld."""
    world.later(when)
    return await problem_reports.settle(by_worker(world))


async def told(dsn: str) -> list[str]:
    """Return of which reports something was told, in order."""
    return [str(name) for (name,) in await run(dsn, TOLD)]


async def statuses(dsn: str) -> list[str]:
    """Return what came of all reports, in the order in which they were made."""
    return [str(status) for (status,) in await run(dsn, STATUSES)]
