// Pieces of pages. Everything is written as text, never as markup.
import { get } from "./ledger.mjs";

export function element(kind, text, attributes = {}) {
  const node = document.createElement(kind);
  if (text !== undefined && text !== null) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export const link = (text, href) => element("a", text, { href });

// A heading in Chinese, with the English small beside it.
export function heading(level, chinese, english) {
  const node = element(level, `${chinese} `);
  node.append(element("small", english));
  return node;
}

export function section(chinese, english, ...children) {
  const node = element("section");
  node.append(heading("h2", chinese, english), ...children);
  return node;
}

// ---- name and value ----

export const facts = (pairs) => {
  const list = element("dl");
  for (const [name, value] of pairs) {
    const cell = element("dd");
    cell.append(value instanceof Node ? value : String(value));
    list.append(element("dt", name), cell);
  }
  return list;
};

// ---- tables ----

// What a list does not know: what happened before this node's history, and what is not in it yet. (A
// block that has just come is being entered: that is no news.)
export function limits(page) {
  const notes = [];
  if (page.since_block > 1) {
    notes.push(`本节点的历史始于区块 ${page.since_block}，此前发生的未列出（中心节点保存完整历史）`
      + ` This node's history begins at block ${page.since_block}: what happened before is not listed; the center keeps it all`);
  }
  if (page.height + 1 < page.tip) {
    notes.push(`列表仅至区块 ${page.height}，最新为 ${page.tip} The list goes up to block ${page.height} of ${page.tip}`);
  }
  return notes.map((note) => element("p", note, { class: "limits" }));
}

// columns: [title, item → text, is a code, item → address it leads to]
function appendRows(body, items, columns) {
  for (const item of items) {
    const row = body.insertRow();
    for (const [title, text, code, href] of columns) {
      const shown = String(text(item) ?? "");
      const target = href?.(item);
      const cell = element("td", target ? null : shown, { "data-title": title });
      if (target) cell.append(link(shown, target));
      if (code) cell.className = "code";
      row.append(cell);
    }
  }
}

function makeTable(page, columns) {
  const made = element("table");
  const head = made.createTHead().insertRow();
  for (const [title] of columns) head.append(element("th", title));
  appendRows(made.createTBody(), page.items, columns);
  return made;
}

const none = (page) => element("p",
  page.since_block > 1 ? `自区块 ${page.since_block} 起暂无 None since block ${page.since_block}` : "暂无 None",
  { class: "empty" });

export function fill(rows, page, columns) {
  rows.replaceChildren(page.items.length === 0 ? none(page) : makeTable(page, columns), ...limits(page));
}

// A list of the API with all its pages, one after another on demand: `first` makes something of the
// first page, `further` adds another to it.
export async function paged(path, first, further) {
  const page = await get(path);
  const made = first(page);
  let next = page.next;
  if (!next) return made;
  const more = element("button", "更多 More", { type: "button", class: "more" });
  more.addEventListener("click", async () => {
    more.disabled = true;
    try {
      const other = await get(`${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(next)}`);
      further(made, other);
      next = other.next;
      more.textContent = "更多 More";
      more.hidden = !next;
    } catch (error) {
      more.textContent = `再试一次 Try again: ${error.message}`;
    }
    more.disabled = false;
  });
  made.append(more);
  return made;
}

export function list(path, columns) {
  return paged(path, (page) => {
    const rows = element("div", null, { class: "rows" });
    fill(rows, page, columns);
    return rows;
  }, (rows, page) => appendRows(rows.querySelector("tbody"), page.items, columns));
}

// ---- choosing ----

export function choice(name, title, options, chosen) {
  const label = element("label", `${title} `);
  const select = element("select", null, { name });
  for (const [value, text] of options) {
    const option = element("option", text, { value });
    option.selected = value === (chosen ?? "");
    select.append(option);
  }
  label.append(select);
  return label;
}

export function input(name, title, type, value) {
  const label = element("label", `${title} `);
  label.append(element("input", null, { name, type, value: value ?? "" }));
  return label;
}

// A form whose fields are the page's query: a change leads to the page so asked for.
export function filters(page, fields) {
  const form = element("form", null, { class: "filters" });
  form.append(...fields);
  const go = () => {
    const given = [...new FormData(form)].filter(([, value]) => value !== "");
    location.hash = `${page}?${new URLSearchParams(given)}`;
  };
  form.addEventListener("change", go);
  form.addEventListener("submit", (event) => { event.preventDefault(); go(); });
  return form;
}
