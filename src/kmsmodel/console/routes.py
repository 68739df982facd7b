"""
The console's routes: the tables that its page draws; a draft's problems, key policy and requests; the programs of a
request; and the default view of a key policy.

All rules are in the wizards and their neighbours; here is only what they look like in JSON.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast, final

from attrs import frozen

from kmsmodel import service
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.console import programs
from kmsmodel.console.create_key import CreateKeyDraft, CreateKeyWizard
from kmsmodel.console.default_view import default_view
from kmsmodel.console.download import Download
from kmsmodel.console.editions import Edition, Wizard, WizardName
from kmsmodel.console.import_key_material import ImportKeyMaterialDraft, ImportKeyMaterialWizard
from kmsmodel.console.problems import Problems
from kmsmodel.console.reading import Malformed, read
from kmsmodel.console.tables import choices_in_json, tables
from kmsmodel.console.wrapping_commands import WRAPPED
from kmsmodel.errors import KmsError
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.local import LocalKms, Who
from kmsmodel.memory.kms import Kms

Json: TypeAlias = Any
"""A value that JSON has."""


@final
@frozen(kw_only=True)
class _Asked:
    """A draft, in which wizard, and whose request it becomes: by default that of the `LocalKms`."""

    wizard: WizardName
    edition: Edition = Edition.NEW
    draft: object = None
    account: str | None = None
    principal: str | None = None
    region: str | None = None


@final
@frozen(kw_only=True)
class _AskedRequest:
    """A request of AWS KMS, in AWS JSON."""

    operation: str
    request: object


@final
@frozen(kw_only=True)
class _AskedPolicy:
    """A key policy, by default of a KMS key in the account and the Region of the `LocalKms`."""

    policy: str
    account: str | None = None
    region: str | None = None


def model(local: LocalKms, _: Json = None) -> Json:
    """The tables, for the caller of this `LocalKms`."""
    return local.step(lambda kms, call: (kms, tables(call)))


def draft(local: LocalKms, body: Json) -> Json:
    """The problems, the key policy and the requests of a draft. Raises Malformed for any other JSON."""
    asked = read(_Asked, body)
    wizard = _wizard(asked)

    def step(kms: Kms, call: Call) -> tuple[Kms, Json]:
        if isinstance(wizard, CreateKeyWizard):
            return kms, _create_key(wizard, kms, call)
        return kms, _import_key_material(wizard, kms, call)

    who: Who = {"account": asked.account, "principal": asked.principal}
    if asked.region is not None:
        who["region"] = asked.region
    try:
        local.step(lambda kms, _: (kms, None), **who)
    except ValueError as error:  # there is no such caller
        raise Malformed(f"{error}.") from None
    return local.step(step, **who)


def commands(_: LocalKms, body: Json) -> Json:
    """How the AWS CLI and boto3 make a request with these members. Raises Malformed for an unknown operation."""
    asked = read(_AskedRequest, body)
    try:
        request = service.parsed(asked.operation, cast("Mapping[str, object]", asked.request))
    except KmsError as error:
        raise Malformed(f"{error.code}: {error.message}") from None
    except TypeError:
        raise Malformed("request must be a JSON object.") from None
    return {"cli": programs.cli(request), "boto3": programs.boto3(request)}


def policy_view(local: LocalKms, body: Json) -> Json:
    """The lists behind a key policy that the console has written, or null for any other. Raises Malformed."""
    asked = read(_AskedPolicy, body)
    account, region = asked.account or local.account, asked.region or local.region
    view = default_view(asked.policy, account, region)
    if view is None:
        return {"view": None}
    return {
        "view": {
            "administrators": list(view.administrators),
            "administrators_may_delete": view.administrators_may_delete,
            "users": list(view.users),
            "other_accounts": list(view.other_accounts),
        }
    }


def _wizard(asked: _Asked) -> CreateKeyWizard | ImportKeyMaterialWizard:
    chosen: object = dict[str, object]() if asked.draft is None else asked.draft
    if asked.wizard is WizardName.CREATE_KEY:
        return CreateKeyWizard(read(CreateKeyDraft, chosen, at="draft"), asked.edition)
    imported = ImportKeyMaterialWizard(
        read(ImportKeyMaterialDraft, chosen, at="draft"), asked.edition
    )
    try:
        imported.download()
    except ValueError as error:
        raise Malformed(f"draft.parameters: {error}.") from None
    return imported


# ---- the wizard that creates a key


def _create_key(wizard: CreateKeyWizard, kms: Kms, call: Call) -> Json:
    problems = wizard.problems(kms, call)
    return {
        "steps": _steps(wizard.wizard, problems),
        "policy": wizard.policy(call),
        "policy_is_edited": wizard.draft.policy is not None,
        "requests": [] if any(problems.values()) else _two_requests(wizard, call),
    }


def _two_requests(wizard: CreateKeyWizard, call: Call) -> Json:
    requests = wizard.finished(call)
    create_key = requests.create_key
    command = f"{programs.cli(create_key)} --query KeyMetadata.KeyId --output text"
    made = _request(create_key)
    made |= {"cli": f"KEY_ID=$({command})", "boto3": f"key = {made['boto3']}"}
    create_alias = requests.create_alias("-")
    name, way = "TargetKeyId", ("CreateKey", "KeyMetadata", "KeyId")
    named = _request(create_alias)
    del named["request"][name]
    named |= {
        "takes": {name: list(way)},
        "cli": programs.cli(create_alias, takes={name: "KEY_ID"}),
        "boto3": programs.boto3(create_alias, takes={name: 'key["KeyMetadata"]["KeyId"]'}),
    }
    return [made, named]


# ---- the wizard that imports key material


def _import_key_material(wizard: ImportKeyMaterialWizard, kms: Kms, call: Call) -> Json:
    problems = wizard.problems(kms, call)
    is_finished = not any(problems.values())
    key, commands = wizard.key(kms, call), wizard.commands(kms, call)
    parameters = wizard.parameters_request()
    # In the original console, the box below the download is ticked after it.
    is_chosen = all(problem.field == "ready" for problem in problems["download"])
    download, request = wizard.download(), wizard.import_request()
    files = {"EncryptedKeyMaterial": WRAPPED, "ImportToken": "ImportToken.bin"}
    if download is not None:
        files["ImportToken"] = download.names.import_token
    outcome = wizard.outcome(kms, call) if is_finished else None
    return {
        "steps": _steps(wizard.wizard, problems),
        "key": None if key is None else _key(key),
        "choices": choices_in_json(wizard.choices(kms, call)),
        "download": _request(parameters) if parameters is not None and is_chosen else None,
        "zip": None if download is None else _zip(download),
        "commands": None if commands is None else "".join(f"{line}\n" for line in commands),
        "requests": [_request(request, files)] if request is not None and is_finished else [],
        "outcome": None
        if outcome is None
        else {
            "key_state": outcome.key_state,
            "key_material_state": outcome.key_material_state,
            "valid_to": None if outcome.valid_to is None else outcome.valid_to.isoformat(),
            "text": outcome.sentence,
        },
    }


def _key(key: KeyMetadata) -> Json:
    return {"arn": key.arn, "key_spec": key.key_spec, "key_state": key.key_state}


def _zip(download: Download) -> Json:
    return {
        "name": download.names.archive,
        "content_type": "application/zip",
        "base64": base64.b64encode(download.archive()).decode(),
        "files": [
            {"name": name, "bytes": len(content)} for name, content in download.files.items()
        ],
        "readme": download.readme,
    }


# ---- both


def _steps(wizard: Wizard, problems: Problems) -> Json:
    return [
        {
            "id": step.id,
            "problems": [{"field": each.field, "text": each.text} for each in problems[step.id]],
        }
        for step in wizard.steps
    ]


def _request(request: Request[Any], files: dict[str, str] | None = None) -> dict[str, Json]:
    return {
        "operation": request.operation,
        "request": programs.members(request),
        "takes": {},
        "cli": programs.cli(request, files=files),
        "boto3": programs.boto3(request, files=files),
    }


ROUTES: Mapping[str, Callable[[LocalKms, Json], Json]] = {
    "model": model,
    "draft": draft,
    "commands": commands,
    "policy-view": policy_view,
}
"""The routes, by name."""
