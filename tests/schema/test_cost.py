"""No query, however short, makes an answer that keeps the process busy."""

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_list_type, is_non_null_type

from schema.build import schema
from schema.cost import LISTS, MOST_FIELDS
from tests.world import World

pytestmark = pytest.mark.anyio

LITTLE = frozenset({"edges", "openingTimes", "withdrawn"})
"""Lists whose length `first` decides, or that hold a handful of plain values."""

SHORT = frozenset(
    {
        "directions",
        "energySources",
        "environImpact",
        "exceptionalClosings",
        "exceptionalOpenings",
        "regularHours",
        "tariffAltText",
    }
)
"""Lists of a few small values each."""

TOO_MUCH = "ask for fewer items by `first`, or for fewer fields of each."


def there_and_back(times: int) -> str:
    """Return a selection of a Location that goes to its chargers and back so many times."""
    return "evses { location { " * times + "id" + " } }" * times


@pytest.mark.parametrize("times", [4, 5])
async def test_going_to_and_fro_is_refused_before_anything_is_fetched(world: World, times: int) -> None:
    answer = await world.execute(
        None, f"{{ locations(first: 500) {{ edges {{ node {{ {there_and_back(times)} }} }} }} }}"
    )

    ((code, message),) = answer.errors
    assert code == "COST_EXCEEDED"
    assert message.endswith(TOO_MUCH)


async def test_many_names_for_one_list_are_reckoned_each(world: World) -> None:
    part = (
        "evses { connectors { id standard } } bookingLocations { calendars { availableTimeslots { startDateTime } } }"
    )
    names = " ".join(f"a{number}: locations(first: 500) {{ edges {{ node {{ {part} }} }} }}" for number in range(8))

    answer = await world.execute(None, f"{{ {names} }}")

    assert [code for code, _ in answer.errors] == ["COST_EXCEEDED"]


async def test_first_counts_as_a_variable_and_in_fragments_too(world: World) -> None:
    document = f"""
    query ($first: Int!) {{ locations(first: $first) {{ edges {{ node {{ ...site }} }} }} }}
    fragment site on Location {{ {there_and_back(4)} }}
    """

    assert (await world.execute(None, document, first=1)).errors == []
    assert [code for code, _ in (await world.execute(None, document, first=500)).errors] == ["COST_EXCEEDED"]


async def test_fragments_that_name_each_other_twice_are_reckoned_at_once(world: World) -> None:
    chain = " ".join(
        f"fragment f{number} on Location {{ ...f{number + 1} evses {{ location {{ ...f{number + 1} }} }} }}"
        for number in range(5)
    )
    document = f"{{ locations {{ edges {{ node {{ ...f0 }} }} }} }} {chain} fragment f5 on Location {{ id }}"

    assert [code for code, _ in (await world.execute(None, document)).errors] == ["COST_EXCEEDED"]


async def test_a_page_of_fifty_with_all_that_belongs_to_it_is_served(world: World) -> None:
    everything = """
    { locations(first: 50) { edges { node { id name address city country coordinates { latitude longitude }
      evses { id status connectors { id standard maxElectricPower } parking { evsePosition parkingBay { id } } }
      bookingLocations { id bookingTerms { cancelUntilMinutes } tariffs { id currency elements {
        priceComponents { type price vat stepSize } } }
        calendars { id availableTimeslots { startDateTime endDateTime minPower maxPower } } } } } } }
    """

    assert (await world.execute(None, everything)).errors == []


async def test_an_answer_to_many_objects_is_reckoned_by_their_number(world: World) -> None:
    given = [{"bookingLocationId": "ANY", "calendarId": f"C{number}"} for number in range(500)]
    document = f"""
    mutation ($key: String!, $calendars: [CalendarWithdrawalInput!]!) {{
      calendarsWithdraw(input: {{ idempotencyKey: $key, calendars: $calendars }}) {{
        ... on CalendarsWithdrawn {{ bookingLocations {{ location {{ {there_and_back(4)} }} }} }}
      }}
    }}
    """

    few = await world.execute("cpo", document, key="1", calendars=given[:5])
    all_of_them = await world.execute("cpo", document, key="2", calendars=given)

    assert few.errors == []
    assert [code for code, _ in all_of_them.errors] == ["COST_EXCEEDED"]


def test_every_list_of_objects_is_reckoned_as_one() -> None:
    found = set()
    for kind in schema._schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                inner = field.type.of_type if is_non_null_type(field.type) else field.type
                if is_list_type(inner) and isinstance(get_named_type(inner), GraphQLObjectType):
                    found.add(name)

    assert found - LITTLE - SHORT == LISTS
    assert MOST_FIELDS > 0
