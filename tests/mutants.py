"""
mutmut with tests that are collected once: ``python -P tests/mutants.py run``, as `make mutants` does.

mutmut has pytest find the tests of each mutant by their names, which takes longer than to run them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import final
from unittest import mock

import pytest
from _pytest.config import _prepareconfig  # pyright: ignore[reportPrivateUsage]
from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.runners.harness import PytestRunner
from mutmut.utils.file_utils import change_cwd
from mutmut.workers.isolation import ForkRunner

_STANDARD_OUTPUT = 1


@final
class Collected(PytestRunner):
    """The tests of all mutants, and a run of those that mutmut chose for one."""

    session: pytest.Session
    items: dict[str, pytest.Item]

    def collect(self) -> None:
        selection = [*config().pytest_add_cli_args, *config().pytest_add_cli_args_test_selection]
        with change_cwd("mutants"):
            told = _prepareconfig(["--rootdir=.", "-qq", "--capture=no", *selection])
            told._do_configure()  # pyright: ignore[reportPrivateUsage]
            self.session = pytest.Session.from_config(told)
            told.hook.pytest_sessionstart(session=self.session)
            self.items = {each.nodeid: each for each in self.session.perform_collect()}

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """In a process of the mutant's own, which ends with this exit code of pytest."""
        if mutant_name is None:
            return super().run_tests(mutant_name=None, tests=tests)
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STANDARD_OUTPUT)
        try:
            with change_cwd("mutants"):
                return pytest.ExitCode.OK if self._pass(tests) else pytest.ExitCode.TESTS_FAILED
        except BaseException:  # noqa: BLE001 - whatever it is, the mutant has been noticed
            return pytest.ExitCode.INTERNAL_ERROR

    def _pass(self, tests: Iterable[str]) -> bool:
        chosen = [self.items[test] for test in _in_turn(tests)]
        for item, following in zip(chosen, [*chosen[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.session.testsfailed:
                return False
        return True


def _in_turn(tests: Iterable[str]) -> list[str]:
    """One case of each test first, then another of each: the cases of one test mostly notice the same."""
    cases: Counter[str] = Counter()

    def turn(test: str) -> int:
        name, _, _ = test.partition("[")
        cases[name] += 1
        return cases[name]

    return sorted(tests, key=turn)


@final
class Runner(ForkRunner):
    """Each mutant in a process that begins with all tests collected."""

    def __init__(self, max_workers: int) -> None:
        self.tests = Collected()
        super().__init__(max_workers, self.tests)

    def startup(self) -> None:
        self.tests.collect()
        super().startup()

    def run_clean_tests(self, tests: Iterable[str]) -> int:
        """They have run once, to tell which of them reaches what, and mutmut stops if one of them fails there."""
        del tests
        return pytest.ExitCode.OK


if __name__ == "__main__":
    with mock.patch.object(mutmut, "get_mutant_runner", Runner):
        mutmut.cli()
