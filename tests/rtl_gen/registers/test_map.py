"""The register map."""

import pytest

from bephw.rtl_gen.registers.map import ADDRESS_WIDTH, IDENTITY, Command, Status, Transfer, margin_width, register_map
from bephw.settings import Settings


def settings_of(layers=2, **hardware):
    return Settings.build(network={"sizes": [12] * (layers + 1), "classes": 3}, hardware=hardware)


@pytest.mark.parametrize("profile", [False, True])
@pytest.mark.parametrize("layers", [1, 2, 5])
def test_names_and_addresses(layers, profile):
    registers = register_map(settings_of(layers, profile=profile))
    assert all(name == register.name for name, register in registers.items())
    assert [register.address for register in registers.values()] == list(range(len(registers)))
    assert len(registers) <= 1 << ADDRESS_WIDTH
    assert all(1 <= register.width <= 32 and register.meaning for register in registers.values())
    common = ["identity", "control", "command", "status", "transfer", "batch", "margin"]
    common += ["samples", "taught", "updates", "cycles"]
    assert list(registers)[: len(common)] == common
    for layer in range(layers):
        assert {f"rate_{layer}", f"generator_{layer}", f"accumulator_{layer}"} <= set(registers)
        assert (f"gate_{layer}" in registers) == (layer > 0)
        assert (f"cycles_forward_{layer}" in registers) == profile
        assert (f"cycles_credit_{layer}" in registers) == (profile and layer > 0)
    assert (f"cycles_forward_{layers}" in registers) == profile, "the classifier's array"


def test_access():
    registers = register_map(settings_of())
    writable = {name for name, register in registers.items() if register.writable}
    assert writable == {
        *("control", "command", "transfer", "batch", "margin", "gate_1"),
        *(f"{name}_{layer}" for name in ("rate", "generator", "accumulator") for layer in (0, 1)),
    }
    assert [name for name, register in registers.items() if register.signed] == ["margin"]


def test_a_recurrent_network_has_the_length_of_its_samples_and_a_gate_of_the_cell():
    recurrent = {"network": {"sizes": [5, 4, 3], "classes": 3}, "learning": {"algorithm": "bep-tt"}}
    registers = register_map(Settings.build(**recurrent, data={"steps": 12}))
    assert (registers["steps"].width, registers["steps"].writable) == (4, True)
    assert {"gate_0", "gate_1", "cycles_credit_0", "cycles_credit_1"} <= set(registers)


def test_the_local_rule_has_a_margin_and_a_count_for_every_layer():
    def registers(sizes):
        return register_map(
            Settings.build(
                network={"sizes": sizes, "classes": 3}, learning={"algorithm": "lbes"}, hardware={"profile": True}
            )
        )

    one, two = registers([5, 4]), registers([5, 9, 4])
    assert {"margin", "taught"} <= set(one)
    assert [name for name in two if name.startswith(("margin", "taught", "gate", "cycles_cl", "cycles_cr"))] == [
        *("margin_0", "margin_1", "taught_0", "taught_1", "cycles_classifier_0")
    ]
    assert (two["margin_0"].width, two["margin_1"].width) == (6, 5)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 127, 128, 65535])
def test_the_margin_register_holds_every_useful_margin(size):
    settings = Settings.build(network={"sizes": [4, size], "classes": 2})
    width = margin_width(settings.classifier_shape)
    most = 2 * size + 1
    assert -(1 << (width - 1)) <= -most
    assert most < 1 << (width - 1)
    assert register_map(settings)["margin"].width == width <= 32


def test_constants():
    assert IDENTITY.to_bytes(4, "big") == b"BEP1"
    assert (Command.END_BATCH, Command.CLEAR_STATISTICS) == (1, 2)
    assert (Status.BUSY, Status.TRANSFER) == (1, 2)
    assert Transfer.DUMP == 0x10000
