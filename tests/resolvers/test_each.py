"""One due thing that fails keeps no other from its turn, and is not forgotten."""

from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from resolvers.each import each

pytestmark = pytest.mark.anyio

DUE = [uuid4() for _ in range(3)]


async def test_what_fails_is_logged_and_the_rest_is_done() -> None:
    seen: list[UUID] = []

    async def do(one: UUID) -> bool:
        seen.append(one)
        if one == DUE[0]:
            raise RuntimeError("no")
        return one == DUE[1]

    with capture_logs() as logged:
        done = await each(DUE, do)

    assert (done, seen) == (1, DUE)
    assert [(line["log_level"], line["id"]) for line in logged] == [("error", str(DUE[0]))]


async def test_if_nothing_could_be_done_the_first_failure_is_told() -> None:
    async def do(one: UUID) -> bool:
        raise RuntimeError(str(one))

    with capture_logs(), pytest.raises(RuntimeError, match=str(DUE[0])):
        await each(DUE, do)
