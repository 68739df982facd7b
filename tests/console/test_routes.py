"""
The console's routes: what they take, and what they answer.
"""

from __future__ import annotations

import base64
import io
import json
from importlib.resources import files
from typing import Any
from zipfile import ZipFile

import pytest

from kmsmodel.console.editions import DIALOGS, WIZARDS, Edition, WizardName
from kmsmodel.console.routes import commands, draft, model, policy_view
from kmsmodel.crypto.software_cluster import SoftwareCluster
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.exploration.diagrams import JSON_COMMAND, moves_in_json
from kmsmodel.hsm.key_stores import KeyStores
from kmsmodel.key.key_spec import WRAPPING
from kmsmodel.local import LocalKms
from kmsmodel.machine.key_state import ROWS, refusal_for
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.words.enumerations import AlgorithmSpec, KeyState, OriginType
from tests.basics import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION
from tests.console.asking import KEY_ID, LOCAL, ORDERS, asked, local_kms, problems
from tests.console.people import ADA, APPLICATION, BERT, KEEPER

# ---- model


def test_the_model_tells_where_it_is_and_who_there_is() -> None:
    found = model(LOCAL)
    assert (found["account"], found["region"], found["partition"]) == (ACCOUNT, REGION, "aws")
    assert found["now"] == NOW.isoformat()
    assert found["has_directory"]
    assert [each["arn"] for each in found["principals"]] == [
        ADA.arn,
        APPLICATION.arn,
        BERT.arn,
        KEEPER.arn,
    ]
    assert found["principals"][0] == {
        "arn": ADA.arn,
        "kind": "User",
        "name": "Ada",
        "path": "/",
        "access_key_ids": ["AKIAADA"],
    }
    assert found["principals"][3]["kind"] == "Role"


def test_without_a_directory_there_is_nobody() -> None:
    found = model(LocalKms())
    assert (found["has_directory"], found["principals"]) == (False, [])


def test_the_model_has_the_pages_of_each_wizard() -> None:
    found = model(LOCAL)
    assert found["editions"] == ["new", "original"]
    for (name, edition), wizard in WIZARDS.items():
        shown = found["wizards"][name][edition]
        assert (shown["title"], shown["next"], shown["finish"]) == (
            wizard.title,
            wizard.next,
            wizard.finish,
        )
        assert [each["id"] for each in shown["steps"]] == [step.id for step in wizard.steps]
    assert found["words"]["new"].keys() == found["words"]["original"].keys()
    assert found["dialogs"] == DIALOGS


def test_the_model_offers_asymmetric_keys_in_the_new_console_only() -> None:
    symmetric, asymmetric = model(LOCAL)["key_types"]
    assert symmetric["editions"] == ["new", "original"]
    assert asymmetric["editions"] == ["new"]


def test_the_model_has_the_key_specs_of_each_origin() -> None:
    aws_kms, external, *in_stores = model(LOCAL)["origins"]
    assert set(external["specs"]) == set(WRAPPING)
    assert set(aws_kms["specs"]) > set(external["specs"])
    assert external["title"] == "External (Import key material)"
    assert [each["title"] for each in in_stores] == ["AWS CloudHSM key store", "External key store"]
    for each in in_stores:
        assert (each["specs"], each["editions"]) == (["SYMMETRIC_DEFAULT"], ["new"])


def test_the_model_tells_which_clusters_there_are() -> None:
    cluster = SoftwareCluster()
    assert model(LocalKms(key_stores=KeyStores((cluster,))))["clusters"] == [cluster.cluster_id]
    assert model(LOCAL)["clusters"] == []


def test_what_the_model_permits_is_what_the_table_permits() -> None:
    permits = model(LOCAL)["lifecycle"]["permits"]
    assert permits.keys() == ROWS.keys()
    for operation, cells in permits.items():
        origin = next(iter(sorted(ROWS[operation].accepts)))
        for state, code in cells.items():
            refused = refusal_for(operation, None, origin, state)
            assert code == (None if refused is None else refused.code)


def test_what_moves_a_key_is_what_the_code_prints() -> None:
    kept = files("kmsmodel.console") / "lifecycle.json"
    assert kept.read_text("utf-8") == moves_in_json(), f"Print it again: {JSON_COMMAND}"


