/* dirchain member: join requests, and members as the ledger knows them. */
#include "node/cli/cli.h"

#include "base/limits.h"
#include "node/cli/cli_join.h"

const struct cli_command cli_member_commands[] = {
    {.name = "join-request",
     .chinese = "填写并签署入网申请（由首席数据官密钥和投票密钥签名）。",
     .english = "Fill in a join request and sign it with the chief key and the vote key.",
     .options = cli_join_options,
     .run = cli_join_request_run},
    {.name = "verify",
     .arguments = "FILE…",
     .arguments_min = 1,
     .arguments_max = MEMBERS_MAX,
     .chinese = "核验入网申请：代码校验位、密钥、签名，一次告知全部问题。",
     .english = "Verify join requests: check digit, keys, signatures; all faults at once.",
     .run = cli_join_verify_run},
    {.name = NULL},
};
