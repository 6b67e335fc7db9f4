"""Verdicts of a programme as a table in Markdown, for a comment at a forge; ends with 1 where a law is not shown to be met.

It reads what `covolt verify --json` printed: python verdicts.py verdicts.json > comment.md
"""

import json
import sys

told = json.load(open(sys.argv[1], encoding="utf-8"))
rows = [
    f"| {one['requirement']} | {one['party']} | {one['kind']} | {one['verdict']} |"
    for one in sorted(told["verdicts"], key=lambda one: (one["verdict"] == "met", one["requirement"]))
]
print("| Requirement | Party | Kind | Verdict |", "| --- | --- | --- | --- |", *rows, sep="\n")
laws = [
    one["requirement"]
    for one in told["verdicts"]
    if one["kind"] == "law" and one["verdict"] in {"not met", "within uncertainty"}
]
if laws:
    print(f"\nLaw is not shown to be met: {', '.join(laws)}")
sys.exit(bool(laws))
