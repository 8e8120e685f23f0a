"""How drivers are reached: shared by consent, seen by whom it is for, and withdrawn (BUC 3.11)."""

from datetime import timedelta
from typing import Any

import pytest

from models.errors import BadInput, Forbidden, IdempotencyConflict, NotFound
from models.rules.booking import Booking
from models.rules.driver_message import DriverContact
from resolvers import mandates
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant
from tests.factories.catalogue import NOW, a_location, an_offer, at
from tests.resolvers.lifecycle import E1, booked
from tests.resolvers.messaging import DIALLED, NAME, PHONE, reached, shared, withdrawn
from tests.resolvers.quoting import or_refusal
from tests.resolvers.requests import ask
from tests.resolvers.warning import begun
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
KEPT = "SELECT count(*) FROM driver_contact"
DIGESTS = "SELECT count(DISTINCT input_hash) FROM idempotency WHERE mutation = 'driverContactShare'"


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers."""
    await world.publish(SITE, OFFER)
    return world


async def of_fleet(world: World, **changes: Any) -> Booking:
    """Return a booking from ten to eleven under the contract of the first fleet."""
    return await booked(world, OFFER, whom=ForWhom(contract_id=FLEET_CONTRACT), **changes)


async def test_what_is_shared_with_consent_is_kept_for_a_day_after_the_slot(site: World) -> None:
    one = await of_fleet(site)

    contact = await shared(site, one, language="NL")

    assert contact == DriverContact(SITE.id, one.id, DIALLED, NAME, "nl", NOW, at(35))
    assert (
        await reached(site, one) == await reached(site, one, "emsp") == await reached(site, one, "fleet") == DIALLED
    )


@pytest.mark.parametrize("keep", [0, 30, 10_080])
async def test_it_is_kept_for_as_long_as_is_asked_and_read_by_nobody_from_that_moment_on(
    site: World, keep: int
) -> None:
    one = await of_fleet(site, evse_id=E1)
    contact = await shared(site, one, keep_minutes=keep)
    site.later(at(10))
    await begun(site, one)
    end = at(11) + timedelta(minutes=keep)

    site.later(end - timedelta(microseconds=1))
    before = [await reached(site, one, caller) for caller in ("cpo", "emsp", "fleet")]
    site.later(end)
    after = [await reached(site, one, caller) for caller in ("cpo", "emsp", "fleet")]

    assert contact.erase_at == end
    assert (before, after) == ([DIALLED] * 3, [None] * 3)


@pytest.mark.parametrize("caller", ["other_emsp", "other_fleet", "other_cpo"])
async def test_parties_to_other_bookings_do_not_find_it(site: World, caller: str) -> None:
    one = await of_fleet(site)
    await shared(site, one)

    assert await or_refusal(reached(site, one, caller)) == NotFound("Booking", one.object_id)
    if caller != "other_cpo":
        assert await or_refusal(shared(site, one, caller)) == NotFound("Booking", one.object_id)
        assert await or_refusal(withdrawn(site, one, caller)) == NotFound("Booking", one.object_id)
    assert await reached(site, one) == DIALLED


@pytest.mark.parametrize("caller", ["nsp", "nap", "admin"])
async def test_other_roles_may_not_ask_at_all(site: World, caller: str) -> None:
    one = await of_fleet(site)

    for asked in (reached(site, one, caller), shared(site, one, caller), withdrawn(site, one, caller)):
        with pytest.raises(Forbidden):
            await asked


async def test_an_operator_only_reads_it(site: World) -> None:
    one = await of_fleet(site)

    for asked in (shared(site, one, "cpo"), withdrawn(site, one, "cpo")):
        with pytest.raises(Forbidden):
            await asked


async def test_whoever_booked_on_behalf_of_a_provider_shares_it_under_its_mandate(site: World) -> None:
    await mandates.grant(await site.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    one = await booked(site, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))

    await shared(site, one, "other_emsp")

    assert await reached(site, one, "emsp") == await reached(site, one) == DIALLED


@pytest.mark.parametrize(
    "wrong",
    [
        {"consent": False},
        {"phone": "0612345678"},
        {"phone": "+31"},
        {"name": ""},
        {"name": " "},
        {"name": "x" * 101},
        {"language": "nld"},
        {"keep_minutes": -1},
        {"keep_minutes": 10_081},
    ],
)
async def test_without_consent_a_number_or_an_end_nothing_is_shared_and_nothing_repeated(
    site: World, dsn: str, wrong: dict[str, Any]
) -> None:
    one = await of_fleet(site)

    with pytest.raises(BadInput) as refused:
        await shared(site, one, **wrong)

    assert PHONE not in str(refused.value)
    assert NAME not in str(refused.value)
    assert await ask(dsn, KEPT) == 0


async def test_what_is_shared_again_takes_the_place_of_what_was_known(site: World, dsn: str) -> None:
    one = await of_fleet(site)
    await shared(site, one, keep_minutes=60)
    site.later(at(7))

    again = await shared(site, one, "fleet", phone="+48 22 1234567", name=None)

    assert (again.phone, again.name, again.consented_at, again.erase_at) == ("+48221234567", None, at(7), at(35))
    assert await ask(dsn, KEPT) == 1
    assert await reached(site, one) == "+48221234567"


async def test_what_is_withdrawn_is_gone_at_once_and_may_be_shared_again(site: World, dsn: str) -> None:
    one = await of_fleet(site)
    await shared(site, one)

    assert (await withdrawn(site, one, "fleet")).id == one.id

    assert await ask(dsn, KEPT) == 0
    assert [await reached(site, one, caller) for caller in ("cpo", "emsp", "fleet")] == [None] * 3
    assert (await withdrawn(site, one)).id == one.id
    await shared(site, one)
    assert await reached(site, one) == DIALLED


async def test_a_key_that_is_used_again_shares_nothing_anew_once_it_was_withdrawn(site: World, dsn: str) -> None:
    one, key = await of_fleet(site), a_key()
    first = await shared(site, one, key=key)
    again = await shared(site, one, key=key)
    later = await or_refusal(shared(site, one, keep_minutes=60, key=key))
    await withdrawn(site, one)

    gone = await or_refusal(shared(site, one, key=key))

    assert again == first
    assert later == IdempotencyConflict(key)
    assert gone == NotFound("DriverContact", one.object_id)
    assert await ask(dsn, KEPT) == 0


async def test_a_key_remembers_neither_number_nor_name_so_that_others_come_to_the_same(site: World, dsn: str) -> None:
    one, key = await of_fleet(site), a_key()
    first = await shared(site, one, key=key)

    other = await shared(site, one, phone="+48 22 1234567", name="Another", key=key)
    await shared(site, one, phone="+48 22 1234567", name=None)

    assert other == first
    assert await reached(site, one) == "+48221234567"
    assert await ask(dsn, DIGESTS) == 1
