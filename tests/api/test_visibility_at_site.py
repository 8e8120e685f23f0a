"""Who sees what happens at chargers, role by role: what is another party's answers as if it did not exist."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.charged_landscape import WALK_UPS, Charged, charged
from tests.api.landscape import EVERYBODY, UNKNOWN_UUID, told
from tests.subscriptions.streams import subscribed

pytestmark = pytest.mark.anyio

LISTS = {
    "Session": "sessions",
    "SessionRequest": "sessionRequests",
    "SiteEntry": "siteEntries",
    "ChargingAuthorization": "chargingAuthorizations",
    "ProblemReport": "problemReports",
    "DriverMessage": "driverMessages",
    "Token": "tokens",
}
ONE = {"Session": "session", "SessionRequest": "sessionRequest", "ProblemReport": "problemReport", "Token": "token"}
UNKNOWN = f"NL*ABC*{UNKNOWN_UUID}"
UNKNOWN_TOKEN = "NL*EMS*RFID*NONE"
CALLERS = {"cpo", "other_cpo", "emsp", "other_emsp", "fleet", "other_fleet"}
ENTITIES = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Session { id } ... on Token { id } }
}
"""
OF_OTHERS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("sessionReadingsReport", "Session", "sessionId", {"readings": [{"at": "2026-12-01T10:00:00Z", "kwh": "1"}]}),
    ("sessionStopReport", "Session", "sessionId", {"reason": "OPERATOR"}),
    ("sessionStop", "Session", "sessionId", {}),
    ("sessionAlertsSet", "Session", "sessionId", {"minutesBeforeEnd": [5]}),
    ("driverMessageSend", "Session", "sessionId", {"text": "Move on."}),
    ("sessionRequestAnswer", "SessionRequest", "requestId", {"accepted": True}),
    ("problemReportContest", "ProblemReport", "reportId", {"reason": "It works."}),
    ("problemReportResolve", "ProblemReport", "reportId", {"upheld": True, "explanation": "It was."}),
    ("problemReportWithdraw", "ProblemReport", "reportId", {}),
    ("driverMessageAcknowledge", "DriverMessage", "messageId", {}),
    ("tokenBlock", "Token", "tokenId", {"reason": "Lost."}),
    ("tokenUnblock", "Token", "tokenId", {}),
    ("tokenExpire", "Token", "tokenId", {}),
]
"""Mutations, of which kind of thing, how that is named, and what else they are given."""

OF_BOOKINGS: list[tuple[str, dict[str, Any]]] = [
    ("sessionStart", {}),
    ("sessionAlertsSet", {"minutesBeforeEnd": [5]}),
    ("problemReportCreate", {"problem": "BROKEN"}),
    ("driverMessageSend", {"text": "Move on."}),
    ("driverContactShare", {"phone": "+31612345678", "consent": True}),
    ("driverContactWithdraw", {}),
]

HEARD: list[tuple[str, str, tuple[str, str, str]]] = [
    ("sessionUpdated", "Session", ("SessionUpdated", "session", "id")),
    ("sessionRequestUpdated", "SessionRequest", ("SessionRequestUpdated", "request", "id")),
    ("driverMessageReceived", "DriverMessage", ("DriverMessageReceived", "message", "id")),
    ("problemReportUpdated", "ProblemReport", ("ProblemReportUpdated", "problemReport", "id")),
    ("chargingRefused", "Refusal", ("ChargingRefusedEvent", "authorization", "bookingId")),
]
"""Subscriptions, of which kind of thing, and where their events name it."""


@pytest.fixture(scope="module")
async def here(cluster: str, template: str) -> AsyncIterator[Charged]:
    """One landscape for all tests of this module, which change nothing that anybody sees."""
    async with charged(cluster, template) as made:
        yield made


def unknown_of(kind: str) -> str:
    return UNKNOWN_TOKEN if kind == "Token" else UNKNOWN


@pytest.mark.parametrize("caller", EVERYBODY)
@pytest.mark.parametrize("kind", LISTS)
async def test_a_list_holds_what_concerns_the_caller(here: Charged, kind: str, caller: str | None) -> None:
    name = LISTS[kind]

    answer = await here.ask(caller, f"{{ {name}(first: 100) {{ edges {{ node {{ id }} }} }} }}")

    if caller is None:
        assert answer.errors[0][0] == "UNAUTHENTICATED"
    elif kind == "Token" and caller not in CALLERS - {"cpo", "other_cpo"}:
        assert answer.errors[0][0] == "FORBIDDEN"
    else:
        seen = [edge["node"]["id"] for edge in answer.data[name]["edges"]]
        known = {one.id: one.seen_by for one in here.things[kind]}
        shown = [one for one in seen if one in known]
        assert sorted(shown) == sorted(one for one, seen_by in known.items() if caller in seen_by)
        if caller not in CALLERS:
            assert seen == []


@pytest.mark.parametrize("caller", EVERYBODY)
@pytest.mark.parametrize("kind", ONE)
async def test_one_is_read_by_whom_it_concerns_and_is_unknown_to_others(
    here: Charged, kind: str, caller: str | None
) -> None:
    document = f"query ($id: ID!) {{ {ONE[kind]}(id: $id) {{ id }} }}"
    unknown = await here.ask(caller, document, id=unknown_of(kind))
    assert unknown.errors[0][0] == ("NOT_FOUND" if caller else "UNAUTHENTICATED")

    for one in here.things[kind]:
        answer = await here.ask(caller, document, id=one.id)
        if caller in one.seen_by:
            assert answer.data[ONE[kind]] == {"id": one.id}
        else:
            assert told(answer, one.id) == told(unknown, unknown_of(kind))


