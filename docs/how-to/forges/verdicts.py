"""Verdicts of a programme as a table in Markdown, for a comment at a forge; ends with 1 where a law is not shown to be met.

It reads what `covolt verify --json` printed. Its place is .github/verdicts.py or .gitlab/verdicts.py, and it is run as
python verdicts.py verdicts.json > comment.md
"""

import json
import sys
from pathlib import Path

found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["verdicts"]
lines = ["| Requirement | Party | Kind | Verdict |", "| --- | --- | --- | --- |"]
lines += [
    f"| {one['requirement']} | {one['owner']} | {one['kind']} | {one['verdict']} |"
    for one in sorted(found, key=lambda one: (one["verdict"] == "met", one["requirement"]))
]
broken = [
    one["requirement"] for one in found if one["kind"] == "law" and one["verdict"] in {"not met", "within uncertainty"}
]
lines += ["", f"Law is not shown to be met: {', '.join(broken)}"] if broken else []
sys.stdout.write("\n".join(lines) + "\n")
sys.exit(bool(broken))
