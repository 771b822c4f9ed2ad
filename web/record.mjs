// A record's page: what it is, what waits for what day, what belongs to it, what happened to it in
// sentences with the clause of each act, and all of its fields.
import { element, facts, fill, heading, link, list, section } from "./draw.mjs";
import {
  address, called, familyName, find, get, kindOf, learnNumbers, length, names, numbers, own, short, status, term, time,
  termName, typeOf, who, word,
} from "./ledger.mjs";
import { deadlines, grants, matters, requests } from "./lists.mjs";

// What of the API answers for a family; all others are read from the state.
const routes = {
  request: "requests", entry: "entries", duty: "duties", grant: "grants", member: "members",
  transaction: "transactions", block: "blocks",
};

const labels = {
  number: "编号", status: "状态", route: "路径", consumer: "使用方", provider: "提供方", entry: "目录", purpose: "用途",
  answer: "答复", decision: "决定", deemed: "逾期视作同意", grant: "授权", request: "申请", items: "信息项",
  submitted_ms: "提出时间", since_ms: "起始时间", expires_ms: "到期时间", time_ms: "时间", name: "名称", member: "单位",
  code: "代码", height: "高度", type: "类型", key: "密钥", acts: "自动办理", subject: "对象", clause: "依据",
  due_ms: "期限", effect: "事项", binding: "挂接", version: "版本", body: "内容", transactions: "交易",
  asked_for: "所提内容", basis: "依据", by: "由", case: "案件", conclusion: "结论", evidence: "证据", finding: "认定",
  from: "自", to: "至", goal: "业务目标", grounds: "理由", intake: "受理", kind: "类型", listing: "清单内容", matter: "事项",
  method: "方式", mode: "使用方式", need: "需求", outcome: "结果", parts: "所融合数据", pending: "待审核", plan: "方案摘要",
  principal: "委托单位", delegate: "受托方", delegate_name: "受托方名称", duties: "职责", types: "可签事项", raised_ms: "提出时间",
  reason: "理由", reasons: "理由", referred_ms: "提请协调时间", closed_ms: "办结时间", report: "归集情况", requirement: "改正要求",
  review: "审核", reviews: "各方审核", rows: "行数", rule: "所违条款", safeguards: "保障措施", scope: "范围", sharing: "共享属性",
  opening: "开放属性", statement: "事由", summary: "摘要", system: "系统", tables: "表数", terms: "期限", title: "标题",
  until: "截止", wanted: "所需信息项", frequency: "频率", times: "次数", per: "周期", commitments: "承诺", genuine: "真实",
  reasonable: "合理", compliant: "合规", measure: "措施", papers: "材料摘要", office: "职务", keys: "密钥", roles: "角色",
  changed_on: "变动日期", filing: "备案材料摘要", service: "提供服务", order: "责令调整", what: "要求", source: "来源",
  parties: "角色", entry_version: "目录版本", awaiting: "待办", assessment: "评估", holds: "暂停缘由", quota: "上限",
  category: "分类", responsibility: "职责内容", implementer: "实施主体", information: "业务信息", coverage: "覆盖范围",
  manager: "业务管理机构", format: "格式", field: "字段", length: "长度", update: "更新周期", grade: "分级", duty: "职责",
  security_level: "安全等级", content: "内容", security: "安全级别", dispute: "争议", proposals: "双方意见", actions: "处置措施",
  authority: "已报告部门", found_ms: "发现时间", resource_code: "资源代码", published_on: "发布日期", compiled_by: "编制",
  sharing_reason: "共享属性理由", sharing_basis: "共享属性依据", peer_endpoint: "节点地址", gateway_endpoint: "网关地址",
  expires: "有效至", index: "块内序号", nonce: "随机数", txid: "交易号", profile_ms: "所据政策施行时间", peer_key: "节点密钥",
  vote_key: "投票密钥", since: "自区块", operator: "经办", digest: "摘要", calls: "调用次数", refusal: "拒绝理由",
  late: "逾期", over: "已届满", rests: "中止（已移除单位）", to: "至区块", since_block: "自区块", hash: "哈希", time: "时间",
  owes: "应办", days: "工作日数", calendar_days: "自然日数", months: "月数", years: "年数", previous: "上一块哈希", proposer: "出块单位", state_root: "状态根", log_root: "日志根", log_size: "日志条数", round: "轮次",
  submitted: "提交", conditions: "条件", consent: "同意", withdraw_reason: "撤回理由", id: "标识", from_ms: "自", log_index: "日志序号",
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
  if (name === "key") return String(value); // a key's name, whatever word it is
  if (name === "type" && typeOf(value)) return `${typeOf(value).chinese} ${value}`;
  if (name === "status") return status(family, String(value));
  return names.has(value) ? `${who(value)} ${value}` : word(String(value), name);
}

