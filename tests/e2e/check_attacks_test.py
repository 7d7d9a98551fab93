"""What the author of a pull request may try, against the built program: each attempt ends with an error or stands in the report
as new. Those that need no files are in tests/policies/check_attacks_test.cc."""

import copy
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

CONTACTS = "exposure.shop.crm_contacts"
CUSTOMERS = "model.shop.dim_customers"

UNIQUE = "test.shop.unique_dim_customers_customer_id.15c9f1e2fd"


def weir_block(document, change):
    exposure = document["exposures"][CONTACTS]
    for meta in (exposure["meta"], exposure["config"]["meta"]):
        if "weir" in meta:
            change(meta["weir"])


def replace(folder, name, before, after):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert before in text, (name, before)
    path.write_text(text.replace(before, after), encoding="utf-8")


def append(folder, name, text):
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(text)


def shows_more(document, folder):
    columns = document["nodes"]["model.shop.fct_orders"]["columns"]
    columns["email"] = dict(copy.deepcopy(columns["gift_message"]), name="email", meta={}, config={})


def set_audience(document, audience):
    exposure = document["exposures"]["exposure.shop.weekly_revenue"]
    exposure["meta"] = exposure["config"]["meta"] = {"weir": {"audience": audience, "purpose": "support"}}


def moves_a_pinned_dashboard(document, folder):
    """The base's audience is pinned to the host of its address."""
    for name in ("policies", "base_policies"):
        (folder / name / "bi.yml").write_text("version: 1\ndestinations:\n  bi: {origin: 'https://bi.shop.example', readers: [support_team], trust: internal}\n"
                                              "purposes:\n  insight: {legal_basis: contract, syncs: ['exposure:weekly_*']}\n", encoding="utf-8")
    path = folder / "base" / "manifest.json"
    base = json.loads(path.read_text(encoding="utf-8"))
    for one in (document, base):
        exposure = one["exposures"]["exposure.shop.weekly_revenue"]
        exposure["meta"] = exposure["config"]["meta"] = {"weir": {"audience": "bi", "purpose": "insight"}}
    path.write_text(json.dumps(base), encoding="utf-8")
    document["exposures"]["exposure.shop.weekly_revenue"]["url"] = "https://elsewhere.example/7"


def shows_a_source(document, folder):
    exposure = copy.deepcopy(document["exposures"]["exposure.shop.weekly_revenue"])
    exposure.update(name="raw_look", unique_id="exposure.shop.raw_look", url=None)
    exposure["depends_on"]["nodes"] = ["source.shop.raw.customers"]
    document["exposures"]["exposure.shop.raw_look"] = exposure


def edits_a_macro(document, name, before, after):
    macro = document["macros"][name]
    assert before in macro["macro_sql"], macro
    macro["macro_sql"] = macro["macro_sql"].replace(before, after)


def takes_the_name_of_a_test(document, folder):
    macro = copy.deepcopy(document["macros"]["macro.dbt.test_unique"])
    macro.update(unique_id="macro.shop.test_unique", package_name="shop", macro_sql="{% test unique(model, column_name) %} select 1 where false {% endtest %}")
    macro["depends_on"]["macros"] = []
    document["macros"]["macro.shop.test_unique"] = macro
    macros = document["nodes"][UNIQUE]["depends_on"]["macros"]
    macros[macros.index("macro.dbt.test_unique")] = "macro.shop.test_unique"


def only_parses(document, folder):
    """`dbt parse` on both sides: nothing is compiled."""
    path = folder / "base" / "manifest.json"
    base = json.loads(path.read_text(encoding="utf-8"))
    for one in (document, base):
        for node in one["nodes"].values():
            for key in ("compiled", "compiled_code", "compiled_path"):
                node.pop(key, None)
    path.write_text(json.dumps(base), encoding="utf-8")


def formats_a_test(document, folder):
    test = document["nodes"][UNIQUE]
    test["compiled_code"] = "\n" + test["compiled_code"].replace("\n    ", "\n  ")
    test["config"].update(store_failures=True, store_failures_as="table", limit=100)


def sends_beside_the_guards(document, folder):
    """The policy guards `crm_contacts` by its name."""
    exposure = copy.deepcopy(document["exposures"][CONTACTS])
    exposure.update(name="crm_more", unique_id="exposure.shop.crm_more", fqn=["shop", "crm_more"])
    document["exposures"]["exposure.shop.crm_more"] = exposure


