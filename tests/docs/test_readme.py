"""The README does what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from kmsmodel.errors import KmsError
from kmsmodel.exploration.kinds import explored
from kmsmodel.exploration.moves import moves

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_runs_alone_and_prints_what_the_comments_below_it_say(
    block: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    try:
        exec(block, {})
    except KmsError as error:
        told.append(f"{error.code}: {error.message}")
    said = re.findall(r"^# (.*)$", block, re.MULTILINE)
    printed = capsys.readouterr().out.splitlines() + told
    assert len(printed) == len(said)
    for line, pattern in zip(printed, said, strict=True):
        assert re.fullmatch(re.escape(pattern).replace(r"\.\.\.", ".*"), line)


def test_the_test_of_an_application_passes() -> None:
    (name,) = re.findall(r"def (test_\w+)", README)
    names: dict[str, object] = {}
    exec(next(block for block in BLOCKS if name in block), names)
    cast("Callable[[], None]", names[name])()


def test_the_picture_shows_all_that_moves_a_single_region_key_outside_of_custom_key_stores() -> (
    None
):
    (picture,) = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", README, re.DOTALL)
    drawn = re.findall(r"^    (\S+) --> (\S+) : (.*)$", picture, re.MULTILINE)
    assert len(drawn) == len(picture.splitlines())
    assert len({(before, after) for before, after, _ in drawn}) == len(drawn)
    created = [
        ("[*]", "PendingImport", "CreateKey with Origin=EXTERNAL"),
        ("[*]", "Enabled", "CreateKey"),
    ]
    assert sorted(
        (before, after, label) for before, after, labels in drawn for label in labels.split(", ")
    ) == sorted(
        {
            (str(move.before), str(move.after or "[*]"), move.label)
            for kind in ("AWS_KMS", "EXTERNAL")
            for transition in explored(kind).transitions
            for move in moves(transition)
            if move.refusal is None and move.before is not move.after
        }
        | set(created)
    )


def anchors(page: str) -> set[str]:
    """What its headings are called in links, as GitHub and MyST do it."""
    prose = re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)
    found: list[str] = []
    for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        before = sum(re.fullmatch(rf"{slug}(-\d+)?", each) is not None for each in found)
        found.append(f"{slug}-{before}" if before else slug)
    return set(found)


def test_each_link_leads_somewhere_and_says_where() -> None:
    for page in (*ROOT.glob("*.md"), *ROOT.glob("changes/*.md"), *ROOT.glob("docs/*.md")):
        for text, target in re.findall(
            r"\[([^][]*)\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")
        ):
            where = f"{page.name}: [{text}]({target})"
            assert text, where
            name, _, anchor = target.partition("#")
            if "://" not in target:
                linked = page.parent / name if name else page
                assert linked.exists(), where
                assert not anchor or anchor in anchors(linked.read_text("utf-8")), where
