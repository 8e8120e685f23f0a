"""What can be done with bookings, one function for each use case."""

from resolvers.booking_cancel import cancel
from resolvers.booking_cancel import quote as quote_cancel
from resolvers.booking_change import change
from resolvers.booking_change import quote as quote_change
from resolvers.booking_create import create
from resolvers.booking_move import move
from resolvers.booking_reading import by_reference, get, many, named, page
from resolvers.change_options import change_options
from resolvers.deciding import accept, decline, waiting
from resolvers.missions import book as book_mission
from resolvers.proposing import proposal_accept, proposal_decline, proposal_withdraw, propose
from resolvers.reassigning import reassign
from resolvers.revealing import reveal_now as reveal
from resolvers.token_adding import add_tokens

__all__ = [
    "accept",
    "add_tokens",
    "book_mission",
    "by_reference",
    "cancel",
    "change",
    "change_options",
    "create",
    "decline",
    "get",
    "many",
    "move",
    "named",
    "page",
    "proposal_accept",
    "proposal_decline",
    "proposal_withdraw",
    "propose",
    "quote_cancel",
    "quote_change",
    "reassign",
    "reveal",
    "waiting",
]
