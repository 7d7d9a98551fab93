#include <gtest/gtest.h>

#include "policies/policy.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

// Every case is one file `p.yml` behind `version: 1` on line 1; the diagnostics are exact.
struct BadPolicy {
  const char* name;
  const char* text;
  const char* expected;
};

constexpr char kNames[] =
    "classes: {pii.email: {tags: [email]}, public: {permissive: true, columns: [m.c]}}\n"
    "roles: {marketer: {groups: [growth]}}\n"
    "destinations: {crm: {origin: 'https://crm.example', readers: [marketer], trust: external}}\n"
    "purposes: {campaign: {syncs: ['exposure:crm_*']}}\n";  // lines 2 to 5; a rule stands on 7

const BadPolicy kShapes[] = {
    {"unknown key", "rulez: []\n",
     "p.yml:2:1: unknown key `rulez` in the policy; did you mean `rules`? [W-POL-010]\n"},
    {"declassify a map", "declassify: {}\n", "p.yml:2:13: `declassify` must be a list; each item begins with `- ` [W-POL-010]\n"},
    {"inherit", "inherit: linage\n",
     "p.yml:2:10: `inherit` of the policy must be one of `lineage`, `none`, not `linage`; did you mean `lineage`? [W-POL-010]\n"},
    {"classes a list", "classes: [pii]\n", "p.yml:2:10: `classes` must be a map of names: `classes: {NAME: {…}}` [W-POL-010]\n"},
    {"rules a map", "rules: {a: b}\n", "p.yml:2:8: `rules` must be a list; each item begins with `- ` [W-POL-010]\n"},
    {"class is text", "classes: {pii: yes}\n",
     "p.yml:2:16: class `pii` must be a map, not `yes`, such as `{name: '(?i)email'}` [W-POL-010]\n"},
    {"class name", "classes: {'pii..email': {tags: [x]}}\n",
     "p.yml:2:11: `pii..email` is no name of a class: letters, digits, `_` and `-`, with dots between them, "
     "at most 100 "
     "bytes [W-POL-010]\n"},
    {"class key", "classes: {pii: {tag: [x]}}\n",
     "p.yml:2:17: unknown key `tag` in class `pii`; did you mean `tags`? [W-POL-010]\n"},
    {"class value", "classes: {pii: {value: emial}}\n",
     "p.yml:2:24: unknown detector `emial` in `value` of class `pii`; did you mean `email`? [W-POL-052]\n"},
    {"class value of a person", "classes: {pii: {value: date_of_birth}}\n",
     "p.yml:2:24: unknown detector `date_of_birth` in `value` of class `pii`; it is one of `email`, `phone`, `us_ssn`, "
     "`credit_card`, `iban`, `ip_address`, `url`, or `{re2: '…'}` [W-POL-052]\n"},
    {"class value empty", "classes: {pii: {value: {}}}\n",
     "p.yml:2:24: `value` of class `pii` takes one of `detect` and `re2` [W-POL-052]\n"},
    {"class value both", "classes: {pii: {value: {detect: email, re2: a, validate: luhn}}}\n",
     "p.yml:2:24: `value` of class `pii` takes one of `detect` and `re2` [W-POL-052]\n"},
    {"class value key", "classes: {pii: {value: {re: a, re2: b}}}\n",
     "p.yml:2:25: unknown key `re` in `value` of class `pii`; did you mean `re2`? [W-POL-052]\n"},
    {"class value pattern", "classes: {pii: {value: {re2: '('}}}\n",
     "p.yml:2:30: `re2` of `value` of class `pii` is no RE2 pattern: missing ): ( [W-POL-052]\n"},
    {"class value pattern of everything", "classes: {pii: {value: {re2: '[0-9]*'}}}\n",
     "p.yml:2:30: `re2` of `value` of class `pii` is found in an empty text, and so in every value [W-POL-052]\n"},
    {"class value check", "classes: {pii: {value: {re2: '[0-9]+', validate: verhoeff}}}\n",
     "p.yml:2:50: `validate` of `value` of class `pii` must be one of `luhn`, `iban`, `none`, not `verhoeff` "
     "[W-POL-052]\n"},
    {"class value check of a detector", "classes: {pii: {value: {detect: iban, validate: iban}}}\n",
     "p.yml:2:49: `validate` belongs to `re2`; a detector has its own checks [W-POL-052]\n"},
    {"class value share", "classes: {pii: {value: {detect: iban, share: 20}}}\n",
     "p.yml:2:46: `share` of `value` of class `pii` must be a number from 0.01 to 1 [W-POL-052]\n"},
    {"class value share nan", "classes: {pii: {value: {detect: iban, share: nan}}}\n",
     "p.yml:2:46: `share` of `value` of class `pii` must be a number from 0.01 to 1 [W-POL-052]\n"},
    {"class value except", "classes: {pii: {value: {detect: iban, except: ['m.*', column]}}}\n",
     "p.yml:2:47: `m.*` in `except` of `value` of class `pii` is no address; write `model.column` [W-POL-052]\n"
     "p.yml:2:47: `column` in `except` of `value` of class `pii` is no address; write `model.column` [W-POL-052]\n"},
    {"permissive by value", "classes: {public: {permissive: true, value: url, columns: [m.c]}}\n",
     "p.yml:2:11: class `public` is permissive: only `columns` may assign it, never `meta`, `tags`, `classifiers`, "
     "`name` or `value`, which a model's author writes [W-POL-016]\n"},
    {"class null", "classes: {pii: {name: }}\n",
     "p.yml:2:17: `name` has no value; give it one or remove the key [W-POL-010]\n"},
    {"meta a list", "classes: {pii: {meta: [a]}}\n",
     "p.yml:2:23: `meta` of class `pii` must be a map of keys and values, such as `{contains: [email, mail]}` [W-POL-010]\n"},
    {"meta nested", "classes: {pii: {meta: {a: {b: c}}}}\n",
     "p.yml:2:27: `a` under `meta` of class `pii` must be a value or a list of values [W-POL-010]\n"},
    {"meta empty list", "classes: {pii: {meta: {a: []}}}\n",
     "p.yml:2:27: `a` under `meta` of class `pii` lists no value [W-POL-010]\n"},
    {"permissive no", "classes: {pii: {permissive: NO, tags: [a]}}\n",
     "p.yml:2:29: `permissive` of class `pii` must be `true` or `false`, not `NO` [W-POL-010]\n"},
    {"bad pattern", "classes: {pii: {name: '(a'}}\n",
     "p.yml:2:11: `name` of class `pii` is no RE2 pattern: missing ): (a [W-POL-014]\n"},
    {"look-around", "classes: {pii: {name: '(?=a)'}}\n",
     "p.yml:2:11: `name` of class `pii` is no RE2 pattern: invalid perl operator: (?= [W-POL-014]\n"},
    {"huge pattern", "classes: {pii: {name: '((a{100}){100}){100}'}}\n",
     "p.yml:2:11: `name` of class `pii` is no RE2 pattern: invalid repetition size: {100} [W-POL-014]\n"},
    {"permissive by meta", "classes: {public: {permissive: true, meta: {public: true}, columns: [m.c]}}\n",
     "p.yml:2:11: class `public` is permissive: only `columns` may assign it, never `meta`, `tags`, `classifiers`, "
     "`name` or `value`, which a model's author writes [W-POL-016]\n"},
    {"permissive without columns", "classes: {public: {permissive: true}}\n",
     "p.yml:2:11: class `public` is permissive and lists no `columns` [W-POL-016]\n"},
    {"both", "classes: {pii: {tags: [a]}, pii.country: {permissive: true, columns: [m.c]}}\n",
     "p.yml:2:29: class `pii.country` is permissive, but `pii` above it is not; a rule about one would be "
     "about both [W-POL-016]\n"},
    {"both, reversed", "classes: {open: {permissive: true, columns: [m.c]}, open.email: {tags: [a]}}\n",
     "p.yml:2:53: class `open.email` is not permissive, but `open` above it is; a rule about one would be "
     "about both [W-POL-016]\n"},
    {"address", "classes: {public: {permissive: true, columns: [country]}}\n",
     "p.yml:2:11: `country` in `columns` of class `public` is no address; write `model.column` or `model.*` "
     "[W-POL-010]\n"},
    {"address of everything", "classes: {public: {permissive: true, columns: ['*.*']}}\n",
     "p.yml:2:11: `*.*` in `columns` of class `public` is no address; write `model.column` or `model.*` "
     "[W-POL-010]\n"},
    {"subject empty", "subjects: {customer: {}}\n",
     "p.yml:2:22: subject `customer` names no model; write `{dim_customers: customer_id}` [W-POL-010]\n"},
    {"subject not text", "subjects: {customer: {m: [a]}}\n",
     "p.yml:2:26: `m` of subject `customer` must be a string, not a list [W-POL-010]\n"},
    {"role key", "roles: {a: {group: [x]}}\n",
     "p.yml:2:13: unknown key `group` in role `a`; did you mean `groups`? [W-POL-010]\n"},
    {"destination bare", "destinations: {crm: {}}\n",
     "p.yml:2:21: destination `crm` needs `origin` [W-POL-010]\np.yml:2:21: destination `crm` needs "
     "`readers` [W-POL-010]\n"
     "p.yml:2:21: destination `crm` needs `trust` [W-POL-010]\n"},
    {"empty readers", "destinations: {crm: {origin: 'file:', readers: [], trust: internal}}\n",
     "p.yml:2:48: `readers` of destination `crm` is empty; name the roles that can read what arrives there "
     "[W-POL-015]\n"},
    {"unknown reader",
     "roles: {marketer: {}}\ndestinations: {crm: {origin: 'file:', readers: [marketeer], trust: internal}}\n",
     "p.yml:3:16: unknown role `marketeer` in `readers` of destination `crm`; did you mean `marketer`? "
     "[W-POL-012]\n"},
    {"trust", "roles: {a: {}}\ndestinations: {crm: {origin: 'file:', readers: [a], trust: externl}}\n",
     "p.yml:3:60: `trust` of destination `crm` must be one of `internal`, `external`, not `externl`; did you "
     "mean "
     "`external`? [W-POL-010]\n"},
    {"on_leave",
     "roles: {a: {}}\ndestinations: {crm: {origin: 'file:', readers: [a], trust: external, on_leave: "
     "{deleted: remove}}}\n",
     "p.yml:3:90: `deleted` of `on_leave` of destination `crm` must be one of `delete`, `blank`, `suppress`, "
     "`keep`, not "
     "`remove` [W-POL-010]\n"},
    {"transfer date",
     "roles: {a: {}}\ndestinations: {crm: {origin: 'file:', readers: [a], trust: external, transfer: "
     "{mechanism: SCC, until: soon}}}\n",
     "p.yml:3:104: `until` of `transfer` of destination `crm` must be a date such as 2027-06-30 "
     "[W-POL-010]\n"},
    {"purpose without syncs", "purposes: {campaign: {}}\n",
     "p.yml:2:22: purpose `campaign` needs `syncs` [W-POL-010]\n"},
    {"purpose empty", "purposes: {campaign: {syncs: []}}\n",
     "p.yml:2:30: `syncs` of purpose `campaign` is empty; list the syncs that may claim it: `exposure:crm_*` "
     "[W-POL-010]\n"},
    {"purpose by tag", "purposes: {campaign: {syncs: ['tag:crm']}}\n",
     "p.yml:2:30: `tag:crm` in `syncs` of purpose `campaign` must begin with `exposure:` or `sync:` "
     "[W-POL-010]\n"},
    {"unclassified", "unclassified: dney\n",
     "p.yml:2:15: `unclassified` of the policy must be one of `deny`, `blank`, `warn`, not `dney`; did you "
     "mean `deny`? [W-POL-010]\n"},
    {"duplicate key", "roles: {a: {}, a: {}}\n", nullptr},
    {"alias", "roles: {a: &x {groups: [b]}, c: *x}\n", nullptr},
    {"tag", "roles: {a: !!map {}}\n", nullptr},
};

