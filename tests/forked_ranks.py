"""Two ranks of a script that has imported everything: another start of Python and of all that the
library imports is 5 s of a core."""

import os
import socket
import sys
from collections.abc import Callable


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def two_ranks(work: Callable[[], None]) -> None:
    """Does the work as rank 0 and, in a copy of this process, as rank 1; ends with a status other
    than 0 if one of them does. Call it before torch has started a thread."""
    os.environ |= {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "GROUP_RANK": "0",
        "TORCHELASTIC_RUN_ID": "test",  # Lightning leaves the processes to whoever set this
    }
    other = os.fork()
    rank = "0" if other else "1"
    os.environ |= {"RANK": rank, "LOCAL_RANK": rank}
    work()
    if other:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]))
