"""Text as XML takes it."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def attributes(**values: object) -> str:
    """` name="value"` for each value, ready to follow a tag's name. A trailing `_` of a name is dropped."""
    return "".join(f' {name.rstrip("_")}="{quoted(str(value))}"' for name, value in values.items())


def quoted(text: str) -> str:
    """The text with marks escaped; characters that XML cannot hold become U+FFFD."""
    return re.sub('[&<>"\n\r\t]', lambda found: _NAMED[found[0]], _FORBIDDEN.sub("\ufffd", text))