@pytest.mark.parametrize("caller", EVERYBODY)
@pytest.mark.parametrize("kind", ["Session", "Token"])
async def test_an_entity_is_given_to_whom_it_concerns(here: Charged, kind: str, caller: str | None) -> None:
    wanted = [*here.things[kind]]
    representations = [{"__typename": kind, "id": one.id} for one in wanted]
    representations += [{"__typename": kind, "id": one} for one in (unknown_of(kind), "nothing", "")]

    answer = await here.ask(caller, ENTITIES, representations=representations)

    assert answer.errors == []
    given = [one and one["id"] for one in answer.data["_entities"]]
    assert given == [*(one.id if caller in one.seen_by else None for one in wanted), None, None, None]


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_a_session_goes_by_its_operators_name_only(here: Charged, caller: str | None) -> None:
    disguised = here.things["Session"][0].id.replace("NL*ABC", "DE*XYZ")

    answer = await here.ask(caller, ENTITIES, representations=[{"__typename": "Session", "id": disguised}])

    assert answer.data["_entities"] == [None]


@pytest.mark.parametrize("caller", EVERYBODY)
@pytest.mark.parametrize(("root", "kind", "named", "more"), OF_OTHERS, ids=[f"{one[0]}" for one in OF_OTHERS])
async def test_what_is_anothers_cannot_be_changed_and_is_unknown(
    here: Charged, root: str, kind: str, named: str, more: dict[str, Any], caller: str | None
) -> None:
    unknown = await here.doing(caller, root, **{named: unknown_of(kind)}, **more)

    others = [one for one in here.things[kind] if caller not in one.seen_by]
    answers = [await here.doing(caller, root, **{named: one.id}, **more) for one in others]

    assert {told(answer, one.id) for answer, one in zip(answers, others, strict=True)} <= {
        told(unknown, unknown_of(kind))
    }
    if unknown.errors:
        assert unknown.errors[0][0] == ("FORBIDDEN" if caller else "UNAUTHENTICATED")
    else:
        assert unknown.data[root]["__typename"] == "NotFound"


@pytest.mark.parametrize("caller", EVERYBODY)
@pytest.mark.parametrize(("root", "more"), OF_BOOKINGS, ids=[one[0] for one in OF_BOOKINGS])
async def test_nothing_happens_on_a_booking_of_others_which_is_unknown(
    here: Charged, root: str, more: dict[str, Any], caller: str | None
) -> None:
    unknown = await here.doing(caller, root, bookingId=UNKNOWN, **more)
    others = [one for one in here.bookings if caller not in one.seen_by]

    answers = [await here.doing(caller, root, bookingId=one.id, **more) for one in others]

    assert {told(answer, one.id) for answer, one in zip(answers, others, strict=True)} <= {told(unknown, UNKNOWN)}
    if not unknown.errors:
        assert unknown.data[root]["__typename"] == "NotFound"


@pytest.mark.parametrize("caller", sorted(CALLERS))
@pytest.mark.parametrize(
    "root", ["driverContact(bookingId: $id) { phone }", "sessionAlerts(bookingId: $id) { bookingId }"]
)
async def test_nor_is_anything_read_of_it(here: Charged, root: str, caller: str) -> None:
    document = f"query ($id: ID!) {{ {root} }}"
    unknown = await here.ask(caller, document, id=UNKNOWN)

    for one in here.bookings:
        answer = await here.ask(caller, document, id=one.id)
        if caller not in one.seen_by:
            assert told(answer, one.id) == told(unknown, UNKNOWN)


@pytest.mark.parametrize("caller", sorted(CALLERS))
async def test_the_token_of_a_session_is_told_to_whom_it_concerns(here: Charged, caller: str) -> None:
    document = "{ sessions(first: 100) { edges { node { id booking { id } token { uid } irregularity } } } }"

    answer = await here.ask(caller, document)

    shown = [edge["node"] for edge in answer.data["sessions"]["edges"]]
    cards = {uid for _, uid, _, seen_by in WALK_UPS if caller in seen_by | {"cpo"}}
    assert {one["token"]["uid"] for one in shown if one["token"]} == cards
    assert [one["booking"]["id"] for one in shown if one["booking"]] == [
        one.id for one in here.bookings if caller in one.seen_by
    ]


@pytest.mark.parametrize("caller", sorted(CALLERS - {"other_cpo"}))
@pytest.mark.parametrize(("root", "kind", "told_of"), HEARD, ids=[one[0] for one in HEARD])
async def test_a_subscription_tells_of_what_concerns_the_caller_alone(
    here: Charged, root: str, kind: str, told_of: tuple[str, str, str], caller: str
) -> None:
    event, inside, name = told_of
    message = f"... on {event} {{ {inside} {{ {name} }} }}"
    document = f"subscription ($after: EventCursor) {{ {root}(after: $after) {{ {message} }} }}"
    wanted = {one.id for one in here.things[kind] if caller in one.seen_by}
    heard: set[str] = set()

    async with subscribed(here.landscape.world, caller, document, after=here.before) as stream:
        if root == "chargingRefused" and caller == "cpo":
            assert (await stream.refusal())[0] == "FORBIDDEN"
        while not heard >= wanted:
            heard.add((await stream.next())[inside][name])

    assert heard == wanted


@pytest.mark.parametrize("caller", [None, "nsp", "nap", "admin"])
@pytest.mark.parametrize("root", [*(one[0] for one in HEARD), "sessionAlertDue"])
async def test_nobody_else_is_told_of_anything(here: Charged, root: str, caller: str | None) -> None:
    document = f"subscription ($after: EventCursor) {{ {root}(after: $after) {{ __typename }} }}"

    async with subscribed(here.landscape.world, caller, document, after=here.before) as stream:
        assert (await stream.refusal())[0] == ("FORBIDDEN" if caller else "UNAUTHENTICATED")
