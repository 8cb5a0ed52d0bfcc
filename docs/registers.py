"""Write the table of registers into docs/registers.md, from the map that the hardware decodes.

.venv/bin/python docs/registers.py
"""

from __future__ import annotations

from pathlib import Path

from bephw.flow.emitted.interface import described_registers, described_store_registers
from bephw.flow.emitted.registers import register_table
from bephw.golden.initial import initial_state
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings

DOCS = Path(__file__).resolve().parent
DOCUMENT = DOCS / "registers.md"
EXAMPLE = DOCS.parent / "examples" / "digits.toml"
BEGIN, END = "<!-- registers:begin -->\n", "<!-- registers:end -->"


def table() -> str:
    """That of the example's trainer, then of a store beside it, for which its board has no memory left."""
    settings = Settings.from_toml(EXAMPLE)
    trainer = Trainer(settings, initial_state(settings))
    trainer._MustUse__silence = True  # it is only asked, and Amaranth complains of what is made and not used
    roomy = settings.replace({"board": {"name": "ulx3s-85f", "store": "bram"}, "hardware.counter_memory": "bram"})
    store = described_store_registers(roomy)
    return register_table([*described_registers(settings, trainer.reset_values()), *store])


def main() -> None:
    """Replace what stands between the marks."""
    before, rest = DOCUMENT.read_text(encoding="utf-8").split(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}{table()}{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
