"""What is measured: the rows, by section, with the projects in which they happen."""

from __future__ import annotations

import itertools
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TypeAlias

from benchmarks.contenders import Contender, Ours, Tools
from benchmarks.corpora import PINNED, Corpus, copied, part
from benchmarks.machine import processors
from benchmarks.measure import Failed, Figures, in_turns, run
from benchmarks.results import BODY, COLD, GROWTH, SAVE, SINGLE, WARM, Row

SHARES = (1 / 8, 1 / 4, 1 / 2, 1)
_SUBSET_LINES = 90_000
#: Short commands take this many times as many turns.
_OFTEN = 3

#: Seconds after which no file system takes a file for just written.
_NEW = 2.5

#: A file that no other imports, of a usual size, and one that nearly all import.
_LEAF = "homeassistant/components/airly/sensor.py"
_CORE = "homeassistant/core.py"
_LONG = "components/camera/__init__.py"
#: What a person writes who does not know better; `{turn}` makes each turn's text another.
_BLOCKING = "\n\nasync def saved_{turn}():\n    import time\n\n    time.sleep(1)\n"


@dataclass(frozen=True)
class _Edit:
    """Text that is replaced in a file, and by what in odd and even turns; `{turn}` is the turn's number."""

    title: str
    path: str
    old: str
    new: tuple[str, str]


def _in_a_body(line: str) -> tuple[str, str]:
    text = line + " " * (len(line) - len(line.lstrip())) + "_ = {turn}\n"
    return text, text


_INITIALIZE = '        """Initialize."""\n'
_TEST = '    """Test if a domain a valid format."""\n'
_SPLIT = "def split_entity_id("
_EDITS = (
    _Edit(BODY, _LEAF, _INITIALIZE, _in_a_body(_INITIALIZE)),
    _Edit("homeassistant: a widely imported file edited, in a body", _CORE, _TEST, _in_a_body(_TEST)),
    _Edit(
        "homeassistant: a widely imported file edited, a function becomes `async` and back",
        _CORE, _SPLIT, (f"# {{turn}}\nasync {_SPLIT}", f"# {{turn}}\n{_SPLIT}"),
    ),
)  # fmt: skip


#: A row's title, and what measures it, given the section's number and the title.
_Scene: TypeAlias = tuple[str, Callable[[int, str], Row]]


