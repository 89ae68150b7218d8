"""Time stamps of RFC 3161: asking an authority, and checking what it gave against its certificates, without a network.

An authority stamps the SHA-256 of ``datapackage.json``, which holds the hashes of all other members.
"""

import base64
import binascii
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import Field
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

import humiao
from alerting.evidence.digests import sha256
from humiao.errors import BadInput, SettingsError, Unavailable
from humiao.post import Frozen, Time
from humiao.settings import TimestampAuthority

LARGEST: Final = 256 * 1024
"""Bytes of an answer; usual ones have 2 to 8 KiB."""
_SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_KIND: Final = "application/timestamp-reply"


class Stamp(Frozen):
    """What an authority answered, with all that is needed to check it later."""

    authority: str = Field(min_length=1, max_length=2000)
    """Its address."""
    token: str
    """The whole answer (TimeStampResp, DER), base64."""
    roots: tuple[str, ...] = Field(min_length=1)
    """Certificates (DER, base64) of the roots that its chain has to end at, as they were configured."""
    asked_at: Time
    answered_at: Time
    """Both by our own clock: the stamp's time lies between, if that clock is right."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """What a stamp proves."""

    at: datetime
    """By the authority (UTC): the content existed then."""
    authority: str
    """Subject of the certificate that signed."""
    serial: int
    roots: tuple[str, ...]
    """SHA-256 of the certificates that it was checked against."""
    clock_offset: float
    """Our clock less the authority's in seconds, at the middle of the exchange."""
    uncertainty: float
    """Of that, in seconds: half of the exchange, the authority's own accuracy, and a second if it states no fractions."""


def roots_of(authority: TimestampAuthority) -> list[x509.Certificate]:
    """The configured root certificates of an authority.

    Raises:
        SettingsError: the file can't be read or holds none.
    """
    return read_certificates(authority.roots.read_bytes, str(authority.roots))


def read_certificates(read: Callable[[], bytes], name: str) -> list[x509.Certificate]:
    """Certificates in PEM from what `read` gives.

    Raises:
        SettingsError: naming `name`, if there are none.
    """
    try:
        return x509.load_pem_x509_certificates(read())
    except OSError as error:
        raise SettingsError(
            f"{name}: can't be read ({error.strerror}); it must hold the time stamp authority's root certificate"
        ) from error
    except ValueError as error:
        raise SettingsError(
            f"{name}: holds no certificate in PEM; get the root certificate from the time stamp authority"
        ) from error


def ask(authority: TimestampAuthority, content: bytes, seconds: float, clock: Callable[[], datetime]) -> Stamp:
    """A checked stamp over `content`; waits at most about `seconds`.

    Raises:
        Unavailable: the authority can't be reached, or refuses, or its answer does not pass the check (nonce, imprint,
            certificates, signature). Nothing was stamped.
        SettingsError: its root certificates can't be read.
    """
    roots = roots_of(authority)
    request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    asked_at = clock()
    raw = _post(authority.url, request.as_bytes(), seconds)
    answered_at = clock()
    stamp = Stamp(
        authority=authority.url,
        token=base64.b64encode(raw).decode(),
        roots=tuple(base64.b64encode(root.public_bytes(Encoding.DER)).decode() for root in roots),
        asked_at=asked_at,
        answered_at=answered_at,
    )
    try:
        check(stamp, sha256(content))
        nonce = _answer(raw).tst_info.nonce
    except BadInput as error:
        raise Unavailable(f"{authority.url}: {error}") from error
    if request.nonce is None or nonce != request.nonce:
        raise Unavailable(f"{authority.url}: its nonce is not ours: it answers another request")
    return stamp


def check(stamp: Stamp, digest: str, pinned: Sequence[x509.Certificate] = ()) -> Stamped:
    """Check a stamp over the SHA-256 `digest` against `pinned` roots, or against those that it names if there are none.

    Raises:
        BadInput: it does not prove that; the message says why.
    """
    answer = _answer(_exactly(stamp.token))
    info = answer.tst_info
    if info.message_imprint.hash_algorithm != _SHA256 or info.message_imprint.message.hex() != digest:
        raise BadInput("the time stamp is over something else")
    roots = list(pinned) or [_certificate(root) for root in stamp.roots]
    try:
        VerifierBuilder(roots=roots).build().verify(answer, bytes.fromhex(digest))
    except (VerificationError, ValueError) as error:
        raise BadInput(f"the time stamp can't be traced to the authority's certificate ({_why(error)})") from error
    half = (stamp.answered_at - stamp.asked_at) / 2
    at = info.gen_time.astimezone(UTC)
    doubt = half.total_seconds() + _accuracy(answer) + (0.0 if at.microsecond else 1.0)
    return Stamped(
        at=at,
        authority=_signer(answer),
        serial=info.serial_number,
        roots=tuple(sha256(root.public_bytes(Encoding.DER)) for root in roots),
        clock_offset=round((stamp.asked_at + half - at).total_seconds(), 3),
        uncertainty=round(doubt, 3),
    )


def _post(url: str, request: bytes, seconds: float) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": _KIND, "User-Agent": f"humiao/{humiao.__version__}"}
    try:
        asked = urllib.request.Request(url, request, headers)  # noqa: S310 (the settings allow http and https only)
        with urllib.request.urlopen(asked, timeout=seconds) as answer:  # noqa: S310
            kind = answer.headers.get_content_type()
            raw: bytes = answer.read(LARGEST + 1)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise Unavailable(f"{url}: gives no time stamp ({_first_line(reason)})") from error
    if kind != _KIND or len(raw) > LARGEST:
        raise Unavailable(f"{url}: answers with {kind}, {len(raw):,} bytes, not with a time stamp")
    return raw


def _answer(raw: bytes) -> TimeStampResponse:
    """The parsed answer, with a token in it."""
    try:
        answer = decode_timestamp_response(raw)
        written = answer.as_bytes()
        refused = answer.status != 0
        _ = None if refused else answer.tst_info
    except ValueError as error:
        raise BadInput(f"the time stamp can't be read ({_first_line(error)})") from error
    if refused:
        raise BadInput(f"the authority refused: {'; '.join(answer.status_string) or f'status {answer.status}'}")
    if written != raw:
        raise BadInput("the time stamp is not as an authority writes it")
    return answer


def _accuracy(answer: TimeStampResponse) -> float:
    told = answer.tst_info.accuracy
    return (told.seconds or 0) + (told.millis or 0) / 1e3 + (told.micros or 0) / 1e6 if told else 0.0


def _signer(answer: TimeStampResponse) -> str:
    signers = [(one.issuer, one.serial_number) for one in answer.signed_data.signer_infos]
    for raw in answer.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(raw)
        if (certificate.issuer, certificate.serial_number) in signers:
            return certificate.subject.rfc4514_string()
    return ""


def _certificate(root: str) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(_exactly(root))
    except ValueError as error:
        raise BadInput(f"a root certificate of the time stamp can't be read ({_first_line(error)})") from error


def _exactly(text: str) -> bytes:
    """Bytes from base64 that is written in the one usual way."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("the time stamp is not in base64") from error
    if base64.b64encode(raw).decode() != text:
        raise BadInput("the time stamp is not written as we write base64")
    return raw


def _why(error: Exception) -> str:
    """The words of OpenSSL out of its long message, else the beginning of that."""
    found = re.search(r'reason: "([^"]+)"', str(error))
    return found[1] if found else _first_line(error)


def _first_line(error: object) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
