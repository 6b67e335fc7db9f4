"""The pictures of the documentation, made anew from what covolt writes today: `make pictures`.

A headless Chromium opens the page at 1280 px, and another page of its own turns what it saw into WebP; curves that covolt draws
as SVG stay so. Each is held below 150 kB, all below 600 kB.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import covolt
from covolt.study.cases.report import find_browser

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs/pictures"
WIDTH_px = 1280
LARGEST_kB, ALL_kB = 150, 600
QUALITY = 0.85
TURNED = """<!doctype html><img src="data:image/png;base64,{png}"><script>
addEventListener("load", () => {{
  const image = document.querySelector("img"), canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  canvas.getContext("2d").drawImage(image, 0, 0);
  document.body.textContent = canvas.toDataURL("image/webp", {quality});
}});
</script>"""


def _browse(folder: Path, *arguments: str) -> str:
    """What a headless browser says of a page, with a profile of its own."""
    common = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}",
    ]
    light = ["--blink-settings=preferredColorScheme=1", "--virtual-time-budget=20000"]
    command = [find_browser(), *common, *light, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout


def part(page: Path, section: str, folder: Path) -> Path:
    """A copy of a report that shows one section alone."""
    alone = f"<style>header,nav,footer,section:not(#{section}){{display:none!important}}</style></head>"
    path = folder / f"{section}.html"
    path.write_text(page.read_text(encoding="utf-8").replace("</head>", alone, 1), encoding="utf-8")
    return path


def screen(page: Path, picture: Path, height_px: int, folder: Path) -> None:
    """The first screen of a page, as WebP."""
    seen = folder / "seen.png"
    _browse(folder, f"--window-size={WIDTH_px},{height_px}", f"--screenshot={seen}", page.as_uri())
    turned = folder / "turned.html"
    turned.write_text(
        TURNED.format(png=base64.b64encode(seen.read_bytes()).decode(), quality=QUALITY), encoding="utf-8"
    )
    found = re.search(r"data:image/webp;base64,([A-Za-z0-9+/=]+)", _browse(folder, "--dump-dom", turned.as_uri()))
    if found is None:
        raise RuntimeError("the browser turned nothing into WebP")
    picture.write_bytes(base64.b64decode(found[1]))


def _covolt(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "covolt", *arguments], check=True)


def make(folder: Path) -> None:
    """All pictures, of the shipped city car and of the car of the engineer's tutorial."""
    report, drive = folder / "report.html", folder / "drive.html"
    _covolt("report", str(ROOT / "examples/city-car"), "--base", "draft", "--output", str(report))
    screen(report, PICTURES / "report.webp", 900, folder)
    screen(part(report, "section-changes", folder), PICTURES / "who-moved-what.webp", 960, folder)
    _covolt("drive", "city-car", "--cycle", "wltc-3b", "--ambient", "-20 degC", "--plot", str(drive))
    screen(drive, PICTURES / "drive.webp", 1500, folder)
    sizes, air = ["26 kWh", "33 kWh", "40 kWh"], ["-20 degC", "-10 degC", "0 degC", "10 degC", "23 degC"]
    swept = covolt.sweep("city-car", battery_energy=sizes, ambient=air, cycle="wltc-3b")
    covolt.plot(swept.range_m).save(PICTURES / "sweep.svg")


def main() -> int:
    """Make them, and say how large they are."""
    with tempfile.TemporaryDirectory(prefix="covolt-pictures-") as folder:
        make(Path(folder))
    sizes = {one.name: one.stat().st_size / 1e3 for one in sorted(PICTURES.iterdir())}
    for name, size_kB in sizes.items():
        print(f"{name}: {size_kB:.0f} kB")  # noqa: T201  it is what the command says
    return 1 if max(sizes.values()) > LARGEST_kB or sum(sizes.values()) > ALL_kB else 0


if __name__ == "__main__":
    sys.exit(main())
