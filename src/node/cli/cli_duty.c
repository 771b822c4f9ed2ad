/* dirchain duty: the duty list, and importing one as agencies publish it. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/uscc.h"
#include "chain/schema.h"
#include "node/cli/cli_batch.h"
#include "node/cli/cli_view.h"

#include <stdio.h>
#include <string.h>

#define IMPORT_BYTES_MAX (64 * 1024 * 1024)
#define ROW_BYTES_MAX (1024 * 1024)

static const struct cli_act act_publish = {.type = "duty.publish",
                                           .subject = "duty/{member}/{code}"};
static const struct cli_act act_retire = {
    .type = "duty.retire", .arguments = "code", .subject = "duty/{member}/{code}"};

/* ---- import ---- */

/* How a published list names what the ledger names: the fields of the Guangdong service items. */
static const char *const mapping[][2] = {
    {"code", "code"},          {"name", "name"},   {"category", "category"},
    {"agency", "implementer"}, {"basis", "basis"}, {"catalog_group", "responsibility"},
};

struct import {
    struct cli *cli;
    const char *member; /* of the signing key */
    struct cli_rows rows;
    struct doc *bodies;
    size_t total;
};

/* One line: a body, or all that is wrong with it. */
static void import_row(struct import *import, struct view line)
{
    AUTO(doc_free) struct doc *row = NULL;
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct faults faults = {0};
    size_t number = ++import->total;
    int error = doc_parse(&row, line, ROW_BYTES_MAX);
    if (error != 0) {
        faults_add(&faults, error, NULL, "%s", "");
        cli_rows_add(&import->rows, number, NULL, &faults);
        return;
    }
    for (size_t i = 0; i < sizeof mapping / sizeof *mapping; i++) {
        const struct doc *value = doc_get(row, mapping[i][0]);
        if (value != NULL) {
            doc_set(body, mapping[i][1], doc_ref(value));
        }
    }
    (void)schema_check(schema_find("duty.publish"), body, &faults);
    const char *agency = doc_get_text(row, "agency_code");
    error = uscc_check(agency);
    if (error == 0 && strcmp(agency, import->member) != 0) {
        error = ERR_PARTY; /* only the agency itself publishes its duties */
    }
    if (error != 0) {
        faults_add(&faults, error, "CESI 2.2.1", "agency_code");
    }
    if (faults.count == 0) {
        doc_push(import->bodies, doc_ref(body));
    }
    cli_rows_add(&import->rows, number, doc_get_text(row, "code"), &faults);
}

static void import_lines(struct import *import, struct view text)
{
    while (text.len > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.data);
        size_t skip = end == NULL ? len : len + 1;
        bool blank = true;
        for (size_t i = 0; i < len; i++) {
            blank = blank && strchr(" \t\r", text.data[i]) != NULL;
        }
        if (!blank) {
            import_row(import, view_of(text.data, len));
        }
        text = view_of(text.data + skip, text.len - skip);
    }
}

/* What the ledger holds already: the same is left out, another version is acted on. */
static int settle(struct cli_node *node, struct import *import, size_t *unchanged)
{
    struct doc *todo = doc_new_array();
    int status = 0;
    for (size_t i = 0; status == 0 && i < doc_count(import->bodies); i++) {
        AUTO(doc_free) struct doc *record = NULL;
        AUTO(buf_free) struct buf key = {0};
        AUTO(doc_free) struct doc *body = doc_copy(doc_at(import->bodies, i));
        bool same = true;
        buf_append_format(&key, "duty/%s/%s", import->member, doc_get_text(body, "code"));
        status = cli_node_state(node, &record, buf_text(&key));
        for (size_t k = 0; k < sizeof mapping / sizeof *mapping; k++) {
            const struct doc *ours = doc_get(body, mapping[k][1]);
            const struct doc *theirs = doc_get(record, mapping[k][1]);
            same =
                same && (ours == NULL ? theirs == NULL : theirs != NULL && doc_equal(ours, theirs));
        }
        if (same && doc_text_is(record, "status", "active")) {
            ++*unchanged;
            continue;
        }
        if (record != NULL) {
            doc_set(body, "acts_on", doc_ref(doc_get(record, "version")));
        }
        doc_push(todo, doc_ref(body));
    }
    doc_free(&import->bodies);
    import->bodies = todo;
    return status;
}

static int submit(struct import *import, struct cli_signer *signer)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    size_t unchanged = 0;
    struct cli *cli = import->cli;
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : settle(&node, import, &unchanged);
    status = status != 0 ? status : cli_signer_open(signer, cli);
    if (status != 0) {
        return status;
    }
    if (unchanged > 0 && !cli->json) {
        (void)printf("%zu 条已在链上且未变 are on the ledger already, unchanged.\n", unchanged);
    }
    const struct cli_batch batch = {.act = &act_publish,
                                    .label = "发布职责 Publishing duties",
                                    .naming = "code",
                                    .bodies = import->bodies,
                                    .faulty = import->rows.faulty};
    return cli_batch_submit(&node, signer, &batch);
}

