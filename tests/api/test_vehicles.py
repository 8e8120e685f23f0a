"""Vehicles that a fleet stores: what is kept, who may see and change it, and what is refused."""

import asyncio
from typing import Any

import pytest

from tests.api.landscape import EVERYBODY, UNKNOWN_UUID, told
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, Answer, World, a_key

pytestmark = pytest.mark.anyio

FIELDS = """
id name contractIds sharedWithEmsp licensePlate vehicleType length height width weight trailer dangerousGoods
refrigeration driveThrough inletSide connectorTypes maxPower lastUpdated
"""
REFUSALS = "... on LostUpdate { kind id storedLastUpdated } ... on NotFound { kind id } ... on Problem { message }"
SAVE = f"""
mutation ($input: VehicleSaveInput!) {{
  vehicleSave(input: $input) {{ __typename ... on Vehicle {{ {FIELDS} }} {REFUSALS} }}
}}
"""
REMOVE = """
mutation ($input: VehicleRemoveInput!) {
  vehicleRemove(input: $input) { __typename ... on VehicleRemoved { id } ... on Problem { message } }
}
"""
VEHICLE = f"query ($id: ID!) {{ vehicle(id: $id) {{ {FIELDS} }} }}"
VEHICLES = """
query ($first: Int! = 50, $after: String) {
  vehicles(first: $first, after: $after) { edges { node { id name } } pageInfo { hasNextPage endCursor } }
}
"""
NEEDS = {
    "vehicleType": "SEMI_TRACTOR",
    "length": 1650,
    "height": 400,
    "width": 255,
    "weight": 40_000,
    "trailer": True,
    "dangerousGoods": True,
    "refrigeration": True,
    "driveThrough": True,
    "inletSide": "RIGHT",
    "connectorTypes": ["MCS", "IEC_62196_T2_COMBO"],
    "maxPower": 750_000,
}
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("vehicleType", "length", "height", "width", "weight", "inletSide", "maxPower")),
    **dict.fromkeys(("trailer", "dangerousGoods", "refrigeration", "driveThrough"), False),
    "connectorTypes": [],
}
WITHOUT_RIGHTS: dict[str | None, str] = {
    None: "UNAUTHENTICATED",
    **dict.fromkeys(("cpo", "other_cpo", "nsp", "nap", "admin"), "FORBIDDEN"),
}


def wish(**changes: Any) -> dict[str, Any]:
    return {"idempotencyKey": a_key(), "name": "Truck 1", "vehicle": NEEDS, **changes}


async def save(world: World, caller: str | None, **changes: Any) -> Any:
    """Return what came of saving a vehicle, without errors."""
    answer = await world.execute(caller, SAVE, input=wish(**changes))
    assert answer.errors == []
    return answer.data["vehicleSave"]


async def saved(world: World, caller: str = "fleet", **changes: Any) -> dict[str, Any]:
    """Return a vehicle that was saved."""
    came: dict[str, Any] = await save(world, caller, **changes)
    assert came.pop("__typename") == "Vehicle", came
    return came


async def read(world: World, caller: str | None, vehicle_id: str) -> Answer:
    return await world.execute(caller, VEHICLE, id=vehicle_id)


async def remove(world: World, caller: str | None, vehicle_id: str, key: str | None = None) -> Answer:
    return await world.execute(caller, REMOVE, input={"idempotencyKey": key or a_key(), "vehicleId": vehicle_id})


async def listed(world: World, caller: str | None) -> list[str]:
    answer = await world.execute(caller, VEHICLES)
    assert answer.errors == []
    return [edge["node"]["name"] for edge in answer.data["vehicles"]["edges"]]


async def test_a_fleet_stores_a_vehicle_under_its_contracts_and_reads_it_whole(world: World) -> None:
    made = await saved(world, licensePlate="12-ABC-3")

    assert made == NEEDS | {
        "id": made["id"],
        "name": "Truck 1",
        "contractIds": [FLEET_CONTRACT],
        "sharedWithEmsp": False,
        "licensePlate": "12-ABC-3",
        "lastUpdated": "2026-12-01T06:00:00Z",
    }
    assert (await read(world, "fleet", made["id"])).data["vehicle"] == made
    assert (await read(world, "fleet", made["id"].upper())).data["vehicle"] == made


