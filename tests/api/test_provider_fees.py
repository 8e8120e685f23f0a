"""The fees of an EMSP: what it publishes and withdraws, all or nothing, and that nobody else reads them here."""

import asyncio
from typing import Any

import pytest

from tests.api.landscape import EVERYBODY
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, Answer, World, a_key

pytestmark = pytest.mark.anyio

FIELDS = "id name currency perBooking percentage perMonth vat contractIds lastUpdated"
PUBLISH = f"""
mutation ($input: ProviderFeesPublishInput!) {{
  providerFeesPublish(input: $input) {{
    __typename ... on ProviderFeesPublished {{ providerFees {{ {FIELDS} }} }}
    ... on LostUpdate {{ kind id storedLastUpdated }} ... on Problem {{ message }}
  }}
}}
"""
WITHDRAW = """
mutation ($input: ProviderFeesWithdrawInput!) {
  providerFeesWithdraw(input: $input) {
    __typename ... on ProviderFeesWithdrawn { ids } ... on NotFound { kind id } ... on Problem { message }
  }
}
"""
FEES = f"{{ providerFees {{ {FIELDS} }} }}"
AT_SIX = "2026-12-01T06:00:00Z"
JUST_AFTER = "2026-12-01T06:00:00.000001Z"


def a_fee(name: str = "SERVICE", **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name": "Service",
        "currency": "EUR",
        "perBooking": "0.75",
        "percentage": "2.5",
        "perMonth": "9.90",
        "vat": "21",
        "contractIds": [],
        **changes,
    }


async def ask_to_publish(world: World, caller: str | None, *fees: dict[str, Any], key: str | None = None) -> Answer:
    wanted = {"idempotencyKey": key or a_key(), "providerFees": list(fees)}
    return await world.execute(caller, PUBLISH, input=wanted)


async def publish(world: World, *fees: dict[str, Any], caller: str = "emsp", key: str | None = None) -> Any:
    """Return what came of publishing fees, without errors."""
    answer = await ask_to_publish(world, caller, *fees, key=key)
    assert answer.errors == []
    return answer.data["providerFeesPublish"]


async def withdraw(world: World, caller: str | None, *ids: str, key: str | None = None) -> Answer:
    return await world.execute(caller, WITHDRAW, input={"idempotencyKey": key or a_key(), "ids": list(ids)})


async def listed(world: World, caller: str = "emsp") -> list[dict[str, Any]]:
    answer = await world.execute(caller, FEES)
    assert answer.errors == []
    fees: list[dict[str, Any]] = answer.data["providerFees"]
    return fees


async def names(world: World, caller: str = "emsp") -> list[str]:
    return [fee["id"] for fee in await listed(world, caller)]


async def test_an_emsp_publishes_fees_and_lists_its_own(world: World) -> None:
    sent = [a_fee("B"), a_fee("A", vat=None, perBooking="0", contractIds=[FLEET_CONTRACT, OTHER_CONTRACT])]

    came = await publish(world, *sent)

    assert came == {
        "__typename": "ProviderFeesPublished",
        "providerFees": [fee | {"lastUpdated": AT_SIX} for fee in sent],
    }
    assert await listed(world) == [came["providerFees"][1], came["providerFees"][0]]
    assert await listed(world, "other_emsp") == []


async def test_a_fee_needs_no_more_than_a_name_and_a_currency(world: World) -> None:
    await publish(world, {"id": "FREE", "name": "Nothing", "currency": "CHF"})

    assert await listed(world) == [
        {
            "id": "FREE",
            "name": "Nothing",
            "currency": "CHF",
            "perBooking": "0",
            "percentage": "0",
            "perMonth": "0",
            "vat": None,
            "contractIds": [],
            "lastUpdated": AT_SIX,
        }
    ]


async def test_a_fee_is_replaced_whole_and_those_that_are_not_named_stay(world: World) -> None:
    await publish(world, a_fee("A"), a_fee("B"))

    await publish(world, a_fee("A", perBooking="1.00", vat=None), a_fee("C"))

    assert [(fee["id"], fee["perBooking"], fee["vat"], fee["lastUpdated"]) for fee in await listed(world)] == [
        ("A", "1.00", None, JUST_AFTER),
        ("B", "0.75", "21", AT_SIX),
        ("C", "0.75", "21", AT_SIX),
    ]


