"""From the arguments to the exit status: whatever goes wrong ends in a message, not in a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import asynclint
from asynclint.cli.echo import echo
from asynclint.cli.plain import read
from asynclint.cli.status import Status, Stop

ISSUES = "https://github.com/asynclint/asynclint/issues"


def run(arguments: Sequence[str]) -> int:
    """The exit status of the command line."""
    _let_any_text_through()
    try:
        return _status(arguments)
    except KeyboardInterrupt:
        return _interrupted()
    except Stop as stop:
        for message in stop.messages:
            echo(f"asynclint: error: {message}", err=True)
        for note in stop.notes:
            echo(note, err=True)
        return Status.BROKEN
    except BrokenPipeError:
        # Nobody reads on; what would have been said has been said to whoever wanted it.
        close_quietly()
        return Status.CLEAN
    except Exception as error:
        return _internal_error(error, arguments)


def _status(arguments: Sequence[str]) -> int:
    asked = os.environ.get("_ASYNCLINT_COMPLETE")
    if asked:
        from asynclint.cli.completion import answer

        return answer(asked)
    options = read(arguments)
    if options is not None:
        from asynclint.cli.pipeline import run_check

        return run_check(options)
    from asynclint.cli.group import by_click

    return by_click(arguments)


def _let_any_text_through() -> None:
    """Code and messages may hold what the terminal's encoding cannot say; that must not end the run."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _interrupted() -> int:
    close_quietly()
    print("asynclint: interrupted", file=sys.stderr)
    return Status.INTERRUPTED


def close_quietly() -> None:
    """Keeps the interpreter from failing once more when it flushes standard output at exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        pass


def wants_traceback(arguments: Sequence[str]) -> bool:
    return "--traceback" in arguments or bool(os.environ.get("ASYNCLINT_DEBUG"))


def _internal_error(error: Exception, arguments: Sequence[str]) -> int:
    import platform

    if wants_traceback(arguments):
        import traceback

        traceback.print_exception(error)
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{where.tb_frame.f_globals.get('__name__')}:{where.tb_lineno}" if where else "?"
    lines = [
        f"asynclint: internal error: {type(error).__name__}: {error} (at {place})",
        "This is a mistake in asynclint, not in your code, and the run cannot be trusted.",
        f"Please report it at {ISSUES} with this text and the output of the same command with --traceback.",
        f"asynclint {asynclint.__version__}, Python {platform.python_version()} on {platform.platform()}",
    ]
    echo("\n".join(lines), err=True)
    return Status.BROKEN
