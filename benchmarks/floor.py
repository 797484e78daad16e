"""The floor: every file parsed with `ast` and nothing else, in the given number of processes."""

from __future__ import annotations

import ast
import gc
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path


def parse(paths: list[str]) -> int:
    """How many of the files can be parsed."""
    gc.disable()
    warnings.simplefilter("ignore")
    count = 0
    for path in paths:
        try:
            ast.parse(Path(path).read_bytes())
        except (SyntaxError, ValueError):
            continue
        count += 1
    return count


def main() -> None:
    root, number = sys.argv[1], int(sys.argv[2])
    paths = sorted(map(str, Path(root).rglob("*.py")))
    if number == 1:
        print(parse(paths))
        return
    with ProcessPoolExecutor(number, get_context("fork" if sys.platform == "linux" else "spawn")) as pool:
        print(sum(pool.map(parse, [paths[start :: number * 12] for start in range(number * 12)])))


if __name__ == "__main__":
    main()
