"""Programs made by chance: many small modules that call, await and forget each other across files."""

from __future__ import annotations

from random import Random

_PLAIN = ["time.sleep(1)", "subprocess.run(['ls'])", "urllib.request.urlopen(url)", "len(url)", "lock.acquire()"]
_IMPORTS = "import asyncio\nimport subprocess\nimport threading\nimport time\nimport urllib.request\n"


def program(seed: int, modules: int = 6, functions: int = 4) -> dict[str, str]:
    """Path to text; the same for the same arguments. Imports run in cycles."""
    random = Random(seed)
    paths = [random.choice(["", "pkg/", "pkg/deep/"]) + f"m{number}.py" for number in range(modules)]
    files = {f"{package}__init__.py": "" for package in ("pkg/", "pkg/deep/")}
    names = {path: path.removesuffix(".py").replace("/", ".") for path in paths}
    for path in paths:
        others = random.sample([each for each in paths if each != path], 2)
        lines = [_IMPORTS, *(_import(names[other], functions, random) for other in others)]
        known = [_spelling(line, number) for line in lines[1:] for number in range(functions)]
        own = [f"f{number}" for number in range(functions)]
        lines.append("\nlock = threading.Lock()\n")
        for number in range(functions):
            lines.append(_function(number, [*known, *own], random))
        lines.append(_class(known, random))
        files[path] = "\n".join(lines)
    # What a package re-exports, under another name.
    files["pkg/__init__.py"] = f"from {names[paths[0]]} import f0 as exported\n"
    return files


def _import(module: str, functions: int, random: Random) -> str:
    stem = module.rpartition(".")[2]
    names = ", ".join(f"f{number} as {stem}_f{number}" for number in range(functions))
    return random.choice([f"import {module} as {stem}", f"from {module} import {names}"])


def _spelling(imported: str, number: int) -> str:
    """How function `number` of the module that this line imports is written."""
    if imported.startswith("import "):
        return f"{imported.rpartition(' ')[2]}.f{number}"
    return imported.split(" as ")[1].split(",")[0].removesuffix("f0") + f"f{number}"


def _function(number: int, known: list[str], random: Random, indent: str = "", receiver: str = "") -> str:
    # Whether a function is async follows from its number, so that calls are of all four kinds.
    is_async = number % 2 == 1
    lines = [f"{indent}{'async ' if is_async else ''}def f{number}({receiver}url=''):"]
    for _ in range(random.randint(1, 3)):
        lines += [f"{indent}    {line}" for line in _statement(is_async, known, random)]
    return "\n".join([*lines, ""])


def _statement(is_async: bool, known: list[str], random: Random) -> list[str]:
    callee = random.choice(known)
    simple = [
        [random.choice(_PLAIN)],
        [f"{callee}(url)"],
        [f"x = {callee}(url)", "print(x)"],
        [f"return {callee}(url)"],
    ]
    if not is_async:
        return random.choice(simple)
    awaiting = [
        [f"await {callee}(url)"],
        [f"await asyncio.gather({callee}(url), asyncio.sleep(1))"],
        [f"asyncio.create_task({callee}(url))"],
        [f"await asyncio.to_thread({callee}, url)"],
        [f"if {callee}(url):", "    await asyncio.sleep(1)"],
        ["try:", f"    await {callee}(url)", "except BaseException:", f"    {random.choice(['pass', 'raise'])}"],
        [f"async with asyncio.timeout(1): await {callee}()"],
    ]
    return random.choice(simple + awaiting)


def _class(known: list[str], random: Random) -> str:
    methods = [_function(number, [*known, "self.f0", "self.f1"], random, "    ", "self, ") for number in range(2)]
    return "\n".join(
        ["\nclass Client:", *methods, "", "async def use(): Client().f1()", "async def f_0(): Client().f0()"]
    )
