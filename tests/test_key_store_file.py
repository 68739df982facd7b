"""
What lies behind custom key stores, in a file.
"""

from __future__ import annotations

import json
import re
import threading
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel import key_store_file
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_cluster import CERTIFICATE, PASSWORD, SoftwareCluster
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.hsm.port import Hsm
from kmsmodel.key_store_file import KeyStoreFileError, parse, read
from kmsmodel.local import LocalKms
from kmsmodel.xks.proxy import XksProxyServer
from tests.basics import HSM, NOW, PATIENCE
from tests.key_stores import proxy

jsonschema: Any = pytest.importorskip("jsonschema")

PAGE = Path(__file__).parents[1] / "docs" / "custom-key-stores.md"
SCHEMA = PAGE.with_name("key-stores.schema.json")

REAL = proxy("real")


def on_the_page() -> str:
    """The file that the page shows."""
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def local_with(text: str, *, is_json: bool = False) -> LocalKms:
    stores = parse(text, "file", HSM, is_json=is_json)
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm(), key_stores=stores)


def round_trip(local: LocalKms, store: dict[str, Any], key: dict[str, Any]) -> None:
    """Create a key store and a key in it, and use the key."""
    made = local.dispatch("CreateCustomKeyStore", {"CustomKeyStoreName": "store", **store})
    local.dispatch("ConnectCustomKeyStore", made)
    members = {**key, **made}
    key_id = local.dispatch("CreateKey", members)["KeyMetadata"]["KeyId"]
    sealed = local.dispatch("Encrypt", {"KeyId": key_id, "Plaintext": b"attack at dawn"})
    opened = local.dispatch("Decrypt", {"CiphertextBlob": sealed["CiphertextBlob"]})
    assert opened["Plaintext"] == b"attack at dawn"


def store_of_proxy(endpoint: str, path: str, access_key_id: str, secret: str) -> dict[str, Any]:
    return {
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": endpoint,
        "XksProxyUriPath": path,
        "XksProxyAuthenticationCredential": {
            "AccessKeyId": access_key_id,
            "RawSecretAccessKey": secret,
        },
    }


