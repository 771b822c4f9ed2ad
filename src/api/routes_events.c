/* GET /v1/events: server-sent events, resumable by height. */
#include "api/api_internal.h"
#include "api/events.h"
#include "base/errors.h"

#include <string.h>

static const char *const choices_only[] = {"block",    "transaction",        "act",
                                           "evidence", "validators-changed", "term-warning",
                                           NULL};

/* The height that a client saw last: Last-Event-ID, sent by browsers that come back. -1: none. */
static int last_seen(int64_t *out, const struct http_request *request)
{
    const char *text = http_header(request, "Last-Event-ID");
    *out = -1;
    if (!text || !text[0])
        return 0;
    size_t len = strlen(text);
    if (len > 15 || strspn(text, "0123456789") != len)
        return ERR_FIELD_TYPE;
    *out = 0;
    for (size_t i = 0; i < len; i++)
        *out = *out * 10 + (text[i] - '0');
    return 0;
}

static void serve_events(void *context, struct http_request *request)
{
    const struct api *api = context;
    const struct doc *query = http_query(request);
    int64_t after;
    struct faults faults = {0};
    int error = last_seen(&after, request);
    if (error)
        faults_add(&faults, error, NULL, "Last-Event-ID");
    if (!error && after < 0 && doc_get(query, "from"))
        after = doc_get_int(query, "from", 1) - 1;
    const char *only = NULL, *asked = doc_get_text(query, "only");
    for (size_t i = 0; asked && choices_only[i]; i++)
        if (strcmp(asked, choices_only[i]) == 0)
            only = choices_only[i];
    if (!error)
        error = events_listen(api->events, request, after, only);
    if (error)
        http_answer_problem(request, error, &faults);
}

static const struct field fields_events[] = {
    {.name = "from",
     .kind = FIELD_INT,
     .min = 1,
     .max = DOC_INT_MAX,
     .english = "First height; from now on if left out. Last-Event-ID prevails.",
     .chinese = "起始高度，缺省为从当前开始；以 Last-Event-ID 为先。"},
    {.name = "only",
     .kind = FIELD_CHOICE,
     .choices = choices_only,
     .english = "One kind of event.",
     .chinese = "仅一种事件。"},
    {.name = NULL},
};

const struct http_route routes_events[] = {
    {.method = "GET",
     .path = "/v1/events",
     .serve = serve_events,
     .query = fields_events,
     .unlimited = true,
     .answer_type = "text/event-stream",
     .english = "Server-sent events: evidence, act, transaction, validators-changed, block "
                "(with its height as id), dropped. Among the acts, those with the effect term-warning "
                "tell a member (act.member) that a term is soon over; only=term-warning gives "
                "these alone, by that name.",
     .chinese = "事件流：作恶证据、自动办理、交易、验证者变更、区块（以高度为编号）、缺漏提示。"
                "自动办理中 effect 为 term-warning 的是期限届满前对 act.member "
                "的提醒；only=term-warning 仅取提醒。"},
    {.method = NULL},
};
