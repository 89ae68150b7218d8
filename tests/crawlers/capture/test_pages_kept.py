"""What the downloader keeps of a site's answers."""

import hashlib
import ipaddress
import json
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawlers.warc import read_capture
from humiao.post import Capture
from tests.crawlers.capture.answering import BODIES, Answering
from tests.crawlers.capture.fetching import fetched
from tests.crawlers.warc.pages import records


@pytest.fixture
def site():
    with Answering() as running:
        yield running


def kept(data: Path, kind: str) -> list[tuple[dict[str, str], bytes]]:
    return [
        (fields, payload) for file in sorted((data / "warc").iterdir()) for found, fields, payload in records(file) if found == kind
    ]


def test_every_answer_is_kept_as_it_travelled(site, tmp_path):
    paths = ["/", "/style.css", "/image.png", "/missing", "/wall", "/moved", "/empty"]
    answers = fetched(tmp_path, *(site.url + path for path in paths))
    responses = {fields["WARC-Target-URI"]: payload for fields, payload in kept(tmp_path, "response")}
    for path in paths:
        assert responses[site.url + path] == BODIES[path]
    assert {fields["WARC-Target-URI"] for fields, _ in kept(tmp_path, "request")} == set(responses)
    for answer in answers:  # what posts would point to
        page = read_capture(tmp_path / "warc", Capture.model_validate_json(json.dumps(answer["capture"])))
        assert page.body == BODIES[answer["url"].removeprefix(site.url)]
        assert page.status == answer["status"]


def test_circumstances_are_kept(site, tmp_path):
    before = datetime.now(UTC)
    fetched(tmp_path, site.url + "/moved")
    told = {fields["WARC-Target-URI"]: dict(line.split(": ", 1) for line in payload.decode().splitlines())
            for fields, payload in kept(tmp_path, "metadata")}  # fmt: skip
    final = told[site.url + "/"]
    assert final["via"] == final["redirectedFrom"] == site.url + "/moved"
    assert before < datetime.fromisoformat(final["askedAt"]) < datetime.fromisoformat(final["answeredAt"]) < datetime.now(UTC)
    assert int(final["fetchTimeMs"]) < 10_000
    assert {fields["WARC-IP-Address"] for fields, _ in kept(tmp_path, "response") if "WARC-IP-Address" in fields} == {"127.0.0.1"}


def test_unchanged_pages_are_revisits_and_their_posts_point_to_the_page(site, tmp_path):
    urls = [site.url + "/etag", site.url + "/same", site.url + "/missing"]
    first, again = fetched(tmp_path, *urls), fetched(tmp_path, *urls)
    assert [answer["body"] for answer in again] == [answer["body"] for answer in first]
    assert [answer["capture"] for answer in again[:2]] == [answer["capture"] for answer in first[:2]]
    assert again[2]["capture"] != first[2]["capture"]  # an error page is short and rare: always in full
    revisits = {fields["WARC-Target-URI"].removeprefix(site.url): fields for fields, _ in kept(tmp_path, "revisit")}
    assert {path: fields["WARC-Profile"].rsplit("/", 1)[1] for path, fields in revisits.items()} == {
        "/etag": "server-not-modified", "/same": "identical-payload-digest",
    }  # fmt: skip
    assert revisits["/etag"]["WARC-Refers-To"] == f"<{first[0]['capture']['record_id']}>"


def test_page_is_kept_in_full_again_before_its_original_leaves_the_window(site, tmp_path):
    url = site.url + "/etag"
    (first,) = fetched(tmp_path, url)
    with sqlite3.connect(tmp_path / "crawl.db") as db:  # as if it had been kept four days ago
        old = (datetime.now(UTC) - timedelta(days=4)).isoformat()
        db.execute("UPDATE pages SET capture = json_set(capture, '$.captured_at', ?)", (old,))
    (again,) = fetched(tmp_path, url)
    assert again["capture"]["record_id"] != first["capture"]["record_id"]
    assert not kept(tmp_path, "revisit")


def certificate(folder: Path) -> tuple[tuple[Path, Path], str]:
    """A certificate for 127.0.0.1 with its key, and its SHA-256."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files, hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()


def test_certificate_of_the_server_is_kept(tmp_path):
    files, digest = certificate(tmp_path)
    with Answering(files) as site:
        fetched(tmp_path / "data", site.url + "/", env=os.environ | {"SSL_CERT_FILE": str(files[0])})
    circumstances = [
        payload.decode() for fields, payload in kept(tmp_path / "data", "metadata") if fields["WARC-Target-URI"].endswith("/")
    ]
    assert any(f"tlsCertificateSha256: {digest}\r\n" in one for one in circumstances)
