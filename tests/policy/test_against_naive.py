"""
The engine and the second opinion, which share nothing, decide alike.

`python -m tests.policy.test_against_naive 100000` asks both of so many cases.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter

from hypothesis import given, strategies as st

from kmsmodel.policy import cases
from tests.policy import naive
from tests.policy.drawn_cases import CaseDrawer


@given(st.data())
def test_both_decide_alike(data: st.DataObject) -> None:
    case = CaseDrawer(lambda options: data.draw(st.sampled_from(options))).case()
    assert cases.verdict(case) == naive.verdict(case)


def test_both_verdicts_are_common_among_drawn_cases() -> None:
    """Else agreement would tell nothing."""
    drawer = CaseDrawer(random.Random(1).choice)
    verdicts = Counter(cases.verdict(drawer.case()) for _ in range(300))
    assert min(verdicts["allow"], verdicts["deny"]) > 30


def main(number: int, seed: int = 0) -> None:
    """Compare both on many cases, and print those on which they differ."""
    drawer = CaseDrawer(random.Random(seed).choice)
    verdicts: Counter[str] = Counter()
    for _ in range(number):
        case = drawer.case()
        ours, theirs = cases.verdict(case), naive.verdict(case)
        verdicts[ours if ours == theirs else "differ"] += 1
        if ours != theirs:
            sys.stdout.write(json.dumps({"engine": ours, "naive": theirs, **case}) + "\n")
    sys.stdout.write(f"{dict(verdicts)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
