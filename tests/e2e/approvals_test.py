"""Approvals and overrides, signed by real SSH keys: who may let a held run go, once, and every way to cheat."""

import getpass
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import harness
from crm import Crm, hang

NAMESPACE = "weir-approval@v1"
PERSONS = ("ann", "bob", "cyd", "old", "files", "eve", "operator", "runner")
POLICY = """version: 1
approvals: {signers: policies/allowed_signers, max_days: 30, two_persons: [%s], never_waivable: [%s]}
"""
TABLE = "shop.analytics.dim_customers"
LESS = f"delete from {TABLE} where customer_id % 3 = 0"


def keygen(*arguments, text=""):
    return subprocess.run(["ssh-keygen", *map(str, arguments)], input=text, capture_output=True, text=True, check=True).stdout


def body(document):
    """The signed part of an approval's file."""
    return document.split("-----BEGIN SSH SIGNATURE-----")[0]


class Office:
    """A shop whose policy names who may sign. Eve's key is in nobody's file; `old` expired; `files` signs files only."""

    def __init__(self, crm, two_persons="guards, break_glass", never=""):
        self.shop = harness.Shop(crm)
        self.keys = self.shop.path("persons")
        self.keys.mkdir()
        lines = []
        for name in PERSONS:
            keygen("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", self.keys / name)
            options = {"old": 'valid-before="20200101" ', "files": 'namespaces="file" '}.get(name, "")
            key = " ".join((self.keys / f"{name}.pub").read_text().split()[:2])
            if name != "eve":
                principal = getpass.getuser() if name == "runner" else name
                lines.append(f"{principal}@shop.example {options}{key}\n")
        self.shop.write("policies/allowed_signers", "".join(lines))
        self.shop.write("policies/approvals.yml", POLICY % (two_persons, never))
        self.folder = self.shop.path(".weir/approvals")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shop.__exit__()

    def key(self, name):
        return self.keys / name

    def signature(self, name, document, namespace=NAMESPACE):
        return keygen("-Y", "sign", "-n", namespace, "-f", self.key(name), text=document)

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def put(self, document, *signatures):
        self.clear()
        self.folder.mkdir(parents=True)
        digest = hashlib.sha256(document.encode()).hexdigest()[:16]
        path = self.folder / f"crm_contacts-{digest}.approval"
        path.write_text(document + "".join(signatures))
        return path

    def sync(self, *arguments):
        done = self.shop.sync("crm_contacts", *arguments)
        return done, done.reports["crm_contacts"]

    def reasons(self, *arguments):
        """Exit status and `[CODE] text` of each reason."""
        done, report = self.sync(*arguments)
        return done.status, [f"[{reason['code']}] {reason['text']}" for reason in report["reasons"]]

    def entries(self, kind):
        done = self.shop.run("audit", "show", "crm_contacts", "--kind", kind, "--format", "json", "--limit", "100000")
        return [entry["entry"] for entry in done.json()["entries"]]

    def waiting(self):
        """The document that the last held run asks for, unsigned."""
        done = self.shop.run("approve", "crm_contacts", "--reason", "segment closed", "--requested-by", "operator@shop.example", "--print")
        assert done.status == 5, done
        return done.out


