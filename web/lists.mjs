// Pages that are one list: deadlines, matters, and what a figure of the assessment counts.
import { choice, element, filters, list, section } from "./draw.mjs";
import {
  address, called, familyName, get, keyName, kinds, namesInOrder, short, term, time, who, word,
} from "./ledger.mjs";

const agencies = () => [["", "全部单位 all agencies"], ...namesInOrder()];

// ---- columns of each list, by its name in the API ----

// Provisional: it runs into a year whose calendar is not published yet.
// Recounted: who owes it was suspended meanwhile; its end is counted anew when it comes.
const due = (item) =>
  `${term(item.due_ms)}${item.provisional ? "（暂定 provisional）" : ""}` +
  (item.recounted ? "（待重算 recounted）" : "");

const deadlineColumns = [
  ["届满 due", due],
  ["应办事项 what", (d) => `${d.chinese} ${d.english}`],
  ["对象 subject", (d) => called(d.subject, d.number), false, (d) => address(d.subject)],
  ["责任单位 who", (d) => who(d.member), false, (d) => (d.member ? `#member/${d.member}` : null)],
  ["状态 state", (d) => `${word(d.state)}${d.warned_ms ? "（已提醒 warned）" : ""}`],
  ["办结 ended", (d) => time(d.ended_ms)],
  ["依据 clause", (d) => d.clause],
];
// Who asks whom, or whom alone it is about.
const concerned = (m) => (m.consumer && m.provider ? `${who(m.consumer)} → ${who(m.provider)}` : who(m.member));
const titled = (m) => (m.kind === "officer" ? keyName(m.title) : m.title ?? called(m.subject));
const matterColumns = [
  ["起始 since", (m) => time(m.since_ms)],
  ["事项 kind", (m) => `${m.chinese} ${m.english}`],
  ["名称或事由 title", titled, false, (m) => address(m.subject)],
  ["单位 who", concerned, false, (m) => (m.member ? `#member/${m.member}` : null)],
  ["状态 status", (m) => `${m.status_zh} ${m.status}`],
  ["期限 due", (m) => (m.due_ms ? due(m) : "")],
];
export const grantColumns = [
  ["编号 number", (g) => g.number, true, (g) => `#grant/${g.id}`],
  ["使用方 consumer", (g) => who(g.consumer)],
  ["目录 entry", (g) => g.entry, true, (g) => address(`entry/${g.provider}/${g.entry}`)],
  ["方式 mode", (g) => word(g.mode)],
  ["状态 status", (g) => word(g.status, "status")],
  ["暂停缘由 held for", (g) => Object.values(g.holds ?? {}).map((hold) => hold.clause).join("、")],
  ["到期 expires", (g) => (g.expires_ms ? term(g.expires_ms) : "")],
];
export const requestColumns = [
  ["编号 number", (r) => r.number, true, (r) => `#request/${r.id}`],
  ["使用方 consumer", (r) => who(r.consumer)],
  ["提供方 provider", (r) => who(r.provider)],
  ["状态 status", (r) => word(r.status, "status")],
  ["提出 submitted", (r) => time(r.submitted_ms)],
];
const columns = {
  deadlines: deadlineColumns,
  matters: matterColumns,
  grants: grantColumns,
  requests: requestColumns,
  duties: [
    ["代码 code", (d) => d.code, true, (d) => address(`duty/${d.id}`)],
    ["名称 name", (d) => d.name],
    ["单位 who", (d) => who(d.member)],
    ["状态 status", (d) => word(d.status, "status")],
  ],
  entries: [
    ["代码 code", (e) => e.code, true, (e) => address(`entry/${e.id}`)],
    ["名称 name", (e) => e.entry.name],
    ["提供方 provider", (e) => who(e.provider)],
    ["共享 sharing", (e) => word(e.entry.sharing, "sharing")],
    ["开放 opening", (e) => word(e.entry.opening, "opening")],
    ["状态 status", (e) => word(e.status, "status")],
  ],
  accesses: [
    ["发起 opened", (a) => time(a.opened_ms)],
    ["目录 entry", (a) => a.entry, true, (a) => address(`entry/${a.entry}`)],
    ["使用方 consumer", (a) => who(a.consumer)],
    ["授权 grant", (a) => short(a.grant), true, (a) => `#grant/${a.grant}`],
    ["状态 status", (a) => word(a.status, "status")],
  ],
};
export const deadlines = (query) => list(`/v1/deadlines?${query}`, deadlineColumns);
export const matters = (query) => list(`/v1/matters?${query}`, matterColumns);
export const grants = (query) => list(`/v1/grants?${query}`, grantColumns);
export const requests = (query) => list(`/v1/requests?${query}`, requestColumns);
const without = (name, whose) => columns[name].filter(([title]) => title !== whose);
export const dutiesOf = (member) => list(`/v1/duties?member=${member}&limit=20`, without("duties", "单位 who"));
export const entriesOf = (member) => list(`/v1/entries?provider=${member}&limit=20`, without("entries", "提供方 provider"));