const BadPolicy kRules[] = {
    {"no id", "{never: pii, to: any}", "p.yml:7:5: a rule needs `id` [W-POL-010]\n"},
    {"id", "{id: 'P 1', never: pii, to: any}",
     "p.yml:7:10: `P 1` is no id: letters, digits, `_`, `-` and dots between them [W-POL-010]\n"},
    {"no kind", "{id: P1, to: any}",
     "p.yml:7:5: rule `P1` needs one of `never`, `give` and `rows` [W-POL-010]\n"},
    {"two kinds", "{id: P1, never: pii, give: pii, to: any, as: blank}",
     "p.yml:7:5: rule `P1` needs one of `never`, `give` and `rows`, not several [W-POL-010]\n"},
    {"no to", "{id: P1, never: pii}", "p.yml:7:5: rule `P1` needs `to` [W-POL-010]\n"},
    {"to nobody", "{id: P1, never: pii, to: {}}",
     "p.yml:7:30: `to` of rule `P1` must be `any` or a map of `destination`, `role`, `purpose`, `trust` "
     "[W-POL-010]\n"},
    {"to a name", "{id: P1, never: pii, to: crm}",
     "p.yml:7:30: `to` of rule `P1` must be `any` or a map of `destination`, `role`, `purpose`, `trust`; where `crm` is a "
     "destination, write `{destination: crm}` [W-POL-010]\n"},
    {"to null", "{id: P1, give: public, to: {role: }, as: blank}",
     "p.yml:7:33: `role` has no value; give it one or remove the key [W-POL-010]\n"},
    {"to key", "{id: P1, never: pii, to: {destinaton: crm}}",
     "p.yml:7:31: unknown key `destinaton` in `to` of rule `P1`; did you mean `destination`? [W-POL-010]\n"},
    {"unknown class", "{id: P1, never: pii.emial, to: any}",
     "p.yml:7:5: unknown class `pii.emial` in rule `P1`; did you mean `pii.email`? [W-POL-012]\n"},
    {"unknown destination", "{id: P1, never: pii, to: {destination: crn}}",
     "p.yml:7:5: unknown destination `crn` in rule `P1`; did you mean `crm`? [W-POL-012]\n"},
    {"unknown role", "{id: P1, never: pii, to: {role: seller}}",
     "p.yml:7:5: unknown role `seller` in rule `P1`; the policy has `marketer` [W-POL-012]\n"},
    {"unknown purpose", "{id: P1, never: pii, to: {purpose: campain}}",
     "p.yml:7:5: unknown purpose `campain` in rule `P1`; did you mean `campaign`? [W-POL-012]\n"},
    {"give without as", "{id: P1, give: pii, to: any}", "p.yml:7:5: rule `P1` needs `as` [W-POL-010]\n"},
    {"never with as", "{id: P1, never: pii, to: any, as: blank}",
     "p.yml:7:39: `as` belongs to `give`; rule `P1` has none [W-POL-010]\n"},
    {"give with except", "{id: P1, give: pii, to: any, as: blank, except: [redact]}",
     "p.yml:7:53: `except` belongs to `never`; rule `P1` has none [W-POL-010]\n"},
    {"except unchanged", "{id: P1, never: pii, to: any, except: [unchanged]}",
     "p.yml:7:43: `except: [unchanged]` would let everything through; remove the rule instead [W-POL-010]\n"},
    {"except unknown", "{id: P1, never: pii, to: any, except: [redacted]}",
     "p.yml:7:43: unknown transform `redacted`; did you mean `redact`? [W-POL-018]\n"},
    {"unknown transform", "{id: P1, give: pii, to: any, as: hsah}",
     "p.yml:7:38: unknown transform `hsah`; did you mean `hash`? [W-POL-018]\n"},
    {"except json", "{id: P1, never: pii, to: any, except: [json]}",
     "p.yml:7:43: `except: [json]` would let through whatever the paths of a rule let through; `json` cannot "
     "stand there [W-POL-010]\n"},
    {"token without method", "{id: P1, give: pii, to: any, as: {tokenize: {}}}",
     "p.yml:7:49: `tokenize` needs `method` [W-POL-018]\n"},
    {"bare token", "{id: P1, give: pii, to: any, as: tokenize}",
     "p.yml:7:38: `tokenize` needs its method: `{tokenize: {method: siv}}` or `{tokenize: {method: fpe, "
     "alphabet: digits}}` [W-POL-018]\n"},
    {"token method", "{id: P1, give: pii, to: any, as: {tokenize: {method: ff1}}}",
     "p.yml:7:58: `method` of `tokenize` must be one of `siv`, `fpe`, not `ff1` [W-POL-018]\n"},
    {"siv with alphabet", "{id: P1, give: pii, to: any, as: {tokenize: {method: siv, alphabet: digits}}}",
     "p.yml:7:73: `alphabet` belongs to `method: fpe` [W-POL-018]\n"},
    {"fpe without alphabet", "{id: P1, give: pii, to: any, as: {tokenize: {method: fpe}}}",
     "p.yml:7:49: `tokenize` needs `alphabet` [W-POL-018]\n"},
    {"fpe over few values",
     "{id: P1, give: pii, to: any, as: {tokenize: {method: fpe, alphabet: digits, least_values: 1000}}}",
     "p.yml:7:95: `least_values` of `tokenize` must be an integer from 1000000 to 1000000000000000, not `1000` "
     "[W-POL-018]\n"},
    {"bare generalize", "{id: P1, give: pii, to: any, as: generalize}",
     "p.yml:7:38: `generalize` needs what it makes coarser: `{generalize: {date: month}}`, `{generalize: {date: year}}`, `{generalize: {number: {bucket: 10}}}`, `{generalize: {ip: {}}}`, `{generalize: {zip: {digits: 3}}}` or `{generalize: {age: {}}}` [W-POL-018]\n"},
    {"generalize two", "{id: P1, give: pii, to: any, as: {generalize: {date: month, age: {}}}}",
     "p.yml:7:51: `generalize` takes one of `date`, `number`, `ip`, `zip` and `age`: `{generalize: {date: month}}`, `{generalize: {date: year}}`, `{generalize: {number: {bucket: 10}}}`, `{generalize: {ip: {}}}`, `{generalize: {zip: {digits: 3}}}` or `{generalize: {age: {}}}` [W-POL-018]\n"},
    {"generalize unknown", "{id: P1, give: pii, to: any, as: {generalize: {dates: month}}}",
     "p.yml:7:52: unknown key `dates` in `generalize`; did you mean `date`? [W-POL-018]\n"},
    {"generalize to the day", "{id: P1, give: pii, to: any, as: {generalize: {date: day}}}",
     "p.yml:7:58: `date` of `generalize` must be one of `month`, `year`, not `day` [W-POL-018]\n"},
    {"generalize to one", "{id: P1, give: pii, to: any, as: {generalize: {number: {bucket: 1}}}}",
     "p.yml:7:69: `bucket` of `number` of `generalize` must be an integer from 2 to 1000000000000000, not `1` "
     "[W-POL-018]\n"},
    {"generalize to a host", "{id: P1, give: pii, to: any, as: {generalize: {ip: {v4: 32}}}}",
     "p.yml:7:61: `v4` of `ip` of `generalize` must be an integer from 8 to 24, not `32` [W-POL-018]\n"},
    {"generalize zip", "{id: P1, give: pii, to: any, as: {generalize: {zip: {digits: 4}}}}",
     "p.yml:7:66: `digits` of `zip` of `generalize` must be an integer from 3 to 3, not `4` [W-POL-018]\n"},
    {"shift by nothing", "{id: P1, give: pii, to: any, as: {date_shift: {days: 0}}}",
     "p.yml:7:58: `days` of `date_shift` must be an integer from 1 to 3650, not `0` [W-POL-018]\n"},
    {"shift by nobody", "{id: P1, give: pii, to: any, as: {date_shift: {subject: custmer}}}",
     "p.yml:7:5: unknown subject `custmer` in `date_shift` of rule `P1`; the policy has none [W-POL-012]\n"},
    {"scrub unknown", "{id: P1, give: pii, to: any, as: {scrub: {detect: [emial]}}}",
     "p.yml:7:55: unknown detector `emial` in `detect` of `scrub`; did you mean `email`? [W-POL-018]\n"},
    {"scrub nothing", "{id: P1, give: pii, to: any, as: {scrub: {detect: []}}}",
     "p.yml:7:55: `detect` of `scrub` lists no detector [W-POL-018]\n"},
    {"bare json", "{id: P1, give: pii, to: any, as: json}",
     "p.yml:7:38: `json` needs its paths: `{json: {paths: {'$.plan': unchanged}}}` [W-POL-018]\n"},
    {"json without paths", "{id: P1, give: pii, to: any, as: {json: {paths: {}}}}",
     "p.yml:7:53: `paths` of `json` must be a map of paths and transforms: `{'$.plan': unchanged}` [W-POL-018]\n"},
    {"json bad path", "{id: P1, give: pii, to: any, as: {json: {paths: {$..a: hash}}}}",
     "p.yml:7:54: `$..a` is no path: `$`, then `.name`, `['a name']` or `[*]`, such as `$.address.city` "
     "[W-POL-018]\n"},
    {"json overlapping paths", "{id: P1, give: pii, to: any, as: {json: {paths: {$.a: hash, $.a.b: hash}}}}",
     "p.yml:7:65: path `$.a.b` overlaps `$.a`; of one place there can be one decision [W-POL-018]\n"},
    {"json one path twice", "{id: P1, give: pii, to: any, as: {json: {paths: {$.a: hash, \"$['a']\": hash}}}}",
     "p.yml:7:65: path `$['a']` overlaps `$.a`; of one place there can be one decision [W-POL-018]\n"},
    {"json drops", "{id: P1, give: pii, to: any, as: {json: {paths: {$.a: drop}}}}",
     "p.yml:7:59: paths that are not listed are dropped; leave `$.a` out [W-POL-018]\n"},
    {"json in json", "{id: P1, give: pii, to: any, as: {json: {paths: {$.a: {json: {paths: {$.b: hash}}}}}}}",
     "p.yml:7:59: `json` cannot stand under a path of `json` [W-POL-018]\n"},
    {"bare mask", "{id: P1, give: pii, to: any, as: mask}",
     "p.yml:7:38: `mask` needs what it keeps: `{mask: {keep: domain}}`, `{mask: {keep: {first: 3}}}` or "
     "`{mask: {keep: "
     "{last: 4}}}` [W-POL-018]\n"},
    {"mask keeps nothing", "{id: P1, give: pii, to: any, as: {mask: {}}}",
     "p.yml:7:45: `mask` needs `keep` [W-POL-018]\n"},
    {"mask keeps both", "{id: P1, give: pii, to: any, as: {mask: {keep: {first: 1, last: 1}}}}",
     "p.yml:7:52: `keep` of `mask` takes one of `first` and `last` [W-POL-018]\n"},
    {"mask keeps zero", "{id: P1, give: pii, to: any, as: {mask: {keep: {first: 0}}}}",
     "p.yml:7:60: `first` of `keep` of `mask` must be an integer from 1 to 64, not `0` [W-POL-018]\n"},
    {"hash profile", "{id: P1, give: pii, to: any, as: {hash: {normalize: email}}}",
     "p.yml:7:57: `normalize` of `hash` must be one of `email@1`, `phone@1`, `text@1`, not `email`; did you "
     "mean "
     "`email@1`? [W-POL-018]\n"},
    {"hash key", "{id: P1, give: pii, to: any, as: {hash: {normalise: email@1}}}",
     "p.yml:7:46: unknown key `normalise` in `hash`; did you mean `normalize`? [W-POL-018]\n"},
    {"blank with parameters", "{id: P1, give: pii, to: any, as: {blank: {}}}",
     "p.yml:7:46: `blank` takes no parameters; write `as: blank` [W-POL-018]\n"},
    {"two transforms", "{id: P1, give: pii, to: any, as: {hash: {}, redact: {}}}",
     "p.yml:7:38: a transform is a name, or one name with its parameters: `{hash: {normalize: email@1}}` "
     "[W-POL-018]\n"},
    {"rows without send_if", "{id: P1, rows: m, to: any}",
     "p.yml:7:5: rule `P1` needs `send_if` [W-POL-010]\n"},
    {"empty all", "{id: P1, rows: m, to: any, send_if: {all: []}}",
     "p.yml:7:47: `all` takes a list of one condition or more [W-POL-019]\n"},
    {"empty in", "{id: P1, rows: m, to: any, send_if: {c: {in: []}}}",
     "p.yml:7:50: `in` takes a list of one value or more [W-POL-019]\n"},
    {"two columns", "{id: P1, rows: m, to: any, send_if: {a: 1, b: 2}}",
     "p.yml:7:41: a condition is about one column; join several with `all: [{...}, {...}]` [W-POL-019]\n"},
    {"list of values", "{id: P1, rows: m, to: any, send_if: {a: [1, 2]}}",
     "p.yml:7:45: a list of values is written `{a: {in: [...]}}` [W-POL-019]\n"},
    {"unknown comparison", "{id: P1, rows: m, to: any, send_if: {a: {at_last: 1}}}",
     "p.yml:7:46: unknown comparison `at_last`; it is one of `in`, `not_in`, `at_least`, `at_most`, "
     "`is_null`, "
     "`is_not_null`; did you mean `at_least`? [W-POL-019]\n"},
    {"is_null of text", "{id: P1, rows: m, to: any, send_if: {a: {is_null: maybe}}}",
     "p.yml:7:55: `is_null` takes `true` or `false` [W-POL-019]\n"},
};

