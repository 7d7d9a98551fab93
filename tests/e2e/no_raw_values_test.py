"""Looks for every raw e-mail address, phone, SSN and card number of the seeds, in many spellings, in all that the program
writes: log, state, spool (of a run held in the middle), operator's log, outputs, and what was sent."""

import base64
import csv
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import harness
from crm import Crm

KINDS = {"email": "email", "phone": "phone", "ssn": "ssn", "card": "card_number"}
FREE_TEXT = {"raw_customers.csv": ["notes"], "raw_tickets.csv": ["body", "requester_email"], "raw_orders.csv": ["gift_message"]}
EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")


def raw_values():
    """kind -> the values as the seeds have them, those inside free text included."""
    values = {kind: set() for kind in KINDS}
    for name, columns in FREE_TEXT.items():
        with open(harness.SHOP / "seeds" / name, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if name == "raw_customers.csv":
                    for kind, column in KINDS.items():
                        values[kind].add(row[column].replace("<empty>", "").strip())
                for column in columns:
                    values["email"].update(EMAIL.findall(row[column].replace("<empty>", "")))
    return {kind: {value for value in found if len(value) >= 7} for kind, found in values.items()}


def spellings(value):
    """How a value may hide: other case, hexadecimal, base64 at each alignment, UTF-16, escaped JSON."""
    out = set()
    for text in {value, value.lower(), value.upper(), value.strip()}:
        raw = text.encode()
        out |= {raw, raw.hex().encode(), raw.hex().upper().encode(), text.encode("utf-16-le"),
                text.replace('"', '\\"').encode(), text.replace("@", "%40").encode()}
        for shift in range(3):
            encoded = base64.b64encode(b"x" * shift + raw)
            # The characters that depend on the neighbours are left out.
            middle = encoded[[0, 2, 3][shift]:len(encoded.rstrip(b"=")) - 1]
            if len(middle) >= 10:
                out |= {middle, middle.translate(bytes.maketrans(b"+/", b"-_"))}
    return {form for form in out if b"\n" not in form and b"\0" not in form and len(form) >= 7} | \
        {form for form in out if b"\0" in form}


class Search:
    """All spellings of all values at once, through grep: as fixed strings, and digits as words of their own."""

    def __init__(self, values, folder):
        texts, self.binary = set(), []
        for kind, found in values.items():
            for value in found:
                for form in spellings(value):
                    (self.binary.append(form) if b"\0" in form else texts.add(form))
        digits = {re.sub(r"\D", "", value) for kind in ("phone", "ssn", "card") for value in values[kind]}
        digits = {number for number in digits if len(number) >= 9}
        self.texts, self.digits = folder / "texts", folder / "digits"
        self.texts.write_bytes(b"\n".join(sorted(texts)) + b"\n")
        self.digits.write_text("\n".join(sorted(digits)) + "\n")
        self.size = len(texts) + len(digits) + len(self.binary)

    def hits(self, *places):
        """`file: what was found`, for each hit below the places."""
        out = []
        for options in (["-aFo", "-f", self.texts], ["-aFow", "-f", self.digits]):
            done = subprocess.run(["grep", "-rH", *options, "--", *places], capture_output=True,
                                  env={**os.environ, "LC_ALL": "C"})
            if done.returncode not in (0, 1):
                raise AssertionError(done.stderr.decode())
            out += done.stdout.decode("utf-8", "replace").splitlines()
        for place in places:
            for path in [Path(place)] if Path(place).is_file() else sorted(Path(place).rglob("*")):
                data = path.read_bytes() if path.is_file() else b""
                # UTF-16 is rare enough to look first for its pattern of zeros.
                if re.search(rb"(?:[ -~]\0){7}", data):
                    out += [f"{path}: {form!r}" for form in self.binary if form in data]
        return out


@harness.needs_duckdb
class NoRawValuesTest(unittest.TestCase):
    def setUp(self):
        self.temporary = Path(tempfile.mkdtemp(prefix="weir-raw-"))
        self.addCleanup(subprocess.run, ["rm", "-rf", str(self.temporary)])
        self.values = raw_values()
        for kind, found in self.values.items():
            self.assertGreater(len(found), 800, kind)
        self.search = Search(self.values, self.temporary)
        self.crm = Crm()
        self.addCleanup(self.crm.__exit__)
        self.shop = harness.Shop(self.crm)
        self.addCleanup(self.shop.__exit__)
        self.outputs = self.temporary / "outputs"
        self.outputs.mkdir()
        self.number = 0

    def keep(self, name, data):
        self.number += 1
        path = self.outputs / f"{self.number:03d}-{name}"
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape"))
        return path

    def run_and_keep(self, *arguments, statuses=(0, 1)):
        done = self.shop.run("--log-file", self.outputs / "operator.log", *arguments)
        self.assertIn(done.status, statuses, f"{done}")
        self.keep("-".join(str(argument).strip("-") for argument in arguments[:2]).replace("/", "_"), done.text)
        return done

    def keep_sent(self):
        return self.keep("crm-received", b"\n".join(
            received.raw + repr(received.headers).encode() + received.path.encode() for received in self.crm.requests))

    def test_finds_what_is_there(self):
        """The search itself: each spelling of a value, planted in a file, is found."""
        planted = {}
        for kind in KINDS:
            value = sorted(self.values[kind])[len(self.values[kind]) // 2]
            digits = re.sub(r"\D", "", value)
            raw = value.encode()
            forms = [b"..." + raw + b"...", raw.upper(), raw.hex().encode(), base64.b64encode(b"ab" + raw + b"cdef"),
                     base64.urlsafe_b64encode(b"a" + raw + b"c"), b"\xff\x00" + value.encode("utf-16-le")]
            if kind != "email":
                forms.append(b'{"n":"' + digits.encode() + b'"}')
            for data in forms:
                planted[str(self.keep("planted", b"\x80binary\n" + data + b"\n\x00"))] = (kind, data)
        clean = self.keep("clean", b"\x00nobody@nowhere 1234567890 " + os.urandom(4096))
        found = {hit.split(":")[0] for hit in self.search.hits(self.outputs)}
        self.assertEqual({path: form for path, form in planted.items() if path not in found}, {})
        self.assertNotIn(str(clean), found)

    def test_a_rule_that_gives_it_shows_at_the_destination_alone(self):
        """Where policy gives addresses unchanged they arrive so, and still stand nowhere else."""
        self.shop.edit_policy("as: {hash: {normalize: email@1}}", "as: unchanged")
        self.run_and_keep("sync")
        sent = self.keep_sent()
        self.assertGreater(len(self.search.hits(sent)), 1000)
        sent.unlink()
        self.assertEqual(self.search.hits(self.outputs, self.shop.path("log"), self.shop.path("state"), self.shop.path("sent")), [])

    def test_nothing_raw_anywhere(self):
        self.hold_a_run_in_the_middle()
        self.run_and_keep("sync")
        self.shop.sql("update shop.analytics.dim_customers set marketing_consent = false where customer_id % 17 = 0",
                      "delete from shop.analytics.dim_customers where customer_id % 29 = 0",
                      "update shop.analytics.dim_customers set first_name = 'X', orders_count = 7 where customer_id % 7 = 0")
        self.run_and_keep("sync", "--dry-run", "--format", "json")
        self.run_and_keep("sync", "--format", "json")
        self.run_and_keep("plan")
        self.run_and_keep("plan", "--format", "json")
        self.run_and_keep("check", statuses=(0, 1))
        self.run_and_keep("preview", "crm_contacts", "--rows", "50")
        self.run_and_keep("preview", "support_tickets", "--rows", "50", "--format", "json")
        self.run_and_keep("audit", "verify")
        self.run_and_keep("audit", "show", "crm_contacts")
        self.run_and_keep("audit", "show", "support_tickets", "--format", "json")
        self.failures_do_not_tell_either()
        self.keep_sent()
        places = [self.outputs, self.shop.path("log"), self.shop.path("state"), self.shop.path("sent"), self.shop.path("weir.keys")]
        for place in places:
            self.assertTrue(place.exists(), place)
        size = sum(path.stat().st_size for place in places for path in ([place] if place.is_file() else place.rglob("*"))
                   if path.is_file())
        self.assertGreater(size, 1 << 20, "there is too little to search")
        print(f"{self.search.size} spellings in {size >> 10} KiB", flush=True)
        self.assertEqual(self.search.hits(*places), [])

    def hold_a_run_in_the_middle(self):
        """Stops a run while it delivers, and copies whatever it has open: the spool, unlinked or not. Then it is killed."""
        self.crm.delay_s = 0.05
        self.shop.crm_settings("max_rows: 50")
        running = self.shop.start("--log-file", self.outputs / "operator.log", "sync", "--format", "json")
        while self.crm.count() < 5 and running.process.poll() is None:
            time.sleep(0.002)
        running.kill(signal.SIGSTOP)
        self.assertIsNone(running.process.poll(), "the run was over before it could be held")
        held = 0
        database = self.shop.path("shop.duckdb")
        for descriptor in Path(f"/proc/{running.process.pid}/fd").iterdir():
            try:
                target = os.readlink(descriptor)
                if target.startswith(str(database)) or not descriptor.is_file():
                    continue
                data = descriptor.read_bytes()
            except OSError:
                continue
            if str(self.shop.folder) in target:
                held += len(data)
            self.keep(f"held-{Path(target).name.split(' ')[0]}", data)
        self.assertGreater(held, 50_000, "the spool of 1,700 rows should be there")
        for path in self.shop.files_below("state", "log"):
            self.keep(f"held-{path.name}", path.read_bytes())
        running.kill()
        done = running.wait()
        self.keep("held-output", done.text)
        self.crm.wait_until_quiet()
        self.crm.delay_s = 0

    def failures_do_not_tell_either(self):
        self.shop.sql("insert into shop.analytics.dim_customers select * from shop.analytics.dim_customers where customer_id between 1 and 40")
        self.run_and_keep("sync", "crm_contacts", statuses=(4,))
        self.run_and_keep("sync", "crm_contacts", "--format", "json", statuses=(4,))


if __name__ == "__main__":
    harness.main()
