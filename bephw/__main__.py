"""`python -m bephw`: the same as the `bephw` command."""

import sys

from bephw.cli import main

sys.exit(main())
