"""Settings: one frozen, validated object behind the golden model and the hardware.

Read from TOML (`Settings.from_toml`), built in Python (`Settings.build(network={...}, ...)`) or changed
with `settings.replace({"hardware.rows": 4})`. Whatever exists is legal: every rule is checked on construction, and a
violation is one `BephwError` that names the field, the rule and the value.

Lists have one entry a layer, input side first; `hardware.rows` and `hardware.columns` have one more, for the
classifier. Where a field takes a number or a list, a number holds for every layer.
"""

from bephw.settings.baseline import Baseline
from bephw.settings.board import Board, Sdram
from bephw.settings.data import Data, Encoder
from bephw.settings.gnet import GNet
from bephw.settings.hardware import Hardware
from bephw.settings.learning import IN_PYTORCH, Learning
from bephw.settings.logic import Logic
from bephw.settings.network import Network
from bephw.settings.settings import Settings

__all__ = [
    "IN_PYTORCH",
    "Baseline",
    "Board",
    "Data",
    "Encoder",
    "GNet",
    "Hardware",
    "Learning",
    "Logic",
    "Network",
    "Sdram",
    "Settings",
]
