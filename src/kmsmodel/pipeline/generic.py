"""
Any two resource policies compared: of a bucket, a queue, a topic or a secret as well as of a KMS key.

There is no key and no delegation: what the statements of a policy allow is compared, and whoever is of an account that
is named is allowed as the account is. Who does not sign in asks too, as other services than AWS KMS let them. Each set
of actions and of resources that the policies tell apart has one that stands for it, so nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, final

from attrs import frozen

from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.pipeline.differences import Difference, Verdict
from kmsmodel.pipeline.stored import NotUnderstoodError, StoredPolicy
from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import ACTIONS, PREFIX
from kmsmodel.policy.document import Effect, Policy, parse
from kmsmodel.policy.patterns import pieces
from kmsmodel.policy.principal import ANYONE, principal
from kmsmodel.policy.proofs import keys, walks
from kmsmodel.policy.proofs.alphabet import Letters
from kmsmodel.policy.proofs.answers import Found
from kmsmodel.policy.proofs.domain import ACTION, ASKER, RESOURCE, Domain
from kmsmodel.policy.proofs.formulas import Formulas
from kmsmodel.policy.proofs.questions import ENGINE, VARIABLES
from kmsmodel.policy.proofs.said import Said, World
from kmsmodel.policy.proofs.search import All, Formula, Not, Search, Some, obligations
from kmsmodel.policy.proofs.walks import OutsideError

_NAMES = Letters(frozenset("abcdefghijklmnopqrstuvwxyz0123456789-"))
_NAME = ((_NAMES, False), (_NAMES, True))
_ACTION = (*_NAME, *walks.exactly(":"), *_NAME)
_OWNER = "111122223333"


def difference(old: StoredPolicy, new: StoredPolicy, account: str | None) -> Difference:
    """How the access by one resource policy compares with that by an older one. Raises NotUnderstoodError."""
    before, after = _policy(old), _policy(new)
    if before == after:
        return Difference(file=new.file, name=new.name, verdict="equivalent", place=new.where(()))
    owner = account or _OWNER
    has_account = account is not None
    gained, unknown = _only(after, before, owner, has_account=has_account)
    lost, unknown_too = _only(before, after, owner, has_account=has_account)
    reasons = tuple(dict.fromkeys((*unknown, *unknown_too)))
    new_rows = tuple(_row(each, after, new) for each in gained)
    lost_rows = tuple(_row(each, before, old) for each in lost)
    return Difference(
        file=new.file,
        name=new.name,
        verdict=_verdict(bool(gained), bool(lost), bool(reasons)),
        new=new_rows,
        lost=lost_rows,
        unknown=reasons,
        place=new.where(()),
    )


def _verdict(is_wider: bool, is_narrower: bool, is_unknown: bool) -> Verdict:
    if is_wider and is_narrower:
        return "incomparable"
    if is_unknown:
        return "unknown"
    if is_wider:
        return "wider"
    return "narrower" if is_narrower else "equivalent"


def _policy(stored: StoredPolicy) -> Policy:
    if stored.text is None:
        raise NotUnderstoodError("; ".join(stored.unknown), stored.where(()))
    try:
        return parse(stored.text)
    except MalformedPolicyDocumentException as error:
        notes = ", ".join(getattr(error, "__notes__", ())) or str(error)
        raise NotUnderstoodError(f"{stored.title}: {notes}", stored.where(())) from None


# ---- requests


def _check(policies: Iterable[Policy], *, has_account: bool) -> None:
    """Raise OutsideError for principals and condition keys that only AWS KMS is known to read in one way."""
    for statement in (each for policy in policies for each in policy.statements):
        named = () if statement.principals is None else statement.principals.named
        for kind in (kind for kind, _, _ in named if kind not in _KINDS):
            raise OutsideError(f"principals of the kind {kind}")
        patterns = None if statement.actions is None else statement.actions.patterns
        of_kms = patterns is not None and all(each.lower().startswith(PREFIX) for each in patterns)
        for name in (each.name for each in statement.conditions):
            if keys.carriers(name) is not None and not of_kms:
                raise OutsideError(f"the condition key {name} of other services than AWS KMS")
            if name == "aws:resourceaccount" and not has_account:
                raise OutsideError(f"{name}, if the account is not known: give --account")


_KINDS = {None, "*", "AWS", "Service"}


def _only(
    allowing: Policy, refusing: Policy, owner: str, *, has_account: bool
) -> tuple[list[Access], list[str]]:
    """For each action and set of resources, a request that only the first policy allows; and what is unknown."""
    found: list[Access] = []
    unknown: list[str] = []
    try:
        _check((allowing, refusing), has_account=has_account)
        actions = _actions((allowing, refusing))
        resources = _resources((allowing, refusing), owner)
    except OutsideError as outside:
        return [], [str(outside)]
    for resource in resources:
        left = dict.fromkeys(actions)
        while left:
            comparison = _Comparison(allowing, refusing, tuple(left), resource, owner)
            try:
                access = comparison.request()
            except OutsideError as outside:
                unknown.append(str(outside))
                break
            if access is None:
                break
            found.append(access)
            del left[access.action]
    return found, unknown


@final
@frozen
class _Comparison:
    """The question for a request that one policy allows and another does not."""

    allowing: Policy
    refusing: Policy
    actions: tuple[str, ...]
    resource: str
    owner: str

    def request(self) -> Access | None:
        """The smallest such request, or None if there is none. Raises OutsideError if that is not known."""
        reason = VARIABLES
        try:
            found, has_variables = self._search(is_open=False)
        except OutsideError as outside:
            reason = str(outside)
        else:
            if found is not None and not self._is_answered_by(found):
                raise OutsideError(ENGINE)
            if found is not None or not has_variables:
                return found
        if self._search(is_open=True)[0] is None:
            return None
        raise OutsideError(reason)

    def _is_answered_by(self, access: Access) -> bool:
        return _allows(self.allowing, access) and not _allows(self.refusing, access)

    def _search(self, *, is_open: bool) -> tuple[Access | None, bool]:
        """The smallest request, of all or of those whose variables may stand for anything."""
        worlds = tuple(
            World(owner=self.owner, policy=each, key=self.resource, may_be_bounded=True)
            for each in (self.allowing, self.refusing)
        )
        domain = Domain(worlds, actions=self.actions, others=(principal(ANYONE),))
        formulas = Formulas(domain, is_open=is_open)
        allowed, refused = (_allowed(formulas, each) for each in worlds)
        wanted = All(
            (
                allowed,
                Not(refused),
                formulas.laws(),
            )
        )
        first = (ASKER, ACTION, RESOURCE)
        others = (each for each in range(len(domain.dimensions)) if each not in first)
        chosen = Search(domain.sizes).smallest(obligations(wanted), (*others, *first))
        found = None if chosen is None else domain.access(chosen, worlds[0])
        return found, bool(domain.said.variables)


def _allowed(formulas: Formulas, world: World) -> Formula:
    """Does a statement allow the request, and none deny it?"""

    def some(effect: Effect) -> Formula:
        return Some(
            tuple(
                formulas.applies(each, bounded=formulas.is_bounded(world))
                for each in world.policy.statements
                if each.effect is effect
            )
        )

    return All((some(Effect.ALLOW), Not(some(Effect.DENY))))


def _allows(policy: Policy, access: Access) -> bool:
    """The same, of one request."""
    applying = {each.effect for each in policy.statements if each.applies(access)}
    return applying == {Effect.ALLOW}


def _actions(policies: Iterable[Policy]) -> list[str]:
    """One action for each set that the policies tell apart, spelled as they spell it."""
    written = dict.fromkeys(
        pattern
        for policy in policies
        for statement in policy.statements
        if statement.actions is not None
        for pattern in statement.actions.patterns
    )
    of_kms = {f"{PREFIX}{name}".lower(): f"{PREFIX}{name}" for name in ACTIONS}
    examples = [_example(each, "Something") for each in written]
    spelled = {each.lower(): each for each in (*examples, *written)} | of_kms
    plain = [each.lower() for each in written if _example(each, "Something") == each]
    patterns = [walks.like(pieces(each.lower())) for each in written if each.lower() not in plain]
    found = walks.texts(
        plain,
        dict.fromkeys(patterns),
        shape=(_ACTION,),
        candidates=(*(each.lower() for each in examples), "other:something"),
    )
    if any(each.startswith(PREFIX) for each in found):
        found = [*(each for each in found if not each.startswith(PREFIX)), *of_kms]
    return [spelled.get(each, each) for each in dict.fromkeys(found)]


def _resources(policies: Iterable[Policy], owner: str) -> list[str]:
    """One resource for each set that the policies tell apart."""
    worlds = tuple(World(owner=owner, policy=each) for each in policies)
    said = Said(worlds)
    literals, patterns = said.of_resources()
    written = (
        pattern
        for statement in said.statements
        if statement.resources is not None
        for pattern in statement.resources.patterns
    )
    examples = (_example(each, "something") for each in written)
    candidates = (*examples, "arn:aws:other:::something")
    return walks.texts(literals, dict.fromkeys(patterns), candidates=candidates)


def _example(pattern: str, word: str) -> str:
    """A text that a pattern means."""
    return pattern.replace("*", word).replace("?", "x")


def _row(access: Access, policy: Policy, stored: StoredPolicy) -> Mapping[str, Any]:
    by = tuple(each for each in policy.allowing(access.action) if each.applies(access))
    found = stored.placed(Found(claim="", access=access, by=by))
    row = found.to_json() if isinstance(found, Found) else {}
    return {"action": row["action"], "caller": row["caller"], "resource": access.resource, **row}
