/* dirchain officer: who acts for an agency, by office and key. No name of a person goes onto the
 * ledger: --filing is the digest of the papers. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_join.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_view.h"

#include <string.h>

static const struct cli_act act_register = {.type = "officer.register",
                                            .arguments = "code",
                                            .completed = "keys", /* --new-key */
                                            .shows = "officer/{member}/{code}"};
static const struct cli_act act_update = {.type = "officer.update",
                                          .arguments = "code",
                                          .subject = "officer/{member}/{code}"};
static const struct cli_act act_end = {
    .type = "officer.end", .arguments = "code", .subject = "officer/{member}/{code}"};

/* ---- bodies ---- */

/* The role of a key whose name says none: --role. */
static int complete_role(struct cli *cli, struct doc *key, const char *path)
{
    enum role role;
    const char *given = cli_options_text(&cli->options, "role");
    if (doc_get(key, "role") != NULL) {
        return 0;
    }
    if (given == NULL) {
        return cli_usage(cli,
                         "%s: 密钥名称 %s 不含角色。名称应为角色，或角色、连字符与其他字符（如 "
                         "compile-2），否则请用 --role 指明。 The key's name says no role: it is "
                         "one, or one with a hyphen behind it (compile-2); else say --role.",
                         path, doc_get_text(key, "name"));
    }
    if (role_from_text(&role, given) != 0) {
        return cli_usage(cli, "--role %s: 应为 chief compile review approve gateway audit admin",
                         given);
    }
    doc_set_text(key, "role", given);
    return 0;
}

static int add_keys(struct cli *cli, struct doc *body)
{
    size_t count = cli_options_count(&cli->options, "new-key");
    AUTO(doc_free)
    struct doc *keys =
        doc_get(body, "keys") == NULL ? doc_new_array() : doc_copy(doc_get(body, "keys"));
    for (size_t i = 0; i < count; i++) {
        AUTO(doc_free) struct doc *key = NULL;
        const char *path = cli_options_text_at(&cli->options, "new-key", i);
        int status = cli_join_key(cli, &key, NULL, path);
        status = status != 0 ? status : complete_role(cli, key, path);
        if (status != 0) {
            return status;
        }
        doc_push(keys, doc_ref(key));
    }
    if (doc_count(keys) > 0) {
        doc_set(body, "keys", doc_ref(keys));
    }
    return 0;
}

static int run_register(struct cli *cli)
{
    AUTO(doc_free) struct doc *body = NULL;
    int status = cli_act_body(cli, &body);
    status = status != 0 ? status : add_keys(cli, body);
    return status != 0 ? status : cli_act_submit(cli, &act_register, body);
}

/* ---- tables ---- */

static const struct cli_option options_register[] = {
    {"new-key", CLI_LIST, false, "FILE",
     "Key file of a key of the officer: gives name, role and public key. Repeatable.",
     "该人员的密钥文件，由其取得名称、角色和公钥，可重复。", NULL},
    {"role", CLI_TEXT, false, "WORD", "Role of a key whose name does not say one.",
     "名称不含角色的密钥的角色。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_list[] = {
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_officers[] = {
    {.title = "岗位 code", .path = "code", .keep = true},
    {.title = "职务 office", .path = "office", .as = CLI_AS_WORD},
    {.title = "密钥 keys", .path = "keys"},
    {.title = "角色 roles", .path = "roles", .as = CLI_AS_WORD},
    {.title = "自区块", .path = "from", .right = true},
    {.title = "至区块", .path = "to", .right = true},
    {.title = "变动日期 changed", .path = "changed_on"},
    {.title = NULL},
};
static const struct cli_view view_list = {.path = "/v1/members/{0}/officers",
                                          .columns = columns_officers};

#define ON_OFFICER(word, zh, en, which, more, how)                                                 \
    {                                                                                              \
        .name = (word), .arguments = "OFFICER", .arguments_min = 1, .arguments_max = 1,            \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .options = (more), .act = &(which), \
        .run = (how)                                                                               \
    }

const struct cli_command cli_officer_commands[] = {
    ON_OFFICER(
        "register",
        "登记首席数据官或数据执行专员及其密钥；--succeeds 指明接替何岗位（首席数据官密钥）。",
        "Register an officer with keys; --succeeds names whose place is taken (chief key).",
        act_register, options_register, run_register),
    ON_OFFICER("update", "更新人员备案材料摘要（首席数据官密钥）。",
               "Update what is filed about an officer (chief key).", act_update, NULL, cli_act_run),
    ON_OFFICER("end", "人员离任，其全部密钥停用（首席数据官密钥）。",
               "An officer leaves office with all keys (chief key).", act_end, NULL, cli_act_run),
    {.name = "list",
     .arguments = "CODE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "列出一个单位的首席数据官和数据执行专员。",
     .english = "List an agency's officers.",
     .needs = CLI_NEEDS_NODE,
     .options = options_list,
     .view = &view_list,
     .run = cli_view_list},
    {.name = NULL},
};
