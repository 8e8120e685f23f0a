"""The contract: what is checked in is what is served, and it explains itself."""

from collections import defaultdict
from pathlib import Path

from graphql import GraphQLEnumType, GraphQLNamedType, GraphQLObjectType, GraphQLUnionType

import schema
from schema.build import schema as served

CHECKED_IN = Path(schema.__file__).with_name("schema.graphql")
ROOTS = ("Query", "Mutation", "Subscription")
FEDERATION = {"_service", "_entities"}
HOLDS_ONE_OR_NONE = (
    "ChargerUnusable names a quote only if one was to be used; this was released, so give it an alias."
)
CLASHING = {
    "BookingChangeResult.quoteId": HOLDS_ONE_OR_NONE,
    "BookingCreateResult.quoteId": HOLDS_ONE_OR_NONE,
    "BookingMoveResult.quoteId": HOLDS_ONE_OR_NONE,
    "MissionBookResult.quoteId": HOLDS_ONE_OR_NONE,
}
"""What cannot be selected of two members of a union at once, and why that stays."""


def ours() -> list[GraphQLNamedType]:
    """Return the types that are of our making."""
    foreign = {*ROOTS, "Boolean", "Float", "ID", "Int", "String"}
    known = served._schema.type_map.items()
    return [kind for name, kind in known if name not in foreign and not name.startswith(("_", "link__"))]


def test_the_text_that_is_checked_in_is_what_is_served() -> None:
    assert CHECKED_IN.read_text() == served.as_str() + "\n", "run `make schema` and read what changed"


def test_every_type_says_what_it_is() -> None:
    silent = [kind.name for kind in ours() if not kind.description and not kind.name.endswith(("Result", "Event"))]

    assert silent == []


def test_every_root_field_says_what_it_does() -> None:
    silent = []
    for name in ROOTS:
        root = served._schema.type_map[name]
        assert isinstance(root, GraphQLObjectType)
        silent += [field for field, one in root.fields.items() if not one.description and field not in FEDERATION]

    assert silent == []


def test_every_refusal_and_result_is_a_type_with_fields() -> None:
    problem = served._schema.type_map["Problem"]
    members = {
        kind.name: kind for kind in ours() if isinstance(kind, GraphQLObjectType) and problem in kind.interfaces
    }

    assert {"SlotTaken", "OutsideCalendar", "DoesNotFit", "NotFound", "CutOffPassed"} <= members.keys()
    assert all("message" in kind.fields for kind in members.values())


def test_enumerations_have_no_lower_case_values() -> None:
    values = [value for kind in ours() if isinstance(kind, GraphQLEnumType) for value in kind.values]

    assert [value for value in values if value != value.upper()] == []


def test_what_members_of_a_union_name_alike_has_one_type_so_that_a_query_may_select_it_of_all() -> None:
    unions = [kind for kind in ours() if isinstance(kind, GraphQLUnionType)]
    clashes = set()
    for union in unions:
        types = defaultdict(set)
        for member in union.types:
            for name, one in member.fields.items():
                types[name].add(str(one.type))
        clashes |= {f"{union.name}.{name}" for name, found in types.items() if len(found) > 1}

    assert len(unions) > 50
    assert clashes == {*CLASHING}
