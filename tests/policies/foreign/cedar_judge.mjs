// Cedar (https://www.cedarpolicy.com) decides the same random cases as Weir, for what both can say: default deny, forbid over
// permit. One disagreement, and the program prints the smallest case that shows it and ends with 1.
//
//   node cedar_judge.mjs CEDAR DECIDER FOLDER [--cases N] [--seed N] [--plant]
//
// CEDAR: the folder of @cedar-policy/cedar-wasm; DECIDER: decide_cases; FOLDER: for its files. --plant changes one rule of
// each case on Weir's way alone: a judge that finds nothing then judges nothing.
//
// How a policy is told to Cedar. A request is made for every class of a column and every reader of the destination:
// principal Role::"r1", resource Class::"a.x" (in Class::"a"), action send or filter, context {destination, trust, claimed,
// granted, subject}. A column leaves if and only if all of its requests are allowed, and it has a class.
//   give C to A as …       permit(principal, action == Action::"send", resource in Class::"C") when A
//   give C to A as filter  nothing: it sends nothing
//   never C to A           forbid(principal, action, resource in Class::"C") when A
//   no subject             forbid of classes that are not permissive
// A `give` asks for the purpose that is open to the sync (granted), a `never` for the one that it names (claimed).
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const [cedarFolder, decider, folder, ...rest] = process.argv.slice(2);
const option = (name, otherwise) => {
  const at = rest.indexOf(name);
  return at < 0 ? otherwise : Number(rest[at + 1]);
};
const cases = option('--cases', 10000);
const firstSeed = option('--seed', 1);
const plant = rest.includes('--plant');
const cedar = createRequire(import.meta.url)(path.resolve(cedarFolder, 'nodejs', 'cedar_wasm.js'));

// mulberry32: small, seeded, the same everywhere.
const randomFrom = (seed) => {
  let state = seed >>> 0;
  return (count) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % count;
  };
};

// `ab` begins like `a` and is not below it; `a.x.k` is two steps below.
const RESTRICTIVE = ['a', 'a.x', 'a.x.k', 'a.y', 'ab', 'ab.x', 'b', 'b-x'];
const PERMISSIVE = ['open', 'open.x'];
const COLUMNS = ['c0', 'c1', 'c2', 'c3', 'c4'];

const generate = (seed) => {
  const pick = randomFrom(seed);
  const one = (list) => list[pick(list.length)];
  const some = (list) => {
    const out = list.filter(() => pick(2) === 0);
    return out.length ? out : [one(list)];
  };
  const roles = ['r1', 'r2', 'r3'];
  const audience = () => {
    const to = {};
    if (pick(5) === 0) to.destination = one(['d1', 'd2']);
    if (pick(5) === 0) to.role = one(roles);
    if (pick(6) === 0) to.purpose = one(['p1', 'p2']);
    if (pick(6) === 0) to.trust = one(['internal', 'external']);
    return Object.keys(to).length ? to : 'any';
  };
  const rules = [];
  for (let i = 0, count = 3 + pick(12); i < count; ++i) {
    const about = one([...RESTRICTIVE, 'a', 'a.x', ...PERMISSIVE]);
    const kind = pick(10);
    const rule = { id: `R${i}`, to: audience() };
    if (kind < 2) rules.push({ ...rule, never: about });
    else if (kind === 9) rules.push({ ...rule, give: about, as: 'filter' });
    else rules.push({ ...rule, give: about, as: one(['unchanged', 'hash']) });
  }
  if (pick(2) === 0) rules.push({ id: 'W', rows: 'm', to: 'any', send_if: { [one(COLUMNS)]: 'v' } });
  const tags = {};
  for (const column of [...COLUMNS, 'key']) tags[column] = RESTRICTIVE.filter(() => pick(8) === 0);
  const open = {};
  for (const name of PERMISSIVE) open[name] = { permissive: true, columns: ['m.key', ...COLUMNS.filter(() => pick(4) === 0).map((c) => `m.${c}`)] };
  const policy = {
    version: 1,
    classes: { ...Object.fromEntries(RESTRICTIVE.map((name) => [name, { tags: [name] }])), ...open },
    subjects: pick(8) === 0 ? {} : { person: { m: 'key' } },
    roles: { r1: { groups: ['g'] }, r2: { groups: ['g'] }, r3: { groups: ['h'] } },
    destinations: {
      d1: { origin: 'file:', readers: some(roles), trust: one(['internal', 'external']) },
      d2: { origin: 'https://d2.example', readers: some(roles), trust: one(['internal', 'external']) },
    },
    purposes: { p1: { syncs: ['exposure:x'] }, p2: { syncs: ['exposure:other'] } },
    rules,
  };
  if (!Object.keys(policy.subjects).length) delete policy.subjects;
  return { seed, policy, tags, destination: one(['d1', 'd2']), purpose: one(['p1', 'p1', 'p1', 'p2', '']), match: one(['key', 'c0']), columns: COLUMNS.slice(1) };
};

