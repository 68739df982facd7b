"""
Stored policies: a key policy as it stands in a file, with what is known of its KMS key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Self, TypeGuard, final

from attrs import evolve, field, frozen

from kmsmodel.errors import LimitExceededException, MalformedPolicyDocumentException
from kmsmodel.policy.document import Effect, Policy, Statement, parse
from kmsmodel.policy.elements import account_named
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.places import Path, Place, places
from kmsmodel.policy.proofs.answers import Answer, Found
from kmsmodel.policy.proofs.callers import WILLING
from kmsmodel.policy.proofs.key_policy import KeyPolicy
from kmsmodel.policy.question import Value


@final
class NotUnderstoodError(ValueError):
    """What of a file is not understood, and where it stands."""

    def __init__(self, message: str, place: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place

    def __str__(self) -> str:
        return self.message if self.place is None else f"{self.place}: {self.message}"


@final
@frozen(kw_only=True)
class StoredPolicy:
    """
    A key policy in a file.

    ``name`` says which one of the file it is, and is empty if the file holds one only. ``text`` is its JSON; None if it
    is not known, and then ``unknown`` says why. ``at`` has the places of its values in the file; without it, the text
    is a part of the file as it stands, or ``place`` is where it stands as a string.
    """

    file: str
    name: str = ""
    text: str | None = None
    account: str | None = None
    key: str | None = None
    grants: tuple[Grant, ...] = ()
    given: Mapping[str, Value] = field(factory=dict[str, Value])
    place: Place | None = None
    at: Mapping[Path, Place] | None = None
    unknown: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """How people call it: by its file, and by its name in it."""
        return f"{self.file}#{self.name}" if self.name else self.file

    def where(self, path: Path) -> Place | None:
        """The place in the file of a value of the policy, or of what is around it."""
        if self.at is not None:
            while path and path not in self.at:
                path = path[:-1]
            return self.at.get(path, self.place)
        if self.place is not None or self.text is None:
            return self.place
        return places(self.text).of(*path)

    def key_policy(self, account: str | None = None) -> KeyPolicy:
        """
        The key policy, of a KMS key of this account if the file does not tell another.

        Raises NotUnderstoodError for what AWS KMS refuses to store, or if nothing tells the account.
        """
        text = self.text or ""
        try:
            known = KeyPolicy.parse(
                text, account=_ANY_ACCOUNT, key=self.key, grants=self.grants, given=self.given
            )
        except (LimitExceededException, MalformedPolicyDocumentException) as error:
            notes = ", ".join(getattr(error, "__notes__", ())) or str(error)
            raise self._not_understood(notes or "this is not a policy") from None
        except ValueError as error:  # of the key's ARN
            raise NotUnderstoodError(str(error), self.where(())) from None
        owner = self.account or account or owner_of(known.policy)
        if owner is None:
            message = "cannot tell the account of the key: give --account"
            raise NotUnderstoodError(message, self.where(()))
        named = account_named(owner)
        if named is None:
            raise NotUnderstoodError(
                f"{owner} is not an account id of twelve digits", self.where(())
            )
        # Where its statements stand is told by `placed`, which knows the file.
        grants = tuple(
            each if each.issuing_account else evolve(each, issuing_account=named)
            for each in self.grants
        )
        return evolve(known, account=named, grants=grants, text=None)

    def read_as(self, known: KeyPolicy, account: str | None) -> Self:
        """The same with what is assumed of the account, if nothing but the policy itself has told it."""
        if self.account or account:
            return self
        guess = f"the key is of account {known.account}, the only one whose root user the policy lets in"
        return evolve(self, assumes=(*self.assumes, guess))

    def placed(self, answer: Answer) -> Answer:
        """An answer with the places of the statements that decide."""
        if not isinstance(answer, Found):
            return answer
        by = [each for each in answer.by if each not in WILLING.statements]
        return evolve(answer, where=tuple(map(self._told, by)))

    def decides_at(self, answer: Answer) -> Place | None:
        """Where the first statement stands that decides; else where the policy does."""
        if isinstance(answer, Found):
            for each in answer.by:
                if self._has(each):
                    return self.where(self._path(each.number))
        return self.where(())

    def _has(self, by: Statement | Grant) -> TypeGuard[Statement]:
        """Is it a statement of this policy, and not of another or a grant?"""
        has = self.text is not None and by in parse(self.text).statements
        return has and isinstance(by, Statement)

    def _path(self, number: int) -> Path:
        return places(self.text or "").statement(number)

    def _told(self, by: Statement | Grant) -> str:
        if not self._has(by):
            return by.title
        place = self.where(self._path(by.number))
        return f"{by.title} ({self.file}{f', line {place.line}' if place else ''})"

    def _not_understood(self, notes: str) -> NotUnderstoodError:
        """The error for notes that name a line and a column of the text."""
        found = _PLACE.search(notes)
        if found is None or self.text is None:
            return NotUnderstoodError(notes, self.where(()))
        if self.at is None and self.place is not None:
            return NotUnderstoodError(f"in the policy's text: {notes}", self.place)
        line, column = int(found[1]), int(found[2])
        place = Place(line, column)
        if self.at is not None:
            place = self.where(_path_at(self.text, place)) or place
        return NotUnderstoodError(_PLACE.sub("", notes).rstrip(" :"), place)


_ANY_ACCOUNT = "111122223333"
_PLACE = re.compile(r" ?\(?line ([0-9]+),? column ([0-9]+)(?: \(char [0-9]+\))?\)?")


def _path_at(text: str, place: Place) -> Path:
    """The path of the value or the name that stands at a place of a text."""
    known = places(text)
    for path in known.names:
        if known.of_name(*path) == place:
            return path
    return next((path for path in known.values if known.of(*path) == place), ())


def owner_of(policy: Policy) -> str | None:
    """The account of the only root user whom a key policy allows, or None if there is not one."""
    found = {
        account
        for statement in policy.statements
        if statement.effect is Effect.ALLOW and statement.principals is not None
        for _, names, _ in statement.principals.named
        for name in names
        if (account := account_named(name))
    }
    return found.pop() if len(found) == 1 else None
