"""What an EMSP takes for a booking and as its share of a CDR, stored by the transaction that settles those (BUC 4.5).

It is reckoned by the fees as they are then; one that changes later changes no line that was issued.
"""

from uuid import uuid4

from models.db import Connection
from models.queries import provider_fees
from models.queries import provider_lines as stored
from models.rules.booking import Booking
from models.rules.cdr import Cdr
from models.rules.problem_report import ProblemReport
from models.rules.provider_line import fee_stands, markup, per_booking, strayed, taken_back
from resolvers.call import Call


async def for_booking(call: Call, connection: Connection, one: Booking, report: ProblemReport | None) -> None:
    """Store what its provider takes for a locked booking once that was granted, or take it back if it does not stand.

    A booking is given its lines once: a fee that is published later is for later bookings. One that other contracts
    take over is given theirs, as its fees are then.
    """
    if not one.granted:
        return
    first = await stored.settle_once(connection, one.location_id, one.id, call.now)
    known = [] if first else await stored.of_booking(connection, one.id)
    over = [line for line in known if strayed(line, one)] if fee_stands(one, report) else known
    await stored.add(connection, [taken_back(line, uuid4(), call.now) for line in over])
    if fee_stands(one, report) and (first or over):
        kept = {line.fee_id for line in known if line not in over}
        fees = await provider_fees.seen(connection, one.emsp_id, one.contract_ids)
        lines = [per_booking(fee, one, uuid4(), call.now) for fee in fees if fee.id not in kept]
        await stored.add(connection, [line for line in lines if line is not None])


async def for_cdr(call: Call, connection: Connection, new: Cdr, credited: Cdr | None) -> None:
    """Store the shares of a CDR that its provider takes, or take them back with the one that is credited."""
    emsp_id = new.parties.emsp_id
    if emsp_id is None:
        return
    if credited is not None:
        known = await stored.on_cdr(connection, credited.parties.cpo_id, credited.local_id)
        await stored.add(connection, [taken_back(line, uuid4(), call.now, new.local_id) for line in known])
        return
    fees = await provider_fees.seen(connection, emsp_id, new.parties.contract_ids)
    lines = [markup(fee, new, uuid4(), call.now) for fee in fees]
    await stored.add(connection, [line for line in lines if line is not None])