// What the case holds, for Weir: its policy as text, and the rest.
const lineOf = ({ policy, tags, destination, purpose, match, columns }) =>
  JSON.stringify({ policy: JSON.stringify(policy), tags, destination, purpose, match, columns });

// One rule otherwise: a ban is lifted, a gift is made a ban or goes to everybody.
const planted = (a_case) => {
  const pick = randomFrom(a_case.seed ^ 0x5bd1e995);
  const out = structuredClone(a_case);
  const at = pick(out.policy.rules.length);
  const rule = out.policy.rules[at];
  if (rule.never) {
    out.policy.rules.splice(at, 1);
    if (!out.policy.rules.length) delete out.policy.rules;
  } else if (rule.give && rule.to === 'any') {
    out.policy.rules[at] = { id: rule.id, never: rule.give, to: rule.to };
  } else {
    rule.to = 'any';
  }
  return out;
};

const decideAll = (list) => {
  const done = spawnSync(decider, [folder], { input: list.map(lineOf).join('\n') + '\n', maxBuffer: 1 << 30 });
  if (done.status !== 0) {
    console.error(`decide_cases ended with ${done.status}\n${done.stderr}`);
    process.exit(2);
  }
  const lines = done.stdout.toString().trimEnd().split('\n');
  if (lines.length !== list.length) {
    console.error(`decide_cases answered ${lines.length} of ${list.length} cases`);
    process.exit(2);
  }
  return lines.map((line) => JSON.parse(line));
};

const when = (to, purposeOf) => {
  const asked = to === 'any' ? {} : to;
  const parts = [];
  if (asked.destination) parts.push(`context.destination == ${JSON.stringify(asked.destination)}`);
  if (asked.trust) parts.push(`context.trust == ${JSON.stringify(asked.trust)}`);
  if (asked.purpose) parts.push(`context.${purposeOf} == ${JSON.stringify(asked.purpose)}`);
  return parts.length ? ` when { ${parts.join(' && ')} }` : '';
};
const principal = (to) => (to.role ? `principal == Role::${JSON.stringify(to.role)}` : 'principal');

const policiesOf = (policy) => {
  const out = {};
  for (const rule of policy.rules ?? []) {
    const about = `resource in Class::${JSON.stringify(rule.give ?? rule.never)}`;
    if (rule.never) out[rule.id] = `forbid(${principal(rule.to)}, action, ${about})${when(rule.to, 'claimed')};`;
    else if (rule.give && rule.as !== 'filter') out[rule.id] = `permit(${principal(rule.to)}, action == Action::"send", ${about})${when(rule.to, 'granted')};`;
  }
  out.reading = 'permit(principal, action == Action::"filter", resource);';
  out.subject = 'forbid(principal, action == Action::"send", resource) unless { context.subject || resource.permissive };';
  return out;
};

const uid = (type, id) => ({ type, id });
const parentOf = (name) => name.slice(0, Math.max(0, name.lastIndexOf('.')));
// A class and all that it is below: what one request can be about.
const entitiesOf = (policy, name) => {
  const out = [];
  for (let at = name; at && policy.classes[at]; at = parentOf(at)) {
    const parents = policy.classes[parentOf(at)] ? [uid('Class', parentOf(at))] : [];
    out.push({ uid: uid('Class', at), attrs: { permissive: policy.classes[at].permissive === true }, parents });
  }
  return out;
};

const classesOf = (a_case, column) => {
  const out = [...a_case.tags[column]];
  for (const [name, defined] of Object.entries(a_case.policy.classes)) {
    if ((defined.columns ?? []).includes(`m.${column}`)) out.push(name);
  }
  return out;
};

