"""
A rules file: which rules hold for which key policies, and which findings are accepted, as TOML beside the code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any, TypeAlias, cast, final

from attrs import evolve, frozen

from kmsmodel.calls.iam import Iam
from kmsmodel.pipeline.checks import NO_FINDINGS
from kmsmodel.pipeline.identity_policies import NEVER_DECRYPTS_ALL, IdentityPolicy
from kmsmodel.pipeline.results import Acceptance, Outcome, Report, Result
from kmsmodel.pipeline.stored import NotUnderstoodError, StoredPolicy
from kmsmodel.policy.document import Policy
from kmsmodel.policy.elements import account_named
from kmsmodel.policy.proofs.answers import Answer, Unknown
from kmsmodel.policy.proofs.callers import (
    EVERYONE,
    Callers,
    deputies,
    inside,
    named,
    outside,
    services,
)
from kmsmodel.policy.proofs.key_policy import KeyPolicy
from kmsmodel.policy.proofs.rules import RULES, STRICT, Rule, Subject
from kmsmodel.words.meant import perhaps

Written: TypeAlias = "Mapping[str, Any]"
ReadPolicies: TypeAlias = "Callable[[Path], Iterable[StoredPolicy]]"
"""Reads the key policies of another file, which a rule compares with."""

_EVERY = ("*",)


@final
class RulesFileError(ValueError):
    """What is wrong with a rules file, and in which part of it."""


@final
@frozen(kw_only=True)
class Applied:
    """A rule, and the patterns of the files and names of the policies that it holds for."""

    rule: Rule
    policies: tuple[str, ...] = _EVERY


@final
@frozen(kw_only=True)
class Accepted:
    """The finding of a rule, in policies whose files or names match a pattern, that somebody accepts."""

    rule: str
    policies: tuple[str, ...]
    acceptance: Acceptance

    def accepts(self, result: Result) -> bool:
        """Does it speak of this result?"""
        return result.rule == self.rule and _match(self.policies, result.file, result.name)


@final
@frozen(kw_only=True)
class Rules:
    """What a rules file says. ``account`` is the account of the keys whose policies do not tell it."""

    applied: tuple[Applied, ...]
    accepted: tuple[Accepted, ...] = ()
    account: str | None = None

    def of(self, stored: StoredPolicy | IdentityPolicy) -> tuple[Rule, ...]:
        """The rules that hold for a policy."""
        of_iam = isinstance(stored, IdentityPolicy)
        return tuple(
            each.rule
            for each in self.applied
            if (each.rule.about is Subject.IDENTITY_POLICY) is of_iam
            and _match(each.policies, stored.file, stored.name)
        )

    def report(self, results: Iterable[Result], today: date) -> Report:
        """The results, with what is accepted on this day, and remarks on what is accepted no more."""
        settled = tuple(self._settled(each, today) for each in results)
        return Report(results=settled, remarks=tuple(self._remarks(settled, today)))

    def _settled(self, result: Result, today: date) -> Result:
        if result.outcome is not Outcome.FOUND:
            return result
        for each in self.accepted:
            if each.accepts(result) and today <= each.acceptance.expires:
                return evolve(result, outcome=Outcome.ACCEPTED, accepted=each.acceptance)
        return result

    def _remarks(self, results: tuple[Result, ...], today: date) -> Iterator[str]:
        if not self.applied:
            yield "no rule is asked"
        elif not results and any(each.policies == _EVERY for each in self.applied):
            yield "no policy is found"
        asked = {each.rule for each in results}
        for applied in self.applied:
            idle = [
                pattern
                for pattern in applied.policies
                if pattern not in _EVERY
                and not any(_match((pattern,), each.file, each.name) for each in results)
            ]
            if idle:
                rule, patterns = applied.rule.name, ", ".join(idle)
                what = f"the rule {rule}" if rule in asked else f"the rule {rule} is not asked"
                yield f"{what}: no policy matches {patterns}"
        for each in self.accepted:
            about = f"the accepted finding of {each.rule} in {', '.join(each.policies)}"
            if each.acceptance.expires < today:
                yield f"{about} has expired on {each.acceptance.expires}"
            elif not any(each.accepts(one) and one.accepted for one in results):
                yield f"{about} is not found any more"


def _match(patterns: Iterable[str], file: str, name: str) -> bool:
    """
    Does a file, or a policy by its name in it, match one of the patterns?

    Brackets stand for themselves, as in Terraform's addresses.
    """
    path = PurePath(file).as_posix()
    names = {path, PurePath(file).name, f"{path}#{name}", f"{PurePath(file).name}#{name}", name}
    plain = (pattern.removeprefix("./").replace("[", "[[]") for pattern in patterns)
    return any(fnmatchcase(each, pattern) for pattern in plain for each in names)


# ---- read

SETS = {
    **{name: (*rules, NEVER_DECRYPTS_ALL) for name, rules in RULES.items()},
    **{each.name: (each,) for each in (*STRICT, NEVER_DECRYPTS_ALL, NO_FINDINGS)},
}
"""The rules that have a name: sets of them, and each by itself."""


def named_rules(name: str) -> Rules | None:
    """The rules with this name, or None if no rules have it."""
    rules = SETS.get(name)
    return None if rules is None else Rules(applied=tuple(Applied(rule=each) for each in rules))


def load(path: Path, read: ReadPolicies, iam: Iam | None = None) -> Rules:
    """The rules in a file. Raises RulesFileError, or OSError."""
    try:
        return parse(path.read_text(encoding="utf-8"), path.parent, read, iam)
    except (RulesFileError, UnicodeDecodeError) as error:
        raise RulesFileError(f"{path}: {error}") from None


def parse(text: str, folder: Path, read: ReadPolicies, iam: Iam | None = None) -> Rules:
    """
    The rules in the text of a file that stands in this folder. Raises RulesFileError.

    Callers who are named have the policies that they have in a directory of IAM, if one is given.
    """
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesFileError(str(error)) from None
    _check_names(written, ("account", "rules", "rule", "accepted"), "the file")
    account = written.get("account")
    if account is not None and (not isinstance(account, str) or account_named(account) is None):
        raise RulesFileError(
            f"account: {account!r} is not an account id of twelve digits in quotes"
        )
    applied = [
        Applied(rule=rule)
        for name in _texts(written.get("rules", "standard"), "rules")
        for rule in _named(name)
    ]
    applied += [
        _applied(each, where, folder, read, iam) for where, each in _tables(written, "rule")
    ]
    names = [each.rule.name for each in applied]
    accepted = tuple(_accepted(each, where, names) for where, each in _tables(written, "accepted"))
    return Rules(applied=tuple(applied), accepted=accepted, account=account)


def _named(name: str) -> tuple[Rule, ...]:
    if name == "none":
        return ()
    if name not in SETS:
        names = (*SETS, "none")
        raise RulesFileError(f"rules: {name!r} is none of {', '.join(names)}{perhaps(name, names)}")
    return SETS[name]


def _tables(written: Written, name: str) -> Iterator[tuple[str, Written]]:
    """The tables of an array, each with how people call it."""
    tables: object = written.get(name, [])
    if not isinstance(tables, list):
        raise RulesFileError(f"{name}: write [[{name}]]")
    for number, each in enumerate(cast("list[object]", tables), start=1):
        if not isinstance(each, dict):
            raise RulesFileError(f"{name} {number}: a table is expected")
        yield f"{name} {number}", cast("Written", each)


def _accepted(written: Written, where: str, names: list[str]) -> Accepted:
    _check_names(written, ("rule", "policies", "reason", "expires"), where)
    rule = _text(written, "rule", where)
    if rule not in names:
        known = f"there are {', '.join(names)}{perhaps(rule, names)}"
        raise RulesFileError(f"{where}: no rule {rule!r} is asked; {known}")
    expires: object = written.get("expires")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise RulesFileError(f"{where}: expires is a date, such as 2027-01-31")
    acceptance = Acceptance(reason=_text(written, "reason", where), expires=expires)
    if "policies" not in written:
        raise RulesFileError(f"{where}: policies says where the finding is accepted")
    policies = _texts(written["policies"], f"{where}, policies")
    return Accepted(rule=rule, policies=policies, acceptance=acceptance)


def _applied(
    written: Written, where: str, folder: Path, read: ReadPolicies, iam: Iam | None
) -> Applied:
    name = _text(written, "name", where)
    where = f"{where} `{name}`"
    asked = [each for each in MEMBERS if each in written]
    if len(asked) != 1:
        slips = (perhaps(each, MEMBERS) for each in written if each not in _OF_ANY_RULE)
        slip = next(filter(None, slips), "") if not asked else ""
        raise RulesFileError(f"{where}: it has one of {', '.join(MEMBERS)}{slip}")
    (prop,) = asked
    _check_names(written, (*_OF_ANY_RULE, prop, *MEMBERS[prop]), where)
    if prop == "no_new_access":
        answer = _no_new_access(written, where, folder, read)
    else:
        answer = _answering(prop, written, iam)
        try:
            answer(_SAMPLE)
        except (TypeError, ValueError) as error:
            raise RulesFileError(f"{where}: {error}") from None
    asks = _text(written, "asks", where) if "asks" in written else f"{name}: {prop}"
    policies = _texts(written.get("policies", _EVERY), f"{where}, policies")
    return Applied(rule=Rule(name, asks, (), answer), policies=policies)


_OF_ANY_RULE = ("name", "policies", "asks")

_SAMPLE = KeyPolicy(policy=Policy(statements=()), account="111122223333")
"""A policy that each rule is tried on, so that what is wrong with the rule is told at once."""

# ---- properties


def _answering(prop: str, written: Written, iam: Iam | None) -> Callable[[KeyPolicy], Answer]:
    given = {name: written[name] for name in MEMBERS[prop] if name in written}

    def answer(policy: KeyPolicy) -> Answer:
        return _PROPERTIES[prop](policy, written[prop], given, iam)

    return answer


_Ask: TypeAlias = "Callable[[KeyPolicy, object, Mapping[str, Any], Iam | None], Answer]"


def _ask(method: str) -> _Ask:
    """What asks a method of `KeyPolicy` whose first arguments are actions."""

    def ask(
        policy: KeyPolicy, actions: object, given: Mapping[str, Any], iam: Iam | None
    ) -> Answer:
        members = dict(given)
        needed = _NEEDED.get(method)
        if needed is not None and needed not in members:
            raise ValueError(f"{method} needs {needed}")
        for name in ("to", "by"):
            if name in members:
                members[name] = _callers(members[name], policy, iam)
        listed = () if actions == "*" else _texts(actions, method)
        found: Answer = getattr(policy, method)(*listed, **members)
        return found

    return ask


def _can_be_administered(policy: KeyPolicy, wanted: object, _: object, __: object) -> Answer:
    if wanted is not True:
        raise ValueError("can_be_administered is true, or left out")
    return policy.can_be_administered()


def _no_new_access(
    written: Written, where: str, folder: Path, read: ReadPolicies
) -> Callable[[KeyPolicy], Answer]:
    path = folder / _text(written, "no_new_access", where)
    try:
        stored = list(read(path))
    except (NotUnderstoodError, OSError) as error:
        raise RulesFileError(f"{where}: {path}: {error}") from None
    if len(stored) != 1:
        raise RulesFileError(f"{where}: {path} has {len(stored)} key policies, and one is expected")
    (older,) = stored

    def answer(policy: KeyPolicy) -> Answer:
        claim = f"no new access over {older.title}"
        if older.unknown:
            return Unknown(claim=claim, reason="; ".join(older.unknown))
        try:
            known = older.key_policy(policy.account)
        except NotUnderstoodError as error:
            return Unknown(claim=claim, reason=f"{older.title}: {error}")
        return policy.no_new_access(over=evolve(known, source=older.title))

    return answer


_PROPERTIES: Mapping[str, _Ask] = {
    "never_allows": _ask("never_allows"),
    "allows_only_with": _ask("allows_only_with"),
    "allows_only_through": _ask("allows_only_through"),
    "allows_only_attested": _ask("allows_only_attested"),
    "always_allows": _ask("always_allows"),
    "someone_can": _ask("someone_can"),
    "never_leads_to": _ask("never_leads_to"),
    "can_be_administered": _can_be_administered,
}
"""What asks the properties, by the names of the methods of `KeyPolicy`."""

MEMBERS: Mapping[str, tuple[str, ...]] = {
    "never_allows": ("to", "when"),
    "allows_only_with": (
        "to",
        "encryption_context",
        "principal_tags",
        "key_tags",
        "request_tags",
        "conditions",
    ),
    "allows_only_through": ("to", "services"),
    "allows_only_attested": ("to", "measurements"),
    "always_allows": ("to", "when"),
    "someone_can": ("by",),
    "never_leads_to": ("by",),
    "can_be_administered": (),
    "no_new_access": (),
}
"""The properties that a rule can ask, with what each of them takes besides."""

_NEEDED = {"allows_only_through": "services", "always_allows": "to", "never_leads_to": "by"}

# ---- callers


def _callers(written: object, policy: KeyPolicy, iam: Iam | None) -> Callers:
    """Callers by one word, or by a table with one of the words and whom it means."""
    if isinstance(written, str):
        if written not in _OF_THE_KEY:
            slip = perhaps(written, _OF_THE_KEY)
            raise ValueError(f"{written!r} is none of {', '.join(_OF_THE_KEY)}{slip}")
        return _OF_THE_KEY[written](policy)
    if not isinstance(written, dict):
        raise TypeError('callers are a word or a table, such as {outside = ["111122223333"]}')
    table = cast("dict[str, Any]", written)
    words = [each for each in _CALLERS if each in table]
    others = set(table) - set(words) - {"organization"}
    if len(words) != 1 or others or ("organization" in table and words != ["outside"]):
        slip = next(filter(None, (perhaps(each, _CALLERS) for each in sorted(others))), "")
        raise ValueError(f"callers have one of {', '.join(_CALLERS)}{slip}")
    listed = _texts(table[words[0]], words[0])
    if "organization" in table:
        return outside(*listed, organization=_text(table, "organization", "callers"))
    found = _CALLERS[words[0]](*listed)
    if iam is not None and words == ["named"] and len(listed) == 1:
        return evolve(found, policies=iam.caller(listed[0]).policies)
    return found


_OF_THE_KEY: Mapping[str, Callable[[KeyPolicy], Callers]] = {
    "everyone": lambda _: EVERYONE,
    "outside": lambda policy: outside(policy.account),
    "inside": lambda policy: inside(policy.account),
    "deputies": lambda policy: deputies(policy.account),
    "services": lambda _: services(),
}
"""Callers by the account of the key."""

_CALLERS: Mapping[str, Callable[..., Callers]] = {
    "outside": outside,
    "inside": inside,
    "named": named,
    "services": services,
    "deputies": deputies,
}

# ---- members


def _check_names(written: Written, known: tuple[str, ...], where: str) -> None:
    unknown = [name for name in written if name not in known]
    if unknown:
        slip = perhaps(unknown[0], known)
        raise RulesFileError(f"{where}: {unknown[0]!r} is not one of {', '.join(known)}{slip}")


def _text(written: Written, name: str, where: str) -> str:
    found: object = written.get(name)
    if not isinstance(found, str) or not found:
        raise RulesFileError(f"{where}: {name} is a text")
    return found


def _texts(written: object, where: str) -> tuple[str, ...]:
    """A text, or a list of some."""
    listed = cast("list[object]", written) if isinstance(written, list | tuple) else [written]
    if not listed or not all(isinstance(each, str) for each in listed):
        raise RulesFileError(f"{where}: a text or a list of texts is expected")
    return tuple(cast("list[str]", listed))
