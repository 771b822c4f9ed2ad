/* dirchain need, upper: data that is not in the catalog yet, and its way to the upper platform and
 * from it. A need is named by its txid. */
#include "node/cli/cli.h"

#include "chain/schema.h"
#include "node/cli/cli_act.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_view.h"

static const struct cli_act act_submit = {.type = "need.submit", .shows = "need/{txid}"};
static const struct cli_act act_receive = {.type = "upper.receive", .shows = "need/{txid}"};
#define ON_NEED(name, which)                                                                       \
    static const struct cli_act name = {                                                           \
        .type = (which), .arguments = "need", .subject = "need/{need}"}
ON_NEED(act_intake, "need.intake");
ON_NEED(act_answer, "need.answer");
ON_NEED(act_withdraw, "need.withdraw");
ON_NEED(act_forward, "upper.forward");
ON_NEED(act_reply, "upper.answer");
ON_NEED(act_deliver, "upper.deliver");

#define FRESH(word, zh, en, which)                                                                 \
    {                                                                                              \
        .name = (word), .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which),    \
        .run = cli_act_run                                                                         \
    }
#define ACT(word, zh, en, which)                                                                   \
    {                                                                                              \
        .name = (word), .arguments = "NEED", .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which), .run = cli_act_run \
    }

const struct cli_command cli_need_commands[] = {
    FRESH("submit", "提出未编目数据的需求（使用方编制密钥）。",
          "Need data that is not in the catalog (the consumer's compile key).", act_submit),
    ACT("intake", "提请责任单位编目归集，或不予受理（中心审核密钥）。",
        "Ask the responsible agency for it, or do not accept it (the center's review key).",
        act_intake),
    ACT("answer", "答复：已编目并审核通过，或不予提供（被提请单位审批密钥）。",
        "Answer: it is in the catalog and approved, or refused (the agency's approve key).",
        act_answer),
    ACT("withdraw", "撤回需求（使用方编制密钥）。", "Withdraw a need (the consumer's compile key).",
        act_withdraw),
    {.name = NULL},
};

const struct cli_command cli_upper_commands[] = {
    ACT("forward", "向市级平台提出本区未能满足的需求（政策规定的一方）。",
        "Forward an unmet need to the upper platform (whoever the policy names).", act_forward),
    ACT("answer", "登记市级平台的答复，或答复市级平台的需求。",
        "Record the upper platform's answer, or answer a need of its own.", act_reply),
    ACT("deliver", "登记市级资源落地的目录（中心审核密钥）。",
        "Tell under which entry the upper platform's resource is (the center's review key).",
        act_deliver),
    FRESH("receive", "登记市级平台的需求（中心审核密钥）。",
          "Record a need of the upper platform (the center's review key).", act_receive),
    {.name = NULL},
};
