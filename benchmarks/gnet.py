"""Accuracy of embedded G-Nets against the dimensions of their random layers, beside that of the real numbers.

    python benchmarks/gnet.py [--data digits mnist fashion] [--dimensions N ...] [--seeds N ...] [--epochs N]
                              [--matrices N] [--json FILE]
    python benchmarks/gnet.py --picture PICTURE FILE ...

`digits` is examples/digits_gnet.toml, `mnist` and `fashion` are examples/mnist_gnet.toml on MNIST and FashionMNIST. For
each number of dimensions one network is trained that sees the noise of an embedding in so many (`gnet.noise`); another
one, which has seen no noise, is trained once and embedded in all of them, with generated matrices and with those of
NumPy's generator. Accuracies are those on the held-out samples after the last epoch; the embedded networks' are their
predictions in integers, each a mean over embeddings with so many matrices, beside their standard deviation. The second
form draws what has been measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from figures import write

from bephw.cli.options import read_settings
from bephw.flow.learning import prepare
from bephw.gnet.embedding import Embedding, RealLayer
from bephw.gnet.trainer import Trainer
from bephw.golden.model import GoldenModel
from bephw.golden.training import Samples
from bephw.pytorch.threads import one_thread
from bephw.settings import Settings

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
CASES = {
    "digits": ("digits_gnet.toml", ()),
    "mnist": ("mnist_gnet.toml", ()),
    "fashion": ("mnist_gnet.toml", ("data.name=fashion_mnist",)),
}
DIMENSIONS = (250, 500, 1000, 2000, 4000, 8000)
TRUE_RANDOM = 6  # The random stream of matrices to compare with.


def trained(settings: Settings, dataset: Samples) -> Trainer:
    """A network of real numbers after all epochs."""
    trainer = Trainer(settings, settings.learning.epochs)
    for number in range(1, settings.learning.epochs + 1):
        trainer.learn(number, dataset)
    return trainer


def embedded(settings: Settings, trainer: Trainer, dataset: Samples, *, generated: bool = True) -> float:
    """Accuracy of the network of `trainer`, embedded as `settings` say, or with matrices that nothing generates."""
    embedding = Embedding(settings.replace({"gnet.stored": not generated}))
    layers = [RealLayer(layer.weight.detach().numpy(), layer.beta.item()) for layer in trainer.network.angle_layers()]
    if not generated:
        random = np.random.default_rng([settings.learning.seed, TRUE_RANDOM])
        embedding._random = [random.integers(0, 2, bits.shape, np.uint8) for bits in embedding._random]
    prediction, _ = GoldenModel(embedding.settings, embedding.state(layers)).predict(dataset.x_test)
    return float((prediction == dataset.y_test).mean())


def over_matrices(
    name: str, settings: Settings, trainer: Trainer, dataset: Samples, matrices: int, **how: bool
) -> dict[str, Any]:
    """`embedded` with the matrices of this many seeds: mean, as `name`, and sample standard deviation."""
    seeds = range(settings.learning.seed, settings.learning.seed + matrices)
    found = [embedded(settings.replace({"learning.seed": seed}), trainer, dataset, **how) for seed in seeds]
    return {name: statistics.mean(found), f"{name}_sd": statistics.stdev(found) if matrices > 1 else None}


def measure(name: str, dimensions: list[int], seed: int, epochs: int | None, matrices: int) -> Iterator[dict[str, Any]]:
    """A row for each number of dimensions."""
    file, changes = CASES[name]
    settings, dataset = prepare(read_settings(EXAMPLES / file, (*changes, f"learning.seed={seed}")))
    if epochs is not None:
        settings = settings.replace({"learning.epochs": epochs})
    plain = trained(settings.replace({"gnet.noise": False}), dataset)
    for number in dimensions:
        chosen = settings.replace({"gnet.dimensions": number, "hardware": {}})
        noisy = trained(chosen, dataset)
        row = {
            "data": name,
            "seed": seed,
            "dimensions": number,
            "sizes": [*settings.network.sizes, settings.network.classes],
            "epochs": settings.learning.epochs,
            "float": plain.float_accuracy(dataset.x_test, dataset.y_test),
            "matrices": matrices,
            **over_matrices("embedded", chosen, plain, dataset, matrices),
            **over_matrices("embedded_numpy", chosen, plain, dataset, matrices, generated=False),
            "float_noise": noisy.float_accuracy(dataset.x_test, dataset.y_test),
            **over_matrices("embedded_noise", chosen, noisy, dataset, matrices),
        }
        print(
            ", ".join(f"{key} {value:.4f}" if isinstance(value, float) else f"{value}" for key, value in row.items()),
            flush=True,
        )
        yield row


def draw(rows: list[dict[str, Any]], target: Path) -> None:
    """A panel for each data set: means over seeds and matrices, against the dimensions; bars are the largest deviation
    of a seed's matrices."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    names = list(dict.fromkeys(row["data"] for row in rows))
    figure, panels = plt.subplots(1, len(names), figsize=(4 * len(names), 3.8), layout="constrained", squeeze=False)
    lines = (
        ("embedded_noise", "embedded, trained with its noise", "o-", "#0072b2"),
        ("embedded", "embedded, trained without", "s-", "#d55e00"),
        ("float", "real numbers, trained without", "--", "#000000"),
    )
    for axes, name in zip(panels[0], names, strict=True):
        for key, label, style, colour in lines:
            found, spread = defaultdict(list), defaultdict(float)
            for row in rows:
                if row["data"] == name:
                    found[row["dimensions"]].append(100 * row[key])
                    spread[row["dimensions"]] = max(spread[row["dimensions"]], 100 * (row.get(f"{key}_sd") or 0))
            means = {number: statistics.mean(values) for number, values in sorted(found.items())}
            bars = [spread[number] for number in means] if any(spread.values()) else None
            axes.errorbar(list(means), list(means.values()), bars, fmt=style, color=colour, label=label, capsize=2)
        axes.set_xscale("log", base=2)
        axes.set_xticks(list(means), [f"{number:,}" for number in means])
        axes.set(title=name, xlabel="dimensions N", ylabel="held out, %")
        axes.grid(alpha=0.25)
    panels[0][0].legend(fontsize="small", loc="lower right")
    plt.rcParams["svg.hashsalt"] = "bephw"
    figure.savefig(target, metadata={"Date": None})


def main() -> None:
    """Measure, or draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=CASES, nargs="+", default=list(CASES))
    parser.add_argument("--dimensions", type=int, nargs="+", default=list(DIMENSIONS))
    parser.add_argument("--epochs", type=int, help="of training; else as many as the settings say")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--matrices", type=int, default=1, metavar="N", help="embed every network with so many")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured there")
    parser.add_argument("--picture", type=Path, help="draw what FILEs hold, instead of measuring")
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.picture:
        draw([row for file in arguments.files for row in json.loads(file.read_text())], arguments.picture)
        return
    rows = []
    with one_thread():
        for seed in arguments.seeds:
            for name in arguments.data:
                for row in measure(name, arguments.dimensions, seed, arguments.epochs, arguments.matrices):
                    rows.append(row)
                    if arguments.json:
                        write(arguments.json, rows)


if __name__ == "__main__":
    main()
