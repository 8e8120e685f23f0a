"""What EMSPs add for their fleets beside operators' CDRs (BUC 4.5)."""

from models.db import Connection
from models.rules.cdr import Cdr
from resolvers.call import Call


async def beside(call: Call, connection: Connection, new: Cdr, credited: Cdr | None) -> None:
    """Store what the provider adds beside a CDR, or take it back with the one that is credited."""
