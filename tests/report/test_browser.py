"""The page in a real browser: charts are drawn, nothing complains, nothing is wider than a phone, both themes."""

import json
import re
import shutil
import subprocess

import pytest

from bephw.report import render

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on PATH")

PHONE, DESKTOP = 390, 1200

# The page in a frame as wide as a phone (a browser's own window is never that narrow), and what is to be seen in it.
PROBE = """<!DOCTYPE html><meta charset="utf-8"><body><script>
const frame = document.createElement("iframe");
frame.width = WIDTH; frame.height = 900; frame.srcdoc = PAGE;
document.body.append(frame);
const wanted = CHARTS;
let tries = 0;
function look() {
  const page = frame.contentDocument, root = page.documentElement;
  if (Number(root.dataset.charts || 0) < wanted && ++tries < 100) return setTimeout(look, 50);
  const found = ACTIONS;
  setTimeout(() => tell(page, found), 300);
}
function tell(page, found) {
  const style = frame.contentWindow.getComputedStyle(page.body);
  const seen = {
    width: frame.contentWindow.innerWidth,
    scroll: page.scrollingElement.scrollWidth,
    charts: page.querySelectorAll("figure.drawn .live svg path").length,
    still: [...page.querySelectorAll(".still")].filter((still) => still.clientHeight > 0).length,
    background: style.backgroundColor,
    ink: style.color,
    found,
    after: AFTER,
  };
  document.body.textContent = "SEEN" + JSON.stringify(seen) + "END";
}
frame.addEventListener("load", () => setTimeout(look, 50));
</script>"""


