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
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest

import kmsmodel
from kmsmodel import policy
from kmsmodel.operations import OPERATIONS

PUBLIC: list[str] = vars(kmsmodel)["__all__"]
HOMES: dict[str, str] = vars(kmsmodel)["_HOMES"]
MODULES: frozenset[str] = vars(kmsmodel)["_MODULES"]

_OPEN = {"ClientMachine", "Facts", "Http11", "Identity", "KmsError", "Request"}
"""The public classes that others derive from."""


def test_the_interpreter_reads_each_name_that_type_checkers_read() -> None:
    stub = Path(kmsmodel.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    statements = [node for node in ast.parse(stub).body if isinstance(node, ast.ImportFrom)]
    assert len(statements) == len(ast.parse(stub).body)
    assert {alias.asname or "": node.module for node in statements for alias in node.names} == HOMES
    assert all(alias.asname == alias.name for node in statements for alias in node.names)


def test_each_module_is_loaded_when_it_is_first_used() -> None:
    script = (
        "import sys, kmsmodel\n"
        f"for name in {sorted(MODULES)}:\n"
        "    module = getattr(kmsmodel, name)\n"
        "    assert module is sys.modules[f'kmsmodel.{name}'] is vars(kmsmodel)[name]\n"
        "print(kmsmodel.boto.client, kmsmodel.server.running)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert run.stderr == ""
    assert run.stdout.startswith("<function client at ")


def test_the_ways_in_that_are_modules_are_not_among_the_names() -> None:
    assert {"asgi", "boto", "server"} == MODULES
    assert not MODULES & set(PUBLIC)


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
    assert len(set(PUBLIC)) == len(PUBLIC)
    assert set(PUBLIC) == set(HOMES) - MODULES
    assert [HOMES[name] for name in PUBLIC] == sorted(HOMES[name] for name in PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_each_public_name_is_what_its_module_has(name: str) -> None:
    home = import_module(HOMES[name])
    assert getattr(kmsmodel, name) is getattr(home, name)


def test_each_operation_and_each_error_is_public() -> None:
    requests = {cls.__name__ for cls in OPERATIONS}
    errors = {cls.__name__ for cls in kmsmodel.KmsError.__subclasses__()}
    assert requests | errors <= set(PUBLIC)
    responses = {
        get_args(base)[0].__name__ for cls in OPERATIONS for base in vars(cls)["__orig_bases__"]
    }
    assert responses <= set(PUBLIC)


def test_dir_has_every_public_name() -> None:
    assert set(PUBLIC) <= set(dir(kmsmodel))


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match=r"^module 'kmsmodel' has no attribute 'Secrets'$"):
        getattr(kmsmodel, "Secrets")  # noqa: B009 - type checkers know that it is not there


def test_proofs_are_loaded_when_they_are_asked_for() -> None:
    assert policy.KeyPolicy is import_module("kmsmodel.policy.proofs.key_policy").KeyPolicy
    unknown = "Secrets"
    with pytest.raises(
        AttributeError, match=r"^module 'kmsmodel.policy' has no attribute 'Secrets'$"
    ):
        getattr(policy, unknown)


def test_importing_kmsmodel_loads_no_module_of_it() -> None:
    script = (
        "import sys, kmsmodel\n"
        "print([name for name in sys.modules if name.startswith('kmsmodel.')], "
        "[name for name in ('attrs', 'attr', 'rpds', 'cryptography') if name in sys.modules])\n"
        "kmsmodel.Tag\n"
        "print('kmsmodel.key.tag' in sys.modules, 'kmsmodel.crypto.software_hsm' in sys.modules)\n"
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


_OF_MOTO = ("moto", "moto_seams", "moto_services")
_WITH_PEOPLE = {"__main__", "cli", "server", *(() if find_spec("moto") else _OF_MOTO)}


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
        for name in PUBLIC
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
