/* dirchain member, profile: who is on the chain, with which keys, under which policy. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rule.h"
#include "node/cli/cli_join.h"
#include "node/cli/cli_key_rotate.h"
#include "node/cli/cli_proof.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_view.h"

#include <stdio.h>
#include <string.h>

#define ADMIT_BYTES_MAX (1024 * 1024)

/* ---- admit ---- */

static int run_admit(struct cli *cli)
{
    static const struct cli_act act = {.type = "member.admit", .shows = "member/{join.member}"};
    AUTO(doc_free) struct doc *join = NULL;
    AUTO(doc_free) struct doc *body = doc_new_object();
    const char *reason = cli_options_text(&cli->options, "reason");
    int status = cli_join_read(cli, &join, cli->options.arguments[0]);
    if (status != 0) {
        return status;
    }
    doc_set(body, "join", doc_ref(join));
    if (reason != NULL && doc_text_valid(view_of_text(reason))) {
        doc_set_text(body, "reason", reason);
    }
    return cli_act_submit(cli, &act, body);
}

/* ---- key add ---- */

static const struct cli_act act_key_add = {.type = "key.add", .shows = "key/{member}/{name}"};

/* Name and public key from the new key's file; its role from its name, as in a join request. */
static int from_key_file(struct cli *cli, struct doc *body, const char *path)
{
    static const char *const names[] = {"name", "public", "role"};
    AUTO(doc_free) struct doc *key = NULL;
    int status = cli_join_key(cli, &key, NULL, path);
    for (size_t i = 0; status == 0 && i < sizeof names / sizeof *names; i++) {
        const struct doc *value = doc_get(key, names[i]);
        if (value != NULL && (doc_get(body, names[i]) == NULL || strcmp(names[i], "public") == 0)) {
            doc_set(body, names[i], doc_ref(value));
        }
    }
    return status;
}

static int run_key_add(struct cli *cli)
{
    AUTO(doc_free) struct doc *body = NULL;
    const char *path = cli_options_text(&cli->options, "new-key");
    int status = cli_act_body(cli, &body);
    if (status == 0 && path != NULL) {
        status = from_key_file(cli, body, path);
    }
    return status != 0 ? status : cli_act_submit(cli, &act_key_add, body);
}

/* ---- tables ---- */

