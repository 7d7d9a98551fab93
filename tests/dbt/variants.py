"""The variants of the shop that tests run on: what each changes, in the warehouse, in the artifacts, in the policies.

Artifacts come from real dbt: `record_variants.py` runs it and writes `recorded/`, and `make_variants.py` puts a
recording over a copy of the shop. A recorded `manifest.patch.json` says how the manifest of that run differs.
"""

import dataclasses

CONSENTED = "select customer_id from shop.analytics.dim_customers where marketing_consent order by customer_id"

FRESHNESS_POLICY = """version: 1

require:
  - id: Q900
    select: 'exposure:*'
    for: sync
    fresh: {max_age: 3650d}
    why: a campaign on stale data annoys people
"""


@dataclasses.dataclass
class Variant:
    about: str
    recorded: bool = False     # artifacts of its own, in recorded/NAME/
    pull_request: bool = False  # base/ has the shop's artifacts, target/ those of the head
    fresh_now: bool = False    # sources.json as if written at this moment
    policy: str = ""           # one more policy file
    sql: tuple = ()            # run on the copy of shop.duckdb, in order
    facts: dict = dataclasses.field(default_factory=dict)  # name -> query whose first column tests want to know, before sql


VARIANTS = {
    "as_built": Variant("the shop as it is"),

    # What dbt says.
    "failing_test": Variant("accepted_values on dim_customers.plan fails: one customer has the plan `platinum`",
                            recorded=True,
                            sql=("update shop.analytics.dim_customers set plan = 'platinum' where customer_id = 7",)),
    "failing_upstream_test": Variant("unique on stg_customers fails; dim_customers and its tests are skipped", recorded=True),
    "failing_build": Variant("dim_customers could not be built: a sum does not fit its type", recorded=True),
    "built_without_tests": Variant("`dbt run` after `dbt build`: the models are newer than their tests", recorded=True),
    "partial_build": Variant("`dbt build --select fct_tickets`: says nothing about dim_customers", recorded=True),
    "docs_generated": Variant("`dbt docs generate` wrote over run_results.json: no test ran", recorded=True),
    "compiled": Variant("`dbt compile` wrote over run_results.json: no test ran", recorded=True),
    "other_environment": Variant("run_results.json is of a build in the schema `ci`", recorded=True),
    "stale_sources": Variant("raw.customers is three days old (error), raw.tickets 18 hours (warn)",
                             recorded=True, policy=FRESHNESS_POLICY),
    "missing_source": Variant("raw.customers could not be checked, so sources.json does not name it",
                              recorded=True, policy=FRESHNESS_POLICY),
    "fresh_sources": Variant("freshness is required, and sources.json is of this moment",
                             fresh_now=True, policy=FRESHNESS_POLICY),
    "pull_request": Variant("adds dim_customers.loyalty_phone, marked `contains: phone`, and maps it in crm_contacts",
                            recorded=True, pull_request=True),

    # What the warehouse holds.
    "consent_withdrawn": Variant("three customers withdrew their consent, one agreed anew",
        facts={"withdrawn": CONSENTED + " limit 3",
               "agreed": "select min(customer_id) from shop.analytics.dim_customers where not marketing_consent"},
        sql=("create temp table withdrawn as " + CONSENTED + " limit 3",
             "update shop.analytics.dim_customers set marketing_consent = true where customer_id ="
             " (select min(customer_id) from shop.analytics.dim_customers where not marketing_consent)",
             "update shop.analytics.dim_customers set marketing_consent = false"
             " where customer_id in (from withdrawn)")),
    "consent_unknown": Variant("the consent of one customer became NULL",
        facts={"unknown": CONSENTED + " limit 1"},
        sql=("update shop.analytics.dim_customers set marketing_consent = null"
             " where customer_id in (" + CONSENTED + " limit 1)",)),
    "customer_gone": Variant("two customers are gone, with their orders and tickets",
        facts={"gone": CONSENTED + " limit 2"},
        sql=("create temp table gone as " + CONSENTED + " limit 2",
             "delete from shop.analytics.fct_tickets where customer_id in (from gone)",
             "delete from shop.analytics.fct_orders where customer_id in (from gone)",
             "delete from shop.analytics.dim_customers where customer_id in (from gone)")),
    "value_changed": Variant("one customer has another plan; the first name of another is now NULL",
        facts={"changed": CONSENTED + " limit 2"},
        sql=("create temp table changed as " + CONSENTED + " limit 2",
             "update shop.analytics.dim_customers set first_name = null where customer_id in (select max(customer_id) from changed)",
             "update shop.analytics.dim_customers set plan = case plan when 'pro' then 'basic' else 'pro' end"
             " where customer_id in (select min(customer_id) from changed)")),
    "hidden_change": Variant("an address differs in case alone, which its hash does not show",
        facts={"changed": CONSENTED.replace("order by", "and email like '%@example.com' order by") + " limit 1"},
        sql=("update shop.analytics.dim_customers set email = upper(email) where customer_id in ("
             + CONSENTED.replace("order by", "and email like '%@example.com' order by") + " limit 1)",)),
    "shrunk": Variant("four of five customers are missing",
        sql=("delete from shop.analytics.dim_customers where customer_id % 5 <> 0",)),
    "empty_table": Variant("dim_customers has no row", sql=("delete from shop.analytics.dim_customers",)),
    "duplicate_key": Variant("one customer stands in the table twice",
        facts={"twice": CONSENTED + " limit 1"},
        sql=("insert into shop.analytics.dim_customers select * from shop.analytics.dim_customers"
             " where customer_id in (" + CONSENTED + " limit 1)",)),
    "null_key": Variant("a customer has no number",
        sql=("alter table shop.analytics.dim_customers alter column customer_id drop not null",
             "update shop.analytics.dim_customers set customer_id = null where customer_id = 11")),
    "missing_column": Variant("dim_customers.plan is not in the warehouse",
        sql=("alter table shop.analytics.dim_customers drop column plan",)),
    "other_type": Variant("dim_customers.lifetime_value is text in the warehouse",
        sql=("alter table shop.analytics.dim_customers alter column lifetime_value type text",)),
    "missing_table": Variant("dim_customers is not in the warehouse", sql=("drop table shop.analytics.dim_customers",)),
}
