"""From layers of configuration to settings: later layers win, selectors become rules, paths absolute."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from asynclint.config.defaults import DEFAULT_EXCLUDES
from asynclint.config.document import Place
from asynclint.config.files import Layer, Setting, display
from asynclint.config.patterns import Patterns, relative_patterns
from asynclint.config.problems import ConfigError, did_you_mean
from asynclint.config.selectors import RuleIndex, RuleInfo, decide
from asynclint.config.settings import DEFAULT_TARGET, Override, Settings, lower_bound
from asynclint.diagnostics import Severity


def resolve(
    layers: Sequence[Layer],
    rules: Sequence[RuleInfo],
    root: Path,
    *,
    config_file: Path | None = None,
    screen: bool = True,
    remember: bool = False,
) -> Settings:
    """The settings of a project at `root`. Layers come weakest first. For `remember` see `read_toml`.

    Raises ConfigError with every mistake of every layer.
    """
    made = _Resolver(layers, RuleIndex(rules), root, remember).settings(config_file, screen)
    problems = [problem for layer in layers for problem in layer.document.problems]
    if problems:
        unique = dict.fromkeys(problems)
        raise ConfigError(sorted(unique, key=lambda each: (each.file, each.line or 0)))
    return made


class _Resolver:
    def __init__(self, layers: Sequence[Layer], index: RuleIndex, root: Path, remember: bool) -> None:
        self.remember = remember
        self.layers = layers
        self.index = index
        self.root = root
        self.origins: dict[str, str] = {}

    def value(self, name: str, default: Any) -> Any:
        found = self._last(name)
        return default if found is None else found.value

    def path(self, name: str, default: Path | None) -> Path | None:
        for layer in reversed(self.layers):
            if name in layer.settings:
                self._set_by(name, layer.settings[name])
                return Path(os.path.normpath(layer.directory / os.path.expanduser(layer.settings[name].value)))
        return default

    def _last(self, name: str) -> Setting | None:
        for layer in reversed(self.layers):
            if name in layer.settings:
                found: Setting = layer.settings[name]
                self._set_by(name, found)
                return found
        return None

    def _set_by(self, name: str, setting: Setting) -> None:
        place = str(setting.place)
        before = self.origins.get(name)
        self.origins[name] = place if before is None or before == place else f"{before}, {place}"

    def selectors(self, setting: Setting | None) -> tuple[str, ...]:
        """The selectors of a setting, after complaining about those that name nothing."""
        if setting is None:
            return ()
        for number, selector in enumerate(setting.value):
            self._check_selector(selector, setting.place.child(number))
        return tuple(setting.value)

    def _check_selector(self, selector: str, place: Place) -> bool:
        if self.index.find(selector) is not None:
            return True
        place.complain(f"unknown rule `{selector}`{did_you_mean(selector, self.index.known())}")
        return False

    def selected(self) -> frozenset[str]:
        on = frozenset(rule.name for rule in self.index.rules if rule.default)
        for layer in self.layers:
            get = layer.settings.get
            for name in ("select", "extend-select", "ignore"):
                if name in layer.settings:
                    self._set_by(name, layer.settings[name])
            chosen = self.selectors(get("select")) if "select" in layer.settings else None
            on = decide(self.index, on, chosen, self.selectors(get("extend-select")), self.selectors(get("ignore")))
        return on

    def severities(self, table: Mapping[str, str], place: Place) -> tuple[dict[str, Severity], frozenset[str]]:
        """Severity by rule, narrow selectors over wide ones, and the rules that are off."""
        given: dict[str, tuple[tuple[int, int], str]] = {}
        for selector, severity in table.items():
            if not self._check_selector(selector, place.child(selector)):
                continue
            found = self.index.find(selector)
            weight = self.index.narrowness(selector)
            for name in found[0] if found else ():
                if name not in given or given[name][0] < weight:
                    given[name] = (weight, severity)
        shown = {name: Severity(severity) for name, (_, severity) in given.items() if severity != "off"}
        return shown, frozenset(name for name, (_, severity) in given.items() if severity == "off")

    def options(self, table: Mapping[str, Mapping[str, Any]], place: Place) -> dict[str, dict[str, Any]]:
        made: dict[str, dict[str, Any]] = {}
        for selector, values in table.items():
            here = place.child(selector)
            found = self.index.find(selector)
            if found is None or len(found[0]) != 1:
                if self._check_selector(selector, here):
                    here.complain(f"`{selector}` names several rules; options belong to one rule")
                continue
            [name] = found[0]
            declared = self.index.options_of(name)
            for key, value in values.items():
                if self._option_fits(name, key, value, declared, here.child(key)):
                    made.setdefault(name, {})[key] = value
        return made

    def _option_fits(self, rule: str, key: str, value: Any, declared: Mapping[str, Any], place: Place) -> bool:
        if key not in declared:
            if not declared:
                place.complain(f"rule `{rule}` has no options")
            else:
                place.complain(f"rule `{rule}` has no option `{key}`{did_you_mean(key, declared)}")
            return False
        expected = declared[key]
        wanted = (list, tuple) if isinstance(expected, (list, tuple)) else type(expected)
        if not isinstance(value, wanted) or isinstance(value, bool) is not isinstance(expected, bool):
            words = {bool: "true or false", int: "a whole number", str: "a string", list: "a list", tuple: "a list"}
            place.complain(f"option `{key}` of rule `{rule}` must be {words.get(type(expected), 'a table')}")
            return False
        return True

    def overrides(self) -> tuple[Override, ...]:
        made: list[Override] = []
        for layer in self.layers:
            setting = layer.settings.get("overrides")
            for number, part in enumerate(setting.value if setting else ()):
                made.append(self._override(part, setting.place.child(number), layer.directory))  # type: ignore[union-attr]
            if setting:
                self._set_by("overrides", setting)
        ignores: list[Override] = []
        for layer in self.layers:
            for name in ("per-file-ignores", "extend-per-file-ignores"):
                setting = layer.settings.get(name)
                if setting is None:
                    continue
                if name == "per-file-ignores":
                    ignores.clear()
                self._set_by(name, setting)
                for pattern, selectors in setting.value.items():
                    ignored = self.selectors(Setting(selectors, setting.place.child(pattern)))
                    ignores.append(_override([pattern], layer.directory, ignore=ignored))
        return (*made, *ignores)

    def _override(self, part: Mapping[str, Any], place: Place, directory: Path) -> Override:
        def chosen(name: str) -> tuple[str, ...]:
            return self.selectors(Setting(part[name], place.child(name)) if name in part else None)

        shown, off = self.severities(part.get("severity", {}), place.child("severity"))
        return _override(
            part.get("files", ()),
            directory,
            select=chosen("select") if "select" in part else None,
            extend_select=chosen("extend-select"),
            ignore=(*chosen("ignore"), *sorted(off)),
            severities=shown,
            options=self.options(part.get("rules", {}), place.child("rules")),
        )

    def excludes(self) -> tuple[tuple[Patterns, ...], tuple[str, ...]]:
        chosen = self._last("exclude")
        owner = next((layer for layer in reversed(self.layers) if "exclude" in layer.settings), None)
        patterns: Sequence[str] = chosen.value if chosen else DEFAULT_EXCLUDES
        base = owner.directory if owner else self.root
        made = [Patterns(relative_patterns(patterns, base), base)]
        shown = list(patterns)
        for layer in self.layers:
            more = layer.settings.get("extend-exclude")
            if more:
                self._set_by("extend-exclude", more)
                made.append(Patterns(relative_patterns(more.value, layer.directory), layer.directory))
                shown += more.value
        return tuple([each for each in made if each]), tuple(shown)

    def src(self) -> tuple[Path, ...]:
        for layer in reversed(self.layers):
            setting = layer.settings.get("src")
            if setting:
                self._set_by("src", setting)
                named = [Path(os.path.normpath(layer.directory / path)) for path in setting.value]
                for number, path in enumerate(named):
                    if not path.is_dir():
                        setting.place.child(number).complain(f"`src` names {display(path)}, which is not a folder")
                return tuple(named)
        return (self.root, self.root / "src")

    def target(self) -> tuple[int, int]:
        found = self._last("target-version")
        if found is not None:
            version: tuple[int, int] = found.value
            return version
        return self._required_python() or DEFAULT_TARGET

    def _required_python(self) -> tuple[int, int] | None:
        from asynclint.config.document import read_toml

        path = self.root / "pyproject.toml"
        try:
            text = path.read_text(encoding="utf-8")
            if "python" not in text:
                return None
            values = read_toml(text, path.name, self.root, remember=self.remember).values
        except (OSError, UnicodeDecodeError, ConfigError):
            return None
        project = values.get("project")
        wanted = project.get("requires-python") if isinstance(project, dict) else None
        if not isinstance(wanted, str):
            tool: Any = values.get("tool")
            for key in ("poetry", "dependencies", "python"):
                tool = tool.get(key) if isinstance(tool, dict) else None
            wanted = tool
        if not isinstance(wanted, str):
            return None
        found = lower_bound(wanted)
        if found is not None:
            self.origins["target-version"] = f"{display(path)} (requires-python)"
        return found

    def settings(self, config_file: Path | None, screen: bool) -> Settings:
        on = self.selected()
        severities = {rule.name: rule.severity for rule in self.index.rules}
        options: dict[str, dict[str, Any]] = {}
        catalogue: dict[str, Any] = {}
        for layer in self.layers:
            table = layer.settings.get("severity")
            if table:
                self._set_by("severity", table)
                shown, off = self.severities(table.value, table.place)
                severities.update(shown)
                on -= off
            table = layer.settings.get("rules")
            if table:
                self._set_by("rules", table)
                for rule, values in self.options(table.value, table.place).items():
                    options.setdefault(rule, {}).update(values)
            table = layer.settings.get("catalogue")
            if table:
                self._set_by("catalogue", table)
                catalogue = _merged(catalogue, table.value)
        fixable = decide(self.index, frozenset(), ("ALL",), (), ())
        for name in ("fixable", "unfixable"):
            setting = self._last(name)
            chosen = self.selectors(setting)
            if setting and name == "fixable":
                fixable = decide(self.index, frozenset(), chosen, (), ())
            elif setting:
                fixable -= decide(self.index, frozenset(), chosen, (), ())
        excludes, exclude_patterns = self.excludes()
        return Settings(
            root=self.root,
            src=self.src(),
            rules=on,
            severities=severities,
            memo={},
            options=options,
            overrides=self.overrides(),
            target_version=self.target(),
            library=self.value("library", "auto"),
            catalogue=catalogue,
            excludes=excludes,
            exclude_patterns=exclude_patterns,
            respect_gitignore=self.value("respect-gitignore", True),
            force_exclude=self.value("force-exclude", False),
            environment=self.value("environment", True),
            python=self._python(),
            fixable=fixable,
            require_reason=self.value("require-reason", False),
            unsafe_fixes=self.value("unsafe-fixes", False),
            baseline=self.path("baseline", None),
            output_format=self.formats(),
            cache=self.value("cache", True),
            cache_dir=self.path("cache-dir", None) or self.root / ".asynclint_cache",
            jobs=self.value("jobs", 0),
            screen=screen,
            config_file=config_file,
            origins=self.origins,
            index=self.index,
        )

    def _python(self) -> Path | None:
        named = self._last("python")
        found = self.path("python", None)
        if named and found and not found.exists():
            named.place.complain(f"`python` names {display(found)}, which does not exist")
        return found

    def formats(self) -> tuple[str, ...]:
        from asynclint.config.options import FORMATS

        found = self._last("output-format")
        if found is None:
            return ("full",)
        for number, text in enumerate(found.value):
            name = text.partition("=")[0]
            if name not in FORMATS:
                hint = did_you_mean(name, FORMATS) or f"; there are {', '.join(FORMATS)}"
                found.place.child(number).complain(f"unknown output format `{name}`{hint}")
        formats: tuple[str, ...] = found.value
        return formats


def _override(
    files: Sequence[str],
    directory: Path,
    *,
    select: tuple[str, ...] | None = None,
    extend_select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    severities: Mapping[str, Severity] | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> Override:
    inverted = bool(files) and all(pattern.startswith("!") for pattern in files)
    plain = [pattern[1:] for pattern in files] if inverted else files
    told = (*files, str(directory), select, extend_select, ignore, sorted((severities or {}).items(), key=str), options)
    return Override(
        files=Patterns(relative_patterns(plain, directory), directory),
        inverted=inverted,
        select=select,
        extend_select=extend_select,
        ignore=ignore,
        severities=severities or {},
        options=options or {},
        text=repr(told),
    )


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two catalogue tables: tables are joined, lists are appended, anything else is replaced."""
    made = dict(below)
    for key, value in above.items():
        old = made.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            made[key] = _merged(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            made[key] = [*old, *value]
        else:
            made[key] = value
    return made
