"""What a page's records say of its way here."""

import json

from alerting.evidence import layout
from tests.alerting.evidence.case import CERTIFICATE, members_of


def test_the_package_tells_address_server_certificate_headers_times_clock_and_operator(exported):
    facts = [json.loads(line) for line in members_of(exported)[layout.NETWORK].splitlines()]
    ordered = [one for one in facts if one["operator"] == "patrol1"]
    assert len(ordered) == 1
    assert {one["operator"] for one in facts} == {"system:crawl", "patrol1"}
    one = facts[0]
    assert one["url"].startswith("https://bbs.example.org/t/")
    assert (one["ip"], one["certificate_sha256"], one["status"]) == ("203.0.113.7", CERTIFICATE, "200 OK")
    assert one["request"].startswith("GET /t/")
    assert ["User-Agent", "humiao"] in one["request_headers"]
    assert ["Content-Type", "text/html; charset=utf-8"] in one["response_headers"]
    assert (one["asked_at"], one["answered_at"]) == ("2026-03-02T04:00:59.000000Z", "2026-03-02T04:01:00.000000Z")
    assert one["clock_offset_seconds"] == -3.0
    assert one["redirected_from"] == ["https://bbs.example.org/old"]
    assert one["software"].startswith("humiao/")


def test_the_manifest_tells_what_the_machine_knew_of_its_clock(exported):
    about = json.loads(members_of(exported)[layout.MANIFEST])["humiao"]
    assert (about["format"], about["exported_by"], about["exported_at"]) == (2, "analyst1", "2026-03-12T04:00:00Z")
    clock = about["clock"]
    assert clock == {} or isinstance(clock["synchronised"], bool)
