// A record's page: what it is, what waits for what day, what belongs to it, what happened to it in
// sentences with the clause of each act, and all of its fields.
import { element, facts, fill, heading, limits, link, list, paged, section } from "./draw.mjs";
import {
  address, called, familyName, get, isRole, keyName, kindOf, labelOf, length, names, own, short, status, term, time, termName,
  typeOf, who, word,
} from "./ledger.mjs";
import { deadlines, dutiesOf, entriesOf, grants, matters, requests } from "./lists.mjs";

// What of the API answers for a family; all others are read from the state.
const routes = {
  request: "requests", entry: "entries", duty: "duties", grant: "grants", member: "members",
  transaction: "transactions", block: "blocks",
};

const nested = (value) => typeof value === "object" && !(Array.isArray(value) && typeof value[0] !== "object");
const isHash = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

function text(name, value, family) {
  if (Array.isArray(value)) return value.map((one) => text(name, one, family)).join("、");
  if (value !== null && typeof value === "object") {
    return Object.entries(value).filter(([, one]) => one !== null).map(([of, one]) => text(of, one, family)).join("：");
  }
  if (typeof value === "boolean") return value ? "是 yes" : "否 no";
  if (/^(due|expires|until|end)_ms$/.test(name)) return term(value);
  if (name === "open_ms") return length(value); // how long an access may be used (E2)
  if (name.endsWith("_ms") || (name === "expires" && value > 1e12)) return time(value);
  if (name === "owes" && termName(value)) return `${termName(value)} ${value}`;
  if (["key", "keys", "operator"].includes(name)) return keyName(value); // a name, whatever word it is
  if (name === "by" && isRole(value)) return keyName(value); // else a party
  if (name === "type" && typeOf(value)) return `${typeOf(value).chinese} ${value}`;
  if (name === "status") return status(family, String(value));
  return names.has(value) ? `${who(value)} ${value}` : word(String(value), name, family);
}

// "member/code" each.
function entries(keys) {
  const all = element("span");
  for (const key of keys.map((one) => `entry/${one}`)) {
    all.append(all.childNodes.length ? "、" : "", link(called(key), address(key)));
  }
  return all;
}

// A value that names another record leads to it.
function shown(name, value, family) {
  if (names.has(value)) return link(`${who(value)} ${value}`, `#member/${value}`);
  if (isHash(value) && (own(routes, name) || kindOf(`${name}/`))) return link(value, `#${name}/${value}`);
  if (name === "affected" && Array.isArray(value)) return entries(value);
  if (name === "subject" && value.includes("/")) return link(called(value), address(value));
  return text(name, value, family);
}

const label = (name) => {
  const chinese = labelOf(name);
  return chinese ? `${chinese} ${name}` : name;
};

// A record's fields: its plain members, then each nested one under a heading of its own. Elements
// of a list are counted from 1.
function fields(record, family, title = "") {
  const members = Object.entries(record).filter(([name, value]) => value !== null && value.length !== 0 && name !== "raw");
  const plain = members.filter(([, value]) => !nested(value));
  const said = (name) => (Array.isArray(record) ? String(Number(name) + 1) : label(name));
  const direct = plain.length === 0 ? []
    : [...(title ? [element("h3", title)] : []),
      facts(plain.map(([name, value]) => [label(name), shown(name, value, family)]))];
  return [...direct, ...members.filter(([, value]) => nested(value))
    .flatMap(([name, value]) => fields(value, "", title ? `${title} · ${said(name)}` : said(name)))];
}

// ---- history in sentences ----

// What of a body says most: said behind the act, three at most.
const telling = ["decision", "outcome", "finding", "kind", "name", "title", "purpose", "statement", "summary",
  "cause", "reason", "reasons", "requirement", "matter", "until"];
function detail(body) {
  const told = telling.filter((name) => body?.[name] !== undefined && typeof body[name] !== "object"
    || Array.isArray(body?.[name])).slice(0, 3);
  return told.map((name) => `${labelOf(name) ?? name} ${text(name, body[name])}`).join("；");
}

