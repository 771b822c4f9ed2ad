/* dirchain designation: agencies that the supervisor makes responsible (PT 5). */
#include "node/cli/cli.h"

#include "node/cli/cli_submit.h"
#include "node/cli/cli_view.h"

static const struct cli_act act_make = {.type = "catalog.designate", .shows = "designation/{txid}"};
static const struct cli_act act_withdraw = {.type = "designation.withdraw",
                                            .arguments = "designation",
                                            .subject = "designation/{designation}"};

static const struct cli_option options_list[] = {
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_designations[] = {
    {.title = "责任单位 member", .path = "member", .as = CLI_AS_MEMBER},
    {.title = "所涉数据 matter", .path = "matter"},
    {.title = "状态 status", .path = "status", .as = CLI_AS_WORD, .keep = true},
    {.title = "自 since", .path = "since_ms", .as = CLI_AS_DATE, .keep = true},
    {.title = "指定 designation", .path = "id", .as = CLI_AS_HASH, .keep = true},
    {.title = NULL},
};
static const struct cli_view view_list = {.path = "/v1/designations",
                                          .columns = columns_designations,
                                          .none = "无指定 Nobody is designated.\n"};

const struct cli_command cli_designation_commands[] = {
    {.name = "make",
     .chinese = "指定责任单位；--replaces 替换原指定（主管部门审批密钥）。",
     .english = "Designate the responsible agency; --replaces puts it in another's place (the "
                "supervisor's approve key).",
     .needs = CLI_WRITES,
     .act = &act_make,
     .run = cli_act_run},
    {.name = "withdraw",
     .arguments = "ID",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "撤销指定，列出所涉目录（主管部门审批密钥）。",
     .english = "Withdraw a designation; the entries that rest on it are listed (the supervisor's "
                "approve key).",
     .needs = CLI_WRITES,
     .act = &act_withdraw,
     .run = cli_act_run},
    {.name = "list",
     .chinese = "列出指定，含已替换、撤销的。",
     .english = "List designations, those replaced and withdrawn too.",
     .needs = CLI_NEEDS_NODE,
     .options = options_list,
     .view = &view_list,
     .run = cli_view_list},
    {.name = NULL},
};
