"""Section 5's formula."""

import pytest

from bephw.errors import BephwError
from bephw.golden.rates import probability, rates
from bephw.settings import Settings


def made(**learning) -> Settings:
    return Settings.build(network={"sizes": [784, 135, 135], "classes": 10}, learning={"gamma": 45, **learning})


def test_the_papers_formula() -> None:
    # 65536 * 0.5 * sqrt(0.36) * sqrt(2 / (pi * K_in)) * K_out * K_in / 100
    assert rates(made(p_r=0.5), 0.64) == (592_970, 246_060)


def test_a_burst_comes_less_often() -> None:
    assert rates(made(p_r=0.5, burst=4), 0.64) == (592_970 // 4, 246_060 // 4)
    assert rates(made(p_r=0.5, burst=16, update_stride=3), 0.64) == (592_970 // 48, 246_060 // 48)
    assert rates(made(rates=[3, 4], burst=4), 0.5) == (3, 4)


def test_the_papers_probability_is_the_default() -> None:
    assert rates(made(), 0.3) == rates(made(p_r=0.5), 0.3)


def test_no_error_and_no_probability_give_no_events() -> None:
    assert rates(made(), 1.0) == (0, 0)
    assert rates(made(p_r=0), 0.0) == (0, 0)


def test_fixed_rates_win() -> None:
    assert rates(made(rates=[3, 4]), 0.5) == (3, 4)


def test_rates_fit_their_register() -> None:
    assert rates(made(p_r=1000.0, batch=1), 0.0) == (2**32 - 1, 2**32 - 1)


@pytest.mark.parametrize("accuracy", [-0.1, 1.1, float("nan")])
def test_accuracy_is_a_share(accuracy: float) -> None:
    with pytest.raises(BephwError) as caught:
        rates(made(), accuracy)
    assert str(caught.value) == f"accuracy: must be 0 to 1, not {accuracy}"


def test_the_probability_of_a_weight_is_the_formulas() -> None:
    rate = rates(made(p_r=0.5), 0.64)[0]
    assert probability(rate, 100, (135, 784)) == pytest.approx(0.5 * 0.6 * (2 / 3.14159265 / 784) ** 0.5, rel=1e-4)
    assert probability(rate // 8, 100, (135, 784), 8) == pytest.approx(probability(rate, 100, (135, 784)), rel=1e-4)
    assert probability(2**32 - 1, 100, (2, 2)) == 1.0
