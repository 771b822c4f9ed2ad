/* dirchain matters: what supervision has to do with. */
#include "node/cli/cli_view.h"

static const struct cli_option options_matters[] = {
    {"mine", CLI_FLAG, false, NULL, "About the agency whose key --key names.",
     "仅涉及 --key 所属单位的。", NULL},
    {"member", CLI_TEXT, false, "CODE", "About this agency only.", "仅涉及此单位的。", NULL},
    {"provider", CLI_TEXT, false, "CODE", "About this provider's data only.",
     "仅涉及此提供方数据的。", NULL},
    {"kind", CLI_TEXT, false, "WORD",
     "case, disclosure, feedback, incident, measure, notice, objection, onward or rectification.",
     "case 案件、disclosure 通报公示、feedback 利用反馈、incident 安全事件、measure 措施、notice "
     "告知、objection 数据异议、onward 对外提供、rectification 责令改正。",
     NULL},
    {"status", CLI_TEXT, false, "WORD",
     "In this status only; without it what is not settled, and measures in force.",
     "仅此状态；缺省为未办结的事项与有效的措施。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_matters[] = {
    {.title = "起始 since", .path = "since_ms", .as = CLI_AS_BRIEF_TIME, .keep = true},
    {.title = "事项 what", .path = "kind", .as = CLI_AS_WORD, .keep = true},
    {.title = "单位 who", .path = "member", .as = CLI_AS_MEMBER},
    {.title = "状态", .path = "status", .as = CLI_AS_WORD, .keep = true},
    {.title = "记录 subject", .path = "subject"},
    {.title = NULL},
};
#define NONE "没有监管事项 No matters.\n"
static const struct cli_view view_open = {
    .path = "/v1/matters?open=1", .columns = columns_matters, .none = NONE};
static const struct cli_view view_all = {
    .path = "/v1/matters", .columns = columns_matters, .none = NONE};

static int run_matters(struct cli *cli)
{
    bool any = cli_options_count(&cli->options, "status") > 0;
    return cli_view_list_of(cli, any ? &view_all : &view_open);
}

const struct cli_command cli_matter_commands[] = {
    {.name = "",
     .chinese = "列出监管事项：告知、案件、措施、责令改正、通报公示、安全事件、利用反馈、数据异议、"
                "对外提供，最早的在前。",
     .english = "List matters of supervision: notices, cases, measures, orders, disclosures, "
                "incidents, reports of use, objections, data passed on; the oldest first.",
     .needs = CLI_NEEDS_NODE | CLI_NEEDS_KEY,
     .options = options_matters,
     .view = &view_open,
     .run = run_matters},
    {.name = NULL},
};
