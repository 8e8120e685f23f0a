"""A document that was executed before is neither parsed nor validated again."""

import pytest
from strawberry.extensions.validation_cache import _get_validate_cache

from schema.build import CACHED_DOCUMENTS
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_a_document_is_validated_once_however_often_it_is_sent(world: World) -> None:
    document = 'query Once { location(id: "NL*ABC*NONE") { id name } }'
    validated = _get_validate_cache(CACHED_DOCUMENTS).cache_info  # type: ignore[attr-defined]
    before = validated()

    for _ in range(5):
        await world.execute(None, document)

    assert validated().misses - before.misses == 1
    assert validated().hits - before.hits == 4