// A value that names another record leads to it.
function shown(name, value, family) {
  if (names.has(value)) return link(`${who(value)} ${value}`, `#member/${value}`);
  if (isHash(value) && (own(routes, name) || kindOf(`${name}/`))) return link(value, `#${name}/${value}`);
  if (name === "subject" && value.includes("/")) return link(called(value), address(value));
  return text(name, value, family);
}

const label = (name) => {
  const chinese = own(labels, name) ?? termName(name);
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

// What of a body says most: said behind the act.
const telling = ["decision", "outcome", "finding", "kind", "name", "title", "purpose", "statement", "summary",
  "reason", "reasons", "requirement", "matter", "until"];
function detail(body) {
  const told = telling.filter((name) => body?.[name] !== undefined && typeof body[name] !== "object"
    || Array.isArray(body?.[name])).slice(0, 3);
  return told.map((name) => `${own(labels, name) ?? name} ${text(name, body[name])}`).join("；");
}

function sentence(item, body) {
  const line = element("li");
  const type = typeOf(item.type);
  line.append(element("time", time(item.time_ms)), " ");
  if (item.txid) {
    const said = type ? `${type.chinese} ${type.english}` : item.type;
    line.append(`${who(item.member)}（${item.key}）`, link(said, `#transaction/${item.txid}`));
    const more = detail(body);
    if (more) line.append(`：${more}`);
  } else {
    line.append("账本自动办理 the ledger: ", link(word(item.effect, "effect"), `#block/${item.height}`));
  }
  const clause = item.clause ?? type?.clause;
  if (clause) line.append(" ", element("span", `依据 ${clause}`, { class: "clause" }));
  return line;
}

const HISTORY = 100; // sentences on a page
async function history(key) {
  const page = await get(`/v1/history/${key}?limit=${HISTORY}`);
  const bodies = await Promise.all(page.items.map((item) => (item.txid ? find(`/v1/transactions/${item.txid}`) : null)));
  const notes = [];
  if (page.items.length === 0) notes.push("暂无 None");
  const ordered = element("ol", null, { class: "history" });
  ordered.append(...page.items.map((item, at) => sentence(item, bodies[at]?.body)));
  if (page.since_block > 1) notes.push(`自区块 ${page.since_block} 起 Since block ${page.since_block}`);
  if (page.items.some((item, at) => item.txid && !bodies[at])) {
    notes.push("本节点已不再保存较早的交易，其内容从略 This node no longer keeps older transactions: what they say is left out");
  }
  if (page.next) notes.push(`仅列最早 ${HISTORY} 项 The first ${HISTORY} only`);
  return section("办理经过", "What happened", ordered,
    ...notes.map((note) => element("p", note, { class: "limits" })));
}

// ---- what belongs to a record ----

const forms = (path) => {
  const both = element("span");
  both.append(link("网页 HTML", `/v1/forms/${path}`), " · ", link("表格 .xlsx", `/v1/forms/${path}?as=xlsx`));
  return both;
};

const stateOf = async (key) => (await find(`/v1/state/${key}`))?.value;
const withStatus = (family, key, record) => link(status(family, record.status), address(`${family}/${key}`));

const itemColumns = [
  ["信息项 item", (i) => i.name],
  ["字段 field", (i) => i.field, true],
  ["类型 type", (i) => word(i.type, "type")],
  ["长度 length", (i) => i.length],
  ["共享 sharing", (i) => word(i.sharing, "sharing")],
];

async function ofEntry(id, record) {
  const items = element("div", null, { class: "rows" });
  fill(items, { items: record.entry.items }, itemColumns);
  const [collection, listing, halt] = await Promise.all(
    ["collection", "listing", "halt"].map((family) => stateOf(`${family}/${id}`)));
  const pairs = [];
  if (collection) pairs.push(["数据归集 collection", withStatus("collection", id, collection)]);
  if (collection?.report) pairs.push(["汇聚成果认定表 certificate", forms(`collection/${id}`)]);
  if (listing) pairs.push(["开放清单 open listing", withStatus("listing", id, listing)]);
  for (const notice of Object.keys(halt?.notices ?? {})) {
    pairs.push(["停止提供 withheld by", link(`告知 notice ${short(notice)}`, `#notice/${notice}`)]);
  }
  return [
    section("信息项", "Items", items),
    ...(pairs.length ? [section("归集与开放", "Collection, opening, holds", facts(pairs))] : []),
    section("授权", "Grants", await grants(`entry=${id}`)),
    section("共享申请", "Requests", await requests(`entry=${id}`)),
  ];
}

const officerColumns = (id) => [
  ["岗位 code", (o) => o.code, true, (o) => `#officer/${id}/${o.code}`],
  ["职务 office", (o) => word(o.office, "office")],
  ["密钥 keys", (o) => o.keys.join("、"), true],
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
    section("岗位", "Officers", await list(`/v1/members/${id}/officers`, officerColumns(id))),
    section("委托", "Delegations", await list(`/v1/members/${id}/delegations`, delegationColumns(id))),
    section("指定管理的数据", "Designations", await matters(`kind=designation&member=${id}`)),
  ];
}