async def test_a_vehicle_is_replaced_whole_and_each_version_has_its_own_moment(world: World) -> None:
    made = await saved(world, licensePlate="12-ABC-3", sharedWithEmsp=True)

    replaced = await saved(world, id=made["id"], name="Truck 2", vehicle={})

    assert replaced == made | NOTHING | {
        "name": "Truck 2",
        "licensePlate": None,
        "sharedWithEmsp": False,
        "lastUpdated": replaced["lastUpdated"],
    }
    assert replaced["lastUpdated"] == "2026-12-01T06:00:00.000001Z"
    assert (await read(world, "fleet", made["id"])).data["vehicle"] == replaced
    assert await listed(world, "fleet") == ["Truck 2"]


async def test_a_vehicle_is_its_fleets_and_its_emsps_only_with_consent(world: World) -> None:
    private = await saved(world, name="private")
    shared = await saved(world, name="shared", sharedWithEmsp=True)
    seen_by = {private["id"]: {"fleet"}, shared["id"]: {"fleet", "emsp"}}

    for caller in EVERYBODY:
        unknown = await read(world, caller, UNKNOWN_UUID)
        for vehicle in (private, shared):
            answer = await read(world, caller, vehicle["id"])
            if caller in seen_by[vehicle["id"]]:
                assert answer.data["vehicle"] == vehicle
            else:
                assert told(answer, vehicle["id"]) == told(unknown, UNKNOWN_UUID)
                assert [code for code, _ in answer.errors] == ["NOT_FOUND" if caller else "UNAUTHENTICATED"]


async def test_a_list_holds_the_vehicles_that_the_caller_sees_by_name(world: World) -> None:
    for name, shared in (("b", True), ("a", False), ("c", True)):
        await saved(world, name=name, sharedWithEmsp=shared)
    await saved(world, "other_fleet", name="theirs", sharedWithEmsp=True)
    await saved(world, "other_emsp", name="foreign", contractIds=[FLEET_CONTRACT])

    lists = {caller: await listed(world, caller) for caller in EVERYBODY if caller}

    assert lists == {
        **{caller: [] for caller in ("cpo", "other_cpo", "nsp", "nap", "admin")},
        "fleet": ["a", "b", "c"],
        "other_fleet": ["theirs"],
        "emsp": ["b", "c", "theirs"],
        "other_emsp": ["foreign"],
    }
    assert [code for code, _ in (await world.execute(None, VEHICLES)).errors] == ["UNAUTHENTICATED"]


async def test_a_list_is_read_page_by_page_also_where_names_are_alike(world: World) -> None:
    made = {(await saved(world, name="same"))["id"] for _ in range(3)}

    pages, after, more = [], None, True
    while more:
        page = (await world.execute("fleet", VEHICLES, first=1, after=after)).data["vehicles"]
        pages.append([edge["node"]["id"] for edge in page["edges"]])
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert pages == [[one] for one in sorted(made)]


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_a_vehicle_of_others_cannot_be_changed_and_is_unknown(world: World, caller: str | None) -> None:
    private = await saved(world)
    changes = wish(id=private["id"], contractIds=[OTHER_CONTRACT if caller == "other_fleet" else FLEET_CONTRACT])

    replaced = await world.execute(caller, SAVE, input=changes)
    removed = await remove(world, caller, private["id"])

    if caller in WITHOUT_RIGHTS:
        assert [code for code, _ in replaced.errors + removed.errors] == [WITHOUT_RIGHTS[caller]] * 2
    elif caller != "fleet":
        unknown = await world.execute(caller, SAVE, input=changes | {"id": UNKNOWN_UUID, "idempotencyKey": a_key()})
        unremoved = await remove(world, caller, UNKNOWN_UUID)
        assert replaced.data["vehicleSave"]["__typename"] == "NotFound"
        assert told(replaced, private["id"]) == told(unknown, UNKNOWN_UUID)
        assert told(removed, private["id"]) == told(unremoved, UNKNOWN_UUID)
    else:
        assert replaced.data["vehicleSave"]["__typename"] == "Vehicle"
        assert removed.data["vehicleRemove"] == {"__typename": "VehicleRemoved", "id": private["id"]}
    if caller != "fleet":
        assert (await read(world, "fleet", private["id"])).data["vehicle"] == private


