// The assessment of an agency in a period (PT 32, CN 25, OPEN 38): each figure leads to the list of
// what is behind it.
import { choice, element, fill, filters, input, section } from "./draw.mjs";
import { day, get, names, namesInOrder, term, time, word } from "./ledger.mjs";

const percent = (permille) => (permille === undefined ? "—" : `${(permille / 10).toFixed(1)}%`);

const columns = [
  ["指标 figure", (f) => `${f.chinese} ${f.english}`,
    false, (f) => `#list?${new URLSearchParams({ path: f.items, title: f.chinese })}`],
  ["计数 count", (f) => `${f.count} / ${f.of}`],
  ["比率 rate", (f) => percent(f.permille)],
  ["口径 as of", (f) => word(f.as_of, "as_of")],
  ["依据 clause", (f) => f.clause],
  ["对照 beside it", (f) => f.others_chinese,
    false, (f) => `#list?${new URLSearchParams({ path: f.others, title: f.others_chinese })}`],
];

export async function assessmentPage(query) {
  const agencies = namesInOrder();
  const member = query.get("member") || agencies[0]?.[0];
  if (member && !names.has(member)) agencies.unshift([member, `无此单位 no such agency ${member}`]);
  const asked = new URLSearchParams({ member });
  for (const name of ["from", "to"]) if (query.get(name)) asked.set(name, query.get(name));
  const form = filters("assessment", [
    choice("member", "单位 agency", agencies, member),
    input("from", "自 from", "date", query.get("from")),
    input("to", "至 to", "date", query.get("to"))]);
  let answer;
  try {
    answer = await get(`/v1/assessment?${asked}`);
  } catch (error) {
    if (!error.refused) throw error;
    return [section("考核", "Assessment", form, element("p", error.message, { role: "alert" }))];
  }
  const rows = element("div", null, { class: "rows" });
  fill(rows, { items: answer.figures }, columns);
  if (answer.since_block > 1) {
    rows.append(element("p", `本节点的历史始于区块 ${answer.since_block}，即 ${day(answer.since_ms)} 起；此前届满的期限、完成的传输未计入（中心节点保存完整历史）`
      + ` This node's history begins at block ${answer.since_block}, on ${day(answer.since_ms)}: terms that ended and transfers made before are not counted; the center keeps it all`,
    { class: "limits" }));
  }
  const period = `${time(answer.from_ms)} — ${term(answer.to_ms)}`;
  return [section("考核", "Assessment", form, element("p", `期间 period: ${period}`, { class: "limits" }), rows)];
}