async function ofRequest(id) {
  const open = await stateOf(`disputed/${id}`);
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
  const of = ["collection", "listing"].includes(family) ? await find(`/v1/entries/${id}`) : null;
  const name = of?.entry.name ?? record.name ?? record.entry?.name ?? record.title ?? record.asked_for?.name
    ?? record.asked_for?.purpose ?? record.purpose ?? record.request?.purpose ?? typeOf(record.type)?.chinese ?? record.statement ?? record.reason;
  if (record.number && ["request", "grant"].includes(family)) numbers.set(id, record.number);
  return typeof name === "string" ? name : called(`${family}/${id}`);
}

// `key`: "family/id" as in the state, its parts decoded.
export async function recordPage(key) {
  const [family, ...parts] = key.split("/");
  const id = parts.map(encodeURIComponent).join("/");
  const record = own(routes, family) ? await get(`/v1/${routes[family]}/${id}`)
    : (await get(`/v1/state/${family}/${id}`)).value;
  const ledger = family === "transaction" || family === "block";
  const head = element("section", null, { class: "wide" });
  head.append(heading("h2", await titleOf(family, id, record), familyName(family)));
  if (record.status || record.office) {
    const standing = record.status ?? (record.to === null ? "in-office" : "left-office");
    head.append(element("p", status(family, standing), { class: "status" }));
  }
  head.append(element("code", key));
  await learnNumbers([key]);
  const clause = ledger && typeOf(record.type)?.clause;
  if (clause) head.append(element("p", `依据 ${clause}`, { class: "clause" }));
  const related = ledger ? [] : await Promise.all([
    deadlines(`subject=${encodeURIComponent(key)}`), own(belonging, family)?.(id, record) ?? [], history(`${family}/${id}`)]);
  const [due, more, past] = related;
  const all = element("section", null, { class: "wide" });
  const rest = family === "entry" ? { ...record, entry: { ...record.entry, items: [] } } : record;
  all.append(heading("h2", "全部字段", "All fields"), ...fields(rest, family));
  return ledger ? [head, all]
    : [head, past, ...(due.querySelector("table") ? [section("期限", "Deadlines", due)] : []), ...more, all];
}
