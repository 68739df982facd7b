"""
A seed in a file, as TOML or JSON; ``docs/seed.schema.json`` has its format as a JSON Schema.
"""

from __future__ import annotations

import base64
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from kmsmodel.seeds import KEY_ID, STATES, Seed, SeedError, SeedMaterial
from kmsmodel.storage.forms import Malformed, structure
from kmsmodel.words import strict_json

_PEM = "-----BEGIN "
_BYTE_ORDER_MARK = "\ufeff"


def read(file: Path) -> Seed:
    """The seed in a file; one whose name ends in ``.json`` is JSON. Raises SeedError or OSError."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(f"{file}: {error}") from None
    return parse(text, str(file), is_json=file.suffix.lower() == ".json")


def parse(text: str, name: str, *, is_json: bool = False) -> Seed:
    """The seed in the text of a file of this name. Raises SeedError."""
    text = text.removeprefix(_BYTE_ORDER_MARK)
    try:
        content = strict_json.loads(text) if is_json else tomllib.loads(text)
        seed: Seed = structure(Seed).read(_in_full(content), "", ())
    except Malformed as error:
        place = error.at.lstrip(".") or "the seed"
        raise SeedError(f"{name}: {place} must be {error.what}") from None
    except (ValueError, RecursionError) as error:
        raise SeedError(f"{name}: {error}") from None
    return seed


def schema() -> dict[str, Any]:
    """The JSON schema of a seed."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    seed = structure(Seed).schema()
    of_key = seed["properties"]["keys"]["items"]["properties"]
    of_key["key_id"]["pattern"] = f"^({KEY_ID.pattern})$"
    of_key["key_state"] = {"enum": list(STATES)}
    of_key["policy"] = {"type": ["string", "object"]}
    text = {"type": "string", "description": "base64, or a private key in PEM"}
    material = structure(SeedMaterial).schema()
    material["properties"]["key_material"] = text
    one_of_them = {"anyOf": [text, material]}
    of_key["key_material"] = {"anyOf": [text, {"type": "array", "items": one_of_them}]}
    return {"$schema": dialect, "title": "KMS keys that a LocalKms begins with", **seed}


# ---- what a file may say for short


def _in_full(content: object) -> object:
    if not isinstance(content, dict) or not isinstance(content.get("keys"), list):
        return content
    return {**content, "keys": [_key(each) for each in content["keys"]]}


def _key(key: object) -> object:
    """A key whose policy is a text, and whose key material is a list of objects in base64."""
    if not isinstance(key, dict):
        return key
    full = dict(cast("Mapping[str, Any]", key))
    if isinstance(full.get("policy"), dict):
        full["policy"] = json.dumps(full["policy"], default=str)
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