def takes_a_source_for_fresh(document, folder):
    for name in ("policies", "base_policies"):
        append(folder, f"{name}/requirements.yml", "\n  - {id: Q050, select: 'exposure:*', for: sync, fresh: {max_age: 6h}, why: no stale data}\n")
    document["sources"]["source.shop.raw.customers"]["loaded_at_field"] = "now()"


def renames_a_column(document, folder):
    columns = document["nodes"][CUSTOMERS]["columns"]
    columns["e"] = dict(copy.deepcopy(columns["email"]), name="e", meta={}, tags=[], config={"meta": {}, "tags": []})

    def change(block):
        del block["columns"]["email"]
        block["columns"]["e"] = "email"

    weir_block(document, change)


def renames_it_in_the_sql(document, folder):
    renames_a_column(document, folder)
    node = document["nodes"][CUSTOMERS]
    node["compiled_code"] = node["compiled_code"].replace("customers.email,", "customers.email as e,")


def edits_what_was_declassified(document, folder):
    node = document["nodes"][CUSTOMERS]
    node["compiled_code"] = node["compiled_code"].replace("count(*)", "max(customer_id)")


def adds_a_sync_to_weir_yml(document, folder):
    append(folder, "weir.yml", "syncs:\n  - {name: quiet, model: dim_customers, destination: crm, purpose: campaign, match: customer_id, columns: [ssn]}\n")


def takes_a_policy_of_his_own(document, folder):
    shutil.copytree(folder / "policies", folder / "mine")
    (folder / "mine" / "more.yml").write_text("version: 1\nrules: [{id: Z, give: pii.phone, to: any, as: unchanged}]\n", encoding="utf-8")
    replace(folder, "weir.yml", "policies: policies", "policies: mine")


def forges_the_base(document, folder):
    (folder / "base" / "manifest.json").write_text("{}", encoding="utf-8")


def removes_the_base(document, folder):
    (folder / "base" / "manifest.json").unlink()


def removes_the_policy(document, folder):
    for path in (folder / "base_policies").iterdir():
        path.unlink()


def links_a_policy_from_elsewhere(document, folder):
    (folder / "outside.yml").write_text("version: 1\nrules: [{id: Z, give: pii, to: any, as: unchanged}]\n", encoding="utf-8")
    (folder / "policies" / "link.yml").symlink_to(folder / "outside.yml")


def edit_sql(document, before, after):
    node = document["nodes"][CUSTOMERS]
    assert before in node["compiled_code"], before
    node["compiled_code"] = node["compiled_code"].replace(before, after)


def inherits(folder):
    """The protected branch's policy inherits, and so does the pull request's; an edit of SQL makes nothing void."""
    for name in ("policies", "base_policies"):
        harness.declassify_nothing(folder / name / "data.yml")


def inherits_nothing(folder):
    for name in ("policies", "base_policies"):
        harness.inherit_nothing(folder / name / "data.yml")


def unmark_source(document, folder):
    """In the base the source says what `plan` is, and nobody below it does."""
    inherits(folder)
    path = folder / "base" / "manifest.json"
    base = json.loads(path.read_text(encoding="utf-8"))
    columns = base["sources"]["source.shop.raw.customers"]["columns"]
    columns["plan"] = dict(copy.deepcopy(columns["email"]), name="plan", meta={"contains": "phone"}, config={"meta": {"contains": "phone"}})
    path.write_text(json.dumps(base), encoding="utf-8")


def of_adapter(document, folder, adapter):
    """Both sides' SQL is that of another warehouse."""
    inherits(folder)
    path = folder / "base" / "manifest.json"
    base = json.loads(path.read_text(encoding="utf-8"))
    for one in (document, base):
        one["metadata"]["adapter_type"] = adapter
    path.write_text(json.dumps(base), encoding="utf-8")


STAGED = '"shop"."analytics_staging"."stg_customers"'


def hides_behind_a_name(document, folder, adapter, outer, inner):
    """To the warehouse `from OUTER` is the outer WITH, in which `plan` is an SSN."""
    of_adapter(document, folder, adapter)
    edit_sql(document, "with orders as", f"with {outer} as (select * replace (ssn as plan) from {STAGED}), orders as")
    node = document["nodes"][CUSTOMERS]
    begin = node["compiled_code"].index("select\n    customers.")
    body = node["compiled_code"][begin:].replace(STAGED + " as customers", outer + " as customers").rstrip()
    node["compiled_code"] = node["compiled_code"][:begin] + f"select * from (with {inner} as (select * from {STAGED}) {body}) q"


