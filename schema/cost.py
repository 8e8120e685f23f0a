"""How large an answer may grow: reckoned from the query before anything is fetched, and refused above a budget."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)
from strawberry.extensions import SchemaExtension

MOST_FIELDS = 300_000
"""More would keep the process from serving others for a second."""

LIST_LENGTH = 5
"""How many items a list without `first` is reckoned to have; chargers of a Location, timeslots of a calendar."""

LISTS = frozenset(
    {
        "access",
        "alerts",
        "alternatives",
        "bookingAlternatives",
        "bookingLocations",
        "bookingRequests",
        "bookings",
        "calendars",
        "cdrRefunds",
        "cdrs",
        "availableTimeslots",
        "compliantEvses",
        "outcomes",
        "sessions",
        "connectors",
        "counts",
        "feeWaivers",
        "fees",
        "taxes",
        "walkUp",
        "nearMisses",
        "closest",
        "elements",
        "evses",
        "images",
        "invoiceLines",
        "lines",
        "locations",
        "totals",
        "maintenance",
        "parking",
        "parkingBays",
        "priceComponents",
        "providerFees",
        "providerLines",
        "publishAllowedTo",
        "relatedLocations",
        "remaining",
        "reminderPreferences",
        "reminders",
        "start",
        "statusSchedule",
        "tariffs",
        "timeslots",
        "tokens",
    }
)
"""The lists of objects in the contract; a test compares them with the schema."""

SHORT_LISTS = {"taxes": 1, "providerFees": 1}
"""Lists that hold more than one item seldom, and stand in many places."""

LONG_LISTS = {"invoiceLines": 10_000}
"""Lists without `first` that hold many, and how many."""

ROWS = {"cdrsCsv": 30, "statementCsv": 10}
"""Root fields that hold rows as text, and how many fields to make that of one item takes as long as."""

DOCUMENTS = {"ocpi": 50}
"""Fields that hold a whole document, and how many fields to make one takes as long as."""

TIMES = {**dict.fromkeys(LISTS, LIST_LENGTH), **SHORT_LISTS, **LONG_LISTS, **DOCUMENTS}
"""How many times what a field holds is reckoned, where `first` does not say."""

DEFAULT_FIRST = {
    "availability": 100,
    "corridorAvailability": 100,
    "locations": 50,
    "bookings": 50,
    "cdrs": 50,
    "cdrsCsv": 500,
    "chargingAuthorizations": 50,
    "sessions": 50,
    "driverMessages": 50,
    "maintenanceImpact": 50,
    "reconciliations": 50,
    "mandates": 50,
    "sessionRequests": 50,
    "siteEntries": 50,
    "statement": 100,
    "statementCsv": 500,
    "problemReports": 50,
    "providerLines": 50,
    "tokens": 50,
    "vehicles": 50,
}
ROOT_LISTS = frozenset(DEFAULT_FIRST)
BULK = ("Publish", "Withdraw", "Set", "Invoice", "Pay")
"""How mutations end that answer with a list as long as the one they were given."""


class CostLimit(SchemaExtension):
    """Refuse an operation whose answer could hold more fields than the budget."""

    def on_execute(self) -> Iterator[None]:
        """Raise an error with a code, or let the operation pass."""
        context = self.execution_context
        document = context.graphql_document
        if document is not None:
            fragments = {
                one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
            }
            for one in document.definitions:
                if isinstance(one, OperationDefinitionNode) and _chosen(one, context.operation_name):
                    Reckoning(fragments, {**_defaults(one), **(context.variables or {})}).check(one.selection_set)
        yield


def _chosen(operation: OperationDefinitionNode, name: str | None) -> bool:
    return name is None or (operation.name is not None and operation.name.value == name)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """Return the defaults of an operation's variables."""
    return {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions or ()
        if one.default_value is not None
    }


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Counts fields, with what an operation brings along."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    known: dict[str, int] = field(default_factory=dict)

    def check(self, selection: SelectionSetNode) -> None:
        """Raise an error if an answer to `selection` may grow too large."""
        cost = self.fields(selection, root=True)
        if cost > MOST_FIELDS:
            raise GraphQLError(
                f"The answer could hold {cost} fields, and {MOST_FIELDS} at most are served at once: "
                "ask for fewer items by `first`, or for fewer fields of each.",
                extensions={"code": "COST_EXCEEDED"},
            )

    def fields(self, selection: SelectionSetNode | None, *, root: bool = False) -> int:
        """Return how many fields an answer to `selection` may hold."""
        if selection is None:
            return 0
        total = 0
        for node in selection.selections:
            if isinstance(node, FieldNode):
                total += self._times(node, root=root) * (1 + self.fields(node.selection_set))
            elif isinstance(node, InlineFragmentNode):
                total += self.fields(node.selection_set, root=root)
            elif isinstance(node, FragmentSpreadNode):
                total += self._fragment(node.name.value, root=root)
        return total

    def _fragment(self, name: str, *, root: bool) -> int:
        """Return how many fields a fragment may hold; reckoned once, for fragments may name each other twice."""
        if name not in self.known and name in self.fragments:
            self.known[name] = self.fields(self.fragments[name].selection_set, root=root)
        return self.known.get(name, 0)

    def _times(self, node: FieldNode, *, root: bool) -> int:
        name = node.name.value
        if root and name in ROOT_LISTS:
            return self._first(node, DEFAULT_FIRST[name]) * ROWS.get(name, 1)
        if root and name == "_entities":
            given = [self._given(argument.value) for argument in node.arguments or ()]
            return max((len(one) for one in given if isinstance(one, list)), default=1)
        if root and name.endswith(BULK):
            return max(1, self._objects(node) // LIST_LENGTH)
        return TIMES.get(name, 1)

    def _objects(self, node: FieldNode) -> int:
        """Return how many objects a mutation is given."""
        given = [self._given(argument.value) for argument in node.arguments or ()]
        lists = [one for value in given if isinstance(value, dict) for one in value.values()]
        return max((len(one) for one in lists if isinstance(one, list)), default=0)

    def _given(self, value: ValueNode) -> object:
        """Return a value as it is given, as deep as is needed to see how long its lists are."""
        if isinstance(value, VariableNode):
            return self.variables.get(value.name.value)
        if isinstance(value, ObjectValueNode):
            return {field.name.value: self._given(field.value) for field in value.fields}
        return list(value.values) if isinstance(value, ListValueNode) else None

    def _first(self, node: FieldNode, default: int) -> int:
        for argument in node.arguments or ():
            if argument.name.value == "first":
                if isinstance(argument.value, IntValueNode):
                    return max(1, int(argument.value.value))
                if isinstance(argument.value, VariableNode):
                    given = self.variables.get(argument.value.name.value)
                    return max(1, given) if isinstance(given, int) else default
        return default
