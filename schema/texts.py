"""Which texts can be kept at all."""

import re

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL stores no NUL, and UTF-8 has no halves of surrogate pairs."""


def storable(text: str) -> bool:
    """Whether PostgreSQL can store or compare a text."""
    return not UNSTORABLE.search(text)
