"""`asynclint report`: work on reports that were written before."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from asynclint.cli.options import CONTEXT
from asynclint.cli.status import Status, Stop


@click.group(context_settings=CONTEXT)
def command() -> None:
    """Work on reports that were written before."""


@command.command(context_settings=CONTEXT)
@click.argument("files", nargs=-1, required=True, metavar="SARIF...")
@click.option("--output", "-o", metavar="FILE", help="Where to write (default: standard output).")
def merge(files: tuple[str, ...], output: str | None) -> int:
    """Join the SARIF reports of a project's shards into one run.

    The status is 2 when one of the runs could not be trusted, 1 when there are findings, else 0.
    """
    merged = merged_runs([_read(name) for name in files])
    text = json.dumps(merged, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        try:
            Path(output).write_text(text, encoding="utf-8")
        except OSError as error:
            raise Stop(f"{output}: cannot be written: {error.strerror}") from None
    [run] = merged["runs"]
    if not all(each["executionSuccessful"] for each in run["invocations"]):
        return Status.BROKEN
    return Status.FOUND if any("suppressions" not in each for each in run["results"]) else Status.CLEAN


def _read(name: str) -> dict[str, Any]:
    try:
        document = json.loads(Path(name).read_text(encoding="utf-8"))
        if document["version"] != "2.1.0":
            raise Stop(f"{name}: SARIF {document['version']}; only reports of version 2.1.0 can be joined")
        for run in document["runs"]:
            if run["tool"]["driver"]["name"] != "asynclint":
                raise Stop(
                    f"{name}: a report of {run['tool']['driver']['name']}; only those of asynclint can be joined"
                )
    except OSError as error:
        raise Stop(f"{name}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise Stop(f"{name}: not a SARIF report; write it with `--output-format sarif`") from None
    found: dict[str, Any] = document
    return found


def merged_runs(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One document with one run: all rules once, all results once, in the order of the places."""
    runs = [run for document in documents for run in document["runs"]]
    if not runs:
        raise Stop("the reports hold no runs")
    rules: dict[str, Any] = {}
    for run in runs:
        for rule in run["tool"]["driver"].get("rules", ()):
            rules.setdefault(rule["id"], rule)
    ordered = sorted(rules, key=lambda name: str(rules[name]["properties"]["tags"][1]))
    index = {name: number for number, name in enumerate(ordered)}
    results: dict[str, Any] = {}
    for run in runs:
        for result in run["results"]:
            plain = {key: value for key, value in result.items() if key != "ruleIndex"}
            if result["ruleId"] in index:
                plain["ruleIndex"] = index[result["ruleId"]]
            # Shards may overlap: the same finding is said once.
            results.setdefault(json.dumps(plain, sort_keys=True), plain)
    first = runs[0]
    driver = {**first["tool"]["driver"], "rules": [rules[name] for name in ordered]}
    run = {
        **first,
        "tool": {**first["tool"], "driver": driver},
        "results": sorted(results.values(), key=_place),
        "invocations": [invocation for each in runs for invocation in each.get("invocations", ())],
    }
    return {**documents[0], "runs": [run]}


def _place(result: dict[str, Any]) -> tuple[str, int, int, str]:
    place = result["locations"][0]["physicalLocation"]
    region = place["region"]
    return (place["artifactLocation"]["uri"], region["startLine"], region["startColumn"], result["ruleId"])
