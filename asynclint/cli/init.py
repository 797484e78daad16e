"""`asynclint init`: a configuration and a hook that suit the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

import asynclint
from asynclint.cli.options import CONTEXT
from asynclint.cli.status import Status, Stop
from asynclint.config.files import configuration_in, display

_HOOK = """\
  - repo: https://github.com/asynclint/asynclint
    rev: v{version}
    hooks:
      - id: asynclint
"""


@click.command(context_settings=CONTEXT)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def command(dry_run: bool) -> int:
    """Write a configuration for the project in the current folder, after a look at it."""
    root = Path.cwd()
    existing = configuration_in(root)
    if existing is not None:
        raise Stop(f"{display(existing)}: configures asynclint already; edit it, or delete it first")
    changes = [_configuration(root)]
    hook = _hook(root)
    if hook is not None:
        changes.append(hook)
    for path, added, is_new in changes:
        if dry_run:
            click.echo(f"# {'new' if is_new else 'added to'} {display(path)}\n{added}")
            continue
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(added)
        except OSError as error:
            raise Stop(f"{display(path)}: cannot be written: {error.strerror}") from None
        click.echo(f"{'Wrote' if is_new else 'Added to'} {display(path)}.")
    if not dry_run:
        click.echo("Next: `asynclint` to see what there is, `asynclint baseline create` to begin with what is new.")
    return Status.CLEAN


def _configuration(root: Path) -> tuple[Path, str, bool]:
    """The file, the text to append to it, and whether the file is new."""
    path = root / "pyproject.toml"
    is_new = not path.exists()
    if is_new:
        return root / "asynclint.toml", "\n".join(_settings(root, "")) + "\n", True
    text = path.read_text(encoding="utf-8")
    lead = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    return path, lead + "\n".join(["[tool.asynclint]", *_settings(root, "tool.asynclint.")]) + "\n", False


def _settings(root: Path, prefix: str) -> Iterator[str]:
    folders = _source_folders(root)
    if folders and folders != ["src"]:
        yield f"src = [{', '.join(_quoted(name) for name in ('.', *folders))}]"
    if not _requires_python(root):
        yield 'target-version = "py310"'
    generated = [name for name in ("migrations", "alembic") if any(root.glob(f"*/{name}")) or (root / name).is_dir()]
    if generated:
        yield f"extend-exclude = [{', '.join(_quoted(name) for name in generated)}]"
    yield '# select = ["ALL"]  # every rule, opinions included; `asynclint rule --all` lists them'
    if (root / "tests").is_dir():
        yield ""
        yield f"[{prefix}per-file-ignores]"
        yield "# A test that blocks its own loop harms nobody."
        yield '"tests/*" = ["blocking"]'


def _quoted(name: str) -> str:
    return f'"{name}"'


def _source_folders(root: Path) -> list[str]:
    """Folders at the top that hold packages without being one."""
    return [
        each.name
        for each in sorted(root.iterdir())
        if each.is_dir()
        and each.name in ("src", "lib", "source", "python", "backend")
        and not (each / "__init__.py").exists()
        and any(each.glob("*/__init__.py"))
    ]


def _requires_python(root: Path) -> bool:
    try:
        return bool(re.search(r"requires-python\s*=|python\s*=\s*[\"']", (root / "pyproject.toml").read_text("utf-8")))
    except OSError:
        return False


def _hook(root: Path) -> tuple[Path, str, bool] | None:
    """The pre-commit hook; None when the project does not use pre-commit, or has it already."""
    path = root / ".pre-commit-config.yaml"
    hook = _HOOK.format(version=asynclint.__version__)
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    if "asynclint" in text or not text.rstrip() or not _ends_in_repos(text):
        return None
    indent = re.search(r"^( *)- repo:", text, re.MULTILINE)
    own = re.sub("^  ", indent[1] if indent else "  ", hook, flags=re.MULTILINE)
    return path, ("" if text.endswith("\n") else "\n") + own, False


def _ends_in_repos(text: str) -> bool:
    """Whether `repos` is the last key, so that a hook can be appended as text."""
    keys = re.findall(r"^([A-Za-z_-]+):", text, re.MULTILINE)
    return bool(keys) and keys[-1] == "repos"
