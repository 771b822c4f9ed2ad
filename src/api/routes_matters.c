/* GET /v1/matters: notices, cases, measures, orders, disclosures, incidents, reports of use,
 * objections to quality and applications to pass data on, the oldest first. */
#include "api/list_query.h"
#include "api/lists.h"

static struct doc *matter_item(struct read_rows *rows, const struct store_view *view)
{
    static const char *const texts[] = {"id", "subject", "kind", "member", "provider", "status"};
    (void)view;
    struct doc *item = doc_new_object();
    for (int i = 0; i < 6; i++)
        if (read_rows_text(rows, i))
            doc_set_text(item, texts[i], read_rows_text(rows, i));
    doc_set_int(item, "since_ms", read_rows_int(rows, 6));
    return item;
}

static const struct list_filter matter_filters[] = {
    {"kind", "kind = ?"},     {"member", "member = ?"}, {"provider", "provider = ?"},
    {"status", "status = ?"}, {"open", "open = 1"},     {.parameter = NULL},
};
const struct list list_matters = {
    .name = "matters",
    .columns = "id, subject, kind, member, provider, status, since_ms",
    .table = "matter",
    .filters = matter_filters,
    .item = matter_item,
};

static void serve_matters(void *context, struct http_request *request)
{
    list_serve(context, request, &list_matters);
}

static const char *const choices_kind[] = {"case",          "disclosure", "feedback",  "incident",
                                           "measure",       "notice",     "objection", "onward",
                                           "rectification", NULL};
static const char *const choices_yes[] = {"1", NULL};
static const struct field fields_matters[] = {
    PAGE_FIELDS,
    {.name = "kind",
     .kind = FIELD_CHOICE,
     .choices = choices_kind,
     .english = "What it is.",
     .chinese = "事项种类。"},
    {.name = "member",
     .kind = FIELD_MEMBER,
     .english = "Whom it is about, or whose data.",
     .chinese = "所涉单位或数据提供方。"},
    {.name = "provider", .kind = FIELD_MEMBER, .english = "Provider.", .chinese = "提供方。"},
    {.name = "status",
     .kind = FIELD_TEXT,
     .min = 1,
     .max = 32,
     .english = "Status, e.g. in-force.",
     .chinese = "状态，如 in-force（有效）。"},
    {.name = "open",
     .kind = FIELD_CHOICE,
     .choices = choices_yes,
     .english = "Only what is not settled yet, and measures in force.",
     .chinese = "仅未办结的事项与有效的措施。"},
    {.name = NULL},
};

const struct http_route routes_matters[] = {
    {.method = "GET",
     .path = "/v1/matters",
     .serve = serve_matters,
     .query = fields_matters,
     .english = "Matters of supervision, the oldest first.",
     .chinese = "监管事项列表，最早的在前。"},
    {.method = NULL},
};
