"""What holds for every test: no colours, no environment of the developer, the same examples each time."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("same-examples", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("same-examples")

_FROM_OUTSIDE = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "VIRTUAL_ENV", "CI", "GITHUB_ACTIONS", "COLUMNS")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that change what is printed or found are unset, asynclint's own among them."""
    for name in list(os.environ):
        if name in _FROM_OUTSIDE or (name.startswith("ASYNCLINT_") and not name.startswith("ASYNCLINT_TEST_")):
            monkeypatch.delenv(name)