function sentence(item) {
  const line = element("li");
  const type = typeOf(item.type);
  line.append(element("time", time(item.time_ms)), " ");
  if (item.txid) {
    const said = type ? `${type.chinese} ${type.english}` : item.type;
    line.append(`${who(item.member)}（${keyName(item.key)}）`, link(said, `#transaction/${item.txid}`));
    const more = detail(item.body);
    if (more) line.append(`：${more}`);
  } else {
    line.append("账本自动办理 the ledger: ", link(word(item.effect, "effect"), `#block/${item.height}`));
  }
  const clause = item.clause ?? type?.clause;
  if (clause) line.append(" ", element("span", `依据 ${clause}`, { class: "clause" }));
  return line;
}

const SENTENCES = 20; // at a time
const note = (text) => element("p", text, { class: "limits" });

function tell(all, page) {
  all.querySelector("ol").append(...page.items.map(sentence));
  if (page.items.some((item) => item.body === null) && !all.querySelector(".pruned")) {
    all.append(element("p", "本节点已不再保存较早的交易，其内容从略 This node no longer keeps older transactions: "
      + "what they say is left out", { class: "limits pruned" }));
  }
}

async function history(key) {
  const path = `/v1/history/${key}?limit=${SENTENCES}&body=${telling}`;
  return section("办理经过", "What happened", await paged(path, (page) => {
    const all = element("div");
    all.append(page.items.length === 0 ? note("暂无 None") : element("ol", null, { class: "history" }), ...limits(page));
    if (page.items.length > 0) tell(all, page);
    return all;
  }, tell));
}

// ---- what belongs to a record ----

const forms = (path) => {
  const both = element("span");
  both.append(link("网页 HTML", `/v1/forms/${path}`), " · ", link("表格 .xlsx", `/v1/forms/${path}?as=xlsx`));
  return both;
};

const withStatus = (family, key, record) => link(status(family, record.status), address(`${family}/${key}`));

const itemColumns = [
  ["信息项 item", (i) => i.name],
  ["字段 field", (i) => i.field, true],
  ["类型 type", (i) => word(i.type, "type")],
  ["长度 length", (i) => i.length],
  ["共享 sharing", (i) => word(i.sharing, "sharing")],
  ["说明 description", (i) => i.description],
];

async function ofEntry(id, record) {
  const items = element("div", null, { class: "rows" });
  fill(items, { items: record.entry.items }, itemColumns);
  const { change, collection, listing, halt } = record;
  const pairs = [];
  if (change) {
    const what = change.kind === "retire" ? "申请删除 deletion applied for" : "申请变更 change applied for";
    pairs.push([what, withStatus("change", id, change)]);
    if (change.reason) pairs.push(["事由 reason", change.reason]);
  }
  if (collection) pairs.push(["数据归集 collection", withStatus("collection", id, collection)]);
  if (collection?.report) pairs.push(["汇聚成果认定表 certificate", forms(`collection/${id}`)]);
  if (listing) pairs.push(["开放清单 open listing", withStatus("listing", id, listing)]);
  for (const notice of Object.keys(halt?.notices ?? {})) {
    pairs.push(["停止提供 withheld by", link(`告知 notice ${short(notice)}`, `#notice/${notice}`)]);
  }
  return [
    section("信息项", "Items", items),
    ...(pairs.length ? [section("变更、归集与开放", "Change, collection, opening, holds", facts(pairs))] : []),
    section("授权", "Grants", await grants(`entry=${id}`)),
    section("共享申请", "Requests", await requests(`entry=${id}`)),
  ];
}

const officerColumns = (id) => [
  ["岗位 office", (o) => keyName(o.code), true, (o) => `#officer/${id}/${o.code}`],
  ["职务 office", (o) => word(o.office, "office")],
  ["密钥 keys", (o) => o.keys.map(keyName).join("、"), true],
  ["角色 roles", (o) => o.roles.map((role) => word(role, "role")).join("、")],
  ["任职区块 blocks in office", (o) => `${o.from} – ${o.to ?? "今 now"}`],
];
const delegationColumns = (id) => [
  ["编号 code", (d) => d.code, true, (d) => `#delegation/${id}/${d.code}`],
  ["受托方 delegate", (d) => d.delegate_name],
  ["截止 until", (d) => d.until],
  ["状态 status", (d) => status("delegation", d.status)],
];

