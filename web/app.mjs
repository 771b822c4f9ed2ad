// The explorer: the node's first page, live, and the pages that the address names behind "#":
// "deadlines?state=overdue", or a record as "family/id". Everything comes from the public API of
// this node (ledger.mjs) and is written as text, never as markup (draw.mjs).
import { assessmentPage } from "./assessment.mjs";
import { element, facts, fill, section } from "./draw.mjs";
import {
  address, called, get, keyName, kinds, learnMembers, learnWords, own, short, time, typeOf, who, word,
} from "./ledger.mjs";
import {
  deadlinesPage, listPage, mattersPage, memberColumns, membersPage, requestColumns,
} from "./lists.mjs";
import { reachable, recordPage } from "./record.mjs";

const deciders = {
  provider: "提供方 provider", center: "中心 center", consumer: "使用方 consumer", "at-once": "即时授权 at once",
  "deemed-approved": "无人答复，视作同意 deemed approved", barred: "不再共享，依规不予同意 barred",
  ruling: "协调结论 ruling", settlement: "协商结果 settlement",
};

const at = (id) => document.getElementById(id);
const table = (id, page, columns) => fill(at(id).querySelector(".rows"), page, columns);

function say(text) {
  at("trouble").hidden = text === "";
  at("trouble").textContent = text;
}
const trouble = (error) => say(error ? `无法读取 It cannot be read: ${error.message}` : "");

// ---- the first page ----

function tip(status) {
  const known = [
    ["高度 height", status.tip.height],
    ["区块时间 block time", time(status.tip.time_ms)],
    ["区块哈希 block hash", short(status.tip.hash)],
    ["日志条数 log entries", status.tip.log_size],
    ["本节点 this node", `${who(status.member)} ${status.member}`],
    ["创世哈希 chain", short(status.chain)],
    ["在线节点 peers up", `${status.node.peers.filter((peer) => peer.up).length} / ${status.node.peers.length}`],
  ];
  const kept = status.node.history?.first_block ?? 1;
  if (kept > 1) known.push(["本节点区块始于 blocks kept from", kept]);
  if (status.node.sync?.active) known.push(["同步中 syncing", "是 yes：尚未跟上其他节点 behind the others"]);
  if (status.test) known.push(["测试链 test chain", "是 yes：时钟可拨快 its clock may be advanced"]);
  at("tip").querySelector("dl").replaceWith(facts(known));
}

// Who votes, then others; a whole province's would leave no room for anything else.
const MEMBERS_SHOWN = 12;
const MEMBERS_AGE_MS = 30000; // a block may have brought a member, or another name
let membersAt = 0;
async function drawMembers() {
  const [members, validators] = await Promise.all([learnMembers(), get("/v1/validators")]);
  const votes = new Set(validators.set.map((one) => one.member));
  const first = [...members].sort((a, b) => votes.has(b.id) - votes.has(a.id)).slice(0, MEMBERS_SHOWN);
  const [code, name, , status, voting] = memberColumns(votes);
  table("members", { items: first }, [code, name, status, voting]);
  at("members").querySelector(".limits a").textContent = `全部 ${members.length} 个成员 all ${members.length} members`;
  membersAt = Date.now();
}

async function drawLedger() {
  const [status, requests, transactions, acts] = await Promise.all([
    get("/v1/status"), get("/v1/requests?limit=8"), get("/v1/transactions?limit=12"), get("/v1/acts?limit=8")]);
  tip(status);
  table("requests", requests, [
    ...requestColumns.slice(0, 4), ["决定 decided by", (r) => own(deciders, r.decided)]]);
  table("transactions", transactions, [
    ["时间 time", (t) => time(t.time_ms)],
    ["办理 what", (t) => `${typeOf(t.type)?.chinese ?? ""} ${t.type}`, false, (t) => `#transaction/${t.txid}`],
    ["单位 by", (t) => `${who(t.member)} / ${keyName(t.key)}`],
    ["高度 height", (t) => t.height, false, (t) => `#block/${t.height}`],
  ]);
  table("acts", acts, [
    ["时间 time", (a) => time(a.time_ms)],
    ["对象 subject", (a) => called(a.subject, a.number), false, (a) => (reachable(a.subject) ? address(a.subject) : null)],
    ["事项 effect", (a) => word(a.effect, "effect")],
    ["依据 clause", (a) => a.clause],
    ["高度 height", (a) => a.height, false, (a) => `#block/${a.height}`],
  ]);
}

