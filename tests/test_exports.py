"""
What `kmsmodel` names, and where it has it from.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import subprocess
import sys
from enum import Enum
from importlib import import_module
from pathlib import Path

import pytest

import kmsmodel
from kmsmodel.operations import OPERATIONS

_SOURCE = Path(kmsmodel.__file__).read_text(encoding="utf-8")

HOMES: dict[str, str] = vars(kmsmodel)["_HOME"]
MODULES: tuple[str, ...] = vars(kmsmodel)["_MODULES"]

_OPEN = {"KmsError", "Request"}
"""The public classes that others derive from."""


def _imported_for_type_checkers() -> dict[str, str]:
    """Each name, and the module that it is from; a module is from the package itself."""
    (block,) = (
        node
        for node in ast.parse(_SOURCE).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {
        alias.name: node.module.removeprefix("kmsmodel.")
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }


def test_type_checkers_and_the_interpreter_have_each_name_from_the_same_module() -> None:
    assert _imported_for_type_checkers() == HOMES | dict.fromkeys(MODULES, "kmsmodel")


def test_each_module_is_loaded_when_it_is_first_used() -> None:
    script = (
        "import sys, kmsmodel\n"
        f"for name in {MODULES}:\n"
        "    module = getattr(kmsmodel, name)\n"
        "    assert module is sys.modules[f'kmsmodel.{name}'] is vars(kmsmodel)[name]\n"
        "print(kmsmodel.boto.client, kmsmodel.server.running)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert run.stderr == ""
    assert run.stdout.startswith("<function client at ")


def test_a_module_that_people_and_tests_use_alone_is_none_of_those() -> None:
    every = {module.name for module in pkgutil.iter_modules(kmsmodel.__path__)}
    assert set(MODULES) <= every - (_WITH_PEOPLE - {"server"})
    assert len(set(MODULES)) == len(MODULES)
    assert not set(MODULES) & set(kmsmodel.__all__)


@pytest.mark.parametrize(
    "module, needed, extra",
    [("boto", "botocore", "boto"), ("server", "uvicorn", "server")],
)
def test_without_its_extra_a_module_says_which_to_install(
    module: str, needed: str, extra: str
) -> None:
    script = f"import sys, kmsmodel; sys.modules[{needed!r}] = None; kmsmodel.{module}"
    run = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    error, note = run.stderr.splitlines()[-2:]
    assert error.startswith("ModuleNotFoundError: ")
    assert needed in error
    assert note == (
        f"kmsmodel.{module} needs an extra: pip install '.[{extra}]' in a clone of kmsmodel"
    )


def test_all_names_everything_public_once_and_in_order() -> None:
    assert len(set(kmsmodel.__all__)) == len(kmsmodel.__all__)
    assert set(kmsmodel.__all__) == set(HOMES)
    constants = [name for name in kmsmodel.__all__ if name.isupper()]
    classes = [name for name in kmsmodel.__all__ if name[0].isupper() and not name.isupper()]
    functions = [name for name in kmsmodel.__all__ if name.islower()]
    assert kmsmodel.__all__ == [*sorted(constants), *sorted(classes), *sorted(functions)]


@pytest.mark.parametrize("name", kmsmodel.__all__)
def test_each_public_name_is_what_its_module_has(name: str) -> None:
    home = import_module(f"kmsmodel.{HOMES[name]}")
    assert getattr(kmsmodel, name) is getattr(home, name)


def test_each_operation_and_each_error_is_public() -> None:
    requests = {cls.__name__ for cls in OPERATIONS}
    errors = {cls.__name__ for cls in kmsmodel.KmsError.__subclasses__()}
    assert requests | errors <= set(kmsmodel.__all__)
    responses = {name.removesuffix("Request") + "Response" for name in requests}
    assert responses <= set(kmsmodel.__all__)


def test_dir_has_every_public_name() -> None:
    assert set(kmsmodel.__all__) <= set(dir(kmsmodel))


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match=r"^module 'kmsmodel' has no attribute 'Secrets'$"):
        getattr(kmsmodel, "Secrets")  # noqa: B009 - type checkers know that it is not there


def test_importing_kmsmodel_loads_no_module_of_it() -> None:
    script = (
        "import sys, kmsmodel\n"
        "print([name for name in sys.modules if name.startswith('kmsmodel.')], "
        "[name for name in ('attrs', 'attr', 'rpds', 'cryptography') if name in sys.modules])\n"
        "kmsmodel.Tag\n"
        "print('kmsmodel.tag' in sys.modules, 'kmsmodel.software_hsm' in sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(kmsmodel.__file__).parents[1])},
    )
    assert run.stdout.splitlines() == ["[] []", "True False"]


def _modules() -> list[str]:
    """All modules but what talks to a person when it is run, or needs an extra."""
    return [
        module.name
        for module in pkgutil.walk_packages(kmsmodel.__path__, "kmsmodel.")
        if module.name.removeprefix("kmsmodel.").partition(".")[0] not in _WITH_PEOPLE
    ]


_WITH_PEOPLE = {"__main__", "cli", "demo", "diagrams", "server", "testing"}


def _public_classes() -> list[type]:
    classes = {
        value
        for name in _modules()
        for value in vars(import_module(name)).values()
        if inspect.isclass(value)
        and value.__module__ == name
        and not value.__name__.startswith("_")
    }
    return sorted(classes, key=lambda cls: (cls.__module__, cls.__name__))


def _is_concrete(cls: type) -> bool:
    return not (
        inspect.isabstract(cls)
        or getattr(cls, "_is_protocol", False)
        or issubclass(cls, Enum)  # an enumeration with members is final by itself
        or issubclass(cls, BaseException)
        or cls.__name__ in _OPEN
    )


@pytest.mark.parametrize("cls", [cls for cls in _public_classes() if _is_concrete(cls)], ids=str)
def test_every_concrete_public_class_is_final(cls: type) -> None:
    assert getattr(cls, "__final__", False)


_NAMES_SAY_IT_ALL = ("Request", "Response")


def _documented() -> list[str]:
    return [
        name
        for name in kmsmodel.__all__
        if not (name.endswith(_NAMES_SAY_IT_ALL) and name != "Request")
        and (callable(value := getattr(kmsmodel, name)) and not isinstance(value, type(Enum)))
    ]


@pytest.mark.parametrize("name", _documented())
def test_every_public_class_and_function_says_what_it_is(name: str) -> None:
    """A request or a response may leave it to its name, and so may an enumeration of AWS's."""
    doc = getattr(kmsmodel, name).__doc__
    assert doc
    first = doc.strip().partition("\n\n")[0]
    assert first[0].isupper()
    assert first.rstrip().endswith((".", "``."))


def test_every_operation_says_what_it_does() -> None:
    assert [f.__name__ for f in OPERATIONS.values() if not f.__doc__] == []
