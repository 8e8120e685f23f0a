"""Reasons that others are going to read say something, whoever gives them."""

import pytest

from tests.world import World, a_key

pytestmark = pytest.mark.anyio

NOTHING = " \t\u00a0"
AN_ID = "NL*ABC*00000000-0000-4000-8000-000000000007"


@pytest.mark.parametrize(
    ("mutation", "caller", "given"),
    [
        ("bookingDecline", "cpo", {"bookingId": AN_ID, "reason": NOTHING}),
        ("bookingProposalDecline", "emsp", {"bookingId": AN_ID, "reason": NOTHING}),
        ("problemReportContest", "cpo", {"reportId": AN_ID, "reason": NOTHING}),
        ("problemReportResolve", "cpo", {"reportId": AN_ID, "upheld": True, "explanation": NOTHING}),
        ("sessionRequestAnswer", "cpo", {"requestId": AN_ID, "accepted": False, "reason": NOTHING}),
        ("tokenBlock", "emsp", {"tokenId": AN_ID, "reason": NOTHING}),
    ],
)
async def test_a_reason_of_spaces_is_asked_for_again(
    world: World, mutation: str, caller: str, given: dict[str, object]
) -> None:
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ __typename }} }}"

    answer = await world.execute(caller, document, input={"idempotencyKey": a_key(), **given})

    ((code, message),) = answer.errors
    assert code == "BAD_USER_INPUT"
    assert message.endswith("characters, not only spaces.")
