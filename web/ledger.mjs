// What the node is asked, and the words for what it answers. Everything comes from its public API.
export async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } })
    .catch(() => { throw new Error("本节点没有应答 The node does not answer"); });
  const body = await answer.json()
    .catch(() => { throw new Error(`答复无法识别 The answer is not the node's (HTTP ${answer.status})`); });
  if (!answer.ok) {
    const told = (body.faults ?? []).map((one) => `${one.told_zh ?? ""} ${one.told ?? ""}`).join(" ");
    const said = new Error(`${body.detail_zh ?? ""} ${body.detail ?? answer.status} ${told}`.trim());
    said.refused = answer.status === 422; // what was asked for: to be asked for otherwise
    throw said;
  }
  return body;
}

// What an object itself has by that name: addresses and records may name anything, "constructor" too.
export const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : undefined);

// ---- members by their codes ----

export const names = new Map();
export const namesInOrder = () => [...names].sort((a, b) => a[1].localeCompare(b[1], "zh"));
export const who = (id) => names.get(id) ?? id ?? "";

export async function learnMembers() {
  const all = [];
  let cursor = "";
  do {
    const page = await get(`/v1/members?limit=200${cursor}`);
    all.push(...page.items);
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : "";
  } while (cursor);
  for (const member of all) names.set(member.id, member.name);
  return all;
}

// ---- words ----

let vocabulary = { words: {}, labels: {}, types: [], terms: [], kinds: [] };
export async function learnWords() {
  const [words, kinds] = await Promise.all([get("/v1/words"), get("/v1/matters/kinds")]);
  vocabulary = { ...words, kinds: kinds.items };
}

export const kinds = () => vocabulary.kinds;
export const kindOf = (key) => vocabulary.kinds.find((one) => one.kind === key?.split("/")[0]);
export const termName = (name) => vocabulary.terms.find((one) => one.term === name)?.chinese;
export const labelOf = (name) => own(vocabulary.labels, name) ?? termName(name);
export const typeOf = (name) => vocabulary.types.find((one) => one.type === name);

// "chinese english"; a word that means something else as the value of one member is found as
// "member:word" first, in the records of one family as "family.member:word".
export const word = (text, name, family) => {
  const chinese = own(vocabulary.words, `${family}.${name}:${text}`) ?? own(vocabulary.words, `${name}:${text}`)
    ?? own(vocabulary.words, text);
  return chinese ? `${chinese} ${text}` : text ?? "";
};
// Keys and offices are mostly named after what their role is.
const roles = ["chief", "compile", "review", "approve", "gateway", "audit", "admin", "vote", "peer"];
export const isRole = (name) => roles.includes(name);
export const keyName = (name) => (isRole(name) ? word(name, "role") : name ?? "");
export function status(family, text) {
  const kind = vocabulary.kinds.find((one) => one.kind === family);
  const found = kind && [...kind.open, ...kind.other].find((one) => one.word === text);
  return found ? `${found.chinese} ${text}` : word(text, "status");
}
export const familyName = (family) => {
  const kind = vocabulary.kinds.find((one) => one.kind === family);
  return kind ? `${kind.chinese} ${kind.english}` : word(family);
};

// ---- times: Beijing's ----

const beijing = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium", hourCycle: "h23",
});
export const time = (ms) => (ms ? beijing.format(new Date(ms)) : "");
export const day = (ms) => time(ms).split(" ")[0];
// A length, not a time: "1 小时 30 分钟".
export function length(ms) {
  const units = [["小时", Math.floor(ms / 3600000)], ["分钟", Math.floor(ms / 60000) % 60], ["秒", Math.floor(ms / 1000) % 60]];
  return units.filter(([, count]) => count > 0).map(([unit, count]) => `${count} ${unit}`).join(" ") || `${ms} 毫秒`;
}
// A term that ends with its day is stored as the first instant of the next: said as the law says it.
export const term = (ms) => time(ms).replace(/.* 00:00:00$/, `${time(ms - 1).split(" ")[0]} 24:00`);
export const short = (hash) => (hash ? `${hash.slice(0, 12)}…` : "");

// ---- addresses ----

// "family/id" of the state as a page's address, each part encoded as its path is.
export const address = (key) => `#${key.split("/").map(encodeURIComponent).join("/")}`;

// What a record is called where only its key is known: a request by its number, if it is told, else
// its member and code.
export function called(key, number) {
  const [family, ...rest] = (key ?? "").split("/");
  const parts = number ? [number]
    : rest.map((part) => names.get(part) ?? (part.length === 64 ? short(part) : keyName(part)));
  return [familyName(family).split(" ")[0], ...parts].filter(Boolean).join(" ");
}
