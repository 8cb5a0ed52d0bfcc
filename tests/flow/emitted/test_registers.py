"""Descriptions of the registers, as other people's tools read them, against the map that the hardware decodes."""

import subprocess

import pytest
from systemrdl import RDLCompiler
from systemrdl.node import FieldNode, RegNode

from bephw.flow.emitted.interface import described_registers
from bephw.flow.emitted.registers import c_header, register_table, systemrdl
from bephw.rtl_gen.registers.map import Command, Status, Transfer, register_map
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.toolchain import require

NETWORK = {"sizes": [12, 9, 7], "classes": 3}
DESIGNS = {
    "perceptron": Settings.build(network=NETWORK, learning={"R": -5}),
    "local": Settings.build(network=NETWORK, learning={"algorithm": "lbes"}, hardware={"profile": False}),
    "recurrent": Settings.build(network=NETWORK, learning={"algorithm": "bep-tt"}, data={"steps": 6}),
}
ACCESS = {"r": "read", "w": "write", "rw": "read/write"}


@pytest.fixture(params=DESIGNS)
def described(request):
    settings = DESIGNS[request.param]
    trainer = Trainer(settings)
    trainer._MustUse__silence = True  # it is only asked
    return register_map(settings), described_registers(settings, trainer.reset_values())


def test_systemrdl(described, tmp_path):
    """Compiled: names, addresses, fields, access and values after reset."""
    registers, rows = described
    path = tmp_path / "trainer.rdl"
    path.write_text(systemrdl("trainer", rows))
    compiler = RDLCompiler()
    compiler.compile_file(str(path))
    top = compiler.elaborate().top
    found = list(top.children())
    assert top.inst_name == "trainer"
    assert [node.inst_name for node in found] == list(registers)
    for node, row in zip(found, rows, strict=True):
        register = registers[node.inst_name]
        assert isinstance(node, RegNode) and node.get_property("desc").startswith(register.meaning)
        assert node.address_offset == 4 * register.address
        fields = [child for child in node.children() if isinstance(child, FieldNode)]
        expected = [(field.name, field.low, field.width) for field in register.fields]
        assert [(field.inst_name, field.low, field.width) for field in fields] == (
            expected or [("value", 0, register.width)]
        )
        assert sum(field.width for field in fields) == register.width
        assert sum(field.get_property("reset") << field.low for field in fields) == row["reset"] % 2**register.width
        assert {ACCESS[field.get_property("sw").name] for field in fields} == {row["access"]}


def test_c(described, tmp_path):
    """What a compiler makes of every constant."""
    registers, rows = described
    expected = {}
    for row in rows:
        name = f"TRAINER_{row['name'].upper()}"
        expected |= {name: row["address"], f"{name}_MASK": 2 ** row["width"] - 1}
        expected[f"{name}_RESET"] = row["reset"] % 2 ** row["width"]
        for field in registers[row["name"]].fields:
            expected[f"{name}_{field.name.upper()}_MASK"] = field.mask
            expected[f"{name}_{field.name.upper()}_SHIFT"] = field.low
    (tmp_path / "trainer.h").write_text(c_header("trainer", rows))
    prints = "".join(f'    printf("%s %lu\\n", "{name}", (unsigned long){name});\n' for name in expected)
    program = f'#include <stdio.h>\n#include "trainer.h"\nint main(void) {{\n{prints}    return 0;\n}}\n'
    (tmp_path / "print.c").write_text(program)
    command = [*require("g++").command, "-x", "c", "-Wall", "-Werror", "-o", "print", "print.c"]
    subprocess.run(command, cwd=tmp_path, check=True)
    printed = subprocess.check_output([tmp_path / "print"], text=True).split()
    assert dict(zip(printed[::2], map(int, printed[1::2]), strict=True)) == expected
    assert expected["TRAINER_COMMAND_END_BATCH_MASK"] == Command.END_BATCH == 1
    assert expected["TRAINER_COMMAND_CLEAR_STATISTICS_MASK"] == Command.CLEAR_STATISTICS == 2
    assert expected["TRAINER_STATUS_TRANSFER_MASK"] == Status.TRANSFER == 2
    assert expected["TRAINER_TRANSFER_DUMP_MASK"] == Transfer.DUMP == 1 << 16


def test_the_table_has_a_line_for_every_register_and_field(described):
    registers, rows = described
    lines = register_table(rows).splitlines()
    assert len(lines) == 2 + sum(1 + len(register.fields) for register in registers.values())
    assert [line.split("|")[1].strip() for line in lines[2:] if line[2] != "|"] == [
        str(register.address) for register in registers.values()
    ]