def look(folder, page, width=DESKTOP, *, dark=False, actions="null", after="null", charts=None):
    """What `PROBE` saw of a page, and the lines on the browser's console."""
    count = page.count('<figure class="chart">') if charts is None else charts
    script = (
        PROBE.replace("WIDTH", str(width))
        .replace("CHARTS", str(count))
        .replace("ACTIONS", actions)
        .replace("AFTER", after)
    )
    html = folder / "probe.html"
    html.write_text(script.replace("PAGE", json.dumps(page).replace("<", "\\u003c")), encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER,
            *("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"),
            *(f"--blink-settings=preferredColorScheme={0 if dark else 1}", "--virtual-time-budget=20000"),
            *("--enable-logging=stderr", "--window-size=1400,1000", "--dump-dom", html.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    seen = re.search(r"SEEN(\{.*\})END", done.stdout)
    assert seen, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(seen[1]), re.findall(r"CONSOLE:\d+\] (.*)", done.stderr)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_everything_is_drawn_and_fits(documents, tmp_path, width, dark):
    seen, console = look(tmp_path, render(documents.ALL), width, dark=dark)
    assert console == []
    assert seen["charts"] > 0
    assert seen["still"] == 0
    assert seen["width"] == width
    assert seen["scroll"] <= width
    background, ink = (sum(map(int, re.findall(r"\d+", seen[key])[:3])) for key in ("background", "ink"))
    assert (background < ink) == dark
    assert abs(background - ink) > 400  # of 765: black on white


def test_wide_things_stay_within_a_phone(documents, tmp_path):
    """Long names, many columns, a long bitstream path, twenty classes."""
    name = "unbrokenname" * 12
    classes = [{"name": f"{name}{index}", "samples": 1, "right": 1} for index in range(20)]
    counts = [[1] * 20 for _ in range(20)]
    train = {
        **documents.FULL_TRAIN,
        "confusion": {"classes": classes, "counts": counts, "confused": []},
        "data": {"name": name, "train_samples": 20, "classes": [{"name": name, "train": 20, "test": 1}]},
        "examples": documents.examples("features", (40,)),
        "warnings": [name],
    }
    table = {**documents.ACCURACY, "columns": [f"column {index}" for index in range(12)]}
    table["cells"] = [{**documents.ACCURACY["cells"][0], "column": column} for column in table["columns"]]
    build = {**documents.BUILD, "bitstream": f"/{name}/{name}.bin", "board": name}
    seen, console = look(tmp_path, render([train, table, build, documents.SIM]), PHONE)
    assert (console, seen["scroll"] <= PHONE) == ([], True)


LABELS = '[...page.querySelectorAll(".live .role-axis-label text")].map((label) => label.textContent).join()'


def test_a_chart_tells_values(documents, tmp_path):
    point = """(() => {
      const box = page.querySelector(".live svg").getBoundingClientRect();
      const at = { clientX: box.x + box.width * 0.9, clientY: box.y + box.height * 0.6, bubbles: true };
      for (const path of page.querySelectorAll(".live svg path")) {
        path.dispatchEvent(new frame.contentWindow.PointerEvent("pointermove", at));
      }
      return page.querySelector("#vg-tooltip-element").textContent;
    })()"""
    seen, _ = look(tmp_path, render([documents.FULL_TRAIN]), actions=point)
    for value in ("epoch2", "training70.00", "held out81.25", "not encoded)90.00", "the same 64 bits)87.50"):
        assert value in seen["found"]


@pytest.mark.parametrize("shift", [True, False])
def test_a_chart_zooms_with_the_shift_key_only(documents, tmp_path, shift):
    turn = """(() => {
      const svg = page.querySelector(".live svg"), box = svg.getBoundingClientRect();
      const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true };
      const wheel = { ...at, deltaY: -300, shiftKey: SHIFT, cancelable: true };
      const before = LABELS;
      for (const path of svg.querySelectorAll("path")) {
        path.dispatchEvent(new frame.contentWindow.WheelEvent("wheel", wheel));
      }
      return before;
    })()""".replace("SHIFT", str(shift).lower()).replace("LABELS", LABELS)
    seen, _ = look(tmp_path, render([documents.FULL_TRAIN]), actions=turn, after=LABELS)
    assert (seen["found"] != seen["after"]) == shift


def test_a_class_of_the_confusion_matrix_shows_its_samples(documents, tmp_path):
    choose = """(() => {
      const cell = page.querySelector('.confusion td[data-label="dog"][data-prediction="cat"]');
      cell.click();
      const first = page.querySelector(".picked").textContent + page.querySelectorAll(".picked .sample").length;
      cell.click();
      return [first, page.querySelector(".picked").hidden, page.querySelectorAll(".confusion .choice").length];
    })()"""
    seen, console = look(tmp_path, render([documents.FULL_TRAIN]), actions=choose)
    first, hidden, choices = seen["found"]
    assert console == []
    assert re.sub(r"\s+", " ", first).startswith("dog taken for cat")
    assert first.endswith("1")
    assert hidden
    # Two counts have samples; so have the rows cat and dog, and the column cat.
    assert choices == 5


def test_samples_are_those_of_the_same_training(documents, tmp_path):
    """Two trainings with the same classes on one page."""
    choose = """(() => {
      const tables = [...page.querySelectorAll(".confusion")];
      return tables.map((table) => {
        table.querySelector('th[data-label="cat"]').click();
        return table.closest("section").querySelectorAll(".picked .sample").length;
      });
    })()"""
    twice = documents.examples("image", (8, 8))
    twice["samples"] = twice["samples"] + twice["samples"][1:]
    page = render([documents.FULL_TRAIN, {**documents.FULL_TRAIN, "examples": twice}])
    assert look(tmp_path, page, actions=choose)[0]["found"] == [1, 2]


def test_a_part_of_the_floor_plan_alone(documents, tmp_path):
    choose = """(() => {
      page.querySelector('.legend li[data-mark="b"]').click();
      return [...page.querySelectorAll(".floor .part")].map((part) => part.classList.contains("shown"));
    })()"""
    seen, _ = look(tmp_path, render([documents.BUILD]), actions=choose)
    assert seen["found"] == [False, True]


def test_pictures_stand_in_where_the_library_fails(documents, tmp_path):
    broken = render([documents.TRAIN]).replace("window.vegaEmbed", "window.nothing")
    seen, _ = look(tmp_path, broken, charts=0)
    assert (seen["charts"], seen["still"]) == (0, 1)
