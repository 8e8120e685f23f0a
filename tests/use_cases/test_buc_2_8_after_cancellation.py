"""BUC 2.8: whose booking the operator canceled takes an alternative and has a booking again."""

import pytest

from tests.use_cases.booking_documents import BY_ID, canceled
from tests.use_cases.documents import ask, do
from tests.use_cases.lifecycle_documents import E1, HOLDERS, TAKE, alternatives, breaks, granted, passes
from tests.use_cases.operators import DEPOT_ANY
from tests.use_cases.test_buc_2_8 import EVERYWHERE, TO_THE_DEPOT, by, looking
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_8_whoever_was_canceled_takes_one_and_has_a_booking_again(changing: World, caller: str) -> None:
    await looking(changing, withinKm=TO_THE_DEPOT)
    booking = await by(changing, caller)
    await breaks(changing, E1)
    await canceled(changing, "cpo", booking, cancellationReason="POWER_OUTAGE")
    (offer,) = await alternatives(changing, caller, booking)

    now = await granted(changing, caller, TAKE, alternativeId=offer["id"])
    again = await do(changing, caller, TAKE, alternativeId=offer["id"])

    assert booking["id"] == now["replacesId"]
    assert (now["status"], now["bookingLocation"]["id"]) == ("RESERVED", DEPOT_ANY)
    assert {one["fee"] for one in now["bookingRequests"]} == {None}
    assert again["__typename"] == "NotAllowed"
    assert (await ask(changing, caller, BY_ID, id=booking["id"]))["status"] == "CANCELED"


async def test_buc_2_8_whoever_canceled_itself_is_offered_nothing(changing: World) -> None:
    await looking(changing, withinKm=EVERYWHERE)
    booking = await by(changing, "fleet")

    await canceled(changing, "emsp", booking)
    await passes(changing, changing.now)

    assert await alternatives(changing, "fleet", booking) == []
    assert await alternatives(changing, "fleet", booking, withinKm=EVERYWHERE) == []
