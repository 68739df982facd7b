"""
Runs: many files checked, on all cores.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from kmsmodel.calls.iam import Iam
from kmsmodel.pipeline.checks import check
from kmsmodel.pipeline.files import Job, Known, read_iam
from kmsmodel.pipeline.identity_policies import check as check_identity
from kmsmodel.pipeline.results import Result, not_understood
from kmsmodel.pipeline.rules_file import SETS, Rules, RulesFileError, load, named_rules
from kmsmodel.pipeline.stored import NotUnderstoodError
from kmsmodel.words.meant import perhaps

_FEW = 32
"""So few files are checked by this process alone, since others take a second to start."""


def load_rules(name: str, known: Known) -> Rules:
    """The rules with this name, or in the file with this path. Raises RulesFileError."""
    found = named_rules(name)
    if found is not None:
        return found
    if not Path(name).is_file():
        slip = perhaps(name, SETS)
        raise RulesFileError(f"{name} is not a file, and none of {', '.join(SETS)}{slip}")
    iam = None if known.iam is None else _directory(known.iam)
    return load(Path(name), lambda other: Job(file=str(other)).contents(known).policies, iam)


def _directory(file: str) -> Iam:
    try:
        return read_iam(Path(file).read_text(encoding="utf-8"), file)
    except (OSError, ValueError) as error:
        raise RulesFileError(f"{file}: {error}") from None


def results(
    jobs: Sequence[Job],
    rules_name: str,
    known: Known,
    *,
    done: Callable[[], None] = lambda: None,
    cores: int | None = None,
) -> list[Result]:
    """What comes of checking all files, in their order. ``done`` is called after each."""
    workers = cores or os.cpu_count() or 1
    if len(jobs) <= _FEW or workers == 1:
        rules = load_rules(rules_name, known)
        found = (checked(each, rules, known) for each in jobs)
        return _collected(found, done)
    with ProcessPoolExecutor(
        workers,
        multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(rules_name, known),
    ) as pool:
        return _collected(pool.map(_checked_here, jobs, chunksize=4), done)


def _collected(found: Iterable[list[Result]], done: Callable[[], None]) -> list[Result]:
    collected: list[Result] = []
    for each in found:
        collected += each
        done()
    return collected


def checked(job: Job, rules: Rules, known: Known) -> list[Result]:
    """What comes of checking one file."""
    try:
        contents = job.contents(known)
    except NotUnderstoodError as error:
        return [not_understood(job.file, "", error)]
    account = known.account or rules.account
    of_keys = [each for one in contents.policies for each in check(one, rules.of(one), account)]
    of_iam = [check_identity(each) for each in contents.of_iam if rules.of(each)]
    return of_keys + of_iam


# ---- in another process

_given: list[tuple[Rules, Known]] = []


def _start(rules_name: str, known: Known) -> None:
    _given.append((load_rules(rules_name, known), known))


def _checked_here(job: Job) -> list[Result]:
    rules, known = _given[0]
    return checked(job, rules, known)
