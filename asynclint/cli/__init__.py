"""The command line. This module is imported on every start, so it imports almost nothing itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits the process with its status.

    Without `arguments` it takes those of the process. A process whose main module calls it so is
    ended at once, without the interpreter's freeing of every object; exit handlers have run by then.
    """
    from asynclint.cli.run import run

    if arguments is not None or not _is_all_there_is():
        sys.exit(run(sys.argv[1:] if arguments is None else arguments))
    import gc

    from asynclint.cli.leaving import leave

    gc.disable()
    leave(run(sys.argv[1:]))


def _is_all_there_is() -> bool:
    """Whether the caller of `main` is the process's main module, and nobody watches the process from within."""
    main_module = sys.modules.get("__main__")
    caller = sys._getframe(2)
    if main_module is None or caller.f_globals is not vars(main_module) or caller.f_code.co_name != "<module>":
        return False
    if sys.flags.inspect or sys.flags.interactive or sys.gettrace() is not None or sys.getprofile() is not None:
        return False
    monitoring = getattr(sys, "monitoring", None)
    return monitoring is None or all(monitoring.get_tool(number) is None for number in range(6))