const BadPolicy kRequirements[] = {
    {"no select", "{id: Q1, tests: {}}", "p.yml:7:5: requirement `Q1` needs `select` [W-POL-010]\n"},
    {"nothing", "{id: Q1, select: 'exposure:*'}",
     "p.yml:7:5: requirement `Q1` requires nothing; it takes `tests`, `fresh`, `owner`, `access`, "
     "`contract`, `versions`, `groups`, `maturity`, `guards` or `k_anonymity` [W-POL-010]\n"},
    {"for", "{id: Q1, select: '*', for: syncs, tests: {}}",
     "p.yml:7:32: `for` of requirement `Q1` must be one of `sync`, `exposure`, `model`, `source`, not "
     "`syncs`; did you mean "
     "`sync`? [W-POL-010]\n"},
    {"when", "{id: Q1, select: '*', tests: {fail: ignore}}",
     "p.yml:7:41: `fail` of `tests` of requirement `Q1` must be one of `hold`, `send`, not `ignore` "
     "[W-POL-010]\n"},
    {"within", "{id: Q1, select: '*', tests: {within: 6 hours}}",
     "p.yml:7:43: `within` of `tests` of requirement `Q1` must be `since_last_build` or a time such as 6h "
     "[W-POL-010]\n"},
    {"max_age", "{id: Q1, select: '*', fresh: {max_age: 6}}",
     "p.yml:7:44: `max_age` of `fresh` of requirement `Q1` must be a time such as 6h [W-POL-010]\n"},
    {"by_class", "{id: Q1, select: '*', tests: {by_class: {pii.emial: [not_null]}}}",
     "p.yml:7:5: unknown class `pii.emial` in `by_class` of requirement `Q1`; did you mean `pii.email`? "
     "[W-POL-012]\n"},
    {"by_class empty", "{id: Q1, select: '*', tests: {by_class: {pii: []}}}",
     "p.yml:7:46: `pii` under `by_class` of requirement `Q1` lists no test [W-POL-010]\n"},
    {"owner", "{id: Q1, select: '*', owner: {email: '['}}",
     "p.yml:7:5: `email` of `owner` of requirement `Q1` is no RE2 pattern: missing ]: [ [W-POL-014]\n"},
    {"guard", "{id: Q1, select: '*', guards: {max_deletes: lots}}",
     "p.yml:7:49: `max_deletes` of `guards` of requirement `Q1` must be a count such as 1000 or a share such "
     "as 2% [W-POL-010]\n"},
    {"guard above all", "{id: Q1, select: '*', guards: {max_changes: 101%}}",
     "p.yml:7:49: `max_changes` of `guards` of requirement `Q1` must be a count such as 1000 or a share such "
     "as 2% [W-POL-010]\n"},
    {"guard fraction", "{id: Q1, select: '*', guards: {max_changes: 1.5}}",
     "p.yml:7:49: `max_changes` of `guards` of requirement `Q1` must be a count such as 1000 or a share such "
     "as 2% [W-POL-010]\n"},
    {"min_rows", "{id: Q1, select: '*', guards: {min_rows: -1}}",
     "p.yml:7:46: `min_rows` of `guards` of requirement `Q1` must be an integer from 0 to 9007199254740992, "
     "not `-1` [W-POL-010]\n"},
    {"severity", "{id: Q1, select: '*', tests: {}, severity: info}",
     "p.yml:7:48: `severity` of requirement `Q1` must be one of `error`, `warn`, not `info` [W-POL-010]\n"},
    {"tests of a source", "{id: Q1, select: '*', for: source, tests: {}}",
     "p.yml:7:47: `tests` cannot be required `for: source` in requirement `Q1` [W-POL-010]\n"},
};

