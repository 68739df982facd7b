"""
A seed in a file, as TOML or JSON; ``docs/seed.schema.json`` has its format as a JSON Schema.
"""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from kmsmodel.policy.places import Path as Steps, places
from kmsmodel.seeds import KEY_ID, STATES, STATES_OF_A_REPLICA_KEY, Seed, SeedError, SeedMaterial
from kmsmodel.storage.forms import DIALECT, Malformed, structure
from kmsmodel.words import strict_json

_PEM = "-----BEGIN "
_BYTE_ORDER_MARK = "\ufeff"


def read(file: Path) -> Seed:
    """The seed in a file; one whose name ends in ``.json`` is JSON. Raises SeedError or OSError."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(str(error), file=str(file)) from None
    return parse(text, str(file), is_json=file.suffix.lower() == ".json")


def parse(text: str, name: str, *, is_json: bool = False) -> Seed:
    """The seed in the text of a file of this name. Raises SeedError."""
    text = text.removeprefix(_BYTE_ORDER_MARK)

    def located(at: str) -> str:
        line = line_of(text, at, is_json=is_json)
        return name if line is None else f"{name}:{line}"

    try:
        content = strict_json.loads(text) if is_json else tomllib.loads(text)
        seed: Seed = structure(Seed).read(_in_full(content), "", ())
    except Malformed as error:
        at = error.at.lstrip(".")
        told = f"{at or 'the seed'} must be {error.what}"
        raise SeedError(told, file=located(at)) from None
    except (ValueError, RecursionError) as error:
        raise SeedError(str(error), file=name) from None
    return seed.from_file(located)


def schema() -> dict[str, Any]:
    """The JSON schema of a seed."""
    seed = structure(Seed).schema()
    of_key = seed["properties"]["keys"]["items"]["properties"]
    of_key["key_id"]["pattern"] = f"^({KEY_ID.pattern})$"
    of_replica_key = of_key["replica_keys"]["items"]["properties"]
    of_key["key_state"] = {"enum": list(STATES)}
    of_replica_key["key_state"] = {"enum": list(STATES_OF_A_REPLICA_KEY)}
    for members in (of_key, of_replica_key):
        members["policy"] = {"type": ["string", "object"]}
    text = {"type": "string", "description": "base64, or a private key in PEM"}
    material = structure(SeedMaterial).schema()
    material["properties"]["key_material"] = text
    one_of_them = {"anyOf": [text, material]}
    of_key["key_material"] = {"anyOf": [text, {"type": "array", "items": one_of_them}]}
    return {"$schema": DIALECT, "title": "KMS keys that a LocalKms begins with", **seed}


# ---- what a file may say for short


def _in_full(content: object) -> object:
    if not isinstance(content, dict):
        return content
    seed = cast("Mapping[str, object]", content)
    keys = seed.get("keys")
    if not isinstance(keys, list):
        return seed
    return {**seed, "keys": [_key(each) for each in cast("list[object]", keys)]}


def _key(key: object) -> object:
    """A key or a replica key whose policy is a text, and whose key material is a list of objects in base64."""
    if not isinstance(key, dict):
        return key
    full = dict(cast("Mapping[str, Any]", key))
    if isinstance(full.get("policy"), dict):
        full["policy"] = json.dumps(full["policy"], default=str)
    if isinstance(full.get("replica_keys"), list):
        full["replica_keys"] = [_key(each) for each in full["replica_keys"]]
    material = full.get("key_material")
    if isinstance(material, str):
        material = [material]
    if isinstance(material, list):
        full["key_material"] = [_material(each) for each in cast("list[object]", material)]
    return full


def _material(given: object) -> object:
    if isinstance(given, str):
        given = {"key_material": given}
    if isinstance(given, dict):
        full = dict(cast("Mapping[str, Any]", given))
        text = full.get("key_material")
        if isinstance(text, str) and text.lstrip().startswith(_PEM):
            full["key_material"] = base64.b64encode(text.encode()).decode()
        return full
    return given


# ---- where it stands in a file


def line_of(text: str, at: str, *, is_json: bool) -> int | None:
    """The line of a place such as ``keys[0].grants[1]``, or of what is around it; it is None for the whole text."""
    path: Steps = tuple(int(n) if n else name for name, n in _STEP.findall(at))
    if is_json:
        place = places(text).of(*path) if path else None
        return None if place is None else place.line
    content = tomllib.loads(text)
    while path and not _has(content, path):
        path = path[:-1]
    return _line_of_toml(text, path) if path else None


_STEP = re.compile(r"(\w+)|\[(\d+)\]")


def _has(content: object, path: Steps) -> bool:
    for step in path:
        if isinstance(step, int):
            items = cast("list[object]", content) if isinstance(content, list) else []
            if step >= len(items):
                return False
            content = items[step]
        elif isinstance(content, dict) and step in content:
            content = cast("dict[str, object]", content)[step]
        else:
            return False
    return True


def _line_of_toml(text: str, path: Steps) -> int:
    """
    The line at which the statement begins that makes the path: tomllib tells no lines, but reads any whole statements.
    """
    lines = text.split("\n")

    def first(count: int) -> object:
        """What the first lines say, or None if they end within a statement."""
        try:
            return tomllib.loads("\n".join(lines[:count]) + "\n")
        except ValueError:
            return None

    without, having = 0, len(lines)
    while having - without > 1:
        middle = (without + having) // 2
        end = next((n for n in range(middle, without, -1) if first(n) is not None), without)
        if _has(first(end), path):
            having = end
        else:
            without = middle
    end = next((n for n in range(having - 1, 0, -1) if first(n) is not None), 0)
    return end + 1
