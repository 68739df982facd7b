"""
The AWS CLI acts as a user and as a role, by its profiles.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any, final

import pytest
from attrs import frozen

from tests.basics import ACCOUNT
from tests.walks.served import PATIENCE, REGION, environment, served

AWS = Path(__file__).parents[2] / ".venv-aws" / "bin" / "aws"

pytestmark = pytest.mark.skipif(
    not AWS.exists() and "CI" not in os.environ,
    reason="there is no AWS CLI in .venv-aws: make test puts it there",
)

IAM = """
accounts:
  111122223333:
    users:
      Ada:
        access_keys: [AKIAIOSFODNN7EXAMPLE]
        policies:
          - Version: 2012-10-17
            Statement: {Effect: Allow, Action: "sts:AssumeRole", Resource: "*"}
    roles:
      Deploy:
        trust:
          Version: 2012-10-17
          Statement: {Effect: Allow, Principal: {AWS: 111122223333}, Action: "sts:AssumeRole"}
        policies:
          - Version: 2012-10-17
            Statement: {Effect: Allow, Action: ["kms:CreateKey", "kms:DescribeKey"], Resource: "*"}
"""

CONFIG = """
[profile ada]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = any

[profile deploy]
source_profile = ada
role_arn = arn:aws:iam::111122223333:role/Deploy
role_session_name = walk

[profile nobody]
aws_access_key_id = AKIAIOSFODNN7NOBODYS
aws_secret_access_key = any
"""


@final
@frozen
class Profiles:
    """``aws``, with these profiles."""

    environment: dict[str, str]

    def run(self, profile: str, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [AWS, "--profile", profile, *command],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def json(self, profile: str, *command: str) -> Any:
        ended = self.run(profile, *command)
        assert (ended.returncode, ended.stderr) == (0, "")
        return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Generator[Profiles]:
    folder = tmp_path_factory.mktemp("profiles")
    (folder / "iam.yaml").write_text(IAM)
    (folder / "config").write_text(CONFIG)
    with served("--iam", str(folder / "iam.yaml")) as url:
        others = environment(url)
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        yield Profiles(
            {name: value for name, value in others.items() if name not in keys}
            | {
                "AWS_ENDPOINT_URL_STS": url,
                "AWS_CONFIG_FILE": str(folder / "config"),
                "HOME": str(folder),  # the AWS CLI keeps sessions there
            }
        )


def test_a_profile_with_a_role_acts_as_that_role(aws: Profiles) -> None:
    identity = aws.json("deploy", "sts", "get-caller-identity")
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/walk"
    created = aws.json("deploy", "kms", "create-key")
    arn = created["KeyMetadata"]["Arn"]
    assert arn.startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")
    ended = aws.run("deploy", "kms", "disable-key", "--key-id", arn)
    assert ended.returncode == 255
    assert ended.stderr.strip() == (
        "An error occurred (AccessDeniedException) when calling the DisableKey operation: "
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/walk is not authorized to perform: "
        f"kms:DisableKey on resource: {arn} because no identity-based policy allows the "
        "kms:DisableKey action"
    )


def test_the_user_alone_may_only_assume_the_role(aws: Profiles) -> None:
    identity = aws.json("ada", "sts", "get-caller-identity")
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/Ada"
    ended = aws.run("ada", "kms", "create-key")
    assert ended.stderr.strip() == (
        "An error occurred (AccessDeniedException) when calling the CreateKey operation: "
        f"User: arn:aws:iam::{ACCOUNT}:user/Ada is not authorized to perform: kms:CreateKey on "
        "resource: * because no identity-based policy allows the kms:CreateKey action"
    )


def test_an_access_key_of_nobody_is_refused(aws: Profiles) -> None:
    ended = aws.run("nobody", "kms", "list-keys")
    assert ended.stderr.strip() == (
        "An error occurred (UnrecognizedClientException) when calling the ListKeys operation: "
        "The security token included in the request is invalid."
    )
