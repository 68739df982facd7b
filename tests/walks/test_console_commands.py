"""
The AWS CLI runs the commands that the console shows.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kmsmodel.console.routes import draft
from kmsmodel.local import LocalKms
from kmsmodel.operations.key_policies import GetKeyPolicyRequest
from kmsmodel.operations.keys import DescribeKeyRequest
from kmsmodel.operations.tags import ListResourceTagsRequest
from kmsmodel.policy import written_anew
from kmsmodel.server import running
from tests.basics import ACCOUNT
from tests.walks.served import REGION, environment

BIN = Path(__file__).parents[2] / ".venv-aws" / "bin"
PATIENCE = 120
"""Seconds: the AWS CLI starts slowly."""

pytestmark = pytest.mark.skipif(
    not (BIN / "aws").exists() and "CI" not in os.environ,
    reason="there is no AWS CLI in .venv-aws: make test puts it there",
)


@pytest.mark.parametrize("description", ['it\'s "quoted" $HOME\n*', "file:///etc/passwd", "-x"])
def test_the_commands_of_the_wizard_make_the_key(description: str) -> None:
    local = LocalKms(account=ACCOUNT, region=REGION)
    tags = [{"key": "team", "value": "a: b=c"}]
    chosen = {"alias": "orders", "description": description, "tags": tags}
    answer = draft(local, {"wizard": "create-key", "draft": chosen})
    assert len(answer["requests"]) == 2
    script = "\n".join(["set -e", *(each["cli"] for each in answer["requests"])])
    with running(local) as url:
        subprocess.run(
            ["sh", "-c", script],
            env={**environment(url), "PATH": f"{BIN}:{os.environ['PATH']}"},
            check=True,
            timeout=PATIENCE,
        )
    metadata = local.handle(DescribeKeyRequest(key_id="alias/orders")).key_metadata
    assert metadata.description == description
    tagged = local.handle(ListResourceTagsRequest(key_id=metadata.key_id)).tags
    assert [(each.tag_key, each.tag_value) for each in tagged] == [("team", "a: b=c")]
    shown = local.handle(GetKeyPolicyRequest(key_id=metadata.key_id)).policy
    assert shown == written_anew(answer["policy"], REGION)
