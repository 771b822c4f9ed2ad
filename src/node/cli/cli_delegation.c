/* dirchain delegation: third parties that collect and produce data for an agency (PT 2).
 *
 *   at the third party                                   at the agency's chief
 *   key create --member AGENCY … compile-lan
 *   member key prove compile-lan.key ──proof.json──►     delegation grant CODE --proof proof.json …
 *
 * The third party keeps its secret key; the proof shows that it has it, and takes the task on. */
#include "node/cli/cli.h"

#include "base/memory.h"
#include "node/cli/cli_join.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_view.h"

#include <string.h>

#define PROOF_BYTES_MAX (64 * 1024)

static const struct cli_act act_grant = {.type = "delegation.grant",
                                         .arguments = "code",
                                         .completed = "keys", /* --proof */
                                         .shows = "delegation/{member}/{code}"};
static const struct cli_act act_end = {
    .type = "delegation.end", .arguments = "code", .subject = "delegation/{member}/{code}"};

/* A proof as member key prove writes it; the role comes from the key's name. */
static struct doc *proven_key(const struct doc *proof)
{
    static const char *const names[][2] = {
        {"new_name", "name"}, {"new_public", "public"}, {"proof", "proof"}};
    struct doc *key = doc_new_object();
    enum role role;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (doc_get(proof, names[i][0]) != NULL) {
            doc_set(key, names[i][1], doc_ref(doc_get(proof, names[i][0])));
        }
    }
    const char *name = doc_get_text(key, "name");
    if (name != NULL && cli_join_role_of(&role, name) == 0) {
        doc_set_text(key, "role", role_text(role));
    }
    return key;
}

static int add_keys(struct cli *cli, struct doc *body)
{
    AUTO(doc_free)
    struct doc *keys =
        doc_get(body, "keys") == NULL ? doc_new_array() : doc_copy(doc_get(body, "keys"));
    for (size_t i = 0; i < cli_options_count(&cli->options, "proof"); i++) {
        AUTO(doc_free) struct doc *proof = NULL;
        int status = cli_read_doc(cli, &proof, cli_options_text_at(&cli->options, "proof", i),
                                  PROOF_BYTES_MAX);
        if (status != 0) {
            return status;
        }
        doc_push(keys, proven_key(proof));
    }
    if (doc_count(keys) > 0) {
        doc_set(body, "keys", doc_ref(keys));
    }
    return 0;
}

static int run_grant(struct cli *cli)
{
    AUTO(doc_free) struct doc *body = NULL;
    int status = cli_act_body(cli, &body);
    status = status != 0 ? status : add_keys(cli, body);
    return status != 0 ? status : cli_act_submit(cli, &act_grant, body);
}

/* ---- tables ---- */

static const struct cli_option options_grant[] = {
    {"proof", CLI_LIST, false, "FILE",
     "Proof of a key of the third party (member key prove); its role is in its name. Repeatable.",
     "受托方密钥的持有证明（member key prove），角色取自密钥名称，可重复。", "PT 2"},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_list[] = {
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_delegations[] = {
    {.title = "委托 code", .path = "code", .keep = true},
    {.title = "受托方 delegate", .path = "delegate_name"},
    {.title = "范围 types", .path = "types"},
    {.title = "职责 duties", .path = "duties"},
    {.title = "至 until", .path = "until"},
    {.title = "状态 status", .path = "status", .as = CLI_AS_WORD},
    {.title = NULL},
};
static const struct cli_view view_list = {.path = "/v1/members/{0}/delegations",
                                          .columns = columns_delegations,
                                          .none = "未委托第三方 Nobody is entrusted.\n"};

const struct cli_command cli_delegation_commands[] = {
    {.name = "grant",
     .arguments = "DELEGATION",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "委托第三方收集、产生数据，定期限和范围（首席数据官密钥）。",
     .english = "Entrust a third party with collecting and producing data, with term and scope "
                "(chief key).",
     .needs = CLI_WRITES,
     .options = options_grant,
     .act = &act_grant,
     .run = run_grant},
    {.name = "end",
     .arguments = "DELEGATION",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "提前终止委托，其密钥停用（首席数据官密钥）。",
     .english = "End a delegation before its term, with its keys (chief key).",
     .needs = CLI_WRITES,
     .act = &act_end,
     .run = cli_act_run},
    {.name = "list",
     .arguments = "CODE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "列出一个单位的委托。",
     .english = "List an agency's delegations.",
     .needs = CLI_NEEDS_NODE,
     .options = options_list,
     .view = &view_list,
     .run = cli_view_list},
    {.name = NULL},
};
