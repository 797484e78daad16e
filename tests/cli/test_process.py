"""The command line as a process of its own: imports, pipes, encodings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Slow to import, or needed by few commands; none of them may be loaded by a start that does not need it.
HEAVY = {
    "asyncio",
    "concurrent.futures",
    "difflib",
    "hashlib",
    "libcst",
    "logging",
    "multiprocessing",
    "pathspec",
    "sqlite3",
    "subprocess",
    "tempfile",
    "tomllib",
    "yaml",
}


def process(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=variables, capture_output=True, timeout=120)


def loaded(*arguments: str, cwd: Path) -> set[str]:
    """Modules that a run of the command line loads."""
    code = "import sys; from asynclint.cli.run import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    return set(process("-c", code, *arguments, cwd=cwd).stderr.decode().split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["check", "--help"]], ids=" ".join)
def test_help_and_version_start_lean(tmp_path: Path, arguments: list[str]) -> None:
    modules = loaded(*arguments, cwd=tmp_path)
    assert "click" in modules
    assert modules & HEAVY == set()
    assert not {
        name for name in modules if name.startswith(("asynclint.rules", "asynclint.engine", "asynclint.program"))
    }


def test_importing_the_entry_point_loads_next_to_nothing(tmp_path: Path) -> None:
    code = "import sys\nimport asynclint.cli\nprint('\\n'.join(sys.modules))"
    modules = set(process("-c", code, cwd=tmp_path).stdout.decode().split())
    assert not modules & (HEAVY | {"click"})


def test_a_clean_file_is_checked_without_libcst(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("async def f():\n    pass\n")
    assert not loaded("check", ".", cwd=tmp_path) & {"libcst", "yaml", "pathspec", "tomllib", "difflib"}


def test_python_dash_m(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    ran = process("-m", "asynclint", ".", cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"All checks passed!\n", b"")
    (tmp_path / "app.py").write_text("x = = 1\n")
    ran = process("-m", "asynclint", ".", "--output-format", "concise", cwd=tmp_path)
    assert ran.returncode == 1 and ran.stdout.startswith(b"app.py:1:5: AL001 invalid syntax [syntax-error]\n")


def test_a_closed_pipe_is_no_reason_to_complain(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"app{number}.py").write_text("x = = 1\n")
    command = f"{sys.executable} -m asynclint . | head -n 1; exit ${{PIPESTATUS[0]}}"
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=variables, capture_output=True, timeout=120)
    assert ran.stdout.startswith(b"app0.py:1:5:") and ran.stdout.count(b"\n") == 1
    assert ran.stderr == b"" and ran.returncode == 1


def test_what_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "日本.py").write_text("x = = '日本'\n")
    ran = process("-m", "asynclint", ".", cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ran.returncode == 1 and b"\\u65e5\\u672c.py:1:5:" in ran.stdout and ran.stderr == b""


def test_an_interrupt_leaves_the_cache_whole(tmp_path: Path) -> None:
    import sqlite3

    for number in range(12):
        (tmp_path / f"app{number}.py").write_text(f"import time\n\nasync def f{number}():\n    time.sleep(1)\n")
    command = ("check", ".", "--output-format=concise", "--jobs=1")
    stopping = (
        "import os, signal\nfrom asynclint.cli import main\nfrom asynclint.engine.judge import Judge\n"
        "real, seen = Judge.diagnostics, []\n"
        "def judged(*given, **named):\n"
        "    seen.append(1)\n"
        "    if len(seen) == 6: os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(*given, **named)\n"
        f"Judge.diagnostics = judged\nmain({list(command)})"
    )
    ran = process("-c", stopping, cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"asynclint: interrupted\n")
    for path in (tmp_path / ".asynclint_cache").glob("*.db"):
        assert sqlite3.connect(path).execute("pragma integrity_check").fetchone() == ("ok",)
    fresh = process("-m", "asynclint", *command, "--no-cache", cwd=tmp_path)
    for _ in range(2):
        again = process("-m", "asynclint", *command, cwd=tmp_path)
        assert (again.stdout, again.stderr, again.returncode) == (fresh.stdout, b"", 1)
    assert fresh.stdout.count(b"AL201") == 12


ENTRY = "import atexit, sys\n{before}\nfrom asynclint.cli import main\nsys.argv[1:] = {arguments!r}\n{call}\n{after}\n"


def entered(
    cwd: Path, *arguments: str, before: str = "", call: str = "main()", after: str = "print('went on')"
) -> subprocess.CompletedProcess[bytes]:
    """A script that enters the command line the way that the installed one does."""
    code = ENTRY.format(before=before, arguments=list(arguments), call=call, after=after)
    return process("-c", code, cwd=cwd)


def test_the_process_ends_without_freeing_everything(tmp_path: Path) -> None:
    noisy = "class Noisy:\n    def __del__(self): print('freed')\nnoisy = Noisy()"
    ran = entered(tmp_path, "--version", before=noisy)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.startswith(b"asynclint ") and ran.stdout.count(b"\n") == 1


@pytest.mark.parametrize("watch", ["sys.setprofile", "sys.settrace"])
def test_a_process_that_is_watched_ends_as_usual(tmp_path: Path, watch: str) -> None:
    call = "try:\n    main()\nexcept SystemExit: pass"
    ran = entered(tmp_path, "--version", before=f"{watch}(lambda *_: None)", call=call)
    assert (ran.returncode, ran.stdout.split(b"\n")[1:]) == (0, [b"went on", b""])


@pytest.mark.parametrize("text, status", [("x = 1\n", 0), ("x = = 1\n", 1)])
def test_exit_handlers_and_threads_come_before_the_end(tmp_path: Path, text: str, status: int) -> None:
    (tmp_path / "app.py").write_text(text)
    before = (
        "import threading\n"
        "atexit.register(print, 'handler')\n"
        "threading.Thread(target=lambda: (threading.main_thread().join(), print('thread'))).start()"
    )
    ran = entered(tmp_path, "check", ".", "--output-format", "concise", "--no-cache", before=before)
    assert (ran.returncode, ran.stderr) == (status, b"")
    assert ran.stdout.endswith(b"thread\nhandler\n")


@pytest.mark.parametrize("call", ["main(['--version'])", "def inner():\n    main()\ninner()"])
def test_who_calls_it_from_within_goes_on(tmp_path: Path, call: str) -> None:
    wrapped = "try:\n" + "".join(f"    {line}\n" for line in call.split("\n")) + "except SystemExit: pass"
    ran = entered(tmp_path, "--version", call=wrapped)
    assert (ran.returncode, ran.stdout.split(b"\n")[1:]) == (0, [b"went on", b""])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_output_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "asynclint", "."],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=full, stderr=subprocess.PIPE, timeout=120,
        )  # fmt: skip
    assert ran.returncode == 2 and b"No space left on device" in ran.stderr and b"Traceback" not in ran.stderr


def test_a_reader_that_left_before_the_end_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = = 1\n")
    command = f"{sys.executable} -m asynclint . 2>&1 | true; exit ${{PIPESTATUS[0]}}"
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=variables, capture_output=True, timeout=120)
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, b"", b"")
