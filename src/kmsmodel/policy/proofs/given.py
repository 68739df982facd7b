"""
What callers of Python give: refused with the argument's name where it is of another type.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from kmsmodel.errors import KmsError
from kmsmodel.policy.condition_keys import condition_key, meant_key
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.askers import KEYS_OF_AN_ASKER
from kmsmodel.policy.question import Value
from kmsmodel.words.meant import ALMOST


def a_text(given: object, argument: str) -> str:
    """A text. Raises TypeError for anything else."""
    if not isinstance(given, str):
        raise TypeError(f"{argument}: {given!r} is not a text")
    return given


def text_in(path: Path) -> str:
    """The text of a file. Raises OSError, or ValueError if it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a text in UTF-8") from None


@contextmanager
def named(path: object) -> Generator[None]:
    """Puts a file's name before what the notes on an error say."""
    try:
        yield
    except KmsError as error:
        error.__notes__ = [f"{path}: {each}" for each in getattr(error, "__notes__", ())]
        raise


def several(given: object, argument: str) -> tuple[Any, ...]:
    """What is given as a list. Raises TypeError for anything else, such as a single text."""
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise TypeError(f"{argument}: a list is expected, not {given!r}")
    return tuple(cast("Iterable[object]", given))


def grants(given: object) -> tuple[Grant, ...]:
    """The grants that are given. Raises TypeError for anything else."""
    found = several(given, "grants")
    for each in found:
        if not isinstance(each, Grant):
            raise TypeError(f"grants: {each!r} is not a Grant")
    return found


def members(given: object, argument: str) -> tuple[tuple[str, object], ...]:
    """Names with what is given for each. Raises TypeError for anything else; nothing may be given."""
    if given is None:
        return ()
    if not isinstance(given, Mapping):
        raise TypeError(f"{argument}: names with their values are expected, not {given!r}")
    found = cast("Mapping[object, object]", given).items()
    return tuple((a_text(name, argument), value) for name, value in found)


def one_or_more(given: object, argument: str) -> tuple[str, ...]:
    """A text, or several. Raises TypeError for anything else, and ValueError for none."""
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise TypeError(f"{argument}: a text or a list of texts is expected, not {given!r}")
    texts = tuple(a_text(each, argument) for each in cast("Iterable[object]", given))
    if not texts:
        raise ValueError(f"{argument}: none is given")
    return texts


def without_prefix(name: str, prefix: str, argument: str) -> str:
    """A name behind the prefix of a condition key. Raises ValueError for one that has the prefix already."""
    if name.lower().startswith(prefix.lower()):
        rest = name[len(prefix) :]
        raise ValueError(f"{argument}: {name!r} is a whole condition key; write {rest!r}")
    return name


def check_condition_key(name: str, argument: str) -> None:
    """Raises ValueError for what is almost the name of a condition key; one that is not listed may be newer."""
    slip = None if condition_key(name) else meant_key(name, alike=ALMOST)
    if slip is not None:
        raise ValueError(
            f"{argument}: there is no condition key {name!r}; perhaps {slip!r} is meant"
        )


def in_full(context: Mapping[str, Value]) -> dict[str, Value]:
    """Condition keys as a request has them: also by their other names, and as a list where there may be several."""
    found: dict[str, Value] = {}
    for name, value in context.items():
        known = condition_key(name)
        is_several = known is not None and known.is_multivalued
        found[name] = (value,) if is_several and isinstance(value, str) else value
    for name, other in keys.SAME_AS.items():
        for one, same in ((name, other), (other, name)):
            if one in found:
                found.setdefault(same, found[one])
    return found


def facts(given: object) -> dict[str, Value]:
    """The given condition keys, by their names in lower case. Raises TypeError for values that are not texts."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"given: condition keys with their values are expected, not {given!r}")
    found: dict[str, Value] = {}
    for name, value in cast("Mapping[object, object]", given).items():
        key = a_text(name, "given").lower()
        check_condition_key(key, "given")
        if key in KEYS_OF_AN_ASKER:
            raise ValueError(f"given: {name} follows from the caller: name the callers instead")
        told: Value
        if isinstance(value, str):
            told = value
        else:
            listed = several(value, f"given: {name}")
            told = tuple(a_text(each, f"given: {name}") for each in listed)
        if found.setdefault(keys.SAME_AS.get(key, key), told) != told:
            raise ValueError(f"given: {name} has another value by another name")
    return found
