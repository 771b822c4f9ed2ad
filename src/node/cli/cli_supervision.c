/* Supervision: dirchain notice. A matter is named by the txid of the act that began it. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_act.h"
#include "node/cli/cli_node.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_submit.h"

#include <stdio.h>
#include <string.h>

/* ---- show ---- */

/* The record <table>/<txid>, labelled by the type that began it. */
static int show_matter(struct cli *cli, const char *table, const char *type)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(buf_free) struct buf words = {0};
    char key[128];
    int status = cli_node_open(&node, cli);
    if (status != 0) {
        return status;
    }
    (void)snprintf(key, sizeof key, "%s/%.64s", table, cli->options.arguments[0]);
    status = cli_node_state(&node, &record, key);
    if (status != 0 || record == NULL) {
        return status != 0 ? status : cli_fail(cli, ERR_SUBJECT, "%s:", key);
    }
    cli_record_append(&words, record, schema_find(type)->fields, cli->columns);
    return cli_result(cli, record, &words);
}

/* ---- commands ---- */

#define BEGIN(word, zh, en, which)                                                                 \
    {                                                                                              \
        .name = (word), .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which),    \
        .run = cli_act_run                                                                         \
    }
#define STEP(word, args, zh, en, which)                                                            \
    {                                                                                              \
        .name = (word), .arguments = (args), .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which), .run = cli_act_run \
    }
#define SHOW(args, zh, en, function)                                                               \
    {                                                                                              \
        .name = "show", .arguments = (args), .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_NEEDS_NODE, .run = (function)               \
    }
#define COMMANDS_END                                                                               \
    {                                                                                              \
        .name = NULL                                                                               \
    }
#define BEGINS(name, which, table)                                                                 \
    static const struct cli_act name = {.type = (which), .shows = table "/{txid}"}
#define ON(name, which, table)                                                                     \
    static const struct cli_act name = {                                                           \
        .type = (which), .arguments = (table), .subject = table "/{" table "}"}

BEGINS(act_notice_file, "notice.file", "notice");
ON(act_notice_hold, "notice.hold", "notice");
ON(act_notice_resolve, "notice.resolve", "notice");

static int show_notice(struct cli *cli)
{
    return show_matter(cli, "notice", "notice.file");
}

const struct cli_command cli_notice_commands[] = {
    BEGIN(
        "file", "登记权利人告知或风险告知：材料只以摘要上链（中心审核或提供方审批密钥）。",
        "File a notice of a rights holder or of a risk; of its papers only the digest goes on the "
        "ledger (the center's review or the provider's approve key).",
        act_notice_file),
    STEP("hold", "NOTICE", "立即中止提供，待核实。", "Withhold the data until it is verified.",
         act_notice_hold),
    STEP("resolve", "NOTICE", "核实后撤回、恢复或处理后再开放，并反馈。",
         "Withdraw, restore or reprocess, after it is verified, and say what was replied.",
         act_notice_resolve),
    SHOW("NOTICE", "显示一项告知及其办理。", "Show a notice and what was done.", show_notice),
    COMMANDS_END,
};
