"""Who stands for all that can ask."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kmsmodel.policy.principal import PrincipalKind
from kmsmodel.policy.proofs.askers import SHAPES, SOMEONE, behind_any_path, told_by_names
from kmsmodel.policy.proofs.walks import exactly, others

NAMES = st.text("abAz09_.-+=,@", min_size=1, max_size=4)
NAMED = st.dictionaries(NAMES, st.frozensets(st.sampled_from(("", "a/", "b/", "a/b/"))), max_size=4)


@pytest.mark.parametrize("kind", [PrincipalKind.USER, PrincipalKind.SESSION])
@given(named=NAMED)
def test_names_alone_are_told_apart_as_by_a_walk(
    kind: PrincipalKind, named: dict[str, frozenset[str]]
) -> None:
    literals = frozenset(f"{path}{name}" for name, paths in named.items() for path in paths)
    patterns = tuple(behind_any_path(map(exactly, named)))
    walked = others(literals, patterns, shape=SHAPES[kind], candidates=SOMEONE)
    assert tuple(told_by_names(frozenset(named), literals) or walked) == walked


@pytest.mark.parametrize("odd", ["someone", "blü", "aws:ec2"])
def test_odd_names_take_a_walk(odd: str) -> None:
    assert told_by_names(frozenset(("app", odd)), frozenset()) is None
    assert told_by_names(frozenset(("app",)), frozenset(("a/app",))) is None
    assert told_by_names(frozenset(), frozenset(("someone",))) is None
    assert told_by_names(frozenset(("app",)), frozenset(("b/app",))) == ("someone", "app", "a/app")
