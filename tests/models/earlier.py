"""Bookings as earlier releases knew them: what was added since is not there after their tables were gone back to."""

from dataclasses import replace

from models.rules.booking import Booking


def before_settlement(one: Booking) -> Booking:
    """Return a booking whose requests say neither on which revision they were made nor by which terms they cost."""
    requests = tuple(replace(request, revision=None, priced_by=None) for request in one.booking_requests)
    return replace(one, booking_requests=requests)
