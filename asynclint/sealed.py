"""Plain values as bytes that notice when they are damaged, for caches and for other processes."""

from __future__ import annotations

import marshal
import zlib
from typing import Any

_CHECKSUM = 4


def sealed(value: Any) -> bytes:
    """Plain values as bytes. Raises ValueError when there are others among them."""
    data = marshal.dumps(value)
    return zlib.crc32(data).to_bytes(_CHECKSUM, "little") + data


def unsealed(data: bytes) -> Any:
    """The inverse of `sealed`. Raises ValueError when the bytes are damaged."""
    body = data[_CHECKSUM:]
    # `marshal` must not see damaged bytes: it may crash on them.
    if len(data) <= _CHECKSUM or zlib.crc32(body).to_bytes(_CHECKSUM, "little") != data[:_CHECKSUM]:
        raise ValueError("damaged")
    return marshal.loads(body)