// At most one redraw under way and one waiting, however many blocks come.
let drawing = false;
let again = false;
async function redraw(withMembers) {
  if (drawing) { again = true; return; }
  drawing = true;
  try {
    if (withMembers || Date.now() - membersAt > MEMBERS_AGE_MS) await drawMembers();
    if (!at("home").hidden) await drawLedger();
    trouble(null);
  } catch (error) {
    trouble(error);
  }
  drawing = false;
  if (again) { again = false; await redraw(false); }
}

// ---- the other pages ----

const pages = {
  deadlines: deadlinesPage, matters: mattersPage, members: membersPage, assessment: assessmentPage, list: listPage,
};

// What draws the page of an address; null for the first page.
function pageOf(name, query) {
  const page = own(pages, name);
  if (page) return () => page(new URLSearchParams(query));
  const key = name.split("/").map(decodeURIComponent).join("/");
  return reachable(key) ? () => recordPage(key) : null;
}

let failed = true; // the page in sight could not be read, or none was tried yet
let wanted = 0; // the newest page asked for: a slower one before it is not shown any more
async function show() {
  const turn = ++wanted;
  const [name, query] = location.hash.slice(1).split("?");
  let page;
  try {
    page = pageOf(name, query);
  } catch { // no percent-encoding
    page = () => { throw new Error("地址有误 The address is malformed"); };
  }
  for (const one of document.querySelectorAll("nav a")) {
    one.toggleAttribute("aria-current", one.getAttribute("href") === `#${page ? name : ""}`);
  }
  let sections = [];
  let unread = false;
  try {
    sections = page ? await page() : [];
  } catch (error) {
    unread = true;
    sections = [section("无法读取", "It cannot be read", element("p", error.message))];
  }
  if (turn !== wanted) return;
  failed = unread;
  at("page").replaceChildren(...sections);
  at("page").hidden = !page;
  at("home").hidden = Boolean(page);
  window.scrollTo(0, 0);
  if (!page) await redraw(false);
}

at("search").addEventListener("submit", async (event) => {
  event.preventDefault();
  const query = at("query").value.trim();
  at("found").hidden = query === "";
  if (query === "") return;
  try {
    const found = await get(`/v1/search?q=${encodeURIComponent(query)}&limit=50`);
    table("found", found, [
      ["种类 kind", (f) => word(f.kind)],
      ["名称 title", (f) => f.title, false, (f) => address(`${f.kind}/${f.id}`)],
      ["标识 id", (f) => f.id, true]]);
    trouble(null);
  } catch (error) {
    trouble(error);
  }
});

// Everything from the beginning, as far as it is not there yet.
async function start() {
  try {
    if (kinds().length === 0) await learnWords();
    await redraw(true);
    if (failed) await show();
  } catch (error) {
    trouble(error);
  }
}

// ---- live ----

// A browser has six connections to a node for all of its tabs: only those in sight listen.
const RETRY_MS = 5000;
let events = null;
let missed = false; // blocks may have come that nobody heard of
let retry = 0;

function hush() {
  clearTimeout(retry);
  events?.close();
  events = null;
  missed = true;
}

function listen() {
  if (document.visibilityState !== "visible") missed = true;
  if (events || document.visibilityState !== "visible") return;
  clearTimeout(retry);
  const source = new EventSource("/v1/events"); // resumes by itself from the last height it saw
  events = source;
  source.addEventListener("block", () => redraw(false));
  source.addEventListener("validators-changed", () => redraw(true));
  source.addEventListener("open", () => {
    if (missed) { say(""); start(); }
    missed = false;
  });
  source.addEventListener("error", () => {
    if (events !== source) return;
    missed = true;
    say("本节点没有应答，所示内容可能已不是最新 The node does not answer: what is shown may be old");
    if (source.readyState === EventSource.CLOSED) { // refused: the browser does not try again
      hush();
      retry = setTimeout(listen, RETRY_MS);
    }
  });
}

// Who clicks on a link before all is there is heard: the page comes when it can be drawn.
const started = start();
window.addEventListener("hashchange", async () => { at("found").hidden = true; await started; show(); });
await started;
listen();
document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? listen() : hush()));
window.addEventListener("pagehide", hush);
window.addEventListener("pageshow", listen);