// What a figure counts: a list of the API by its address.
export async function listPage(query) {
  const path = query.get("path") ?? "";
  const name = /^\/v1\/([a-z]+)\?[\w=&%.-]*$/.exec(path)?.[1];
  if (!columns[name]) throw new Error("没有此列表 There is no such list.");
  const title = query.get("title") ?? "明细";
  return [section(title, "what is counted", await list(path, columns[name]))];
}

// ---- members ----

export const memberColumns = (votes) => [
  ["统一社会信用代码 code", (m) => m.id, true],
  ["单位 name", (m) => m.name, false, (m) => `#member/${m.id}`],
  ["身份 parties", (m) => m.parties.map((party) => word(party, "parties")).join("、")],
  ["状态 status", (m) => word(m.status, "status")],
  ["验证 votes", (m) => (votes.has(m.id) ? "是 yes" : "否 no")],
];

export async function membersPage() {
  const votes = new Set((await get("/v1/validators")).set.map((one) => one.member));
  const hint = element("p", "按代码排列；按名称查找请用上方的搜索 By code; the search above finds names", { class: "limits" });
  return [section("成员", "Members", await list("/v1/members?limit=200", memberColumns(votes)), hint)];
}

// ---- deadlines ----

const states = [
  ["open", "未办结 open"], ["running", "进行中 running"], ["overdue", "逾期未办 overdue"],
  ["resting", "中止 resting"], ["warned", "已提醒 warned"], ["in-time", "按期办结 in time"], ["late", "逾期办结 late"],
  ["lapsed", "届满处置 lapsed"], ["dropped", "无须再办 dropped"], ["missed", "逾期未办，无须再办 missed"],
  ["all", "全部 all"],
];

// Warnings are acts of the ledger, the newest first.
const warnings = (member) => list(`/v1/acts?effect=term-warning${member ? `&member=${member}` : ""}`, [
  ["提醒 warned", (a) => time(a.time_ms)],
  ["责任单位 who", (a) => who(a.member), false, (a) => (a.member ? `#member/${a.member}` : null)],
  ["应办事项 what", (a) => `${a.chinese} ${a.english}`],
  ["届满 due", (a) => term(a.due_ms)],
  ["对象 subject", (a) => called(a.subject, a.number), false, (a) => address(a.subject)],
  ["依据 clause", (a) => a.clause],
  ["高度 height", (a) => a.height, false, (a) => `#block/${a.height}`],
]);

export async function deadlinesPage(query) {
  const state = query.get("state") ?? "open";
  const member = query.get("member") ?? "";
  const asked = new URLSearchParams(member ? { member } : {});
  if (state === "open") asked.set("open", "1");
  else if (state !== "all") asked.set("state", state);
  const form = filters("deadlines", [
    choice("state", "状态 state", states, state),
    choice("member", "责任单位 who", agencies(), member)]);
  return [section("期限", "Deadlines, the earliest first", form,
    state === "warned" ? await warnings(member) : await deadlines(asked))];
}

// ---- matters ----

function statuses(kind) {
  const known = kinds().find((one) => one.kind === kind);
  const own = known ? [...known.open, ...known.other].map((one) => [one.word, `${one.chinese} ${one.word}`]) : [];
  return [["all", "全部状态 all"], ["open", "未办结或有效 open"],
    ...own.map(([value, text]) => [`=${value}`, text])];
}

export async function mattersPage(query) {
  const kind = query.get("kind") ?? "", member = query.get("member") ?? "";
  const known = statuses(kind);
  const wanted = query.get("status") ?? (kind ? "all" : "open");
  const state = known.some(([value]) => value === wanted) ? wanted : "all"; // of another kind
  const asked = new URLSearchParams();
  if (kind) asked.set("kind", kind);
  if (member) asked.set("member", member);
  if (state === "open") asked.set("open", "1");
  else if (state !== "all") asked.set("status", state.slice(1));
  const form = filters("matters", [
    choice("kind", "种类 kind", [["", "全部种类 all"], ...kinds().map((one) => [one.kind, familyName(one.kind)])], kind),
    choice("status", "状态 status", known, state),
    choice("member", "单位 who", agencies(), member)]);
  return [section("事项", "Matters, the oldest first", form, await matters(asked))];
}
