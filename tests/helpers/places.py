"""Where things lie: the repository, the plans that are shipped with it, the command."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLANS = ROOT / "plans"
#: the console script of the environment that runs the tests
WEDLOAD = Path(sys.executable).with_name("wedload")
