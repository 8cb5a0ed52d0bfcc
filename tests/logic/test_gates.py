"""Gates that learn: what they compute and its gradient, against the sixteen relaxations written out."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bephw.logic.gates import COEFFICIENTS, GateLayer  # noqa: E402

# Of difflogic: what gate i computes of numbers a, b.
RELAXATIONS = (
    lambda a, b: 0 * a,
    lambda a, b: a * b,
    lambda a, b: a - a * b,
    lambda a, b: a,
    lambda a, b: b - a * b,
    lambda a, b: b,
    lambda a, b: a + b - 2 * a * b,
    lambda a, b: a + b - a * b,
    lambda a, b: 1 - (a + b - a * b),
    lambda a, b: 1 - (a + b - 2 * a * b),
    lambda a, b: 1 - b,
    lambda a, b: 1 - b + a * b,
    lambda a, b: 1 - a,
    lambda a, b: 1 - a + a * b,
    lambda a, b: 1 - a * b,
    lambda a, b: 1 + 0 * a,
)


def explicit(layer, x):
    """The mixture of all sixteen."""
    a, b = x[layer.index_a], x[layer.index_b]
    shares = torch.softmax(layer.logits, dim=1)
    return sum(shares[:, gate, None] * relaxation(a, b) for gate, relaxation in enumerate(RELAXATIONS))


@pytest.fixture(params=["balanced", "one input read by all"])
def layer(request):
    random = np.random.default_rng(1)
    pairs = np.zeros((12, 2), np.int64) if "all" in request.param else random.integers(0, 7, (12, 2))
    return GateLayer(pairs, 7, residual=False, random=torch.Generator().manual_seed(1))


def test_coefficients():
    a, b = torch.rand(2, 50, generator=torch.Generator().manual_seed(0))
    for gate, relaxation in enumerate(RELAXATIONS):
        c0, c1, c2, c3 = COEFFICIENTS[gate]
        assert torch.allclose(c0 + c1 * a + c2 * b + c3 * a * b, relaxation(a, b), atol=1e-6)


def test_outputs_and_gradients(layer):
    x = torch.rand(7, 20, generator=torch.Generator().manual_seed(2), requires_grad=True)
    weight = torch.rand(12, 20, generator=torch.Generator().manual_seed(3))
    found, expected = [], []
    for result, out in ((found, layer(x)), (expected, explicit(layer, x))):
        x.grad = layer.logits.grad = None
        (out * weight).sum().backward()
        result += [out.detach(), x.grad.clone(), layer.logits.grad.clone()]
    for got, right in zip(found, expected, strict=True):
        assert torch.allclose(got, right, atol=1e-5)
    assert found[1].abs().sum() > 0


def test_bits_give_bits(layer):
    """A layer of nearly one gate each computes what the hard layer does."""
    from bephw.golden.logic_model import LogicModel
    from bephw.logic_state import LogicState
    from bephw.settings import Settings

    with torch.no_grad():
        layer.logits.mul_(200)
    bits = np.random.default_rng(4).integers(0, 2, (30, 7), np.uint8)
    settings = Settings.build(network={"sizes": [7, 12], "classes": 2}, learning={"algorithm": "logic"})
    hard = LogicModel(settings, LogicState((layer.hard(),))).outputs(bits)
    soft = layer(torch.from_numpy(bits.T.astype(np.float32))).detach().numpy().T
    assert np.abs(soft - hard).max() < 0.2


def test_residual_gates_begin_as_wires():
    pairs = np.array([[0, 1], [2, 0]])
    layer = GateLayer(pairs, 3, residual=True, random=torch.Generator())
    assert layer.hard().gate.tolist() == [3, 3]
    assert layer.logits[0, 3] == 5
    assert layer.logits.sum() == 10
    assert torch.softmax(layer.logits, dim=1)[0, 3].item() == pytest.approx(0.908, abs=1e-3)
