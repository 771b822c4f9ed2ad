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
