"""A certificate authority of a test's own, and https in front of a server on loopback. Holds no test."""

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
USES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
USES += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
SIGNS_CERTIFICATES = {use: use in {"key_cert_sign", "crl_sign"} for use in USES}


@dataclass(frozen=True)
class Authority:
    """An authority with its certificate in a file; everything is made for one test."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, folder: Path, name: str = "Acme CA", *, is_of_old_form: bool = False) -> "Authority":
        """A new authority; of old form without extensions that Python asks for from 3.13 on."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        signed = _builder(name, name, key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
        if not is_of_old_form:
            signed = signed.add_extension(x509.KeyUsage(**SIGNS_CERTIFICATES), critical=True)
            signed = signed.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        made = cls(folder, key, signed.sign(key, hashes.SHA256()))
        made.file.write_bytes(made.certificate.public_bytes(serialization.Encoding.PEM))
        return made

    @property
    def file(self) -> Path:
        """Its certificate in PEM."""
        return self.folder / "ca.pem"

    def server_context(self, *, name: str = "127.0.0.1", expired: bool = False) -> ssl.SSLContext:
        """What a server of this name or address needs to speak https."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        is_address = name.replace(".", "").isdigit()
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(name)) if is_address else x509.DNSName(name)])
        builder = _builder("server", str(issuer), key.public_key(), until=-DAY if expired else DAY)
        issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(names, critical=False).add_extension(issued_by, critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        file = self.folder / "server.pem"
        plain = serialization.NoEncryption()
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        file.write_bytes(key.private_bytes(pem, form, plain) + certificate.public_bytes(pem))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePublicKey, *, until: timedelta = DAY
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]),
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]),
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - 2 * DAY,
        not_valid_after=now + until,
    )


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[int]:
    """The port of a server that answers in threads of its own until the block ends."""
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def https(base_url: str, context: ssl.SSLContext) -> Iterator[str]:
    """The same server by https; the address."""
    inner = urlsplit(base_url).netloc

    class Relay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            connection = HTTPConnection(inner, timeout=20)
            connection.request("GET", self.path, headers={**dict(self.headers), "Connection": "close"})
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Listener(ThreadingHTTPServer):
        def get_request(self) -> tuple[ssl.SSLSocket, object]:
            plain, address = super().get_request()
            return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that does not trust the certificate hangs up."""

    with _serving(Listener(("127.0.0.1", 0), Relay)) as port:
        yield f"https://127.0.0.1:{port}"


@contextmanager
def proxy(target: str) -> Iterator[str]:
    """A proxy that leads whoever asks it to one address, under whatever name; its own address."""
    host, _, port = urlsplit(target).netloc.partition(":")

    class Tunnel(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            with socket.create_connection((host, int(port)), timeout=20) as far:
                self.send_response_only(200)
                self.end_headers()
                ends = {self.connection: far, far: self.connection}
                while ready := select.select(list(ends), [], [], 20)[0]:
                    for end in ready:
                        if not (data := end.recv(65_536)):
                            return
                        ends[end].sendall(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Tunnel)) as own_port:
        yield f"http://127.0.0.1:{own_port}"