class Bench:
    """Measures in projects below `folder`. Rows that `known` has, by title, are not measured again."""

    def __init__(
        self,
        folder: Path,
        corpora: Callable[[str], Corpus],
        tools: Tools,
        ours: Ours,
        *,
        rounds: int,
        quick: bool,
        known: Mapping[str, Row],
        say: Callable[[str], None],
    ) -> None:
        self.folder = folder
        self.corpora = corpora
        self.tools = tools
        self.ours = ours
        self.rounds = rounds
        self.quick = quick
        self.known = known
        self.say = say
        self._numbers = itertools.count()

    def rows(self, section: int) -> Iterator[Row]:
        """The rows of a section, each as soon as it is measured. Raises NoCorpus and Failed."""
        scenes = {1: self._cold, 2: self._warm, 3: self._edited, 4: self._saved, 5: self._growing}
        for title, measure in scenes[section]():
            row = self.known.get(title)
            if row is None:
                self.say(title)
                row = measure(section, title)
            yield row

    # -- sections --------------------------------------------------------------------------------

    def _cold(self) -> Iterator[_Scene]:
        for name in ["homeassistant"] if self.quick else PINNED:
            title = COLD if name == "homeassistant" else f"{name}: whole project"
            yield title, partial(self._cold_row, name)

    def _cold_row(self, name: str, section: int, title: str) -> Row:
        whole = self.corpora(name)
        project = self._copy(whole)
        slow = not self.quick and name == "homeassistant"
        contenders = [
            self._forgetful(project),
            self.ours.floor(project, processors()),
            *self.tools.ruff(project, cold=True),
            *self.tools.across_files(project, slow=slow),
        ]
        if slow:
            contenders += self.tools.flake8_async(part(whole, self._place(), _SUBSET_LINES))
        return self._row(section, title, contenders, self.rounds)

    def _warm(self) -> Iterator[_Scene]:
        yield WARM, self._warm_row

    def _warm_row(self, section: int, title: str) -> Row:
        project, cold = self._warmed
        contenders = [self.ours.asynclint("warm", project), self._click, *self.tools.ruff(project, cold=False)]
        figures = self._figures(contenders, self.rounds * _OFTEN)
        unlike = max(_unlike(cold, each.output) for each in figures[0].turns)
        return _as_row(section, title, figures, {"bytes unlike cold": unlike})

    def _edited(self) -> Iterator[_Scene]:
        for edit in _EDITS:
            yield edit.title, partial(self._edited_row, edit)

    def _edited_row(self, edit: _Edit, section: int, title: str) -> Row:
        project, _ = self._warmed
        path = project.root / edit.path
        original = path.read_text(encoding="utf-8")
        check = replace(self.ours.asynclint("warm", project), prepare=_editor(path, original, edit))
        try:
            figures = self._figures([check, self._click], self.rounds)
            judged = _judged(run(replace(check, command=[*check.command, "--verbose"])).errors)
        finally:
            path.write_text(original, encoding="utf-8")
        self._settle(project)
        return _as_row(section, title, figures, {"files judged": judged})

    def _saved(self) -> Iterator[_Scene]:
        yield SAVE, partial(self._saved_row, "")
        yield "homeassistant: a file on save, with a finding", partial(self._saved_row, _BLOCKING)
        yield f"{SINGLE} about 1,000 lines with a finding, alone and cold", self._single_row

    def _saved_row(self, addition: str, section: int, title: str) -> Row:
        """The buffer differs from the file, and from one turn to the next."""
        project, _ = self._warmed
        text = (project.root / _LEAF).read_text(encoding="utf-8")
        turn = itertools.count()
        wanted = {1} if addition else {0}
        save = replace(
            self.ours.asynclint("warm", project, "-", "--stdin-filename", _LEAF),
            stdin=lambda: f"{text}{addition}\n# {{turn}}\n".replace("{turn}", str(next(turn))).encode(),
            statuses=frozenset(wanted),
            lines=0,
        )
        return self._row(section, title, [save, self._click], self.rounds * _OFTEN)

    def _single_row(self, section: int, title: str) -> Row:
        project = Corpus("one file", self._place())
        (project.root / ".git").mkdir(parents=True)
        text = (self.corpora("homeassistant").root / _LONG).read_text(encoding="utf-8")
        (project.root / "app.py").write_text(text + _BLOCKING.replace("{turn}", "now"), encoding="utf-8")
        contenders = [replace(self._forgetful(project), statuses=frozenset({1})), self.ours.python("import libcst")]
        return self._row(section, title, contenders, self.rounds * _OFTEN)

    def _growing(self) -> Iterator[_Scene]:
        yield GROWTH, self._growth_row

    def _growth_row(self, section: int, title: str) -> Row:
        whole = self.corpora("homeassistant")
        parts = [part(whole, self._place(), whole.lines * share) for share in SHARES]
        return self._row(section, title, [self._forgetful(each) for each in parts], self.rounds)

    # -- projects --------------------------------------------------------------------------------

    def _place(self) -> Path:
        return self.folder / f"project-{next(self._numbers)}"

    def _copy(self, corpus: Corpus) -> Corpus:
        return copied(corpus, self._place())

    @cached_property
    def _warmed(self) -> tuple[Corpus, bytes]:
        """A project of which everything is known, and what the cold run said. Whoever edits it restores it."""
        project = self._copy(self.corpora("homeassistant"))
        cold = run(self._forgetful(project))
        self._settle(project)
        return project, cold.output

    def _settle(self, project: Corpus) -> None:
        """Lets a run see files that are no longer new, so that it believes their times from then on."""
        time.sleep(_NEW)
        run(self.ours.asynclint("", project))

    # -- contenders ------------------------------------------------------------------------------

    @property
    def _click(self) -> Contender:
        return self.ours.python("import click")

    def _forgetful(self, project: Corpus) -> Contender:
        """asynclint, which knows nothing from before."""

        def forget() -> None:
            shutil.rmtree(project.root / ".asynclint_cache", ignore_errors=True)

        return replace(self.ours.asynclint("cold", project), prepare=forget)

    def _row(self, section: int, title: str, contenders: Sequence[Contender], rounds: int) -> Row:
        return _as_row(section, title, self._figures(contenders, rounds), {})

    def _figures(self, contenders: Sequence[Contender], rounds: int) -> list[Figures]:
        return in_turns(contenders, rounds, self.say)


def _as_row(section: int, title: str, figures: Sequence[Figures], counts: Mapping[str, int]) -> Row:
    return Row(section, title, [each.entry for each in figures], counts)


def _editor(path: Path, original: str, edit: _Edit) -> Callable[[], None]:
    """Edits the file anew at each call. Raises Failed when it is not as the edit expects."""
    if edit.old not in original:
        raise Failed(f"{edit.path} does not contain {edit.old.strip()!r}; it is not the pinned release")
    turns = itertools.count()

    def change() -> None:
        turn = next(turns)
        new = edit.new[turn % 2].replace("{turn}", str(turn))
        path.write_text(original.replace(edit.old, new, 1), encoding="utf-8")

    return change


def _judged(errors: bytes) -> int:
    """How many files a verbose run judged. Raises Failed when it does not tell."""
    found = re.search(rb"(\d+) judged anew", errors)
    if found is None:
        raise Failed("asynclint --verbose does not tell how many files were judged anew")
    return int(found.group(1))


def _unlike(one: bytes, other: bytes) -> int:
    """How many bytes differ."""
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
