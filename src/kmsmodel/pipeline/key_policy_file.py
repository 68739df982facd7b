"""
Key policies by themselves: their JSON, or what ``aws kms get-key-policy`` prints.

With ``--output json`` (and ``yaml``), AWS's command prints an object whose ``Policy`` is a string; with ``--output
text``, it prints the policy, a tab, and the name of the policy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from kmsmodel.pipeline.stored import StoredPolicy
from kmsmodel.pipeline.texts import Text
from kmsmodel.policy.form import NAME

_NAME = f"\t{NAME}"


def plain(text: str) -> str:
    """The policy in a text that is one, or that ``get-key-policy`` has printed with ``--output text``."""
    printed = text.rstrip()
    return printed[: -len(_NAME)] if printed.endswith(_NAME) else text


def policy_in(text: str) -> str:
    """The policy in the text of a file, in any of these forms but YAML."""
    written = plain(text)
    try:
        content: object = json.loads(written)
    except (ValueError, RecursionError):
        return written
    return inner(content) or written


def inner(content: object) -> str | None:
    """The policy in what ``get-key-policy`` prints as JSON or YAML, if the content is that."""
    if isinstance(content, Mapping) and "Statement" not in content:
        found: object = content.get("Policy")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        if isinstance(found, str):
            return found
    return None


def read(text: Text, file: str) -> StoredPolicy:
    """The key policy in a file."""
    found = inner(text.content)
    if found is not None:
        return StoredPolicy(file=file, text=found, place=text.places.get(("Policy",)))
    return StoredPolicy(file=file, text=plain(text.text))