async function ofMember(id) {
  const assessment = element("p");
  assessment.append(link("考核指标 Assessment figures", `#assessment?member=${id}`));
  return [
    section("未办结期限", "Deadlines to be met", await deadlines(`member=${id}&open=1`), assessment),
    section("未办结事项与有效措施", "Open matters, measures in force", await matters(`member=${id}&open=1`)),
    section("职责", "Duties", await dutiesOf(id)),
    section("目录", "Entries", await entriesOf(id)),
    section("岗位", "Officers", await list(`/v1/members/${id}/officers`, officerColumns(id))),
    section("委托", "Delegations", await list(`/v1/members/${id}/delegations`, delegationColumns(id))),
    section("指定管理的数据", "Designations", await matters(`kind=designation&member=${id}`)),
  ];
}

async function ofRequest(id, record) {
  const open = record.disputed;
  return [section("表单", "Forms", facts([
    ["共享申请审核表 form of the request", forms(`request/${id}`)],
    ...(open ? [["未结争议 open dispute", link(short(open.dispute), `#dispute/${open.dispute}`)]] : [])]))];
}

async function ofGrant(id) {
  const use = (name) => (one) => one.usage[name] ?? 0;
  return [section("使用情况", "Use by day", await list(`/v1/grants/${id}/usage`, [
    ["日期 day", (u) => u.day], ["调用 calls", use("calls")], ["行数 rows", use("rows")], ["字节 bytes", use("bytes")]]))];
}

async function ofCollection(id, record) {
  const entry = ["目录 entry", link(id, address(`entry/${id}`))];
  const certificate = ["汇聚成果认定表 certificate", forms(`collection/${id}`)];
  return [section("目录与表单", "Entry and form", facts(record.report ? [entry, certificate] : [entry]))];
}

const ofListed = async (id) =>
  [section("目录", "Entry", facts([["目录 entry", link(id, address(`entry/${id}`))]]))];

const belonging = {
  entry: ofEntry, member: ofMember, request: ofRequest, grant: ofGrant, collection: ofCollection,
  listing: ofListed,
};

// ---- the page ----

export const reachable = (key) => Boolean(own(routes, key?.split("/")[0]) || kindOf(key));

async function titleOf(family, id, record) {
  const of = ["collection", "listing"].includes(family) ? await get(`/v1/entries/${id}`) : null;
  const name = of?.entry.name ?? record.name ?? record.entry?.name ?? record.title ?? record.asked_for?.name
    ?? record.asked_for?.purpose ?? record.purpose ?? record.request?.purpose ?? typeOf(record.type)?.chinese ?? record.statement ?? record.reason;
  if (family === "officer") return called(`${family}/${id}`);
  return typeof name === "string" ? name : called(`${family}/${id}`, record.number);
}

const shownApart = { change: null, collection: null, halt: null, listing: null }; // of an entry

// `key`: "family/id" as in the state, its parts decoded.
export async function recordPage(key) {
  const [family, ...parts] = key.split("/");
  const id = parts.map(encodeURIComponent).join("/");
  const record = own(routes, family) ? await get(`/v1/${routes[family]}/${id}`)
    : (await get(`/v1/state/${family}/${id}`)).value;
  const ledger = family === "transaction" || family === "block";
  const head = element("section", null, { class: "wide" });
  const title = heading("h2", await titleOf(family, id, record), familyName(family));
  title.className = "title"; // whatever language it is in
  head.append(title);
  if (record.status || record.office) {
    const standing = record.status ?? (record.to === null ? "in-office" : "left-office");
    head.append(element("p", status(family, standing), { class: "status" }));
  }
  head.append(element("code", key));
  const clause = ledger && typeOf(record.type)?.clause;
  if (clause) head.append(element("p", `依据 ${clause}`, { class: "clause" }));
  const related = ledger ? [] : await Promise.all([
    deadlines(`subject=${encodeURIComponent(key)}`), own(belonging, family)?.(id, record) ?? [], history(`${family}/${id}`)]);
  const [due, more, past] = related;
  const all = element("section", null, { class: "wide" });
  const rest = family === "entry" ? { ...record, ...shownApart, entry: { ...record.entry, items: [] } } : record;
  all.append(heading("h2", "全部字段", "All fields"), ...fields(rest, family));
  return ledger ? [head, all]
    : [head, past, ...(due.querySelector("table") ? [section("期限", "Deadlines", due)] : []), ...more, all];
}
