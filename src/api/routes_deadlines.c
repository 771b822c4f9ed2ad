/* GET /v1/deadlines: the terms that the law sets, in the order of their ends: what runs, what is
 * overdue, and how those before ended. */
#include "api/list_query.h"
#include "api/list_words.h"
#include "api/lists.h"
#include "api/term_recount.h"
#include "base/memory.h"
#include "chain/rules/term_kinds.h"

#include <string.h>

static void set_time(struct doc *item, const char *name, int64_t time_ms)
{
    if (time_ms > 0)
        doc_set_int(item, name, time_ms);
}

/* Of what runs. */
static void put_recounted(struct doc *item, struct read_rows *rows, const struct store_view *view)
{
    const struct term_kind *kind = term_kind_find(read_rows_text(rows, 2));
    AUTO(doc_free) struct doc *record = NULL;
    int64_t counted_ms = read_rows_int(rows, 6) > read_rows_int(rows, 11) ? read_rows_int(rows, 6)
                                                                          : read_rows_int(rows, 11);
    if (kind->owed_by_each != NULL)
        (void)store_read_state(&record, view, read_rows_text(rows, 1));
    if (strcmp(read_rows_text(rows, 5), "running") == 0 &&
        term_is_recounted(view, kind, record, read_rows_text(rows, 3), counted_ms))
        doc_set_bool(item, "recounted", true);
}

static struct doc *deadline_item(struct read_rows *rows, const struct store_view *view)
{
    static const char *const texts[] = {"id", "subject", NULL, "member", "clause", "state"};
    struct doc *item = doc_new_object();
    for (int i = 0; i < 6; i++)
        if (texts[i] && read_rows_text(rows, i))
            doc_set_text(item, texts[i], read_rows_text(rows, i));
    list_put_number(item, view);
    list_put_term(item, read_rows_text(rows, 2));
    set_time(item, "from_ms", read_rows_int(rows, 6));
    set_time(item, "due_ms", read_rows_int(rows, 7));
    set_time(item, "ended_ms", read_rows_int(rows, 8));
    if (read_rows_int(rows, 9) != 0)
        doc_set_bool(item, "provisional", true);
    set_time(item, "warned_ms", read_rows_int(rows, 10));
    put_recounted(item, rows, view);
    return item;
}

static const struct list_filter deadline_filters[] = {
    {"member", "member = ?"},        {"subject", "subject = ?"}, {"term", "name = ?"},
    {"state", "state = ?"},          {"open", "open = 1"},       {"due_from_ms", "due_ms >= ?"},
    {"due_before_ms", "due_ms < ?"}, {.parameter = NULL},
};
const struct list list_deadlines = {
    .name = "deadlines",
    .columns = "id, subject, name, member, clause, state, from_ms, due_ms, ended_ms, provisional,"
               /* the last one, also of an end from which it moved since */
               " (SELECT max(act.time_ms) FROM act WHERE act.effect = 'term-warning' AND"
               " act.subject = term.subject AND act.term = term.name AND act.member = term.member"
               " AND act.time_ms BETWEEN term.from_ms AND ifnull(term.ended_ms, act.time_ms)),"
               " " LIST_COUNTED_OF("term"),
    .table = "term",
    .happened = true,
    .filters = deadline_filters,
    .item = deadline_item,
};

static void serve_deadlines(void *context, struct http_request *request)
{
    list_serve(context, request, &list_deadlines);
}

static const char *const choices_state[] = {"running", "resting", "overdue", "in-time", "late",
                                            "lapsed",  "dropped", "missed",  NULL};
static const char *const choices_yes[] = {"1", NULL};
static const struct field fields_deadlines[] = {
    PAGE_FIELDS,
    {.name = "member",
     .kind = FIELD_MEMBER,
     .english = "Who has to act.",
     .chinese = "应当办理的单位。"},
    {.name = "subject",
     .kind = FIELD_TEXT,
     .min = 3,
     .max = STATE_KEY_BYTES_MAX,
     .english = "Key of the record, e.g. request/<txid>.",
     .chinese = "记录的状态键，如 request/<交易号>。"},
    {.name = "term",
     .kind = FIELD_CHOICE,
     .choices = list_terms,
     .gloss = term_kind_chinese,
     .english = "Kind of term, e.g. answer.",
     .chinese = "期限种类，如 answer（答复）。"},
    {.name = "state",
     .kind = FIELD_CHOICE,
     .choices = choices_state,
     .english = "running; resting: who owes it was removed, and it runs again when that member is "
                "restored; overdue: the end is past and it is still owed; in-time, late: done; "
                "lapsed: the ledger acted at the end; dropped, missed: what it was for was "
                "withdrawn, ruled on or has ended, or another is asked for it, before the end of "
                "the term or after it.",
     .chinese = "running 进行中；resting 责任单位已移除，期限中止，恢复后继续计算；overdue "
                "逾期未办；in-time 按期办结；late 逾期办结；lapsed 届满由账本处置；dropped "
                "届满前事项已撤回、裁定、终止或改由他单位办理，无须再办；missed "
                "逾期未办，其后事项撤回、裁定、终止或改由他单位办理。"},
    {.name = "open",
     .kind = FIELD_CHOICE,
     .choices = choices_yes,
     .english = "Only what runs, rests or is overdue.",
     .chinese = "仅进行中、中止与逾期未办的。"},
    {.name = "due_from_ms",
     .kind = FIELD_TIME,
     .min = 0,
     .max = DOC_INT_MAX,
     .english = "Ends at this time or later.",
     .chinese = "届满不早于此时。"},
    {.name = "due_before_ms",
     .kind = FIELD_TIME,
     .min = 0,
     .max = DOC_INT_MAX,
     .english = "Ends before this time.",
     .chinese = "届满早于此时。"},
    {.name = NULL},
};

const struct http_route routes_deadlines[] = {
    {.method = "GET",
     .path = "/v1/deadlines",
     .serve = serve_deadlines,
     .query = fields_deadlines,
     .english = "Deadlines, the earliest first.",
     .chinese = "期限列表，届满最早的在前。"},
    {.method = NULL},
};