async def test_an_emsp_stores_and_changes_shared_vehicles_for_its_fleets(world: World) -> None:
    made = await saved(world, "emsp", contractIds=[FLEET_CONTRACT, FLEET_CONTRACT])
    changed = await saved(world, "emsp", id=made["id"], name="Truck 2", contractIds=[FLEET_CONTRACT])

    assert made["sharedWithEmsp"] is True
    assert made["contractIds"] == [FLEET_CONTRACT]
    assert (await read(world, "fleet", made["id"])).data["vehicle"] == changed
    assert [code for code, _ in (await read(world, "other_fleet", made["id"])).errors] == ["NOT_FOUND"]


async def test_a_fleet_takes_back_its_consent(world: World) -> None:
    made = await saved(world, "emsp", contractIds=[FLEET_CONTRACT])

    await saved(world, id=made["id"])

    assert (await read(world, "emsp", made["id"])).errors == [("NOT_FOUND", f"There is no Vehicle {made['id']}.")]
    assert await listed(world, "emsp") == []


async def test_a_fleet_stores_vehicles_under_its_own_contracts_only(world: World) -> None:
    for contracts in ([OTHER_CONTRACT], [FLEET_CONTRACT, OTHER_CONTRACT]):
        assert (await save(world, "fleet", contractIds=contracts))["__typename"] == "NotAllowed"

    assert await listed(world, "fleet") == []


async def test_a_vehicle_of_two_fleets_is_seen_by_both_and_changed_by_who_acts_for_both(world: World) -> None:
    common = await saved(world, "emsp", contractIds=[FLEET_CONTRACT, OTHER_CONTRACT])

    for fleet in ("fleet", "other_fleet"):
        assert (await read(world, fleet, common["id"])).data["vehicle"] == common
        assert (await save(world, fleet, id=common["id"]))["__typename"] == "NotAllowed"
        assert (await remove(world, fleet, common["id"])).data["vehicleRemove"]["__typename"] == "NotAllowed"
    removed = await remove(world, "emsp", common["id"])

    assert removed.data["vehicleRemove"] == {"__typename": "VehicleRemoved", "id": common["id"]}


async def test_a_removed_vehicle_is_unknown(world: World) -> None:
    made = await saved(world)
    key = a_key()

    removed, again = [await remove(world, "fleet", made["id"], key) for _ in range(2)]
    under_another_key = await remove(world, "fleet", made["id"])

    assert removed.data["vehicleRemove"] == {"__typename": "VehicleRemoved", "id": made["id"]}
    assert again == removed
    assert under_another_key.data["vehicleRemove"]["__typename"] == "NotFound"
    assert [code for code, _ in (await read(world, "fleet", made["id"])).errors] == ["NOT_FOUND"]
    assert await listed(world, "fleet") == []


async def test_the_same_key_stores_a_vehicle_once(world: World) -> None:
    key = a_key()
    first = await saved(world, idempotencyKey=key)
    changed = await saved(world, id=first["id"], name="Truck 2")

    again = await saved(world, idempotencyKey=key)
    other = await save(world, "fleet", idempotencyKey=key, vehicle=NEEDS | {"weight": 39_999})
    of_another = await saved(world, "other_fleet", idempotencyKey=key)

    assert again == changed
    assert other["__typename"] == "IdempotencyConflict"
    assert of_another["id"] != first["id"]
    assert await listed(world, "fleet") == ["Truck 2"]


async def test_fifty_of_one_key_at_once_store_one_vehicle(world: World) -> None:
    key = a_key()

    made = await asyncio.gather(*(saved(world, idempotencyKey=key) for _ in range(50)))

    assert made == [made[0]] * 50
    assert await listed(world, "fleet") == ["Truck 1"]


async def test_who_read_an_older_version_overwrites_nothing_and_is_told(world: World) -> None:
    first = await saved(world)
    second = await saved(world, id=first["id"], name="Truck 2", expectedLastUpdated=first["lastUpdated"])
    key = a_key()

    late = [
        await save(world, "fleet", id=first["id"], expectedLastUpdated=first["lastUpdated"], idempotencyKey=key)
        for _ in range(2)
    ]

    assert late[0] == {
        "__typename": "LostUpdate",
        "kind": "Vehicle",
        "id": first["id"],
        "storedLastUpdated": second["lastUpdated"],
        "message": late[0]["message"],
    }
    assert "read it again" in late[0]["message"]
    assert late[1] == late[0]
    assert (await read(world, "fleet", first["id"])).data["vehicle"] == second


