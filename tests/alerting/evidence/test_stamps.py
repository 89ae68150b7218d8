"""Time stamps are asked for, checked, refused and traced like RFC 3161 says."""

import base64
import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from alerting.evidence import layout, stamps
from alerting.evidence.digests import sha256
from alerting.evidence.verify import verify
from humiao.errors import BadInput, SettingsError, Unavailable
from humiao.settings import TimestampAuthority
from tests.alerting.evidence.authority import Authority
from tests.alerting.evidence.case import members_of


def now() -> datetime:
    return datetime.now(UTC)


def test_a_stamp_proves_when_and_by_whom_and_how_far_our_clock_was_off(authority):
    before = now()
    stamp = stamps.ask(authority.settings, b"content", 10, now)
    proof = stamps.check(stamp, sha256(b"content"))
    assert proof.authority == "CN=Local TSA"
    assert before - timedelta(seconds=1) <= proof.at <= now()
    assert abs(proof.clock_offset) <= proof.uncertainty
    assert proof.roots == (sha256(authority.roots[0].public_bytes(stamps.Encoding.DER)),)


def test_a_wrong_clock_of_ours_shows(authority):
    stamp = stamps.ask(authority.settings, b"content", 10, lambda: now() - timedelta(hours=1))
    proof = stamps.check(stamp, sha256(b"content"))
    assert abs(proof.clock_offset + 3600) <= proof.uncertainty


def test_a_stamp_over_something_else_is_refused(authority):
    with pytest.raises(BadInput, match="over something else"):
        stamps.check(stamps.ask(authority.settings, b"content", 10, now), sha256(b"other"))


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("broken", "Internal Server Error"),
        ("garbage", "can't be read"),
        ("deaf", "without response"),
        ("stale", "nonce is not ours"),
    ],
)
def test_an_authority_that_is_not_well_gives_no_stamp(ailing, mood, reason):
    stamps.ask(ailing.settings, b"content", 10, now)
    ailing.mood = mood
    with pytest.raises(Unavailable, match=reason):
        stamps.ask(ailing.settings, b"content", 10, now)


def test_an_authority_that_refuses_is_quoted(authority, ailing):
    (ailing.folder / "openssl.cnf").write_text(
        (ailing.folder / "openssl.cnf").read_text().replace("digests = sha256", "digests = sha512")
    )
    with pytest.raises(Unavailable, match="refused"):
        stamps.ask(ailing.settings, b"content", 10, now)


def test_nobody_at_the_address_gives_no_stamp(authority):
    with pytest.raises(Unavailable, match="gives no time stamp"):
        stamps.ask(TimestampAuthority(url="http://127.0.0.1:9/", roots=authority.settings.roots), b"content", 10, now)


def test_another_root_than_configured_is_refused(authority, ailing):
    mixed = TimestampAuthority(url=ailing.url, roots=authority.settings.roots)
    with pytest.raises(Unavailable, match="can't be traced"):
        stamps.ask(mixed, b"content", 10, now)


def test_an_expired_certificate_is_refused(tmp_path):
    with Authority(tmp_path, valid=False) as expired, pytest.raises(Unavailable, match="can't be traced"):
        stamps.ask(expired.settings, b"content", 10, now)


def test_a_root_file_that_is_none_is_named(authority, tmp_path):
    for file, reason in ((tmp_path / "none.pem", "can't be read"), (authority.folder / "tsa.key", "holds no certificate")):
        with pytest.raises(SettingsError, match=f"{file.name}: {reason}"):
            stamps.ask(TimestampAuthority(url=authority.url, roots=file), b"content", 10, now)


def test_openssl_confirms_the_stamp_of_a_package(exported, authority, tmp_path):
    (stamp,) = json.loads(members_of(exported)[layout.DIGEST])["signedData"]["timestamps"]
    (tmp_path / "stamp.tsr").write_bytes(base64.b64decode(stamp["token"]))
    (tmp_path / "datapackage.json").write_bytes(members_of(exported)[layout.MANIFEST])
    command = ["openssl", "ts", "-verify", "-in", "stamp.tsr", "-data", "datapackage.json", "-CAfile", authority.settings.roots]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr
    (proof,) = verify(exported).stamps
    assert proof.authority == "CN=Local TSA"
