"""The picture of a report for README.md: `python docs/screenshot.py build/demo/report.html docs/report.png`.

Needs chromium on PATH. Text and flat colours: a palette makes the picture a third as large.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 1100, 1960
COLOURS = 224


def main(page: str, picture: str) -> None:
    """Write the top of `page` as a PNG of `WIDTH` x `HEIGHT`."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("chromium is not on PATH")
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder, "raw.png")
        subprocess.run(
            [
                browser,
                *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}"),
                *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"),
                *("--blink-settings=preferredColorScheme=1", "--virtual-time-budget=10000"),
                *(f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={raw}", Path(page).resolve().as_uri()),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        Image.open(raw).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
