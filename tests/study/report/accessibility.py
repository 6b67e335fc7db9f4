"""A page held against every rule of axe in a headless browser: wide and as a phone, light and dark, in a language."""

import json
import re
import subprocess
from html import unescape
from importlib.resources import files

RUN = """<script>
addEventListener("load", async () => {
  const rules = Object.fromEntries(axe.getRules().map((rule) => [rule.ruleId, { enabled: true }]));
  const found = await axe.run(document, { rules, resultTypes: ["violations"] });
  const first = (nodes) => `${nodes.length} x ${nodes[0].html.slice(0, 150)} ${nodes[0].failureSummary}`;
  const said = found.violations.map((one) => `${one.id}: ${first(one.nodes)}`);
  const place = window.parent.document.documentElement;
  place.setAttribute("data-violations", JSON.stringify(said));
  place.setAttribute("data-passes", found.passes.length);
  place.setAttribute("data-dark", matchMedia("(prefers-color-scheme: dark)").matches);
  place.setAttribute("data-width", innerWidth);
});
</script></body>"""


def violations(browser, html, folder, *, width=1280, dark=False, language="en"):
    """What axe says, and how many rules passed; what the console says fails at once."""
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page = folder / "axe.html"
    page.write_text(html.replace("</body>", f"<script>{axe}</script>{RUN}"), encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(
        f'<!doctype html><html><body style="margin:0"><iframe src="axe.html#language={language}" width="{width}" height="900">'
        "</iframe></body></html>"
    )
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
        "--enable-logging=stderr",
        "--allow-file-access-from-files", f"--window-size={max(width, 500)},900", "--virtual-time-budget=60000",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}", "--dump-dom", frame.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=240, check=True, text=True)
    assert not re.findall(r"CONSOLE.*(?:rror|ncaught)[^\n]*", done.stderr)
    found = re.search(r"<html([^>]*)>", done.stdout)
    assert found is not None
    data = {name: unescape(value) for name, value in re.findall(r'data-([a-z]+)="([^"]*)"', found[1])}
    assert data["dark"] == str(dark).lower() and int(data["width"]) == width
    assert int(data["passes"]) > 20
    return json.loads(data["violations"])