async def test_two_emsps_may_choose_the_same_id(world: World) -> None:
    await publish(world, a_fee(perBooking="1"))
    await publish(world, a_fee(perBooking="2"), caller="other_emsp")
    await withdraw(world, "other_emsp", "SERVICE")

    assert [fee["perBooking"] for fee in await listed(world)] == ["1"]
    assert await listed(world, "other_emsp") == []


@pytest.mark.parametrize("caller", [one for one in EVERYBODY if one not in ("emsp", "other_emsp")])
async def test_fees_are_for_emsps(world: World, caller: str | None) -> None:
    await publish(world, a_fee())

    answers = [
        await world.execute(caller, FEES),
        await ask_to_publish(world, caller, a_fee(perBooking="9")),
        await withdraw(world, caller, "SERVICE"),
    ]

    assert [code for one in answers for code, _ in one.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"] * 3
    assert "SERVICE" not in str(answers)
    assert [fee["perBooking"] for fee in await listed(world)] == ["0.75"]


async def test_fees_of_another_emsp_are_unknown(world: World) -> None:
    await publish(world, a_fee())

    theirs = await withdraw(world, "other_emsp", "SERVICE")
    nobodys = await withdraw(world, "other_emsp", "NOTHING")

    assert theirs.data["providerFeesWithdraw"] == {
        "__typename": "NotFound",
        "kind": "ProviderFee",
        "id": "SERVICE",
        "message": "There is no ProviderFee SERVICE.",
    }
    assert nobodys.data["providerFeesWithdraw"]["message"] == "There is no ProviderFee NOTHING."


async def test_fees_are_withdrawn_all_or_none(world: World) -> None:
    await publish(world, a_fee("A"), a_fee("B"), a_fee("C"))
    key = a_key()

    refused = await withdraw(world, "emsp", "A", "NOTHING")
    before = await names(world)
    withdrawn, again = [await withdraw(world, "emsp", "C", "A", key=key) for _ in range(2)]

    assert refused.data["providerFeesWithdraw"]["__typename"] == "NotFound"
    assert before == ["A", "B", "C"]
    assert withdrawn.data["providerFeesWithdraw"] == {"__typename": "ProviderFeesWithdrawn", "ids": ["C", "A"]}
    assert again == withdrawn
    assert await names(world) == ["B"]


async def test_five_hundred_fees_are_published_at_once_and_no_emsp_has_more(world: World) -> None:
    many = [a_fee(f"F{number:03}") for number in range(500)]

    await publish(world, *many)
    refused = await publish(world, a_fee("F000", perBooking="9"), a_fee("ONE-MORE"))
    replaced = await publish(world, a_fee("F000", perBooking="9"))

    assert refused["__typename"] == "NotAllowed"
    assert replaced["__typename"] == "ProviderFeesPublished"
    assert await names(world) == [fee["id"] for fee in many]


async def test_the_same_key_publishes_once_and_another_input_is_refused(world: World) -> None:
    key = a_key()
    await publish(world, a_fee("A"), key=key)
    await publish(world, a_fee("A", perBooking="9"))

    again = await publish(world, a_fee("A"), key=key)
    other = await publish(world, a_fee("A", perBooking="3"), key=key)
    withdrawn = await withdraw(world, "emsp", "A", key=key)

    assert [fee["perBooking"] for fee in again["providerFees"]] == ["9"]
    assert other["__typename"] == "IdempotencyConflict"
    assert withdrawn.data["providerFeesWithdraw"]["__typename"] == "IdempotencyConflict"
    assert [fee["perBooking"] for fee in await listed(world)] == ["9"]


async def test_who_read_an_older_version_publishes_nothing_and_is_told(world: World) -> None:
    await publish(world, a_fee("A"))
    await publish(world, a_fee("A", perBooking="1"))
    key = a_key()

    late = [
        await publish(world, a_fee("B"), a_fee("A", perBooking="2", expectedLastUpdated=AT_SIX), key=key)
        for _ in range(2)
    ]
    gone = await publish(world, a_fee("Z", expectedLastUpdated=AT_SIX))
    in_time = await publish(world, a_fee("A", perBooking="3", expectedLastUpdated=JUST_AFTER))

    assert late[0] == {
        "__typename": "LostUpdate",
        "kind": "ProviderFee",
        "id": "A",
        "storedLastUpdated": JUST_AFTER,
        "message": late[0]["message"],
    }
    assert late[1] == late[0]
    assert (gone["__typename"], gone["id"], gone["storedLastUpdated"]) == ("LostUpdate", "Z", None)
    assert in_time["__typename"] == "ProviderFeesPublished"
    assert [(fee["id"], fee["perBooking"]) for fee in await listed(world)] == [("A", "3")]


async def test_of_many_that_read_the_same_version_one_wins(world: World) -> None:
    await publish(world, a_fee("A"), a_fee("B"))
    read = [a_fee(name, expectedLastUpdated=AT_SIX) for name in ("A", "B")]

    came = await asyncio.gather(
        *(
            publish(world, *(fee | {"perBooking": str(number)} for fee in read[:: 1 if number % 2 else -1]))
            for number in range(20)
        )
    )

    won = [one for one in came if one["__typename"] == "ProviderFeesPublished"]
    assert len(won) == 1
    assert {one["__typename"] for one in came if one not in won} == {"LostUpdate"}
    assert {fee["perBooking"] for fee in await listed(world)} == {won[0]["providerFees"][0]["perBooking"]}


BAD: dict[str, dict[str, Any]] = {
    "a currency in small letters": {"currency": "eur"},
    "a currency of other letters": {"currency": "ΕUR"},
    "a currency's name": {"currency": "Euro"},
    "a currency with a line feed": {"currency": "EUR\n"},
    "a negative amount": {"perBooking": "-0.01"},
    "an amount without end": {"perBooking": "1000000.0001"},
    "an amount of very many digits": {"perBooking": "1e400000"},
    "an amount finer than any price": {"perBooking": "0.00001"},
    "an amount next to nothing": {"perBooking": "1e-999999"},
    "no number": {"perBooking": "NaN"},
    "more than any number": {"percentage": "Infinity"},
    "a negative percentage": {"percentage": "-1"},
    "a negative sum per month": {"perMonth": "-1"},
    "a sum per month without end": {"perMonth": "1000001"},
    "a percentage without end": {"percentage": "1001"},
    "a negative tax": {"vat": "-21"},
    "null for an amount": {"perBooking": None},
    "no id": {"id": ""},
    "an id without end": {"id": "x" * 37},
    "an id with a NUL": {"id": "a\x00b"},
    "no name": {"name": ""},
    "a name without end": {"name": "x" * 101},
    "an empty contract": {"contractIds": [""]},
    "contracts without end": {"contractIds": ["x"] * 501},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD.keys())
async def test_a_fee_that_makes_no_sense_is_bad_input(world: World, changes: dict[str, Any]) -> None:
    answer = await ask_to_publish(world, "emsp", a_fee("GOOD"), a_fee(**changes))

    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]
    assert await listed(world) == []


@pytest.mark.parametrize("ids", [[], ["A", "B", "A"], ["x"] * 501, [""], ["x" * 37]], ids=len)
async def test_a_call_names_one_to_five_hundred_fees_once_each(world: World, ids: list[str]) -> None:
    published = await ask_to_publish(world, "emsp", *(a_fee(name) for name in ids))
    withdrawn = await withdraw(world, "emsp", *ids)

    assert [code for code, _ in published.errors + withdrawn.errors] == ["BAD_USER_INPUT"] * 2
    assert await listed(world) == []


@pytest.mark.parametrize("written", ["0E-999999", "0.7500000", "1E+2", "-0"])
async def test_an_amount_may_be_written_in_any_way(world: World, written: str) -> None:
    await publish(world, a_fee(perBooking=written))

    (fee,) = await listed(world)
    assert float(fee["perBooking"]) == float(written)
    assert len(fee["perBooking"]) <= len("0.0000")
