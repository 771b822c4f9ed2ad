/* The forms of the district's rules, box by box in the order of their annexes, filled in from the
 * ledger's records. Names and telephone numbers of officers are on no ledger: their boxes are
 * filled in where the form is printed, or by hand. */
#include "exchange/form.h"

#include "base/civil.h"
#include "base/memory.h"
#include "exchange/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS 4
#define CHOSEN "■"
#define NOT_CHOSEN "□"

/* ---- boxes ---- */

static struct doc *row_add(struct doc *rows, bool tall)
{
    struct doc *row = doc_new_object();
    struct doc *cells = doc_new_array();
    doc_set_bool(row, "tall", tall);
    doc_set(row, "cells", cells);
    doc_push(rows, row);
    return cells;
}

static void cell_add(struct doc *cells, const char *text, int span, bool label)
{
    struct doc *cell = doc_new_object();
    doc_set_bool(cell, "label", label);
    doc_set_int(cell, "span", span);
    doc_set_text(cell, "text", text == NULL || !doc_text_valid(view_of_text(text)) ? "" : text);
    doc_push(cells, cell);
}

/* A label and its box over the rest of the row. */
static void line_add(struct doc *rows, const char *label, const char *text, bool tall)
{
    struct doc *cells = row_add(rows, tall);
    cell_add(cells, label, 1, true);
    cell_add(cells, text, COLUMNS - 1, false);
}

static void pair_add(struct doc *rows, const char *label, const char *text, const char *second,
                     const char *second_text)
{
    struct doc *cells = row_add(rows, false);
    cell_add(cells, label, 1, true);
    cell_add(cells, text, 1, false);
    cell_add(cells, second, 1, true);
    cell_add(cells, second_text, 1, false);
}

static struct doc *form_new(const struct form_facts *facts, const char *name, const char *number,
                            const char *unnumbered)
{
    static const char subject[] = "公共数据";
    struct doc *form = doc_new_object();
    /* The district's name stands before its rules' subject: 长宁区公共数据管理办法. */
    const char *policy = doc_get_text(facts->profile, "title");
    const char *end = policy == NULL ? NULL : strstr(policy, subject);
    doc_set_format(form, "title", "%.*s%s%s", end == NULL ? 0 : (int)(end - policy),
                   end == NULL ? "" : policy, subject, name);
    doc_set_format(form, "number", "编号：%s", number == NULL ? unnumbered : number);
    doc_set_int(form, "columns", COLUMNS);
    doc_set(form, "rows", doc_new_array());
    return form;
}

/* "2026年2月12日", or the places to write it by hand. */
static void append_date(struct buf *out, int64_t time_ms)
{
    int year, month, day;
    if (time_ms <= 0) {
        buf_append_text(out, "　　年　月　日");
        return;
    }
    civil_date_from_day(&year, &month, &day, civil_day(time_ms));
    buf_append_format(out, "%d年%d月%d日", year, month, day);
}

/* "■库表对接　□接口对接 …": the words of the annex, those of the record's word marked. */
struct mark {
    const char *text;
    const char *words; /* of the protocol, blanks between */
};
static void append_marks(struct buf *out, const struct mark *marks, const char *word)
{
    for (; marks->text != NULL; marks++) {
        size_t len = word == NULL ? 0 : strlen(word);
        bool chosen = false;
        for (const char *at = marks->words; len > 0 && !chosen && *at != 0;) {
            size_t one = strcspn(at, " ");
            chosen = one == len && strncmp(at, word, len) == 0;
            at += one + strspn(at + one, " ");
        }
        buf_append_format(out, "%s%s　", chosen ? CHOSEN : NOT_CHOSEN, marks->text);
    }
}

static void append_int(struct buf *out, const struct doc *object, const char *name)
{
    if (doc_get(object, name) != NULL) {
        buf_append_format(out, "%" PRId64, doc_get_int(object, name, 0));
    }
}

/* ---- CN 附件1 ---- */

struct doc *form_of_collection(const struct form_facts *facts)
{
    static const struct mark methods[] = {
        {"库表对接", "table"}, {"接口对接", "service"}, {"离线导入", "offline"}, {NULL, NULL}};
    const struct doc *report = doc_get(facts->collection, "report");
    bool certified = doc_text_is(facts->collection, "status", "certified");
    AUTO(buf_free) struct buf tables = {0};
    AUTO(buf_free) struct buf rows_count = {0};
    AUTO(buf_free) struct buf method = {0};
    AUTO(buf_free) struct buf seal = {0};
    /* Where the policy numbers no certificates, one that is certified has none either. */
    struct doc *form = form_new(facts, "汇聚成果认定表",
                                certified ? doc_get_text(facts->collection, "number") : NULL,
                                certified ? "" : "（尚未认定）");
    AUTO(doc_free) struct doc *rows = doc_new_array();
    const char *center = doc_get_text(facts->center, "name");
    append_int(&tables, report, "tables");
    append_int(&rows_count, report, "rows");
    append_marks(&method, methods, doc_get_text(report, "method"));
    buf_append_format(&seal, "负责人：\n\n%s（印章）\n\n日期：", center == NULL ? "" : center);
    append_date(&seal,
                certified ? doc_get_int(doc_get(facts->collection, "review"), "time_ms", 0) : 0);
    line_add(rows, "单位名称", doc_get_text(facts->provider, "name"), false);
    pair_add(rows, "联络人", facts->contact, "联络方式", facts->phone);
    pair_add(rows, "系统名称", doc_get_text(report, "system"), "资源表（张）", buf_text(&tables));
    pair_add(rows, "内容描述", doc_get_text(report, "content"), "汇聚量（条）",
             buf_text(&rows_count));
    line_add(rows, "汇聚方式", buf_text(&method), false);
    cell_add(row_add(rows, true), buf_text(&seal), COLUMNS, false);
    doc_set(form, "rows", doc_ref(rows));
    return form;
}

