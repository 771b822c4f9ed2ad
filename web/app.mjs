// The node's first page: what the ledger is doing, live. Everything comes from the public API of
// this node and is written as text, never as markup. A new block redraws what it changed.
const words = {
  granted: "已授权", pending: "待答复", refused: "不同意", escalated: "提请协调", assessing: "评估中",
  intake: "受理审查", withdrawn: "已撤回", "not-accepted": "不予受理", unconditional: "无条件共享",
  scenario: "场景授权", "route:provider": "提供方审核", provider: "提供方", consumer: "使用方", active: "有效", suspended: "已暂停", removed: "已移除",
  "deemed-approved": "视作审核通过", barred: "不再共享，依规不予同意", entry: "目录", duty: "职责", member: "成员", request: "申请",
  transaction: "交易", block: "区块", grant: "授权",
};
const deciders = {
  provider: "提供方 provider", center: "中心 center", consumer: "使用方 consumer", "at-once": "即时授权 at once",
  "deemed-approved": "无人答复，视作同意 deemed approved", barred: "不再共享，依规不予同意 barred",
};
const labels = {
  number: "编号", status: "状态", route: "路径", consumer: "使用方", provider: "提供方", entry: "目录", purpose: "用途",
  answer: "答复", decision: "决定", deemed: "逾期视作同意", grant: "授权", request: "申请内容", items: "信息项",
  submitted_ms: "提出时间", since_ms: "起始时间", expires_ms: "到期时间", time_ms: "时间", name: "名称", member: "成员",
  code: "代码", height: "高度", type: "类型", key: "密钥", acts: "自动办理", subject: "对象", clause: "依据",
  due_ms: "期限", effect: "事项", binding: "挂接", version: "版本", body: "内容", transactions: "交易",
};
// A word that means something else as the value of one member stands there as "member:word" too.
const word = (text, name) => {
  const chinese = words[`${name}:${text}`] ?? words[text];
  return chinese ? `${chinese} ${text}` : text ?? "";
};
const names = new Map(); // member id → name
const numbers = new Map(); // txid of a request → its number

const beijing = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium", hourCycle: "h23",
});
const time = (ms) => (ms ? beijing.format(new Date(ms)) : "");
// A term that ends with its day is stored as the first instant of the next: said as the law says it.
const term = (ms) => time(ms).replace(/.* 00:00:00$/, `${time(ms - 1).split(" ")[0]} 24:00`);
const short = (hash) => (hash ? `${hash.slice(0, 12)}…` : "");
const who = (id) => names.get(id) ?? id;

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${body.detail_zh ?? ""} ${body.detail ?? answer.status}`);
  return body;
}

const section = (id) => document.getElementById(id);

function cell(kind, text, code, key) {
  const node = document.createElement(kind);
  if (key) {
    const link = document.createElement("a");
    link.href = `#${key}`;
    link.textContent = text;
    node.append(link);
  } else {
    node.textContent = text;
  }
  if (code) node.className = "code";
  return node;
}

// What a list does not know: what happened before this node's history, and what is not in it yet.
function limits(page) {
  const notes = [];
  if (page.since_block > 1) {
    notes.push(`本节点的历史始于区块 ${page.since_block}，此前发生的未列出（中心节点保存完整历史）`
      + ` This node's history begins at block ${page.since_block}: what happened before is not listed; the center keeps it all`);
  }
  if (page.height < page.tip) {
    notes.push(`列表仅至区块 ${page.height}，最新为 ${page.tip} The list goes up to block ${page.height} of ${page.tip}`);
  }
  return notes.map((note) => {
    const line = cell("p", note);
    line.className = "limits";
    return line;
  });
}

// columns: [title, item → text, is a code, item → key of the record it leads to]
function table(id, page, columns) {
  const rows = section(id).querySelector(".rows");
  const items = page.items;
  if (items.length === 0) {
    const empty = cell("p", page.since_block > 1 ? `自区块 ${page.since_block} 起暂无 None since block ${page.since_block}` : "暂无 None yet");
    empty.className = "empty";
    rows.replaceChildren(empty, ...limits(page));
    return;
  }
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  for (const [title] of columns) head.append(cell("th", title));
  const body = made.createTBody();
  for (const item of items) {
    const row = body.insertRow();
    for (const [, text, code, key] of columns) row.append(cell("td", String(text(item) ?? ""), code, key?.(item)));
  }
  rows.replaceChildren(made, ...limits(page));
}

