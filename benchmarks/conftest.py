"""After the table of pytest-benchmark, the ratios that docs/performance.md quotes."""

from __future__ import annotations

from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: Any) -> None:
    """Within each group, what each median is to that of the group's first benchmark."""
    groups: dict[str, list[Any]] = {}
    for bench in config._benchmarksession.benchmarks:
        groups.setdefault(bench.group, []).append(bench)
    terminalreporter.section("ratios of medians, within each group")
    for group, benches in groups.items():
        base = benches[0].stats.median
        terminalreporter.write_line(group)
        for bench in benches:
            median = bench.stats.median
            line = f"  {bench.name:<44} {median * 1e6:>12.1f} us  {median / base:>7.2f}"
            terminalreporter.write_line(line)
            for name, figure in bench.extra_info.items():
                shown = f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"
                terminalreporter.write_line(f"    {name}: {shown}")
