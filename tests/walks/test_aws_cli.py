"""
The AWS CLI and openssl walk the guide's four steps.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, final

import pytest
from attrs import frozen

from kmsmodel.crypto.wrapping import KEY_WRAPS
from kmsmodel.key.key_spec import WRAPPING
from kmsmodel.words.enumerations import AlgorithmSpec, KeySpec, WrappingKeySpec
from tests.basics import ACCOUNT
from tests.walks.served import PATIENCE, REGION, environment, served

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BIN = ROOT / ".venv-aws" / "bin"
"""Where ``make test`` puts the AWS CLI: it needs other versions than the docs do, and so an environment of its own."""

pytestmark = pytest.mark.skipif(
    not (BIN / "aws").exists() and "CI" not in os.environ,
    reason="there is no AWS CLI in .venv-aws: make test puts it there",
)

MESSAGE = b"attack at dawn"
SESSION = 300
"""Seconds until a session in a shell is given up: each command of it starts the AWS CLI anew."""

# ---- the AWS CLI

AWS_CLI = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from awscli.clidriver import create_clidriver

driver = create_clidriver()
for line in sys.stdin:
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = driver.main(json.loads(line))
    print(json.dumps([status, out.getvalue(), err.getvalue()]), flush=True)
"""
"""What ``aws`` does, again and again: to start takes it fifty times as long as to ask."""