def test_each_transition_is_of_keys_and_key_states_that_there_are() -> None:
    lifecycle = model(LOCAL)["lifecycle"]
    keys = {each["id"] for each in lifecycle["keys"]}
    ends = {None, *lifecycle["states"]}
    for each in lifecycle["transitions"]:
        assert {each["from"], each["to"]} <= ends
        assert set(each["keys"]) <= keys
        assert each["kind"] == ("operation" if each["by"] in {*ROWS, *_OF_NO_KEY} else "time")
    assert set(lifecycle["states"]) == set(KeyState)


_OF_NO_KEY = ("CreateKey", "ConnectCustomKeyStore", "DisconnectCustomKeyStore")


def test_the_model_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(model(LOCAL))) == model(LOCAL)


# ---- draft: create a key


def test_an_empty_draft_needs_an_alias() -> None:
    answer = asked(WizardName.CREATE_KEY, None)
    assert problems(answer) == [("alias", "alias")]
    assert answer["requests"] == []
    assert '"key-consolepolicy-3"' in answer["policy"]
    assert not answer["policy_is_edited"]


def test_a_finished_draft_has_both_requests() -> None:
    answer = asked(
        WizardName.CREATE_KEY,
        {**ORDERS, "tags": [{"key": "team", "value": "payments"}], "users": [ADA.arn]},
    )
    assert problems(answer) == []
    create_key, create_alias = answer["requests"]
    assert create_key["operation"] == "CreateKey"
    assert create_key["takes"] == {}
    assert create_key["request"] == {
        "Policy": answer["policy"],
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "Origin": "EXTERNAL",
        "Tags": [{"TagKey": "team", "TagValue": "payments"}],
        "MultiRegion": False,
    }
    assert create_key["cli"].startswith("KEY_ID=$(aws kms create-key --policy ")
    assert create_key["cli"].endswith(" --query KeyMetadata.KeyId --output text)")
    assert create_key["boto3"].startswith("key = kms.create_key(\n")
    assert create_alias == {
        "operation": "CreateAlias",
        "request": {"AliasName": "alias/orders"},
        "takes": {"TargetKeyId": ["CreateKey", "KeyMetadata", "KeyId"]},
        "cli": 'aws kms create-alias --alias-name alias/orders --target-key-id "$KEY_ID"',
        "boto3": "kms.create_alias(\n"
        "    AliasName='alias/orders',\n"
        '    TargetKeyId=key["KeyMetadata"]["KeyId"],\n'
        ")",
    }


@pytest.mark.parametrize("edition", Edition)
def test_the_requests_make_the_key(edition: Edition) -> None:
    """As the page makes them: what a request takes comes from the answer of an earlier one."""
    local = local_kms()
    answer = draft(local, {"wizard": "create-key", "edition": edition, "draft": ORDERS})
    answers = dict[str, Any]()
    for each in answer["requests"]:
        request = dict(each["request"])
        for name, (operation, *way) in each["takes"].items():
            value = answers[operation]
            for part in way:
                value = value[part]
            request[name] = value
        answers[each["operation"]] = local.dispatch(each["operation"], request)
    described = local.handle(DescribeKeyRequest(key_id="alias/orders")).key_metadata
    assert described.key_state is KeyState.PendingImport


def test_an_edited_policy_is_given_back_and_judged() -> None:
    answer = asked(WizardName.CREATE_KEY, {**ORDERS, "policy": "{}"})
    assert (answer["policy"], answer["policy_is_edited"]) == ("{}", True)
    assert problems(answer) == [("review", "policy")]


def test_a_draft_is_of_another_account_and_region_if_it_says_so() -> None:
    answer = asked(WizardName.CREATE_KEY, ORDERS, account=OTHER_ACCOUNT, region=OTHER_REGION)
    assert f"arn:aws:iam::{OTHER_ACCOUNT}:root" in answer["policy"]


def test_a_draft_is_of_a_user_if_it_says_so() -> None:
    answer = asked(WizardName.CREATE_KEY, ORDERS, principal=ADA.arn, account=ACCOUNT)
    assert problems(answer) == [("review", "")]  # Ada may not create keys


# ---- draft: import key material