/* ---- CN 附件2 ---- */

static void append_texts(struct buf *out, const char *title, const struct doc *texts)
{
    for (size_t i = 0; i < doc_count(texts); i++) {
        const char *text = doc_text(doc_at(texts, i));
        buf_append_format(out, "%s%s", i == 0 ? title : "、", text == NULL ? "" : text);
    }
}

static void append_grounds(struct buf *out, const struct doc *grounds)
{
    const struct doc *laws = doc_get(grounds, "legal_basis");
    append_texts(out, "\n理由：", doc_get(grounds, "reasons"));
    for (size_t i = 0; i < doc_count(laws); i++) {
        const char *law = doc_get_text(doc_at(laws, i), "law");
        const char *article = doc_get_text(doc_at(laws, i), "article");
        buf_append_format(out, "%s%s%s", i == 0 ? "\n依据：" : "；", law == NULL ? "" : law,
                          article == NULL ? "" : article);
    }
}

/* A verdict of the center on the scenario (PT 19) or the way of use (PT 21). */
static void append_verdict(struct buf *out, const struct doc *assessment, const char *name,
                           const char *title)
{
    const char *verdict = doc_get_text(assessment, name);
    if (verdict != NULL) {
        bool accepted = strcmp(verdict, "accept") == 0;
        buf_append_format(out, "%s%s。", title, accepted ? "通过" : "未通过");
    }
}

/* Where nobody has answered: the sharing without conditions, once it is granted, and what the
 * center's assessment came to, where there was one (PT 21). */
static void append_unanswered(struct buf *out, const struct doc *request)
{
    const struct doc *assessment = doc_get(request, "assessment");
    const char *opinion = doc_get_text(assessment, "opinion");
    if (doc_text_is(request, "route", "unconditional") &&
        doc_text_is(request, "status", "granted")) {
        buf_append_text(out, assessment == NULL ? "无条件共享，备案后即予共享。"
                                                : "无条件共享，评估通过后即予共享。");
    }
    append_verdict(out, assessment, "scenario", "应用场景评估");
    append_verdict(out, assessment, "mode", "使用方式技术评估");
    if (opinion != NULL) {
        buf_append_format(out, "\n评估意见：%s", opinion);
    }
}

/* PT 24, CN 17: whoever was to rule, or both sides, decided what the provider did not, or
 * otherwise; the grant says what that gave. */
static void append_ruling(struct buf *out, const struct form_facts *facts)
{
    bool ruled = doc_text_is(facts->request, "decided_by", "ruling");
    if (!ruled && !doc_text_is(facts->request, "decided_by", "settlement")) {
        return;
    }
    buf_append_format(out, "\n\n%s：%s", ruled ? "协调处理结论" : "双方协商一致",
                      facts->grant == NULL ? "不同意共享。" : "同意共享。");
    if (facts->grant != NULL) {
        append_texts(out, "\n授权信息项：", doc_get(facts->grant, "items"));
        buf_append_text(out, "\n有效期至：");
        append_date(out, doc_get_int(facts->grant, "expires_ms", 0) - 1); /* its last day */
    }
}

/* What the provider, or the ledger in its place, has decided. */
static void append_opinion(struct buf *out, const struct form_facts *facts)
{
    const struct doc *answer = facts->answer;
    const char *terms = doc_get_text(answer, "terms");
    if (answer == NULL) {
        append_unanswered(out, facts->request);
        return;
    }
    bool approved = doc_text_is(answer, "decision", "approve") && doc_get(answer, "barred") == NULL;
    bool deemed = doc_get_bool(answer, "deemed", false);
    buf_append_text(out, !approved ? "不同意共享。"
                         : deemed  ? "逾期未答复，视作同意共享。"
                                   : "同意共享。");
    append_texts(out, "\n信息项限于：", doc_get(answer, "items"));
    append_texts(out, "\n须脱敏：", doc_get(answer, "masked"));
    if (terms != NULL) {
        buf_append_format(out, "\n其他条件：%s", terms);
    }
    append_grounds(out, doc_get(answer, "grounds"));
}

