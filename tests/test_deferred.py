"""Rules that are known without being imported."""

from __future__ import annotations

import marshal
from pathlib import Path

import pytest

from asynclint.engine import installation
from asynclint.engine.house import known_rules
from asynclint.rule import Rule, all_rules, deferred, plain


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
def test_a_rule_is_the_same_when_it_comes_back(rule: Rule) -> None:
    back = deferred(marshal.loads(marshal.dumps(plain(rule))))
    assert back._replace(where=rule.where, check=rule.check) == rule
    assert back.summary == rule.summary
    for name in ("where", "check"):
        with pytest.raises(Exception) as expected:
            getattr(rule, name)()
        with pytest.raises(type(expected.value), match=getattr(rule, name).__name__):
            getattr(back, name)()


def test_what_is_written_down_is_all_that_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert installation.deferred_rules() is None
    first = installation.rule_infos()
    assert first == known_rules()
    again = installation.rule_infos()
    assert [each.name for each in again] == [each.name for each in first] and again != first
    found = installation.deferred_rules()
    assert found is not None and [each.name for each in found] == [each.name for each in all_rules()]


def test_damage_and_other_installations_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    installation.rule_infos()
    [path] = (tmp_path / "asynclint").iterdir()
    data = path.read_bytes()
    for damaged in (b"", data[:-1], b"x" + data[1:], data[:200] + b"?" + data[201:]):
        path.write_bytes(damaged)
        assert installation.deferred_rules() is None
        assert installation.rule_infos() == known_rules()
    path.write_bytes(data)
    monkeypatch.setattr(installation, "stamp", lambda: "another")
    assert installation.deferred_rules() is None
