"""Findings of every shape, with the sources that they are about."""

from __future__ import annotations

from pathlib import Path

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span, Step
from asynclint.reporters.result import Result, Sources

APP = "import helpers\n\n\nasync def refresh():\n    helpers.warm_up()\n    helpers.log()\n"
HELPERS = "import time\ndef warm_up():\n\ttime.sleep(1)\n"

_CALL = Span(5, 5, 5, 22)

BLOCKING = Diagnostic(
    rule="blocking-call",
    code="AL201",
    severity=Severity.ERROR,
    path="app.py",
    span=_CALL,
    message="`helpers.warm_up` blocks the event loop",
    trace=(
        Step("app.py", _CALL, "`refresh` calls `warm_up`"),
        Step("helpers.py", Span(3, 2, 3, 15), "`warm_up` calls `time.sleep`"),
    ),
    help="make the helper a coroutine",
    fix=Fix(
        "run it in a worker thread",
        Applicability.UNSAFE,
        (
            Edit(0, 0, "import asyncio\n"),
            Edit(
                APP.index("helpers.warm_up()"),
                APP.index("helpers.warm_up()") + 17,
                "await asyncio.to_thread(helpers.warm_up)",
            ),
        ),
    ),
    scope="refresh",
)
PLAIN = Diagnostic(
    rule="lost-task",
    code="AL401",
    severity=Severity.WARNING,
    path="app.py",
    span=Span(6, 5, 6, 18),
    message="a \"task\" <& 'more'> that nobody keeps, 100%",
)


def result(folder: Path, **changes: object) -> Result:
    """A result with both findings; their files are written to `folder`."""
    (folder / "app.py").write_text(APP)
    (folder / "helpers.py").write_text(HELPERS)
    values: dict[str, object] = {
        "diagnostics": (BLOCKING, PLAIN),
        "sources": Sources(folder),
        "root": folder,
        "base": folder,
        "files_checked": 2,
        **changes,
    }
    return Result(**values)  # type: ignore[arg-type]


def written(name: str, shown: Result) -> str:
    from asynclint.reporters import reporter

    return "".join(reporter(name)(shown))
