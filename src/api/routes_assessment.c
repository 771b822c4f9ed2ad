/* GET /v1/assessment: what PT 32, CN 25 and OPEN 38 have assessed, of one agency and period,
 * counted from the ledger. Each figure is a count out of a count, with the address of the list of
 * what is counted ("items"; of grants used, their uses), and of what is beside it ("others").
 *
 *   in time    of the terms that an agency owed and that ended in the period, those done in time
 *   complete   of its duties in force, those that a published entry stems from (CESI 4.2.2)
 *   shared     of its published entries, those shared without condition; those open
 *   used       of the grants in force at some time of the period, suspended or not, those by which
 *              data was called in it: an access that failed is none (PT 26, CN 25)
 *   agreeing   of the transfers it gave in the period, those whose receipts agree (PT 16)
 *
 * Duties and entries are counted as they stand now; what happened, and what was in force, in the
 * period: what comes later changes nothing of that. Each figure says which ("as_of"). */
#include "api/indexer.h"
#include "api/list_query.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/term_kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct period {
    const char *member;
    int64_t from_ms, to_ms; /* to_ms is excluded */
};

#define NOW "now"
#define PERIOD "period"

/* Parameters of the SQL: ?1 member, ?2 from_ms, ?3 to_ms. */
struct figure {
    const char *name, *chinese, *english, *clause;
    const char *count, *of;
    const char *as_of;
    const char *items; /* what is counted; @m is the member, @p the period, @h held in it */
    /* What is beside it, and what that is called. */
    const char *others, *others_chinese, *others_english;
};

/* 数据调用, by the word of either side (receipts.c). */
#define USES                                                                                       \
    "opened_ms >= ?2 AND opened_ms < ?3 AND (p_result <> 'failed' OR c_result <> 'failed')"

static const struct figure figures[] = {
    {"duties-with-entry", "有目录的职责", "duties with an entry", "CESI 4.2.2, PT 11",
     "SELECT count(*) FROM duty WHERE member = ?1 AND status = 'active' AND EXISTS(SELECT 1 FROM "
     "entry WHERE entry.duty = duty.id AND entry.status = 'published') AND ?2 = ?2 AND ?3 = ?3",
     "SELECT count(*) FROM duty WHERE member = ?1 AND status = 'active' AND ?2 = ?2 AND ?3 = ?3",
     NOW, "/v1/duties?member=@m&status=active&with_entry=1",
     "/v1/duties?member=@m&status=active&without_entry=1", "没有目录的职责",
     "duties without an entry"},
    {"entries-unconditional", "无条件共享的目录", "entries shared unconditionally", "PT 7, CN 14",
     "SELECT count(*) FROM entry WHERE provider = ?1 AND status = 'published' AND sharing = "
     "'unconditional' AND ?2 = ?2 AND ?3 = ?3",
     "SELECT count(*) FROM entry WHERE provider = ?1 AND status = 'published' AND ?2 = ?2 AND "
     "?3 = ?3",
     NOW, "/v1/entries?provider=@m&status=published&sharing=unconditional",
     "/v1/entries?provider=@m&status=published", "全部目录", "all entries"},
    {"entries-open", "无条件开放的目录", "entries open without condition", "OPEN 14",
     "SELECT count(*) FROM entry WHERE provider = ?1 AND status = 'published' AND opening = "
     "'unconditional' AND ?2 = ?2 AND ?3 = ?3",
     "SELECT count(*) FROM entry WHERE provider = ?1 AND status = 'published' AND ?2 = ?2 AND "
     "?3 = ?3",
     NOW, "/v1/entries?provider=@m&status=published&opening=unconditional",
     "/v1/entries?provider=@m&status=published", "全部目录", "all entries"},
    {"grants-used", "用过的授权", "grants used", "PT 26, CN 25",
     "SELECT count(DISTINCT grant_id) FROM access WHERE consumer = ?1 AND " USES,
     "SELECT count(*) FROM grants WHERE consumer = ?1 AND begun_ms < ?3 AND (ended_ms IS NULL OR "
     "ended_ms > ?2)",
     PERIOD, "/v1/accesses?consumer=@m&given=1&@p", "/v1/grants?consumer=@m&@h", "期内有效授权",
     "grants in force in the period"},
    {"receipts-agree", "回执一致的传输", "transfers whose receipts agree", "PT 16",
     "SELECT count(*) FROM access WHERE provider = ?1 AND status = 'closed' AND opened_ms >= ?2 "
     "AND opened_ms < ?3",
     "SELECT count(*) FROM access WHERE provider = ?1 AND opened_ms >= ?2 AND opened_ms < ?3",
     PERIOD, "/v1/accesses?provider=@m&status=closed&@p",
     "/v1/accesses?provider=@m&unsettled=1&@p", "回执不一致或不全的传输",
     "transfers whose receipts differ or lack"},
};

