"""SM3 by the examples of its standard, and both hashes of every part."""

import hashlib
import json
import shutil
import subprocess

import pytest

from alerting.evidence import layout
from alerting.evidence.digests import sm3
from tests.alerting.evidence.case import members_of


@pytest.mark.parametrize(
    ("message", "digest"),
    [  # GB/T 32905-2016, appendix A
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_is_that_of_the_standard(message, digest):
    assert sm3(message) == digest


def test_the_manifest_lists_both_hashes_of_every_part_as_others_compute_them(exported):
    members = members_of(exported)
    manifest = json.loads(members[layout.MANIFEST])
    assert [one["path"] for one in manifest["resources"]] == [name for name in members if not name.startswith("datapackage")]
    for one in manifest["resources"]:
        assert one["hash"] == f"sha256:{hashlib.sha256(members[one['path']]).hexdigest()}"
        if "sm3" in hashlib.algorithms_available:
            assert one["sm3"] == hashlib.new("sm3", members[one["path"]]).hexdigest()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_computes_the_same_sm3(exported, tmp_path):
    (tmp_path / "m").write_bytes(members_of(exported)[layout.MANIFEST])
    done = subprocess.run(["openssl", "dgst", "-sm3", "-r", tmp_path / "m"], capture_output=True, text=True, check=True)
    signed = json.loads(members_of(exported)[layout.DIGEST])["signedData"]
    assert done.stdout.split()[0] == signed["sm3"]
