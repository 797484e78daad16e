"""The command line. This module is imported on every start, so it imports almost nothing itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits the process with its status."""
    from asynclint.cli.run import run

    sys.exit(run(sys.argv[1:] if arguments is None else arguments))
