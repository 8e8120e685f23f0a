"""What can be done about alternatives to bookings, one function for each use case (BUC 2.8)."""

from resolvers.alternative_finding import find
from resolvers.alternative_offering import offer, offer_soon
from resolvers.alternative_reading import look, offered, offered_now, open_offers, policy, policy_set
from resolvers.alternative_renewing import renew
from resolvers.alternative_suggesting import suggest
from resolvers.alternative_taking import take

__all__ = [
    "find",
    "look",
    "offer",
    "offer_soon",
    "offered",
    "offered_now",
    "open_offers",
    "policy",
    "policy_set",
    "renew",
    "suggest",
    "take",
]
