"""
The rooms of the house: a module imports only from its own room and from rooms to the left of it.

The reasons are in `docs/design.md`. A new room, or a module of the front page, is placed here before it can be used.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.rooms import PLACES

SOURCE = Path(__file__).resolve().parents[1] / "src" / "kmsmodel"

SHELL = {"clock", "crypto", "faults", "storage", "local"}
"""What may know the world: time, chance, threads and disks. All that is left of `local` and not here may not."""

WINGS = {name for name, place in PLACES.items() if place > PLACES["local"]}

THIRD_PARTY = {"attrs", "cryptography", "rpds"}
"""What the core needs at run time."""

BY_AN_EXTRA = {
    "crypto.attestation": {"cbor2"},
    "crypto.ed25519ph": {"Crypto"},
    "crypto.ml_kem_512": {"kyber_py"},
    "crypto.sm2": {"gmalg"},
}
"""What a module of the core needs besides, for what only those ask who have the extra."""

UNKNOWN_BELOW_THE_SHELL = {
    "os",
    "time",
    "random",
    "secrets",
    "socket",
    "threading",
    "logging",
    "asyncio",
    "subprocess",
    "multiprocessing",
    "concurrent",
}

READS_CLOCK_OR_DICE = {
    "now",
    "utcnow",
    "today",
    "uuid1",
    "uuid4",
    "uuid6",
    "uuid7",
    "urandom",
    "getrandbits",
    "token_bytes",
    "generate_private_key",
    "generate_key",
}


@cache
def modules() -> tuple[str, ...]:
    """Every module of the package, by its name in it; the package itself is the empty one."""
    paths = (path.relative_to(SOURCE).with_suffix("") for path in SOURCE.rglob("*.py"))
    names = (".".join(part for part in path.parts if part != "__init__") for path in paths)
    return tuple(sorted(names))


def tree(module: str) -> ast.Module:
    path = SOURCE.joinpath(*module.split(".")) if module else SOURCE
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(source.read_text(encoding="utf-8"))


def room(module: str) -> str:
    """The folder that a module is in, or its own name at the top; "." is the front page."""
    return module.partition(".")[0] or "."


@cache
def imported(module: str) -> frozenset[str]:
    """The full names of the modules that a module imports, wherever it does."""
    found: set[str] = set()
    in_house = {f"kmsmodel.{name}" if name else "kmsmodel" for name in modules()}
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            source = node.module or ""
            names = {f"{source}.{alias.name}" for alias in node.names}
            found |= (names & in_house) or {source}
            found |= {source} if source != "kmsmodel" and source in in_house else set()
    return frozenset(found)


def imported_from_the_house(module: str) -> set[str]:
    return {
        name.removeprefix("kmsmodel").removeprefix(".")
        for name in imported(module)
        if name.partition(".")[0] == "kmsmodel"
    }


def test_every_module_is_in_a_room_that_has_a_place() -> None:
    assert {room(module) for module in modules()} - PLACES.keys() == set()


def test_every_place_has_a_room() -> None:
    assert PLACES.keys() - {room(module) for module in modules()} == set()


@pytest.mark.parametrize("module", [module for module in modules() if module])
def test_a_module_imports_only_from_its_own_room_and_from_rooms_to_the_left(module: str) -> None:
    here = PLACES[room(module)]
    others = {name for name in imported_from_the_house(module) if room(name) != room(module)}
    assert {name for name in others if PLACES[room(name)] >= here} == set()


@pytest.mark.parametrize(
    "name",
    [name for name in sorted(PLACES) if (SOURCE / name / "__init__.py").exists() and name != "."],
)
def test_a_room_says_what_it_is_in_one_sentence(name: str) -> None:
    """And holds nothing else, but for the table of contents, the command line and the front page of a language."""
    sentence, *rest = tree(name).body
    assert isinstance(sentence, ast.Expr)
    assert isinstance(sentence.value, ast.Constant)
    assert re.fullmatch(r"[A-Z][^\n]*\.", str(sentence.value.value).strip().partition("\n\n")[0])
    if name not in {"operations", "cli", "policy"}:
        assert rest == []


@pytest.mark.parametrize("module", [module for module in modules() if module])
def test_no_module_imports_the_front_door(module: str) -> None:
    """Each name comes from the room it lives in."""
    assert "" not in imported_from_the_house(module)


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {module: imported_from_the_house(module) - {module} for module in modules() if module}
    TopologicalSorter(graph).prepare()


def _core() -> list[str]:
    return [module for module in modules() if room(module) not in {*WINGS, "exploration"}]


@pytest.mark.parametrize("module", _core())
def test_the_core_needs_the_standard_library_and_three_packages(module: str) -> None:
    roots = {name.partition(".")[0] for name in imported(module)}
    needed = THIRD_PARTY | BY_AN_EXTRA.get(module, set())
    assert roots - sys.stdlib_module_names - needed <= {"kmsmodel"}


def _below_the_shell() -> list[str]:
    return [module for module in _core() if room(module) not in SHELL]


@pytest.mark.parametrize("module", _below_the_shell())
def test_nothing_below_the_shell_has_a_way_to_time_chance_threads_or_the_world(
    module: str,
) -> None:
    roots = {name.partition(".")[0] for name in imported(module)}
    assert roots & UNKNOWN_BELOW_THE_SHELL == set()


@pytest.mark.parametrize("module", _below_the_shell())
def test_nothing_below_the_shell_reads_a_clock_or_throws_dice(module: str) -> None:
    """`call.now` is a value; `datetime.now` is a call. Names that are called, or imported to be, are looked at."""
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }
    taken = {
        alias.name
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    by_reference = {
        f"{node.value.id if isinstance(node.value, ast.Name) else node.value.attr}.{node.attr}"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute)
    }
    assert (called | taken) & READS_CLOCK_OR_DICE == set()
    forbidden = {
        f"{owner}.{name}" for owner in ("datetime", "date", "uuid") for name in READS_CLOCK_OR_DICE
    }
    assert by_reference & forbidden == set()


@pytest.mark.parametrize("module", _below_the_shell())
def test_nothing_below_the_shell_prints_opens_or_evaluates(module: str) -> None:
    called = {
        node.func.id
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert called & {"print", "open", "input", "eval", "exec", "__import__"} == set()
