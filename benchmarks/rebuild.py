"""Warm rebuild: the share of a cold run's CPU time that a run needs when nothing has changed.

    python -m benchmarks.rebuild [--data DIR] [--json]

Same corpus, same commands, one after the other: build up to the preferences, twice. CPU seconds are of the flow itself with all
its child processes, servers' start-up and Python imports left out. Target: at most 0.10, and no LLM call.
"""

from __future__ import annotations
