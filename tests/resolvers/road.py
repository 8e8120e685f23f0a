"""Sites in a row along a straight road, and searches along it."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from models.rules.booking_location import BookingLocation
from models.rules.location import Location
from resolvers.availability import Asked
from models.rules.fit import Demand
from tests.factories.catalogue import a_location, an_offer, hours
from tests.world import World

LATITUDE, WEST, STEP = 50.0, 5.0, 0.1