// What Cedar says: {send, match, filter} of columns, as Weir's answer.
const judge = (a_case) => {
  const { policy } = a_case;
  const parsed = cedar.preparsePolicySet('case', { staticPolicies: policiesOf(policy) });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));
  const destination = policy.destinations[a_case.destination];
  const context = {
    destination: a_case.destination,
    trust: destination.trust,
    claimed: a_case.purpose,
    granted: a_case.purpose && policy.purposes[a_case.purpose].syncs.includes('exposure:x') ? a_case.purpose : '',
    subject: policy.subjects !== undefined,
  };
  const asked = new Map();
  const ask = (role, action, name) => {
    const key = `${role} ${action} ${name}`;
    if (!asked.has(key)) {
      const answer = cedar.statefulIsAuthorized({
        principal: uid('Role', role), action: uid('Action', action), resource: uid('Class', name),
        context, preparsedPolicySetId: 'case', entities: entitiesOf(policy, name), validateRequest: false,
      });
      if (answer.type !== 'success' || answer.response.diagnostics.errors.length) throw new Error(JSON.stringify(answer));
      asked.set(key, answer.response);
    }
    return asked.get(key);
  };
  const decide = (column, action) => {
    const responses = classesOf(a_case, column).flatMap((name) => destination.readers.map((role) => ask(role, action, name)));
    const denied = action === 'send' ? responses.length === 0 || responses.some((one) => one.decision === 'deny') : responses.some((one) => one.decision === 'deny');
    const rules = responses.filter((one) => (one.decision === 'deny') === denied).flatMap((one) => one.diagnostics.reason);
    return { denied, rules: [...new Set(rules)].filter((id) => /^R\d+$/.test(id)).sort() };
  };
  const out = { send: {}, match: { [a_case.match]: decide(a_case.match, 'send') }, filter: {} };
  for (const column of a_case.columns) out.send[column] = decide(column, 'send');
  for (const rule of policy.rules ?? []) {
    for (const column of Object.keys(rule.send_if ?? {})) out.filter[column] = decide(column, 'filter');
  }
  return out;
};

// The first column that the two see otherwise, as text; empty: they agree.
const difference = (ours, theirs) => {
  for (const use of ['send', 'match', 'filter']) {
    const columns = new Set([...Object.keys(ours[use]), ...Object.keys(theirs[use])]);
    for (const column of columns) {
      if (JSON.stringify(ours[use][column]) !== JSON.stringify(theirs[use][column])) {
        return `${use} ${column}: weir ${JSON.stringify(ours[use][column])}, cedar ${JSON.stringify(theirs[use][column])}`;
      }
    }
  }
  return '';
};

// Smaller cases that may still show it: without a rule, without a column's class, without a column.
const smaller = (a_case) => {
  const out = [];
  const without = (edit) => {
    const copy = structuredClone(a_case);
    edit(copy);
    out.push(copy);
  };
  (a_case.policy.rules ?? []).forEach((_, at) => without((copy) => {
    copy.policy.rules.splice(at, 1);
    if (!copy.policy.rules.length) delete copy.policy.rules;
  }));
  a_case.columns.forEach((_, at) => a_case.columns.length > 1 && without((copy) => copy.columns.splice(at, 1)));
  for (const [column, tags] of Object.entries(a_case.tags)) tags.forEach((_, at) => without((copy) => copy.tags[column].splice(at, 1)));
  return out;
};

const shrink = (a_case) => {
  for (let again = true; again;) {
    again = false;
    const candidates = smaller(a_case);
    if (!candidates.length) break;
    const answers = decideAll(candidates);
    const at = candidates.findIndex((one, index) => difference(answers[index], judge(one)));
    if (at >= 0) {
      a_case = candidates[at];
      again = true;
    }
  }
  return a_case;
};

const list = Array.from({ length: cases }, (_, index) => generate(firstSeed + index));
const answers = decideAll(plant ? list.map(planted) : list);
const count = { allowed: 0, denied: 0, banned: 0, filters: 0 };
const disagreeing = [];
list.forEach((a_case, index) => {
  const theirs = judge(a_case);
  if (difference(answers[index], theirs)) disagreeing.push(index);
  for (const one of [...Object.values(theirs.send), ...Object.values(theirs.match)]) {
    ++count[one.denied ? 'denied' : 'allowed'];
    if (one.denied && one.rules.length) ++count.banned;
  }
  count.filters += Object.keys(theirs.filter).length;
});
console.log(JSON.stringify({ cases, seed: firstSeed, cedar: cedar.getCedarVersion(), disagreeing: disagreeing.length, ...count }));
if (disagreeing.length) {
  const first = list[disagreeing[0]];
  const least = plant ? first : shrink(first);
  console.log(`seed ${first.seed}: ${difference(plant ? answers[disagreeing[0]] : decideAll([least])[0], judge(least))}`);
  console.log(JSON.stringify(least, null, 1));
  process.exit(1);
}
