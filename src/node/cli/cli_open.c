/* dirchain open: the open list, from listing an entry to its yearly evaluation. */
#include "node/cli/cli_act.h"
#include "node/cli/cli_submit.h"

#define LISTING_OF_OTHER "provider code"
#define LISTING_OF_OTHER_KEY "listing/{provider}/{code}"

static const struct cli_act act_list = {.type = "open.list",
                                        .arguments = "code",
                                        .subject = "entry/{member}/{code}",
                                        .shows = "listing/{member}/{code}"};
static const struct cli_act act_adjust = {
    .type = "open.adjust", .arguments = "code", .subject = "listing/{member}/{code}"};
static const struct cli_act act_review = {
    .type = "open.review", .arguments = LISTING_OF_OTHER, .subject = LISTING_OF_OTHER_KEY};
static const struct cli_act act_order = {
    .type = "open.order", .arguments = LISTING_OF_OTHER, .subject = LISTING_OF_OTHER_KEY};
static const struct cli_act act_evaluate = {.type = "open.evaluate",
                                            .shows = "evaluation/{member}"};

#define ACT(word, args, count, zh, en, which)                                                      \
    {                                                                                              \
        .name = (word), .arguments = (args), .arguments_min = (count), .arguments_max = (count),   \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which), .run = cli_act_run \
    }

const struct cli_command cli_open_commands[] = {
    ACT("list", "CODE", 1,
        "提交工单，新增开放清单（编制密钥）；查看各清单：dirchain matters --kind listing。",
        "Apply for an entry to be listed as open (compile key); to see what is listed: dirchain "
        "matters --kind listing.",
        act_list),
    ACT("adjust", "CODE", 1, "提交工单，修改或撤回开放清单（编制密钥）；缩小开放须附说明。",
        "Apply for a listing to be adjusted or withdrawn (compile key); narrowing needs an "
        "explanation.",
        act_adjust),
    ACT("review", "PROVIDER CODE", 2, "审核工单：通过，或按规定情形退回（中心审核密钥）。",
        "Review a listing or adjustment: accept, or return on the grounds there are (the center's "
        "review key).",
        act_review),
    ACT("order", "PROVIDER CODE", 2, "责令限期调整开放清单（中心或主管部门）。",
        "Order a listing to be adjusted by a day (the center or the supervisor).", act_order),
    ACT("evaluate", NULL, 0, "登记本单位开放清单年度评估（编制密钥）。",
        "Record the yearly evaluation of the agency's open list (compile key).", act_evaluate),
    {.name = NULL},
};
