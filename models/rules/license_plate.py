"""When two licence plates are the same, however people, cameras and keyboards spell them (BUC 3.12)."""

import unicodedata

_LATIN = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0405\u0408"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABEKMHOPCTYXISJABEZHIKMNOPTYX",
)
"""Cyrillic and Greek capitals that look like Latin ones, which is why plates may bear them at all."""

_ALIKE = str.maketrans({"O": "0", "Q": "0", "I": "1"})
"""Marks that people type for each other, and cameras read for each other. B and 8, S and 5, Z and 2 stay apart:
a plate tells them apart by their shape, and each pair more lets in more vehicles that have no booking."""


def spelled(plate: str) -> str:
    """Return a plate in Latin capitals and digits, without accents and whatever stands between."""
    plain = unicodedata.normalize("NFKD", plate).upper().translate(_LATIN)
    return "".join(_digit(mark) for mark in plain if mark.isalnum())


def folded(plate: str) -> str:
    """Return a plate as two are compared; empty if nothing of it can be compared."""
    return spelled(plate).translate(_ALIKE)


def _digit(mark: str) -> str:
    """Return the digit that a mark is in whatever script, or the mark."""
    value = unicodedata.decimal(mark, None)
    return mark if value is None else str(value)
