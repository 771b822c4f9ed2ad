/* Lists from the read model: a list is a table of filters over a table of rows; the SQL is put
 * together from these tables' constants, and values are bound, never written into it. */
#ifndef DIRCHAIN_API_LIST_QUERY_H
#define DIRCHAIN_API_LIST_QUERY_H

#include "api/api_internal.h"
#include "api/page.h"
#include "api/read_model.h"

struct list_filter {
    const char *parameter; /* of the query; NULL ends */
    const char *condition; /* with one ? for its value, or none for a parameter that is a flag */
};

struct list {
    const char *name;    /* within cursors */
    const char *columns; /* the first is what the list is ordered by: seq or id */
    const char *table;
    bool by_seq;   /* newest first; else by id, ascending */
    bool subjects; /* may be asked of one record, by the table touch */
    bool happened; /* of what blocks say and the state does not keep: says since which block */
    bool undated;  /* of some rows the time is not known: times are filters of its own */
    const struct list_filter *filters;
    const struct list_filter *otherwise; /* what holds where its parameter is not given, or NULL */
    struct doc *(*item)(struct read_rows *rows, const struct store_view *view);
};

/* Which rows of the log: a record's, and those between two times. */
struct list_scope {
    const char *subject; /* state key; NULL: all */
    int64_t seq_from;    /* included; 0: the first */
    int64_t seq_to;      /* excluded; INT64_MAX: all */
};

/* The query for a page, without its values. */
void list_append_sql(struct buf *sql, const struct list *list, const struct doc *query,
                     const struct list_scope *scope);

/* The number of the request, or of the grant on it, that an item's subject is; nothing for others.
 */
void list_put_number(struct doc *item, const struct store_view *view);

/* "term" by its name, "chinese" and "english" in words. */
void list_put_term(struct doc *item, const char *name);

/* Of the row's subject: when an end of one of its terms was counted anew last. */
#define LIST_COUNTED_OF(table)                                                                     \
    "(SELECT max(act.time_ms) FROM act WHERE act.subject = " table ".subject AND"                  \
    " effect IN ('term-moved', 'term-resumed'))"

/* Says how far the read model reaches; `happened` as of a list. */
void list_page_reach(struct page *page, struct api *api, bool happened);

/* Answers with a page; waits a moment when the read model is behind the tip. */
void list_serve(struct api *api, struct http_request *request, const struct list *list);

/* Runs `then` now, or when the read model has reached the tip. */
void list_when_ready(struct api *api, struct http_request *request,
                     void (*then)(void *argument, struct http_request *request), void *argument);

/* Parameters that lists over the log share: of one record, and between two times. */
#define LIST_SUBJECT_FIELDS                                                                        \
    {.name = "subject",                                                                            \
     .kind = FIELD_TEXT,                                                                           \
     .min = 3,                                                                                     \
     .max = STATE_KEY_BYTES_MAX,                                                                   \
     .english = "Key of a record, e.g. entry/<member>/<code>.",                                    \
     .chinese = "记录的状态键，如 entry/<成员>/<代码>。"},                                         \
        {.name = "entry",                                                                          \
         .kind = FIELD_TEXT,                                                                       \
         .min = 3,                                                                                 \
         .max = 100,                                                                               \
         .english = "<provider>/<code> of a catalog entry.",                                       \
         .chinese = "目录条目：<提供方>/<代码>。"},                                                \
        {.name = "duty",                                                                           \
         .kind = FIELD_TEXT,                                                                       \
         .min = 3,                                                                                 \
         .max = 100,                                                                               \
         .english = "<member>/<code> of a duty.",                                                  \
         .chinese = "职责：<成员>/<代码>。"},                                                      \
        {.name = "request", .kind = FIELD_HASH, .english = "A request.", .chinese = "共享申请。"}, \
        {.name = "grant", .kind = FIELD_HASH, .english = "A grant.", .chinese = "授权。"},         \
    {                                                                                              \
        .name = "open", .kind = FIELD_HASH, .english = "An access.", .chinese = "访问记录。"  \
    }
#define LIST_TIME_FIELDS                                                                           \
    {.name = "from_ms",                                                                            \
     .kind = FIELD_TIME,                                                                           \
     .min = 0,                                                                                     \
     .max = DOC_INT_MAX,                                                                           \
     .english = "Block time from here on.",                                                        \
     .chinese = "起始时间（含）。"},                                                               \
    {                                                                                              \
        .name = "to_ms", .kind = FIELD_TIME, .min = 0, .max = DOC_INT_MAX,                         \
        .english = "Block time up to here.", .chinese = "截止时间（含）。"                 \
    }

#endif
