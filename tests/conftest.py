"""
What every test may ask for, and how much Hypothesis tries: HYPOTHESIS_PROFILE is ``quick``, ``gate``, ``default``,
``ci`` or ``thorough``.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings

from kmsmodel.local import LocalKms
from tests.operations.steps import local_kms

# Worlds are made once and take some tenths of a second, which the first example pays for.
_slow_start = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile(
    "quick",  # for the other interpreters, and for mutants
    max_examples=15,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=_slow_start,
)
settings.register_profile(
    "gate",  # for .ci/run: the same examples each time, within minutes
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=_slow_start,
)
settings.register_profile(
    "default",
    max_examples=80,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=_slow_start,
)
settings.register_profile(
    "ci",  # the same examples each time
    settings.get_profile("default"),
    max_examples=200,
    derandomize=True,
    print_blob=True,
)
settings.register_profile(
    "thorough",  # a campaign of hours
    settings.get_profile("default"),
    max_examples=20_000,
    stateful_step_count=100,
    phases=tuple(Phase),
    verbosity=Verbosity.normal,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


_CACHE = type(lru_cache(lambda: None))


def pytest_runtest_setup() -> None:
    """What an earlier test left in a cache would hide a change that a mutant makes."""
    if "MUTANT_UNDER_TEST" in os.environ:
        for name, module in list(sys.modules.items()):
            if name.startswith("kmsmodel."):
                for each in list(vars(module).values()):
                    if isinstance(each, _CACHE):
                        each.cache_clear()


@pytest.fixture
def local() -> LocalKms:
    """A KMS of one's own, without keys."""
    return local_kms()
