"""Real `dbt build` on DuckDB and on PostgreSQL, then `weir sync`; what arrived is compared with what SQL says, value by
value, over a first run, changes, deletions, consent given and taken, and edits of the policies."""

import csv
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import expectation
import harness
import sent_files
from crm import Crm
from log_bundles import Log
from postgres import PASSWORD, Postgres, binaries

DELIVERED = 1  # some addresses of the seeds cannot be hashed; those rows are refused and said to be


def dbt(project, environment, *arguments):
    done = subprocess.run([str(harness.venv() / "bin" / "dbt"), "--no-use-colors", *arguments, "--profiles-dir", "."],
                          cwd=project, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"dbt {' '.join(arguments)}: {done.stdout}{done.stderr}")


class DuckDbWarehouse:
    schema = "shop.analytics"
    arguments = ()
    log = "log"

    def __init__(self, project):
        self.settings = {"SHOP_TARGET": "duckdb", "SHOP_DUCKDB": str(project / "shop.duckdb")}
        dbt(project, self.settings, "build")

    def attach(self, shop):
        self.shop = shop
        self.settings["SHOP_DUCKDB"] = str(shop.path("shop.duckdb"))

    def rows(self, sql):
        return self.shop.rows(sql)

    def execute(self, *statements):
        self.shop.sql(*statements)

    def environment(self):
        return {}

    def close(self):
        pass


class PostgresWarehouse:
    schema = "analytics"
    arguments = ("--env", "postgres")
    log = "log/postgres"

    def __init__(self, project):
        self.server = Postgres()
        self.settings = {"SHOP_TARGET": "postgres", **self.server.environment()}
        try:
            dbt(project, self.settings, "build")
        except BaseException:
            self.server.__exit__()
            raise

    def attach(self, shop):
        shop.edit("weir.yml", "port: 5432", f"port: {self.server.port}")
        shop.edit("weir.yml", "host: localhost", "host: 127.0.0.1")
        # The key file names the environment that it is for.
        shop.roots = harness.new_keys(shop.path("weir.keys.postgres"), environment="postgres")
        self.shop = shop

    def rows(self, sql):
        return self.server.rows(sql)

    def execute(self, *statements):
        self.server.execute(";\n".join(statements))

    def environment(self):
        return {"PGPASSWORD": PASSWORD}

    def close(self):
        self.server.__exit__()