def hides_in(document, folder, adapter, plan):
    of_adapter(document, folder, adapter)
    edit_sql(document, "customers.plan,", plan)


# Of SQL: DuckDB follows it.
FOLLOWED = [
    ("makes something else of a column", lambda document, folder: (inherits_nothing(folder), edit_sql(document, "customers.plan,", "customers.phone as plan,")), 0, "column-changed"),
    ("the same, where classes are inherited", lambda document, folder: (inherits(folder), edit_sql(document, "customers.plan,", "customers.created_at as plan,")), 0, "column-changed"),
    ("makes a marked column of it", lambda document, folder: (inherits(folder), edit_sql(document, "customers.plan,", "customers.ssn as plan,")), 1, "P001"),
    ("takes the mark off the source", unmark_source, 0, "class-lost"),
    ("hides SQL from whoever follows it", lambda document, folder: (inherits_nothing(folder), edit_sql(document, "customers.plan,", "{{ customers.phone }} as plan,")), 0, "column-changed"),
    ("hides SQL in a comment that a carriage return ends", lambda document, folder: hides_in(document, folder, "duckdb", "customers.plan -- \r || customers.ssn\n as plan,"), 1, "column-denied"),
    ("hides it in a comment of two lines", lambda document, folder: hides_in(document, folder, "databricks", "customers.plan -- \\\n /* \n || customers.ssn -- */\n as plan,"), 1, "column-denied"),
    ("hides it in a comment inside a comment", lambda document, folder: hides_in(document, folder, "postgres", "/* /*/ customers.plan as plan, -- */ */ customers.ssn as plan,\n"), 1, "column-denied"),
    ("hides it behind a backslash", lambda document, folder: hides_in(document, folder, "redshift", "customers.plan || '\\'' || customers.ssn || ' || ' as plan, -- ' as plan,"), 1, "column-denied"),
    ("names a column in a text", lambda document, folder: hides_in(document, folder, "snowflake", "identifier('customers.ssn') as plan,"), 1, "column-denied"),
    ("hides it behind a name in quotes", lambda document, folder: hides_behind_a_name(document, folder, "postgres", "c", '"C"'), 1, "column-denied"),
    ("hides it behind a name with a blank", lambda document, folder: hides_behind_a_name(document, folder, "postgres", "c", "c\u00a0"), 1, "column-denied"),
    ("hides it behind a name that is cut", lambda document, folder: hides_behind_a_name(document, folder, "postgres", "l" * 64, "l" * 63 + "m"), 1, "column-denied"),
    ("edits SQL, and not what is sent", lambda document, folder: (inherits(folder), edit_sql(document, "customers.notes", "upper(customers.notes) as notes")), 0, None),
]