def test_the_file_of_the_page_is_there() -> None:
    store = {
        "CloudHsmClusterId": "cluster-2a34b5cdefg",
        "KeyStorePassword": "kmsPswd1",
        "TrustAnchorCertificate": "(customerCA.crt)",
    }
    round_trip(local_with(on_the_page()), store, {"Origin": "AWS_CLOUDHSM"})
    store = store_of_proxy(
        "https://myproxy.xks.example.com",
        "/kms/xks/v1",
        "ABCDE2345672EXAMPLEA",
        "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo=",
    )
    key = {"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "my-key"}
    round_trip(local_with(on_the_page()), store, key)


@pytest.fixture
def listening() -> Iterator[XksProxyServer]:
    server = XksProxyServer(REAL)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(PATIENCE)


def test_a_real_proxy_is_asked_at_its_address(
    listening: XksProxyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    text = json.dumps({"addresses": {REAL.uri_endpoint: listening.address}})
    secret = REAL.raw_secret_access_key.reveal().decode()
    store = store_of_proxy(REAL.uri_endpoint, REAL.uri_path, REAL.access_key_id, secret)
    local = local_with(text, is_json=True)
    round_trip(local, store, {"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "key-1"})
    assert [each.kms_operation for each in listening.asked][-2:] == ["Encrypt", "Decrypt"]


def test_no_other_endpoint_is_asked() -> None:
    store = store_of_proxy("https://127.0.0.1", "/kms/xks/v1", "A" * 20, "a" * 43)
    with pytest.raises(Exception, match="cannot communicate with the external key store proxy"):
        local_with("").dispatch("CreateCustomKeyStore", {"CustomKeyStoreName": "store", **store})


def test_only_the_id_of_a_cluster_is_required_and_its_keys_are_drawn() -> None:
    text = 'clusters = [{ cluster_id = "cluster-aaaaaaaaaaa" }]'
    (one,), (same,) = (parse(text, "file", HSM).clusters for _ in range(2))
    (other,) = parse(text, "file", SeededHsm("another")).clusters
    assert isinstance(one, SoftwareCluster)
    assert isinstance(same, SoftwareCluster)
    assert isinstance(other, SoftwareCluster)
    assert (one.kmsuser_password, one.trust_anchor_certificate) == (PASSWORD, CERTIFICATE)
    assert one.secret == same.secret != other.secret


@pytest.mark.parametrize("hsm", [HSM, SoftwareHsm()], ids=["seeded", "drawn"])
def test_clusters_with_the_same_certificate_have_the_same_keys(hsm: Hsm) -> None:
    ids = {"a": "one", "b": "one", "c": "two"}
    clusters = [
        {"cluster_id": f"cluster-{name * 11}", "trust_anchor_certificate": certificate}
        for name, certificate in ids.items()
    ]
    text = json.dumps({"clusters": clusters})
    one, backup, other = parse(text, "file", hsm, is_json=True).clusters
    assert isinstance(one, SoftwareCluster)
    assert isinstance(backup, SoftwareCluster)
    assert isinstance(other, SoftwareCluster)
    assert one.secret == backup.secret != other.secret


WRONG: list[tuple[Any, str]] = [
    ([], "the file must be an object"),
    (
        {"cluster": []},
        "cluster must be one of the members clusters, xks_proxies, addresses, tls; perhaps 'clusters' is meant",
    ),
    ({"clusters": [{}]}, "clusters[0] must be an object with cluster_id"),
    ({"clusters": [{"cluster_id": 1}]}, "clusters[0].cluster_id must be a text"),
    ({"clusters": [{"cluster_id": "a"}] * 2}, "two clusters are called a"),
    ({"addresses": {"a": 1}}, "addresses must be a map of texts"),
    ({"addresses": {"a": "b"}}, "b is not an address such as http://127.0.0.1:9000"),
    (
        {"addresses": {"a": "http://127.0.0.1:x"}},
        "http://127.0.0.1:x is not an address such as http://127.0.0.1:9000",
    ),
]


@pytest.mark.parametrize("content, message", WRONG)
def test_what_is_wrong_with_a_file_is_told_with_its_place(content: object, message: str) -> None:
    with pytest.raises(KeyStoreFileError) as caught:
        parse(json.dumps(content), "stores.json", HSM, is_json=True)
    assert str(caught.value) == f"stores.json: {message}"


def test_a_file_is_json_if_its_name_says_so(tmp_path: Path) -> None:
    file = tmp_path / "stores.JSON"
    file.write_text('{"clusters": [{"cluster_id": "cluster-aaaaaaaaaaa"}]}')
    assert [each.cluster_id for each in read(file, HSM).clusters] == ["cluster-aaaaaaaaaaa"]
    file = tmp_path / "stores.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(KeyStoreFileError, match=r"stores\.toml: 'utf-8' codec"):
        read(file, HSM)


MEMBERS = ("clusters", "xks_proxies", "addresses", "cluster_id", "keys", "uri_endpoint", "tls", "x")


@given(
    content=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=3)
        ),
        max_leaves=6,
    )
)
def test_any_json_is_a_file_or_is_refused(content: Any) -> None:
    with suppress(KeyStoreFileError):
        parse(json.dumps(content), "stores.json", HSM, is_json=True)


# ---- the schema


def test_the_published_schema_is_that_of_the_code() -> None:
    """If it is not: json.dumps(key_store_file.schema(), indent=2)."""
    assert json.loads(SCHEMA.read_text("utf-8")) == key_store_file.schema()
    jsonschema.Draft202012Validator.check_schema(key_store_file.schema())


def test_the_schema_takes_the_file_of_the_page_and_no_misspelled_member() -> None:
    validator = jsonschema.Draft202012Validator(key_store_file.schema())
    content = tomllib.loads(on_the_page())
    assert validator.is_valid(content)
    for kind in ("clusters", "xks_proxies"):
        assert not validator.is_valid({**content, kind: [{**content[kind][0], "colour": "red"}]})
    assert not validator.is_valid({**content, "adresses": {}})
