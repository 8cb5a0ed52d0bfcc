"""Settings: legal ones derive the numbers of numerics.md, illegal ones are one clean line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.errors import BephwError
from bephw.settings import Settings

NETWORK = {"sizes": [12, 6, 4], "classes": 3}


def refusal(**parts: Any) -> str:
    with pytest.raises(BephwError) as caught:
        Settings.build(**{"network": NETWORK, **parts})
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("settings: ")
    return message.removeprefix("settings: ")


def made(**parts: Any) -> Settings:
    return Settings.build(**{"network": NETWORK, **parts})


@pytest.mark.parametrize(
    ("learning", "message"),
    [
        ({"bits": 1}, "learning.bits: must be at least 2, not 1"),
        ({"bits": 17}, "learning.bits: must be at most 16, not 17"),
        ({"bits": 8.0}, "learning.bits: must be an integer, not 8.0"),
        ({"bits": True}, "learning.bits: must be an integer, not True"),
        ({"bits": "8"}, "learning.bits: must be an integer, not '8'"),
        ({"gamma": 2.5}, "learning.gamma: must be an integer or a list, not 2.5"),
        ({"gamma": [2.5, 1]}, "learning.gamma[0]: must be an integer, not 2.5"),
        ({"gamma": [1, True]}, "learning.gamma[1]: must be an integer, not True"),
        ({"gamma": [3]}, "learning.gamma must have 2 entries, one a layer, not 1"),
        ({"gamma": [4, 1]}, "learning.gamma[0] must divide the layer's 6 outputs, not 4"),
        ({"gamma": 0}, "learning.gamma[0] must divide the layer's 6 outputs, not 0"),
        ({"nu": "0.5"}, "learning.nu: must be a number or a list, not '0.5'"),
        ({"nu": [0.1, "x"]}, "learning.nu[1]: must be a number, not 'x'"),
        ({"nu": [0.1, -0.1]}, "learning.nu[1] must be 0 to 65535, not -0.1"),
        ({"nu": float("nan")}, "learning.nu: must be a finite number or a list, not nan"),
        ({"r": float("inf")}, "learning.r: must be a finite number, not inf"),
        ({"r": 3}, "learning.r: must be at most 2, not 3"),
        ({"R": 2**31}, "learning.R[0] must be -2147483648 to 2147483647, not 2147483648"),
        ({"R": 1, "r": 0.5}, "learning.R and r say the same thing: give one, not both"),
        ({"G": 1, "nu": 0.5}, "learning.G and nu say the same thing: give one, not both"),
        ({"rates": 1, "p_r": 0.5}, "learning.rates and p_r say the same thing: give one, not both"),
        ({"G": -1}, "learning.G[0] must be 0 to 4294967295, not -1"),
        ({"rates": [0, 2**32]}, "learning.rates[1] must be 0 to 4294967295, not 4294967296"),
        ({"generators": [1]}, "learning.generators must have 2 entries, one a layer, not 1"),
        ({"generators": [1, 0]}, "learning.generators[1] must be a nonzero 32-bit word, not 0"),
        ({"tie": "minus"}, "learning.tie: must be 'keep' or 'plus', not 'minus'"),
        ({"batch": 0}, "learning.batch: must be at least 1, not 0"),
        ({"burst": 3}, "learning.burst must be 1, 2, 4, 8 or 16, not 3"),
        ({"burst": 32}, "learning.burst must be 1, 2, 4, 8 or 16, not 32"),
        ({"burst": 0}, "learning.burst must be 1, 2, 4, 8 or 16, not 0"),
        ({"burst": 2.0}, "learning.burst: must be an integer, not 2.0"),
        ({"burst": True}, "learning.burst: must be an integer, not True"),
        ({"burst": [1, 2]}, "learning.burst: must be an integer, not [1, 2]"),
        (
            {"burst": 2, "reinforcement": "bernoulli"},
            "learning.burst must be 1 with reinforcement bernoulli, not 2",
        ),
        ({"lag": 2}, "learning.lag: must be at most 1, not 2"),
        ({"lag": -1}, "learning.lag: must be at least 0, not -1"),
        ({"lag": True}, "learning.lag: must be an integer, not True"),
        ({"sigma": 0}, "learning.sigma: must be greater than 0, not 0"),
        ({"learning_rate": 1}, "learning.learning_rate: unknown key"),
    ],
)
def test_bad_hyperparameters_are_named(learning: dict[str, Any], message: str) -> None:
    assert refusal(learning=learning) == message


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"network": {"sizes": [4], "classes": 2}}, "network.sizes: must have at least 2 entries, not [4]"),
        ({"network": {"sizes": [4, 0], "classes": 2}}, "network.sizes[1] must be 1 to 65535, not 0"),
        ({"network": {"sizes": [65536, 1], "classes": 2}}, "network.sizes[0] must be 1 to 65535, not 65536"),
        ({"network": {"sizes": 4, "classes": 2}}, "network.sizes: must be a list, not 4"),
        ({"network": {"sizes": [4, 4]}}, "network.classes: required"),
        (
            {"network": {"sizes": [4, 4], "classes": 1}},
            "network.classes must be at least 2 (or 0, as many as the data have), not 1",
        ),
        (
            {"baseline": {"estimator": "sine"}},
            "baseline.estimator: must be 'scaled', 'textbook', 'fda', 'swish' or 'bnn++', not 'sine'",
        ),
        ({"baseline": {"noise": 1}}, "baseline.noise: must be true or false, not 1"),
        ({"baseline": {"mu": [0.0, 5.0]}}, "baseline.mu[0] must be above 0 and at most 1000000, not 0.0"),
        ({"baseline": {"mu": [1.0, 2e6]}}, "baseline.mu[1] must be above 0 and at most 1000000, not 2000000.0"),
        ({"baseline": {"mu": [5.0, 4.0]}}, "baseline.mu[1] must be at least mu[0] = 5.0, not 4.0"),
        ({"baseline": {"mu": [5.0]}}, "baseline.mu[1]: required"),
        ({"baseline": {"mu": 5.0}}, "baseline.mu: must be a list, not 5.0"),
        ({"hardware": {"rows": 7}}, "hardware.rows must be 1 to 6 (the widest layer), not 7"),
        ({"hardware": {"rows": [1, 1, 4]}}, "hardware.rows[2] must be 1 to 3 (the layer's size), not 4"),
        ({"hardware": {"rows": [1, 1]}}, "hardware.rows must have 3 entries, one a layer, not 2"),
        ({"hardware": {"columns": 0}}, "hardware.columns must be 1 to 12 (the widest layer), not 0"),
        (
            {"hardware": {"columns": 6, "update_columns": 4}},
            "hardware.update_columns[0] must divide the layer's 6 columns, not 4",
        ),
        ({"hardware": {"profile": 1}}, "hardware.profile: must be true or false, not 1"),
        (
            {"data": {"encoder": {"kind": "x"}}},
            "data.encoder.kind: must be 'thermometer', 'median', 'threshold', 'none' or 'kept', not 'x'",
        ),
        ({"data": {"encoder": 3}}, "data.encoder: must be a table, not 3"),
        ({"data": {"path": 3}}, "data.path: must be a string, not 3"),
        ({"board": {"clock_mhz": "12"}}, "board.clock_mhz: must be a number, not '12'"),
        ({"learning": 3}, "learning: must be a table, not 3"),
        ({"board": {"baud": "x" * 100}}, "board.baud: must be an integer, not '" + "x" * 56 + "..."),
        ({"speed": 3}, "speed: unknown key"),
    ],
)
def test_other_bad_fields_are_named(parts: dict[str, Any], message: str) -> None:
    assert refusal(**parts) == message


def test_the_network_is_required() -> None:
    with pytest.raises(BephwError, match=r"^settings: network: required$"):
        Settings.build()


def test_ratios_are_the_decimals_that_were_written() -> None:
    # 0.7 * 10 is 7.000000000000001 and 0.29 * 100 is 28.999999999999996 in binary fractions.
    wide = Settings.build(network={"sizes": [100, 10], "classes": 2}, learning={"r": 0.7, "nu": 0.29})
    assert wide.R == 7
    assert wide.G == (29,)


@pytest.mark.parametrize(("r", "R"), [(0.25, 1), (0.26, 2), (-0.26, -1), (0, 0), (1, 4)])
def test_the_margin_is_rounded_up(r: float, R: int) -> None:
    assert made(learning={"r": r}).R == R


def test_a_number_holds_for_every_layer() -> None:
    parameters = made(learning={"gamma": 2, "G": 5, "rates": 7})
    assert (parameters.gamma, parameters.G, parameters.fixed_rates) == ((2, 2), (5, 5), (7, 7))
    assert made().fixed_rates is None


def test_gates_scale_with_the_inputs_of_their_layer() -> None:
    assert made(learning={"nu": [0.5, 0.5]}).G == (6, 3)


def test_default_folding_fits_the_narrowest_network() -> None:
    narrow = Settings.build(network={"sizes": [1, 1], "classes": 2})
    assert [(shape.rows, shape.columns) for shape in narrow.shapes] == [(1, 1)]


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        made().learning.bits = 4  # type: ignore[misc]


def test_replace_changes_what_is_named_only() -> None:
    before = made(learning={"nu": 0.5})
    after = before.replace({"learning.bits": 4, "hardware.rows": 2})
    assert (after.learning.bits, after.hardware.rows, after.learning.nu) == (4, 2, 0.5)
    assert before.learning.bits == 8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning.bits": 1}, "settings: learning.bits: must be at least 2, not 1"),
        ({"nothing.bits": 1}, "settings: nothing: unknown key"),
        ({"data.name.length": 1}, "settings: data.name: must be "),
        ({"network.classes.x": 1}, "settings: network.classes.x: classes has no fields"),
    ],
)
def test_bad_replacements_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BephwError) as caught:
        made().replace(changes)
    assert str(caught.value).startswith(message)


def test_one_folding_for_every_layer_is_clipped() -> None:
    folded = made().with_folding(rows=5, columns=8)
    assert folded.hardware.rows == (5, 4, 3)
    assert folded.hardware.columns == (8, 6, 4)
    with pytest.raises(BephwError, match=r"^hardware\.rows: must be at least 1, not 0$"):
        made().with_folding(rows=0)


def test_toml_and_json_round_trip(tmp_path: Path) -> None:
    file = tmp_path / "net.toml"
    file.write_text("[network]\nsizes = [12, 6, 4]\nclasses = 3\n[learning]\ngamma = [3, 2]\nnu = 0.2\n")
    parameters = Settings.from_toml(file)
    assert parameters == made(learning={"gamma": [3, 2], "nu": 0.2})
    assert Settings.model_validate_json(parameters.to_json()) == parameters


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"sizes = [", "not valid TOML: "),
        (b"\xff", "is not UTF-8 text (byte 0xff in line 1)"),
        (b"[network]\nsizes = [2, 2]\n", "network.classes: required"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "net.toml"
    file.write_bytes(content)
    with pytest.raises(BephwError) as caught:
        Settings.from_toml(file)
    assert "\n" not in str(caught.value)
    assert f"{file}: {message}" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BephwError) as caught:
        Settings.from_toml(tmp_path / "none.toml")
    assert str(caught.value) == f"settings file {tmp_path / 'none.toml'}: cannot be read: No such file or directory"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
FIELDS = st.sampled_from(
    [
        "network.sizes",
        "network.classes",
        "data.encoder",
        "data.encoder.levels",
        "hardware.rows",
        "hardware",
        "board.baud",
    ]
    + [f"learning.{name}" for name in ("bits", "R", "r", "G", "nu", "gamma", "rates", "generators", "seed", "sigma")]
)


@settings(max_examples=300)
@given(field=FIELDS, value=JSON)
def test_anything_is_either_legal_or_one_line(field: str, value: Any) -> None:
    try:
        changed = made().replace({field: value})
    except BephwError as error:
        assert len(str(error).splitlines()) == 1
        assert str(error).startswith("settings: ")
    else:
        assert len(changed.shapes) == changed.network.layers
        assert len(changed.G) == len(changed.gamma) == changed.network.layers
        assert isinstance(changed.R, int)


def test_counters_that_are_clipped_once_a_batch_have_a_bit_to_spare():
    """Between the ends of batches they go beyond their limits, in 16 bits."""
    with pytest.raises(BephwError, match=r"learning.bits must be at most 15 with clipping batch, not 16"):
        Settings.build(network={"sizes": [4, 2], "classes": 2}, learning={"bits": 16, "clipping": "batch"})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"label": "y"}, "data.label is for csv: leave it out for digits"),
        ({"name": "npz", "separator": ";"}, "data.separator is for csv: leave it out for npz"),
        ({"name": "ucr", "missing": "median"}, "data.missing is for csv and npz: leave it out for ucr"),
        ({"name": "csv", "missing": "mean"}, "data.missing: must be 'median', not 'mean'"),
        ({"name": "csv", "decimal": ";"}, "data.decimal: must be '.' or ',', not ';'"),
        ({"name": "csv", "decimal": ",", "thousands": ","}, "data.thousands must not be the decimal sign, ','"),
        ({"name": "csv", "separator": ""}, "data.separator: "),
        ({"name": "csv", "separator": "\n"}, "data.separator must not be '\\n'"),
        ({"name": "csv", "separator": ",", "decimal": ","}, "data.separator must not be the decimal sign, ','"),
        ({"name": "csv", "label": True}, "data.label: must be an integer or a string, not True"),
        ({"name": "csv", "ignore": [1.5]}, "data.ignore[0]: must be an integer or a string, not 1.5"),
        ({"name": "csv", "ignore": "y"}, "data.ignore: must be a list, not 'y'"),
    ],
)
def test_fields_of_tables(data: dict[str, Any], message: str) -> None:
    found = refusal(data=data)
    assert found == message or (message.endswith(": ") and found.startswith(message))


def test_what_the_data_decide() -> None:
    open_ = Settings.build(network={"sizes": [0, 6], "classes": 0}, hardware={"rows": 3, "columns": 50})
    assert open_.open
    known = open_.with_data(60, 4)
    assert (known.network.sizes, known.network.classes, known.open) == ((60, 6), 4, False)
    assert made().with_data(60, 4) == made()
    with pytest.raises(BephwError, match=r"hardware\.columns must be 1 to 40 \(the widest layer\), not 50"):
        open_.with_data(40, 4)


def test_settings_come_back_from_their_json() -> None:
    """Also where the default folding is wider than any layer."""
    narrow = Settings.build(network={"sizes": [3, 4], "classes": 2})
    again = Settings.build(**json.loads(narrow.to_json()))
    assert again.to_json() == narrow.to_json()
    assert again.shapes == narrow.shapes


def test_pins_that_are_not_named_leave_the_hash_as_it_was():
    plain = Settings.build(network={"sizes": [4, 2], "classes": 2})
    assert "uart_pins" not in plain.to_json()
    named = plain.replace({"board.uart_pins": ["pmod_0:3", "pmod_0:2"]})
    assert '"uart_pins": ["pmod_0:3", "pmod_0:2"]' in named.to_json()
    assert Settings.build(**named.model_dump()) == named and Settings.build(**plain.model_dump()) == plain


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ({"generated": [5]}, "network.generated must have 2 entries, one a layer, not 1"),
        ({"generated": [5, -1]}, "network.generated[1] must be a 32-bit seed, or 0 for stored weights, not -1"),
        (
            {"generated": [2**32, 0]},
            f"network.generated[0] must be a 32-bit seed, or 0 for stored weights, not {2**32}",
        ),
        (
            {"generated": [5, 0], "thresholds": False},
            "network.thresholds must be true with generated weights, which do not learn, not false",
        ),
        ({"generated": 5}, "network.generated: must be a list, not 5"),
    ],
)
def test_generated_weights_that_cannot_be(network: dict[str, Any], message: str) -> None:
    with pytest.raises(BephwError) as caught:
        Settings.build(network={"sizes": [40, 30, 20], "classes": 3, "thresholds": True, **network})
    assert str(caught.value) == f"settings: {message}"


def test_columns_of_generated_weights() -> None:
    settings = Settings.build(
        network={"sizes": [40, 30, 20], "classes": 3, "thresholds": True, "generated": [5, 0]},
        hardware={"columns": [40, 7, 3]},
    )
    for columns in (1, 16, 32, 40):
        settings.replace({"hardware.columns": [columns, 7, 3]})
    with pytest.raises(
        BephwError, match=r"hardware.columns\[0\] must divide 32, be a multiple of 32, or be as many as the inputs, 40"
    ):
        settings.replace({"hardware.columns": [24, 7, 3]})


def test_a_cell_has_stored_weights() -> None:
    cell = {"learning": {"algorithm": "bep-tt"}, "data": {"steps": 3}}
    network = {"sizes": [8, 30, 20], "classes": 3, "thresholds": True}
    Settings.build(network={**network, "generated": [0, 7]}, **cell)
    with pytest.raises(BephwError, match=r"network.generated\[0\] must be 0 in a recurrent network, .*, not 7"):
        Settings.build(network={**network, "generated": [7, 0]}, **cell)


def test_dimensions_of_a_g_net() -> None:
    gnet = {"network": {"sizes": [8, 5], "classes": 3}, "learning": {"algorithm": "gnet"}}
    assert Settings.build(**gnet, gnet={"dimensions": 70}).dimensions == (70, 70)
    for dimensions, message in (
        ([70], "gnet.dimensions must have 2 entries, one a layer, not 1"),
        ([70, 0], "gnet.dimensions[1] must be 1 to 65535, not 0"),
    ):
        with pytest.raises(BephwError) as caught:
            Settings.build(**gnet, gnet={"dimensions": dimensions})
        assert str(caught.value) == f"settings: {message}"
    with pytest.raises(BephwError, match=r"network.thresholds must be false for learning.algorithm gnet"):
        Settings.build(**{**gnet, "network": {**gnet["network"], "thresholds": True}})


def test_what_is_new_leaves_the_hash_as_it_was() -> None:
    content = json.loads(Settings.build(network={"sizes": [4, 3], "classes": 2}).to_json())
    assert "generated" not in content["network"]
    assert "gnet" not in content
    algorithm = Settings.build(network={"sizes": [4, 3], "classes": 2}, learning={"algorithm": "gnet"})
    assert json.loads(algorithm.to_json())["gnet"]["dimensions"] == 1000


def test_scores_are_for_inference() -> None:
    network = {"sizes": [4, 6], "classes": 3, "scores": True}
    for algorithm in ("ste", "gnet", "logic"):
        message = f"network.scores must be false for learning.algorithm {algorithm}: they are for inference"
        with pytest.raises(BephwError, match=message):
            Settings.build(network=network, learning={"algorithm": algorithm})
    scored = Settings.build(network=network)
    assert Settings.build(**json.loads(scored.to_json())) == scored
    plain = scored.replace({"network.scores": False})
    assert "scores" not in Settings.build(network={"sizes": [4, 6], "classes": 3}).to_json()
    assert not plain.network.scores
