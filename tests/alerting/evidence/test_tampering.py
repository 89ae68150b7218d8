"""Whatever is done to a package is found, and the part is named; good packages pass."""

import base64
import contextlib
import io
import json
import random
import zipfile
from pathlib import Path

import pytest

from alerting.evidence import layout, package
from alerting.evidence.container import pack
from alerting.evidence.signing import Signer, fingerprint
from alerting.evidence.verify import verify
from humiao.errors import BadInput
from humiao.event import canonical_json
from humiao.settings import EvidenceSettings, Settings
from humiao.store import open_store
from tests.alerting.evidence.authority import Authority
from tests.alerting.evidence.case import LATER, make_case, members_of, repacked
from tests.builders import NOON

FORMAT_1 = Path(__file__).parent / "format1.wacz"
"""A package as the version before this format wrote it."""
OFFSETS = 20
"""Sampled in each member, beside its first and last byte."""
AROUND = 250
"""Sampled in the headers and the directory of the zip file; benchmarks/evidence.py flips them all."""


@pytest.fixture(params=["whole", "redacted", "format 1"])
def good(request, stamped) -> bytes:
    return FORMAT_1.read_bytes() if request.param == "format 1" else stamped[request.param == "redacted"]


def told(content: bytes) -> str:
    return "\n".join(str(problem) for problem in verify(content).problems)


