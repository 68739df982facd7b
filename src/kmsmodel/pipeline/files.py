"""
Files: which reader a file is for, and all files of a folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast, final

from attrs import field, frozen

from kmsmodel.calls.iam import Iam
from kmsmodel.pipeline import (
    authorization_details,
    cloudformation,
    key_policy_file,
    terraform,
    texts,
)
from kmsmodel.pipeline.identity_policies import IdentityPolicy
from kmsmodel.pipeline.stored import NotUnderstoodError, StoredPolicy
from kmsmodel.pipeline.texts import Text
from kmsmodel.policy.actions import PREFIX
from kmsmodel.policy.document import VERSIONS
from kmsmodel.policy.findings import expanded
from kmsmodel.policy.form import ELEMENTS, ELEMENTS_OF_A_STATEMENT
from kmsmodel.words.meant import ALMOST, meant

_SUFFIXES = {".json", ".yaml", ".yml", ".template"}
_NOT_LOOKED_INTO = {"node_modules", "__pycache__"}
_SPEAKS_OF_KMS = ("kms:", "aws_kms_")


@final
@frozen(kw_only=True)
class Known:
    """
    What is known besides the files.

    ``parameters`` are those of templates, ``assume`` the values of what a plan or a template does not know yet.
    ``iam`` is the file with a directory of IAM.
    """

    account: str | None = None
    parameters: Mapping[str, str] = field(factory=dict[str, str])
    assume: Mapping[str, str] = field(factory=dict[str, str])
    iam: str | None = None


@final
@frozen(kw_only=True)
class Contents:
    """The key policies in a file; ``before`` are those that stand now where the file is a plan; and those of IAM."""

    policies: tuple[StoredPolicy, ...] = ()
    before: tuple[StoredPolicy, ...] | None = None
    of_iam: tuple[IdentityPolicy, ...] = ()


def read(text: str, file: str, known: Known) -> Contents:
    """The key policies in the text of a file. Raises NotUnderstoodError."""
    if texts.is_json(text):
        printed = key_policy_file.plain(text)
        if printed != text:
            return Contents(policies=(StoredPolicy(file=file, text=printed),))
    found = texts.read(text)
    contents = _read(found, file, known)
    if contents is None:
        return Contents(policies=(key_policy_file.read(found, file),))
    return contents


def _read(text: Text, file: str, known: Known) -> Contents | None:
    """The policies in a text of a form that is known, or None."""
    found = text.content
    if not isinstance(found, Mapping):
        return None
    try:
        return _of_a_form(text, cast("Mapping[str, Any]", found), file, known)
    except NotUnderstoodError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise NotUnderstoodError(
            f"this does not have the form that it seems to have: {error}"
        ) from None


def _of_a_form(text: Text, content: Mapping[str, Any], file: str, known: Known) -> Contents | None:
    if "Statement" in content or key_policy_file.inner(content) is not None:
        return Contents(policies=(key_policy_file.read(text, file),))
    if authorization_details.are_details(content):
        return Contents(of_iam=authorization_details.policies(text, file))
    if terraform.is_plan(content):
        after, before = terraform.read_plan(text, file, known.account, known.assume)
        return Contents(policies=after, before=before)
    if terraform.is_state(content):
        return Contents(policies=terraform.read_state(text, file, known.account, known.assume))
    if cloudformation.is_template(content):
        given = {**known.assume, **known.parameters}
        return Contents(policies=cloudformation.read(text, file, known.account, given))
    return None


def read_if_known(text: str, file: str, known: Known) -> Contents:
    """
    The key policies in the text of a file that nobody named.

    One of another form has none. What speaks of AWS KMS is an error if it is neither JSON nor YAML, and a key policy if
    it looks like a policy with a slip: whoever reads it then says where the slip is.
    """
    try:
        found = texts.read(text)
    except NotUnderstoodError:
        if _speaks_of_kms(text):
            raise
        return Contents()
    content = found.content
    if isinstance(content, Mapping):
        members = cast("Mapping[str, Any]", content)
        if _speaks_of_kms(text) and _has_a_slip(members):
            return Contents(policies=(key_policy_file.read(found, file),))
        if "Statement" in members and not _is_of_a_key(members):
            return Contents()
    return _read(found, file, known) or Contents()


def _speaks_of_kms(text: str) -> bool:
    text = text.lower()
    return any(each in text for each in _SPEAKS_OF_KMS)


def _has_a_slip(content: Mapping[str, Any]) -> bool:
    """Does it look like a policy, one of whose elements is misspelled?"""
    if "Statement" in content:
        statements = filter(_is_object, _listed(content["Statement"]))
        return any(_almost(each, ELEMENTS_OF_A_STATEMENT) for each in statements)
    return content.get("Version") in VERSIONS or "Statement" in _almost(content, ELEMENTS)


def _almost(members: object, elements: tuple[str, ...]) -> list[str]:
    """The elements that names of members are almost."""
    names = [each for each in cast("Mapping[str, Any]", members) if each not in elements]
    return [one for each in names for one in meant(each, elements, alike=ALMOST)]


def _is_object(written: object) -> bool:
    return isinstance(written, Mapping)


def _is_of_a_key(content: Mapping[str, Any]) -> bool:
    """Is a policy one of a key, and neither one of IAM nor one of another service's resource?"""
    return any(map(_may_be_of_a_key, _listed(content["Statement"])))


def _may_be_of_a_key(statement: object) -> bool:
    if not isinstance(statement, dict):
        return False
    members = cast("dict[str, object]", statement)
    actions = [each for each in _listed(members.get("Action")) if isinstance(each, str)]
    names_somebody = "Principal" in members or "NotPrincipal" in members
    of_kms = bool(expanded(actions)) or any(each.lower().startswith(PREFIX) for each in actions)
    return names_somebody and ("NotAction" in members or of_kms)


def _listed(written: object) -> list[object]:
    return cast("list[object]", written) if isinstance(written, list) else [written]


def read_iam(text: str, file: str) -> Iam:
    """
    The directory of IAM in the text of a file: as `kmsmodel.iam_file` reads it, or as AWS prints the details.

    Raises ValueError, or ModuleNotFoundError without the extra that the first form needs.
    """
    if texts.is_json(text) and any(each in text for each in authorization_details.LISTS):
        return authorization_details.read(texts.read(text))
    from kmsmodel.iam_file import parse  # noqa: PLC0415 # what needs an extra is imported where it is used

    return parse(text, file, is_json=Path(file).suffix.lower() == ".json")


@final
@frozen(kw_only=True)
class Job:
    """A file to read: one that somebody named, or one in a folder. ``content`` is what is read already."""

    file: str
    content: bytes | None = None
    is_named: bool = True

    def contents(self, known: Known) -> Contents:
        """The key policies in it. Raises NotUnderstoodError."""
        try:
            content = Path(self.file).read_bytes() if self.content is None else self.content
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise NotUnderstoodError("this is not a text in UTF-8") from None
        except OSError as error:
            raise NotUnderstoodError(error.strerror or str(error)) from None
        return (read if self.is_named else read_if_known)(text, self.file, known)


def within(folder: Path) -> Iterator[Job]:
    """The files in a folder, and in those below it, that may hold policies."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and each not in _NOT_LOOKED_INTO
        )
        for each in sorted(names):
            if Path(each).suffix.lower() in _SUFFIXES:
                yield Job(file=str(Path(place, each)), is_named=False)
