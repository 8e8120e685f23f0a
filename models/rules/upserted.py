"""What came of publishing one object of the catalogue."""

from enum import StrEnum


class Upserted(StrEnum):
    """Whether the stored object changed; KEPT_NEWER means that the stored one has a later `last_updated`."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    KEPT_NEWER = "KEPT_NEWER"
