"""What comes of a report: contested, resolved, withdrawn, or upheld by a worker; and who may see it and do so."""

import pytest

from models.charging_errors import ReportSettled
from models.errors import CutOffPassed, Forbidden, NotAllowed, NotFound
from models.rules.booking import Booking, BookingToken
from models.rules.problem_report import ProblemReportStatus
from resolvers import mandates, problem_reports
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant, MandateToRevoke
from resolvers.problem_reading import ReportFilter
from server import worker
from tests.factories.catalogue import at, hours
from tests.models.databases import run
from tests.resolvers.lifecycle import E2, booked
from tests.resolvers.quoting import or_refusal
from tests.resolvers.reminding import by_worker
from tests.resolvers.reporting import (
    OFFER,
    OTHER,
    SITE,
    booked_for_ten,
    contest,
    lapsed,
    open_site,
    report,
    resolve,
    settled,
    statuses,
    told,
    withdraw,
)
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

OPEN, CONTESTED, UPHELD, DISMISSED, WITHDRAWN = ProblemReportStatus
IN_TIME, TOO_LATE = at(9.749, day=2), at(9.75, day=2)
"""Before and when a report of 9:45 cannot be contested any more."""


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers, and one whose operator decides."""
    await open_site(world)
    return world


async def listed(world: World, caller: str, **wanted: object) -> list[str]:
    """Return the ids of the reports that a caller lists, page by page."""
    found: list[str] = []
    after = None
    while True:
        page = await problem_reports.page(await world.call(caller), ReportFilter(**wanted), first=1, after=after)  # type: ignore[arg-type]
        found += [one.object_id for (one, _), _ in page.items]
        if not page.has_next:
            return found
        after = page.items[-1][1]


async def test_what_nobody_contests_in_time_is_upheld_once(site: World, dsn: str) -> None:
    one = await report(site, await booked_for_ten(site))

    early = await settled(site, IN_TIME)
    done = await settled(site, TOO_LATE)
    again = await settled(site, at(12, day=2))

    found, _ = await problem_reports.get(await site.call("cpo"), one.object_id)
    assert (early, done, again) == (0, 1, 0)
    assert (found.status, found.resolved_at, found.last_updated) == (UPHELD, TOO_LATE, TOO_LATE)
    assert (found.fee, found.contested_at) == (one.fee, None)
    assert await told(dsn) == [one.object_id] * 2


async def test_the_worker_upholds_reports_among_its_duties(site: World, dsn: str) -> None:
    await report(site, await booked_for_ten(site))
    site.later(TOO_LATE)

    assert await worker.due(by_worker(site))
    assert await statuses(dsn) == ["UPHELD"]


async def test_an_operators_own_report_is_not_told_of_twice(site: World, dsn: str) -> None:
    one = await report(site, await booked_for_ten(site), "cpo")

    assert await settled(site, TOO_LATE) == 0
    assert await told(dsn) == [one.object_id]
    assert await or_refusal(contest(site, one)) == CutOffPassed(TOO_LATE)
    assert await or_refusal(withdraw(site, one)) == ReportSettled(one.object_id, UPHELD)


@pytest.mark.parametrize(("upheld", "status"), [(True, UPHELD), (False, DISMISSED)])
async def test_what_is_contested_stays_so_until_its_operator_resolves_it(
    site: World, dsn: str, upheld: bool, status: ProblemReportStatus
) -> None:
    one = await report(site, await booked_for_ten(site))

    site.later(IN_TIME)
    contested = await contest(site, one)
    waited = await settled(site, at(12, day=9))
    resolved = await resolve(site, contested, upheld=upheld)

    assert (contested.status, contested.contested_at, contested.contest_reason) == (
        CONTESTED,
        IN_TIME,
        "It was free.",
    )
    assert waited == 0
    assert (resolved.status, resolved.resolved_at, resolved.resolution) == (status, at(12, day=9), "Seen on camera.")
    assert resolved.contest_reason == "It was free."
    assert await told(dsn) == [one.object_id] * 3


async def test_an_operator_may_uphold_a_report_early_but_not_dismiss_what_it_does_not_contest(site: World) -> None:
    one = await report(site, await booked_for_ten(site))

    dismissed = await or_refusal(resolve(site, one, upheld=False))
    upheld = await resolve(site, one, upheld=True)

    assert isinstance(dismissed, NotAllowed)
    assert (upheld.status, upheld.contested_at) == (UPHELD, None)
    assert await or_refusal(contest(site, one)) == ReportSettled(one.object_id, UPHELD)


@pytest.mark.parametrize("worker_came_by", [True, False])
async def test_too_late_nothing_can_be_done_whether_a_worker_came_by_or_not(
    site: World, worker_came_by: bool
) -> None:
    one = await report(site, await booked_for_ten(site))
    site.later(TOO_LATE)
    if worker_came_by:
        await settled(site, TOO_LATE)

    over = ReportSettled(one.object_id, UPHELD)
    assert await or_refusal(contest(site, one)) == CutOffPassed(TOO_LATE)
    assert await or_refusal(resolve(site, one, upheld=False)) == over
    assert await or_refusal(withdraw(site, one)) == over


async def test_a_report_is_contested_once(site: World) -> None:
    one = await contest(site, await report(site, await booked_for_ten(site)))

    assert isinstance(await or_refusal(contest(site, one)), NotAllowed)


@pytest.mark.parametrize("caller", ["emsp", "fleet"])
@pytest.mark.parametrize("contested", [True, False])
async def test_the_holders_side_takes_a_report_back_and_the_booking_stays_canceled(
    site: World, dsn: str, caller: str, contested: bool
) -> None:
    one = await report(site, await booked_for_ten(site), "fleet")
    if contested:
        await contest(site, one)

    taken_back = await withdraw(site, one, caller)

    assert (taken_back.status, taken_back.resolved_at) == (WITHDRAWN, at(9.75))
    assert await settled(site, TOO_LATE) == 0
    assert await run(dsn, "SELECT status FROM booking") == [("CANCELED",)]
    assert await or_refusal(resolve(site, one, upheld=True)) == ReportSettled(one.object_id, WITHDRAWN)
    assert await or_refusal(withdraw(site, one)) == ReportSettled(one.object_id, WITHDRAWN)


@pytest.mark.parametrize("caller", ["other_emsp", "other_fleet", "other_cpo"])
async def test_whoever_does_not_see_the_booking_finds_nothing(site: World, caller: str) -> None:
    booking = await booked_for_ten(site)
    refused = await or_refusal(report(site, booking, caller))
    one = await report(site, booking)
    call = await site.call(caller)
    settles = contest if caller == "other_cpo" else withdraw

    assert refused == NotFound("Booking", booking.object_id)
    assert await or_refusal(problem_reports.get(call, one.object_id)) == NotFound("ProblemReport", one.object_id)
    assert await problem_reports.many(call, [one.object_id]) == []
    assert await listed(site, caller) == []
    assert await or_refusal(settles(site, one, caller)) == NotFound("ProblemReport", one.object_id)


@pytest.mark.parametrize("caller", ["nsp", "nap", "admin"])
async def test_others_have_nothing_to_do_with_reports(site: World, caller: str) -> None:
    booking = await booked_for_ten(site)
    one = await report(site, booking)

    for asked in (report(site, booking, caller), contest(site, one, caller), withdraw(site, one, caller)):
        with pytest.raises(Forbidden):
            await asked
    assert await listed(site, caller) == []
    assert await problem_reports.many(await site.call(caller), [one.object_id]) == []


async def test_each_side_does_what_is_its_own(site: World) -> None:
    one = await report(site, await booked_for_ten(site))

    for asked in (
        contest(site, one, "emsp"),
        resolve(site, one, upheld=True, caller="fleet"),
        withdraw(site, one, "cpo"),
    ):
        with pytest.raises(Forbidden):
            await asked


async def test_a_fleet_reports_only_what_is_all_its_own(site: World) -> None:
    tokens = tuple(
        BookingToken("NL", "EMS", f"T{number}", "RFID", contract)
        for number, contract in enumerate((FLEET_CONTRACT, OTHER_CONTRACT))
    )
    booking = await booked(site, OFFER, whom=ForWhom(tokens))
    site.later(at(9.75))

    refused = await or_refusal(report(site, booking, "fleet"))
    one = await report(site, booking)

    assert isinstance(refused, NotAllowed)
    assert await listed(site, "fleet") == [one.object_id]
    assert isinstance(await or_refusal(withdraw(site, one, "fleet")), NotAllowed)


async def test_who_books_on_behalf_of_another_reports_while_it_has_the_mandate(site: World) -> None:
    mandate = await mandates.grant(await site.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    booking = await booked(site, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
    site.later(at(9.75))

    one = await report(site, booking, "other_emsp")
    seen = await listed(site, "other_emsp")
    await mandates.revoke(await site.call("emsp"), a_key(), MandateToRevoke(str(mandate.id)))

    assert one.reporter_id == "DE*EMO"
    assert seen == [one.object_id]
    assert await listed(site, "other_emsp") == []
    assert await or_refusal(withdraw(site, one, "other_emsp")) == NotFound("ProblemReport", one.object_id)
    assert await listed(site, "emsp") == [one.object_id]


async def reported_twice(world: World) -> tuple[list[Booking], list[str]]:
    """Return two bookings, of a no-show and of one that waits, and the ids of their reports."""
    made = [await booked(world, OFFER, caller="fleet"), await booked(world, OFFER, hours(11, 12), evse_id=E2)]
    await lapsed(world, at(10.5))
    ids = [(await report(world, one)).object_id for one in made]
    return made, ids


async def test_reports_are_listed_by_what_is_asked_of_them(site: World) -> None:
    (first, _), ids = await reported_twice(site)
    found, _ = await problem_reports.get(await site.call("cpo"), ids[1].lower())
    await contest(site, found)

    assert sorted(await listed(site, "emsp")) == sorted(await listed(site, "cpo")) == sorted(ids)
    assert await listed(site, "fleet") == ids[:1]
    assert await listed(site, "emsp", booking_id=first.object_id) == ids[:1]
    assert await listed(site, "emsp", booking_id="NL*ABC*none") == []
    assert await listed(site, "cpo", statuses=(CONTESTED, UPHELD)) == ids[1:]
    assert sorted(await listed(site, "cpo", location_id=SITE.id.lower())) == sorted(ids)
    assert await listed(site, "cpo", location_id=OTHER.id) == []


@pytest.mark.parametrize("unknown", ["", "NL*ABC*1", "NL*XYZ*7e57ab1e-0000-4000-8000-000000000000", "nonsense"])
async def test_what_names_no_report_is_not_found(site: World, unknown: str) -> None:
    assert await or_refusal(problem_reports.get(await site.call("cpo"), unknown)) == NotFound(
        "ProblemReport", unknown
    )
