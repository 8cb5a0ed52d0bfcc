"""Networks of Brevitas' and FINN's styles against QONNX's own executor, the published files, and what is refused."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="networks as ONNX files need onnx")
pytest.importorskip("qonnx", reason="its executor is the reference here")

from bephw.errors import BephwError, MissingError
from bephw.exchange.input_range import InputRange
from bephw.exchange.qonnx_import import read_qonnx
from bephw.golden.model import GoldenModel
from tests.exchange.executor import outputs
from tests.exchange.float_executor import batch_outputs
from tests.exchange.onnx_models import Chain, brevitas, finn, gemm


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("style", "features"), [(brevitas, (0, 1)), (finn, (0, 255)), (gemm, (-2, 2))])
def test_predictions_of_its_own_executor(style, features, seed, tmp_path):
    random = np.random.default_rng(seed)
    chain = style(random)
    learnt = read_qonnx(chain.save(tmp_path / "model.onnx"))
    x = random.uniform(*features, (24, 12)).astype(np.float32)
    assert learnt.settings.network.sizes == (12, 9, 7)
    np.testing.assert_array_equal(learnt.predict(x), outputs(chain.model(), x).argmax(axis=1))


@pytest.mark.parametrize("domain", ["onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general"])
def test_every_domain_is_the_same(domain, tmp_path):
    found = read_qonnx(brevitas(np.random.default_rng(5), domain=domain).save(tmp_path / "model.onnx"))
    other = read_qonnx(brevitas(np.random.default_rng(5)).save(tmp_path / "other.onnx"))
    for first, second in zip(found.state.counters, other.state.counters, strict=True):
        np.testing.assert_array_equal(first, second)


def test_thresholds_that_are_whole_numbers(tmp_path):
    """Mean 3, beta 0: active from z = 3 on, whatever gamma and the variance are, and nothing is rounded up to 5."""
    random = np.random.default_rng(1)
    chain = Chain((1, 9)).bipolar()
    chain.then("MatMul", random.choice([-1.0, 1.0], (9, 200)))
    gamma, variance = random.uniform(0.1, 3, 200), random.uniform(0.1, 50, 200)
    chain.then("BatchNormalization", gamma, np.zeros(200), np.full(200, 3), variance).bipolar()
    chain.then("MatMul", random.choice([-1.0, 1.0], (200, 4)))
    learnt = read_qonnx(chain.save(tmp_path / "model.onnx"))
    assert set(learnt.state.thresholds[0].tolist()) == {3}


def test_an_input_that_is_bits(tmp_path):
    random = np.random.default_rng(2)
    for annotation, low in (("BIPOLAR", -1), ("BINARY", 0)):
        chain = Chain((1, 10)).then("MatMul", random.choice([-1.0, 1.0], (10, 8))).then("Sub", 0.5).bipolar()
        chain.then("MatMul", random.choice([-1.0, 1.0], (8, 3)))
        learnt = read_qonnx(chain.save(tmp_path / "model.onnx", annotation))
        x = random.choice([low, 1], (40, 10)).astype(np.float32)
        np.testing.assert_array_equal(learnt.predict(x), outputs(chain.model(), x).argmax(axis=1))


@pytest.mark.parametrize("operator", ["Quant", "IntQuant"])
def test_quantisers_of_one_bit(operator, tmp_path):
    """With a sign they are BipolarQuant: of activations, and of weights with a scale for each output."""
    random = np.random.default_rng(11)
    options = {"custom": True, "signed": 1, "narrow": 1, "rounding_mode": "ROUND"}
    chain = Chain((1, 12)).then(operator, 0.5, 0.25, 1.0, **options)
    latent = chain.constant(random.normal(size=(12, 9)))
    scale = chain.constant(random.choice([0.5, 0.25, 2], (1, 9)))
    rest = [chain.constant(0.0), chain.constant(1.0)]
    del options["custom"]
    weights = chain.node(operator, latent, scale, *rest, domain=chain.domain, **options)
    chain.then("MatMul", weights).then("Add", 0.125).then(operator, 1.0, 0.0, 1.0, custom=True, **options)
    chain.then("MatMul", random.choice([-1.0, 1.0], (9, 4)))
    learnt = read_qonnx(chain.save(tmp_path / "model.onnx"))
    x = random.normal(size=(40, 12)).astype(np.float32)
    np.testing.assert_array_equal(learnt.predict(x), outputs(chain.model(), x).argmax(axis=1))


def test_weights_that_the_graph_scales_by_their_mean(tmp_path):
    """Sign of the weights times the mean of their sizes, for each output."""
    random = np.random.default_rng(12)
    chain = start()
    latent = chain.constant(random.normal(size=(12, 6)))
    mean = chain.node("ReduceMean", chain.node("Abs", latent), axes=[0], keepdims=1)
    chain.then("MatMul", chain.node("Mul", chain.node("Sign", latent), mean)).then("Sub", 0.3).bipolar()
    chain.then("MatMul", random.choice([-1.0, 1.0], (6, 4)))
    learnt = read_qonnx(chain.save(tmp_path / "model.onnx"))
    x = random.normal(size=(40, 12)).astype(np.float32)
    np.testing.assert_array_equal(learnt.predict(x), outputs(chain.model(), x).argmax(axis=1))


def test_classes_that_are_bits(tmp_path):
    """A last layer that is compared, too: the first class whose bit is 1, or the first of all."""
    random = np.random.default_rng(3)
    chain = Chain((1, 15)).bipolar().then("MatMul", random.choice([-1.0, 1.0], (15, 12))).bipolar()
    chain.then("MatMul", random.choice([-1.0, 1.0], (12, 5))).then("Sub", 1.0).bipolar()
    learnt = read_qonnx(chain.save(tmp_path / "model.onnx"))
    x = random.normal(size=(60, 15)).astype(np.float32)
    np.testing.assert_array_equal(learnt.predict(x), outputs(chain.model(), x).argmax(axis=1))


def test_the_range_of_the_input(tmp_path):
    chain = brevitas(np.random.default_rng(4))
    chain.save(tmp_path / "model.onnx")
    x = np.arange(12 * 20).reshape(20, 12).astype(np.uint8)
    learnt = read_qonnx(tmp_path / "model.onnx", InputRange(255, 0.125, 0.25))
    given = ((x / 255 - 0.125) / 0.25).astype(np.float32)
    np.testing.assert_array_equal(learnt.predict(x), outputs(chain.model(), given).argmax(axis=1))
    for field, value in (("scale", 0.0), ("deviation", -1.0), ("mean", float("nan"))):
        with pytest.raises(BephwError, match=f"input {field} must be"):
            InputRange(**{field: value})


def _mnist(data_folder, count):
    with np.load(data_folder / "mnist.npz") as arrays:
        return arrays["x_test"].reshape(-1, 784)[:count], arrays["y_test"][:count]


@pytest.mark.parametrize(("name", "scale"), [("tfc_1w1a", 255), ("tfc_finn", 1)])
def test_published_networks(name, scale, data_folder):
    learnt = read_qonnx(data_folder / "qonnx" / f"{name}.onnx", InputRange(scale))
    x, y = _mnist(data_folder, None)
    assert (learnt.predict(x) == y).mean() == 0.9296
    images = np.load(data_folder / "qonnx" / "tfc_finn_input.npy").reshape(-1, 784)
    expected = np.load(data_folder / "qonnx" / "tfc_finn_expected.npy").ravel()
    np.testing.assert_array_equal(learnt.predict(images), expected)


def test_every_logit_of_a_published_network(data_folder):
    """The integers behind the float logits of all images; the float program against QONNX's own for some."""
    import onnx

    path = data_folder / "qonnx" / "tfc_1w1a.onnx"
    model, (x, y) = onnx.load(str(path)), _mnist(data_folder, None)
    given = (x / 255).astype(np.float32)
    sums, logits = (batch_outputs(model, given, tensor) for tensor in ("66", "74"))  # before scalar numbers, and behind
    some = slice(0, 10_000, 500)
    np.testing.assert_array_equal(sums[some], outputs(model, given[some], "66"))
    np.testing.assert_allclose(logits[some], outputs(model, given[some]), rtol=1e-5, atol=1e-5)
    learnt = read_qonnx(path, InputRange(255))
    prediction, found = GoldenModel(learnt.settings, learnt.state).predict(learnt.bits(x))
    np.testing.assert_array_equal(found, sums)
    np.testing.assert_array_equal(prediction, logits.argmax(axis=1))
    assert (prediction == y).mean() == 0.9296


