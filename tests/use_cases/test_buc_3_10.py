"""BUC 3.10: TO or driver reports that a charger is blocked or broken, and gets the reservation fee back."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import BY_ID, booked, canceled, history
from tests.use_cases.documents import PRICE, ask, do
from tests.use_cases.following_documents import cursor_now
from tests.use_cases.lifecycle_documents import (
    HOLDERS,
    NINE_TO_TEN,
    OFFERED,
    POLICY_SET,
    STRANGERS,
    TAKE,
    alternatives,
    following,
    forbidden,
    free,
    granted,
    passes,
    told,
    where,
)
from tests.use_cases.operators import DEPOT_ANY, HUB, HUB_MCS
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

REPORT_FIELDS = f"""
id problem description reportStatus role reporterId reportedAt contestUntil contestedAt contestReason resolvedAt
resolution fee {{ currency {PRICE} }}
booking {{ id reference status phase canceled {{ cancellationReason whoCanceled }} }}
"""
SHOWN = f"__typename ... on ProblemReport {{ {REPORT_FIELDS} }} ... on Problem {{ message }}"


def _mutation(name: str) -> str:
    kind = f"{name[0].upper()}{name[1:]}Input"
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {SHOWN} }} }}"


CREATE, CONTEST, RESOLVE, WITHDRAW = (
    _mutation(f"problemReport{what}") for what in ("Create", "Contest", "Resolve", "Withdraw")
)
READ = f"query ($id: ID!) {{ problemReport(id: $id) {{ {REPORT_FIELDS} }} }}"
LISTED = """
query ($bookingId: ID, $statuses: [ProblemReportStatus!], $locationId: ID) {
  problemReports(bookingId: $bookingId, statuses: $statuses, locationId: $locationId) { edges { node { id } } }
}
"""
UPDATED = f"""
subscription ($after: EventCursor) {{
  problemReportUpdated(after: $after) {{
    __typename ... on ProblemReportUpdated {{ problemReport {{ {REPORT_FIELDS} }} }}
  }}
}}
"""
CONCERNED = ("cpo", *HOLDERS)
FEE = {"currency": "EUR", "beforeTaxes": "8.5000", "afterTaxes": "10.1150"}
"""2.50 and an hour at 6.00, with 19 % VAT: what the booking alone cost."""

LORRY = {"vehicleType": "SEMI_TRACTOR", "length": 1650}
A_VAN = {"problem": "BLOCKED", "description": "A van stands on the bay."}
ARRIVED, IN_TIME, TWO_DAYS_LATER = moment(9.1), moment(9.09, day=2), moment(9.1, day=2)


async def at_nine(world: World, caller: str = "fleet") -> Any:
    """Book nine to ten for the fleet, and let the driver be there at six minutes past nine."""
    booking = await booked(world, caller, HUB_MCS, *NINE_TO_TEN, contractId=FLEET_CONTRACT)
    world.later(ARRIVED)
    return booking


async def reported(world: World, caller: str, booking: Any, **what: Any) -> Any:
    """Report the charger of a booking, and return the report; it must be accepted."""
    came = await do(world, caller, CREATE, bookingId=booking["id"], **(what or A_VAN))
    assert came["__typename"] == "ProblemReport", came
    return came


async def status(world: World, report: Any, caller: str = "fleet") -> str:
    """Return what came of a report."""
    return str((await ask(world, caller, READ, id=report["id"]))["reportStatus"])


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_10_1_the_operator_is_told_through_the_msps_app_with_the_booking_id(
    changing: World, caller: str
) -> None:
    booking = await at_nine(changing, caller)
    afters = {one: await cursor_now(changing, one, booking["id"]) for one in CONCERNED}

    made = await reported(changing, caller, booking)

    heard = []
    async with AsyncExitStack() as stack:
        for one, after in afters.items():
            stream = await stack.enter_async_context(subscribed(changing, one, UPDATED, after=after))
            heard.append((await stream.next())["problemReport"])
    assert [{"__typename": "ProblemReport", **one} for one in heard] == [made] * 3
    assert (made["problem"], made["description"]) == ("BLOCKED", "A van stands on the bay.")
    assert (made["booking"]["id"], made["booking"]["reference"]) == (booking["id"], booking["reference"])
    assert (made["role"], made["reporterId"]) == ("TO" if caller == "fleet" else "EMSP", "NL*EMS")
    assert (made["reportStatus"], made["contestUntil"][:16]) == ("OPEN", "2026-12-03T09:06")


async def test_buc_3_10_1_the_operator_notes_what_the_driver_tells_it_by_phone(changing: World) -> None:
    booking = await at_nine(changing)

    made = await reported(changing, "cpo", booking, problem="BROKEN")

    assert (made["role"], made["reporterId"], made["problem"]) == ("CPO", "NL*ABC", "BROKEN")
    assert (made["reportStatus"], made["resolvedAt"][:16]) == ("UPHELD", "2026-12-01T09:06")
    assert made["fee"] == FEE
    for one in HOLDERS:
        assert {"__typename": "ProblemReport", **await ask(changing, one, READ, id=made["id"])} == made


@pytest.mark.parametrize("caller", CONCERNED)
@pytest.mark.parametrize(("problem", "reason"), [("BLOCKED", "BLOCKED"), ("BROKEN", "BROKEN_CHARGER")])
async def test_buc_3_10_2_the_booking_is_canceled_at_once_and_its_slot_is_free(
    changing: World, caller: str, problem: str, reason: str
) -> None:
    booking = await at_nine(changing)

    async with following(changing, booking) as streams:
        made = await reported(changing, caller, booking, problem=problem)
        now, why = await told(streams, "status", "canceled")

    role = {"fleet": "TO", "emsp": "EMSP", "cpo": "CPO"}[caller]
    assert (now, why) == ("CANCELED", {"cancellationReason": reason, "whoCanceled": role})
    assert made["booking"]["status"] == "CANCELED"
    shown = await ask(changing, "fleet", BY_ID, id=booking["id"])
    assert history(shown)[-1] == ("CANCEL", "ACCEPTED", role, "NL*ABC" if caller == "cpo" else "NL*EMS")
    assert shown["bookingRequests"][-1]["fee"] is None
    assert ("09:15", "12:00") in await free(changing)


@pytest.mark.parametrize("caller", CONCERNED)
async def test_buc_3_10_2_the_driver_is_offered_others_and_takes_one(changing: World, caller: str) -> None:
    await do(changing, "cpo", POLICY_SET, withinKm=80)
    booking = await booked(changing, "fleet", HUB_MCS, *NINE_TO_TEN, licensePlate="12-BCD-3", vehicle=LORRY)
    changing.later(moment(8.5))

    async with subscribed(changing, "fleet", OFFERED) as stream:
        await reported(changing, caller, booking)
        offered = (await stream.next())["alternatives"]
    *of_the_charger, seen = await alternatives(changing, "fleet", booking)
    taken = await granted(changing, "fleet", TAKE, alternativeId=seen["id"])

    # the operator knows its charger, and reports its status if it cannot be used later either
    assert where(of_the_charger) == ([(HUB_MCS, "10:00")] if caller == "cpo" else [])
    assert offered == [*of_the_charger, seen]
    assert where(offered)[-1] == (DEPOT_ANY, "09:00")
    assert (taken["bookingLocation"]["id"], taken["replacesId"]) == (DEPOT_ANY, booking["id"])
    assert (taken["status"], taken["licensePlate"]) == ("RESERVED", "12-BCD-3")


async def test_buc_3_10_3_the_booking_fee_is_credited_unless_the_operator_contests_in_time(changing: World) -> None:
    made = await reported(changing, "fleet", await at_nine(changing))

    await passes(changing, IN_TIME)
    waiting = await status(changing, made)
    await passes(changing, TWO_DAYS_LATER)

    upheld = await ask(changing, "emsp", READ, id=made["id"])
    assert waiting == "OPEN"
    assert (upheld["reportStatus"], upheld["fee"], upheld["resolvedAt"][:16]) == ("UPHELD", FEE, "2026-12-03T09:06")


async def test_buc_3_10_3_it_is_upheld_from_that_moment_on_whether_a_worker_came_by_or_not(changing: World) -> None:
    made = await reported(changing, "fleet", await at_nine(changing))

    changing.later(TWO_DAYS_LATER)
    before = await ask(changing, "fleet", READ, id=made["id"])
    listed = [(await ask(changing, "cpo", LISTED, statuses=one))["edges"] for one in (["UPHELD"], ["OPEN"])]
    await passes(changing, moment(9.5, day=2))

    assert (before["reportStatus"], before["resolvedAt"]) == ("UPHELD", made["contestUntil"])
    assert listed == [[{"node": {"id": made["id"]}}], []]
    assert await ask(changing, "fleet", READ, id=made["id"]) == before
    assert (await ask(changing, "cpo", LISTED, statuses=["UPHELD"]))["edges"] == listed[0]


@pytest.mark.parametrize(("upheld", "outcome"), [(True, "UPHELD"), (False, "DISMISSED")])
async def test_buc_3_10_3_what_the_operator_contests_is_decided_by_it_with_an_explanation(
    changing: World, upheld: bool, outcome: str
) -> None:
    made = await reported(changing, "fleet", await at_nine(changing))

    changing.later(IN_TIME)
    contested = await do(changing, "cpo", CONTEST, reportId=made["id"], reason="The bay was free.")
    await passes(changing, moment(9, day=5))
    waiting = await status(changing, made)
    await do(changing, "cpo", RESOLVE, reportId=made["id"], upheld=upheld, explanation="We saw the camera.")

    seen = await ask(changing, "fleet", READ, id=made["id"])
    assert (contested["reportStatus"], contested["contestReason"]) == ("CONTESTED", "The bay was free.")
    assert waiting == "CONTESTED"
    assert (seen["reportStatus"], seen["resolution"], seen["fee"]) == (outcome, "We saw the camera.", FEE)
    assert seen["booking"]["status"] == "CANCELED"


async def test_buc_3_10_3_too_late_the_operator_contests_no_more(changing: World) -> None:
    made = await reported(changing, "fleet", await at_nine(changing))

    changing.later(TWO_DAYS_LATER)
    late = await do(changing, "cpo", CONTEST, reportId=made["id"], reason="The bay was free.")
    await passes(changing, TWO_DAYS_LATER)
    dismissed = await do(changing, "cpo", RESOLVE, reportId=made["id"], upheld=False, explanation="No.")

    assert (late["__typename"], dismissed["__typename"]) == ("CutOffPassed", "ReportSettled")
    assert await status(changing, made) == "UPHELD"


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_10_3_whoever_was_wrong_takes_the_report_back_and_no_fee_is_credited(
    changing: World, caller: str
) -> None:
    made = await reported(changing, "fleet", await at_nine(changing))

    taken_back = await do(changing, caller, WITHDRAW, reportId=made["id"])
    await passes(changing, TWO_DAYS_LATER)

    assert (taken_back["reportStatus"], taken_back["booking"]["status"]) == ("WITHDRAWN", "CANCELED")
    assert await status(changing, made) == "WITHDRAWN"


async def test_buc_3_10_pre_condition_only_what_is_booked_and_not_given_up_is_reported(changing: World) -> None:
    gone = await booked(changing, "fleet", HUB_MCS, *NINE_TO_TEN)
    await canceled(changing, "fleet", gone)
    booking = await at_nine(changing)

    final = await do(changing, "fleet", CREATE, bookingId=gone["id"], **A_VAN)
    first = await reported(changing, "fleet", booking)
    again = await do(changing, "cpo", CREATE, bookingId=booking["id"], problem="BROKEN")

    assert (final["__typename"], again["__typename"]) == ("AlreadyFinal", "AlreadyReported")
    assert first["id"] in again["message"]


@pytest.mark.parametrize(
    ("hour", "came"), [(6, "NotAllowed"), (8.49, "NotAllowed"), (8.5, "ProblemReport"), (9.49, "ProblemReport")]
)
async def test_buc_3_10_pre_condition_who_is_not_about_to_charge_cancels_instead(
    changing: World, hour: float, came: str
) -> None:
    booking = await booked(changing, "fleet", HUB_MCS, *NINE_TO_TEN)
    changing.later(moment(hour))

    assert (await do(changing, "fleet", CREATE, bookingId=booking["id"], **A_VAN))["__typename"] == came


@pytest.mark.parametrize(
    ("hours_later", "came"), [(10, "ProblemReport"), (33.99, "ProblemReport"), (34, "CutOffPassed")]
)
async def test_buc_3_10_pre_condition_a_no_show_that_came_says_so_within_a_day_and_stays_one(
    changing: World, hours_later: float, came: str
) -> None:
    booking = await booked(changing, "fleet", HUB_MCS, *NINE_TO_TEN)
    await passes(changing, moment(9.5))
    changing.later(moment(hours_later))

    answer = await do(changing, "fleet", CREATE, bookingId=booking["id"], **A_VAN)

    assert answer["__typename"] == came
    assert (await ask(changing, "fleet", BY_ID, id=booking["id"]))["status"] == "NO_SHOW"
    assert answer.get("fee") == (FEE if came == "ProblemReport" else None)


async def test_buc_3_10_remark_each_side_lists_the_reports_that_concern_it(changing: World) -> None:
    booking = await at_nine(changing)
    made = await reported(changing, "fleet", booking)

    for caller in CONCERNED:
        for wanted in ({}, {"bookingId": booking["id"]}, {"statuses": ["OPEN"]}, {"locationId": HUB}):
            assert (await ask(changing, caller, LISTED, **wanted))["edges"] == [{"node": {"id": made["id"]}}]
        assert (await ask(changing, caller, LISTED, statuses=["UPHELD", "DISMISSED"]))["edges"] == []


@pytest.mark.parametrize("caller", [*STRANGERS, None])
async def test_buc_3_10_nobody_else_reports_reads_or_settles_one(changing: World, caller: str | None) -> None:
    booking = await at_nine(changing)
    refused = await forbidden(changing, caller, CREATE, bookingId=booking["id"], **A_VAN)
    made = await reported(changing, "fleet", booking)

    read = await changing.execute(caller, "query ($id: ID!) { problemReport(id: $id) { id } }", id=made["id"])
    listed = await changing.execute(caller, LISTED)

    assert refused
    assert [code for code, _ in read.errors] == ["UNAUTHENTICATED" if caller is None else "NOT_FOUND"]
    assert [code for code, _ in listed.errors] == (["UNAUTHENTICATED"] if caller is None else [])
    assert listed.data is None or listed.data["problemReports"]["edges"] == []
    assert await forbidden(changing, caller, CONTEST, reportId=made["id"], reason="No.")
    assert await forbidden(changing, caller, RESOLVE, reportId=made["id"], upheld=False, explanation="No.")
    assert await forbidden(changing, caller, WITHDRAW, reportId=made["id"])
    assert await status(changing, made) == "OPEN"


@pytest.mark.parametrize(
    "wrong", [{"problem": "DIRTY"}, {**A_VAN, "description": ""}, {**A_VAN, "description": "x" * 2001}]
)
async def test_buc_3_10_what_makes_no_sense_is_bad_input(changing: World, wrong: Any) -> None:
    booking = await at_nine(changing)
    answer = await changing.execute(
        "fleet", CREATE, input={"idempotencyKey": "K", "bookingId": booking["id"], **wrong}
    )

    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]