function tip(status) {
  const facts = [
    ["高度 height", status.tip.height],
    ["区块时间 block time", time(status.tip.time_ms)],
    ["区块哈希 block hash", short(status.tip.hash)],
    ["日志条数 log entries", status.tip.log_size],
    ["本节点 this node", `${who(status.member)} ${status.member}`],
    ["创世哈希 chain", short(status.chain)],
    ["在线节点 peers up", `${status.node.peers.filter((peer) => peer.up).length} / ${status.node.peers.length}`],
  ];
  const kept = status.node.history?.first_block ?? 1;
  if (kept > 1) facts.push(["本节点区块始于 blocks kept from", kept]);
  if (status.node.sync?.active) facts.push(["同步中 syncing", "是 yes：尚未跟上其他节点 behind the others"]);
  if (status.test) facts.push(["测试链 test chain", "是 yes：时钟可拨快 its clock may be advanced"]);
  section("tip").querySelector("dl").replaceChildren(
    ...facts.flatMap(([name, value]) => [cell("dt", name), cell("dd", String(value))]));
}

async function drawMembers() {
  const [members, validators] = await Promise.all([get("/v1/members?limit=200"), get("/v1/validators")]);
  const votes = new Set(validators.set.map((one) => one.member));
  for (const member of members.items) names.set(member.id, member.name);
  table("members", members, [
    ["单位 name", (m) => m.name],
    ["统一社会信用代码 code", (m) => m.id, true, (m) => `member/${m.id}`],
    ["状态 status", (m) => word(m.status)],
    ["验证 votes", (m) => (votes.has(m.id) ? "是 yes" : "否 no")],
  ]);
}

// What an automatic act was about: a request by its number, an entry by its provider and code.
async function learnNumbers(acts) {
  const unknown = acts.map((act) => act.subject).filter((key) => key?.startsWith("request/"))
    .map((key) => key.slice("request/".length)).filter((txid) => !numbers.has(txid));
  for (const txid of new Set(unknown)) numbers.set(txid, (await get(`/v1/requests/${txid}`)).number);
}
function subject(key) {
  const [family, id, code] = (key ?? "").split("/");
  if (family === "request") return `${words.request} ${numbers.get(id) ?? short(id)}`;
  return [word(family), names.has(id) ? who(id) : id, code].filter(Boolean).join(" ");
}

async function drawLedger() {
  const [status, requests, transactions, acts] = await Promise.all([
    get("/v1/status"), get("/v1/requests?limit=8"), get("/v1/transactions?limit=12"), get("/v1/acts?limit=8")]);
  for (const request of requests.items) numbers.set(request.id, request.number);
  await learnNumbers(acts.items);
  tip(status);
  table("requests", requests, [
    ["编号 number", (r) => r.number, true, (r) => `request/${r.id}`],
    ["使用方 consumer", (r) => who(r.consumer)],
    ["提供方 provider", (r) => who(r.provider)],
    ["状态 status", (r) => word(r.status)],
    ["决定 decided by", (r) => deciders[r.decided]],
  ]);
  table("transactions", transactions, [
    ["时间 time", (t) => time(t.time_ms)],
    ["类型 type", (t) => t.type, true, (t) => `transaction/${t.txid}`],
    ["单位 by", (t) => `${who(t.member)} / ${t.key}`],
    ["高度 height", (t) => t.height, false, (t) => `block/${t.height}`],
  ]);
  table("acts", acts, [
    ["时间 time", (a) => time(a.time_ms)],
    ["对象 subject", (a) => subject(a.subject), false, (a) => reachable(a.subject)],
    ["事项 effect", (a) => word(a.effect)],
    ["依据 clause", (a) => a.clause],
    ["高度 height", (a) => a.height, false, (a) => `block/${a.height}`],
  ]);
}

