"""A certificate of one's own making, which nobody trusts unless told to."""

import ssl
from pathlib import Path

from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC
from Crypto.Signature import DSS
from Crypto.Util.asn1 import (
    DerBitString,
    DerInteger,
    DerObjectId,
    DerOctetString,
    DerSequence,
    DerSetOf,
)


def contexts(directory: Path, host: str) -> tuple[ssl.SSLContext, str]:
    """A server's side of TLS under that name, and its certificate as PEM."""
    key = ECC.generate(curve="P-256")
    raw = _certificate(key, host)
    pem = ssl.DER_cert_to_PEM_cert(raw)
    both = directory / "server.pem"
    both.write_text(pem + key.export_key(format="PEM") + "\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, pem


def _certificate(key: ECC.EccKey, host: str) -> bytes:
    """Self-signed, valid from 2000 to 2049."""
    algorithm = DerSequence([DerObjectId("1.2.840.10045.4.3.2")])
    common_name = DerSequence([DerObjectId("2.5.4.3"), _tagged(0x0C, host.encode())])
    name = DerSequence([DerSetOf([common_name.encode()])])
    times = [_tagged(0x17, text) for text in (b"000101000000Z", b"491231235959Z")]
    host_names = DerSequence([_tagged(0x82, host.encode())])
    extension = DerSequence([DerObjectId("2.5.29.17"), DerOctetString(host_names.encode())])
    body = DerSequence(
        [
            _tagged(0xA0, DerInteger(2).encode()),
            DerInteger(1),
            algorithm,
            name,
            DerSequence(times),
            name,
            DerSequence().decode(key.public_key().export_key(format="DER")),
            _tagged(0xA3, DerSequence([extension]).encode()),
        ]
    ).encode()
    signature = DSS.new(key, "fips-186-3", encoding="der").sign(SHA256.new(body))
    return DerSequence([body, algorithm, DerBitString(signature)]).encode()


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content