static const struct doc *item_named(const struct doc *items, const char *name)
{
    for (size_t i = 0; name != NULL && i < doc_count(items); i++) {
        if (doc_text_is(doc_at(items, i), "name", name)) {
            return doc_at(items, i);
        }
    }
    return NULL;
}

static void append_format(struct buf *out, const struct doc *item)
{
    const char *type = word_chinese("type", doc_get_text(item, "type"));
    buf_append_text(out, type == NULL ? "" : type);
    if (doc_get(item, "length") != NULL) {
        buf_append_format(out, "（%" PRId64, doc_get_int(item, "length", 0));
        if (doc_get(item, "precision") != NULL) {
            buf_append_format(out, "/%" PRId64, doc_get_int(item, "precision", 0));
        }
        buf_append_text(out, "）");
    }
}

static void items_add(struct doc *rows, const struct doc *names, const struct doc *entry)
{
    static const char *const titles[COLUMNS] = {"信息项中文名", "信息项英文名", "数据格式",
                                                "共享属性"};
    const struct doc *items = doc_get(entry, "items");
    cell_add(row_add(rows, false), "信息项清单", COLUMNS, true);
    struct doc *heading = row_add(rows, false);
    for (size_t i = 0; i < COLUMNS; i++) {
        cell_add(heading, titles[i], 1, true);
    }
    for (size_t i = 0; i < doc_count(names); i++) {
        const char *name = doc_text(doc_at(names, i));
        const struct doc *item = item_named(items, name);
        const char *sharing = doc_get_text(item, "sharing");
        AUTO(buf_free) struct buf format = {0};
        struct doc *cells = row_add(rows, false);
        append_format(&format, item);
        cell_add(cells, name, 1, false);
        cell_add(cells, doc_get_text(item, "field"), 1, false);
        cell_add(cells, buf_text(&format), 1, false);
        cell_add(
            cells,
            word_chinese("sharing", sharing != NULL ? sharing : doc_get_text(entry, "sharing")), 1,
            false);
    }
}

static void signatures_add(struct doc *rows, const struct form_facts *facts)
{
    const char *consumer = doc_get_text(facts->consumer, "name");
    const char *provider = doc_get_text(facts->provider, "name");
    AUTO(buf_free) struct buf applied = {0};
    AUTO(buf_free) struct buf opinion = {0};
    AUTO(buf_free) struct buf reviewed = {0};
    buf_append_format(&applied, "申请单位：%s（印章）\n\n申请日期：",
                      consumer == NULL ? "" : consumer);
    append_date(&applied, doc_get_int(facts->request, "submitted_ms", 0));
    buf_append_text(&opinion, "提供方审核意见：\n");
    append_opinion(&opinion, facts);
    append_ruling(&opinion, facts);
    buf_append_format(&reviewed, "提供方审核人：\n\n单位：%s（印章）\n\n审核日期：",
                      provider == NULL ? "" : provider);
    append_date(&reviewed, doc_get_int(facts->answer, "time_ms", 0));
    cell_add(row_add(rows, true), buf_text(&applied), COLUMNS, false);
    struct doc *cells = row_add(rows, true);
    cell_add(cells, buf_text(&opinion), COLUMNS / 2, false);
    cell_add(cells, buf_text(&reviewed), COLUMNS / 2, false);
}

struct doc *form_of_request(const struct form_facts *facts)
{
    static const struct mark modes[] = {{"基本查询", "query"},
                                        {"接口对接", "service comparison"},
                                        {"数据同步", "table file queue changes"},
                                        {NULL, NULL}};
    const struct doc *body = doc_get(facts->request, "request");
    const struct doc *entry = doc_get(facts->entry, "entry");
    const char *parts[] = {doc_get_text(body, "purpose"), doc_get_text(body, "basis"),
                           doc_get_text(body, "goal")};
    AUTO(buf_free) struct buf reason = {0};
    AUTO(buf_free) struct buf mode = {0};
    struct doc *form =
        form_new(facts, "共享申请审核表", doc_get_text(facts->request, "number"), "");
    AUTO(doc_free) struct doc *rows = doc_new_array();
    buf_append_format(&reason, "%s\n依据：%s\n目标：%s", parts[0] == NULL ? "" : parts[0],
                      parts[1] == NULL ? "" : parts[1], parts[2] == NULL ? "" : parts[2]);
    append_marks(&mode, modes, doc_get_text(body, "mode"));
    line_add(rows, "申请单位", doc_get_text(facts->consumer, "name"), false);
    pair_add(rows, "申请人", facts->contact, "联络方式", facts->phone);
    line_add(rows, "资源名称", doc_get_text(entry, "name"), false);
    line_add(rows, "申请原因", buf_text(&reason), true);
    line_add(rows, "共享方式", buf_text(&mode), false);
    line_add(rows, "用途系统", doc_get_text(body, "system"), false);
    signatures_add(rows, facts);
    items_add(rows, doc_get(body, "items"), entry);
    doc_set(form, "rows", doc_ref(rows));
    return form;
}
