"""BephwClassifier beside logistic regression and an MLP on small tables: held-out accuracy over several splits.

    python benchmarks/estimator.py

Prints the table of docs/your-data.md.
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bephw import BephwClassifier


def tables():
    """Samples and labels by the table's name."""
    digits, numbers = load_digits(return_X_y=True)
    three = {"n_informative": 8, "n_redundant": 4, "n_classes": 3, "class_sep": 1.2, "random_state": 1}
    two = {"n_informative": 5, "n_redundant": 2, "flip_y": 0.05, "random_state": 2}
    return {
        "breast cancer": load_breast_cancer(return_X_y=True),
        "wine": load_wine(return_X_y=True),
        "iris": load_iris(return_X_y=True),
        "digits": (digits[:700], numbers[:700]),
        "make_classification, 3 classes": make_classification(600, 20, **three),
        "make_classification, 2 classes": make_classification(600, 12, **two),
    }


def classifiers(seed):
    """The three, by name."""
    return {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
        "MLP": make_pipeline(StandardScaler(), MLPClassifier(max_iter=2000, random_state=seed)),
        "BephwClassifier": BephwClassifier(random_state=seed),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=5)
    splits = parser.parse_args().splits
    for name, (x, y) in tables().items():
        found = {}
        for seed in range(splits):
            parts = train_test_split(x, y, test_size=0.2, stratify=y, random_state=seed)
            for kind, model in classifiers(seed).items():
                accuracy = model.fit(parts[0], parts[2]).score(parts[1], parts[3])
                found.setdefault(kind, []).append(100 * accuracy)
        shown = "; ".join(f"{kind} {np.mean(got):.1f} ± {np.std(got, ddof=1):.1f}" for kind, got in found.items())
        print(f"{name}: {shown}", flush=True)


if __name__ == "__main__":
    main()
