"""What the clients of HTTP hold all servers to, whatever they speak; and how they wait."""

from __future__ import annotations

from typing import Final

#: most bytes of headers and trailers: what curl allows (MAX_HTTP_RESP_HEADER_SIZE); noticed at the
#: end of what was read at once
MOST_HEAD_BYTES: Final = 300 * 1024
#: most interim responses to a request: far more than a slow answer's 102s, far fewer than a flood
MOST_INTERIM: Final = 100
#: the status of a server that switches protocols; never asked for
SWITCHING: Final = 101
#: a time-out is noticed at most this much late, and recorded with the wait as it really was
SWEEP_S: Final = 0.05
