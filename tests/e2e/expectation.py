"""What the shop's policies let out, worked out a second time: from SQL on the warehouse and the policies' own text, with
Python's hashes. Shares no code with the program, and reads none of its files but the key file."""

import hashlib
import hmac
import re
from decimal import Decimal

CUSTOMERS = """select customer_id, email, first_name, country, plan, cast(lifetime_value as varchar) as lifetime_value,
  orders_count, is_active, marketing_consent, cast(created_at as varchar) as created_at
  from {schema}.dim_customers order by customer_id"""
TICKETS = """select ticket_id, customer_id, requester_email, subject, body, priority, status, channel,
  cast(opened_at as varchar) as opened_at, cast(closed_at as varchar) as closed_at, first_reply_minutes,
  cast(satisfaction as varchar) as satisfaction from {schema}.fct_tickets order by ticket_id"""

ASCII_WHITE = " \t\n\v\f\r"


def derive(root, *fields):
    """HKDF-SHA-256 without salt (RFC 5869), 32 bytes; each field preceded by its length, 8 bytes big-endian."""
    info = b"".join(len(field.encode()).to_bytes(8, "big") + field.encode() for field in fields)
    pseudo_random = hmac.new(b"\0" * 32, root, hashlib.sha256).digest()
    return hmac.new(pseudo_random, info + b"\1", hashlib.sha256).digest()


def hash_key(token_root, destination, entity):
    return derive(token_root, "hash", "hmac-sha256", "shop", destination, entity, "1")


def hashed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def normal_email(text):
    """email@1; None when there is no normal form."""
    text = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text.strip(ASCII_WHITE))
    local, at, domain = text.partition("@")
    return text if at and local and domain and "@" not in domain else None


def keep_domain(text):
    """mask: {keep: domain}: a star for each code point that is not kept."""
    local, at, domain = text.partition("@")
    label = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    is_domain = re.fullmatch(rf"({label}\.)+{label}", domain) and domain.rsplit(".", 1)[1][0].isalpha()
    if not at or not local or not is_domain or any(ord(c) <= 0x20 or ord(c) == 0x7f for c in local):
        return "*" * len(text)
    return "*" * len(local) + at + domain


def timestamp(text):
    """`2026-11-22 21:00:00[.ffffff]`; of an instant always in UTC, `+00` behind."""
    return text


def contact(row, key):
    """The CRM's record of a customer; None: refused, because the address has no normal form."""
    email = row["email"]
    if email is not None:
        email = normal_email(email)
        if email is None:
            return None
    return {
        "external_id": row["customer_id"],
        "email": None if email is None else hashed(key, email),
        "firstname": row["first_name"],
        "country": row["country"],
        "plan": row["plan"],
        "ltv": Decimal(row["lifetime_value"]),
        "orders": row["orders_count"],
        "active": row["is_active"],
        "signed_up_at": timestamp(row["created_at"]),
        "source": "warehouse",
    }


class Contacts:
    """All that the CRM should hold."""

    def __init__(self, rows, token_root):
        key = hash_key(token_root, "crm", "pii.email")
        self.read = len(rows)
        self.withheld = {row["customer_id"] for row in rows if row["marketing_consent"] is not True}
        self.records, self.refused = {}, set()
        for row in rows:
            if row["customer_id"] in self.withheld:
                continue
            record = contact(row, key)
            if record is None:
                self.refused.add(row["customer_id"])
            else:
                self.records[str(row["customer_id"])] = record


def ticket(row, requester_key):
    return {
        "ticket_id": row["ticket_id"],
        "requester": None if row["customer_id"] is None else hashed(requester_key, str(row["customer_id"])),
        "requester_domain": None if row["requester_email"] is None else keep_domain(row["requester_email"]),
        "subject": row["subject"],
        "body": "[redacted]",
        "priority": row["priority"],
        "status": row["status"],
        "channel": row["channel"],
        "opened_at": timestamp(row["opened_at"]),
        "closed_at": None if row["closed_at"] is None else timestamp(row["closed_at"]),
        "first_reply_minutes": row["first_reply_minutes"],
        "satisfaction": None if row["satisfaction"] is None else float(row["satisfaction"]),
    }


def tickets(rows, token_root):
    key = hash_key(token_root, "helpdesk", "pii.customer_id")
    return {row["ticket_id"]: ticket(row, key) for row in rows}


def differences(expected, got, limit=5):
    """Between two dicts of records, as sentences: nothing missing, nothing more, every value and its type."""
    out = [f"{name} is missing" for name in expected.keys() - got.keys()]
    out += [f"{name} should not be there" for name in got.keys() - expected.keys()]
    for name in expected.keys() & got.keys():
        for field in expected[name].keys() | got[name].keys():
            if field not in got[name]:
                out.append(f"{name}.{field} is missing")
            elif field not in expected[name]:
                out.append(f"{name}.{field} should not be there: {got[name][field]!r}")
            elif not same(expected[name][field], got[name][field]):
                out.append(f"{name}.{field} is {got[name][field]!r}, not {expected[name][field]!r}")
    return sorted(out)[:limit] + ([f"and {len(out) - limit} more"] if len(out) > limit else [])


def same(expected, got):
    if isinstance(expected, float):
        return isinstance(got, (int, float, Decimal)) and not isinstance(got, bool) and float(got) == expected
    if isinstance(expected, Decimal):
        return isinstance(got, (int, Decimal)) and not isinstance(got, bool) and Decimal(got) == expected
    return type(expected) is type(got) and expected == got
