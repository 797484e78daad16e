"""The command: what to measure, how often, where to write it."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

import asynclint
from benchmarks import machine, table
from benchmarks.contenders import Ours, Tools
from benchmarks.corpora import NoCorpus, corpus
from benchmarks.measure import Failed
from benchmarks.results import Row, claims
from benchmarks.scenes import Bench

_ROOT = Path(__file__).resolve().parents[1]
_PAGE = _ROOT / "docs" / "performance.md"
_KEPT = _ROOT / "build" / "benchmarks"
_SECTIONS = range(1, 6)


def main(arguments: Sequence[str] | None = None) -> int:
    """Status 0, also where a goal is missed; 2 when something could not be measured."""
    options = _parser().parse_args(arguments)
    tools = Tools([path.resolve() for path in options.tool_dir])
    facts = {**machine.described(), "asynclint": _own_version(), **tools.versions()}
    setting = _digest({**facts, "code": _code(), "rounds": str(options.rounds), "quick": str(options.quick)})
    kept = _KEPT / "results.json"
    rows = _kept_rows(kept, setting) if options.resume else {}
    try:
        if options.write:
            table.replaced(_page(), "")
        with tempfile.TemporaryDirectory(prefix="asynclint-benchmarks-") as temporary:
            folder = Path(os.path.realpath(temporary))
            bench = Bench(
                folder,
                lambda name: corpus(name, options.corpus_dir.resolve()),
                tools,
                Ours(folder, os.environ),
                rounds=options.rounds,
                quick=options.quick,
                known=dict(rows),
                say=_say,
            )
            for section in sorted(set(options.rows)):
                for row in bench.rows(section):
                    rows[row.title] = row
                    _keep(kept, setting, rows)
    except (NoCorpus, Failed, table.NoPlace) as error:
        _say(str(error))
        return 2
    facts = {"date": f"{datetime.now(timezone.utc):%Y-%m-%d}", **facts}
    text = table.report(list(rows.values()), facts)
    print(text, end="")
    missed = [claim.what for claim in claims(list(rows.values())) if not claim.is_met]
    _say(f"{len(missed)} goals missed: {'; '.join(missed)}" if missed else "all goals met that were measured")
    if options.write:
        _PAGE.write_text(table.replaced(_page(), text), encoding="utf-8")
        _say(f"wrote {_PAGE.relative_to(_ROOT)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures asynclint and prints ratios.")
    parser.add_argument("--rounds", type=_positive, default=5, help="turns of each contender (default: %(default)s)")
    parser.add_argument(
        "--rows",
        type=lambda text: [_section(each) for each in text.split(",")],
        default=list(_SECTIONS),
        help="1 cold, 2 warm, 3 edited, 4 one file, 5 growth; joined by commas (default: all)",
    )
    parser.add_argument("--quick", action="store_true", help="leave out slow tools and all but the largest project")
    parser.add_argument(
        "--corpus-dir",
        type=Path,
        default=_KEPT / "corpora",
        help="where the projects lie unpacked, or are unpacked after a download (default: build/benchmarks/corpora)",
    )
    parser.add_argument(
        "--tool-dir", type=Path, action="append", default=[], help="a folder with other tools, before PATH; repeatable"
    )
    parser.add_argument(
        "--resume", action="store_true", help="keep what an earlier run of the same code with the same options measured"
    )
    parser.add_argument("--write", action="store_true", help="put the results into docs/performance.md")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _section(text: str) -> int:
    if not text.isdecimal() or int(text) not in _SECTIONS:
        raise argparse.ArgumentTypeError(f"there is no row {text!r}; there are 1 to 5")
    return int(text)


def _say(text: str) -> None:
    print(f"benchmarks: {text}", file=sys.stderr, flush=True)


def _page() -> str:
    try:
        return _PAGE.read_text(encoding="utf-8")
    except OSError as error:
        raise table.NoPlace(f"{_PAGE}: {error.strerror}") from None


def _own_version() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=_ROOT, capture_output=True, text=True)
    return f"{asynclint.__version__} ({told.stdout.strip()})" if told.stdout.strip() else asynclint.__version__


def _code() -> str:
    """Changes whenever what is measured, or how, does."""
    paths = sorted(path for name in ("asynclint", "benchmarks") for path in (_ROOT / name).rglob("*.*"))
    return _digest({str(path): str(path.stat().st_mtime_ns) for path in paths if path.suffix in (".py", ".json")})


def _digest(facts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _kept_rows(path: Path, setting: str) -> dict[str, Row]:
    """What an earlier run measured, by title; empty when there was none of this setting."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["setting"] == setting:
            return {row.title: row for row in map(Row.read, told["rows"])}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return {}


def _keep(path: Path, setting: str, rows: Mapping[str, Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"setting": setting, "rows": [row.plain() for row in rows.values()]}, indent=1)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
