/* dirchain request, agreement, grant: asking for data, deciding, and what comes of it. Requests and
 * grants are named by their txid or by their number (as on the form, "CNZYSQ260001"). */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_form.h"
#include "node/cli/cli_request.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_text.h"
#include "node/cli/cli_view.h"

#include <stdio.h>
#include <string.h>

#define AGREEMENT_BYTES_MAX (64 * 1024 * 1024)

/* ---- names of requests ---- */

int cli_request_id(struct cli_node *node, char out[2 * HASH_BYTES + 1], const char *text)
{
    struct hash hash;
    AUTO(doc_free) struct doc *page = NULL;
    AUTO(buf_free) struct buf path = {0};
    if (hash_from_hex(&hash, text) == 0) {
        hash_to_hex(out, &hash);
        return 0;
    }
    buf_append_text(&path, "/v1/requests?number=");
    cli_url_append(&path, text);
    int status = cli_node_get(node, &page, buf_text(&path));
    if (status != 0) {
        return status;
    }
    const struct doc *found = doc_at(doc_get(page, "items"), 0);
    const char *id = doc_get_text(found, "id");
    if (id == NULL || hash_from_hex(&hash, id) != 0) {
        return cli_fail(node->cli, ERR_SUBJECT,
                        "账上没有编号为 %s 的申请 The ledger has no request %s:", text, text);
    }
    hash_to_hex(out, &hash);
    return 0;
}

int cli_request_act_run(struct cli *cli)
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

static int run_agreement(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *body = NULL;
    AUTO(buf_free) struct buf text = {0};
    char id[2 * HASH_BYTES + 1];
    const char *path = cli_options_text(&cli->options, "file");
    int status = cli_act_body(cli, &body);
    if (status == 0 && path != NULL) {
        int error = file_read(&text, path, AGREEMENT_BYTES_MAX);
        if (error != 0) {
            return cli_fail(cli, error, "%s:", path);
        }
        struct hash digest = hash_sha256(view_of_buf(&text));
        doc_set_hash(body, "digest", &digest);
    }
    status = status != 0 ? status : cli_node_open(&node, cli);
    status = status != 0 ? status : cli_request_id(&node, id, cli->options.arguments[0]);
    if (status != 0) {
        return status;
    }
    doc_set_text(body, "grant", id);
    return cli_act_submit(cli, cli->command->act, body);
}

/* ---- showing ---- */

/* A record under family/<id>, with what stands under also/<id>; the labels of what was asked for
 * are those of request.submit. */
static int show_state(struct cli *cli, const char *family, const char *also)
{
    const struct field *asked = schema_find("request.submit")->fields;
    const struct field *answered = schema_find("request.answer")->fields;
    const struct field fields[] = {
        {.name = "number", .kind = FIELD_TEXT, .chinese = "编号"},
        {.name = "status", .kind = FIELD_TEXT, .chinese = "状态"},
        {.name = "route", .kind = FIELD_TEXT, .chinese = "办理路径"},
        {.name = "provider", .kind = FIELD_TEXT, .chinese = "提供方"},
        {.name = "consumer", .kind = FIELD_TEXT, .chinese = "使用方"},
        {.name = "entry", .kind = FIELD_TEXT, .chinese = "目录代码"},
        {.name = "purpose", .kind = FIELD_TEXT, .chinese = "用途"},
        {.name = "system", .kind = FIELD_TEXT, .chinese = "使用系统"},
        {.name = "mode", .kind = FIELD_TEXT, .chinese = "使用方式"},
        {.name = "items", .kind = FIELD_TEXT, .chinese = "信息项"},
        {.name = "request", .kind = FIELD_OBJECT, .fields = asked, .chinese = "申请内容"},
        {.name = "answer", .kind = FIELD_OBJECT, .fields = answered, .chinese = "答复"},
        {.name = "submitted_ms", .kind = FIELD_TIME, .chinese = "提出时间"},
        {.name = "since_ms", .kind = FIELD_TIME, .chinese = "起始时间"},
        {.name = "expires_ms", .kind = FIELD_TIME, .chinese = "到期时间"},
        {.name = "terms", .kind = FIELD_OBJECT, .chinese = "期限"},
        {.name = NULL},
    };
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(doc_free) struct doc *other = NULL;
    AUTO(doc_free) struct doc *result = NULL;
    AUTO(buf_free) struct buf words = {0};
    char id[2 * HASH_BYTES + 1], key[128];
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_request_id(&node, id, cli->options.arguments[0]);
    if (status != 0) {
        return status;
    }
    (void)snprintf(key, sizeof key, "%s/%s", family, id);
    status = cli_node_state(&node, &record, key);
    if (status != 0 || record == NULL) {
        return status != 0 ? status : cli_fail(cli, ERR_SUBJECT, "%s:", key);
    }
    result = doc_copy(record);
    if (also != NULL) {
        (void)snprintf(key, sizeof key, "%s/%s", also, id);
        status = cli_node_state(&node, &other, key);
        if (status != 0) {
            return status;
        }
        if (other != NULL) {
            doc_set(result, also, doc_ref(other));
        }
    }
    cli_record_append(&words, result, fields, cli->columns);
    return cli_result(cli, result, &words);
}

