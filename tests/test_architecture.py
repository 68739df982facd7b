"""
The floors of the house: a module imports only from floors below it, or from its own room.

The reasons are in `docs/design.md`. A new module of the core has to be placed here before it can be used.
"""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "kmsmodel"

FLOORS: dict[str, tuple[str, ...]] = {
    "words": ("dates", "errors", "shapes", "arn", "violations", "scalars", "structures"),
    "machine": ("key_state", "automatic_rotation", "lifecycle"),
    "nouns": (
        "key_spec",
        "key_material",
        "tag",
        "hsm",
        "records",
        "pages",
        "ciphertext",
        "import_token",
        "key",
        "key_policy",
        "alias",
        "kms",
    ),
    "access": (
        "request",
        "call",
        "authorization",
        "key_usage",
        "recipient",
        "new_key",
        "aws_managed_key",
        "access",
    ),
    "chapters": ("operations.*", "operations"),
    "doors": ("wire", "service"),
    "shell": ("wrapping", "private_keys", "software_hsm", "seeded_hsm", "local"),
    "wings": (
        "asgi",
        "server",
        "__main__",
        "boto",
        "demo",
        "diagrams",
        "cli",
        "cli.*",
        "testing",
        "testing.*",
    ),
    "front": ("",),
}
"""From the ground up. A name with a star is a whole room."""

SHELL = list(FLOORS).index("shell")

THIRD_PARTY = {"attrs", "cryptography", "rpds"}
"""What the core needs at run time."""

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


def modules() -> list[str]:
    """Every module of the package, by its name in it; the package itself is the empty one."""
    paths = (path.relative_to(SOURCE).with_suffix("") for path in SOURCE.rglob("*.py"))
    return sorted(".".join(part for part in path.parts if part != "__init__") for path in paths)


def tree(module: str) -> ast.Module:
    path = SOURCE.joinpath(*module.split(".")) if module else SOURCE
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(source.read_text(encoding="utf-8"))


def floor(module: str) -> int | None:
    room = f"{module.partition('.')[0]}.*"
    for number, names in enumerate(FLOORS.values()):
        if module in names or ("." in module and room in names):
            return number
    return None


def imported(module: str) -> set[str]:
    """The full names of the modules that a module imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            source = node.module or ""
            names = {f"{source}.{alias.name}" for alias in node.names}
            in_house = {f"kmsmodel.{name}" if name else "kmsmodel" for name in modules()}
            found |= (names & in_house) or {source}
            found |= {source} if source != "kmsmodel" and source in in_house else set()
    return found


def imported_from_the_house(module: str) -> set[str]:
    return {
        name.removeprefix("kmsmodel").removeprefix(".")
        for name in imported(module)
        if name.partition(".")[0] == "kmsmodel"
    }


def room(module: str) -> str:
    return module.partition(".")[0]


def test_every_module_is_on_a_floor() -> None:
    assert [module for module in modules() if floor(module) is None] == []


def test_every_name_on_a_floor_is_a_module() -> None:
    """What comes later is placed when it comes; the wings are built one by one."""
    named = {name for names in FLOORS.values() for name in names if not name.endswith("*")}
    assert named - set(modules()) <= set(FLOORS["wings"])


@pytest.mark.parametrize("module", [module for module in modules() if module])
def test_a_module_imports_only_from_floors_below_it_or_from_its_own(module: str) -> None:
    here = floor(module)
    assert here is not None
    above = {name for name in imported_from_the_house(module) if (floor(name) or 0) > here}
    assert above == set()


@pytest.mark.parametrize("module", [module for module in modules() if module])
def test_no_module_imports_the_front_door(module: str) -> None:
    """Each name comes from the room it lives in."""
    assert "" not in imported_from_the_house(module)


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {module: imported_from_the_house(module) - {module} for module in modules() if module}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("floor_", ["wings", "front"])
def test_nothing_in_the_core_knows_the_wings(floor_: str) -> None:
    names = {name for name in modules() if floor(name) == list(FLOORS).index(floor_)}
    core = [name for name in modules() if (floor(name) or 0) <= SHELL and name]
    assert [name for name in core if imported_from_the_house(name) & names] == []


def _core() -> list[str]:
    return [module for module in modules() if module and (floor(module) or 0) <= SHELL]


@pytest.mark.parametrize("module", _core())
def test_the_core_needs_the_standard_library_and_three_packages(module: str) -> None:
    roots = {name.partition(".")[0] for name in imported(module)}
    assert roots - sys.stdlib_module_names - THIRD_PARTY <= {"kmsmodel"}


def _below_the_shell() -> list[str]:
    return [module for module in _core() if floor(module) != SHELL]


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
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
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
