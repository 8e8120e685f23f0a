"""The names of our packages are ours alone, and the house keeps its habits."""

import ast
import importlib
from importlib.metadata import distributions
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
PACKAGES = ("schema", "resolvers", "models", "subscriptions", "server")
VAGUE = {"utils", "helpers", "manager", "service", "base", "common", "core"}
LONGEST_MODULE = 300
MODULES = sorted(
    path
    for folder in (*PACKAGES, "tests", "benchmarks")
    for path in (CHECKOUT / folder).rglob("*.py")
    if "node_modules" not in path.parts and "versions" not in path.parts
)


@pytest.mark.parametrize("name", PACKAGES)
def test_no_other_distribution_ships_files_under_our_names(name: str) -> None:
    others = {
        found.metadata["Name"]
        for found in distributions()
        if found.metadata["Name"] != "hdv-booking"
        for file in found.files or ()
        if file.parts[0] == name
    }

    assert others == set()


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_imported_is_this_checkout(name: str) -> None:
    found = importlib.import_module(name).__file__

    assert found is not None
    assert Path(found).is_relative_to(CHECKOUT)


def test_every_module_begins_by_saying_what_it_knows() -> None:
    silent = [str(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))]

    assert silent == []


def test_no_module_of_the_product_grows_past_what_one_reads_at_once() -> None:
    product = [path for path in MODULES if path.relative_to(CHECKOUT).parts[0] in PACKAGES]
    long = [str(path) for path in product if len(path.read_text().splitlines()) > LONGEST_MODULE]

    assert long == []


def test_no_module_has_a_vague_name() -> None:
    assert [str(path) for path in MODULES if path.stem in VAGUE] == []


def test_decisions_are_numbered_once_and_kept_short() -> None:
    decisions = sorted((CHECKOUT / "docs/adr").glob("*.md"))

    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    assert [path.name for path in decisions if len(path.read_text().splitlines()) > 45] == []
