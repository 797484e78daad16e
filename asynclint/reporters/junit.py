"""JUnit's XML: a test suite for each file with findings, a failed test case for each finding."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from asynclint.reporters.github import message
from asynclint.reporters.result import Result
from asynclint.reporters.xml import attributes, quoted


def render(result: Result) -> Iterator[str]:
    total = len(result.diagnostics)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites{attributes(name='asynclint', tests=total or 1, failures=total, errors=0)}>\n"
    if not total:
        yield f"  <testsuite{attributes(name='asynclint', tests=1, failures=0, errors=0, skipped=0)}>\n"
        yield f"    <testcase{attributes(name='no findings', classname='asynclint')} />\n"
        yield "  </testsuite>\n"
    for path, group in groupby(result.diagnostics, key=lambda each: each.path):
        findings = list(group)
        counts = attributes(name=path, tests=len(findings), failures=len(findings), errors=0, skipped=0)
        yield f'  <testsuite{counts} package="asynclint">\n'
        for each in findings:
            place = {"file": path, "line": each.span.line, "column": each.span.column}
            name = f"asynclint.{each.code}.{each.rule}"
            yield f"    <testcase{attributes(name=name, classname=path.removesuffix('.py'), **place)}>\n"
            failure = attributes(message=each.message, type=each.severity.value)
            yield f"      <failure{failure}>{quoted(message(each))}</failure>\n"
            yield "    </testcase>\n"
        yield "  </testsuite>\n"
    yield "</testsuites>\n"
