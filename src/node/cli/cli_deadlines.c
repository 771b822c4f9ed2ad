/* dirchain deadlines: what has to be done by when. */
#include "node/cli/cli_view.h"

static const struct cli_option options_deadlines[] = {
    {"mine", CLI_FLAG, false, NULL, "Of the agency whose key --key names.",
     "仅 --key 所属单位应办的。", NULL},
    {"member", CLI_TEXT, false, "CODE", "Of this agency only.", "仅此单位应办的。", NULL},
    {"state", CLI_TEXT, false, "WORD",
     "running, resting (its agency is removed), overdue, in-time, late, lapsed, dropped or "
     "missed (nobody has to any more, before its end or after); without it the first three.",
     "running 进行中、resting 中止（责任单位已移除）、overdue 逾期未办、in-time 按期办结、late "
     "逾期办结、lapsed 届满处置、dropped 无须再办、missed 逾期未办且无须再办；缺省为前三种。",
     NULL},
    {"term", CLI_TEXT, false, "WORD", "Of this kind only, e.g. answer.",
     "仅此种期限，如 answer 答复。", NULL},
    {"subject", CLI_TEXT, false, "KEY", "Of this record only.", "仅此记录。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_deadlines[] = {
    {.title = "届满 due", .path = "due_ms", .as = CLI_AS_DATE, .keep = true, .end = true},
    {.title = "暂定 provisional", .path = "provisional", .rare = true},
    {.title = "待重算 recounted", .path = "recounted", .rare = true},
    {.title = "事项 what", .path = "chinese", .keep = true},
    {.title = "单位 who", .path = "member", .as = CLI_AS_MEMBER},
    {.title = "状态 state", .path = "state", .as = CLI_AS_WORD, .keep = true},
    {.title = "已提醒 warned", .path = "warned_ms", .as = CLI_AS_BRIEF_TIME, .rare = true},
    {.title = "依据 clause", .path = "clause"},
    {.title = "记录 subject", .path = "subject", .below = true},
    {.title = NULL},
};
#define NONE "没有期限 No deadlines.\n"
static const struct cli_view view_open = {
    .path = "/v1/deadlines?open=1", .columns = columns_deadlines, .none = NONE};
static const struct cli_view view_all = {
    .path = "/v1/deadlines", .columns = columns_deadlines, .none = NONE};

static int run_deadlines(struct cli *cli)
{
    bool any = cli_options_count(&cli->options, "state") > 0;
    return cli_view_list_of(cli, any ? &view_all : &view_open);
}

const struct cli_command cli_deadline_commands[] = {
    {.name = "",
     .chinese = "列出法定期限：何事、何单位、何时届满，最早的在前。",
     .english = "List the deadlines that the law sets: what, who, by when; the earliest first.",
     .needs = CLI_NEEDS_NODE | CLI_NEEDS_KEY,
     .options = options_deadlines,
     .view = &view_open,
     .run = run_deadlines},
    {.name = NULL},
};
