"""How fast asynclint is, against the floor of what Python can do and against other tools.

`python -m benchmarks` measures, prints ratios, and with `--write` puts the table into
`docs/performance.md`. Contenders of one row take turns, so that what slows the machine down slows
all of them, and the median counts.
"""