#define ASSESSED "PT 32, CN 25, OPEN 38"

/* A term that ends at 24:00 of a day is of that day. */
#define TERMS_OF "FROM term WHERE member = ?1 AND name = ?4 AND due_ms > ?2 AND due_ms <= ?3 AND "

/* ---- counting ---- */

static int count_rows(int64_t *out, struct read_model *model, const char *sql,
                      const struct period *period, const char *term)
{
    AUTO(read_rows_close) struct read_rows *rows = NULL;
    int error = read_rows_open(&rows, model, sql);
    if (error != 0)
        return error;
    read_rows_bind_text(rows, period->member);
    read_rows_bind_int(rows, period->from_ms);
    read_rows_bind_int(rows, period->to_ms);
    if (term != NULL)
        read_rows_bind_text(rows, term);
    *out = read_rows_next(rows) ? read_rows_int(rows, 0) : 0;
    return read_rows_error(rows);
}

/* Borrowed from the list. */
static struct doc *add_figure(struct doc *list, const struct figure *figure, int64_t count,
                              int64_t of, const char *items)
{
    struct doc *item = doc_new_object();
    doc_set_text(item, "as_of", figure->as_of);
    doc_set_text(item, "chinese", figure->chinese);
    doc_set_text(item, "clause", figure->clause);
    doc_set_int(item, "count", count);
    doc_set_text(item, "english", figure->english);
    doc_set_text(item, "items", items);
    doc_set_text(item, "name", figure->name);
    doc_set_int(item, "of", of);
    if (of > 0)
        doc_set_int(item, "permille", (count * 1000 + of / 2) / of); /* rounded */
    doc_push(list, item);
    return item;
}

static void add_beside(struct doc *item, const char *others, const char *chinese,
                       const char *english)
{
    doc_set_text(item, "others", others);
    doc_set_text(item, "others_chinese", chinese);
    doc_set_text(item, "others_english", english);
}

/* The address of a list, of this member and period. */
static void expand(struct buf *out, const char *address, const struct period *period)
{
    for (const char *at = address; *at; at++) {
        if (strncmp(at, "@m", 2) == 0)
            buf_append_text(out, period->member);
        else if (strncmp(at, "@p", 2) == 0)
            buf_append_format(out, "from_ms=%" PRId64 "&to_ms=%" PRId64, period->from_ms,
                              period->to_ms - 1);
        else if (strncmp(at, "@h", 2) == 0)
            buf_append_format(out, "held_from_ms=%" PRId64 "&held_before_ms=%" PRId64,
                              period->from_ms, period->to_ms);
        else
            buf_append(out, at, 1);
        at += *at == '@';
    }
}

static int add_counted(struct doc *list, struct read_model *model, const struct figure *figure,
                       const struct period *period)
{
    int64_t count = 0, of = 0;
    AUTO(buf_free) struct buf items = {0};
    AUTO(buf_free) struct buf others = {0};
    int error = count_rows(&count, model, figure->count, period, NULL);
    error = error != 0 ? error : count_rows(&of, model, figure->of, period, NULL);
    if (error != 0)
        return error;
    expand(&items, figure->items, period);
    expand(&others, figure->others, period);
    struct doc *item = add_figure(list, figure, count, of, buf_text(&items));
    add_beside(item, buf_text(&others), figure->others_chinese, figure->others_english);
    return 0;
}

/* The terms of one kind that ended in the period. Of what still runs, or rests while its agency is
 * removed, nothing can be said yet; nor of what nobody had to do any more before its end. */
