"""A time stamp authority of our own: real keys and certificates, answers made by ``openssl ts``, served over HTTP."""

import shutil
import subprocess
import tempfile
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from humiao.settings import TimestampAuthority

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority(AbstractContextManager):
    """`purpose` and `valid` make authorities that nobody may trust."""

    def __init__(self, folder: Path, name: str = "Local TSA", *, purpose: bool = True, valid: bool = True) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        (self.folder / "serial").write_text("01\n")
        (self.folder / "openssl.cnf").write_text(CONFIG.format(folder=self.folder))
        self._certify(name, purpose=purpose, valid=valid)
        self.mood = "well"
        """``well``, ``broken`` (HTTP 500), ``garbage``, ``deaf`` (closes without an answer), ``stale`` (repeats its first answer)."""
        self.asked = 0
        self._first = b""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner._answer(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self.settings = TimestampAuthority(url=self.url, roots=self.folder / "root.pem")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def roots(self) -> list[x509.Certificate]:
        return x509.load_pem_x509_certificates((self.folder / "root.pem").read_bytes())

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self.folder)

    def reply(self, request: bytes) -> bytes:
        """What ``openssl ts`` answers."""
        query, answer = self.folder / f"{self.asked}.tsq", self.folder / f"{self.asked}.tsr"
        query.write_bytes(request)
        here = self.folder
        subprocess.run(
            ["openssl", "ts", "-reply", "-queryfile", query, "-config", here / "openssl.cnf", "-section", "here", "-signer",
             here / "tsa.pem", "-inkey", here / "tsa.key", "-out", answer],
            check=True, capture_output=True,
        )  # fmt: skip
        return answer.read_bytes()

    def _answer(self, http: BaseHTTPRequestHandler, request: bytes) -> None:
        self.asked += 1
        if self.mood == "deaf":
            http.close_connection = True
            return
        body = b"no time stamp" if self.mood == "garbage" else self.reply(request)
        self._first = self._first or body
        if self.mood == "stale":
            body = self._first
        http.send_response(500 if self.mood == "broken" else 200)
        http.send_header("Content-Type", "application/timestamp-reply")
        http.send_header("Content-Length", str(len(body)))
        http.end_headers()
        http.wfile.write(body)

    def _certify(self, name: str, *, purpose: bool, valid: bool) -> None:
        now = datetime.now(UTC)
        root_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        root_name = _name(f"{name} root")
        root = (
            x509.CertificateBuilder().subject_name(root_name).issuer_name(root_name).public_key(root_key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(root_key, hashes.SHA256())
        )  # fmt: skip
        builder = (
            x509.CertificateBuilder().subject_name(_name(name)).issuer_name(root_name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=9))
            .not_valid_after(now + timedelta(days=3650 if valid else -1))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        )  # fmt: skip
        if purpose:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        certificate = builder.sign(root_key, hashes.SHA256())
        (self.folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
        (self.folder / "tsa.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (self.folder / "tsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