class Guards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.crm = Crm().__enter__()
        cls.office = Office(cls.crm)
        done, _ = cls.office.sync()
        assert done.status in (0, 1), done
        cls.office.shop.sql(LESS)
        cls.requests = len(cls.crm.requests)

    @classmethod
    def tearDownClass(cls):
        cls.office.__exit__()
        cls.crm.__exit__(None, None, None)

    def setUp(self):
        self.office.clear()

    def held(self):
        """A run that waits: its report."""
        done, report = self.office.sync()
        self.assertEqual(done.status, 5, done)
        self.assertEqual(report["status"], "waiting")
        return report

    def refused(self, expected, *codes_absent):
        status, reasons = self.office.reasons()
        self.assertEqual(status, 5, reasons)
        self.assertTrue(any(re.search(expected, reason) for reason in reasons), f"{expected}\nnot in\n" + "\n".join(reasons))
        self.assertEqual(len(self.crm.requests), self.requests, "something was sent")

    def test_a_held_run_tells_the_command_that_it_waits_for(self):
        report = self.held()
        text = "\n".join(reason["text"] for reason in report["reasons"])
        self.assertIn("would be deleted, more than `max_deletes: 20%`: nothing was sent, it waits for an approval", text)
        self.assertIn("have it approved by two persons other than who asks: `weir approve crm_contacts --plan "
                      f"{report['plan_digest']} --deletes ", text)
        entry = self.office.entries("approval")[-1]
        self.assertEqual((entry["action"], entry["plan_digest"]), ("waiting", report["plan_digest"]))
        # The command is good as it stands, and asks for what the run counted.
        command = re.search(r"`weir (approve [^`]*)`", text).group(1).split()
        done = self.office.shop.run(*command)
        self.assertEqual(done.status, 5, done)
        self.assertIn(f"max_deletes: {entry['deletes']}\n", done.out)
        plan = self.office.shop.run("plan", "crm_contacts", "--format", "json").json()["plans"][0]["approvals"]
        self.assertEqual(plan["waiting"]["deletes"], entry["deletes"])
        self.assertEqual([document["good"] for document in plan["documents"]], [False])
        self.assertIn("waits for an approval", self.office.shop.run("plan", "crm_contacts").out)

    def test_what_does_not_count(self):
        self.held()
        good = self.office.waiting()
        deletes = int(re.search(r"max_deletes: (\d+)", good).group(1))
        sign = self.office.signature

        def signed(document, *names):
            return [document, *(sign(name, document) for name in names)]

        def with_line(key, value):
            return re.sub(rf"(?m)^{key}: .*$", f"{key}: {value}", good)

        edited = good.replace("segment closed", "segment cl0sed")
        cases = [
            ("nobody signed", [good], r"W-APR-024\] approval `crm_contacts-\w+\.approval` is approved by 0 of 2 persons needed"),
            ("one of two", signed(good, "ann"), r"W-APR-024\] .* is approved by 1 of 2 persons needed"),
            ("one person twice", signed(good, "ann", "ann"), r"W-APR-024\] .* is approved by 1 of 2 persons needed"),
            ("an unknown key", signed(good, "ann", "eve"), r"W-APR-017\] .* has a signature by a key that is not in .*policies/allowed_signers"),
            ("another namespace", [good, sign("ann", good), sign("bob", good, "file")],
             r"W-APR-016\] .* has a signature that was made for something else; sign with `ssh-keygen -Y sign -n weir-approval@v1`"),
            ("a key that expired", signed(good, "ann", "old"), r"W-APR-019\] .* is signed by `old@shop.example`, whose key does not count at this time"),
            ("a key for files", signed(good, "ann", "files"), r"W-APR-019\] .* is signed by `files@shop.example`, whose key does not count"),
            ("who asked", signed(good, "ann", "operator"),
             r"W-APR-023\] .* is signed by `operator@shop.example`, who asked for it \(`operator@shop.example`\) and so cannot approve it"),
            ("who runs it, for a plan that no run asked about", signed(with_line("run", "none").replace("operator@shop", "nobody@shop"), "ann", "runner"),
             r"W-APR-023\] .* is signed by `\S+`, who asked for it \(`\S+`\) and so cannot approve it"),
            ("an edited document", [edited, sign("ann", good), sign("bob", good)], r"W-APR-018\] .* is not what `ann@shop.example` signed"),
            ("another document's signature", [good, sign("ann", good), sign("bob", edited)], r"W-APR-018\] .* is not what `bob@shop.example` signed"),
            ("another tenant", signed(with_line("tenant", "acme"), "ann", "bob"), r"W-APR-012\] .* is for tenant `acme`, and this is `shop`"),
            ("another environment", signed(with_line("environment", "prod"), "ann", "bob"), r"W-APR-012\] .* is for environment `prod`, and this is `default`"),
            ("another sync", signed(with_line("sync", "exposure.shop.other"), "ann", "bob"), r"W-APR-012\] .* is for sync `exposure.shop.other`, and this is `"),
            ("another plan", signed(with_line("plan", "0" * 64), "ann", "bob"), r"W-APR-013\] .* is for another plan \(000000000000…\)"),
            ("one too few", signed(with_line("max_deletes", deletes - 1), "ann", "bob"),
             rf"W-APR-015\] .* allows at most {deletes - 1} deletes, and there are {deletes}"),
            ("another guard", signed(good.replace("max_deletes", "max_changes"), "ann", "bob"), rf"W-APR-015\] .* says nothing about deletes, and there are {deletes}"),
            ("made tomorrow", signed(with_line("created", "2100-01-01T00:00:00.000000Z").replace("expires: 20", "expires: 22"), "ann", "bob"),
             r"W-APR-014\] .* was made at 2100-01-01T00:00:00.000000Z, which has not come yet"),
            ("expired", signed(with_line("created", "2020-01-01T00:00:00.000000Z").replace(*re.search(r"(?m)^(expires: .*)$", good).groups(), "expires: 2020-01-02T00:00:00.000000Z"), "ann", "bob"),
             r"W-APR-014\] .* expired at 2020-01-02T00:00:00.000000Z"),
            ("longer than policy lets", signed(with_line("expires", "2100-01-01T00:00:00.000000Z"), "ann", "bob"), r"W-APR-014\] .* holds for longer than the policy's `max_days: 30`"),
            ("a run that never was", signed(with_line("run", "999999"), "ann", "bob"), r"W-APR-012\] .* names the run at entry 999999, and the log has no run of this plan there"),
            ("a run of another kind", signed(with_line("run", "1"), "ann", "bob"), r"W-APR-012\] .* names the run at entry 1, and"),
            ("a line more", signed(good + "note: x\n", "ann", "bob"), r"W-APR-011\] .* is not written as `weir approve` writes it"),
            ("a number written otherwise", signed(with_line("max_deletes", f"0{deletes}"), "ann", "bob"), r"W-APR-011\] .* is not written as"),
            ("nothing approved", signed(re.sub(r"(?m)^max_deletes.*\n", "", good), "ann", "bob"), r"W-APR-011\] .* approves nothing"),
            ("text behind", [*signed(good, "ann", "bob"), "more\n"], r"W-APR-011\] .* holds something else than a document and at most 8 signatures"),
            ("a huge file", [good, "x" * 70_000], r"W-APR-010\] .* has more than 65536 bytes"),
            ("no text", ["\0\xff\n"], r"W-APR-011\] .* does not begin with `weir approval v1`"),
        ]
        for name, parts, expected in cases:
            with self.subTest(name):
                self.office.put(*parts)
                self.refused(expected)

    def test_links_are_not_followed(self):
        self.held()
        good = self.office.waiting()
        path = self.office.put(good, self.office.signature("ann", good), self.office.signature("bob", good))
        elsewhere = self.office.shop.path("elsewhere")
        shutil.rmtree(elsewhere, ignore_errors=True)
        shutil.move(self.office.folder, elsewhere)
        with self.subTest("the folder"):
            self.office.folder.symlink_to(elsewhere)
            self.refused(r"W-APR-010\] approval `.*approvals` is a link, which is not followed")
            self.office.folder.unlink()
        with self.subTest("a file"):
            self.office.folder.mkdir()
            path.symlink_to(elsewhere / path.name)
            self.refused(r"W-APR-010\] approval `crm_contacts-\w+.approval` is a link")
        with self.subTest("a pipe"):
            path.unlink()
            os.mkfifo(path)
            self.refused(r"W-APR-010\] approval `crm_contacts-\w+.approval` is no plain file")

    def test_changed_signers_are_another_policy(self):
        self.held()
        good = self.office.waiting()
        self.office.put(good, self.office.signature("ann", good), self.office.signature("eve", good))
        before = self.office.shop.read("policies/allowed_signers")
        shutil.copytree(self.office.shop.path("policies"), self.office.shop.path("protected"), dirs_exist_ok=True)
        key = " ".join(self.office.key("eve.pub").read_text().split()[:2])
        try:
            self.office.shop.write("policies/allowed_signers", before + f"eve@shop.example {key}\n")
            self.refused(r"W-APR-013\] .* is for another plan")
            checked = self.office.shop.run("check", "--base-policies", "protected", "--format", "json")
            self.assertIn("policy-changed", [finding["rule"] for finding in checked.json()["findings"]], checked)
        finally:
            self.office.shop.write("policies/allowed_signers", before)

    def test_the_command_refuses_what_would_not_count(self):
        self.held()
        run, key = self.office.shop.run, self.office.key
        first = run("approve", "crm_contacts", "--requested-by", "operator@shop.example", "--sign-with", key("ann"), "--format", "json").json()
        self.assertEqual((first["approved_by"], first["good"], first["exit_status"]), (["ann@shop.example"], False, 5))
        file = first["file"]
        text = pathlib.Path(file).read_text()
        cases = [
            (["--cosign", file, "--sign-with", key("eve")], "W-APR-017", "has a signature by a key that is not in"),
            (["--cosign", file, "--sign-with", key("old")], "W-APR-019", "whose key does not count"),
            (["--cosign", file, "--sign-with", key("operator")], "W-APR-023", "another person must sign"),
            (["--cosign", file, "--sign-with", key("nobody")], "W-APR-021", "`ssh-keygen` did not sign with"),
            (["--cosign", "nowhere"], "W-APR-010", "approval `nowhere` cannot be read: No such file or directory"),
            (["crm_contacts", "--deletes", "1"], "W-APR-042", "`--deletes 1` does not cover the "),
            (["crm_contacts", "--expires", "31d"], "W-APR-043", "`--expires 31d` is later than the policy's `max_days: 30` allows"),
            (["crm_contacts", "--expires", "2020-01-01"], "W-APR-043", "`--expires 2020-01-01` is past"),
            (["crm_contacts", "--expires", "soon"], "W-APR-043", "is neither a day such as 2027-01-31 nor a time such as 7d"),
            (["crm_contacts", "--reason", "a\nrun: 7"], "W-APR-043", "the text of `--reason` must be one line"),
            (["crm_contacts", "--reason", "safe \u202e txt"], "W-APR-043", "the text of `--reason` must be one line"),
            (["crm_contacts", "--plan", "abc"], "W-APR-043", "`--plan` takes the 64 digits that the run told"),
            (["crm_contacts", "--plan", "0" * 64], "W-APR-041", "does not wait with this plan; give the counts, too"),
            ([], "W-APR-041", "name one sync, or the approval to sign"),
        ]
        for arguments, code, expected in cases:
            with self.subTest(arguments):
                done = run("approve", *arguments)
                self.assertEqual(done.status, 2, done)
                self.assertIn(f"[{code}]", done.err)
                self.assertIn(expected, done.err)
        self.assertEqual(pathlib.Path(file).read_text(), text, "a signature that does not count was added")
        self.assertEqual(len(list(self.office.folder.iterdir())), 1)

    def test_without_ssh_keygen_nothing_counts(self):
        self.held()
        good = self.office.waiting()
        self.office.put(good, self.office.signature("ann", good), self.office.signature("bob", good))
        done = self.office.shop.sync("crm_contacts", env={"PATH": "/nonexistent"})
        self.assertEqual(done.status, 2, done)
        self.assertIn("W-APR-020", done.out)
        self.assertEqual(len(self.crm.requests), self.requests)


