/* dirchain duty: the duty list. Importing one as agencies publish it: cli_duty_import.c. */
#include "node/cli/cli_duty.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_view.h"

const struct cli_act cli_act_duty_publish = {.type = "duty.publish",
                                             .subject = "duty/{member}/{code}"};
static const struct cli_act act_retire = {
    .type = "duty.retire", .arguments = "code", .subject = "duty/{member}/{code}"};

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

/* ---- gaps (B2) ---- */

/* The path with --member as this parameter. */
static void append_gap_path(struct buf *path, struct cli *cli, const char *list, const char *whose)
{
    const char *member = cli_options_text(&cli->options, "member");
    buf_append_format(path, "/v1/%s?gap=1", list);
    if (member != NULL) {
        buf_append_format(path, "&%s=", whose);
        cli_url_append(path, member);
    }
}

static int gather_gaps(struct cli *cli, struct cli_node *node, struct doc *result, const char *list,
                       const char *whose)
{
    AUTO(buf_free) struct buf path = {0};
    AUTO(doc_free) struct doc *page = doc_new_object();
    append_gap_path(&path, cli, list, whose);
    int status = cli_view_pages(node, page, buf_text(&path), INT32_MAX);
    doc_set(result, list, doc_ref(page));
    return status;
}

static void append_gaps(struct cli *cli, struct buf *words, const struct doc *page,
                        const char *title, const struct cli_column *columns)
{
    const struct doc *items = doc_get(page, "items");
    buf_append_format(words, "%s: %zu\n", title, doc_count(items));
    if (doc_count(items) > 0) {
        cli_table_append_docs(words, columns, items, cli->columns);
    }
    cli_view_append_reach(words, page, cli->columns);
}

static int run_gaps(struct cli *cli)
{
    static const struct cli_column columns_entries[] = {
        {.title = "提供方 provider", .path = "provider", .keep = true},
        {.title = "代码 code", .path = "code", .keep = true},
        {.title = "名称 name", .path = "entry.name"},
        {.title = "职责 duty", .path = "entry.duty"},
        {.title = "指定 designation", .path = "entry.designation", .as = CLI_AS_HASH},
        {.title = NULL},
    };
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : gather_gaps(cli, &node, result, "duties", "member");
    status = status != 0 ? status : gather_gaps(cli, &node, result, "entries", "provider");
    if (status != 0) {
        return status;
    }
    append_gaps(cli, &words, doc_get(result, "duties"), "无目录的职责 Duties without an entry",
                columns_duties);
    buf_append_text(&words, "\n");
    append_gaps(cli, &words, doc_get(result, "entries"),
                "无有效职责的目录 Entries without a duty in force", columns_entries);
    return cli_result(cli, result, &words);
}

static const struct cli_option options_gaps[] = {
    {"member", CLI_TEXT, false, "CODE", "Of this agency only.", "仅此单位。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

/* ---- versions (B3) ---- */

static const struct cli_column columns_versions[] = {
    {.title = "时间 time", .path = "time_ms", .as = CLI_AS_TIME},
    {.title = "交易 transaction", .path = "type"},
    {.title = "经办密钥 key", .path = "key"},
    {.title = "自动办理 effect", .path = "effect", .as = CLI_AS_WORD},
    {.title = "版本 version", .path = "txid", .as = CLI_AS_HASH},
    {.title = NULL},
};
static const struct cli_option options_versions[] = {
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_view view_versions = {.path = "/v1/history/duty/{0}/{1}",
                                              .columns = columns_versions};

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
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "导入公布的权责清单（.xlsx、CSV 或每行一项 JSON），逐条校验后发布（编制密钥）。",
     .english =
         "Import a published duty list (.xlsx, CSV, or one JSON object a line); every row is "
         "checked first (compile key).",
     .needs = CLI_WRITES,
     .options = cli_duty_import_options,
     .run = cli_duty_import},
    {.name = "export",
     .chinese = "导出职责清单为 .xlsx、CSV 或 JSON 行，可再导入。",
     .english = "Write the duty list as .xlsx, CSV or JSON lines; it can be imported again.",
     .needs = CLI_NEEDS_NODE,
     .options = cli_duty_export_options,
     .run = cli_duty_export},
    {.name = "template",
     .chinese = "写出供填报的 .xlsx 模板：中文标题、下拉列表、示例行和填写说明（不联网）。",
     .english = "Write an .xlsx template to fill in: headings, drop-down lists, an example row and "
                "explanations; needs no node.",
     .options = cli_duty_template_options,
     .run = cli_duty_template},
    {.name = "publish",
     .chinese = "发布一项职责或其新版本（编制密钥）。",
     .english = "Publish a duty or a new version of it (compile key).",
     .needs = CLI_WRITES,
     .act = &cli_act_duty_publish,
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
    {.name = "gaps",
     .chinese = "列出无目录的职责和无有效职责的目录。",
     .english = "List duties without an entry, and entries without a duty in force.",
     .needs = CLI_NEEDS_NODE,
     .options = options_gaps,
     .run = run_gaps},
    {.name = "versions",
     .arguments = "MEMBER CODE",
     .arguments_min = 2,
     .arguments_max = 2,
     .chinese = "列出一项职责的各版本，最早在前；--json 给出完整版本号，内容见 tx show。",
     .english = "List the versions of a duty, oldest first; --json has them whole, tx show what "
                "each says.",
     .needs = CLI_NEEDS_NODE,
     .options = options_versions,
     .view = &view_versions,
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
