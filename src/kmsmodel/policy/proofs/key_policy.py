"""
A key policy with its properties, each of which is proved for all requests or answered by one that speaks against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import final

from attrs import evolve, field, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import TAKING_AN_ENCRYPTION_CONTEXT
from kmsmodel.policy.condition_keys import condition_key
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Policy, Statement, parse
from kmsmodel.policy.evaluation import Decision, decide
from kmsmodel.policy.form import check_key_policy
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.policies import NO_POLICIES, Policies
from kmsmodel.policy.principal import Principal, principal
from kmsmodel.policy.proofs import given as given_as, keys
from kmsmodel.policy.proofs.answers import (
    Answer,
    Change,
    Comparison,
    Found,
    Proved,
    Unknown,
)
from kmsmodel.policy.proofs.asked import asked
from kmsmodel.policy.proofs.askers import context_of
from kmsmodel.policy.proofs.callers import (
    EVERYONE,
    Callers,
    PolicyLike,
    account_of,
    at_worst,
    check_callers,
    inside,
    of_someone,
    policies_of,
    text_of,
)
from kmsmodel.policy.proofs.changes import closing, unlocked
from kmsmodel.policy.proofs.comparing import SAME, comparison, differences
from kmsmodel.policy.proofs.leading import Path as Way, goals
from kmsmodel.policy.proofs.led import answer, closing as closing_steps
from kmsmodel.policy.proofs.questions import Nothing, Outside, Question
from kmsmodel.policy.proofs.requirements import (
    Conditions,
    OneOrMore,
    actions_of,
    conditions_of,
    conditions_on,
    listed,
    told,
)
from kmsmodel.policy.proofs.said import Said, World
from kmsmodel.policy.proofs.showing import Showing
from kmsmodel.policy.proofs.standing import Standing
from kmsmodel.policy.proofs.unanswered import unanswered
from kmsmodel.policy.question import Value

_NO_GRANTS = "the KMS key has no other grants than those given"
_NOT_SHARED = "the KMS key is not shared through AWS RAM"
_WILLING = "the worst of IAM policies that are not given: they allow everything"
_AT_BEST = "IAM policies that are not given allow everything"
_UNLIMITED = "no policy that is not given denies or limits: no boundary, session policy, SCP, RCP or endpoint policy"
_UNWILLING = "the worst of IAM policies that are not given: they allow nothing"


@final
@frozen(kw_only=True)
class KeyPolicy:
    """
    The key policy of a KMS key, with what else is known of the key.

    ``account`` is the account id of its owner. ``key`` is its ARN; without one, what is said holds for a key with any.
    ``grants`` and ``rcps`` decide with the key policy. ``given`` are condition keys that have these values in each
    request that can have them, such as the key's ``kms:KeyOrigin`` or ``aws:ResourceTag/Team``.
    """

    policy: Policy
    account: str
    key: str | None = None
    grants: tuple[Grant, ...] = ()
    rcps: tuple[Policy, ...] = ()
    given: Mapping[str, Value] = field(factory=dict[str, Value])
    text: str | None = field(default=None, eq=False, repr=False)
    source: str | None = field(default=None, eq=False)

    # ---- read

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        account: str,
        key: str | None = None,
        grants: Iterable[Grant] = (),
        rcps: Iterable[PolicyLike] = (),
        given: Mapping[str, Value] | None = None,
    ) -> KeyPolicy:
        """
        The key policy in a file: its JSON, or what ``aws kms get-key-policy`` prints.

        Raises what `parse` does, with the file's name, and OSError.
        """
        text = given_as.text_in(Path(path))
        with given_as.named(path):
            return cls.parse(
                text,
                account=account,
                key=key,
                grants=grants,
                rcps=rcps,
                given=given,
                source=str(path),
            )

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        account: str,
        key: str | None = None,
        grants: Iterable[Grant] = (),
        rcps: Iterable[PolicyLike] = (),
        given: Mapping[str, Value] | None = None,
        source: str | None = None,
    ) -> KeyPolicy:
        """
        The key policy in a JSON text.

        Raises MalformedPolicyDocumentException or LimitExceededException for one that AWS KMS refuses to store, and
        ValueError or TypeError for another argument that does not fit.
        """
        owner = account_of(account)
        if key is not None and _KEY.fullmatch(given_as.a_text(key, "key")) is None:
            raise ValueError(f"key: {key!r} is not the ARN of a KMS key")
        plain = text_of(given_as.a_text(text, "text"))
        check_key_policy(plain)
        return cls(
            policy=parse(plain),
            account=owner,
            key=key,
            grants=given_as.grants(grants),
            rcps=policies_of(rcps, "rcps"),
            given=given_as.facts(given),
            text=plain,
            source=source,
        )

    # ---- decided

    def decide(
        self,
        action: str,
        caller: str | Principal,
        context: Mapping[str, Value] | None = None,
        *,
        encryption_context: Mapping[str, str] | None = None,
        policies: Policies | None = None,
    ) -> Decision:
        """
        The decision on one request.

        ``context`` are its condition keys, but for those that follow from the caller and from the encryption context.
        If the policies of the caller are not given, they allow everything. Raises ValueError for an action that a key
        policy does not allow, such as a misspelled one.
        """
        asks = principal(caller) if isinstance(caller, str) else caller
        (name,) = actions_of((given_as.a_text(action, "action"),))
        pairs = dict(encryption_context or {})
        for each in pairs:
            given_as.without_prefix(each, "kms:EncryptionContext:", "encryption_context")
        world = self._world(self._limits(of_someone(asks) if policies is None else policies))
        unlisted = [each for each in context or {} if condition_key(each) is None]
        said = Said((world,)).keys if unlisted else {}
        for each in unlisted:
            if each.lower() not in said:  # what a policy asks for, a request may have
                given_as.check_condition_key(each, "context")
        of_pairs: dict[str, Value] = {
            f"{keys.ENCRYPTION_CONTEXT}{each.lower()}": value for each, value in pairs.items()
        }
        if pairs:
            of_pairs[keys.ENCRYPTION_CONTEXT_KEYS] = tuple(pairs)
        others = {key.lower(): value for key, value in (context or {}).items()}
        given = {
            key: value
            for key, value in self.given.items()
            if keys.can_have(key, asks, name) and others.keys().isdisjoint(keys.kept_out_by(key))
        }
        known = given_as.in_full({**given, **context_of(asks), **of_pairs, **others})
        return decide(
            Access(
                principal=asks,
                action=name,
                resource=self.key or f"arn:aws:kms:us-east-1:{self.account}:key/{_SOME_KEY}",
                owner=self.account,
                context=known,
                policies=world.policies,
                resource_policy=self.policy,
                grants=self.grants,
                encryption_context=pairs if name in TAKING_AN_ENCRYPTION_CONTEXT else None,
                child=asked(name, known),
            )
        )

    # ---- what nobody may

    def never_allows(
        self, *actions: str, to: Callers = EVERYONE, when: Conditions | None = None
    ) -> Answer:
        """Is no request for one of these actions allowed to these callers, or none that fulfils the conditions?"""
        claim = f"{listed(actions)} never allowed to {to}"
        return self._never(claim, Question(callers=to, when=conditions_of(when, "when")), actions)

    def allows_only_with(
        self,
        *actions: str,
        encryption_context: Mapping[str, OneOrMore] | None = None,
        principal_tags: Mapping[str, OneOrMore] | None = None,
        key_tags: Mapping[str, OneOrMore] | None = None,
        request_tags: Mapping[str, OneOrMore] | None = None,
        conditions: Conditions | None = None,
        to: Callers = EVERYONE,
    ) -> Answer:
        """
        Has each allowed request for one of these actions all of this?

        A value may be one text, several of which one is enough, or None for any. ``conditions`` are as in a policy.
        Grants that a caller may create are not followed: a grant without constraints gives the same operation without
        the encryption context. `never_leads_to` follows them.
        """
        requirement = (
            *conditions_on(encryption_context, "encryption_context", "kms:EncryptionContext:"),
            *conditions_on(principal_tags, "principal_tags", "aws:PrincipalTag/"),
            *conditions_on(key_tags, "key_tags", "aws:ResourceTag/"),
            *conditions_on(request_tags, "request_tags", "aws:RequestTag/"),
            *conditions_of(conditions, "conditions"),
        )
        if not requirement:
            raise ValueError("allows_only_with: nothing is required, such as encryption_context")
        with_what = ", ".join(dict.fromkeys(map(told, requirement)))
        claim = f"{listed(actions)} allowed only with {with_what}"
        return self._never(claim, Question(callers=to, unless=(requirement,)), actions)

    def allows_only_through(
        self, *actions: str, services: Iterable[str], to: Callers = EVERYONE
    ) -> Answer:
        """Comes each allowed request through one of these services, such as ``s3.eu-central-1.amazonaws.com``?"""
        names = given_as.one_or_more(services, "services")
        for each in names:
            if "." not in each:
                raise ValueError(
                    f"services: {each!r} is not a name such as s3.us-east-1.amazonaws.com"
                )
        claim = f"{listed(actions)} allowed only through {', '.join(names)}"
        through = (Condition("StringLike", "kms:ViaService", names),)
        return self._never(claim, Question(callers=to, unless=(through,)), actions)

    def allows_only_attested(
        self,
        *actions: str,
        measurements: Mapping[str, OneOrMore] | None = None,
        to: Callers = EVERYONE,
    ) -> Answer:
        """
        Has each allowed request an attestation document, or one with all of these measurements?

        A measurement is named ``ImageSha384``, ``PCR3`` or ``NitroTPMPCR4``.
        """
        check_callers(to)
        prefix = "kms:RecipientAttestation:"
        claim = f"{listed(actions)} allowed only with an attestation"
        requirements: tuple[tuple[Condition, ...], ...]
        if measurements:
            wanted = conditions_on(measurements, "measurements", prefix, "StringEqualsIgnoreCase")
            requirements = (tuple(wanted),)
        else:
            asked = (
                each.key
                for statement in self._all_statements(to)
                for each in statement.conditions
                if each.name.startswith("kms:recipientattestation:")
            )
            names = dict.fromkeys((f"{prefix}ImageSha384", *asked))
            requirements = tuple((Condition("Null", name, ("false",)),) for name in names)
        return self._never(claim, Question(callers=to, unless=requirements), actions)

    def no_new_access(self, *, over: KeyPolicy, to: Callers = EVERYONE) -> Answer:
        """Is all that this policy allows allowed by an older one too?"""
        check_callers(to)
        _older(over, "over")
        claim = f"no new access over {over.source or 'the older policy'}"
        reason = self._why_of_another_key(over, to)
        if reason is not None:
            return Unknown(claim=claim, reason=reason)
        question = Question(callers=to, refused=(over._at_worst(to),))
        return self._never(claim, question, keys.ON_KEYS)

    # ---- what nobody comes to

    def never_leads_to(self, *actions: str, by: Callers) -> Answer:
        """
        Can none of these callers come to one of these actions, by whatever requests to AWS KMS they make before?

        They may work together. Grants, key policies, replica keys, tags and aliases that they make are followed;
        re-encryption to a key of their own counts as decryption.
        """
        check_callers(by, "by")
        wanted = actions_of(actions)
        start = Standing(
            callers=by,
            goals=goals(wanted),
            world=self._at_worst(by),
            facts=self.given,
        )

        def found(path: Way, program: str, steps: tuple[str, ...]) -> Found:
            first, last = path.moves[0], path.moves[-1]
            question = start.question((first.access.action,))
            begun = self._found(claim, question, first.access, is_allowed=True)
            means = (f"the request {path.goal.means}",) if path.goal.means else ()
            return evolve(
                begun,
                access=last.access,
                assumes=(*begun.assumes, *means),
                steps=steps,
                program=program,
                mend=lambda: closing_steps(start, question, self._stays_open),
            )

        claim = f"{listed(actions)} never led to by {by}"
        reason = self._why_nothing()
        if reason is not None:
            return Unknown(claim=claim, reason=reason)
        return answer(claim, start, _assumed(by), found)

    # ---- what somebody may

    def always_allows(self, *actions: str, to: Callers, when: Conditions | None = None) -> Answer:
        """
        Is each request for one of these actions allowed to these callers, or each that fulfils the conditions?

        IAM policies that are not given allow nothing here. No policy that is not given denies or limits what a key
        policy or a grant allows: no permissions boundary, no session policy, and no policy of an organization or an
        endpoint.
        """
        check_callers(to)
        claim = f"{listed(actions)} always allowed to {to}"
        limits = self._limits(NO_POLICIES if to.policies is None else to.policies)
        question = Question(
            refused=(self._world(limits),),
            actions=actions_of(actions),
            callers=to,
            when=conditions_of(when, "when"),
            facts=self.given,
        )
        return self._answer(claim, question, is_allowed=False, willing=False)

    def someone_can(self, *actions: str, by: Callers | None = None) -> Answer:
        """Is there, for each of these actions, a caller of the key's account who may?"""
        callers = inside(self.account) if by is None else by
        check_callers(callers, "by")
        claim = f"{listed(actions)} can be done by {callers}"
        reason = self._why_nothing()
        if reason is not None:
            return Unknown(claim=claim, reason=reason)
        world = self._at_worst(callers)
        said = Said((world,), callers.conditions, given=tuple(self.given)).keys
        for action in actions_of(actions):
            question = Question(
                allowed=(world,),
                actions=(action,),
                callers=callers,
                unless=unanswered(action, said),
                facts=self.given,
            )
            match question.request():
                case Outside(reason):
                    return Unknown(claim=claim, reason=reason)
                case Nothing():
                    return Found(
                        claim=f"{claim}: nobody can do {action}",
                        access=None,
                        is_allowed=False,
                        mend=lambda: self._opening(actions, callers),
                    )
                case Access():
                    pass
        return Proved(claim=claim, assumes=(_AT_BEST, _UNLIMITED))

    def can_be_administered(self) -> Answer:
        """Can somebody of the key's account still change the key policy?"""
        return self.someone_can("PutKeyPolicy")

    # ---- compared

    def compared_with(self, older: KeyPolicy, *, to: Callers = EVERYONE) -> Comparison:
        """How the access by this policy compares with that by an older one."""
        check_callers(to)
        _older(older, "older")
        reason = (
            self._why_nothing()
            or older._why_nothing()
            or self._why_of_another_key(older, to)
            or older._why_of_another_key(self, to)
        )
        if reason is not None:
            return Comparison(verdict="unknown", unknown=(Unknown(claim=SAME, reason=reason),))
        new = self._differences_from(older, to)
        lost = older._differences_from(self, to)
        return comparison(new, lost)

    def is_equivalent_to(self, other: KeyPolicy, *, to: Callers = EVERYONE) -> Answer:
        """Do both policies allow the same requests?"""
        answer = self.no_new_access(over=other, to=to)
        return other.no_new_access(over=self, to=to) if answer else answer

    def _why_of_another_key(self, older: KeyPolicy, to: Callers) -> str | None:
        """Why this is not a policy of the older one's key, if the policies speak of what tells the keys apart."""
        said = Said((self._at_worst(to), older._at_worst(to)), to.conditions)
        own, others = map(given_as.in_full, (self.given, older.given))
        for name, value in others.items():
            if name in said.keys and own.get(name) != value:
                return f"what is given of {name} for the older policy is not given for this one"
        names_keys = any(not each.resources.are_all for each in said.statements if each.resources)
        if names_keys and older.key not in {None, self.key}:
            return f"the older policy is that of another key, {older.key}"
        return None

    def _differences_from(self, other: KeyPolicy, to: Callers) -> list[Found | Unknown]:
        question = Question(
            allowed=(self._at_worst(to),),
            refused=(other._at_worst(to),),
            actions=keys.ON_KEYS,
            callers=to,
            facts=self.given,
        )
        return differences(
            question, lambda asked, access: self._found(SAME, asked, access, is_allowed=True)
        )

    # ---- answers

    def _never(self, claim: str, question: Question, actions: tuple[str, ...]) -> Answer:
        check_callers(question.callers)
        world = self._at_worst(question.callers)
        asked = evolve(question, allowed=(world,), actions=actions_of(actions), facts=self.given)
        return self._answer(claim, asked)

    def _answer(
        self, claim: str, question: Question, *, is_allowed: bool = True, willing: bool = True
    ) -> Answer:
        match question.request():
            case Nothing():
                empty = question.why_empty()
                if empty is not None:
                    return Unknown(claim=claim, reason=empty)
                return Proved(claim=claim, assumes=_assumed(question.callers, willing=willing))
            case Outside(reason):
                return Unknown(claim=claim, reason=reason)
            case access:
                return self._found(claim, question, access, is_allowed=is_allowed)

    def _why_nothing(self) -> str | None:
        """Why nothing can be said of the requests that have all that is given."""
        return Question(allowed=(self._world(NO_POLICIES),), facts=self.given).why_empty()

    def _found(self, claim: str, question: Question, access: Access, *, is_allowed: bool) -> Found:
        return self._showing.found(
            claim,
            question,
            access,
            is_allowed=is_allowed,
            mend=lambda: closing(self.policy, question, self._stays_open) if is_allowed else None,
        )

    @property
    def _showing(self) -> Showing:
        return Showing(
            policy=self.policy,
            text=self.text,
            source=self.source,
            unwilling=self._limits(NO_POLICIES),
        )

    # ---- changes

    def _opening(self, actions: tuple[str, ...], callers: Callers) -> Change | None:
        """The change after which somebody can do all these actions, if it is enough."""
        change = unlocked(self.policy, self.account)
        changed = evolve(self, policy=change.policy, text=None)
        return change if changed.someone_can(*actions, by=callers) else None

    def _stays_open(self, changed: Policy) -> bool:
        """Can somebody still change the key policy after this change, if anybody could before?"""
        after = evolve(self, policy=changed, text=None)
        return bool(after.can_be_administered()) or not self.can_be_administered()

    def _all_statements(self, to: Callers) -> Iterable[Statement]:
        world = self._at_worst(to)
        return [each for policy in world.all_policies() for each in policy.statements]

    # ---- worlds

    def _at_worst(self, callers: Callers) -> World:
        """The key with the policies of callers, of which those that are not given allow everything."""
        world = self._world(self._limits(at_worst(callers.policies)))
        return evolve(world, may_be_bounded=True)

    def _limits(self, policies: Policies) -> Policies:
        """The policies of a caller, with those that limit the key."""
        return evolve(policies, rcps=self.rcps) if self.rcps else policies

    def _world(self, policies: Policies) -> World:
        return World(
            owner=self.account,
            policy=self.policy,
            key=self.key,
            grants=self.grants,
            policies=policies,
        )


_KEY = re.compile("arn:[^:]+:kms:.+:[0-9]{12}:key/.+", re.DOTALL)
_SOME_KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"


def _assumed(callers: Callers, *, willing: bool = True) -> tuple[str, ...]:
    """What a proof about these callers assumes."""
    alone = (_NO_GRANTS, _NOT_SHARED) if willing else (_NO_GRANTS,)
    if callers.policies is not None:
        return alone
    return (_WILLING, *alone) if willing else (_UNWILLING, _UNLIMITED, *alone)


def _older(given: object, argument: str) -> None:
    """Raises TypeError for anything that cannot be compared with."""
    if not isinstance(given, KeyPolicy):
        raise TypeError(f"{argument}: {given!r} is not a KeyPolicy: read it by KeyPolicy.load")
