"""
``kmsmodel policy``: why a key policy allows or denies something, and whether cases are decided as they should be.

The exit status is 0 if it is allowed, or if all cases are decided as expected; 1 if it is denied, or if one is not; and
2 if the command, a policy or a case was not understood.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from attrs import evolve

from kmsmodel.cli.files import FILE, read
from kmsmodel.cli.terminal import Terminal
from kmsmodel.cli.usage import examples

if TYPE_CHECKING:
    from kmsmodel.calls.caller import Caller
    from kmsmodel.calls.iam import Iam
    from kmsmodel.errors import KmsError
    from kmsmodel.policy.document import Policy, PolicyType
    from kmsmodel.policy.explanation import Explanation
    from kmsmodel.policy.principal import Principal
    from kmsmodel.policy.question import Value

_DENIED = 1
_NOT_UNDERSTOOD = 2
_STYLES = {
    "outcome": "bold",
    "policy": "bold",
    "allows": "green",
    "denies": "red",
    "stopped": "yellow",
    "differs": "dim",
    "assumed": "yellow",
}


@click.group(epilog=examples("  kmsmodel policy why --help"))
def policy() -> None:
    """
    Ask who may use a KMS key, and why.
    """


# ---- why


@policy.command(
    epilog=examples(
        "  kmsmodel policy why key-policy.json --action Decrypt \\",
        "      --principal arn:aws:iam::111122223333:role/Partner --encryption-context tenant=beta",
    )
)
@click.argument("policy_file", metavar="POLICY.json", type=FILE)
@click.option(
    "--principal",
    "arn",
    required=True,
    metavar="ARN",
    help="Who asks: the ARN of a user, a role, a session or a root user, or the name of a service.",
)
@click.option("--action", required=True, help="What is asked for, such as Decrypt.")
@click.option(
    "--key-arn", metavar="ARN", help="The ARN of the KMS key; else one of the account is made up."
)
@click.option(
    "--account",
    help="The account of the KMS key; else that of the key ARN, of the only root user whom the policy allows, or of "
    "the caller.",
)
@click.option(
    "--encryption-context",
    "encryption_context",
    multiple=True,
    metavar="NAME=VALUE",
    help="A pair of the encryption context. Can be given several times.",
)
@click.option(
    "--context",
    "more",
    multiple=True,
    metavar="KEY=VALUE",
    help="A condition key of the request, such as kms:ViaService. Several times for several values.",
)
@click.option(
    "--identity-policy",
    "identity",
    multiple=True,
    type=FILE,
    metavar="FILE",
    help="An identity-based policy of the caller. Can be given several times.",
)
@click.option("--boundary", type=FILE, metavar="FILE", help="The caller's permissions boundary.")
@click.option(
    "--session-policy",
    "session",
    multiple=True,
    type=FILE,
    metavar="FILE",
    help="A policy of the caller's session. Can be given several times.",
)
@click.option(
    "--iam",
    "directory",
    type=FILE,
    metavar="FILE",
    help="A directory of IAM that the caller is looked up in, with their policies and tags.",
)
@click.pass_context
def why(
    ctx: click.Context,
    *,
    policy_file: Path,
    arn: str,
    action: str,
    key_arn: str | None,
    account: str | None,
    encryption_context: tuple[str, ...],
    more: tuple[str, ...],
    identity: tuple[Path, ...],
    boundary: Path | None,
    session: tuple[Path, ...],
    directory: Path | None,
) -> None:
    """
    Say whether a key policy lets somebody do something, and why.

    The key policy is JSON, or what `aws kms get-key-policy` prints. Each statement is told with the first thing that
    does not match. Then follows what AWS takes in the policies and their author hardly means.
    """
    from kmsmodel.calls.authorization import without_rcps
    from kmsmodel.pipeline.stored import owner_of
    from kmsmodel.policy.access import Access
    from kmsmodel.policy.actions import ACTIONS
    from kmsmodel.policy.document import PolicyType
    from kmsmodel.policy.evaluation import decide
    from kmsmodel.policy.policies import NO_POLICIES

    key_policy = _policy(policy_file, PolicyType.RESOURCE)
    own = [_policy(file, PolicyType.IDENTITY) for file in identity]
    limit = None if boundary is None else _policy(boundary, PolicyType.BOUNDARY)
    sessions = [_policy(file, PolicyType.SESSION) for file in session]
    iam, caller = (None, None) if directory is None else _found(directory, arn)
    asks, name = _principal(arn) if caller is None else caller.principal, _action(action)
    resource, owner = _resource(
        key_arn, account or (None if key_arn else owner_of(key_policy)), asks
    )
    on_key = ACTIONS[name].on_key
    pairs = _pairs(encryption_context, "--encryption-context")
    for pair in pairs:
        _check(pair, "--encryption-context", prefix="kms:EncryptionContext:")
    takes_context = "kms:EncryptionContext:" in ACTIONS[name].condition_keys
    if pairs and not takes_context:
        raise click.UsageError(f"kms:{name} takes no encryption context.")
    of = NO_POLICIES if caller is None else caller.policies
    context = {} if caller is None else dict(caller.context)
    if iam is not None:
        if iam.management_account == owner:
            of = without_rcps(of)
        if iam.organization_id is not None:
            context.setdefault("aws:resourceorgid", iam.organization_id)
    access = Access(
        principal=asks,
        action=f"kms:{name}",
        resource=resource if on_key else "*",
        owner=owner,
        context=context
        | {"aws:resourceaccount": owner}
        | _context(asks, ACTIONS[name].condition_keys, pairs, more),
        policies=evolve(
            of,
            identity=(*of.identity, *own),
            boundary=limit or of.boundary,
            session=tuple(sessions) if session else of.session,
        ),
        resource_policy=key_policy if on_key else None,
        encryption_context=pairs if takes_context else None,
    )
    decision = decide(access)
    terminal = Terminal()
    _print(terminal, decision.explanation)
    _print_findings(terminal, policy_file, key_policy, PolicyType.RESOURCE)
    for file, each in zip(identity, own, strict=True):
        _print_findings(terminal, file, each, PolicyType.IDENTITY)
    ctx.exit(0 if decision.is_allowed else _DENIED)


def _found(directory: Path, arn: str) -> tuple[Iam, Caller]:
    """A directory of IAM, and the caller in it."""
    from kmsmodel.cli.serve import read_iam

    try:
        iam = read_iam(directory)
        return iam, iam.caller(arn)
    except OSError as error:
        raise click.UsageError(f"{directory}: {error.strerror or error}") from error
    except (click.ClickException, ValueError) as error:  # a status of 1 would say that it is denied
        raise click.UsageError(getattr(error, "message", str(error))) from error


def _print(terminal: Terminal, explanation: Explanation) -> None:
    for kind, line in explanation.lines():
        terminal.print(line, _STYLES[kind])


def _print_findings(
    terminal: Terminal, file: Path, policy: Policy, policy_type: PolicyType
) -> None:
    from kmsmodel.policy.findings import findings

    found = findings(policy, policy_type)
    if found:
        terminal.print(f"found in {file}", "bold")
    for each in found:
        terminal.print(f"  {each}", "yellow")
        terminal.print(f"    {each.page}", "dim")


def _policy(file: Path, policy_type: PolicyType) -> Policy:
    from kmsmodel.errors import KmsError
    from kmsmodel.pipeline.key_policy_file import policy_in
    from kmsmodel.policy.document import PolicyType, parse
    from kmsmodel.policy.form import check_key_policy

    text = _text(file)
    try:
        if policy_type is PolicyType.RESOURCE:
            text = policy_in(text)
            check_key_policy(text)
        return parse(text)
    except KmsError as error:
        raise click.UsageError(f"{file}: {_said(error)}") from error


def _said(error: KmsError) -> str:
    notes = cast("list[str]", getattr(error, "__notes__", []))
    return "; ".join((": ".join(filter(None, (error.code, error.message))), *notes))


def _text(file: Path) -> str:
    """The text of a file; what cannot be read was not understood."""
    try:
        return read(file).decode("utf-8")
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file} is not a text in UTF-8.") from error
    except click.ClickException as error:
        raise click.UsageError(error.message) from error


def _principal(arn: str) -> Principal:
    from kmsmodel.policy.principal import principal

    try:
        return principal(arn)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--principal") from error


def _action(action: str) -> str:
    from kmsmodel.policy.actions import ACTIONS
    from kmsmodel.words.meant import meant

    by_lower = {name.lower(): name for name in ACTIONS}
    wanted = action.lower().removeprefix("kms:")
    if wanted in by_lower:
        return by_lower[wanted]
    close = meant(wanted, ACTIONS, most=2)
    suggested = f" Perhaps {' or '.join(close)} is meant." if close else ""
    raise click.BadParameter(f"AWS KMS has no action {action}.{suggested}", param_hint="--action")


def _resource(key_arn: str | None, account: str | None, asks: Principal) -> tuple[str, str]:
    """The ARN of the KMS key, and its account."""
    from kmsmodel.calls.caller import EXAMPLE_ACCOUNT
    from kmsmodel.words.arn import ACCOUNT

    if key_arn is not None:
        parts = key_arn.split(":")
        if parts[:1] != ["arn"] or len(parts) != 6 or not parts[5].startswith("key/"):  # noqa: PLR2004
            raise click.BadParameter(f"{key_arn} is not a key ARN.", param_hint="--key-arn")
        account = account or parts[4]
    if account is None:
        account = asks.account if ACCOUNT.fullmatch(asks.account) else EXAMPLE_ACCOUNT
    if ACCOUNT.fullmatch(account) is None:
        raise click.BadParameter("An account id has twelve digits.", param_hint="--account")
    made_up = f"arn:aws:kms:us-west-2:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    return key_arn or made_up, account


def _check(name: str, option: str, *, prefix: str = "") -> None:
    """Refuses what is almost the name of a condition key, or behind its prefix has the prefix again."""
    from kmsmodel.policy.proofs.given import check_condition_key, without_prefix

    try:
        if prefix:
            without_prefix(name, prefix, option)
        else:
            check_condition_key(name, option)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error


def _pairs(given: Iterable[str], option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for name, value in _split(given, option):
        if name in pairs:
            raise click.BadParameter(f"{name} is given twice.", param_hint=option)
        pairs[name] = value
    return pairs


def _split(given: Iterable[str], option: str) -> Iterator[tuple[str, str]]:
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{each} is not NAME=VALUE.", param_hint=option)
        yield name, value


def _context(
    asks: Principal, carried: frozenset[str], pairs: Mapping[str, str], more: Iterable[str]
) -> dict[str, Value]:
    """The condition keys that follow from the caller and the encryption context, and those that are given."""
    from kmsmodel.calls.caller import Caller
    from kmsmodel.calls.condition_keys import user_id
    from kmsmodel.policy.condition_keys import condition_key
    from kmsmodel.policy.proofs.askers import context_of

    context = context_of(asks)
    id_ = user_id(Caller(asks))
    if id_ is not None:
        context["aws:userid"] = id_
    if "kms:CallerAccount" not in carried:
        context.pop("kms:calleraccount", None)
    context |= {f"kms:encryptioncontext:{name.lower()}": value for name, value in pairs.items()}
    if pairs:
        context["kms:encryptioncontextkeys"] = tuple(pairs)
    given: dict[str, tuple[str, ...]] = {}
    for name, value in _split(more, "--context"):
        _check(name, "--context")
        given[name.lower()] = (*given.get(name.lower(), ()), value)
    for name, values in given.items():
        known = condition_key(name)
        several = len(values) > 1 if known is None else known.is_multivalued
        if len(values) > 1 and not several:
            raise click.BadParameter(f"{name} has one value.", param_hint="--context")
        context[name] = values if several else "".join(values)
    return context


# ---- decide


@policy.command(epilog=examples("  kmsmodel policy decide cases.json"))
@click.argument("file", metavar="FILE", type=FILE)
@click.pass_context
def decide(ctx: click.Context, file: Path) -> None:
    """
    Decide the cases of a file, and compare them with what is expected.

    Each case gets a line of JSON with its id and its verdict. What differs from the expected verdict is told on
    standard error, with the reason.
    """
    status = 0
    for number, found in enumerate(_cases(file), start=1):
        case = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
        name = case.get("id", f"case {number}")
        try:
            verdict, reasons = _decided(case)
        except ValueError as error:
            click.echo(f"{name} is not understood: {error}", err=True)
            status = _NOT_UNDERSTOOD
            continue
        click.echo(json.dumps({"id": name, "verdict": verdict}))
        expected = case.get("expected", verdict)
        if expected != verdict:
            click.echo(f"{name}: expected {expected}, got {verdict}", err=True)
            for line in reasons:
                click.echo(f"  {line}", err=True)
            status = max(status, _DENIED)
    ctx.exit(status)


def _cases(file: Path) -> list[object]:
    from kmsmodel.words import strict_json

    try:
        found = strict_json.loads(_text(file))
    except ValueError as error:
        raise click.UsageError(f"{file} is not JSON: {error}") from error
    cases = cast("dict[str, object]", found).get("cases") if isinstance(found, dict) else found
    if not isinstance(cases, list):
        raise click.UsageError(f"{file} has no list of cases.")
    if not cases:
        raise click.UsageError(f"{file} has an empty list of cases.")
    return cast("list[object]", cases)


def _decided(case: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The verdict of a case, and the reasons in lines. Raises ValueError for anything that is not a case."""
    from kmsmodel.cli.api_cases import answer
    from kmsmodel.errors import KmsError
    from kmsmodel.policy.cases import decisions

    if not case or not isinstance(case.get("id"), str):
        raise ValueError("an object with an id is expected")
    try:
        if case.get("kind") == "api":
            return answer(case), []
        found = decisions(case)
    except KmsError as error:
        raise ValueError(_said(error)) from error
    verdict = "allow" if all(each.is_allowed for each in found) else "deny"
    return verdict, [line for each in found for line in str(each.explanation).splitlines()]
