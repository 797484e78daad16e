"""What stands for some bytes: short, and never the same for others.

`hashlib` loads the whole of OpenSSL, which takes longer than reading the index of what is remembered.
The algorithm itself is part of Python.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

SIZE = 16


def digest(data: bytes) -> bytes:
    """The digest of bytes."""
    return blake2b(data, digest_size=SIZE).digest()


def digest_of(text: str) -> str:
    """The digest of a text, which may hold what is no Unicode, in hexadecimal digits."""
    return digest(text.encode("utf-8", "surrogatepass")).hex()
