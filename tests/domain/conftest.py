"""The tests of the ground floor share their queues; Hypothesis is told how long it may think."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import settings

# Tests are imported by path (importlib mode), so a helper beside them is found only when it is told where.
sys.path.insert(0, str(Path(__file__).parent))
# No deadline for one example: on a loaded machine it measures the neighbours. CI must judge alike every time.
settings.register_profile("vez", deadline=None, derandomize=True, database=None)
settings.load_profile("vez")
