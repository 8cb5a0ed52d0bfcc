"""Names of modules: those that no tool trips over."""

import subprocess

import pytest

from bephw.errors import BephwError
from bephw.flow.names import RESERVED, check_module_name
from bephw.toolchain import find


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_reserved_words(name):
    with pytest.raises(BephwError) as caught:
        check_module_name(name)
    assert str(caught.value) == f"module name must not be a reserved word of Verilog or SystemVerilog: {name!r}"


def test_the_words_are_those_that_others_know():
    """Pygments marks them up; a module of Verilog-2005 or of SystemVerilog cannot have them as its name."""
    hdl = pytest.importorskip("pygments.lexers.hdl")
    lists = [
        set(rule[0].words)
        for lexer in (hdl.VerilogLexer, hdl.SystemVerilogLexer)
        for rule in lexer.tokens["root"]
        if isinstance(rule, tuple) and hasattr(rule[0], "words")
    ]
    keywords = [words for words in lists if words & {"module", "reg", "logic"}]
    assert keywords
    for words in keywords:
        assert {word for word in words if word.isalpha()} - {"strength"} <= RESERVED  # That one is none.


@pytest.mark.parametrize("name", ["", "a-b", "a b", "a$b", "ä", "a.b", "../x", "x\n", "\\x"])
def test_what_is_no_plain_name(name):
    with pytest.raises(BephwError, match="module name must be letters, digits and underscores"):
        check_module_name(name)


def test_lengths_and_digits():
    with pytest.raises(BephwError, match=r"^module name must not begin with a digit: '9x'$"):
        check_module_name("9x")
    check_module_name("x" * 128)
    with pytest.raises(BephwError, match=r"^module name must have at most 128 characters, not 129$"):
        check_module_name("x" * 129)


@pytest.mark.skipif(find("iverilog") is None, reason="needs Icarus")
def test_a_simulator_takes_what_is_not_reserved(tmp_path):
    """Words of other languages, and those that look like words of this one."""
    for name in ("Module", "REG", "_", "clk", "std", "top", "signal", "entity", "template", "int_", "main", "x" * 128):
        check_module_name(name)
        source = tmp_path / "m.v"
        source.write_text(f"module {name} (input clk, output y); assign y = clk; endmodule\n")
        command = ["iverilog", "-g2012", "-s", name, "-o", tmp_path / "m.vvp", source]
        subprocess.run(command, check=True, env=find("iverilog").full_environment())
