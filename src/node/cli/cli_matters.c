/* dirchain matters: everything with a status that is neither a request nor a grant. */
#include "node/cli/cli_view.h"

static const struct cli_option options_matters[] = {
    {"mine", CLI_FLAG, false, NULL, "About the agency whose key --key names.",
     "仅涉及 --key 所属单位的。", NULL},
    {"member", CLI_TEXT, false, "CODE", "About this agency only.", "仅涉及此单位的。", NULL},
    {"provider", CLI_TEXT, false, "CODE", "About this provider's data only.",
     "仅涉及此提供方数据的。", NULL},
    {"kind", CLI_TEXT, false, "WORD",
     "Of this kind only:"
#define MATTER(name, chinese, english, title, open, other) " " name
#include "api/matter_kinds.def"
#undef MATTER
     ".",
     "仅此一类："
#define MATTER(name, chinese, english, title, open, other) name " " chinese "；"
#include "api/matter_kinds.def"
#undef MATTER
     "缺省为全部。",
     NULL},
    {"status", CLI_TEXT, false, "WORD",
     "In this status only; without --status and --kind what is not settled, and measures in force.",
     "仅此状态；--status 与 --kind 皆缺省时为未办结的事项与有效的措施。", NULL},
    {"open", CLI_FLAG, false, NULL, "What is not settled, and measures in force.",
     "仅未办结的事项与有效的措施。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_matters[] = {
    {.title = "起始 since", .path = "since_ms", .as = CLI_AS_BRIEF_TIME, .keep = true},
    {.title = "事项 what", .path = "chinese", .keep = true},
    {.title = "单位 who", .path = "member", .as = CLI_AS_MEMBER},
    {.title = "状态", .path = "status_zh", .keep = true},
    {.title = "期限 due", .path = "due_ms", .as = CLI_AS_BRIEF_TIME, .end = true},
    {.title = "暂定 provisional", .path = "provisional", .rare = true},
    {.title = "待重算 recounted", .path = "recounted", .rare = true},
    {.title = "名称或事由 title", .path = "title", .below = true},
    {.title = "记录 subject", .path = "subject", .below = true},
    {.title = NULL},
};
#define NONE "没有事项 No matters.\n"
static const struct cli_view view_open = {
    .path = "/v1/matters?open=1", .columns = columns_matters, .none = NONE};
static const struct cli_view view_all = {
    .path = "/v1/matters", .columns = columns_matters, .none = NONE};

static int run_matters(struct cli *cli)
{
    bool any = cli_options_count(&cli->options, "status") > 0 ||
               cli_options_count(&cli->options, "kind") > 0 ||
               cli_options_flag(&cli->options, "open");
    return cli_view_list_of(cli, any ? &view_all : &view_open);
}

const struct cli_command cli_matter_commands[] = {
    {.name = "",
     .chinese =
         "列出事项：争议、需求、融合、归集、开放清单、指定、岗位、委托及监管事项，最早的在前。",
     .english = "List matters: disputes, needs, fusions, collections, open lists, designations, "
                "offices, delegations, and what is under supervision; the oldest first.",
     .needs = CLI_NEEDS_NODE | CLI_NEEDS_KEY,
     .options = options_matters,
     .view = &view_open,
     .run = run_matters},
    {.name = NULL},
};