static int add_term(struct doc *list, struct read_model *model, const struct term_kind *kind,
                    const struct period *period)
{
    int64_t count = 0, of = 0;
    char others[300], items[320], name[100], chinese[200], english[200];
    int error = count_rows(&count, model, "SELECT count(*) " TERMS_OF "state = 'in-time'", period,
                           kind->name);
    error = error != 0
                ? error
                : count_rows(&of, model,
                             "SELECT count(*) " TERMS_OF
                             "state NOT IN ('running', 'resting', 'dropped')",
                             period, kind->name);
    if (error != 0 || of == 0)
        return error;
    (void)snprintf(name, sizeof name, "in-time-%s", kind->name);
    (void)snprintf(chinese, sizeof chinese, "按期%s", kind->chinese);
    (void)snprintf(english, sizeof english, "%s in time", kind->english);
    (void)snprintf(others, sizeof others,
                   "/v1/deadlines?member=%s&term=%s&due_from_ms=%" PRId64 "&due_before_ms=%" PRId64,
                   period->member, kind->name, period->from_ms + 1, period->to_ms + 1);
    (void)snprintf(items, sizeof items, "%s&state=in-time", others);
    const struct figure figure = {.name = name,
                                  .chinese = chinese,
                                  .english = english,
                                  .clause = ASSESSED,
                                  .as_of = PERIOD};
    add_beside(add_figure(list, &figure, count, of, items), others, "全部期限",
               "all such deadlines");
    return 0;
}

/* ---- the answer ---- */

static int assess(struct doc **out, struct read_model *model, const struct period *period)
{
    AUTO(doc_free) struct doc *list = doc_new_array();
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof figures / sizeof figures[0]; i++)
        error = add_counted(list, model, &figures[i], period);
    for (size_t i = 0; error == 0 && term_kind_at(i) != NULL; i++)
        if (term_kind_at(i)->owed_by != NULL && term_kind_at(i)->chinese != NULL &&
            !term_kind_at(i)->figure_of_its_own)
            error = add_term(list, model, term_kind_at(i), period);
    if (error == 0)
        *out = doc_ref(list);
    return error;
}

/* The time of the first block whose leaves are here. Of requests from before a snapshot the model
 * has moments, too, and of evidence from before no time; a block without leaves has the place of
 * the next one. */
static int read_begun(int64_t *out_ms, struct read_model *model)
{
    AUTO(read_rows_close) struct read_rows *rows = NULL;
    int error = read_rows_open(
        &rows, model,
        "SELECT time_ms FROM moment WHERE seq >= ifnull((SELECT min(seq) FROM"
        " (SELECT min(seq) AS seq FROM tx UNION ALL SELECT min(seq) FROM act UNION ALL"
        " SELECT min(seq) FROM evidence WHERE time_ms IS NOT NULL)),"
        " (SELECT max(seq) FROM moment)) ORDER BY time_ms LIMIT 1");
    if (error != 0)
        return error;
    *out_ms = read_rows_next(rows) ? read_rows_int(rows, 0) : 0;
    return read_rows_error(rows);
}

/* Nothing is said of a period that was over before the first block: of the chain, or of what this
 * node knows of it; nor of one that has not begun. */
static int check_begun(struct read_model *model, const struct period *period, int64_t begun_ms,
                       struct faults *faults)
{
    char day[CIVIL_TIME_CHARS];
    int error = read_model_since(model) <= 1 ? ERR_FIELD_RANGE : ERR_BEFORE_HISTORY;
    if (period->to_ms > begun_ms)
        return 0;
    civil_format_date(day, civil_day(begun_ms));
    faults_note_may(faults, error, day);
    return faults_add(faults, error, ASSESSED, "to");
}

static int check_member(const struct store_view *view, const char *member, struct faults *faults)
{
    char key[STATE_KEY_BYTES_MAX];
    AUTO(doc_free) struct doc *record = NULL;
    snprintf(key, sizeof key, "member/%s", member);
    int error = store_read_state(&record, view, key);
    return error == ERR_NOT_FOUND ? faults_add(faults, ERR_SUBJECT, NULL, "member") : error;
}