def test_a_draft_of_an_import_grows_to_its_request() -> None:
    local = local_kms()
    key_id = local.handle(CreateKeyRequest(origin=OriginType.EXTERNAL)).key_metadata.key_id

    def ask(chosen: object) -> Any:
        return draft(local, {"wizard": "import-key-material", "draft": chosen})

    chosen: dict[str, object] = {"key_id": key_id}
    answer = ask(chosen)
    assert answer["key"]["key_state"] == "PendingImport"
    assert answer["choices"][0] == {
        "wrapping_key_spec": "RSA_4096",
        "wrapping_algorithms": ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
    }
    assert answer["download"] is answer["zip"] is answer["commands"] is answer["outcome"] is None

    chosen |= {"wrapping_key_spec": "RSA_2048", "wrapping_algorithm": "RSAES_OAEP_SHA_256"}
    answer = ask(chosen)
    assert answer["download"]["operation"] == "GetParametersForImport"
    assert answer["commands"].startswith("openssl rand -out PlaintextKeyMaterial.bin 32\n")
    parameters = local.dispatch("GetParametersForImport", answer["download"]["request"])

    chosen["parameters"] = {
        "KeyId": parameters["KeyId"],
        "ImportToken": _in_base64(parameters["ImportToken"]),
        "PublicKey": _in_base64(parameters["PublicKey"]),
        "ParametersValidTo": parameters["ParametersValidTo"].timestamp(),
    }
    answer = ask(chosen)
    zipped = base64.b64decode(answer["zip"]["base64"])
    with ZipFile(io.BytesIO(zipped)) as opened:
        assert opened.namelist() == [each["name"] for each in answer["zip"]["files"]]
        assert opened.read("README.txt").decode() == answer["zip"]["readme"]
        token = opened.read("ImportToken.bin")
    assert answer["zip"]["content_type"] == "application/zip"
    assert answer["requests"] == []

    wrapped = wrap_key_material(
        parameters["PublicKey"], AlgorithmSpec.RSAES_OAEP_SHA_256, b"k" * 32
    )
    chosen |= {
        "encrypted_key_material": _in_base64(wrapped),
        "import_token": _in_base64(token),
        "expires": True,
        "valid_to": "2026-12-24T00:00:00Z",
    }
    answer = ask(chosen)
    assert problems(answer) == []
    (request,) = answer["requests"]
    assert request["request"] == {
        "KeyId": key_id,
        "ImportToken": _in_base64(token),
        "EncryptedKeyMaterial": _in_base64(wrapped),
        "ValidTo": 1798070400,
        "ExpirationModel": "KEY_MATERIAL_EXPIRES",
    }
    assert "--import-token fileb://ImportToken.bin" in request["cli"]
    assert answer["outcome"]["key_state"] == "Enabled"
    assert answer["outcome"]["valid_to"] == "2026-12-24T00:00:00+00:00"
    local.dispatch("ImportKeyMaterial", request["request"])
    described = local.handle(DescribeKeyRequest(key_id=key_id)).key_metadata
    assert described.key_state is KeyState.Enabled


def test_the_original_console_gives_the_download_before_its_box_is_ticked() -> None:
    chosen = {"key_id": KEY_ID, "wrapping_algorithm": "RSAES_OAEP_SHA_1"}
    answer = asked(WizardName.IMPORT_KEY_MATERIAL, chosen, edition="original")
    assert ("download", "ready") in problems(answer)
    assert answer["download"]["request"]["WrappingKeySpec"] == "RSA_2048"
    refused = asked(WizardName.IMPORT_KEY_MATERIAL, {**chosen, "key_id": "x"}, edition="original")
    assert refused["download"] is None


def _in_base64(blob: bytes) -> str:
    return base64.b64encode(blob).decode()


# ---- commands and policy-view


def test_any_request_is_told_as_programs() -> None:
    found = commands(LOCAL, {"operation": "EnableKey", "request": {"KeyId": "a"}})
    assert found == {
        "cli": "aws kms enable-key --key-id a",
        "boto3": "kms.enable_key(\n    KeyId='a',\n)",
    }


def test_the_lists_behind_a_key_policy_are_shown() -> None:
    answer = asked(WizardName.CREATE_KEY, {**ORDERS, "administrators": [KEEPER.arn]})
    assert policy_view(LOCAL, {"policy": answer["policy"]}) == {
        "view": {
            "administrators": [KEEPER.arn],
            "administrators_may_delete": True,
            "users": [],
            "other_accounts": [],
        }
    }
    assert policy_view(LOCAL, {"policy": "{}"}) == {"view": None}
