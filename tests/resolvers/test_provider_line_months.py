"""What an EMSP takes per contract and month: for what was used in it, once it is over, by the fee as it was then."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from models.rules.booking import BookingToken
from models.rules.booking_state import CanceledReason
from models.rules.provider_line import ProviderLineKind
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import at, hours
from tests.models.databases import run
from tests.resolvers.adding import (
    CHARGERS,
    OFFER,
    SITE,
    a_month,
    a_sum,
    booked_by_fleet,
    canceled,
    lines,
    months_taken,
    publish,
    settled,
    taken,
    the_site,
    withdraw,
)
from tests.resolvers.charging_scenes import started, stopped
from tests.resolvers.deciding import asked_of, declined
from tests.resolvers.lifecycle import E1, booked
from tests.resolvers.reporting import report
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
FEBRUARY = datetime(2027, 2, 1, tzinfo=UTC)
SHORTLY = timedelta(microseconds=1)
ONCE = [("MONTHLY", "MONTH", Decimal("9.90"), False)]
AGAIN = "UPDATE booking SET during = tstzrange(lower(during) + $1, upper(during) + $1), lapses_at = lapses_at + $1"


async def month_over(world: World, moment: datetime = NEW_YEAR) -> int:
    """Let it be the first round after a month, and return for how many EMSPs something was due."""
    world.later(moment)
    return await months_taken(world)


async def test_a_contract_that_was_used_bears_the_sum_once_as_soon_as_the_month_is_over(
    world: World, dsn: str
) -> None:
    await the_site(world, a_month("9.90"))
    for number in range(2):
        await booked_by_fleet(world, hours(10 + number, 11 + number))

    assert await month_over(world, NEW_YEAR - SHORTLY) == 0
    assert await taken(dsn) == []
    assert await month_over(world) == 1
    assert await months_taken(world) == 0

    (line,) = await lines(world, "fleet")
    assert (line.kind, line.month, line.contract_id, line.contract_ids) == (
        ProviderLineKind.MONTHLY,
        "2026-12",
        FLEET_CONTRACT,
        (FLEET_CONTRACT,),
    )
    assert (str(line.price.before_taxes), str(line.price.after_taxes)) == ("9.9000", "11.9790")
    assert (line.booking_id, line.cdr_id, line.location_id, line.issued_at) == (None, None, None, NEW_YEAR)
    assert await lines(world, "other_fleet") == []


async def test_each_contract_and_each_month_by_itself(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"), a_month("5", "MINE", contract_ids=(FLEET_CONTRACT,)))
    tokens = tuple(BookingToken("NL", "EMS", name, "RFID", name) for name in (FLEET_CONTRACT, OTHER_CONTRACT))
    await booked(world, OFFER, whom=ForWhom(tokens=tokens))
    await month_over(world)
    await run(dsn, AGAIN, timedelta(days=31))

    await month_over(world, FEBRUARY)

    found = [(line.month, line.contract_id, line.fee_id) for line in await lines(world)]
    assert sorted(found) == [
        (month, contract, fee)
        for month in ("2026-12", "2027-01")
        for contract, fee in ((FLEET_CONTRACT, "MINE"), (FLEET_CONTRACT, "MONTH"), (OTHER_CONTRACT, "MONTH"))
    ]


async def test_a_session_without_a_booking_is_use_too(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    session = await started(world, E1)
    world.later(at(6.5))
    await stopped(world, session, kwh=Decimal(20))

    await month_over(world)

    assert await taken(dsn) == ONCE
    assert [line.contract_id for line in await lines(world, "fleet")] == [FLEET_CONTRACT]


async def test_who_used_nothing_pays_nothing(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await booked(world, OFFER)  # under no contract

    assert await month_over(world) == 1

    assert await taken(dsn) == []


async def test_what_was_asked_for_in_vain_or_its_operator_did_not_keep_is_no_use(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    asked = asked_of(SITE, name="ASKED")
    await world.publish(asked)
    refused = await booked(world, asked, caller="fleet", evse_id=CHARGERS[0])
    await declined(world, refused)
    gone = await booked_by_fleet(world, evse_id=CHARGERS[1])
    blocked = await booked_by_fleet(world, evse_id=CHARGERS[2])
    await canceled(world, gone, "cpo", CanceledReason.FULL)
    world.later(at(9.75))
    await report(world, blocked, "fleet")
    await run(dsn, "UPDATE problem_report SET status = 'UPHELD', resolved_at = $1", world.now)

    await month_over(world)

    assert await taken(dsn) == []


async def test_what_its_holder_canceled_is_use(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await canceled(world, await booked_by_fleet(world), "fleet", CanceledReason.TRAFFIC)

    await month_over(world)

    assert await taken(dsn) == ONCE


@pytest.mark.parametrize(
    ("begins", "paid"),
    [
        (NEW_YEAR - timedelta(hours=1), True),
        (NEW_YEAR, False),
        (datetime(2026, 12, 1, tzinfo=UTC), True),
        (datetime(2026, 11, 30, 23, tzinfo=UTC), False),
    ],
)
async def test_a_booking_is_of_the_month_in_which_it_begins_in_utc(
    world: World, dsn: str, begins: datetime, paid: bool
) -> None:
    await the_site(world, a_month("9.90"))
    one = await booked_by_fleet(world)
    await run(dsn, AGAIN, begins - one.timeslot.period.start)

    await month_over(world)

    assert await taken(dsn) == (ONCE if paid else [])


async def test_a_contract_that_is_spelled_in_two_ways_pays_once(world: World) -> None:
    await the_site(world, a_month("9.90"))
    for evse_id, name in zip(CHARGERS, (FLEET_CONTRACT, FLEET_CONTRACT.replace("-", "").lower()), strict=False):
        await booked(world, OFFER, whom=ForWhom(contract_id=name), evse_id=evse_id)

    await month_over(world)

    assert [line.contract_id for line in await lines(world)] == [FLEET_CONTRACT]


async def test_a_fee_that_comes_after_the_month_is_not_for_it(world: World, dsn: str) -> None:
    await the_site(world, a_sum("1"))
    await booked_by_fleet(world)
    world.later(NEW_YEAR + SHORTLY)
    await publish(world, a_month("9.90"))

    assert await months_taken(world) == 0
    assert await month_over(world, FEBRUARY) == 1

    assert await taken(dsn) == []


async def test_a_fee_that_changes_before_the_first_round_is_taken_as_it_was(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await booked_by_fleet(world)
    world.later(NEW_YEAR + SHORTLY)

    await publish(world, a_month("50"))
    assert await taken(dsn) == ONCE
    assert await months_taken(world) == 0
    await run(dsn, AGAIN, timedelta(days=31))
    await month_over(world, FEBRUARY)

    assert [(line.month, str(line.price.before_taxes)) for line in await lines(world)] == [
        ("2026-12", "9.9000"),
        ("2027-01", "50.0000"),
    ]


async def test_a_fee_that_is_withdrawn_before_the_first_round_is_taken_a_last_time(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await booked_by_fleet(world)
    world.later(NEW_YEAR + SHORTLY)

    await withdraw(world, "MONTH")
    await publish(world, a_month("50"))
    assert await months_taken(world) == 0

    assert await taken(dsn) == ONCE


async def test_a_fee_is_taken_as_it_is_at_the_end_of_the_month(world: World, dsn: str) -> None:
    await the_site(world, a_month("1"), a_month("2", "GONE"))
    await booked_by_fleet(world)
    world.later(NEW_YEAR - SHORTLY)
    await publish(world, a_month("9.90"))
    await withdraw(world, "GONE")

    await month_over(world)

    assert await taken(dsn) == ONCE


async def test_a_worker_that_was_away_takes_every_month_it_missed(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await booked_by_fleet(world, hours(10, 11))
    await booked_by_fleet(world, hours(12, 13))
    await run(dsn, AGAIN + " WHERE lower(during) >= $2", timedelta(days=62), at(12))

    assert await month_over(world, datetime(2027, 3, 1, tzinfo=UTC)) == 1

    assert sorted(str(line.month) for line in await lines(world)) == ["2026-12", "2027-02"]


async def test_what_is_taken_per_month_is_not_taken_per_booking(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await booked_by_fleet(world)

    await settled(world)

    assert await taken(dsn) == []


async def test_many_contracts_are_taken_at_once(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await booked_by_fleet(world)
    await run(dsn, "UPDATE booking SET contract_ids = ARRAY(SELECT 'C' || n FROM generate_series(1, 600) n)")

    await month_over(world)

    assert await run(dsn, "SELECT count(DISTINCT contract_id), count(*) FROM provider_line") == [(600, 600)]
