"""
A request as somebody else would make it: by the AWS CLI, and by boto3.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import AttrsInstance

from kmsmodel.calls.request import Request
from kmsmodel.words import structures


def members(request: Request[Any]) -> dict[str, Any]:
    """The members of a request in plain JSON, with AWS's names."""
    structure: AttrsInstance = request
    return structures.to_json(structure)


def cli(
    request: Request[Any],
    *,
    files: Mapping[str, str] | None = None,
    takes: Mapping[str, str] | None = None,
) -> str:
    """
    The command of the AWS CLI, for a shell.

    ``files`` names the files of blobs, and ``takes`` the variables that have what is not known yet.
    """
    words = ["aws kms", _kebab(request.operation)]
    given = _given(request, takes)
    plain = {name: value for name, value in given.items() if _is_plain(value)}
    for name, value in plain.items():
        words += _option(name, value, files or {})
    if plain.keys() != given.keys():
        others = {
            name: each
            for name, each in members(request).items()
            if name in given.keys() - plain.keys()
        }
        words += ["--cli-input-json", shlex.quote(json.dumps(others))]
    for name, variable in (takes or {}).items():
        words += [f"--{_kebab(name)}", f'"${variable}"']
    return " ".join(words)


def boto3(
    request: Request[Any],
    *,
    files: Mapping[str, str] | None = None,
    takes: Mapping[str, str] | None = None,
) -> str:
    """
    The call of a boto3 client named ``kms``, in a program that knows `pathlib.Path` and `datetime.datetime`.

    ``files`` names the files of blobs, and ``takes`` the expressions that have what is not known yet.
    """
    known = {
        name: _python(value, (files or {}).get(name, _file(name)))
        for name, value in _given(request, takes).items()
    }
    lines = (f"    {name}={value},\n" for name, value in {**known, **(takes or {})}.items())
    return f"kms.{_kebab(request.operation).replace('-', '_')}(\n{''.join(lines)})"


def _given(request: Request[Any], takes: Mapping[str, str] | None) -> dict[str, Any]:
    """What is known of the members."""
    structure: AttrsInstance = request
    found = structures.to_members(structure)
    return {name: value for name, value in found.items() if name not in (takes or {})}


def _file(name: str) -> str:
    """The file that a blob is read from, if nobody has named another."""
    return f"{name}.bin"


# ---- the AWS CLI

_READ_ELSEWHERE = ("-", "file://", "fileb://", "http://", "https://")
"""What begins an option, or names where the AWS CLI reads a value."""


def _is_plain(value: object) -> bool:
    """Can this be an argument of a command, so that the AWS CLI takes it as it is?"""
    return not isinstance(value, str) or not (value.startswith(_READ_ELSEWHERE) or "\0" in value)


def _option(name: str, value: object, files: Mapping[str, str]) -> Iterator[str]:
    option = f"--{_kebab(name)}"
    match value:
        case bool():
            yield option if value else f"--no-{_kebab(name)}"
        case bytes():
            yield from (option, shlex.quote(f"fileb://{files.get(name, _file(name))}"))
        case datetime():
            yield from (option, value.isoformat())
        case str():
            yield from (option, shlex.quote(value))
        case _:
            yield from (option, shlex.quote(json.dumps(value)))


def _kebab(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "-", name).lower()


# ---- boto3


def _python(value: object, file: str) -> str:
    match value:
        case bytes():
            return f"Path({file!r}).read_bytes()"
        case datetime():
            return f'datetime.fromisoformat("{value.isoformat()}")'
        case str():
            return repr(str(value))
        case _:
            return repr(value)
