"""bephw.netlist: promises dropped where, and only where, the attributes say so."""

import re

from amaranth.back import rtlil
from amaranth.hdl import *
from amaranth.lib.memory import Memory

from bephw.netlist import bracket_free, order_ports, relax_memories
from bephw.toolchain import run_yosys


def design(*, attrs, transparent=False, init=(), depth=64, single=False):
    """A 16-bit memory with one write and one read port."""
    m = Module()
    m.submodules.mem = mem = Memory(shape=16, depth=depth, init=init, attrs=attrs)
    write = mem.write_port()
    read = mem.read_port(transparent_for=(write,) if transparent else ())
    names = ("there", "here", "data", "out", "enable")
    there, here, data, out, enable = (
        Signal(width, name=name)
        for name, width in zip(names, ((depth - 1).bit_length(),) * 2 + (16, 16, 1), strict=True)
    )
    m.d.comb += [write.addr.eq(there), write.data.eq(data), write.en.eq(enable)]
    m.d.comb += [read.addr.eq(there if single else here), read.en.eq(~enable), out.eq(read.data)]
    return rtlil.convert(m, ports=[there, here, data, out, enable], name="top")


def cells(text, synthesis, folder):
    """Number of cells by type."""
    (folder / "design.il").write_text(text)
    out = run_yosys(f"read_rtlil design.il\n{synthesis} -top top\nstat", cwd=folder)
    counts = re.findall(r"^\s+(\d+)\s+([A-Z]\w+)$", out[out.rindex("Printing statistics") :], re.MULTILINE)
    return {name: int(count) for count, name in counts}


def test_untouched_without_attributes():
    text = design(attrs={}, init=[1, 2, 3])
    assert relax_memories(text) == text


def test_no_rw_check_changes_one_line():
    text = design(attrs={"no_rw_check": 1}, init=[1, 2, 3])
    before, after = text.splitlines(), relax_memories(text).splitlines()
    changed = [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [(r"parameter \COLLISION_X_MASK 1'0", r"parameter \COLLISION_X_MASK 1'1")]


def test_transparent_ports_stay():
    text = design(attrs={"no_rw_check": 1}, transparent=True)
    assert relax_memories(text) == text


def test_huge_drops_the_contents_only_there():
    assert "$meminit_v2" not in relax_memories(design(attrs={"ram_style": "huge"}))
    assert "$meminit_v2" in relax_memories(design(attrs={"ram_style": "block"}))


def test_attributes_hold_for_their_own_memory():
    m = Module()
    for name, attrs in (("one", {"no_rw_check": 1}), ("two", {})):
        m.submodules[name] = mem = Memory(shape=8, depth=16, init=[], attrs=attrs)
        write, read = mem.write_port(), mem.read_port()
        m.d.comb += [write.en.eq(1), write.data.eq(read.data), write.addr.eq(read.data)]
    masks = re.findall(r"COLLISION_X_MASK (\S+)", relax_memories(rtlil.convert(m, ports=[], name="top")))
    assert sorted(masks) == ["1'0", "1'1"]


def test_no_bypass_logic_is_left(tmp_path):
    text = design(attrs={"no_rw_check": 1}, depth=512)
    inverted_enable = {"LUT4": 1}
    assert cells(relax_memories(text), "synth_ecp5 -nowidelut", tmp_path) == {"DP16KD": 1, **inverted_enable}
    assert cells(text, "synth_ecp5 -nowidelut", tmp_path)["TRELLIS_FF"] > 16


def test_large_ram_of_up5k(tmp_path):
    text = design(attrs={"ram_style": "huge"}, depth=16384, single=True)
    assert cells(relax_memories(text), "synth_ice40 -device u -spram", tmp_path) == {"SB_SPRAM256KA": 1}


def test_emitted_verilog_says_undefined(tmp_path):
    script = "read_rtlil design.il\nproc -nomux -norom\nmemory_collect\nwrite_verilog -norename out.v"
    undefined = []
    for text in (design(attrs={"no_rw_check": 1}), design(attrs={})):
        (tmp_path / "design.il").write_text(relax_memories(text))
        run_yosys(script, cwd=tmp_path)
        undefined.append("16'hxxxx" in (tmp_path / "out.v").read_text())
    assert undefined == [True, False]


def test_names_of_array_elements_have_no_brackets():
    before = "\n".join(
        (
            "  wire width 4 \\sums.z[0]",
            "  wire width 12 \\sums.z",
            "  connect \\sums.z[0] \\sums.z [3:0]",
            "  cell $and \\a[1].b[22]$3",
            "    connect \\A \\sums.z[0] [2]",
            "    connect \\B { 1'0 \\sums.z [3] }",
        )
    )
    after = before.replace("sums.z[0]", "sums.z<0>").replace("a[1].b[22]$3", "a<1>.b<22>$3")
    assert bracket_free(before) == after
    assert bracket_free(after) == after


def test_ports_are_ordered_with_what_belongs_to_them():
    """A port that is a register keeps its value at power-up; other modules, and what is between ports, stay."""
    m = Module()
    ports = {name: Signal(width, name=name) for name, width in (("a", 1), ("b", 3), ("c", 2), ("d", 3))}
    held = Signal(3, name="held", init=5)
    m.d.sync += held.eq(ports["b"])
    m.d.comb += ports["d"].eq(held)
    register = Signal(2, name="register", init=2)
    m.d.sync += register.eq(Cat(ports["a"], ports["a"]))
    text = rtlil.convert(m, ports=[*ports.values(), register], name="top")
    wanted = ["rst", "register", "d", "clk", "b", "a", "c"]
    ordered = order_ports(text, wanted.index)
    found = re.findall(r"wire width \d+ (?:input|output) (\d+)\s+\\(\w+)", ordered)
    assert [name for _, name in sorted(found, key=lambda port: int(port[0]))] == wanted
    assert sorted(re.sub(r"put \d+", "put", text).splitlines()) == sorted(
        re.sub(r"put \d+", "put", ordered).splitlines()
    )
    assert attributes(ordered) == attributes(text)


def attributes(text):
    """The attributes of every port, source positions aside."""
    found, before = {}, []
    for line in text.splitlines():
        if port := re.search(r"(?:input|output) \d+\s+\\(\w+)", line):
            found[port[1]] = [entry for entry in before if "\\src" not in entry]
        before = [*before, line] if line.startswith("  attribute") else []
    return found
