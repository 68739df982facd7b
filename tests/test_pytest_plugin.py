"""
The fixtures of pytest, in sessions of their own.
"""

from __future__ import annotations

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest

from tests.basics import KEY_ID

pytest_plugins = ("pytester",)

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def entry_point(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installed kmsmodel says to pytest, and nobody's credentials."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plugins = project["entry-points"]["pytest11"]
    installed = pytester.mkdir("kmsmodel_as_installed-1.dist-info")
    (installed / "METADATA").write_text("Name: kmsmodel-as-installed\nVersion: 1\n")
    lines = [f"{name} = {module}" for name, module in plugins.items()]
    (installed / "entry_points.txt").write_text("\n".join(["[pytest11]", *lines]))
    monkeypatch.setenv("PYTHONPATH", f"{pytester.path}:{ROOT / 'src'}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def outcomes(pytester: pytest.Pytester, source: str, *arguments: str) -> dict[str, int]:
    """How many tests passed, failed or could not be run."""
    pytester.makepyfile(dedent(source))
    quick = ("-p", "no:benchmark", "-p", "no:cov", "-p", "no:hypothesispytest")
    words = ("--strict-markers", "-W", "error", *quick, *arguments)
    return pytester.runpytest_subprocess(*words, timeout=120).parseoutcomes()


def test_each_test_has_a_kms_of_its_own(pytester: pytest.Pytester) -> None:
    source = """
        import pytest
        from kmsmodel import LocalKms, CreateKeyRequest

        KEY_IDS = set()

        @pytest.mark.parametrize("number", range(4))
        def test_it_is_empty(kms, kms_client, number):
            assert type(kms) is LocalKms
            assert kms_client.list_keys()["Keys"] == []
            made = kms.handle(CreateKeyRequest()).key_metadata.key_id
            assert [key["KeyId"] for key in kms_client.list_keys()["Keys"]] == [made]
            KEY_IDS.add(made)
            assert len(KEY_IDS) == number + 1
    """
    assert outcomes(pytester, source) == {"passed": 4}


def test_clients_that_exist_already_are_answered(pytester: pytest.Pytester) -> None:
    source = """
        import boto3
        import pytest

        kms_of_the_module = boto3.client("kms")

        def test_it_is_answered(kms):
            arn = kms_of_the_module.create_key()["KeyMetadata"]["Arn"]
            assert arn.startswith("arn:aws:kms:eu-west-1:111122223333:key/")
            assert kms.dispatch("DescribeKey", {"KeyId": arn}, region="eu-west-1")

        def test_it_is_answered_by_another(kms):
            assert kms_of_the_module.list_keys()["Keys"] == []

        def test_it_is_as_it_was_without_the_fixture():
            with pytest.raises(Exception, match="[Cc]redentials"):
                kms_of_the_module.list_keys()
    """
    assert outcomes(pytester, source) == {"passed": 3}


def test_the_clock_of_a_test_is_that_of_its_kms(pytester: pytest.Pytester) -> None:
    source = """
        def test_time_passes(kms, kms_client, kms_clock):
            assert kms.clock is kms_clock
            key_id = kms_client.create_key()["KeyMetadata"]["KeyId"]
            kms_client.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
            kms_clock.advance(days=7)
            assert kms_client.list_keys()["Keys"] == []
    """
    assert outcomes(pytester, source) == {"passed": 1}


def test_the_closest_marker_says_account_region_and_seed(pytester: pytest.Pytester) -> None:
    source = """
        import pytest

        pytestmark = pytest.mark.kmsmodel(account="444455556666", hsm_seed="a")
        ARNS = []

        def test_the_module_marks(kms_client):
            ARNS.append(kms_client.create_key()["KeyMetadata"]["Arn"])
            assert ARNS[0].startswith("arn:aws:kms:us-west-2:444455556666:")

        @pytest.mark.kmsmodel(region="eu-central-1", account="777788889999")
        def test_the_test_marks_too(kms, kms_client):
            ARNS.append(kms_client.create_key()["KeyMetadata"]["Arn"])
            assert ARNS[1].startswith("arn:aws:kms:eu-central-1:777788889999:")
            assert (kms.account, kms.region) == ("777788889999", "eu-central-1")

        def test_equal_seeds_give_equal_keys():
            assert len({arn.rpartition("/")[2] for arn in ARNS}) == 1
    """
    assert outcomes(pytester, source) == {"passed": 3}


def test_a_marker_brings_keys_and_users_from_files_beside_the_test(
    pytester: pytest.Pytester,
) -> None:
    seed = f'keys = [{{ key_id = "{KEY_ID}", aliases = ["alias/orders"] }}]'
    iam = "accounts: {111122223333: {users: {Ada: {access_keys: [AKIA1]}}}}"
    pytester.makefile(".toml", seed=seed)
    pytester.makefile(".yaml", iam=iam)
    source = f"""
        import pytest
        from kmsmodel.calls.iam import Iam
        from kmsmodel.seeds import Seed, SeedKey

        KEY_ID = "{KEY_ID}"

        @pytest.mark.kmsmodel(seed="seed.toml", iam="iam.yaml")
        def test_from_files(kms, kms_client):
            found = kms_client.describe_key(KeyId="alias/orders")["KeyMetadata"]
            assert found["KeyId"] == KEY_ID
            assert kms.who("AKIA1")["caller"].principal.name == "Ada"

        @pytest.mark.kmsmodel(
            seed=Seed(keys=(SeedKey(key_id=KEY_ID),)), iam=Iam(), account="444455556666"
        )
        def test_from_values(kms):
            (key,) = kms.dispatch("ListKeys", {{}})["Keys"]
            assert key["KeyArn"] == f"arn:aws:kms:us-west-2:444455556666:key/{{KEY_ID}}"
            kms.reset()
            assert len(kms.dispatch("ListKeys", {{}})["Keys"]) == 1
            assert kms.iam == Iam()

        @pytest.mark.kmsmodel(seed="missing.toml")
        def test_without_its_file(kms):
            pass
    """
    assert outcomes(pytester, source) == {"passed": 2, "errors": 1}


REFUSED_MARKERS = {
    '"444455556666"': "TypeError: the marker kmsmodel takes its arguments by name: '444455556666' has none",
    'regio="eu-west-1"': "TypeError: the marker kmsmodel has no argument regio; "
    "there are account, region, hsm_seed, seed, iam, principal; perhaps 'region' is meant",
    'account="4"': "ValueError: account must be an account id of twelve digits",
    "account=111122223333": "ValueError: account must be an account id of twelve digits, as a string",
    "hsm_seed=3": "TypeError: hsm_seed must be a string, not int",
    "seed=42": "TypeError: seed must be a Seed, a string or a Path, not int; the seed of the HSM is hsm_seed=",
    "iam={}": "TypeError: iam must be an Iam, a string or a Path, not dict",
}


def test_a_marker_that_says_something_else_is_refused_in_one_sentence(
    pytester: pytest.Pytester,
) -> None:
    tests = (
        f"@pytest.mark.kmsmodel({arguments})\ndef test_{number}(kms): pass\n"
        for number, arguments in enumerate(REFUSED_MARKERS)
    )
    pytester.makepyfile("\n".join(["import pytest\n", *tests]))
    quick = ("-p", "no:benchmark", "-p", "no:cov", "-p", "no:hypothesispytest", "-p", "no:xdist")
    result = pytester.runpytest_subprocess(*quick, "--tb=line", timeout=120)
    assert result.parseoutcomes() == {"errors": len(REFUSED_MARKERS)}
    for message in REFUSED_MARKERS.values():
        assert [line for line in result.outlines if line.endswith(message)], message


@pytest.mark.parametrize("arguments", [(), ("-p", "no:kmsmodel")], ids=["with it", "without it"])
def test_a_project_may_have_fixtures_of_these_names(
    pytester: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    source = """
        import pytest

        @pytest.fixture
        def kms():
            return "ours"

        @pytest.fixture
        def kms_client(kms):
            return kms + " too"

        def test_they_are_ours(kms, kms_client):
            assert (kms, kms_client) == ("ours", "ours too")
    """
    assert outcomes(pytester, source, *arguments) == {"passed": 1}


def test_it_can_be_left_out(pytester: pytest.Pytester) -> None:
    source = "def test_it(kms): pass"
    assert outcomes(pytester, source, "-p", "no:kmsmodel") == {"errors": 1}


def test_a_session_that_does_not_ask_for_it_imports_nothing_of_the_model(
    pytester: pytest.Pytester,
) -> None:
    source = """
        import sys

        def test_nothing_is_there():
            ours = {name for name in sys.modules if name.partition(".")[0] == "kmsmodel"}
            assert ours == {"kmsmodel", "kmsmodel.pytest_plugin"}
            assert not sys.modules.keys() & {"attr", "attrs", "rpds", "cryptography", "botocore"}
    """
    assert outcomes(pytester, source, "-p", "no:xdist") == {"passed": 1}


def test_workers_of_xdist_have_it_too(pytester: pytest.Pytester) -> None:
    if find_spec("xdist") is None:
        pytest.skip("pytest-xdist is not here")
    source = """
        import boto3
        import pytest

        kms_of_the_module = boto3.client("kms")

        @pytest.mark.parametrize("number", range(20))
        def test_it_is_empty(kms, kms_client, number):
            assert kms_of_the_module.list_keys()["Keys"] == []
            kms_of_the_module.create_key()
            assert kms_client.list_keys()["Keys"] == []  # in another Region
    """
    assert outcomes(pytester, source, "-n", "2") == {"passed": 20}


def test_tests_that_await_have_it_too(pytester: pytest.Pytester) -> None:
    source = """
        import asyncio

        async def use(kms, kms_client):
            async def create():
                return (await asyncio.to_thread(kms_client.create_key))["KeyMetadata"]["KeyId"]

            made = await asyncio.gather(*(create() for _ in range(5)))
            assert {key["KeyId"] for key in kms_client.list_keys()["Keys"]} == set(made)

        def test_it(kms, kms_client):
            asyncio.run(use(kms, kms_client))
    """
    assert outcomes(pytester, source) == {"passed": 1}


SEED = """
[[keys]]
key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
aliases = ["alias/orders"]
"""


@pytest.mark.parametrize("page", ["pytest.md", "beside-moto.md"])
def test_the_examples_of_its_pages_pass(pytester: pytest.Pytester, page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    source = "".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    pytester.makefile(".yaml", iam="accounts: {}\n")
    pytester.path.joinpath("seed.toml").write_text(SEED, encoding="utf-8")
    if (
        "from moto" in source and find_spec("moto") is None
    ):  # what is imported here, pytester makes forget
        pytest.skip("moto is not here")
    assert outcomes(pytester, source) == {"passed": source.count("def test_")}


def test_an_answer_that_an_assert_does_not_take_is_shown_whole(pytester: pytest.Pytester) -> None:
    source = """
        from kmsmodel.policy import KeyPolicy, outside

        TEXT = '''{"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:Decrypt", "Resource": "*"
        }}'''
        POLICY = KeyPolicy.parse(TEXT, account="111122223333")

        def test_by_a_call():
            assert POLICY.never_allows("Decrypt", to=outside("111122223333"))

        def test_by_a_name():
            answer = POLICY.never_allows("Decrypt", to=outside("111122223333"))
            assert answer

        def test_without_an_answer():
            assert POLICY is None
    """
    pytester.makepyfile(dedent(source))
    result = pytester.runpytest_subprocess("-p", "no:benchmark", "-p", "no:cov", timeout=120)
    result.assert_outcomes(failed=3)
    shown = result.stdout.str()
    assert shown.count("kmsmodel: the answer") == 2
    assert shown.count("  if       an IAM policy in 444455556666 allows it too") == 2
    programs = shown.split("kmsmodel: a program that replays it")[1:]
    assert len(programs) == 2
    assert all("assert decision.is_allowed" in each for each in programs)


def test_why_a_client_is_refused_is_shown(pytester: pytest.Pytester) -> None:
    source = """
        import pytest
        from kmsmodel import Iam, User

        ADA = User("Ada", policies=[])

        @pytest.mark.kmsmodel(iam=Iam(users=[ADA]), principal="arn:aws:iam::111122223333:user/Ada")
        def test_ada_has_no_rights(kms_client):
            kms_client.create_key()
    """
    pytester.makepyfile(dedent(source))
    result = pytester.runpytest_subprocess("-p", "no:benchmark", "-p", "no:cov", timeout=120)
    result.assert_outcomes(failed=1)
    assert "kmsmodel: why" in result.stdout.str()
    assert "no identity-based policy" in result.stdout.str().split("kmsmodel: why")[1]


def test_a_client_made_before_calls_as_whom_the_marker_names(pytester: pytest.Pytester) -> None:
    source = """
        import boto3
        import pytest
        from kmsmodel import CreateKeyRequest, Iam, User

        ADA = User("Ada", policies=[])
        CLIENT = boto3.client("kms", region_name="us-west-2")

        @pytest.mark.kmsmodel(iam=Iam(users=[ADA]), principal="arn:aws:iam::111122223333:user/Ada")
        def test_ada_has_no_rights(kms):
            with pytest.raises(CLIENT.exceptions.ClientError, match="user/Ada is not authorized"):
                CLIENT.create_key()
    """
    assert outcomes(pytester, source) == {"passed": 1}
