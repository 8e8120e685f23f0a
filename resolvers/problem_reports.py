"""What can be done with reports of chargers that were booked and cannot be used, one function for each use case."""

from resolvers.problem_deciding import contest, resolve, settle, withdraw
from resolvers.problem_reading import get, many, page
from resolvers.problem_reporting import create

__all__ = [
    "contest",
    "create",
    "get",
    "many",
    "page",
    "resolve",
    "settle",
    "withdraw",
]