# name, edit, exit status, rule of a new finding or code of a message
ATTACKS = [
    ("nothing", lambda document, folder: None, 0, None),
    ("renames a column, of which no SQL tells", renames_a_column, 1, "column-denied"),
    ("renames a column in its SQL", renames_it_in_the_sql, 1, "declassify-stale"),
    ("edits what was declassified", edits_what_was_declassified, 1, "declassify-stale"),
    ("sends an SSN", lambda document, folder: weir_block(document, lambda block: block["columns"].update(ssn="ssn")), 1, "P001"),
    ("matches by an SSN", lambda document, folder: weir_block(document, lambda block: block.update(match={"ssn": "id"})), 1, "sync-refused"),
    ("writes elsewhere at the destination", lambda document, folder: weir_block(document, lambda block: block.update(object="wiki")), 0, "object-changed"),
    ("turns the destination elsewhere", lambda document, folder: replace(folder, "weir.yml", "127.0.0.1:8765", "127.0.0.1:9999"), 1, "origin-differs"),
    ("turns the destination to another account's path", lambda document, folder: replace(folder, "weir.yml", "8765/contacts", "8765/mine"), 0, "destination-changed"),
    ("writes its files in another format", lambda document, folder: replace(folder, "weir.yml", "format: jsonl", "format: csv"), 0, "destination-changed"),
    ("turns a folder elsewhere", lambda document, folder: replace(folder, "weir.yml", "path: sent/helpdesk", "path: ../public"), 0, "destination-changed"),
    ("turns a destination elsewhere in one environment", lambda document, folder: append(folder, "weir.yml", "    destinations: {crm: {kind: http, url: 'http://127.0.0.1:8765/mine'}}\n"), 0, "destination-changed"),
    ("sends by another account's credentials", lambda document, folder: replace(folder, "weir.yml", "deduplicates: true", "deduplicates: true, headers: {Authorization: 'env:MINE'}"), 0, "destination-changed"),
    ("reads another warehouse", lambda document, folder: replace(folder, "weir.yml", "path: shop.duckdb", "path: raw.duckdb"), 0, "config-changed"),
    ("keeps the log elsewhere", lambda document, folder: replace(folder, "weir.yml", "audit: log", "audit: log2"), 0, "config-changed"),
    ("damages the base's weir.yml", lambda document, folder: append(folder, "base.yml", "nothing: of value\n"), 0, "base-config-unknown"),
    ("asks less often", lambda document, folder: replace(folder, "weir.yml", "deduplicates: true", "deduplicates: true, timeout: 5s"), 0, None),
    ("points a dashboard at another model", lambda document, folder: document["exposures"]["exposure.shop.weekly_revenue"]["depends_on"].update(nodes=[CUSTOMERS]), 0, "model-changed"),
    ("moves a dashboard to another host", lambda document, folder: document["exposures"]["exposure.shop.weekly_revenue"].update(url="https://elsewhere.example/7"), 0, "destination-changed"),
    ("hides where a dashboard is", lambda document, folder: document["exposures"]["exposure.shop.weekly_revenue"].update(url="https://bi.shop.example@elsewhere.example/7"), 0, "destination-changed"),
    ("moves a dashboard whose audience is pinned", moves_a_pinned_dashboard, 1, "audience-refused"),
    ("shows a source", shows_a_source, 0, "audience-unknown"),
    ("sends another constant", lambda document, folder: weir_block(document, lambda block: block["columns"].update(source={"constant": "4111 1111"})), 0, "column-changed"),
    ("sends again what may have arrived", lambda document, folder: weir_block(document, lambda block: block.update(on_unknown="resend")), 0, "mode-changed"),
    ("bears rows that are refused", lambda document, folder: weir_block(document, lambda block: block.update(fail_when={"rejected": "90%"})), 0, "mode-changed"),
    ("tests by another package's test", lambda document, folder: document["nodes"][UNIQUE]["test_metadata"].update(namespace="mine"), 1, "gate-weakened"),
    ("tests by a macro that finds nothing", lambda document, folder: edits_a_macro(document, "macro.dbt.default__test_unique", "> 1", "> 1000"), 0, "gate-weakened"),
    ("tests by a macro of his own", takes_the_name_of_a_test, 1, "gate-weakened"),
    ("tests by a macro of his own, and compiles nothing", lambda document, folder: (inherits_nothing(folder), only_parses(document, folder), takes_the_name_of_a_test(document, folder)), 1, "gate-weakened"),
    ("compiles nothing", lambda document, folder: (inherits_nothing(folder), only_parses(document, folder)), 0, None),
    ("tests other SQL", lambda document, folder: document["nodes"][UNIQUE].update(compiled_code="select 1 where false"), 0, "gate-weakened"),
    ("keeps a test's failures, and formats it", formats_a_test, 0, None),
    ("deletes a unit test", lambda document, folder: document["unit_tests"].clear(), 0, "gate-weakened"),
    ("changes the table after it was built", lambda document, folder: document["nodes"][CUSTOMERS]["config"].update({"post-hook": [{"sql": "update {{ this }} set plan = phone", "transaction": True, "index": None}]}), 0, "hook-changed"),
    ("gives a function another meaning", lambda document, folder: document["nodes"][CUSTOMERS]["config"].update(sql_header="create macro lower(x) as x;"), 0, "hook-changed"),
    ("sends twice, once outside of the guards", sends_beside_the_guards, 1, "gate-weakened"),
    ("says what a dashboard is for, and not for whom", lambda document, folder: document["exposures"]["exposure.shop.weekly_revenue"].update(meta={"weir": {"purpose": "support"}}, config={"enabled": True, "meta": {"weir": {"purpose": "support"}}}), 2, "W-SYN-001"),
    ("takes a source for fresh", takes_a_source_for_fresh, 0, "gate-weakened"),
    ("shows a column of a dashboard that it did not show", shows_more, 0, "audience-unknown"),
    ("says that a dashboard is another destination's", lambda document, folder: set_audience(document, "helpdesk"), 1, "destination-changed"),
    ("widens a row filter of the policy", lambda document, folder: replace(folder, "policies/rules.yml", "marketing_consent: true", "marketing_consent: {in: [true, false]}"), 0, "policy-loosened"),
    ("trusts a destination", lambda document, folder: replace(folder, "policies/recipients.yml", "trust: external", "trust: internal"), 0, "policy-loosened"),
    ("lets a guard bear more", lambda document, folder: replace(folder, "policies/requirements.yml", "max_deletes: 20%", "max_deletes: 90%"), 0, "policy-loosened"),
    ("leaves at the destination what is denied", lambda document, folder: replace(folder, "policies/recipients.yml", "denied: blank}\n  helpdesk", "denied: keep}\n  helpdesk"), 0, "policy-loosened"),
    ("adds a sync to weir.yml", adds_a_sync_to_weir_yml, 1, "sync-refused"),
    ("takes a policy of his own", takes_a_policy_of_his_own, 0, "policy-loosened"),
    ("forges the base", forges_the_base, 3, "W-ART-003"),
    ("removes the base", removes_the_base, 3, "W-ART-001"),
    ("removes the policy", removes_the_policy, 2, "W-POL-001"),
    ("links a policy from elsewhere", links_a_policy_from_elsewhere, 2, "W-POL-001"),
]