async def test_of_many_saves_that_read_the_same_version_one_wins(world: World) -> None:
    first = await saved(world)

    came = await asyncio.gather(
        *(
            save(world, "fleet", id=first["id"], name=f"Truck {number}", expectedLastUpdated=first["lastUpdated"])
            for number in range(20)
        )
    )

    won = [one for one in came if one["__typename"] == "Vehicle"]
    assert len(won) == 1
    assert {(one["__typename"], one["storedLastUpdated"]) for one in came if one not in won} == {
        ("LostUpdate", won[0]["lastUpdated"])
    }
    assert await listed(world, "fleet") == [won[0]["name"]]


BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "no length": ("fleet", {"vehicle": {"length": 0}}),
    "a negative width": ("fleet", {"vehicle": {"width": -1}}),
    "a height without end": ("fleet", {"vehicle": {"height": 10_001}}),
    "a weight of a ship": ("fleet", {"vehicle": {"weight": 1_000_001}}),
    "more power than there is": ("fleet", {"vehicle": {"maxPower": 2**31 - 1}}),
    "a length of more digits than an Int has": ("fleet", {"vehicle": {"length": 2**31}}),
    "an unknown side": ("fleet", {"vehicle": {"inletSide": "TOP"}}),
    "plugs without end": ("fleet", {"vehicle": {"connectorTypes": ["MCS"] * 21}}),
    "an empty plug": ("fleet", {"vehicle": {"connectorTypes": [""]}}),
    "no vehicle": ("fleet", {"vehicle": None}),
    "no name": ("fleet", {"name": ""}),
    "a name without end": ("fleet", {"name": "x" * 101}),
    "a name with a NUL": ("fleet", {"name": "a\x00b"}),
    "a plate with half a pair": ("fleet", {"licensePlate": "a\ud800b"}),
    "a plate without end": ("fleet", {"licensePlate": "x" * 21}),
    "a contract without end": ("fleet", {"contractIds": ["x" * 37]}),
    "contracts without end": ("fleet", {"contractIds": [FLEET_CONTRACT] * 501}),
    "an empty id": ("fleet", {"id": ""}),
    "an id without end": ("fleet", {"id": "x" * 401}),
    "an empty key": ("fleet", {"idempotencyKey": ""}),
    "a version of nothing": ("fleet", {"expectedLastUpdated": "2026-12-01T06:00:00Z"}),
    "a version without an offset": ("fleet", {"id": UNKNOWN_UUID, "expectedLastUpdated": "2026-12-01T06:00:00"}),
    "an EMSP that names no fleet": ("emsp", {}),
    "an EMSP that hides from itself": ("emsp", {"contractIds": [FLEET_CONTRACT], "sharedWithEmsp": False}),
}


@pytest.mark.parametrize("what", BAD)
async def test_a_vehicle_that_makes_no_sense_is_bad_input(world: World, what: str) -> None:
    caller, changes = BAD[what]

    answer = await world.execute(caller, SAVE, input=wish(**changes))

    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]
    assert await listed(world, "fleet") == []


@pytest.mark.parametrize("unknown", ["nothing", "*", "9" * 400, "NL*EMS*1", "{" + UNKNOWN_UUID])
async def test_an_id_that_is_none_of_ours_is_not_found(world: World, unknown: str) -> None:
    answers = [await read(world, "fleet", unknown), await remove(world, "fleet", unknown)]

    assert answers[0].errors == [("NOT_FOUND", f"There is no Vehicle {unknown}.")]
    assert answers[1].data["vehicleRemove"]["__typename"] == "NotFound"
    assert (await save(world, "fleet", id=unknown))["id"] == unknown


@pytest.mark.parametrize(
    "asked",
    [{"first": 0}, {"first": 501}, {"after": "?"}, {"after": "WyJhIl0"}, {"after": "WyJhIiwiYiJd"}],
    ids=["none", "too many", "no cursor", "of another list", "of no vehicle"],
)
async def test_a_page_that_cannot_be_is_bad_input(world: World, asked: dict[str, Any]) -> None:
    for caller in ("fleet", "emsp", "nsp"):
        answer = await world.execute(caller, VEHICLES, **asked)
        assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]