class OneRun(unittest.TestCase):
    def begin(self, crm, **settings):
        office = Office(crm, **settings)
        self.addCleanup(office.__exit__)
        done, _ = office.sync()
        self.assertIn(done.status, (0, 1), done)
        return office

    def approve(self, office, *persons):
        run, key = office.shop.run, office.key
        first = run("approve", "crm_contacts", "--reason", "segment closed", "--requested-by", "operator@shop.example",
                    "--sign-with", key(persons[0]), "--format", "json")
        file = first.json()["file"]
        for person in persons[1:]:
            last = run("approve", "--cosign", file, "--sign-with", key(person))
            self.assertEqual(last.status, 0, last)
        return file

    def test_two_persons_let_one_run_go(self):
        with Crm() as crm:
            office = self.begin(crm)
            office.shop.sql(LESS)
            self.assertEqual(office.sync()[0].status, 5)
            file = self.approve(office, "ann", "bob")
            document = body(pathlib.Path(file).read_text())
            dry, report = office.sync("--dry-run")
            self.assertEqual(dry.status, 0, dry)
            self.assertEqual(report["approvals"][0]["approved_by"], ["ann@shop.example", "bob@shop.example"])
            done, report = office.sync()
            self.assertIn(done.status, (0, 1), done)
            self.assertGreater(report["counts"]["deleted"], 0)
            used = report["approvals"][0]
            self.assertEqual(used["document"], hashlib.sha256(document.encode()).hexdigest())
            self.assertEqual(used["reason"], "segment closed")
            entry = [one for one in office.entries("approval") if one["action"] == "used"]
            self.assertEqual(len(entry), 1)
            self.assertEqual((entry[0]["document"], entry[0]["principals"], entry[0]["requested_by"], entry[0]["reason"]),
                             (used["document"], used["approved_by"], "operator@shop.example", "segment closed"))
            shown = office.shop.run("audit", "show", "crm_contacts", "--kind", "approval").out
            self.assertIn("approved by ann@shop.example, bob@shop.example, asked for by operator@shop.example: segment closed", shown)
            self.assertEqual(office.shop.run("audit", "verify").status, 0)
            # Everything comes back and vanishes again: the same plan, the same counts, and the approval was used.
            plan = report["plan_digest"]
            shutil.copy(harness.SHOP / "shop.duckdb", office.shop.path("shop.duckdb"))
            self.assertIn(office.sync()[0].status, (0, 1))
            office.shop.sql(LESS)
            done, report = office.sync()
            self.assertEqual((done.status, report["plan_digest"]), (5, plan), done)
            self.assertIn("W-APR-022", [reason["code"] for reason in report["reasons"]])
            self.assertRegex(done.out, r"was used by an earlier run \(entry \d+ of the log\), and is good for one")

    def test_a_run_that_crashes_has_used_it(self):
        with Crm() as crm:
            office = self.begin(crm)
            office.shop.sql(LESS)
            self.assertEqual(office.sync()[0].status, 5)
            self.approve(office, "ann", "bob")
            before = len(crm.requests)
            crm.behave = lambda received: hang()
            running = office.shop.start("sync", "crm_contacts")
            for _ in range(3000):
                if len(crm.requests) > before or running.process.poll() is not None:
                    break
                try:
                    running.process.wait(0.02)
                except subprocess.TimeoutExpired:
                    pass
            running.kill()
            running.wait()
            self.assertGreater(len(crm.requests), before, "the run did not send")
            crm.behave = None
            status, reasons = office.reasons()
            self.assertEqual(status, 5, reasons)
            self.assertTrue(any("W-APR-022" in reason for reason in reasons), reasons)

    def test_one_person_is_enough_where_policy_says_no_more(self):
        with Crm() as crm:
            office = self.begin(crm, two_persons="break_glass")
            office.shop.sql(LESS)
            self.assertEqual(office.sync()[0].status, 5)
            self.approve(office, "cyd")
            self.assertIn(office.sync()[0].status, (0, 1))

    def test_without_approvals_in_the_policy_a_guard_holds(self):
        with Crm() as crm:
            office = self.begin(crm)
            office.shop.path("policies/approvals.yml").unlink()
            office.shop.sql(LESS)
            done, report = office.sync()
            self.assertEqual((done.status, report["status"]), (4, "held"), done)
            done = office.shop.run("approve", "crm_contacts")
            self.assertEqual(done.status, 2)
            self.assertIn("the policy has no `approvals:`", done.err)

    def test_keys_are_never_approved(self):
        with Crm() as crm:
            office = self.begin(crm)
            office.shop.sql(LESS, f"insert into {TABLE} select * from {TABLE} where customer_id = 1")
            done, report = office.sync()
            self.assertEqual(done.status, 4, done)
            self.assertIn("W-GUARD-002", [reason["code"] for reason in report["reasons"]])

    def break_test(self, office):
        """One test of the model failed, dbt says."""
        def fail(results):
            for result in results["results"]:
                if result["unique_id"].startswith("test.") and "dim_customers" in result["unique_id"]:
                    result.update(status="fail", failures=3)
                    return
            raise AssertionError("no test of dim_customers")
        office.shop.edit_json("target/run_results.json", fail)

    def test_an_override_lifts_the_gate_once(self):
        with Crm() as crm:
            office = self.begin(crm)
            before = len(crm.requests)
            self.break_test(office)
            office.shop.sql(f"update {TABLE} set first_name = 'X' where customer_id % 17 = 0")
            status, reasons = office.reasons()
            self.assertEqual(status, 4, reasons)
            self.assertTrue(any("W-APR-032" in one and "`weir override crm_contacts --reason TEXT`" in one for one in reasons), reasons)
            run, key = office.shop.run, office.key
            self.assertEqual(run("override", "crm_contacts").status, 2)
            first = run("override", "crm_contacts", "--reason", "recall", "--requested-by", "operator@shop.example",
                        "--sign-with", key("ann"), "--format", "json")
            self.assertEqual(first.status, 5, first)
            self.assertEqual((first.json()["kind"], first.json()["lifts"]), ("override", ["W-GATE-002"]))
            self.assertEqual(office.reasons()[0], 4)
            self.assertEqual(len(crm.requests), before)
            self.assertEqual(run("approve", "--cosign", first.json()["file"], "--sign-with", key("bob")).status, 0)
            done, report = office.sync()
            self.assertIn(done.status, (0, 1), done)
            self.assertIn("the gate is overridden for this run by `ann@shop.example`, `bob@shop.example`: recall", done.out)
            self.assertEqual((report["approvals"][0]["kind"], report["approvals"][0]["lifts"]), ("override", ["W-GATE-002"]))
            entry = office.entries("override")
            self.assertEqual([(one["lifted"], one["principals"], one["reason"]) for one in entry],
                             [(["W-GATE-002"], ["ann@shop.example", "bob@shop.example"], "recall")])
            self.assertIn("W-GATE-002 lifted by ann@shop.example, bob@shop.example", run("audit", "show", "crm_contacts", "--kind", "override").out)
            self.assertEqual(run("audit", "verify").status, 0)
            status, reasons = office.reasons()
            self.assertEqual(status, 4)
            self.assertTrue(any("W-APR-022" in one for one in reasons), reasons)

    def test_what_is_never_lifted(self):
        with Crm() as crm:
            with self.subTest("a requirement that is never waivable"):
                office = self.begin(crm, never="Q001")
                self.break_test(office)
                status, reasons = office.reasons()
                self.assertEqual(status, 4)
                self.assertTrue(any("W-APR-025] nobody can lift W-GATE-002: requirement Q001 is `never_waivable`" in one for one in reasons), reasons)
                done = office.shop.run("override", "crm_contacts", "--reason", "x")
                self.assertEqual((done.status, "[W-APR-025]" in done.err), (2, True), done)
            with self.subTest("beside another that asks the same"):
                office = self.begin(crm)
                office.shop.write("policies/approvals.yml", POLICY % ("guards, break_glass", "Q900"))
                office.shop.write("policies/more.yml", "version: 1\nrequire:\n"
                                  "  - {id: Q900, select: 'exposure:*', for: sync, tests: {primary_key: true}}\n")
                self.break_test(office)
                status, reasons = office.reasons()
                self.assertEqual(status, 4)
                self.assertTrue(any("W-APR-025] nobody can lift W-GATE-002: requirement Q900 is `never_waivable`" in one for one in reasons), reasons)
                done = office.shop.run("override", "crm_contacts", "--reason", "x", "--sign-with", office.key("ann"))
                self.assertEqual((done.status, "[W-APR-025]" in done.err), (2, True), done)
            with self.subTest("a build that failed"):
                office = self.begin(crm)
                def fail(results):
                    for result in results["results"]:
                        if result["unique_id"].endswith(".dim_customers"):
                            result["status"] = "error"
                office.shop.edit_json("target/run_results.json", fail)
                status, reasons = office.reasons()
                self.assertEqual(status, 4)
                self.assertTrue(any("W-APR-025] nobody can lift W-GATE-001" in one for one in reasons), reasons)


if __name__ == "__main__":
    harness.main()
