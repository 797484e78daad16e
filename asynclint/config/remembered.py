"""What earlier runs found out about files that seldom change, in the user's cache folder.

Before a project's configuration is read, nobody knows where its own cache lies. What is kept here is
small and only saves time: where nothing can be read or written, it is found out again.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

from asynclint.sealed import sealed, unsealed


def recall(name: str) -> Any:
    """What was kept under a name; None when there is nothing, or nothing that can be read."""
    path = _path(name)
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            return unsealed(file.read())
    except (OSError, ValueError, TypeError, EOFError):
        return None


def keep(name: str, value: Any) -> None:
    """Keeps plain values under a name, if that is possible."""
    path = _path(name)
    if path is None:
        return
    with contextlib.suppress(OSError, ValueError):
        data = sealed(value)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        import tempfile

        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise


def _path(name: str) -> str | None:
    """Where something of this name is kept; None when the user has no folder for that."""
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        folder = os.path.expanduser("~/Library/Caches")
    else:
        folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(folder, "asynclint", f"{name}.dat") if os.path.isabs(folder) else None
