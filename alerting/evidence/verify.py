"""Checking an evidence package without a store, a network or us: everything it claims is computed anew."""

import json
from collections.abc import Mapping, Sequence

from cryptography.x509 import Certificate

from alerting.evidence import layout
from alerting.evidence.container import unpack
from alerting.evidence.content_checks import check_content
from alerting.evidence.findings import Problem, Result
from alerting.evidence.redaction_checks import check_redacted
from alerting.evidence.seal_checks import check_seal
from alerting.evidence.signing import fingerprint
from humiao.errors import BadInput

__all__ = ["Problem", "Result", "verify"]


def verify(content: bytes, signer: str = "", roots: Sequence[Certificate] = ()) -> Result:
    """Check a package.

    Args:
        content: the file.
        signer: fingerprint that the signing key must have; empty = any key, as long as the export names it.
        roots: certificates that the chain of every time stamp must end at; none = those that the package names.

    Raises:
        BadInput: it is no WACZ file at all, or not one of ours, or of a format that came later.
    """
    members, found = unpack(content)
    if not {layout.MANIFEST, layout.DIGEST} & set(members):
        raise BadInput(f"is no evidence package: has neither {layout.MANIFEST} nor {layout.DIGEST}")
    problems = [Problem(part, reason) for part, reason in found]
    seal = check_seal(members, roots)
    needed = {*seal.resources, layout.MANIFEST, layout.DIGEST}
    problems += [Problem(name, "is missing") for name in sorted(needed - set(members))]
    problems += seal.problems
    if seal.redacted:
        alert = _redacted_alert(members, problems)
        posts, allowed = len(check_redacted(members, alert, problems)), set[str]()
    else:
        whole, evidence, allowed = check_content(members, seal.format, seal.public_key, problems)
        alert, posts = (whole.id if whole else ""), len(evidence)
    strange = set(members) - needed - allowed
    problems += [Problem(name, "does not belong to the package") for name in sorted(strange)]
    by = fingerprint(seal.public_key)
    if signer and signer != by:
        problems.append(Problem("signature", f"is by {by or 'nobody'}, not by {signer}"))
    return Result(list(dict.fromkeys(problems)), by, alert, posts, seal.redacted, seal.stamps, seal.pending)


def _redacted_alert(members: Mapping[str, bytes], problems: list[Problem]) -> str:
    try:
        return str(json.loads(members.get(layout.ALERT, b""))["id"])
    except (ValueError, KeyError, TypeError):
        problems.append(Problem(layout.ALERT, "is not the JSON that was written"))
        return ""
