"""The wheel alone: built, installed in an empty environment outside the checkout, and serving."""

import subprocess
import sys
from pathlib import Path

import pytest

from schema.build import schema
from tests.live.process import ServerProcess
from tests.live.test_readme import data, followed, steps

CHECKOUT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    """Return what a command prints; fail with its complaints."""
    done = subprocess.run([str(one) for one in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(place: Path) -> Path:
    """The bin folder of an environment that holds the wheel and the locked dependencies, and nothing else."""
    folder = place / "wheel"
    folder.mkdir()
    folder.chmod(0o755)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", CHECKOUT, cwd=folder)
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    install = (folder / "venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*install, "--require-hashes", "-r", CHECKOUT / "requirements.lock", cwd=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    run(*install, "--no-deps", "--no-index", wheel, cwd=folder)
    return folder / "venv/bin"


@pytest.mark.long
def test_it_answers_the_first_query_of_the_readme(installed: Path, place: Path) -> None:
    server = ServerProcess(place / "from-wheel", [str(installed / "hdv-booking")])
    server.start()

    try:
        variables, find, *_ = steps()
        found = data(followed(find, variables, server))["corridorAvailability"]["edges"]
    finally:
        server.stop()

    assert [edge["node"]["location"]["name"] for edge in found] == ["Verzorgingsplaats Sandelingen"]


@pytest.mark.long
def test_it_carries_the_contract(installed: Path, place: Path) -> None:
    assert run(installed / "hdv-booking", "schema", cwd=place) == schema.as_str() + "\n"
    (packaged,) = installed.parent.glob("lib/python*/site-packages/schema/schema.graphql")
    assert packaged.read_text() == schema.as_str() + "\n"