static int refuse_coming(struct faults *faults, int64_t first, int64_t today, const char *field)
{
    char begins[CIVIL_TIME_CHARS], now[CIVIL_TIME_CHARS];
    civil_format_date(begins, first);
    civil_format_date(now, today);
    faults_note_now(faults, ERR_NOT_BEGUN, begins);
    faults_note_may(faults, ERR_NOT_BEGUN, now);
    return faults_add(faults, ERR_NOT_BEGUN, ASSESSED, "%s", field);
}

/* From the first to the last day, both included; by default to the newest block's, and from
 * 1 January of the last day's year. */
static int read_period(struct period *out, const struct doc *query, int64_t now_ms,
                       struct faults *faults)
{
    int year, month, day_of_month;
    int64_t today = civil_day(now_ms), first, last = today;
    const char *from = doc_get_text(query, "from"), *to = doc_get_text(query, "to");
    if (to != NULL && civil_parse_date(&last, to) != 0)
        return faults_add(faults, ERR_FIELD_RANGE, NULL, "to");
    civil_date_from_day(&year, &month, &day_of_month, last);
    first = civil_day_from_date(year, 1, 1);
    if (from != NULL && civil_parse_date(&first, from) != 0)
        return faults_add(faults, ERR_FIELD_RANGE, NULL, "from");
    if (to != NULL && last < first) {
        faults_note_days(faults, ERR_FIELD_RANGE, FAULT_OPEN, last);
        return faults_add(faults, ERR_FIELD_RANGE, NULL, "from");
    }
    if (first > today)
        return refuse_coming(faults, first, today, from == NULL ? "to" : "from");
    *out = (struct period){.member = doc_get_text(query, "member"),
                           .from_ms = civil_day_start(first),
                           .to_ms = civil_day_start(last + 1)};
    return 0;
}

static void assessment_answer(void *argument, struct http_request *request)
{
    struct api *api = argument;
    struct read_model *model = indexer_model(api->indexer);
    struct faults faults = {0};
    struct period period;
    struct doc *list = NULL;
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, api, request))
        return;
    int error = check_member(&view, doc_get_text(http_query(request), "member"), &faults);
    error = error != 0 ? error
                       : read_period(&period, http_query(request), view.tip.time_ms, &faults);
    if (error != 0) {
        http_answer_problem(request, error, faults.count > 0 ? &faults : NULL);
        return;
    }
    int64_t begun_ms = 0;
    error = indexer_failed(api->indexer, read_begun(&begun_ms, model));
    error = error != 0 ? error : check_begun(model, &period, begun_ms, &faults);
    if (error == 0)
        error = indexer_failed(api->indexer, assess(&list, model, &period));
    if (error != 0) {
        http_answer_problem(request, error, faults.count > 0 ? &faults : NULL);
        return;
    }
    struct doc *document = doc_new_object();
    doc_set(document, "figures", list);
    doc_set_int(document, "from_ms", period.from_ms);
    doc_set_int(document, "height", (int64_t)read_model_height(model));
    doc_set_text(document, "member", period.member);
    doc_set_int(document, "since_block", (int64_t)read_model_since(model));
    doc_set_int(document, "since_ms", begun_ms);
    doc_set_int(document, "to_ms", period.to_ms);
    http_answer_doc(request, 200, document);
}

static void serve_assessment(void *context, struct http_request *request)
{
    list_when_ready(context, request, assessment_answer, context);
}

static const struct field fields_assessment[] = {
    {.name = "member",
     .kind = FIELD_MEMBER,
     .required = true,
     .english = "The agency assessed.",
     .chinese = "被考核单位。"},
    {.name = "from",
     .kind = FIELD_DATE,
     .english = "First day; 1 January of the last day's year by default.",
     .chinese = "起始日期，缺省为截止日期当年 1 月 1 日。"},
    {.name = "to",
     .kind = FIELD_DATE,
     .english = "Last day; today by default.",
     .chinese = "截止日期，缺省为当日。"},
    {.name = NULL},
};

const struct http_route routes_assessment[] = {
    {.method = "GET",
     .path = "/v1/assessment",
     .serve = serve_assessment,
     .query = fields_assessment,
     .english = "Assessment figures of an agency and period, each with the list behind it.",
     .chinese = "单位与期间的考核指标，每项附明细地址。"},
    {.method = NULL},
};