static int run_request_show(struct cli *cli)
{
    return show_state(cli, "request", "answer");
}

static int run_grant_show(struct cli *cli)
{
    return show_state(cli, "grant", NULL);
}

/* ---- tables ---- */

static const struct cli_option options_requests[] = {
    {"provider", CLI_TEXT, false, "CODE", "To this agency only.", "仅向此单位提出的。", NULL},
    {"consumer", CLI_TEXT, false, "CODE", "By this agency only.", "仅由此单位提出的。", NULL},
    {"status", CLI_TEXT, false, "WORD", "In this status only: pending, granted, refused …",
     "仅此状态：pending 待答复、granted 已授权、refused 不同意等。", NULL},
    {"route", CLI_TEXT, false, "WORD", "By this route only: unconditional, scenario, provider.",
     "仅此路径：unconditional、scenario、provider。", NULL},
    {"entry", CLI_TEXT, false, "MEMBER/CODE", "For this entry only.", "仅此目录。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_grants[] = {
    {"provider", CLI_TEXT, false, "CODE", "Of this provider only.", "仅此提供方。", NULL},
    {"consumer", CLI_TEXT, false, "CODE", "Of this consumer only.", "仅此使用方。", NULL},
    {"status", CLI_TEXT, false, "WORD", "In this status only: active, agreement, suspended …",
     "仅此状态：active 有效、agreement 待签协议、suspended 已暂停等。", NULL},
    {"mode", CLI_TEXT, false, "WORD", "With this way of use only.", "仅此使用方式。", NULL},
    {"entry", CLI_TEXT, false, "MEMBER/CODE", "For this entry only.", "仅此目录。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_agreement[] = {
    {"file", CLI_TEXT, false, "FILE", "The agreement: its SHA-256 becomes the digest.",
     "协议文本文件，取其 SHA-256 摘要。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_requests[] = {
    {.title = "编号 number", .path = "number", .keep = true},
    {.title = "使用方 from", .path = "consumer", .as = CLI_AS_MEMBER},
    {.title = "提供方 to", .path = "provider", .as = CLI_AS_MEMBER},
    {.title = "目录 entry", .path = "entry"},
    {.title = "状态", .path = "status", .as = CLI_AS_WORD, .keep = true},
    {.title = "决定 by", .path = "decided", .as = CLI_AS_WORD, .keep = true},
    {.title = "期限 due", .path = "terms.*.due_ms", .as = CLI_AS_DATE, .keep = true, .end = true},
    {.title = "暂定 provisional", .path = "terms.*.provisional", .rare = true},
    {.title = NULL},
};
static const struct cli_column columns_grants[] = {
    {.title = "编号 number", .path = "number", .keep = true},
    {.title = "提供方 provider", .path = "provider", .keep = true},
    {.title = "使用方 consumer", .path = "consumer", .keep = true},
    {.title = "目录 entry", .path = "entry"},
    {.title = "状态", .path = "status", .as = CLI_AS_WORD},
    {.title = "到期 ends", .path = "expires_ms", .as = CLI_AS_DATE, .keep = true, .end = true},
    {.title = NULL},
};
static const struct cli_view view_requests = {.path = "/v1/requests", .columns = columns_requests};
static const struct cli_view view_grants = {.path = "/v1/grants", .columns = columns_grants};

static const struct cli_option options_usage[] = {
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_usage[] = {
    {.title = "日期 day", .path = "day", .keep = true},
    {.title = "次数 calls", .path = "usage.calls", .right = true},
    {.title = "条数 rows", .path = "usage.rows", .right = true},
    {.title = "字节 bytes", .path = "usage.bytes", .right = true},
    {.title = "被拒 refused", .path = "usage.refused", .right = true},
    {.title = NULL},
};
static const struct cli_view view_usage = {.path = "/v1/grants/{0}/usage",
                                           .columns = columns_usage};

static const struct cli_act act_submit = {.type = "request.submit",
                                          .arguments = "provider entry",
                                          .subject = "entry/{provider}/{entry}",
                                          .shows = "request/{txid}"};
#define ON_REQUEST(name, which)                                                                    \
    static const struct cli_act name = {                                                           \
        .type = (which), .arguments = "request", .subject = "request/{request}"}
ON_REQUEST(act_intake, "request.intake");
ON_REQUEST(act_assess, "request.assess");
ON_REQUEST(act_answer, "request.answer");
ON_REQUEST(act_withdraw, "request.withdraw");
#define ON_GRANT(name, which)                                                                      \
    static const struct cli_act name = {                                                           \
        .type = (which), .arguments = "grant", .subject = "grant/{grant}"}
ON_GRANT(act_agreement, "agreement.sign");
ON_GRANT(act_end, "grant.end");
ON_GRANT(act_object, "grant.object");
ON_GRANT(act_suspend, "grant.suspend");
ON_GRANT(act_restore, "grant.restore");
ON_GRANT(act_terminate, "grant.terminate");

#define ACT(word, args, zh, en, which)                                                             \
    {                                                                                              \
        .name = (word), .arguments = (args), .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which),                    \
        .run = cli_request_act_run                                                                 \
    }

const struct cli_command cli_request_commands[] = {
    {.name = "submit",
     .arguments = "PROVIDER ENTRY",
     .arguments_min = 2,
     .arguments_max = 2,
     .chinese = "提出共享申请（使用方编制密钥）。",
     .english = "Ask for data (the consumer's compile key).",
     .needs = CLI_WRITES,
     .act = &act_submit,
     .run = cli_act_run},
    ACT("intake", "REQUEST", "受理审查（中心审核密钥）。",
        "Check a request's materials (the center's review key).", act_intake),
    ACT("assess", "REQUEST", "评估场景或使用方式（中心审核密钥）。",
        "Assess a scenario or a way of use (the center's review key).", act_assess),
    ACT("answer", "REQUEST", "答复共享申请（提供方审批密钥）。",
        "Answer a request (the provider's approve key).", act_answer),
    ACT("withdraw", "REQUEST", "撤回共享申请（使用方编制密钥）。",
        "Withdraw a request (the consumer's compile key).", act_withdraw),
    {.name = "list",
     .chinese =
         "列出共享申请：谁向谁申请什么，状态如何，由谁决定（即时授权、提供方答复、逾期视作同意"
         "等）。",
     .english = "List requests: who asked whom for what, and who or what decided (granted at once, "
                "the provider, deemed approved when the term was over …).",
     .needs = CLI_NEEDS_NODE,
     .options = options_requests,
     .view = &view_requests,
     .run = cli_view_list},
    {.name = "show",
     .arguments = "REQUEST",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "显示一项申请及其答复。",
     .english = "Show a request and its answer.",
     .needs = CLI_NEEDS_NODE,
     .run = run_request_show},
    {.name = "form",
     .arguments = "REQUEST",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "打印共享申请审核表（附件2），由账本记录填写。",
     .english = "Print the form of a request and its review (annex 2) from the ledger's records.",
     .needs = CLI_NEEDS_NODE,
     .options = cli_form_options,
     .run = cli_form_request},
    {.name = NULL},
};

const struct cli_command cli_agreement_commands[] = {
    {.name = "sign",
     .arguments = "GRANT",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "签署协议：双方各以首席数据官密钥将协议摘要上链。",
     .english = "Sign the agreement: each side's chief key puts its digest on the ledger.",
     .needs = CLI_WRITES,
     .options = options_agreement,
     .act = &act_agreement,
     .run = run_agreement},
    {.name = NULL},
};

const struct cli_command cli_grant_commands[] = {
    {.name = "list",
     .chinese = "列出授权。",
     .english = "List grants.",
     .needs = CLI_NEEDS_NODE,
     .options = options_grants,
     .view = &view_grants,
     .run = cli_view_list},
    {.name = "show",
     .arguments = "GRANT",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "显示一项授权。",
     .english = "Show a grant.",
     .needs = CLI_NEEDS_NODE,
     .run = run_grant_show},
    {.name = "usage",
     .arguments = "GRANT",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "按日列出授权的使用量。",
     .english = "List the use of a grant by day.",
     .needs = CLI_NEEDS_NODE,
     .options = options_usage,
     .view = &view_usage,
     .run = cli_view_list},
    ACT("end", "GRANT", "终止不再需要的共享（使用方）。",
        "End a grant no longer needed (the consumer's compile or chief key).", act_end),
    ACT("object", "GRANT", "说明未使用的理由，或对因未使用而暂停提出异议（使用方）。",
        "Say why a grant is not used, or object to its suspension for that (the consumer).",
        act_object),
    ACT("suspend", "GRANT", "暂停共享（中心审核密钥）。", "Suspend a grant (the center's review key).",
        act_suspend),
    ACT("restore", "GRANT", "恢复共享（中心审核密钥）。",
        "Restore a suspended grant (the center's review key).", act_restore),
    ACT("terminate", "GRANT", "终止共享（中心审核密钥）。",
        "Terminate a grant (the center's review key).", act_terminate),
    {.name = NULL},
};
