/* dirchain dispute: disputes about requests, negotiated and ruled on. A dispute is named by the
 * txid of its raising; one that silence began, by its request's txid or number. */
#include "node/cli/cli.h"

#include "base/memory.h"
#include "node/cli/cli_act.h"
#include "node/cli/cli_request.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_text.h"

#include <stdio.h>

/* The first argument names the record; a number is a request's. */
static int run_act(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *body = NULL;
    char id[2 * HASH_BYTES + 1];
    int status = cli_act_body(cli, &body);
    status = status != 0 ? status : cli_node_open(&node, cli);
    status = status != 0 ? status : cli_request_id(&node, id, cli->options.arguments[0]);
    if (status != 0) {
        return status;
    }
    doc_set_text(body, cli->command->act->arguments, id);
    return cli_act_submit(cli, cli->command->act, body);
}

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
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which), .run = run_act     \
    }

const struct cli_command cli_dispute_commands[] = {
    ACT("raise", "REQUEST", "对一项申请提出争议（使用方编制密钥或提供方审批密钥）。",
        "Raise a dispute about a request (the consumer's compile or the provider's approve key).",
        act_raise),
    ACT("settle", "DISPUTE", "确认协商结果；双方所述一致即生效。",
        "State the outcome that both sides negotiated; it acts once both say the same.",
        act_settle),
    ACT("refer", "DISPUTE", "协商不成，提请主管部门协调。",
        "Negotiation has failed: refer the dispute to whoever rules.", act_refer),
    ACT("rule", "DISPUTE", "对争议或逾期未答复的申请作出结论（主管部门审批密钥）。",
        "Rule on a dispute, or on a request that nobody answered (the supervisor's approve key).",
        act_rule),
    ACT("withdraw", "DISPUTE", "撤回争议（提出方）。",
        "Withdraw a dispute (the side that raised it).", act_withdraw),
    {.name = NULL},
};
