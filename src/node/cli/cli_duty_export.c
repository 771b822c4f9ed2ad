/* dirchain duty export, template: the duty list as a file that `duty import` takes. */
#include "node/cli/cli_duty.h"

#include "base/file.h"
#include "base/memory.h"
#include "exchange/sheet_layouts.h"
#include "node/cli/cli_sheet.h"
#include "node/cli/cli_view.h"

#include <stdio.h>
#include <string.h>

#define DUTIES_MAX 100000

/* Duties in force, of one agency or of all, each with the code of its agency. */
static int gather(struct cli *cli, struct doc *duties)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *found = doc_new_object();
    AUTO(buf_free) struct buf path = {0};
    const char *member = cli_options_text(&cli->options, "member");
    buf_append_text(&path, "/v1/duties?status=active");
    if (member != NULL) {
        buf_append_text(&path, "&member=");
        cli_url_append(&path, member);
    }
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_view_pages(&node, found, buf_text(&path), DUTIES_MAX);
    const struct doc *items = doc_get(found, "items");
    for (size_t i = 0; status == 0 && i < doc_count(items); i++) {
        struct doc *duty = doc_copy(doc_at(items, i));
        const struct doc *agency = doc_get(duty, "member");
        if (agency != NULL) {
            doc_set(duty, "agency_code", doc_ref(agency));
        }
        doc_push(duties, duty);
    }
    return status;
}

static int write_lines(struct cli *cli, const char *path, const struct doc *duties)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf words = {0};
    AUTO(doc_free) struct doc *result = doc_new_object();
    for (size_t i = 0; i < doc_count(duties); i++) {
        AUTO(doc_free) struct doc *line = doc_new_object();
        const struct doc *duty = doc_at(duties, i);
        doc_set(line, "agency_code", doc_ref(doc_get(duty, "agency_code")));
        for (const struct cli_duty_name *name = cli_duty_names; name->ours != NULL; name++) {
            const struct doc *value = doc_get(duty, name->ours);
            if (value != NULL) {
                doc_set(line, name->published, doc_ref(value));
            }
        }
        doc_append_canonical(&text, line);
        buf_append_text(&text, "\n");
    }
    int error = file_create(path, view_of_buf(&text), 0644);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    doc_set_int(result, "records", (int64_t)doc_count(duties));
    doc_set_text(result, "file", doc_text_valid(view_of_text(path)) ? path : "?");
    buf_append_format(&words, "已导出 %zu 条 records written: %s\n", doc_count(duties), path);
    return cli_result(cli, result, &words);
}

int cli_duty_export(struct cli *cli)
{
    const struct sheet_layout layout = sheet_layout_duties();
    AUTO(doc_free) struct doc *duties = doc_new_array();
    const char *format = cli_options_text(&cli->options, "format");
    const char *path = cli_options_text(&cli->options, "out");
    enum cli_sheet_form form = cli_sheet_form(cli);
    if (form == CLI_SHEET_OTHER && format != NULL && strcmp(format, "jsonl") != 0) {
        return cli_usage(cli, "--format: xlsx, csv 或 or jsonl");
    }
    int status = gather(cli, duties);
    if (status != 0) {
        return status;
    }
    return form == CLI_SHEET_OTHER ? write_lines(cli, path, duties)
                                   : cli_sheet_write(cli, &layout, form, duties);
}

int cli_duty_template(struct cli *cli)
{
    const struct sheet_layout layout = sheet_layout_duties();
    return cli_sheet_template(cli, &layout);
}

const struct cli_option cli_duty_export_options[] = {
    {"out", CLI_TEXT, true, "FILE", "Where the list goes; not overwritten.",
     "清单写入的文件，不覆盖。", NULL},
    {"format", CLI_TEXT, false, "WORD", "xlsx, csv or jsonl; by the file's ending if not given.",
     "格式：xlsx、csv 或 jsonl；缺省按文件后缀。", NULL},
    {"member", CLI_TEXT, false, "CODE", "Of this agency only.", "仅此单位。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
const struct cli_option cli_duty_template_options[] = {
    {"out", CLI_TEXT, true, "FILE.xlsx", "Where the template goes; not overwritten.",
     "模板写入的文件，不覆盖。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