void ExpectBad(const BadPolicy& one, const std::string& text) {
  PolicyFolder folder;
  folder.Write("p.yml", text);
  std::optional<Policy> policy;
  const std::string problems = folder.Read(&policy);
  EXPECT_FALSE(policy) << one.name;
  if (one.expected == nullptr) {
    EXPECT_NE(problems, "") << one.name;
  } else {
    EXPECT_EQ(problems, one.expected) << one.name;
  }
}

TEST(PolicyReaderTest, ReportsWhereAndWhat) {
  for (const BadPolicy& one : kShapes) ExpectBad(one, std::string("version: 1\n") + one.text);
  for (const BadPolicy& one : kRules)
    ExpectBad(one, std::string("version: 1\n") + kNames + "rules:\n  - " + one.text + "\n");
  for (const BadPolicy& one : kRequirements) {
    ExpectBad(one, std::string("version: 1\n") + kNames + "require:\n  - " + one.text + "\n");
  }
}

TEST(PolicyReaderTest, ShowsAConditionAsAPolicyWouldWriteIt) {
  const struct {
    const char* constant;
    const char* shown;
  } cases[] = {{"true", "true"}, {"-1.5", "-1.5"}, {"a b", "'a b'"}, {"", "''"}, {"null", "'null'"}, {"it's", "'it''s'"},
               {"a: b", "'a: b'"}, {"a, b", "'a, b'"}, {"- a", "'- a'"}, {"*", "'*'"}, {"Zürich", "'Zürich'"},
               {"2027-01-31", "2027-01-31"}, {"ann@acme.com", "ann@acme.com"}, {"-", "'-'"}};
  for (const auto& one : cases) {
    RowPredicate is;
    is.kind = RowPredicate::Kind::kIn;
    is.column = "c";
    is.constants = {one.constant};
    EXPECT_EQ(is.ToYaml(), std::string("{c: ") + one.shown + "}");
    manifest::Diagnostics none;
    const auto again = ReadRowPredicate(Yaml(is.ToYaml()), "p.yml", &none);
    ASSERT_TRUE(again) << is.ToYaml();
    EXPECT_EQ(again->constants, is.constants) << is.ToYaml();
  }
}

