// The node's first page: what the ledger is doing, live. Everything comes from the public API of
// this node and is written as text, never as markup. A new block redraws what it changed.
const words = {
  granted: "已授权", pending: "待答复", refused: "不同意", escalated: "提请协调", assessing: "评估中",
  intake: "受理审查", withdrawn: "已撤回", "not-accepted": "不予受理", unconditional: "无条件共享",
  scenario: "场景授权", provider: "提供方审核", active: "有效", suspended: "已暂停", removed: "已移除",
  "deemed-approved": "视作审核通过", entry: "目录", duty: "职责",
};
const word = (text) => (words[text] ? `${words[text]} ${text}` : text ?? "");
const names = new Map(); // member id → name

const beijing = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium", hourCycle: "h23",
});
const time = (ms) => (ms ? beijing.format(new Date(ms)) : "");
const short = (hash) => (hash ? `${hash.slice(0, 12)}…` : "");
const who = (id) => names.get(id) ?? id;

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${body.detail_zh ?? ""} ${body.detail ?? answer.status}`);
  return body;
}

const section = (id) => document.getElementById(id);

function cell(kind, text, code) {
  const node = document.createElement(kind);
  node.textContent = text;
  if (code) node.className = "code";
  return node;
}

// columns: [title, item → text, is a code]
function table(id, items, columns) {
  const rows = section(id).querySelector(".rows");
  if (items.length === 0) {
    const empty = cell("p", "暂无 None yet");
    empty.className = "empty";
    rows.replaceChildren(empty);
    return;
  }
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  for (const [title] of columns) head.append(cell("th", title));
  const body = made.createTBody();
  for (const item of items) {
    const row = body.insertRow();
    for (const [, text, code] of columns) row.append(cell("td", String(text(item) ?? ""), code));
  }
  rows.replaceChildren(made);
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
  if (status.test) facts.push(["测试链 test chain", "是 yes：时钟可拨快 its clock may be advanced"]);
  section("tip").querySelector("dl").replaceChildren(
    ...facts.flatMap(([name, value]) => [cell("dt", name), cell("dd", String(value))]));
}

async function drawMembers() {
  const [members, validators] = await Promise.all([get("/v1/members?limit=200"), get("/v1/validators")]);
  const votes = new Set(validators.set.map((one) => one.member));
  for (const member of members.items) names.set(member.id, member.name);
  table("members", members.items, [
    ["单位 name", (m) => m.name],
    ["统一社会信用代码 code", (m) => m.id, true],
    ["状态 status", (m) => word(m.status)],
    ["验证 votes", (m) => (votes.has(m.id) ? "是 yes" : "否 no")],
  ]);
}

async function drawLedger() {
  const [status, requests, transactions, acts] = await Promise.all([
    get("/v1/status"), get("/v1/requests?limit=8"), get("/v1/transactions?limit=12"), get("/v1/acts?limit=8")]);
  tip(status);
  table("requests", requests.items, [
    ["编号 number", (r) => r.number, true],
    ["使用方 consumer", (r) => who(r.consumer)],
    ["提供方 provider", (r) => who(r.provider)],
    ["路径 route", (r) => word(r.route)],
    ["状态 status", (r) => word(r.status)],
  ]);
  table("transactions", transactions.items, [
    ["时间 time", (t) => time(t.time_ms)],
    ["类型 type", (t) => t.type, true],
    ["单位 by", (t) => `${who(t.member)} / ${t.key}`],
    ["高度 height", (t) => t.height],
  ]);
  table("acts", acts.items, [
    ["时间 time", (a) => time(a.time_ms)],
    ["事项 effect", (a) => word(a.effect)],
    ["依据 clause", (a) => a.clause],
    ["高度 height", (a) => a.height],
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
    table("found", found.items, [
      ["种类 kind", (f) => word(f.kind)], ["名称 title", (f) => f.title], ["标识 id", (f) => f.id, true]]);
    trouble(null);
  } catch (error) {
    trouble(error);
  }
});

await redraw(true);
const events = new EventSource("/v1/events"); // resumes by itself from the last height it saw
events.addEventListener("block", () => redraw(false));
events.addEventListener("validators-changed", () => redraw(true));