class BuiltShop:
    """The steps, over either warehouse. One test: each step begins where the one before ended."""

    make_warehouse = None

    def setUp(self):
        self.temporary = pathlib.Path(tempfile.mkdtemp(prefix="weir-dbt-"))
        self.addCleanup(shutil.rmtree, self.temporary, ignore_errors=True)
        self.project = self.temporary / "shop"
        shutil.copytree(harness.SHOP, self.project, ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"))
        self.everybody_odd_agrees()
        self.warehouse = type(self).make_warehouse(self.project)
        self.addCleanup(self.warehouse.close)
        self.crm = Crm()
        self.addCleanup(self.crm.__exit__)
        self.shop = harness.Shop(self.crm, source=self.project)
        self.addCleanup(self.shop.__exit__)
        self.warehouse.attach(self.shop)

    def everybody_odd_agrees(self):
        """Customers 101 to 131 have what breaks exports; those that refuse marketing would not be sent."""
        path = self.project / "seeds" / "raw_customers.csv"
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            if 101 <= int(row["id"]) <= 131:
                row["marketing_consent"] = "true"
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def weir(self, *arguments):
        return self.shop.run(*arguments, *self.warehouse.arguments, env=self.warehouse.environment())

    def sync(self, status=DELIVERED):
        done = self.shop.sync(*self.warehouse.arguments, env=self.warehouse.environment())
        self.assertEqual(done.status, status, f"{done}")
        return {name: report["counts"] for name, report in done.reports.items()}

    def build_again(self):
        """The models; their artifacts replace those of the shop, as after a nightly build."""
        dbt(self.project, self.warehouse.settings, "build", "--exclude", "resource_type:seed")
        for name in ("manifest.json", "run_results.json"):
            shutil.copy(self.project / "target" / name, self.shop.path("target"))

    def expected(self):
        schema = self.warehouse.schema
        contacts = expectation.Contacts(self.warehouse.rows(expectation.CUSTOMERS.format(schema=schema)),
                                        self.shop.roots["token"])
        tickets = expectation.tickets(self.warehouse.rows(expectation.TICKETS.format(schema=schema)),
                                      self.shop.roots["token"])
        return contacts, tickets

    def files(self):
        return sent_files.replay(self.shop.path("sent/helpdesk"), "tickets", ["ticket_id"])

    def assert_arrived(self, contacts, tickets):
        self.assertEqual(expectation.differences(contacts.records, self.crm.contacts()), [])
        self.assertEqual(expectation.differences(tickets, self.files()), [])
        self.assertEqual(self.crm.problems, [])

    def sent_since(self, before):
        """operation -> the records' names."""
        out = {}
        for received in self.crm.since(before):
            out.setdefault(received.operation, []).extend(str(record["external_id"]) for record in received.records)
        return {operation: sorted(names, key=int) for operation, names in out.items()}

    def test_arrives_as_policy_says(self):
        self.first_run()
        self.same_again()
        self.changes()
        self.consent_again()
        self.harmless_policy_edit()
        self.column_denied()
        self.log_verifies()

    def first_run(self):
        contacts, tickets = self.expected()
        # The seeds are worth the name: what makes an export go wrong is among what arrives.
        self.assertGreater(len(contacts.records), 1500)
        values = list(contacts.records.values())
        self.assertTrue(any(record["email"] is None for record in values))
        self.assertTrue(any(record["firstname"] is None for record in values))
        self.assertTrue(any(record["requester_domain"] == "" for record in tickets.values()))
        self.assertTrue(any(ord(max(record["firstname"] or " ")) > 0xffff for record in values))
        self.assertTrue(any("\n" in (record["firstname"] or "") for record in values))
        self.assertTrue(any("\\" in (record["firstname"] or "") for record in values))
        self.assertGreater(len(contacts.withheld), 500)
        self.assertGreater(len(contacts.refused), 0)

        counts = self.sync()
        self.assert_arrived(contacts, tickets)
        crm = counts["crm_contacts"]
        self.assertEqual((crm["read"], crm["created"], crm["withheld"], crm["refused"]),
                         (contacts.read, len(contacts.records), len(contacts.withheld), len(contacts.refused)))
        self.assertEqual(counts["support_tickets"]["created"], len(tickets))
        # One address, one hash; two addresses, two hashes.
        hashes = {}
        for row in self.warehouse.rows(expectation.CUSTOMERS.format(schema=self.warehouse.schema)):
            arrived = self.crm.contacts().get(str(row["customer_id"]))
            if arrived and arrived["email"]:
                self.assertEqual(hashes.setdefault(expectation.normal_email(row["email"]), arrived["email"]), arrived["email"])
        self.assertEqual(len(set(hashes.values())), len(hashes))

    def same_again(self):
        before = self.crm.count()
        files = list(self.shop.files_below("sent"))
        counts = self.sync()
        self.assertEqual(self.crm.count(), before)
        self.assertEqual(list(self.shop.files_below("sent")), files)
        for report in counts.values():
            self.assertEqual((report["sent"], report["requests"], report["created"], report["updated"]), (0, 0, 0, 0))

    def changes(self):
        """In the raw tables, then `dbt build` of the models, as it comes in life."""
        contacts, _ = self.expected()
        agreed = sorted(map(int, contacts.records))
        withheld = sorted(contacts.withheld)
        self.gone, self.withdrawn, renamed, shouted = agreed[10:12], agreed[20:23], agreed[30:33], agreed[600:640]
        granted = [key for key in withheld if key > 300][:2]
        raw = "analytics_raw" if self.warehouse.schema == "analytics" else "shop.analytics_raw"
        ids = lambda keys: ",".join(map(str, keys))  # noqa: E731
        self.warehouse.execute(
            f"delete from {raw}.raw_tickets where customer_id in ({ids(self.gone)})",
            f"delete from {raw}.raw_orders where customer_id in ({ids(self.gone)})",
            f"delete from {raw}.raw_customers where id in ({ids(self.gone)})",
            f"update {raw}.raw_customers set marketing_consent = false where id = {self.withdrawn[0]}",
            f"update {raw}.raw_customers set marketing_consent = null where id in ({ids(self.withdrawn[1:])})",
            f"update {raw}.raw_customers set marketing_consent = true where id in ({ids(granted)})",
            f"update {raw}.raw_customers set first_name = 'Ünal 🦊 \"q\"' where id in ({ids(renamed)})",
            f"update {raw}.raw_customers set email = upper(email) where id in ({ids(shouted)}) and email like '%@example.%'",
            f"update {raw}.raw_tickets set status = 'closed', satisfaction = 0.1 where id in ('TCK-000001', 'TCK-000002')")
        gone_tickets = set(self.files())
        self.build_again()
        before = self.crm.count()
        counts = self.sync()
        contacts_now, tickets = self.expected()
        gone_tickets -= set(tickets)
        # The help desk keeps what was deleted (upsert, `deleted: keep`).
        kept = {name: record for name, record in self.files().items() if name in gone_tickets}
        self.assertEqual(len(kept), len(gone_tickets))
        self.assertGreater(len(kept), 0)
        self.assert_arrived(contacts_now, {**tickets, **kept})
        # Nothing more went than had to: an address in capitals has the same hash.
        expected_upserts = sorted(int(name) for name, record in contacts_now.records.items()
                                  if contacts.records.get(name) != record)
        sent = self.sent_since(before)
        self.assertEqual(sent.get("upsert"), [str(key) for key in expected_upserts])
        self.assertEqual(sent.get("delete"), [str(key) for key in sorted(self.gone + self.withdrawn)])
        self.assertTrue(set(map(str, renamed)) <= set(sent["upsert"]))
        self.assertEqual(set(map(str, shouted)) & set(sent["upsert"]), set())
        crm = counts["crm_contacts"]
        self.assertEqual((crm["deleted"], crm["withdrawn"]), (len(self.gone), len(self.withdrawn)))
        self.assertEqual(set(sent), {"upsert", "delete"})

    def consent_again(self):
        schema = self.warehouse.schema
        again = self.withdrawn[:2]
        self.warehouse.execute(f"update {schema}.dim_customers set marketing_consent = true"
                               f" where customer_id in ({','.join(map(str, again))})")
        before = self.crm.count()
        self.sync()
        self.assertEqual(self.sent_since(before), {"upsert": [str(key) for key in again]})
        contacts, _ = self.expected()
        self.assertEqual(expectation.differences(contacts.records, self.crm.contacts()), [])

    def harmless_policy_edit(self):
        self.shop.edit_policy("a campaign greets people by name", "people like to be greeted by their name")
        self.shop.edit_policy("  - {id: P001,", "  - {id: P099, give: pii.phone, to: {destination: helpdesk, purpose: support},"
                                                " as: redact, why: not in use}\n  - {id: P001,")
        before = self.crm.count()
        files = list(self.shop.files_below("sent"))
        counts = self.sync()
        self.assertEqual(self.crm.count(), before)
        self.assertEqual(list(self.shop.files_below("sent")), files)
        self.assertEqual([report["sent"] for report in counts.values()], [0, 0])

    def column_denied(self):
        self.shop.edit_policy("give: pii.name", "never: pii.name")
        text = self.shop.read(self.shop.policy_file("never: pii.name"))
        begin = text.index("never: pii.name")
        block = text[begin:text.index("why:", begin)]
        self.shop.edit_policy(block, "never: pii.name\n    to: any\n    ")
        before = self.crm.count()
        self.sync(status=4)  # every row changes: a guard asks whether that is meant
        self.assertEqual(self.crm.count(), before)
        self.shop.edit_policy("max_changes: 60%", "max_changes: 100%")
        self.sync()
        contacts, _ = self.expected()
        for record in contacts.records.values():
            record["firstname"] = None
        self.assertEqual(expectation.differences(contacts.records, self.crm.contacts()), [])
        sent = b"".join(received.raw for received in self.crm.since(before))
        self.assertNotIn("Łukasz".encode(), sent)
        before = self.crm.count()
        self.sync()
        self.assertEqual(self.crm.count(), before)

    def log_verifies(self):
        for sync in ("crm_contacts", "support_tickets"):
            verify = self.weir("audit", "verify", sync)
            self.assertEqual(verify.status, 0, f"{verify}")
            key = self.weir("audit", "key", sync)
            self.assertEqual(key.status, 0, f"{key}")
            folder = self.shop.path(self.warehouse.log) / sync
            alone = self.shop.run(folder, "--key", key.out.strip().split("\n")[-1], name="weir-verify")
            self.assertEqual(alone.status, 0, f"{alone}")
            self.assertEqual(Log(folder).problems(), [])


@harness.needs_dbt
@harness.needs_duckdb
class OnDuckDb(BuiltShop, unittest.TestCase):
    make_warehouse = DuckDbWarehouse


@harness.needs_dbt
@harness.needs(binaries() is not None, "PostgreSQL's server is missing")
class OnPostgres(BuiltShop, unittest.TestCase):
    make_warehouse = PostgresWarehouse


if __name__ == "__main__":
    harness.main()