static void import_free(struct import *import)
{
    cli_rows_free(&import->rows);
    doc_free(&import->bodies);
}

static int run_import(struct cli *cli)
{
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    AUTO(buf_free) struct buf text = {0};
    const char *path = cli->options.arguments[0];
    int status = cli_signer_peek(&signer, cli);
    if (status != 0) {
        return status;
    }
    int error = file_read(&text, path, IMPORT_BYTES_MAX);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    AUTO(import_free)
    struct import import = {
        .cli = cli, .member = signer.member, .rows = cli_rows_of(cli), .bodies = doc_new_array()};
    import_lines(&import, view_of_buf(&text));
    bool check = cli_options_flag(&cli->options, "check");
    bool partly = cli_options_flag(&cli->options, "skip-faulty") && !check;
    status = cli_rows_tell(&import.rows, import.total, !partly);
    if (check || (status != 0 && !partly)) {
        if (status == 0 && !cli->json) {
            (void)printf("%zu 条均合规 All %zu rows are in order.\n", import.total, import.total);
        }
        return status;
    }
    int submitted = submit(&import, &signer);
    return submitted > status ? submitted : status;
}

static const struct cli_option options_import[] = {
    {"check", CLI_FLAG, false, NULL, "Only check every row; submit nothing.",
     "仅逐条校验，不提交。", NULL},
    {"skip-faulty", CLI_FLAG, false, NULL, "Submit the rows that are in order all the same.",
     "跳过有误的条目，提交其余条目。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_list[] = {
    {"member", CLI_TEXT, false, "CODE", "Of this agency only.", "仅此单位。", NULL},
    {"category", CLI_TEXT, false, "WORD", "Of this category only.", "仅此类别。", NULL},
    {"status", CLI_TEXT, false, "WORD", "active or retired.", "active 有效或 retired 已撤销。",
     NULL},
    {"without-entry", CLI_FLAG, false, NULL, "Only duties that no entry stems from.",
     "仅无对应目录的职责。", "B2"},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_duties[] = {
    {.title = "职权编码 code", .path = "code", .keep = true},
    {.title = "类别", .path = "category"},
    {.title = "职权名称 name", .path = "name"},
    {.title = "状态", .path = "status", .as = CLI_AS_WORD},
    {.title = NULL},
};
static const struct cli_view view_list = {.path = "/v1/duties", .columns = columns_duties};

static int run_show(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(buf_free) struct buf words = {0};
    AUTO(buf_free) struct buf key = {0};
    buf_append_format(&key, "duty/%s/%s", cli->options.arguments[0], cli->options.arguments[1]);
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_node_state(&node, &record, buf_text(&key));
    if (status != 0 || record == NULL) {
        return status != 0 ? status : cli_fail(cli, ERR_SUBJECT, "%s:", buf_text(&key));
    }
    cli_record_append(&words, record, schema_find("duty.publish")->fields, cli->columns);
    return cli_result(cli, record, &words);
}

const struct cli_command cli_duty_commands[] = {
    {.name = "import",
     .arguments = "FILE.jsonl",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "导入公布的权责清单（每行一项 JSON），逐条校验后发布（编制密钥）。",
     .english = "Import a published duty list (one JSON object a line); every row is checked first "
                "(compile key).",
     .needs = CLI_WRITES,
     .options = options_import,
     .run = run_import},
    {.name = "publish",
     .chinese = "发布一项职责或其新版本（编制密钥）。",
     .english = "Publish a duty or a new version of it (compile key).",
     .needs = CLI_WRITES,
     .act = &act_publish,
     .run = cli_act_run},
    {.name = "retire",
     .arguments = "CODE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "撤销一项职责（编制密钥）。",
     .english = "Retire a duty (compile key).",
     .needs = CLI_WRITES,
     .act = &act_retire,
     .run = cli_act_run},
    {.name = "list",
     .chinese = "列出职责。",
     .english = "List duties.",
     .needs = CLI_NEEDS_NODE,
     .options = options_list,
     .view = &view_list,
     .run = cli_view_list},
    {.name = "show",
     .arguments = "MEMBER CODE",
     .arguments_min = 2,
     .arguments_max = 2,
     .chinese = "显示一项职责。",
     .english = "Show a duty.",
     .needs = CLI_NEEDS_NODE,
     .run = run_show},
    {.name = NULL},
};