TEST(PolicyReaderTest, AsksForTheVersion) {
  ExpectBad({"absent", "", "p.yml:1:1: the policy needs `version` [W-POL-010]\n"}, "rules: []\n");
  ExpectBad({"other", "",
             "p.yml:1:10: `version` must be 1, the only one that this version of weir reads [W-POL-010]\n"},
            "version: 2\n");
  ExpectBad({"quoted", "",
             "p.yml:1:10: `version` must be 1, the only one that this version of weir reads [W-POL-010]\n"},
            "version: '1'\n");
  ExpectBad({"a list", "", "p.yml:1:1: the policy must be a map, not a list [W-POL-010]\n"},
            "- version: 1\n");
}

TEST(PolicyReaderTest, NamesBothPlacesOfADuplicate) {
  PolicyFolder folder;
  folder.Write("a.yml",
               "version: 1\nclasses: {pii: {tags: [a]}}\nrules:\n  - {id: P1, never: pii, to: "
               "any}\nunclassified: deny\n");
  folder.Write("b.yml",
               "version: 1\nclasses: {pii: {tags: [b]}}\nunclassified: warn\nrequire:\n  - {id: P1, select: "
               "'*', tests: {}}\n");
  std::optional<Policy> policy;
  EXPECT_EQ(folder.Read(&policy),
            "b.yml:2:11: class `pii` is already defined at a.yml:2:11 [W-POL-013]\n"
            "b.yml:3:15: key `unclassified` is already defined at a.yml:5:15 [W-POL-013]\n"
            "b.yml:5:5: id `P1` is already defined at a.yml:4:5 [W-POL-013]\n");
  EXPECT_FALSE(policy);
}

