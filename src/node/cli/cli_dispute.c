/* dirchain dispute: disputes about requests, negotiated and ruled on. A dispute is named by the
 * txid of its raising; one that silence began, by its request's txid or number. */
#include "node/cli/cli.h"

#include "node/cli/cli_act.h"
#include "node/cli/cli_request.h"

static const struct cli_act act_raise = {.type = "dispute.raise",
                                         .arguments = "request",
                                         .subject = "request/{request}",
                                         .shows = "dispute/{txid}"};
#define ON_DISPUTE(name, which)                                                                    \
    static const struct cli_act name = {                                                           \
        .type = (which), .arguments = "dispute", .subject = "dispute/{dispute}"}
ON_DISPUTE(act_refer, "dispute.refer");
ON_DISPUTE(act_rule, "dispute.rule");
ON_DISPUTE(act_settle, "dispute.settle");
ON_DISPUTE(act_withdraw, "dispute.withdraw");

#define ACT(word, args, zh, en, which)                                                             \
    {                                                                                              \
        .name = (word), .arguments = (args), .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which),                    \
        .run = cli_request_act_run                                                                 \
    }

const struct cli_command cli_dispute_commands[] = {
    ACT("raise", "REQUEST", "对一项申请提出争议（使用方编制密钥或提供方审批密钥）。",
        "Raise a dispute about a request (the consumer's compile or the provider's approve key).",
        act_raise),
    ACT("settle", "DISPUTE", "确认协商结果；双方所述一致即生效。",
        "State the outcome that both sides negotiated; it acts once both say the same.",
        act_settle),
    ACT("refer", "DISPUTE", "协商不成，提请主管部门协调；对方无回应的，由主管部门受理。",
        "Negotiation has failed: refer the dispute; who rules takes it up where one side is silent.",
        act_refer),
    ACT("rule", "DISPUTE", "对争议或逾期未答复的申请作出结论（主管部门审批密钥）。",
        "Rule on a dispute, or on a request that nobody answered (the supervisor's approve key).",
        act_rule),
    ACT("withdraw", "DISPUTE", "撤回争议（提出方）。",
        "Withdraw a dispute (the side that raised it).", act_withdraw),
    {.name = NULL},
};