def layer(chain, outputs=6, weights=None):
    """One more layer, up to its sums."""
    inputs = 12 if len(chain.constants) < 3 else 6
    weights = np.ones((inputs, outputs)) if weights is None else weights
    return chain.then("MatMul", weights)


def start(**options):
    return Chain((1, 12), **options).bipolar()


def two_layers():
    """A whole network, of 6 classes."""
    return start().then("MatMul", HALF).bipolar().then("MatMul", HALF[:6])


HALF = np.where(np.arange(72).reshape(12, 6) % 5, 1.0, -1.0)
REFUSED = {
    "several bits": (
        lambda: Chain((1, 12)).then("Quant", 1.0, 0.0, 2.0, custom=True),
        r"Quant_t0.*: quantises to several bits \(2\); weights and activations must have one",
    ),
    "one bit without a sign": (
        lambda: Chain((1, 12)).then("Quant", 1.0, 0.0, 1.0, custom=True, signed=0),
        "Quant_t0.*: rounds to 0 and 1; a quantiser of one bit must be signed",
    ),
    "rounded numbers": (
        lambda: Chain((1, 12)).then("Trunc", 1.0, 0.0, 2.0, 1.0, custom=True), "Trunc_t0.* several bits"
    ),
    "a class twice": (
        lambda: two_layers().integers("Gather", [0, 1, 2, 2, 4, 5], axis=1), "Gather_t4.*takes some of what has",
    ),
    "more features than there can be": (
        lambda: Chain((1, 2**11, 2**10)).bipolar(), "must have at most 1048576 features, not 2097152",
    ),
    "how large the largest is": (
        lambda: two_layers().then("TopK", k=1),
        "must give which is the largest one, not how large it is",
    ),
    "two thresholds": (
        lambda: Chain((1, 12)).then("MultiThreshold", [[0.0, 1.0]], custom=True),
        r"MultiThreshold_t0.* must have one threshold, a bit, not 2",
    ),
    "convolution": (lambda: Chain((1, 1, 3, 4)).bipolar().then("Conv", np.ones((1, 1, 2, 2))), "Conv_t1.*not taken"),
    "pooling": (lambda: Chain((1, 1, 3, 4)).bipolar().then("MaxPool", kernel_shape=[2, 2]), "MaxPool_t1.*is not taken"),
    "padding": (lambda: start().then("MatMul", HALF * (np.arange(12) > 1)[:, None]), "MatMul_t1.*some are 0"),
    "two scales": (lambda: start().then("MatMul", HALF * (np.arange(12) + 1)[:, None]), "output 0 has -1 and 2"),
    "not a number": (lambda: start().then("MatMul", HALF * np.nan), "MatMul_t1.*NaN or infinity"),
    "no number in batch norm": (
        lambda: start().then("MatMul", HALF).then("BatchNormalization", [np.nan] * 6, [0] * 6, [0] * 6, [1] * 6),
        "BatchNormalization_t2.*NaN or infinity",
    ),
    "negative variance": (
        lambda: start().then("MatMul", HALF).then("BatchNormalization", [1] * 6, [0] * 6, [0] * 6, [-1] * 6),
        "variance plus epsilon must be above 0",
    ),
    "sums without quantiser": (lambda: start().then("MatMul", HALF).then("MatMul", np.ones((6, 3))), "multiplies sums"),
    "features without quantiser": (lambda: Chain((1, 12)).then("MatMul", HALF), "has to be quantised to bits before"),
    "relu": (lambda: start().then("MatMul", HALF).then("Relu"), "Relu_t2.*is not taken"),
    "sign of 0": (lambda: start().then("MatMul", HALF).then("Sign"), "Sign_t2.*no bit can be: use BipolarQuant"),
    "no hidden layer": (lambda: start().then("MatMul", HALF), "must have at least one hidden layer"),
    "no layer": (lambda: start(), "must come from the last matrix"),
    "a scale for each class that is a bit": (
        lambda: start().then("MatMul", HALF).bipolar().then("MatMul", np.ones((6, 3))).bipolar().then("Mul", [1, 1, 2]),
        "output: classes that are bits must have one scale and one offset for all",
    ),
    "one class": (
        lambda: start().then("MatMul", HALF).bipolar().then("MatMul", np.ones((6, 1))),
        "output: must have at least 2 classes, not 1",
    ),
    "division by zero": (lambda: start().then("MatMul", HALF).then("Div", 0.0), "divides by 0"),
    "unknown domain": (lambda: start(domain="some.where"), "domain must be ONNX's or .* not 'some.where'"),
    "open shape": (lambda: Chain(("N", 12)).bipolar(), "axis 0 is 'N': export with a batch of 1"),
    "large batch": (lambda: Chain((8, 12)).bipolar(), "must have a batch of 1, not of 8"),
    "wrong sizes": (lambda: start().then("MatMul", np.ones((5, 3))), "5 rows of weights do not fit"),
    "training": (
        lambda: start(opset=14).then("MatMul", HALF).then(
            "BatchNormalization", [1] * 6, [0] * 6, [0] * 6, [1] * 6, training_mode=1
        ),
        "is in training mode",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_refused_names_the_node(name, tmp_path):
    make, message = REFUSED[name]
    path = make().save(tmp_path / "model.onnx")
    with pytest.raises(BephwError, match=message) as error:
        read_qonnx(path)
    assert str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)


MALFORMED = {
    "an input too few": (lambda: start().then("MatMul"), r"MatMul_t1.*: must have 2 inputs, not 1"),
    "an input left out": (lambda: start().then("MatMul", ""), r"MatMul_t1.*: must have 2 inputs, not 1"),
    "no scale": (lambda: Chain((1, 12)).then("BipolarQuant", custom=True), "must have 2 inputs, not 1"),
    "batch norm of two": (lambda: start().then("MatMul", HALF).then("BatchNormalization", [1] * 6), "have 5 inputs"),
    "batch norm of other channels": (
        lambda: start().then("MatMul", HALF).then("BatchNormalization", [1] * 5, [0] * 5, [0] * 5, [1] * 5),
        "a number for each of 6 channels",
    ),
    "batch norm by what depends on the sample": (
        lambda: start().then("MatMul", HALF).then("BatchNormalization", *["x"] * 4),
        "an input that must be constant is not",
    ),
    "an attribute of another type": (
        lambda: start().then("MatMul", HALF).then(
            "BatchNormalization", [1] * 6, [0] * 6, [0] * 6, [1] * 6, epsilon="small"
        ),
        "is not as such an operator must be",
    ),
    "an operator in another domain": (
        lambda: Chain((1, 12)).then("BipolarQuant", 1.0),
        "there is no such operator in domain ''",
    ),
    "ONNX's operator as one of QONNX's": (
        lambda: start().then("MatMul", HALF, custom=True),
        "there is no such operator in domain 'qonnx.custom_op.general'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(MALFORMED))
def test_malformed_nodes_are_named(name, tmp_path):
    make, message = MALFORMED[name]
    with pytest.raises(BephwError, match=message) as error:
        read_qonnx(make().save(tmp_path / "model.onnx"))
    assert "node '" in str(error.value) and "\n" not in str(error.value)


def test_residual_connections_and_branches_are_refused(tmp_path):
    chain = start().then("MatMul", HALF)
    chain.bipolar()
    chain.then("Add", chain.node("Identity", chain.last))
    with pytest.raises(BephwError, match="both of its inputs depend on the sample"):
        read_qonnx(chain.save(tmp_path / "model.onnx"))


def test_missing_initialisers_are_named(tmp_path):
    chain = start().then("MatMul", "nowhere")
    with pytest.raises(BephwError, match=r"MatMul_t1.*'nowhere' comes from nowhere"):
        read_qonnx(chain.save(tmp_path / "model.onnx"))


def test_nodes_in_the_wrong_order_are_named(tmp_path):
    chain = two_layers()
    chain.nodes.reverse()
    with pytest.raises(BephwError, match=r"input 't2' is computed later: nodes must be in order"):
        read_qonnx(chain.save(tmp_path / "model.onnx"))


LARGE = {
    "Mul": lambda chain: chain.node("Mul", chain.constant(np.ones((2**14, 1))), chain.constant(np.ones((1, 2**13)))),
    "Gather": lambda chain: chain.node(
        "Gather", chain.constant(np.ones((1, 2**13))), chain.constant(np.zeros(2**14), np.int64)
    ),
    "Concat": lambda chain: chain.node("Concat", *[chain.constant(np.ones(2**16))] * 2**11, axis=0),
}


@pytest.mark.parametrize("operator", list(LARGE))
def test_constants_that_would_fill_the_memory_are_refused(operator, tmp_path):
    """Before a byte of them is there."""
    chain = start()
    chain.then("MatMul", LARGE[operator](chain))
    with pytest.raises(BephwError, match=rf"\({operator}\): must have at most 67108864 elements, not 134217728"):
        read_qonnx(chain.save(tmp_path / "model.onnx"))


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files(seed, tmp_path):
    """Whatever is changed or cut off, a network comes out or one clear error."""
    random = np.random.default_rng(seed)
    content = brevitas(random).model().SerializeToString()
    for _ in range(40):
        damaged = bytearray(content)
        for at in random.integers(0, len(content), 3):
            damaged[at] = random.integers(0, 256)
        (tmp_path / "model.onnx").write_bytes(bytes(damaged[: random.integers(1, len(content) + 1)]))
        try:
            read_qonnx(tmp_path / "model.onnx")
        except BephwError as error:
            assert "\n" not in str(error)
    with pytest.raises(MissingError, match="cannot be read"):
        read_qonnx(tmp_path / "none.onnx")


def test_gamma_of_zero_is_a_constant_neuron(tmp_path):
    chain = start().then("MatMul", HALF)
    chain.then("BatchNormalization", [0.0] * 6, [1, -1, 0, 2, -2, 1], [0] * 6, [1] * 6).bipolar()
    chain.then("MatMul", np.where(np.arange(18).reshape(6, 3) % 2, 1.0, -1.0))
    learnt = read_qonnx(chain.save(tmp_path / "model.onnx"))
    assert learnt.state.thresholds[0].tolist() == [-12, 13, -12, -12, 13, -12]