TEST(PolicyReaderTest, RefusesSecretsWithoutEchoingThem) {
  const std::string secret = "sk_live_" + std::string("51H8abcDEFghi2JKL");
  const std::vector<std::string> texts = {"version: 1\nroles: {a: {groups: [" + secret + "]}}\n",
                                          "version: 1\n# " + secret + "\nroles: {}\n",
                                          "version: 1\nroles: {a: {password: hunter2}}\n"};
  for (const std::string& text : texts) {
    PolicyFolder folder;
    folder.Write("p.yml", text);
    manifest::Diagnostics diagnostics;
    EXPECT_FALSE(ReadPolicy(folder.path(), &diagnostics));
    const std::string shown = diagnostics.Render();
    EXPECT_NE(
        shown.find("this looks like a secret; a policy holds none, remove it and revoke it [W-POL-017]"),
        std::string::npos)
        << shown;
    EXPECT_EQ(shown.find("51H8"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("unknown key"), std::string::npos) << shown;
  }
}

TEST(PolicyReaderTest, NeedsAFolderWithAPolicy) {
  manifest::Diagnostics diagnostics;
  EXPECT_FALSE(ReadPolicy("no/such/folder", &diagnostics));
  EXPECT_EQ(diagnostics.Render(),
            "no/such/folder: error: there is no such policy folder; `weir init` makes one [W-POL-001]\n");
  PolicyFolder folder;
  std::optional<Policy> policy;
  EXPECT_EQ(folder.Read(&policy),
            ":0:0: the policy folder holds no `.yml` file; nothing may leave without one [W-POL-001]\n");
  folder.Write("p.yml", "");
  EXPECT_EQ(folder.Read(&policy), "p.yml:0:0: the policy must be a map, not null [W-POL-010]\n");
  PolicyFolder linked;
  linked.Write("own.yml", "version: 1\n");
  std::filesystem::create_symlink(folder.path() + "/p.yml", linked.path() + "/z.yml");
  EXPECT_EQ(linked.Read(&policy),
            "z.yml:0:0: this link leads out of the policy folder; copy the file into it [W-POL-001]\n");
  EXPECT_FALSE(policy);
}

TEST(PolicyReaderTest, ReadsTheWholeLanguage) {
  const Policy policy = GoodPolicy(
      "version: 1\n"
      "classes:\n"
      "  pii.email: {meta: {contains: [email, mail]}, tags: [pii_email], name: '(?i)e?mail'}\n"
      "  public: {permissive: true, columns: [dim.country, 'dim_products.*']}\n"
      "subjects: {customer: {dim: id}}\n"
      "roles: {marketer: {groups: [growth]}, agent: {}}\n"
      "destinations:\n"
      "  crm: {origin: 'https://crm.example', readers: [marketer], trust: external, country: NO, relation: "
      "processor,\n"
      "        transfer: {mechanism: SCC, until: 2027-06-30}, on_leave: {deleted: keep, withheld: blank, "
      "denied: suppress}}\n"
      "purposes: {campaign: {legal_basis: consent, syncs: ['exposure:crm_*']}}\n"
      "unclassified: blank\n"
      "rules:\n"
      "  - {id: P1, never: pii, to: any, except: [redact], why: because}\n"
      "  - {id: P2, give: pii.email, to: {destination: crm, role: marketer, purpose: campaign, trust: "
      "external}, as: {hash: {normalize: email@1}}}\n"
      "  - {id: P3, give: public, to: any, as: filter}\n"
      "  - {id: P4, rows: dim, to: any, send_if: {all: [{consent: true}, {country: {in: [DE, NO]}}, {not: "
      "{age: {at_most: 17}}}]}}\n"
      "require:\n"
      "  - {id: Q1, select: 'exposure:*', tests: {primary_key: true, by_class: {pii: [not_null]}, fail: "
      "hold, warn: hold, missing: send, within: 2h},\n"
      "     fresh: {max_age: 6h}, owner: {email: '@acme\\.com$'}, guards: {max_deletes: 2%, max_changes: "
      "1000, min_rows: 10}, severity: warn}\n");
  ASSERT_EQ(policy.destinations.size(), 1u);
  EXPECT_EQ(policy.destinations[0].country, "NO");
  EXPECT_EQ(policy.destinations[0].on_deleted, LeaveAction::kKeep);
  EXPECT_EQ(policy.destinations[0].on_withheld, LeaveAction::kBlank);
  EXPECT_EQ(policy.destinations[0].on_denied, LeaveAction::kSuppress);
  EXPECT_EQ(policy.unclassified, Unclassified::kBlank);
  ASSERT_EQ(policy.rules.size(), 4u);
  EXPECT_EQ(policy.rules[1].to.ToText(),
            "{destination: crm, role: marketer, purpose: campaign, trust: external}");
  EXPECT_EQ(policy.rules[1].as.ToText(), "hash: {normalize: email@1}");
  EXPECT_TRUE(policy.rules[2].as_filter);
  EXPECT_EQ(policy.rules[3].send_if.ToText(),
            "{all: [{consent: 'true'}, {country: {in: ['DE', 'NO']}}, {not: {age: {at_most: '17'}}}]}");
  EXPECT_EQ(policy.rules[3].send_if.ToYaml(), "{all: [{consent: true}, {country: {in: [DE, NO]}}, {not: {age: {at_most: 17}}}]}");
  ASSERT_EQ(policy.requirements.size(), 1u);
  const Requirement& required = policy.requirements[0];
  EXPECT_EQ(required.within_seconds, 7200);
  EXPECT_EQ(required.fresh_max_age_seconds, 21600);
  EXPECT_TRUE(required.guards.max_deletes->percent);
  EXPECT_EQ(required.guards.max_changes->value, 1000);
  EXPECT_TRUE(required.warn_only);
  EXPECT_EQ(policy.digest.size(), 64u);
}

}  // namespace
}  // namespace weir::policies