@final
@frozen
class AwsCli:
    """``aws kms``, and ``openssl``, in a folder of their own. Commands are written as in a shell."""

    process: subprocess.Popen[str]
    folder: Path

    def json(self, command: str) -> Any:
        """An answer, whole."""
        return json.loads(self._answer(command) or "null")

    def text(self, command: str, query: str) -> str:
        """What ``--output text`` prints of an answer."""
        return self._answer(f"{command} --query '{query}' --output text").removesuffix("\n")

    def download(self, command: str, query: str, file: str) -> None:
        """Write a blob, which is printed in base64, to a file."""
        text = self.text(command, query)
        self.openssl(f"enc -d -base64 -A -out {file}", stdin=text.encode())

    def refused(self, command: str) -> str:
        """What is printed of an error."""
        status, out, err = self._run(command)
        assert (status, out) == (255, "")
        return err.strip()

    def _answer(self, command: str) -> str:
        status, out, err = self._run(command)
        assert (status, err) == (0, "")
        return out

    def _run(self, command: str) -> tuple[int, str, str]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        words = ["kms", *shlex.split(command)]
        if "--region" not in words:  # or it would be that of the last command that named one
            words += ["--region", REGION]
        print(json.dumps(words), file=self.process.stdin, flush=True)
        status, out, err = json.loads(self.process.stdout.readline())
        return status, out, err

    def openssl(self, command: str, stdin: bytes = b"") -> bytes:
        ended = subprocess.run(
            ["openssl", *shlex.split(command)],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr.decode()
        return ended.stdout

    def read(self, file: str) -> bytes:
        return (self.folder / file).read_bytes()


def key_stores_of_the_page() -> str:
    """The file of clusters and proxies that the page on custom key stores shows."""
    page = (DOCS / "custom-key-stores.md").read_text(encoding="utf-8")
    found = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Generator[AwsCli]:
    folder = tmp_path_factory.mktemp("aws")
    (folder / "message.txt").write_bytes(MESSAGE)
    stores = folder / "key-stores.toml"
    stores.write_text(key_stores_of_the_page(), encoding="utf-8")
    with (
        served("--key-stores", str(stores)) as url,
        subprocess.Popen(
            [BIN / "python", "-c", AWS_CLI],
            cwd=folder,
            env=environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            aws = AwsCli(process, folder)
            peer = aws.openssl(P256)
            aws.openssl("pkey -pubout -outform DER -out peer.der", stdin=peer)
            yield aws
        finally:
            process.kill()


# ---- the kinds of KMS keys


@final
@frozen
class Kind:
    """A kind of KMS key, its key material as openssl makes it, and a use that tells if it is this very material."""

    key_spec: KeySpec
    key_usage: str
    material: str
    use: str
    answer: str
    """The member of the answer that is written to a file of that name."""
    check: Callable[[AwsCli, str], object]
    """Asserts that the answer in the file is right."""

    @property
    def operation(self) -> str:
        return "".join(word.capitalize() for word in self.use.split()[0].split("-"))

    def make_key_material(self, aws: AwsCli) -> None:
        made = aws.openssl(self.material)
        if not made:  # it is in its file
            return
        aws.openssl("pkcs8 -topk8 -outform der -nocrypt -out PlaintextKeyMaterial.bin", stdin=made)
        aws.openssl("pkey -inform DER -in PlaintextKeyMaterial.bin -pubout -out public.pem")


RANDOM = "rand -out PlaintextKeyMaterial.bin 32"
P256 = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"


def decrypted(aws: AwsCli, key_id: str) -> None:
    """Of a symmetric encryption key, the ciphertext names its key itself."""
    decrypt = "decrypt --ciphertext-blob fileb://CiphertextBlob --encryption-context Department=IT"
    aws.download(decrypt, query="Plaintext", file="plaintext")
    assert aws.read("plaintext") == MESSAGE


def decrypted_here_and_there(aws: AwsCli, key_id: str) -> None:
    """What either side encrypts, both decrypt."""
    oaep = "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256"
    aws.download(f"get-public-key --key-id {key_id}", query="PublicKey", file="public.der")
    aws.openssl(
        "pkeyutl -encrypt -pubin -inkey public.der -keyform DER"
        f" -in message.txt -out encrypted {oaep}"
    )
    for file in ("CiphertextBlob", "encrypted"):
        plaintext = aws.openssl(
            f"pkeyutl -decrypt -inkey PlaintextKeyMaterial.bin -keyform DER -in {file} {oaep}"
        )
        aws.download(
            f"decrypt --key-id {key_id} --ciphertext-blob fileb://{file}"
            " --encryption-algorithm RSAES_OAEP_SHA_256",
            query="Plaintext",
            file="plaintext",
        )
        assert plaintext == aws.read("plaintext") == MESSAGE


def verified(algorithm: str, verify: str) -> Callable[[AwsCli, str], object]:
    """Openssl verifies the signature, as AWS KMS does."""

    def check(aws: AwsCli, key_id: str) -> None:
        assert b"erified" in aws.openssl(verify)
        answer = aws.json(
            f"verify --key-id {key_id} --signing-algorithm {algorithm}"
            " --message fileb://message.txt --signature fileb://Signature"
        )
        assert answer == {
            "KeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}",
            "SignatureValid": True,
            "SigningAlgorithm": algorithm,
        }

    return check


def signing(key_spec: KeySpec, material: str, algorithm: str, verify: str) -> Kind:
    use = f"sign --message fileb://message.txt --signing-algorithm {algorithm}"
    check = verified(algorithm, verify)
    return Kind(key_spec, "SIGN_VERIFY", material, use, "Signature", check)


def dgst(options: str) -> str:
    return f"dgst {options} -verify public.pem -signature Signature message.txt"


def authenticated(aws: AwsCli, key_id: str) -> None:
    key = aws.read("PlaintextKeyMaterial.bin").hex()
    mac = aws.openssl(f"dgst -sha256 -mac HMAC -macopt hexkey:{key} -binary message.txt")
    assert aws.read("Mac") == mac
    answer = aws.json(
        f"verify-mac --key-id {key_id} --mac-algorithm HMAC_SHA_256"
        " --message fileb://message.txt --mac fileb://Mac"
    )
    assert answer["MacValid"] is True


def agreed(aws: AwsCli, key_id: str) -> None:
    shared_secret = aws.openssl(
        "pkeyutl -derive -inkey PlaintextKeyMaterial.bin -keyform DER"
        " -peerkey peer.der -peerform DER"
    )
    assert aws.read("SharedSecret") == shared_secret


KINDS = {
    "symmetric encryption": Kind(
        KeySpec.SYMMETRIC_DEFAULT,
        "ENCRYPT_DECRYPT",
        RANDOM,
        "encrypt --plaintext fileb://message.txt --encryption-context Department=IT",
        "CiphertextBlob",
        decrypted,
    ),
    "RSA encryption": Kind(
        KeySpec.RSA_2048,
        "ENCRYPT_DECRYPT",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        "encrypt --plaintext fileb://message.txt --encryption-algorithm RSAES_OAEP_SHA_256",
        "CiphertextBlob",
        decrypted_here_and_there,
    ),
    "RSA signatures": signing(
        KeySpec.RSA_2048,
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        "RSASSA_PSS_SHA_256",
        dgst("-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"),
    ),
    "P-256 signatures": signing(
        KeySpec.ECC_NIST_P256,
        P256,
        "ECDSA_SHA_256",
        dgst("-sha256"),
    ),
    "P-521 signatures": signing(
        KeySpec.ECC_NIST_P521,
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
        "ECDSA_SHA_512",
        dgst("-sha512"),
    ),
    "secp256k1 signatures": signing(
        KeySpec.ECC_SECG_P256K1,
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
        "ECDSA_SHA_256",
        dgst("-sha256"),
    ),
    "Ed25519 signatures": signing(
        KeySpec.ECC_NIST_EDWARDS25519,
        "genpkey -algorithm ED25519",
        "ED25519_SHA_512",
        "pkeyutl -verify -pubin -inkey public.pem -rawin -in message.txt -sigfile Signature",
    ),
    "key agreement": Kind(
        KeySpec.ECC_NIST_P256,
        "KEY_AGREEMENT",
        P256,
        "derive-shared-secret --key-agreement-algorithm ECDH --public-key fileb://peer.der",
        "SharedSecret",
        agreed,
    ),
    "HMAC": Kind(
        KeySpec.HMAC_256,
        "GENERATE_VERIFY_MAC",
        RANDOM,
        "generate-mac --message fileb://message.txt --mac-algorithm HMAC_SHA_256",
        "Mac",
        authenticated,
    ),
}

# ---- the walk

WALKS = [
    pytest.param(kind, algorithm, min(wrapping_key_specs), id=f"{name}, {algorithm}")
    for name, kind in KINDS.items()
    for algorithm, wrapping_key_specs in WRAPPING[kind.key_spec].items()
]
LARGER = [
    pytest.param(KINDS[name], algorithm, wrapping_key_spec, id=f"{name}, {wrapping_key_spec}")
    for name, algorithm in (
        ("symmetric encryption", AlgorithmSpec.RSAES_OAEP_SHA_256),
        ("RSA signatures", AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256),
    )
    for wrapping_key_spec in (WrappingKeySpec.RSA_3072, WrappingKeySpec.RSA_4096)
]


def create_key(aws: AwsCli, kind: Kind) -> str:
    """Step 1."""
    return aws.text(
        f"create-key --origin EXTERNAL --key-spec {kind.key_spec} --key-usage {kind.key_usage}",
        query="KeyMetadata.KeyId",
    )


def download_wrapping_public_key(
    aws: AwsCli, key_id: str, algorithm: AlgorithmSpec, wrapping_key_spec: WrappingKeySpec
) -> None:
    """Step 2."""
    public_key, import_token = aws.text(
        f"get-parameters-for-import --key-id {key_id}"
        f" --wrapping-algorithm {algorithm} --wrapping-key-spec {wrapping_key_spec}",
        query="[PublicKey, ImportToken]",
    ).split("\t")
    aws.openssl("enc -d -base64 -A -out WrappingPublicKey.bin", stdin=public_key.encode())
    aws.openssl("enc -d -base64 -A -out ImportToken.bin", stdin=import_token.encode())


def wrap(aws: AwsCli, algorithm: AlgorithmSpec) -> None:
    """Step 3."""
    digest = "sha1" if algorithm.endswith("SHA_1") else "sha256"
    encrypt = (
        "pkeyutl -encrypt -inkey WrappingPublicKey.bin -keyform DER -pubin"
        " -pkeyopt rsa_padding_mode:oaep"
        f" -pkeyopt rsa_oaep_md:{digest} -pkeyopt rsa_mgf1_md:{digest}"
    )
    if algorithm not in KEY_WRAPS:
        aws.openssl(f"{encrypt} -in PlaintextKeyMaterial.bin -out EncryptedKeyMaterial.bin")
        return
    aws.openssl("rand -out aes-key.bin 32")
    aws.openssl(
        f"enc -id-aes256-wrap-pad -K {aws.read('aes-key.bin').hex()} -iv A65959A6"
        " -in PlaintextKeyMaterial.bin -out key-material-wrapped.bin"
    )
    aws.openssl(f"{encrypt} -in aes-key.bin -out aes-key-wrapped.bin")
    wrapped = aws.read("aes-key-wrapped.bin") + aws.read("key-material-wrapped.bin")
    (aws.folder / "EncryptedKeyMaterial.bin").write_bytes(wrapped)


def import_key_material(aws: AwsCli, key_id: str, expiration: str) -> Any:
    """Step 4."""
    return aws.json(
        f"import-key-material --key-id {key_id} {expiration}"
        " --encrypted-key-material fileb://EncryptedKeyMaterial.bin"
        " --import-token fileb://ImportToken.bin"
    )


@pytest.mark.parametrize("kind, algorithm, wrapping_key_spec", [*WALKS, *LARGER])
def test_the_four_steps_lead_to_a_key_that_works_until_its_material_is_deleted(
    aws: AwsCli, kind: Kind, algorithm: AlgorithmSpec, wrapping_key_spec: WrappingKeySpec
) -> None:
    key_id = create_key(aws, kind)
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}"
    use = f"{kind.use} --key-id {key_id}"
    pending_import = (
        "An error occurred (KMSInvalidStateException) when calling the "
        f"{kind.operation} operation: {arn} is pending import."
    )

    def described() -> list[str]:
        query = "KeyMetadata.[KeyState, Enabled, ExpirationModel, ValidTo]"
        return aws.text(f"describe-key --key-id {key_id}", query).split("\t")

    kind.make_key_material(aws)
    assert described() == ["PendingImport", "False", "None", "None"]
    assert aws.refused(use) == pending_import

    download_wrapping_public_key(aws, key_id, algorithm, wrapping_key_spec)
    wrap(aws, algorithm)
    valid_to = (datetime.now(UTC) + timedelta(days=7)).replace(microsecond=0)
    imported = import_key_material(
        aws,
        key_id,
        f"--expiration-model KEY_MATERIAL_EXPIRES --valid-to {valid_to.isoformat()}",
    )
    assert described() == ["Enabled", "True", "KEY_MATERIAL_EXPIRES", str(valid_to.timestamp())]
    aws.download(use, kind.answer, file=kind.answer)
    kind.check(aws, key_id)

    deleted = aws.json(f"delete-imported-key-material --key-id {key_id}")
    assert described() == ["PendingImport", "False", "None", "None"]
    assert aws.refused(use) == pending_import

    download_wrapping_public_key(aws, key_id, algorithm, wrapping_key_spec)
    wrap(aws, algorithm)
    reimported = import_key_material(aws, key_id, "--expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE")
    assert imported == deleted == reimported
    symmetric = kind.key_spec is KeySpec.SYMMETRIC_DEFAULT
    assert set(imported) == ({"KeyId", "KeyMaterialId"} if symmetric else {"KeyId"})
    assert imported["KeyId"] == arn
    assert described() == ["Enabled", "True", "KEY_MATERIAL_DOES_NOT_EXPIRE", "None"]
    kind.check(aws, key_id)
    aws.download(use, kind.answer, file=kind.answer)
    kind.check(aws, key_id)


# ---- what is printed


def test_lists_are_read_page_by_page(aws: AwsCli) -> None:
    here = "--region ap-southeast-2"  # where there are no other keys
    keys = [
        aws.text(f"create-key --description {number} {here}", "KeyMetadata.KeyId")
        for number in range(5)
    ]
    for number, key in enumerate(keys):
        aws.json(f"create-alias --alias-name alias/{number} --target-key-id {key} {here}")
    listed = aws.json(f"list-keys --page-size 2 {here}")["Keys"]
    assert [key["KeyId"] for key in listed] == sorted(keys)
    some = aws.json(f"list-keys --page-size 2 --max-items 3 {here}")
    rest = aws.json(f"list-keys --page-size 2 --starting-token {some['NextToken']} {here}")
    assert some["Keys"] + rest["Keys"] == listed
    assert len(some["Keys"]) == 3
    first = aws.json(f"list-keys --no-paginate --limit 2 {here}")
    assert (first["Keys"], first["Truncated"]) == (listed[:2], True)
    targets = aws.text(
        f"list-aliases --page-size 2 {here}", "Aliases[?TargetKeyId].[AliasName, TargetKeyId]"
    )
    assert targets.splitlines() == [f"alias/{number}\t{key}" for number, key in enumerate(keys)]


# ---- the pages of the docs


def test_the_page_has_the_key_material_of_each_key_spec() -> None:
    page = (DOCS / "aws-cli.md").read_text("utf-8")
    for kind in KINDS.values():
        assert f"| `{kind.key_spec}` | `openssl {kind.material}` |" in page


@pytest.mark.parametrize("page", ["aws-cli.md", "other-languages.md"])
def test_a_shell_prints_what_the_page_shows(page: str, tmp_path: Path) -> None:
    (serve, address), *session = [
        found
        for block in re.findall(
            r"```console\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL
        )
        for found in re.findall(r"^\$ ((?:.*\\\n)*.*\n)((?:[^$].*\n)*)", block, re.MULTILINE)
    ]
    assert serve == "kmsmodel serve\n"
    script = "".join(f"{command}printf '\\0'\n" for command, _ in session)
    outputs = shell(script, tmp_path, instead_of=address.strip()).split("\0")
    assert len(outputs) == len(session) + 1
    for (command, shown), output in zip(session, outputs, strict=False):
        pattern = re.escape(shown.rstrip()).replace(re.escape("..."), ".*")
        assert re.fullmatch(pattern, output.strip()), (command, output)


def test_the_four_steps_of_the_page_about_the_command_line_lead_to_an_enabled_key(
    tmp_path: Path,
) -> None:
    page = (DOCS / "command-line.md").read_text("utf-8")
    (steps,) = re.findall(r"```sh\n(key=.*?)```", page, re.DOTALL)
    describe = "aws kms describe-key --key-id $key --query KeyMetadata.KeyState"
    assert '\n"Enabled"\n' in shell(f"set -e\n{steps}{describe}", tmp_path)


def shell(script: str, folder: Path, instead_of: str = "") -> str:
    """What is printed by a script in bash, where the server has its address instead of the one that is shown."""
    kmsmodel = f'kmsmodel() {{ {shlex.quote(sys.executable)} -m kmsmodel "$@"; }}\n'
    with served() as url:
        return subprocess.run(
            ["bash", "-c", kmsmodel + (script.replace(instead_of, url) if instead_of else script)],
            cwd=folder,
            env=environment(url) | {"PATH": f"{BIN}:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SESSION,
            check=False,
        ).stdout.decode()


# ---- custom key stores

IN_A_CLUSTER = (
    "--cloud-hsm-cluster-id cluster-2a34b5cdefg --key-store-password kmsPswd1 "
    "--trust-anchor-certificate '(customerCA.crt)'"
)
OUTSIDE = (
    "--custom-key-store-type EXTERNAL_KEY_STORE --xks-proxy-connectivity PUBLIC_ENDPOINT "
    """--cli-input-json '{"XksProxyUriEndpoint": "https://myproxy.xks.example.com"}' """
    "--xks-proxy-uri-path /kms/xks/v1 "
    "--xks-proxy-authentication-credential AccessKeyId=ABCDE2345672EXAMPLEA,"
    "RawSecretAccessKey=DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo="
)
"""The AWS CLI would ask an endpoint that is an option of its own for the value, as version 1 does with each URL."""


@pytest.mark.parametrize(
    "name, backing, key",
    [
        ("cluster", IN_A_CLUSTER, "--origin AWS_CLOUDHSM"),
        ("outside", OUTSIDE, "--origin EXTERNAL_KEY_STORE --xks-key-id my-key"),
    ],
)
def test_a_custom_key_store_and_a_key_in_it(aws: AwsCli, name: str, backing: str, key: str) -> None:
    made = aws.text(
        f"create-custom-key-store --custom-key-store-name {name} {backing}", "CustomKeyStoreId"
    )
    store = f"--custom-key-store-id {made}"
    refused = aws.refused(f"create-key {key} {store}")
    assert "(CustomKeyStoreInvalidStateException)" in refused
    assert aws.json(f"connect-custom-key-store {store}") is None
    query = "CustomKeyStores[0].ConnectionState"
    assert aws.text(f"describe-custom-key-stores {store}", query) == "CONNECTED"
    key_id = aws.text(f"create-key {key} {store}", "KeyMetadata.KeyId")
    aws.download(
        f"encrypt --key-id {key_id} --plaintext fileb://message.txt", "CiphertextBlob", "sealed"
    )
    aws.download("decrypt --ciphertext-blob fileb://sealed", "Plaintext", "opened")
    assert aws.read("opened") == MESSAGE
    aws.json(f"disconnect-custom-key-store {store}")
    state = aws.text(f"describe-key --key-id {key_id}", "KeyMetadata.KeyState")
    assert state == "Unavailable"
    assert "(KMSInvalidStateException)" in aws.refused("decrypt --ciphertext-blob fileb://sealed")
    aws.json(f"update-custom-key-store {store} --new-custom-key-store-name {name}-2")
    assert "(CustomKeyStoreHasCMKsException)" in aws.refused(f"delete-custom-key-store {store}")


# ---- multi-Region keys

ELSEWHERE = "us-west-2"


def test_a_replica_key_opens_what_its_primary_key_made(aws: AwsCli) -> None:
    there = f"--region {ELSEWHERE}"
    key_id = aws.text("create-key --multi-region", "KeyMetadata.KeyId")
    aws.download(
        f"encrypt --key-id {key_id} --plaintext fileb://message.txt", "CiphertextBlob", "related"
    )
    opening = f"decrypt --ciphertext-blob fileb://related {there}"
    assert "does not exist in this Region" in aws.refused(opening)
    replicating = f"replicate-key --key-id {key_id} --replica-region {ELSEWHERE}"
    replica = aws.text(replicating, "ReplicaKeyMetadata.Arn")
    assert replica == f"arn:aws:kms:{ELSEWHERE}:{ACCOUNT}:key/{key_id}"
    assert "(AlreadyExistsException)" in aws.refused(replicating)
    aws.download(opening, "Plaintext", "opened-by-replica")
    assert aws.read("opened-by-replica") == MESSAGE

    assert aws.json(f"update-primary-region --key-id {key_id} --primary-region {ELSEWHERE}") is None
    told = "KeyMetadata.MultiRegionConfiguration.[MultiRegionKeyType,PrimaryKey.Region]"
    assert aws.text(f"describe-key --key-id {key_id}", told) == f"REPLICA\t{ELSEWHERE}"
    assert aws.text(f"describe-key --key-id {key_id} {there}", told) == f"PRIMARY\t{ELSEWHERE}"
    deleting = f"schedule-key-deletion --key-id {key_id} --pending-window-in-days 7"
    state = aws.text(f"{deleting} {there}", "KeyState")
    assert state == "PendingReplicaDeletion"
