"""The page in Markdown, word by word."""

from bephw.accuracy.cells import cells
from bephw.accuracy.markdown import markdown
from bephw.accuracy.record import Record
from bephw.accuracy.summary import summary
from bephw.report.accuracy_lines import accuracy_lines, gain_lines

PAGE = """# Two gates

Test accuracy in percent after the last epoch: mean ± sample standard deviation over 2 seeds; published figures in \
brackets.

|  | wide | tight |
| --- | ---: | ---: |
| 6 | 55.00 ± 7.07 [50.5] | 75.00 ± 7.07 |
| 9 | 55.00 ± 7.07 [60] | 75.00 ± 7.07 |

Gain in points, over runs with equal seed and fold; published figures in brackets.

|  | tight over wide |
| --- | ---: |
| 6 | +20.00 ± 0.00 |
| 9 | +20.00 ± 0.00 [+1.5] |
| mean | +20.00 |

    bephw accuracy x.toml
"""


def figures_of(table, outcome, missing=0):
    found = cells(table)
    records = {
        cell.key: Record(settings={}, **outcome(0.4 + 0.1 * cell.seed + 0.2 * (cell.column == "tight")))
        for cell in found[: len(found) - missing]
    }
    return summary(table, found, records)


def test_the_page(table, outcome):
    assert markdown(figures_of(table(), outcome), "bephw accuracy x.toml") == PAGE


def test_runs_that_are_not_finished_show(table, outcome):
    figures = figures_of(table(), outcome, missing=5)
    assert accuracy_lines(figures)[1] == [
        ["6", "50.00 (1 of 2) [50.5]", "70.00 (1 of 2)"],
        ["9", "50.00 (1 of 2) [60]", "-"],
    ]
    assert "Not complete: some runs are not finished yet." in markdown(figures, "x")


def test_no_comparison_no_gains(table, outcome):
    content = table('[[compare]]\ncolumn = "tight"\nagainst = "wide"\npublished_gain = { "9" = 1.5 }\n', "")
    figures = figures_of(content, outcome)
    assert gain_lines(figures)[1] == []
    assert "Gain" not in markdown(figures, "x")


def test_bars_in_names_do_not_break_the_table(table, outcome):
    text = markdown(figures_of(table('name = "6"', 'name = "a|b"'), outcome), "x")
    assert "| a\\|b | 55.00" in text