def spans(content: bytes) -> dict[str, tuple[int, int]]:
    """Offset and length of each member's bytes in the file."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {one.filename: (one.header_offset + 30 + len(one.filename.encode()), one.file_size) for one in file.infolist()}


def test_good_packages_are_whole(good):
    assert verify(good).problems == []


def test_packages_of_the_earlier_format_can_still_be_checked():
    result = verify(FORMAT_1.read_bytes())
    assert (result.problems, result.posts, result.stamps, result.pending) == ([], 3, [], [])


def test_every_flipped_byte_of_a_member_is_found_and_the_member_named(good):
    dice = random.Random(11)
    for name, (start, size) in spans(good).items():
        if not size:
            continue
        assert good[start : start + size] == members_of(good)[name]
        for offset in {start, start + size - 1, *(start + dice.randrange(size) for _ in range(OFFSETS))}:
            flipped = bytearray(good)
            flipped[offset] ^= 1 << dice.randrange(8)
            problems = verify(bytes(flipped)).problems
            assert any(problem.part.startswith(name) for problem in problems), (name, offset - start)


def test_flipped_bytes_around_the_members_are_found(good):
    dice = random.Random(12)
    inside = {offset for start, size in spans(good).values() for offset in range(start, start + size)}
    around = sorted(set(range(len(good))) - inside)
    for offset in dice.sample(around, AROUND):
        flipped = bytearray(good)
        flipped[offset] ^= 1 << dice.randrange(8)
        with contextlib.suppress(BadInput):  # unreadable is found as well
            assert verify(bytes(flipped)).problems, offset


def test_a_member_added_lost_renamed_or_doubled_is_named(good):
    members = members_of(good)
    assert "humiao/more.txt: does not belong" in told(pack(members | {"humiao/more.txt": b"x"}))
    assert f"{layout.PICTURES}{'0' * 64}: does not belong" in told(pack(members | {f"{layout.PICTURES}{'0' * 64}": b"x"}))
    for name in members:
        assert f"{name}: is missing" in told(pack({other: content for other, content in members.items() if other != name}))
        renamed = {(other + "x" if other == name else other): content for other, content in members.items()}
        assert f"{name}x: does not belong" in told(pack(renamed))
        buffer = io.BytesIO(good)
        with zipfile.ZipFile(buffer, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
            file.writestr(name, members[name])
        assert f"{name}: stands in the file twice" in told(buffer.getvalue())


def test_members_in_another_order_are_found(good):
    names = list(members_of(good))
    for place in range(len(names) - 1):
        moved = [*names[:place], names[place + 1], names[place], *names[place + 2 :]]
        assert "order of members was changed" in told(pack({name: members_of(good)[name] for name in moved})), place


def test_two_members_with_exchanged_contents_are_both_named(good):
    members = members_of(good)
    first, second = layout.EVIDENCE, layout.EVENTS
    said = told(repacked(good, **{first: members[second], second: members[first]}))
    assert f"{first}: has another hash" in said
    assert f"{second}: has another hash" in said


@pytest.mark.parametrize("cut", ["first", "middle", "last", "swapped"])
def test_cut_or_moved_events_are_found(good, cut):
    rows = members_of(good)[layout.EVENTS].splitlines(keepends=True)
    assert len(rows) >= 3
    changed = {"first": rows[1:], "middle": rows[:1] + rows[2:], "last": rows[:-1], "swapped": [rows[1], rows[0], *rows[2:]]}[cut]
    assert f"{layout.EVENTS}: has another hash" in told(repacked(good, **{layout.EVENTS: b"".join(changed)}))


def resealed(content: bytes, key: Path, **changed: bytes) -> bytes:
    """What somebody makes who has a key and signs anew, after changing members."""
    members = {name: body for name, body in members_of(content).items() if name not in {layout.MANIFEST, layout.DIGEST}}
    return pack(layout.sealed(members | changed, "t", Signer.open(key), NOON))


@pytest.mark.parametrize("cut", ["first", "middle", "last"])
def test_events_cut_by_who_holds_the_key_are_found_too(data, exported, cut):
    assert told(resealed(exported, data)) == ""
    rows = members_of(exported)[layout.EVENTS].splitlines(keepends=True)
    changed = {"first": rows[1:], "middle": rows[:1] + rows[2:], "last": rows[:-1]}[cut]
    said = told(resealed(exported, data, **{layout.EVENTS: b"".join(changed)}))
    assert "events are missing at its end" in said if cut == "last" else "the chain of events is broken" in said


def test_a_package_signed_again_by_another_key_is_found(exported, data, tmp_path):
    forged = resealed(exported, tmp_path / "other")
    assert "is signed by another key than the export" in told(forged)
    ours = fingerprint(Signer.open(data).public_key)
    assert verify(exported, ours).problems == []
    assert [problem.part for problem in verify(forged, ours).problems] == [layout.DIGEST, "signature"]
    assert any("not by" in str(problem) for problem in verify(FORMAT_1.read_bytes(), ours).problems)


def test_a_redacted_package_signed_again_shows_by_the_expected_fingerprint(stamped, tmp_path):
    forged = resealed(stamped[1], tmp_path / "other")
    assert "not by" in "".join(str(problem) for problem in verify(forged, verify(stamped[1]).signer).problems)


def with_stamps(content: bytes, stamps: list[dict], pending: list[str], key: Signer | None = None) -> bytes:
    """The package with other time stamps in its digest; signed again if a key is given."""
    signed = json.loads(members_of(content)[layout.DIGEST])["signedData"] | {"timestamps": stamps, "timestampsPending": pending}
    signature = signed.pop("signature")
    return repacked(content, **{layout.DIGEST: layout.digest_file(signed, key.sign(canonical_json(signed)) if key else signature)})


def stamps_of(content: bytes) -> list[dict]:
    return json.loads(members_of(content)[layout.DIGEST])["signedData"]["timestamps"]


def test_an_exchanged_or_removed_time_stamp_is_found(stamped, exported, data):
    for key in (None, Signer.open(data)):  # by anybody, and by who holds the key
        said = told(with_stamps(exported, stamps_of(stamped[0]), [], key))
        assert "time stamp 1: the time stamp is over something else" in said
        assert ("the signature is not that of the public key" in said) == (key is None)
    assert "signature is not that" in told(with_stamps(exported, [], []))
    assert "signature is not that" in told(with_stamps(exported, [], ["http://tsa.example/"]))


def test_a_time_stamp_of_an_unknown_authority_is_found_by_who_knows_the_right_one(exported, data, authority, tmp_path):
    with Authority(tmp_path, authority.roots[0].subject.rfc4514_string().removeprefix("CN=")) as false:
        from alerting.evidence.stamp_queue import ask_all

        manifest = members_of(exported)[layout.MANIFEST]
        (stamp,) = ask_all(EvidenceSettings(authorities=(false.settings,)), manifest).granted
    forged = with_stamps(exported, [stamp.model_dump(mode="json")], [], Signer.open(data))
    assert told(forged) == "", "signed by who holds the key, it names its own root"
    assert "can't be traced" in "".join(str(one) for one in verify(forged, roots=authority.roots).problems)
    assert verify(exported, roots=authority.roots).problems == []


def test_every_flipped_bit_of_a_token_is_found_by_the_stamp_alone(exported, data):
    (stamp,) = stamps_of(exported)
    raw = base64.b64decode(stamp["token"])
    dice = random.Random(13)
    for offset in sorted(dice.sample(range(len(raw)), 60)):
        flipped = bytearray(raw)
        flipped[offset] ^= 1 << dice.randrange(8)
        other = stamp | {"token": base64.b64encode(flipped).decode()}
        assert "signature is not that" in told(with_stamps(exported, [other], []))


def test_facts_that_do_not_follow_from_the_records_are_found(exported, data):
    rows = [json.loads(line) for line in members_of(exported)[layout.NETWORK].splitlines()]
    rows[0]["ip"] = "198.51.100.1"
    forged = resealed(exported, data, **{layout.NETWORK: layout.lines([canonical_json(row).decode() for row in rows])})
    assert told(forged) == f"{layout.NETWORK}: does not follow from the records in {layout.ARCHIVE}"


def test_a_later_format_is_refused_with_what_to_do(exported, data):
    about = {"format": 3}
    members = {name: body for name, body in members_of(exported).items() if name not in {layout.MANIFEST, layout.DIGEST}}
    with pytest.raises(BadInput, match="format 3, which this version does not know; use a newer one"):
        verify(pack(layout.sealed(members, "t", Signer.open(data), NOON, about)))


def test_dozens_of_good_packages_raise_no_false_alarm(settings, tmp_path):
    for seed in range(20):
        data = tmp_path / str(seed)
        with open_store(Settings(data=data)) as store:
            alert = make_case(store, data, seed)
            for redacted in (False, True):
                content = package.export(store, data, alert.id, "analyst1", LATER, settings, redacted=redacted)
                result = verify(content)
                assert result.problems == [], seed
                assert len(result.stamps) == 1
