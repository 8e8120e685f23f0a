"""Bookings, Sessions and CDRs as OCPI documents, each with as much of it as the caller may know."""

from dataclasses import replace

from models.ocpi.booking import booking_document
from models.ocpi.cdr import cdr_document
from models.ocpi.session import session_document
from models.ocpi.values import Document
from models.rules.booking import Booking
from models.rules.cdr import Cdr
from models.rules.parties import Parties
from models.rules.session import Session
from resolvers import access
from resolvers.call import Call


def of_booking(call: Call, one: Booking) -> Document:
    """Return a booking that the caller sees: its charger once it is revealed, a code that opens something."""
    known = replace(
        one,
        tokens=tuple(token for token in one.tokens if access.sees_contract(call, token.contract_id)),
        access_code=one.access_code if access.sees_code(one) else None,
    )
    return booking_document(known, revealed=access.sees_charger(call, one))


def of_session(call: Call, one: Session) -> Document:
    """Return a session that the caller sees, with what was last read."""
    told = access.told_contract(call, one.token.contract_id if one.token else None)
    return session_document(replace(one, parties=_parties(call, one.parties), token=one.token if told else None))


def of_cdr(call: Call, one: Cdr) -> Document:
    """Return a CDR that the caller sees."""
    told = access.told_contract(call, one.contract_id)
    return cdr_document(one if told else replace(one, token=None, contract_id=None))


def _parties(call: Call, parties: Parties) -> Parties:
    known = tuple(name for name in parties.contract_ids if access.sees_contract(call, name))
    return replace(parties, contract_ids=known)
