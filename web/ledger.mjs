// What the node is asked, and the words for what it answers. Everything comes from its public API.
export async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) {
    const error = new Error(`${body.detail_zh ?? ""} ${body.detail ?? answer.status}`);
    error.status = answer.status;
    throw error;
  }
  return body;
}

// The same, or null where there is nothing, or nothing any more: this node has dropped it.
export async function find(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error.status === 404 || error.status === 410) return null;
    throw error;
  }
}

// What an object itself has by that name: addresses and records may name anything, "constructor" too.
export const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : undefined);

// ---- members by their codes, requests by their numbers ----

export const names = new Map();
export const numbers = new Map();
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

// Requests, and their grants, that only their key is known of.
export async function learnNumbers(keys) {
  const unknown = keys.map((key) => /^(?:request|grant)\/(.*)$/.exec(key)?.[1])
    .filter((id) => id && !numbers.has(id));
  await Promise.all([...new Set(unknown)].map(async (id) => {
    const request = await find(`/v1/requests/${id}`);
    if (request) numbers.set(id, request.number);
  }));
}

// ---- words ----

let vocabulary = { words: {}, types: [], terms: [], kinds: [] };
export async function learnWords() {
  const [words, kinds] = await Promise.all([get("/v1/words"), get("/v1/matters/kinds")]);
  vocabulary = { ...words, kinds: kinds.items };
}

export const kinds = () => vocabulary.kinds;
export const kindOf = (key) => vocabulary.kinds.find((one) => one.kind === key?.split("/")[0]);
export const termName = (name) => vocabulary.terms.find((one) => one.term === name)?.chinese;
export const typeOf = (name) => vocabulary.types.find((one) => one.type === name);

// "chinese english"; a word that means something else as the value of one member is found as
// "member:word" first.
export const word = (text, name) => {
  const chinese = own(vocabulary.words, `${name}:${text}`) ?? own(vocabulary.words, text);
  return chinese ? `${chinese} ${text}` : text ?? "";
};
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

// What a record is called where only its key is known: a request by its number, else its member
// and code.
export function called(key) {
  const [family, ...rest] = (key ?? "").split("/");
  const parts = rest.map((part) => names.get(part) ?? (part.length === 64 ? short(part) : part));
  if (["request", "grant"].includes(family) && numbers.has(rest[0])) parts[0] = numbers.get(rest[0]);
  return [familyName(family).split(" ")[0], ...parts].filter(Boolean).join(" ");
}