// The record that the address names after "#", as "family/id", and what touched it.
const routes = {
  request: "requests", entry: "entries", duty: "duties", grant: "grants", member: "members",
  transaction: "transactions", block: "blocks",
};
const reachable = (key) => (routes[key?.split("/")[0]] ? key : null);

const nested = (value) => typeof value === "object" && !(Array.isArray(value) && typeof value[0] !== "object");

function text(name, value) {
  if (Array.isArray(value)) return value.map((one) => text(name, one)).join("、");
  if (typeof value === "boolean") return value ? "是 yes" : "否 no";
  if (/^(due|expires)_ms$/.test(name)) return term(value);
  if (name.endsWith("_ms")) return time(value);
  return names.has(value) ? `${who(value)} ${value}` : word(String(value), name);
}

// A record as [label, text]: its plain members, then the nested ones as "answer · decision".
function lines(record, prefix = "") {
  const members = Object.entries(record).filter(([name, value]) => value !== null && value.length !== 0 && name !== "raw");
  const title = (name) => `${prefix}${labels[name] ? `${labels[name]} ` : ""}${name}`;
  return [
    ...members.filter(([, value]) => !nested(value)).map(([name, value]) => [title(name), text(name, value)]),
    ...members.filter(([, value]) => nested(value)).flatMap(([name, value]) => lines(value, `${title(name)} · `)),
  ];
}

async function drawRecord() {
  const box = section("record");
  const key = location.hash.slice(1);
  box.hidden = !reachable(key);
  if (box.hidden) return;
  const [family, ...id] = key.split("/");
  box.querySelector("code").textContent = key;
  box.querySelector(".rows").replaceChildren();
  try {
    const path = id.map((part) => encodeURIComponent(decodeURIComponent(part))).join("/");
    const record = await get(`/v1/${routes[family]}/${path}`);
    box.querySelector("dl").replaceChildren(
      ...lines(record).flatMap(([name, value]) => [cell("dt", name), cell("dd", value)]));
    if (family !== "transaction" && family !== "block") await drawHistory(`${family}/${path}`);
    box.scrollIntoView();
  } catch (error) {
    box.querySelector("dl").replaceChildren(cell("dt", "无法读取 It cannot be read"), cell("dd", error.message));
  }
}

async function drawHistory(key) {
  const history = await get(`/v1/history/${key}?limit=100`);
  table("record", history, [
    ["时间 time", (h) => time(h.time_ms)],
    ["交易或自动办理 what", (h) => h.type ?? word(h.effect), false, (h) => (h.txid ? `transaction/${h.txid}` : null)],
    ["单位 by", (h) => (h.member ? `${who(h.member)} / ${h.key}` : `账本 the ledger（${h.clause}）`)],
    ["高度 height", (h) => h.height, false, (h) => `block/${h.height}`],
  ]);
}

function trouble(error) {
  const box = section("trouble");
  box.hidden = !error;
  box.textContent = error ? `无法读取节点 The node cannot be read: ${error.message}` : "";
}

// At most one redraw under way and one waiting, however many blocks come.
let drawing = false;
let again = false;
async function redraw(withMembers) {
  if (drawing) { again = true; return; }
  drawing = true;
  try {
    if (withMembers || names.size === 0) await drawMembers();
    await drawLedger();
    trouble(null);
  } catch (error) {
    trouble(error);
  }
  drawing = false;
  if (again) { again = false; await redraw(false); }
}

section("search").addEventListener("submit", async (event) => {
  event.preventDefault();
  const query = section("query").value.trim();
  section("found").hidden = query === "";
  if (query === "") return;
  try {
    const found = await get(`/v1/search?q=${encodeURIComponent(query)}&limit=50`);
    table("found", found, [
      ["种类 kind", (f) => word(f.kind)], ["名称 title", (f) => f.title], ["标识 id", (f) => f.id, true, (f) => `${f.kind}/${f.id}`]]);
    trouble(null);
  } catch (error) {
    trouble(error);
  }
});

await redraw(true);
await drawRecord();
window.addEventListener("hashchange", drawRecord);
const events = new EventSource("/v1/events"); // resumes by itself from the last height it saw
events.addEventListener("block", () => redraw(false));
events.addEventListener("validators-changed", () => redraw(true));
