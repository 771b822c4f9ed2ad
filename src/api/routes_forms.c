/* GET /v1/forms/…: the paper forms of CN 附件1 and 附件2, filled in from the ledger as it stands. A
 * page to print, or with as=xlsx a workbook. Who to call is on no ledger: those boxes are filled in
 * by hand, or with `dirchain catalog form`, `dirchain request form`. */
#include "api/api_internal.h"

#include "base/errors.h"
#include "exchange/form_records.h"

#include <stdio.h>
#include <string.h>

#define TYPE_HTML "text/html; charset=utf-8"
/* Its style is in the page; it has no scripts, and fetches nothing. */
#define POLICY_FORM "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
#define TYPE_XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

static int read_state(void *context, struct doc **out, const char *key)
{
    int error = store_read_state(out, context, key);
    return error == ERR_NOT_FOUND ? 0 : error;
}

/* `file`: what a browser calls the workbook. */
static void answer_form(struct http_request *request, const struct doc *form, const char *file)
{
    AUTO(buf_free) struct buf bytes = {0};
    char disposition[200];
    if (!doc_text_is(http_query(request), "as", "xlsx")) {
        form_append_html(&bytes, form);
        http_answer_header(request, "Content-Security-Policy", POLICY_FORM);
        http_answer_bytes(request, 200, TYPE_HTML, &bytes);
        return;
    }
    int error = form_write_xlsx(&bytes, form);
    if (error) {
        http_answer_problem(request, error, NULL);
        return;
    }
    snprintf(disposition, sizeof disposition, "attachment; filename=\"%s.xlsx\"", file);
    http_answer_header(request, "Content-Disposition", disposition);
    http_answer_bytes(request, 200, TYPE_XLSX, &bytes);
}

static void serve_collection(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(form_records_free) struct form_records records = {.items = {NULL}};
    bool found = false;
    char file[100];
    const char *provider = http_path_part(request, "member");
    const char *code = http_path_part(request, "code");
    if (!api_view(&view, context, request))
        return;
    int error = form_read_collection(&records, &found, read_state, &view, provider, code);
    if (error || !found) {
        http_answer_problem(request, error ? error : ERR_NOT_FOUND, NULL);
        return;
    }
    const struct form_facts facts = form_facts_of(&records);
    AUTO(doc_free) struct doc *form = form_of_collection(&facts);
    snprintf(file, sizeof file, "collection-%.18s-%.64s", provider, code);
    answer_form(request, form, file);
}

static void serve_request(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(form_records_free) struct form_records records = {.items = {NULL}};
    bool found = false;
    char file[100];
    const char *id = http_path_part(request, "txid");
    if (!api_view(&view, context, request))
        return;
    int error = form_read_request(&records, &found, read_state, &view, id);
    if (error || !found) {
        http_answer_problem(request, error ? error : ERR_NOT_FOUND, NULL);
        return;
    }
    const struct form_facts facts = form_facts_of(&records);
    AUTO(doc_free) struct doc *form = form_of_request(&facts);
    snprintf(file, sizeof file, "request-%.64s", id);
    answer_form(request, form, file);
}

static const char *const choices_as[] = {"html", "xlsx", NULL};
static const struct field fields_form[] = {
    {.name = "as",
     .kind = FIELD_CHOICE,
     .choices = choices_as,
     .english = "A page to print, which is the default, or a workbook.",
     .chinese = "html 可打印网页（缺省），或 xlsx 工作簿。"},
    {.name = NULL},
};

const struct http_route routes_forms[] = {
    {.method = "GET",
     .path = "/v1/forms/collection/{member}/{code}",
     .serve = serve_collection,
     .query = fields_form,
     .english = "Certificate of the collection of an entry's data, for paper (CN annex 1).",
     .chinese = "公共数据汇聚成果认定表（长宁办法附件1）。",
     .answer_type = TYPE_HTML},
    {.method = "GET",
     .path = "/v1/forms/request/{txid}",
     .serve = serve_request,
     .query = fields_form,
     .english = "Form of a sharing request with its review, for paper (CN annex 2).",
     .chinese = "公共数据共享申请审核表（长宁办法附件2）。",
     .answer_type = TYPE_HTML},
    {.method = NULL},
};
