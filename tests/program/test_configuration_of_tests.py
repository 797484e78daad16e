"""What is read of pytest's configuration: files, order, command lines, and files that say nothing sensible."""

from __future__ import annotations

from pathlib import Path

import pytest

from asynclint.program import test_config as configuration


def written(root: Path, files: dict[str, str]) -> configuration.TestConfig:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "tests").mkdir(exist_ok=True)
    return configuration.read(str(root / "tests"), [str(root)])


@pytest.mark.parametrize(
    "files",
    [
        {"pytest.ini": "[pytest]\nasyncio_mode = auto\n"},
        {".pytest.ini": "[pytest]\nasyncio_mode = AUTO\n"},
        {"tox.ini": "[tox]\n[pytest]\nasyncio_mode = auto\n"},
        {"setup.cfg": "[metadata]\n[tool:pytest]\nasyncio_mode = auto\n"},
        {"pyproject.toml": '[tool.pytest.ini_options]\nasyncio_mode = "auto"\n'},
        {"pyproject.toml": '[tool.pytest]\nasyncio_mode = "auto"\n'},
        {"pytest.toml": '[pytest]\nasyncio_mode = "auto"\n'},
        {"pytest.ini": "[pytest]\naddopts = -ra --asyncio-mode=auto\n"},
        {"pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["--asyncio-mode", "auto"]\n'},
        {"pytest.ini": "[pytest]\naddopts = -o asyncio_mode=auto\n"},
        {"setup.py": "", "noxfile.py": 'session.run("pytest", "--asyncio-mode=auto")\n'},
        {"setup.py": "", "Makefile": "test:\n\tpytest --asyncio-mode=auto\n"},
    ],
)
def test_a_mode_is_found_wherever_it_is_set(files: dict[str, str], tmp_path: Path) -> None:
    config = written(tmp_path, files)
    assert config.mode("asyncio_mode") == "auto"
    assert config.is_project


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "tool = 3\n"},
        {"pyproject.toml": "[tool]\npytest = 3\n"},
        {"pyproject.toml": "[tool.pytest.ini_options\n"},
        {"setup.cfg": "asyncio_mode = auto\n"},
        {"tox.ini": "[tox]\nenvlist = py3\n"},
    ],
)
def test_a_file_that_does_not_speak_to_pytest_makes_a_project_all_the_same(
    files: dict[str, str], tmp_path: Path
) -> None:
    config = written(tmp_path, files)
    assert (config.is_project, config.is_configured, config.mode("asyncio_mode")) == (True, False, "")


def test_without_files_nothing_is_known(tmp_path: Path) -> None:
    config = written(tmp_path, {})
    assert (config.is_project, config.python_files) == (False, ("test_*.py", "*_test.py"))


def test_pytest_ini_comes_before_pyproject(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        {"pytest.ini": "[pytest]\n", "pyproject.toml": '[tool.pytest.ini_options]\nasyncio_mode = "auto"\n'},
    )
    assert config.mode("asyncio_mode") == ""


def test_the_nearest_directory_comes_first(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        {"tests/pytest.ini": "[pytest]\npython_files = check_*.py\n", "pytest.ini": "[pytest]\nasyncio_mode = auto\n"},
    )
    assert (config.root, config.mode("asyncio_mode"), config.python_files) == (
        str(tmp_path / "tests"),
        "",
        ("check_*.py",),
    )


def test_nothing_above_the_root_is_read(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n", encoding="utf-8")
    inner = tmp_path / "project"
    (inner / "tests").mkdir(parents=True)
    assert configuration.read(str(inner / "tests"), [str(inner)]).is_project is False


def test_requirements_are_named_anywhere(tmp_path: Path) -> None:
    config = written(tmp_path, {"setup.py": "", "requirements-dev.txt": "Pytest-Tornasync==0.6\n"})
    assert config.requires("pytest-tornasync")
    assert not config.requires("pytest-aiohttp")


def test_conftests_come_nearest_first(tmp_path: Path) -> None:
    written(tmp_path, {"conftest.py": "", "tests/conftest.py": ""})
    found = configuration.conftests(str(tmp_path / "tests"), str(tmp_path))
    assert list(found) == [str(tmp_path / "tests" / "conftest.py"), str(tmp_path / "conftest.py")]
