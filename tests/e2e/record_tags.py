"""A record's tag in the log, worked out from the key file and the record's match values (gateway/README.md)."""

import base64
import hashlib
import hmac

from expectation import derive


def cell(text):
    """A cell as digests see it: null, or its length and text."""
    if text is None:
        return b"\0"
    raw = text.encode()
    return b"\1" + len(raw).to_bytes(4, "little") + raw


def sync_of(entries):
    return next(entry["sync"] for entry in entries if entry["kind"] == "plan")


def record_tag(tag_root, environment, destination, entries, match):
    key = derive(tag_root, "record-tag", "hmac-sha256", "shop", environment, destination, sync_of(entries), "", "1")
    digest = hmac.new(key, b"".join(map(cell, match)), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
