"""The end of the process.

After a large run the interpreter would spend seconds freeing millions of objects one by one, which
the operating system does at once.
"""

from __future__ import annotations

import atexit
import os
import sys
from typing import NoReturn

from asynclint.cli.status import Status


def leave(status: int) -> NoReturn:
    """Ends the process with a status, once exit handlers have run and all output is written."""
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()  # waits for threads that others have started
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BrokenPipeError:
            pass  # whoever read has seen enough; the status still tells what was found
        except OSError as error:
            status = Status.BROKEN
            if stream is sys.stdout:
                print(f"asynclint: error: standard output: {error.strerror}", file=sys.stderr, flush=True)
    os._exit(status)