class CheckAttacks(unittest.TestCase):
    def test_each_is_named(self):
        library = harness.duckdb_library()
        if not library:
            print("SKIPPED: attacks by SQL; DuckDB's library is missing, tests/run.sh gets it")
        environment = {**os.environ, "WEIR_DUCKDB_LIBRARY": str(library or "")}
        for name, edit, status, says in ATTACKS + (FOLLOWED if library else []):
            with self.subTest(name), tempfile.TemporaryDirectory(prefix="weir-attack-") as temporary:
                folder = pathlib.Path(temporary)
                for part in ("target", "policies", "models"):
                    shutil.copytree(harness.SHOP / part, folder / part)
                for part in ("weir.yml", "dbt_project.yml"):
                    shutil.copy(harness.SHOP / part, folder)
                shutil.copytree(folder / "target", folder / "base")
                shutil.copytree(folder / "policies", folder / "base_policies")
                shutil.copy(folder / "weir.yml", folder / "base.yml")
                manifest = folder / "target" / "manifest.json"
                document = json.loads(manifest.read_text(encoding="utf-8"))
                edit(document, folder)
                manifest.write_text(json.dumps(document) + "\n", encoding="utf-8")  # the same bytes would be no base
                done = subprocess.run([harness.program(), "check", "--base", "base", "--head", "target", "--base-policies", "base_policies", "--base-config", "base.yml",
                                       "--format", "json"], cwd=folder, env=environment, capture_output=True, text=True, timeout=harness.PATIENCE_S)
                self.assertEqual(done.returncode, status, done.stderr)
                if status in (0, 1):
                    new = {finding["rule"] for finding in json.loads(done.stdout)["findings"] if finding["status"] == "new"}
                    self.assertTrue(says in new if says else not new, (says, new))
                else:
                    self.assertIn(f"[{says}]", done.stderr)


    def test_each_finding_is_explained(self):
        for rule in sorted({says for _, _, status, says in ATTACKS + FOLLOWED if says and status in (0, 1)} - {"P001"}):
            done = subprocess.run([harness.program(), "help", rule], capture_output=True, text=True, timeout=harness.PATIENCE_S)
            self.assertEqual(done.returncode, 0, done)
            self.assertTrue(done.stdout.startswith(rule + "  "), done.stdout)
            self.assertIn("What to do:", done.stdout)
        done = subprocess.run([harness.program(), "help", "colum-denied"], capture_output=True, text=True, timeout=harness.PATIENCE_S)
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean `column-denied`?", done.stderr)


if __name__ == "__main__":
    unittest.main()
