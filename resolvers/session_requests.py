"""What operators are asked to start and stop, one function for each use case."""

from resolvers.session_request_answer import answer, settle, time_out
from resolvers.session_request_reading import get, many, page, waiting
from resolvers.session_request_start import start
from resolvers.session_request_stop import stop

__all__ = [
    "answer",
    "get",
    "many",
    "page",
    "settle",
    "start",
    "stop",
    "time_out",
    "waiting",
]
