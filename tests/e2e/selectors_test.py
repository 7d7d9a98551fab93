"""dbt's node selection, held against real `dbt ls`: on the shop, and on the shop with versions, snapshots, metrics, a
package and what else dbt selects (selection_project/). `weir inspect --select EXPR` must find the same unique_ids."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

HERE = pathlib.Path(__file__).resolve().parent

# On both projects. An expression, or (select, exclude).
EXPRESSIONS = """
*
fqn:*
dim_customers
Dim_customers
dim
dim_*
*_customers
stg_?rders
stg_[a-o]*
stg_[!c]*
[s]tg_tickets
fct_*s
shop.marts.dim_customers
shop.marts
shop
marts
staging
marts.dim_customers
staging.*
*.marts.*
shop.*
shop.*.dim_customers
marts.dim_*
weekly_revenue
exposure_that_is_none
fqn:dim_customers
fqn:shop.staging
fqn:shop.staging.stg_*
fqn:*orders*
fqn:raw_customers
unique_dim_customers_customer_id
orders_have_no_negative_amount
shop.orders_have_no_negative_amount
tag:pii
tag:PII
tag:pii*
tag:p?i
tag:nothing
package:shop
package:this
package:sh*
package:dbt
path:models
path:models/
path:./models
path:models/marts
path:models/marts/
path:models/marts/*
path:models/marts/*.sql
path:models/marts/*.yml
path:models/marts/dim_customers.sql
path:models/marts/_marts.yml
path:models/marts/_exposures.yml
path:models/**/*.sql
path:models/**/dim_*.sql
path:models/**
path:**/marts
path:*/staging
path:mod*
path:seeds
path:tests
path:nothing
path:models/mart
models/marts
models/staging/
models/marts/fct_orders.sql
models/*/stg_*.sql
./models/staging
file:dim_customers.sql
file:dim_customers
file:*.csv
file:stg_*
file:_marts.yml
file:_marts
file:*.yml
dim_customers.sql
raw_customers.csv
stg_*.sql
Dim_Customers.SQL
resource_type:model
resource_type:seed
resource_type:snapshot
resource_type:source
resource_type:test
resource_type:unit_test
resource_type:exposure
resource_type:analysis
resource_type:metric
resource_type:semantic_model
resource_type:saved_query
source:*
source:raw
source:raw.customers
source:raw.*
source:shop.raw.customers
source:sh*.raw.*
source:*.customers
source:r?w
source:other
source:shop.raw
exposure:*
exposure:crm_contacts
exposure:shop.crm_contacts
exposure:*_contacts
exposure:other.*
exposure:weekly_*
access:public
access:private
access:protected
access:pub*
group:growth
group:g*
group:*
group:nobody
version:latest
version:old
version:prerelease
version:none
test_type:generic
test_type:schema
test_type:singular
test_type:data
test_type:unit
test_name:unique
test_name:not_null
test_name:un*
test_name:accepted_values
test_name:relationships
test_name:nothing
unit_test:*
unit_test:shop.*
metric:*
semantic_model:*
saved_query:*
config.materialized:table
config.materialized:view
config.materialized:test
config.materialized:incremental
config.materialized:ephemeral
config.materialized:*
config.enabled:true
config.enabled:True
config.enabled:false
config.severity:warn
config.severity:WARN
config.severity:error
config.severity:ERROR
config.contract.enforced:true
config.contract.enforced:false
config.contract.alias_types:true
config.access:private
config.access:protected
config.group:growth
config.tags:pii
config.tags:nightly
config.schema:staging
config.schema:raw
config.on_schema_change:ignore
config.on_schema_change:fail
config.persist_docs.relation:true
config.docs.show:true
config.docs.show:false
config.packages:x
config.unique_key:customer_id
config.grants.select:reporter
config.meta.contains_pii:true
config.meta.nothing:x
config.meta.owner.team:growth
config.meta.uses:ads
config.meta.uses:a*
config.meta.owner:team
config.fail_calc:count(*)
config.error_if:!=
config.strategy:check
config.freshness.warn_after.period:hour
config.freshness.warn_after.period:day
config.loaded_at_field:loaded_at
config.incremental_strategy:merge
+dim_customers
dim_customers+
+dim_customers+
1+dim_customers
2+dim_customers
0+dim_customers
dim_customers+1
dim_customers+0
10+dim_customers+10
@dim_customers
@stg_customers
@stg_orders
@raw_customers
@source:raw.customers
@1+stg_orders
+exposure:crm_contacts
1+exposure:crm_contacts
2+exposure:*
source:raw+
source:raw.customers+
source:raw+1
source:raw.orders+2
+tag:pii
tag:pii+
+path:models/marts
path:models/staging+1
resource_type:source+1
+unique_dim_customers_customer_id
+test_type:singular
+resource_type:unit_test
stg_*+
1+fct_*+1
+config.materialized:table
seeds/raw_orders.csv+
dim_customers stg_orders
dim_customers dim_customers
stg_customers raw_* tag:pii
resource_type:seed resource_type:source
+dim_customers +fct_orders
exposure:* source:*
dim_customers,resource_type:model
marts,resource_type:test
resource_type:model,path:models/staging
config.materialized:table,path:models/marts,dim_*
+fct_orders,+dim_customers
+fct_orders,+dim_customers,resource_type:source
stg_customers+,resource_type:exposure
+exposure:crm_contacts,resource_type:source
@stg_orders,resource_type:seed
marts,tag:pii staging,resource_type:model
dim_customers,fct_orders
test_type:generic,test_name:unique
test_name:not_null,config.severity:warn
""".strip().split("\n")

PAIRS = [
    ("", "dim_customers"),
    ("", "resource_type:test"),
    ("", "tag:pii"),
    ("", "+exposure:crm_contacts"),
    ("", "source:* resource_type:seed"),
    ("", "dim_customers,resource_type:model"),
    ("*", "*"),
    ("marts", "resource_type:test"),
    ("marts staging", "dim_* stg_*"),
    ("+dim_customers", "resource_type:seed"),
    ("+dim_customers+", "exposure:*"),
    ("@stg_orders", "@stg_customers"),
    ("resource_type:model", "path:models/staging"),
    ("resource_type:test", "test_type:generic"),
    ("source:raw+", "source:raw.customers+"),
    ("config.materialized:table", "config.contract.enforced:true"),
    ("stg_*+", "stg_orders+,resource_type:model"),
    ("resource_type:exposure", "crm_*"),
]

# On the larger project: what the shop has not.
LARGER = """
customer_scores
customer_scores.v1
customer_scores.v2
customer_scores_v2
customer_scores.vbeta
customer_scores_vbeta
customer_scores.v9
core.customer_scores
shop.core.customer_scores.v1
anywhere.customer_scores.v1
customer_*
*scores*
core.customer_scores.*
v1
*.v1
core
score_history
score_notes
switched_off
version:latest,resource_type:model
version:old,core
version:prerelease,core
version:none,core
version:old+
+version:latest
tag:scores
tag:old_scores
tag:nightly
tag:key
tag:column_test
tag:unit_nightly
tag:weekly
tag:board
tag:events
tag:of_parts
tag:*_scores
config.tags:scores
config.tags:column_test
config.tags:key
config.tags:kpi
config.tags:events
config.tags:unit_nightly
config.where:customer_id
config.grants.select:auditor
config.grants.select:nobody
config.meta.publish.exclude:true
config.meta.contains:clicks
config.unique_key:customer_id
config.persist_docs.columns:false
config.persist_docs.columns:true
config.access:public
config.access:protected
access:protected,core
group:growth,resource_type:test
group:growth,resource_type:metric
group:*,core
metric:orders_*
metric:shop.orders_scored
metric:parts.*
+metric:orders_scored
metric:orders_scored+
semantic_model:scored_orders
semantic_model:shop.scored_orders+
saved_query:weekly_scores
+saved_query:weekly_scores
orders_scored
weekly_scores
scored_orders
scores_are_counted
unit_test:scores_are_counted
unit_test:*counted
+unit_test:scores_are_counted
test_name:scores_*
test_type:unit,core
snap_scores
+snap_scores
resource_type:snapshot+
score_analysis
path:analyses
score_analysis+
+score_analysis
no_negative_scores
path:tests/no_negative_scores.sql
path:models/core/_core.yml
path:models/core
path:models/core/*.sql
path:models/core/part_models.sql
path:models/part_totals.sql
path:parts
path:parts/models
path:seeds/part_codes.csv
path:seeds
path:**
path:*
models/core
file:_parts.yml
file:part_*
file:customer_scores_v?.sql
package:parts
package:p*s
package:parts,resource_type:model
parts
parts.core
parts.core.part_models
part_*
core.part_models
exposure:parts.*
exposure:parts.part_list
exposure:part_list
+exposure:part_list
+exposure:score_board
source:web
source:web*
source:web.*
source:*.clicks
source:web*.click?
source:shop.*.clicks
source:parts.*.*
source:web.clicks+
config.freshness.warn_after.period:day,source:*
@snap_scores
@customer_scores.v1
@part_codes
2+weekly_scores
customer_scores+
customer_scores.v2+1
package:parts+
tag:nightly,tag:scores
tag:nightly,version:latest
package:this,tag:nightly
""".strip().split("\n")

# Where a selector here answers otherwise, and why; each is asserted to differ.
BEYOND = {
    "config.meta.tier:gold": "exposures have meta too; dbt does not look into theirs",
    "config.meta.tier:2": "numbers are found by their text",
    "config.meta.publish.include:true": "keys that hold dots are found",
    "tag:kpi": "metrics have the tags of their config too",
}

# Refused by both.
REFUSED_BY_BOTH = ["resource_type:modle", "version:newest", "test_type:unti", "source:a.b.c.d", "exposure:a.b.c",
                   "metric:a.b.c", "unit_test:a.b.c", "@dim_customers+", "state:modified", "tags:pii", "exposures:*",
                   "selector:nightly"]
# dbt selects nothing, or everything, and goes on; here a misspelt selection is an error.
REFUSED_HERE = ["config:x", "config.meta:x", "config.materialised:table", "exposure:", "dim_customers,,fct_orders"]


def weir(folder, select, exclude):
    chosen = (["--select", select] if select else []) + (["--exclude", exclude] if exclude else [])
    done = subprocess.run([str(harness.program()), "inspect", "--target", str(folder / "target"), *chosen, "--format", "json"],
                          capture_output=True, text=True, timeout=harness.PATIENCE_S)
    if done.returncode == 2:
        return None
    if done.returncode != 0:
        raise AssertionError(f"{select} {exclude}: {done.stderr}")
    return [item["unique_id"] for item in json.loads(done.stdout)["selected"]]


class Project:
    """A copy of the shop, with `more` laid over it, parsed by dbt."""

    def __init__(self, more=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-select-"))
        shutil.copytree(harness.SHOP, self.folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"))
        self.python = str(harness.venv() / "bin" / "python")
        self.environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        if more is not None:
            shutil.copytree(more, self.folder, dirs_exist_ok=True)
            subprocess.run([str(harness.venv() / "bin" / "dbt"), "deps", "--profiles-dir", "."], cwd=self.folder,
                           env=self.environment, check=True, capture_output=True)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def dbt(self, pairs):
        lines = "".join(json.dumps(pair) + "\n" for pair in pairs)
        done = subprocess.run([self.python, str(HERE / "dbt_selections.py")], cwd=self.folder, env=self.environment,
                              input=lines, capture_output=True, text=True)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode != 0 or len(answers) != len(pairs):
            raise AssertionError(f"dbt answered {len(answers)} of {len(pairs)}: {done.stderr[-2000:]}")
        return answers


@harness.needs_dbt
class Selectors(unittest.TestCase):
    def compare(self, more, pairs):
        project = Project(more)
        self.addCleanup(project.close)
        wrong, empty = [], 0
        for (select, exclude), expected in zip(pairs, project.dbt(pairs)):
            found = weir(project.folder, select, exclude)
            empty += not found
            if found != expected:
                only = {"dbt only": sorted(set(expected or []) - set(found or [])),
                        "weir only": sorted(set(found or []) - set(expected or [])), "refused": (expected is None, found is None)}
                wrong.append(f"--select {select!r} --exclude {exclude!r}: {only}")
        print(f"{len(pairs)} expressions, {empty} of them find nothing")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))
        self.assertLess(empty * 2, len(pairs), "most expressions must find something")

    def test_equal_dbt_on_the_shop(self):
        pairs = [(text, "") for text in EXPRESSIONS] + PAIRS
        self.assertGreater(len(pairs), 150)
        self.compare(None, pairs)

    def test_equal_dbt_on_a_larger_project(self):
        self.compare(HERE / "selection_project", [(text, "") for text in EXPRESSIONS + LARGER] + PAIRS)

    def test_differ_only_where_documented(self):
        project = Project(HERE / "selection_project")
        self.addCleanup(project.close)
        both = project.dbt([(text, "") for text in list(BEYOND) + REFUSED_BY_BOTH + REFUSED_HERE])
        for text, expected in zip(list(BEYOND) + REFUSED_BY_BOTH + REFUSED_HERE, both):
            found = weir(project.folder, text, "")
            with self.subTest(text):
                if text in BEYOND:
                    self.assertLess(set(expected), set(found), BEYOND[text])
                else:
                    self.assertIsNone(found)
                    self.assertEqual(expected is None, text in REFUSED_BY_BOTH, f"dbt: {expected}")


if __name__ == "__main__":
    harness.main()
