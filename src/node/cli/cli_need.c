/* dirchain need, upper, fusion: data that is not in the catalog yet, its way to the upper platform
 * and from it, and requests that fuse data of several agencies. Each is named by its txid. */
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
static const struct cli_act act_dispute = {.type = "need.dispute",
                                           .arguments = "need",
                                           .subject = "need/{need}",
                                           .shows = "dispute/{txid}"};
ON_NEED(act_withdraw, "need.withdraw");
ON_NEED(act_forward, "upper.forward");
ON_NEED(act_reply, "upper.answer");
ON_NEED(act_deliver, "upper.deliver");

static const struct cli_act act_fuse = {.type = "fusion.submit", .shows = "fusion/{txid}"};
#define ON_FUSION(name, which)                                                                     \
    static const struct cli_act name = {                                                           \
        .type = (which), .arguments = "fusion", .subject = "fusion/{fusion}"}
ON_FUSION(act_fusion_review, "fusion.review");
ON_FUSION(act_fusion_conclude, "fusion.conclude");
static const struct cli_act act_fusion_dispute = {.type = "fusion.dispute",
                                                  .arguments = "fusion",
                                                  .subject = "fusion/{fusion}",
                                                  .shows = "dispute/{txid}"};
ON_FUSION(act_fusion_extend, "fusion.extend");
ON_FUSION(act_fusion_serve, "fusion.serve");
ON_FUSION(act_fusion_withdraw, "fusion.withdraw");

#define FRESH(word, zh, en, which)                                                                 \
    {                                                                                              \
        .name = (word), .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which),    \
        .run = cli_act_run                                                                         \
    }
#define ACT_ON(word, args, zh, en, which)                                                          \
    {                                                                                              \
        .name = (word), .arguments = (args), .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which), .run = cli_act_run \
    }

#define ACT(word, zh, en, which) ACT_ON(word, "NEED", zh, en, which)

const struct cli_command cli_need_commands[] = {
    FRESH("submit", "提出未编目数据的需求（使用方编制密钥）。",
          "Need data that is not in the catalog (the consumer's compile key).", act_submit),
    ACT("intake", "提请责任单位编目归集，或不予受理（中心审核密钥）。",
        "Ask the responsible agency for it, or do not accept it (the center's review key).",
        act_intake),
    ACT("answer", "答复：已编目并审核通过，或不予提供（被提请单位审批密钥）。",
        "Answer: it is in the catalog and approved, or refused (the agency's approve key).",
        act_answer),
    ACT("dispute", "对答复提出争议（使用方编制密钥）。",
        "Dispute the answer (the consumer's compile key).", act_dispute),
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

const struct cli_command cli_fusion_commands[] = {
    FRESH("submit", "提出跨部门数据融合需求（使用方编制密钥）。",
          "Ask for a fusion of several agencies' data (the consumer's compile key).", act_fuse),
    ACT_ON("review", "FUSION", "审核本单位所涉部分（责任单位审批密钥）。",
           "Review the own part (each provider's approve key).", act_fusion_review),
    ACT_ON("conclude", "FUSION", "审核通过或退回（中心审核密钥）。",
           "Accept it for all, or return it (the center's review key).", act_fusion_conclude),
    ACT_ON("dispute", "FUSION", "对未通过的部分或者退回提出争议（使用方编制密钥）。",
           "Dispute a refused part, or that it was returned (the consumer's compile key).",
           act_fusion_dispute),
    ACT_ON("extend", "FUSION", "情况特别复杂的，延长治理期限（中心审核密钥）。",
           "Give a complex one more time (the center's review key).", act_fusion_extend),
    ACT_ON("serve", "FUSION", "提供融合数据服务：全部授权一并生效（中心审核密钥）。",
           "Serve it: all its grants at once (the center's review key).", act_fusion_serve),
    ACT_ON("withdraw", "FUSION", "撤回融合需求（使用方编制密钥）。",
           "Withdraw it (the consumer's compile key).", act_fusion_withdraw),
    {.name = NULL},
};
