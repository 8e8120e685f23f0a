"""Which fields an operation selects, so that what nobody looks at need not be worked out."""

from collections.abc import Iterable

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from schema.context import Info


def selects(info: Info, name: str) -> bool:
    """Whether a field of that name is selected anywhere below the field that is resolved."""
    raw = info._raw_info
    seen: set[str] = set()

    def within(selection: SelectionSetNode | None) -> bool:
        return any(map(holds, selection.selections)) if selection else False

    def holds(node: object) -> bool:
        if isinstance(node, FieldNode):
            return node.name.value == name or within(node.selection_set)
        if isinstance(node, FragmentSpreadNode):
            if node.name.value in seen:
                return False
            seen.add(node.name.value)
            return within(raw.fragments[node.name.value].selection_set)
        return isinstance(node, InlineFragmentNode) and within(node.selection_set)

    nodes: Iterable[FieldNode] = raw.field_nodes
    return any(within(node.selection_set) for node in nodes)
