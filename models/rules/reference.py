"""What people type to name a booking: ten letters and digits that are hard to confuse."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def reference(number: int) -> str:
    """Return the reference of a random number; the last fifty bits count."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))


def read(typed: str) -> str:
    """Return a reference as people type it, in the one spelling that is stored."""
    return typed.upper().translate(_READ_AS)
