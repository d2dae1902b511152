"""FORT and OctoRPKI fetch over RRDP what is published, and believe the same."""

from __future__ import annotations

import http.server
import json
import ssl
import subprocess
import tempfile
import threading
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from madang.kernel import clock
from tests.rpki.engine.authority.land import Land, vrp
from tests.rpki.engine.making import peers

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.rpki_peers


def certificate(folder: Path) -> None:
    """A certificate of the web server, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(hours=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder.parent / "key.pem").write_bytes(private)
    subprocess.run(("openssl", "rehash", str(folder)), check=True)


class Quiet(http.server.SimpleHTTPRequestHandler):
    asked: list[str] = []

    def log_message(self, *_: object) -> None:
        Quiet.asked.append(self.path)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A web server with TLS over the folder `www`: its port, and the folder of its certificate."""
    trusted = tmp_path / "tls"
    trusted.mkdir()
    certificate(trusted)
    Quiet.asked.clear()
    (tmp_path / "www" / "rrdp").mkdir(parents=True)
    handler = partial(Quiet, directory=str(tmp_path / "www"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted / "server.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1], trusted
    server.shutdown()
    server.server_close()
    thread.join()


def test_validators_find_all_of_it_over_rrdp(tmp_path: Path, web: tuple[int, Path]) -> None:
    port, trusted = web
    land = Land(tmp_path, web=f"https://localhost:{port}/rrdp/")
    land.found()
    land.want("one", "10.1.0.0/16-24 64496")
    anchor = next((tmp_path / "www/rsync/current/").rglob("anchor.cer"))
    (tmp_path / "www" / "anchor.cer").write_bytes(anchor.read_bytes())
    locator = land.locator.replace(
        land.locator.split()[0], f"https://localhost:{port}/anchor.cer", 1
    )

    for want in ((), ("10.1.0.0/17 64497", "2001:db8:1::/48 64496")):
        land.want("one", *want)
        for judge in (fort, octorpki):
            Quiet.asked.clear()
            with tempfile.TemporaryDirectory(prefix="rpki-web-") as cache:
                found, log = judge(Path(cache), locator, trusted)
            assert found == {vrp(text) for text in ("10.1.0.0/16-24 64496", *want)}, log
            assert any(path.endswith("/snapshot.xml") for path in Quiet.asked), Quiet.asked
    land.close()


def octorpki(cache: Path, locator: str, trusted: Path) -> tuple[set, str]:
    """OctoRPKI's payloads after it has fetched by RRDP alone."""
    (cache / "land.tal").write_text(locator)
    (cache / "server.pem").write_bytes((trusted / "server.pem").read_bytes())
    subprocess.run(("chown", "-R", "_cfrpki", str(cache)), check=True)
    ended = subprocess.run(
        ("su", "-s", "/bin/sh", "_cfrpki", "-c",
         f"SSL_CERT_FILE={cache}/server.pem octorpki -mode oneoff -tal.root {cache}/land.tal"
         f" -tal.name LAND -cache {cache}/cache -rrdp=true -rrdp.failover=false"
         f" -rsync.bin /bin/true -output.sign=false -output.roa {cache}/out.json"
         f" -rrdp.file {cache}/rrdp.json -http.addr 127.0.0.1:0"),
        capture_output=True, timeout=120, env=peers.ENVIRONMENT, check=False,
    )  # fmt: skip
    log = (ended.stdout + ended.stderr).decode(errors="replace")
    made = cache / "out.json"
    rows = json.loads(made.read_text())["roas"] if made.exists() else []
    return {vrp(f"{r['prefix']}-{r['maxLength']} {r['asn'][2:]}") for r in rows or ()}, log


def fort(cache: Path, locator: str, trusted: Path) -> tuple[set, str]:
    """FORT's payloads after it has fetched by RRDP alone."""
    (cache / "land.tal").write_text(locator)
    ended = subprocess.run(
        ("fort", "--mode=standalone", f"--tal={cache}/land.tal", f"--local-repository={cache}/r",
         f"--http.ca-path={trusted}", "--rsync.enabled=false", f"--output.roa={cache}/out.csv",
         "--output.format=csv", "--log.output=console", "--validation-log.enabled=true",
         "--validation-log.output=console"),
        capture_output=True, timeout=120, env=peers.ENVIRONMENT, check=False,
    )  # fmt: skip
    log = (ended.stdout + ended.stderr).decode(errors="replace")
    lines = (cache / "out.csv").read_text().splitlines()[1:] if ended.returncode == 0 else []
    rows = [line.split(",") for line in lines]
    return {vrp(f"{row[1]}-{row[2]} {row[0].removeprefix('AS')}") for row in rows}, log
