"""Area and clock: the fit finds what it is given, and the coefficients that are shipped are whole."""

import pytest

from bephw.plan import area
from bephw.plan.area import EXPECTED, PERIOD, fit, lut_features, period_features, predict_area
from bephw.settings import Settings


def _settings(rows, columns, **changes):
    return Settings.build(
        network={"sizes": (96, 40, 20), "classes": 10},
        learning={"gamma": 10},
        hardware={"rows": rows, "columns": columns},
    ).replace({name.replace("_", ".", 1): value for name, value in changes.items()})


SEVERAL = ({}, {"hardware_samples": 2}, {"hardware_samples": 4, "learning_lag": 1}, {"learning_burst": 4})
DESIGNS = [
    _settings(rows, columns, **SEVERAL[(rows + columns // 5) % 4])
    for rows in (1, 2, 4, 8, 10)
    for columns in (2, 5, 10, 20)
]


@pytest.fixture
def coefficients(tmp_path, monkeypatch):
    """A file of coefficients in the place of those that are shipped."""
    path = tmp_path / "coefficients.toml"
    monkeypatch.setattr(area, "COEFFICIENTS", path)
    area._coefficients.cache_clear()
    yield path
    area._coefficients.cache_clear()


def test_fit_finds_the_truth(coefficients):
    costs = {
        name: value * (1.3 if number % 2 else 0.8) for number, (name, value) in enumerate(EXPECTED["ecp5"].items())
    }

    def truth(settings):
        return sum(costs[name] * size for name, size in lut_features(settings, "ecp5").items())

    def clock(settings):
        return 1000 / (9 + 0.5 * period_features(settings, truth(settings), "ecp5")["size"])

    measured = [
        ("ecp5", settings, {"luts": truth(settings), "fmax_mhz": clock(settings) if number % 3 else None})
        for number, settings in enumerate(DESIGNS[::2])
    ]
    fit(measured, coefficients, "a command")
    assert 'command = "a command"' in coefficients.read_text()
    for settings in DESIGNS[1::2]:
        found = predict_area(settings, "ecp5")
        assert found.luts == pytest.approx(truth(settings), rel=0.03)
        assert found.fmax_mhz == pytest.approx(clock(settings), rel=0.03)
        assert sum(found.by_part.values()) == pytest.approx(found.luts, abs=1)


def test_the_period_stays_where_nothing_was_placed(coefficients):
    luts = {"luts": 3000, "fmax_mhz": None}
    fit([("ecp5", settings, luts | {"fmax_mhz": 120.0}) for settings in DESIGNS], coefficients, "placed")
    before = area._coefficients()["ecp5"]["period_ns"]
    fit([("ecp5", settings, luts) for settings in DESIGNS], coefficients, "counted")
    assert area._coefficients()["ecp5"] | {"period_ns": before} == area._coefficients()["ecp5"]


def test_no_coefficients(coefficients):
    with pytest.raises(area.BephwError, match=r"no coefficients for ice40: run benchmarks/plan_model\.py"):
        predict_area(DESIGNS[0], "ice40")


def test_sizes_of_several_samples():
    """What is there for each sample, what is shared, and what only several have."""
    one, four, lagging = (
        lut_features(_settings(4, 10, **changes), "ecp5")
        for changes in ({}, {"hardware_samples": 4}, {"hardware_samples": 4, "learning_lag": 1})
    )
    classifier = 4 * 10
    assert four["lane"] == 4 * (one["lane"] - classifier) + classifier
    assert four["credit lane"] == 4 * one["credit lane"] and four["vote bit"] == 4 * one["vote bit"]
    for shared in ("trainer", "layer", "copied lane", "counter bit", "pipelined layer", "cycle counter"):
        assert four[shared] == one[shared], shared
    several = ("channel", "vote row", "bank bit", "lagging layer", "lagging row", "burst counter")
    assert all(one[name] == 0 for name in several)
    assert (four["channel"], four["vote row"]) == (2 * 3, 4 * 4)
    # Three further words to choose from, by the updates of two layers and the classifier.
    assert four["bank bit"] == 3 * 3 * 10
    assert (lagging["lagging layer"], lagging["lagging row"]) == (2, 60)
    assert four["lagging layer"] == four["lagging row"] == 0
    assert lut_features(_settings(4, 10, learning_burst=8), "ecp5")["burst counter"] == 2 * 10


def test_a_period_with_several_samples():
    settings = _settings(4, 10, hardware_samples=4)
    wired = settings.replace({"hardware.wire_registers": 1})
    found = period_features(settings, 4000, "ecp5", {"block": 104})
    assert found == {
        "base": 1,
        "size": 2,
        "fullness": pytest.approx(4000 / 83640),
        "single port": False,
        "channels": 2 * 2,
        "bare wires": 0.5,
    }
    assert period_features(wired, 4000, "ecp5", {"block": 104}) == found | {"bare wires": 0}


@pytest.mark.parametrize("family", ["ecp5", "ice40"])
def test_shipped_coefficients(family):
    found = area._coefficients()[family]
    assert set(found["luts"]) == set(EXPECTED[family])
    assert set(found["period_ns"]) == set(PERIOD[family])
    assert all(value >= 0 for value in (*found["luts"].values(), *found["period_ns"].values()))
    small, large = (predict_area(_settings(rows, 10), family) for rows in (1, 10))
    assert small.luts < large.luts
    assert small.fmax_mhz >= large.fmax_mhz > 5


@pytest.mark.parametrize(
    ("family", "sizes", "classes", "gamma", "hardware", "luts", "brams", "steps"),
    [
        (
            "ecp5",
            (784, 255, 255),
            10,
            51,
            {
                "rows": (6, 6, 2),
                "columns": (196, 64, 29),
                "update_columns": (98, 32),
                "stream_width": 7,
                "renewal": "sweep",
            },
            10_474,
            206,
            None,
        ),
        (
            "ecp5",
            (300, 120, 80, 40),
            6,
            (30, 20, 10),
            {"rows": (24, 2, 1, 1), "columns": (12, 40, 27, 4), "update_columns": (6, 2, 3), "stream_width": 6},
            6639,
            87,
            None,
        ),
        (
            "ice40",
            (192, 63, 63),
            10,
            21,
            {
                "rows": (4, 3, 1),
                "columns": (16, 8, 6),
                "update_columns": (4, 4),
                "counter_memory": "spram",
                "renewal": "sweep",
            },
            4529,
            29,
            None,
        ),
        (
            "ecp5",
            (100, 40, 40),
            4,
            (8, 8),
            {"rows": (8, 4, 1), "columns": (35, 20, 8), "update_columns": (7, 5), "stream_width": 10},
            8019,
            34,
            5,
        ),
    ],
)
def test_designs_that_were_not_fitted(family, sizes, classes, gamma, hardware, luts, brams, steps):
    """As nextpnr packs them (benchmarks/plan_model.py)."""
    settings = Settings.build(
        network={"sizes": sizes, "classes": classes},
        learning={"gamma": gamma, "algorithm": "bep-tt" if steps else "bep"},
        hardware={"profile": False, **hardware},
        data={"steps": steps},
    )
    found = predict_area(settings, family)
    assert found.luts == pytest.approx(luts, rel=0.1)
    assert found.brams == brams


SEVERAL_SAMPLES = {
    "192-63-63-10": (
        {"sizes": (192, 63, 63), "classes": 10},
        {"gamma": 21},
        {
            "samples": 3,
            "slots": 12,
            "rows": (3, 3, 2),
            "columns": (64, 21, 16),
            "update_columns": (16, 21),
            "stream_width": 16,
        },
        (8233, 58),
    ),
    "300-120-80-40-6": (
        {"sizes": (300, 120, 80, 40), "classes": 6},
        {"gamma": (30, 20, 10), "lag": 1, "burst": 8},
        {
            "samples": 2,
            "rows": (8, 4, 2, 1),
            "columns": (30, 40, 16, 8),
            "update_columns": (6, 4, 4),
            "stream_width": 10,
        },
        (10_471, 96),
    ),
    "784-255-255-10": (
        {"sizes": (784, 255, 255), "classes": 10},
        {"gamma": 51, "lag": 1, "burst": 8},
        {
            "samples": 3,
            "slots": 24,
            "rows": (7, 7, 10),
            "columns": (196, 70, 28),
            "update_columns": (98, 35),
            "stream_width": 28,
            "sample_memory": "auto",
            "wire_registers": 1,
        },
        (34_148, 203),
    ),
}


@pytest.mark.parametrize("name", SEVERAL_SAMPLES)
def test_designs_of_several_samples_that_were_not_fitted(name):
    """As nextpnr packs them (benchmarks/plan_model.py)."""
    network, learning, hardware, (luts, brams) = SEVERAL_SAMPLES[name]
    settings = Settings.build(network=network, learning=learning, hardware={"profile": False, **hardware})
    found = predict_area(settings, "ecp5")
    assert found.luts == pytest.approx(luts, rel=0.05)
    assert found.brams == brams


@pytest.mark.parametrize(
    ("hardware", "learning", "mhz"),
    [
        (
            {"samples": 4, "rows": (4, 2, 1), "columns": (16, 8, 8), "update_columns": (8, 8), "stream_width": 8},
            {},
            99.4,
        ),
        (
            {
                "samples": 2,
                "rows": (4, 4, 2),
                "columns": (48, 21, 13),
                "update_columns": (24, 21),
                "stream_width": 12,
                "sample_memory": "auto",
            },
            {"lag": 1, "burst": 8},
            116.4,
        ),
    ],
)
def test_clocks_of_several_samples(hardware, learning, mhz):
    """Placed and routed once each; 192-63-63-10."""
    settings = Settings.build(
        network={"sizes": (192, 63, 63), "classes": 10},
        learning={"gamma": 21, **learning},
        hardware={"profile": False, **hardware},
    )
    assert predict_area(settings, "ecp5").fmax_mhz == pytest.approx(mhz, rel=0.1)