static const struct cli_option options_admit[] = {
    {"reason", CLI_TEXT, false, "TEXT", "Remark.", "说明。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_key_add[] = {
    {"new-key", CLI_TEXT, false, "FILE", "Key file of the new key: gives public key and name.",
     "新密钥文件，由其取得公钥和名称。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_list[] = {
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

static const struct cli_column columns_members[] = {
    {.title = "统一社会信用代码 code", .path = "id", .keep = true},
    {.title = "单位 name", .path = "name"},
    {.title = "身份 parties", .path = "parties", .as = CLI_AS_WORD},
    {.title = "状态 status", .path = "status", .as = CLI_AS_WORD},
    {.title = NULL},
};
static const struct cli_column columns_keys[] = {
    {.title = "名称 name", .path = "name", .keep = true},
    {.title = "角色 role", .path = "role", .as = CLI_AS_WORD},
    {.title = "岗位 officer", .path = "officer"},
    {.title = "公钥 public", .path = "public"},
    {.title = "自区块", .path = "from", .right = true},
    {.title = "至区块", .path = "to", .right = true},
    {.title = "暂停自区块", .path = "suspended", .right = true},
    {.title = NULL},
};
static const struct cli_view view_list = {.path = "/v1/members", .columns = columns_members};
static const struct cli_view view_show = {.path = "/v1/members/{0}", .fields = rules_join_fields};
static const struct cli_view view_keys = {.path = "/v1/members/{0}/keys", .columns = columns_keys};

static const struct cli_act act_suspend = {
    .type = "member.suspend", .arguments = "member", .subject = "member/{member}"};
static const struct cli_act act_restore = {
    .type = "member.restore", .arguments = "member", .subject = "member/{member}"};
static const struct cli_act act_remove = {
    .type = "member.remove", .arguments = "member", .subject = "member/{member}"};
static const struct cli_act act_update = {.type = "member.update", .subject = "member/{member}"};
static const struct cli_act act_key_retire = {
    .type = "key.retire", .arguments = "name", .subject = "key/{member}/{name}"};
static const struct cli_act act_key_suspend = {
    .type = "key.suspend", .arguments = "name", .subject = "key/{member}/{name}"};
static const struct cli_act act_key_restore = {
    .type = "key.restore", .arguments = "name", .subject = "key/{member}/{name}"};

#define ON_MEMBER(word, zh, en, which)                                                             \
    {                                                                                              \
        .name = (word), .arguments = "CODE", .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which), .run = cli_act_run \
    }

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
    {.name = "admit",
     .arguments = "JOIN",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "准入成员（中心管理密钥）。",
     .english = "Admit a member (the center's admin key).",
     .needs = CLI_WRITES,
     .options = options_admit,
     .run = run_admit},
    ON_MEMBER("suspend", "暂停成员（中心）。", "Suspend a member (center).", act_suspend),
    ON_MEMBER("restore", "恢复成员（中心）。", "Restore a suspended member (center).", act_restore),
    ON_MEMBER("remove", "移除成员（中心）。", "Remove a member (center).", act_remove),
    {.name = "update",
     .chinese = "更新本单位名称、地址（首席数据官密钥）。",
     .english = "Update the agency's own name and addresses (chief key).",
     .needs = CLI_WRITES,
     .act = &act_update,
     .run = cli_act_run},
    {.name = "key add",
     .chinese = "登记密钥（首席数据官密钥）。",
     .english = "Register a key of an officer or system (chief key).",
     .needs = CLI_WRITES,
     .options = options_key_add,
     .act = &act_key_add,
     .run = run_key_add},
    {.name = "key suspend",
     .arguments = "NAME",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "暂停密钥（首席数据官密钥，或中心）。",
     .english = "Suspend a key (chief key, or the center).",
     .needs = CLI_WRITES,
     .act = &act_key_suspend,
     .run = cli_act_run},
    {.name = "key restore",
     .arguments = "NAME",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "恢复被暂停的密钥（首席数据官密钥，或中心）。",
     .english = "Restore a suspended key (chief key, or the center).",
     .needs = CLI_WRITES,
     .act = &act_key_restore,
     .run = cli_act_run},
    {.name = "key prove",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "新密钥的持有证明，供更换密钥（key rotate --from）。",
     .english = "Proof of possession of a new key, for key rotate --from.",
     .needs = CLI_NEEDS_SUBMIT,
     .options = cli_options_prove,
     .run = cli_key_prove_run},
    {.name = "key rotate",
     .arguments = "NAME",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "更换密钥，角色和岗位不变（原密钥或首席数据官密钥）。",
     .english = "Put a new key in the place of one; role and officer stay (that key, or the "
                "chief's).",
     .needs = CLI_WRITES,
     .options = cli_options_key_rotate,
     .act = &cli_act_key_rotate,
     .run = cli_key_rotate_run},
    {.name = "key retire",
     .arguments = "NAME",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "停用密钥（首席数据官密钥）。",
     .english = "Retire a key (chief key).",
     .needs = CLI_WRITES,
     .act = &act_key_retire,
     .run = cli_act_run},
    {.name = "keys",
     .arguments = "CODE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "列出成员的密钥。",
     .english = "List a member's keys.",
     .needs = CLI_NEEDS_NODE,
     .options = options_list,
     .view = &view_keys,
     .run = cli_view_list},
    {.name = "list",
     .chinese = "列出成员。",
     .english = "List members.",
     .needs = CLI_NEEDS_NODE,
     .options = options_list,
     .view = &view_list,
     .run = cli_view_list},
    {.name = "show",
     .arguments = "CODE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "显示一个成员。",
     .english = "Show a member.",
     .needs = CLI_NEEDS_NODE,
     .view = &view_show,
     .run = cli_view_show},
    {.name = NULL},
};
