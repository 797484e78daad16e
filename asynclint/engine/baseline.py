"""The findings that a team has decided to live with for now.

A baseline is a JSON file with one entry on each line, sorted, so that two branches that change it
merge. An entry is a fingerprint: it survives moved lines, and goes when its line is mended. Entries
are added by command only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from asynclint.engine.fingerprints import Fingerprint
from asynclint.tuples import NamedTuple

VERSION = 1
DEFAULT_NAME = "asynclint-baseline.json"


class UnusableBaseline(Exception):
    """The file is not a baseline; the message names it and the remedy."""


class Baseline(NamedTuple):
    """Known findings. `environment` tells whether installed packages were read when it was made."""

    entries: frozenset[Fingerprint]
    environment: bool = True
    tool: str = ""

    @classmethod
    def load(cls, path: Path, display: str) -> Baseline:
        """Raises UnusableBaseline, also when there is no such file."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["version"] != VERSION:
                raise UnusableBaseline(
                    f"{display}: a baseline of version {data['version']}, which this asynclint does not read; update it"
                )
            entries = [
                Fingerprint(row["path"], row["rule"], row["scope"], row["line"], row.get("ordinal", 0))
                for row in data["findings"]
            ]
            return cls(frozenset(entries), bool(data["environment"]), str(data["tool"]))
        except FileNotFoundError:
            raise UnusableBaseline(f"{display}: no such baseline; make it with `asynclint baseline create`") from None
        except OSError as error:
            raise UnusableBaseline(f"{display}: cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise UnusableBaseline(
                f"{display}{line}: not a baseline; mend the merge, or make it anew with `asynclint baseline update`"
            ) from None

    def text(self) -> str:
        """The file: a header line, one line for each entry, sorted."""
        header = {"version": VERSION, "tool": self.tool, "environment": self.environment}
        rows = []
        for entry in sorted(self.entries):
            row = {"path": entry.path, "rule": entry.rule, "scope": entry.scope, "line": entry.line}
            rows.append(
                json.dumps({**row, **({"ordinal": entry.ordinal} if entry.ordinal else {})}, ensure_ascii=False)
            )
        body = ",\n".join(rows)
        return f'{json.dumps(header)[:-1]}, "findings": [\n{body}{chr(10) if rows else ""}]}}\n'

    def stale(self, found: Iterable[Fingerprint], paths: Iterable[str], rules: Iterable[str]) -> frozenset[Fingerprint]:
        """Entries that are gone: their file was checked, their rule ran, and they were not found.

        `paths` are those of the checked files and of files that no longer exist, as in fingerprints.
        """
        checked, ran = set(paths), set(rules)
        judged = {entry for entry in self.entries if entry.path in checked and entry.rule in ran}
        return frozenset(judged - set(found))

    def without(self, entries: Iterable[Fingerprint]) -> Baseline:
        """The baseline with some entries gone and the ordinals of their twins closed up."""
        kept = self.entries - set(entries)
        closed: dict[tuple[str, str, str, str], int] = {}
        made = []
        for entry in sorted(kept):
            key = (entry.path, entry.rule, entry.scope, entry.line)
            made.append(Fingerprint(*key, closed.get(key, 0)))
            closed[key] = closed.get(key, 0) + 1
        return Baseline(frozenset(made), self.environment, self.tool)
