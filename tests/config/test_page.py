"""`docs/configuration.md` lists every option, and its example is a configuration."""

from __future__ import annotations

import re
from pathlib import Path

from asynclint.config import Configurations
from asynclint.config.page import page
from asynclint.engine.house import known_rules

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_options_are_those_of_the_program() -> None:
    text = PAGE.read_text(encoding="utf-8")
    told = "run `python -m asynclint.config.page docs/configuration.md`"
    assert page(text) == text, told


def test_the_example_is_valid(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(\[tool.asynclint\].*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(example)
    assert Configurations(known_rules()).for_folder(tmp_path).target_version == (3, 11)
