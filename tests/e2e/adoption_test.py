"""`weir report`, `weir import`: what a team sees in its first days, driven from outside."""

import html.parser
import shutil
import unittest

import crm
import harness


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))


class Reports(unittest.TestCase):
    def test_every_format_needs_neither_keys_nor_warehouse(self):
        with harness.Shop() as shop:
            shop.path("weir.keys").unlink()
            shop.path("shop.duckdb").unlink()
            for kind in ("ropa", "egress"):
                markdown = shop.run("report", kind)
                self.assertEqual(markdown.status, 0, markdown)
                self.assertTrue(markdown.out.startswith("# "), markdown)
                self.assertEqual(shop.run("report", kind, "--format", "markdown").out, markdown.out)
                document = shop.run("report", kind, "--format", "json").json()
                self.assertEqual(document["document"], f"weir.report.{kind}")

    def test_html_is_one_file_without_script(self):
        with harness.Shop() as shop:
            for kind in ("ropa", "egress"):
                done = shop.run("report", kind, "--format", "html", "--output", "report.html")
                self.assertEqual((done.status, done.out), (0, ""), done)
                tags = Tags()
                tags.feed(shop.read("report.html"))
                names = {name for name, _ in tags.seen}
                self.assertLessEqual(names, {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "dl", "dt", "dd",
                                             "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "code"})
                policies = [attributes["content"] for name, attributes in tags.seen
                            if attributes.get("http-equiv") == "Content-Security-Policy"]
                self.assertEqual(len(policies), 1)
                self.assertIn("default-src 'none'", policies[0])

    def test_what_cannot_be_written_is_told(self):
        with harness.Shop() as shop:
            done = shop.run("report", "ropa", "--output", "missing/report.md")
            self.assertEqual(done.status, 2, done)
            self.assertIn("[W-CLI-003]", done.err)
            shop.write("policies/bad.yml", "version: 1\nrules: [{id: X}]\n")
            self.assertEqual(shop.run("report", "ropa").status, 2)


class Imports(unittest.TestCase):
    BOUNCER = "manifest_checks:\n  - name: check_exposure_has_owner\n  - name: check_model_names\n    model_name_pattern: ^stg_\n"

    def test_the_output_is_a_policy_that_weir_reads(self):
        with harness.Shop() as shop:
            shop.write("dbt-bouncer.yml", self.BOUNCER)
            before = shop.run("check", "--format", "json")
            done = shop.run("import", "dbt-bouncer", "dbt-bouncer.yml", "--output", "policies/imported.yml")
            self.assertEqual((done.status, done.out), (0, ""), done)
            self.assertIn("left   check_model_names: ", done.err)
            after = shop.run("check", "--format", "json")
            self.assertEqual(after.status, before.status, after)
            self.assertEqual(shop.run("import", "dbt-bouncer", "dbt-bouncer.yml").out, shop.read("policies/imported.yml"))

    def test_nothing_is_overwritten(self):
        with harness.Shop() as shop:
            shop.write("dbt-bouncer.yml", self.BOUNCER)
            shop.write("mine.yml", "mine")
            done = shop.run("import", "dbt-bouncer", "dbt-bouncer.yml", "--output", "mine.yml")
            self.assertEqual(done.status, 2, done)
            self.assertIn("[W-IMP-003]", done.err)
            self.assertEqual(shop.read("mine.yml"), "mine")

    def test_json_and_wrong_files(self):
        with harness.Shop() as shop:
            shop.write("contract.yml", "kind: DataContract\napiVersion: v3.0.2\nschema:\n  - name: dim_customers\n    properties:\n"
                                       "      - {name: email, classification: restricted}\n")
            document = shop.run("import", "odcs", "contract.yml", "--format", "json").json()
            self.assertEqual((document["document"], document["from"], document["taken"], document["left"]),
                             ("weir.import", "odcs", ["odcs.restricted"], []))
            for arguments, code in ((("dbt-bouncer", "contract.yml"), "W-IMP-001"), (("odcs", "weir.yml"), "W-IMP-002"),
                                    (("odcs", "missing.yml"), "W-CLI-014")):
                done = shop.run("import", *arguments)
                self.assertEqual(done.status, 2, done)
                self.assertIn(f"[{code}]", done.err)


class Forecasts(unittest.TestCase):
    """What `weir plan` says of the next run, and what that run then does."""

    def forecast(self, shop, sync="crm_contacts"):
        return shop.run("plan", sync, "--format", "json").json()["plans"][0]["forecast"]

    @harness.needs_duckdb
    def test_nothing_is_foreseen_before_the_first_run_or_without_keys(self):
        with crm.Crm() as receiver, harness.Shop(receiver) as shop:
            self.assertEqual(self.forecast(shop), {"known": False, "reason": "no run has sent anything yet"})
            self.assertFalse(shop.path("state").exists())  # a plan makes nothing
            shop.sync("crm_contacts")
            shop.path("weir.keys").rename(shop.path("elsewhere"))
            self.assertEqual(self.forecast(shop), {"known": False, "reason": "there is no key file to open the state with"})

    @harness.needs_duckdb
    def test_a_denied_and_a_changed_field(self):
        with crm.Crm() as receiver, harness.Shop(receiver) as shop:
            first = shop.sync("crm_contacts").reports["crm_contacts"]["counts"]
            present = first["created"]
            same = self.forecast(shop)
            self.assertEqual([(item["kind"], item["rows_at_most"]) for item in same["items"]], [("nothing", present)])
            self.assertEqual(shop.sync("crm_contacts").reports["crm_contacts"]["counts"]["sent"], 0)
            shop.edit_policy("give: pii.name", "give: pii.text")
            shop.edit_policy("as: {hash: {normalize: email@1}}", "as: unchanged")
            shop.edit_policy("max_changes: 60%", "max_changes: 100%")
            after = self.forecast(shop)
            self.assertEqual(after["present"], present)
            self.assertEqual([(item["kind"], item["field"], item["rows_at_most"]) for item in after["items"]],
                             [("anew", None, present), ("blanked", "firstname", present)])
            self.assertIn("field `firstname` is denied: it is blanked in up to", shop.run("plan", "crm_contacts").out)
            counts = shop.sync("crm_contacts").reports["crm_contacts"]["counts"]
            self.assertGreater(counts["updated"], 0)
            self.assertLessEqual(counts["updated"], present)

    @harness.needs_duckdb
    def test_on_leave_decides_what_becomes_of_a_denied_field(self):
        with crm.Crm() as receiver, harness.Shop(receiver) as shop:
            present = shop.sync("crm_contacts").reports["crm_contacts"]["counts"]["created"]
            shop.edit_policy("give: pii.name", "give: pii.text")
            before = "withheld: delete, denied: blank"
            for action, kind in (("delete", "deleted"), ("suppress", "suppressed"), ("keep", "stays")):
                after = f"withheld: delete, denied: {action}"
                shop.edit_policy(before, after)
                before = after
                items = {item["kind"]: item for item in self.forecast(shop)["items"]}
                self.assertEqual((items[kind]["field"], items[kind]["rows_at_most"]), ("firstname", present))

    @harness.needs_duckdb
    def test_a_pull_request_says_how_many_rows(self):
        with crm.Crm() as receiver, harness.Shop(receiver) as shop:
            present = shop.sync("crm_contacts").reports["crm_contacts"]["counts"]["created"]
            shutil.copytree(shop.path("target"), shop.path("base"))

            def change(manifest):
                manifest["metadata"]["invocation_id"] = "another"
                manifest["nodes"]["model.shop.dim_customers"]["columns"]["first_name"]["tags"] = ["pii_ssn"]
                for holder in (manifest["exposures"]["exposure.shop.crm_contacts"],
                               manifest["exposures"]["exposure.shop.crm_contacts"]["config"]):
                    holder["meta"]["weir"]["columns"].pop("plan")
            shop.edit_json("target/manifest.json", change)
            done = shop.run("check", "--base", "base", "--state", "state", "--format", "json")
            rows = {row["field"]: row for row in done.json()["egress"] if row["change"] != "same"}
            name = rows["firstname"]
            self.assertEqual((name["denied"], name["rows_at_most"]), (True, present))
            self.assertTrue(name["reason"].endswith(f"it is blanked in up to {present} rows"), name)
            removed = [row for row in rows.values() if row["change"] == "removed"]
            self.assertEqual([row["rows_at_most"] for row in removed], [present])
            self.assertIn("no counts for `exposure:support_tickets`: no run has sent anything yet", done.err)
            plain = shop.run("check", "--base", "base", "--format", "json")
            self.assertNotIn("rows_at_most", plain.out)
            self.assertEqual(plain.status, done.status)
            shop.path("weir.keys").unlink()
            blind = shop.run("check", "--base", "base", "--state", "state", "--format", "json")
            self.assertEqual((blind.out, blind.status), (plain.out, plain.status))
            self.assertIn("there is no key file to open the state with", blind.err)

    @harness.needs_duckdb
    def test_another_place_is_held(self):
        with crm.Crm() as receiver, harness.Shop(receiver) as shop:
            present = shop.sync("crm_contacts").reports["crm_contacts"]["counts"]["created"]
            shop.edit("weir.yml", receiver.url, receiver.url + "/v2")
            self.assertEqual([(item["kind"], item["rows_at_most"]) for item in self.forecast(shop)["items"]], [("moved", present)])
            self.assertEqual(shop.sync("crm_contacts").status, 4)


class FirstSteps(unittest.TestCase):
    @harness.needs_duckdb
    def test_init_says_what_it_saw_and_where(self):
        with harness.Shop() as shop:
            shop.path("weir.yml").unlink()
            done = shop.run("init", "--database", "shop.duckdb", "--format", "json")
            self.assertEqual(done.status, 0, done)
            seen = {(item["class"], item["how"]): item for item in done.json()["seen"]}
            phone = next(item for (name, how), item in seen.items() if name == "pii.phone" and "meta" in how)
            self.assertIn("dim_customers.phone", phone["first"])
            self.assertEqual(seen[("pii.email", "by meta `contains: email`")]["columns"], 3)
            shop.path("weir.yml").unlink()
            text = shop.run("init", "--database", "shop.duckdb").out
            self.assertRegex(text, r"class  saw `pii\.phone` by meta `contains: phone` in .*dim_customers\.phone")


class Mistakes(unittest.TestCase):
    """What a stranger got wrong on the first day, each refused by name."""

    def test_the_operators_log_spoils_no_other_file(self):
        with harness.Shop() as shop:
            shop.write("log/crm_contacts/segment", "\x00entry")
            shop.write("elsewhere/notes.txt", "notes")
            for name, code in (("weir.keys", "W-CLI-031"), ("weir.yml", "W-CLI-031"), ("log/crm_contacts/segment", "W-CLI-031"),
                               ("target/manifest.json", "W-CLI-031"), ("elsewhere/notes.txt", "W-CLI-030")):
                before = shop.path(name).read_bytes()
                done = shop.run("plan", "--log-file", name)
                self.assertEqual(done.status, 2, done)
                self.assertIn(f"[{code}]", done.err)
                self.assertEqual(shop.path(name).read_bytes(), before)
            for arguments in (("plan", "--log-file", "o.log"), ("plan", "--log-file", "o.log"), ("plan", "--log-file", "/dev/null"),
                              ("plan", "--log-file", "j.log", "--log-format", "json")):
                self.assertNotEqual(shop.run(*arguments).status, 2, arguments)

    @harness.needs_duckdb
    def test_lost_keys_are_not_made_anew_beside_a_log(self):
        with crm.Crm() as receiver, harness.Shop(receiver) as shop:
            shop.sync("crm_contacts")
            shop.path("weir.keys").unlink()
            done = shop.run("init")
            self.assertEqual(done.status, 2, done)
            self.assertIn("[W-INIT-004]", done.err)
            self.assertFalse(shop.path("weir.keys").exists())
            shutil.rmtree(shop.path("log"))
            self.assertEqual(shop.run("init").status, 2)  # the state is still there
            shutil.rmtree(shop.path("state"))
            self.assertEqual(shop.run("init").status, 0)
            self.assertTrue(shop.path("weir.keys").exists())

    def test_a_token_in_the_databases_path_is_not_shown(self):
        token = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2ln"
        with harness.Shop() as shop:
            for database in (f"md:shop?motherduck_token={token}", f"shop.duckdb?motherduck_token={token}"):
                shop.edit("weir.yml", "path: shop.duckdb", f"path: '{database}'")
                for command in (("plan",), ("preview", "crm_contacts"), ("plan", "--format", "json")):
                    done = shop.run(*command)
                    self.assertEqual(done.status, 2, done)
                    self.assertIn("[W-CFG-006]", done.err)
                    self.assertNotIn(token, done.text)
                shop.edit("weir.yml", f"path: '{database}'", "path: shop.duckdb")
            shop.path("weir.yml").unlink()
            done = shop.run("init", "--database", f"shop.duckdb?motherduck_token={token}")
            self.assertEqual(done.status, 2, done)
            self.assertIn("[W-INIT-003]", done.err)
            self.assertNotIn(token, done.text)
            self.assertFalse(shop.path("weir.yml").exists())

    def test_a_row_filter_of_a_misspelt_column_is_named(self):
        with harness.Shop() as shop:
            shop.edit("policies/rules.yml", "send_if: {marketing_consent: true}", "send_if: {marketing_consnt: true}")
            said = r"rule `P040` at \S*policies/rules\.yml:\d+:15 filters rows by column `marketing_consnt`, which "
            self.assertRegex(shop.run("plan", "crm_contacts").out,
                             said + r"model `dim_customers` does not document; did you mean `marketing_consent`\?; where the warehouse "
                                    r"does not have it, the sync is refused\n")

    @harness.needs_duckdb
    def test_a_run_names_it_too(self):
        with crm.Crm() as receiver, harness.Shop(receiver) as shop:
            shop.edit("policies/rules.yml", "send_if: {marketing_consent: true}", "send_if: {marketing_consnt: true}")
            done = shop.run("sync", "crm_contacts")
            self.assertEqual((done.status, receiver.requests), (2, []))
            self.assertRegex(done.out, r"rule `P040` at \S*policies/rules\.yml:\d+:15 filters rows by column `marketing_consnt`, which is not "
                                       r"in \S+; did you mean `marketing_consent`\? \[W-PLAN-003\]")

    def test_two_syncs_of_one_object_are_remarked(self):
        with harness.Shop() as shop:
            shop.write("weir.yml", shop.read("weir.yml") + "syncs:\n  - {name: again, model: dim_customers, destination: crm, object: contacts, purpose: campaign, "
                                    "match: {customer_id: external_id}, columns: {country: country}}\n")
            self.assertIn("sync `sync:again` writes to object `contacts` of destination `crm`, too: a row that both have is sent twice",
                          shop.run("plan", "crm_contacts").out)
            self.assertIn("object-shared  sync:again", shop.run("check").out)

    @harness.needs_duckdb
    def test_what_init_writes_passes_lint(self):
        with harness.Shop() as shop:
            shop.path("weir.yml").unlink()
            shutil.rmtree(shop.path("policies"))
            self.assertEqual(shop.run("init", "--database", "shop.duckdb").status, 0)
            done = shop.run("policy", "lint")
            self.assertEqual(done.status, 0, done)
            # As the file itself proposes.
            shop.edit("policies/weir.yml", "# inherit: lineage", "inherit: lineage")
            self.assertEqual(shop.run("policy", "lint").status, 0)
            self.assertIn("public (by address)", shop.run("plan", "crm_contacts").out)

    def test_a_constant_is_remarked(self):
        with harness.Shop() as shop:
            self.assertIn("the mapping's own text, the same for every row; no rule decides it", shop.run("plan", "crm_contacts").out)


if __name__ == "__main__":
    harness.main()
