"""What a party, or one of its API tokens, acts as."""

from enum import StrEnum


class Role(StrEnum):
    """The users of the product: operators, service providers, navigation, data collectors, fleets, us."""

    CPO = "CPO"
    EMSP = "EMSP"
    NSP = "NSP"
    NAP = "NAP"
    TO = "TO"
    ADMIN = "ADMIN"
