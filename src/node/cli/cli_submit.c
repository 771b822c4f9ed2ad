/* From a command to a committed transaction:
 *
 *   body from options → what it acts on → checked here, every fault at once → signed → submitted →
 *   told, with what became of the record
 *
 * The passphrase is asked for last, when everything else is known to be in order. */
#include "node/cli/cli_submit.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "exchange/words.h"
#include "node/cli/cli_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- state keys from templates ---- */

/* "entry/{provider}/{code}" with the body's fields; {member} is the signer's unless the body has
 * one. False when a field is not there. */
static bool fill_key(struct buf *out, const char *template, const struct doc *body,
                     const char *member, const char *txid)
{
    while (*template != 0) {
        char name[64];
        size_t plain = strcspn(template, "{");
        buf_append(out, template, plain);
        template += plain;
        if (*template == 0) {
            break;
        }
        size_t len = strcspn(template, "}");
        (void)snprintf(name, sizeof name, "%.*s", (int)(len - 1), template + 1);
        template += len + (template[len] == '}');
        const char *value = doc_text(cli_doc_at(body, name));
        if (value == NULL && strcmp(name, "member") == 0) {
            value = member;
        } else if (value == NULL && strcmp(name, "txid") == 0) {
            value = txid;
        }
        if (value == NULL) {
            return false;
        }
        buf_append_text(out, value);
    }
    return true;
}

static const struct field *field_named(const struct field *fields, const char *name)
{
    for (; fields->name != NULL; fields++) {
        if (strcmp(fields->name, name) == 0) {
            return fields;
        }
    }
    return NULL;
}

/* "change/1144…/A-1" in words: "目录变更 1144… A-1". */
static void append_subject(struct buf *out, const char *key, bool chinese)
{
    char family[32];
    size_t len = strcspn(key, "/");
    (void)snprintf(family, sizeof family, "%.*s", (int)len, key);
    const char *word = chinese ? word_chinese(NULL, family) : NULL;
    buf_append_text(out, word == NULL ? family : word);
    for (const char *at = key + len; *at != 0; at++) {
        buf_append_u8(out, *at == '/' ? ' ' : (uint8_t)*at);
    }
}

/* What it acts on is not there. All other faults of the body are told with it. */
static int refuse_unknown(struct cli *cli, const struct cli_act *act, struct doc *body,
                          const char *key)
{
    static const char any[] = "0000000000000000000000000000000000000000000000000000000000000000";
    struct faults faults = {0};
    AUTO(buf_free) struct buf chinese = {0};
    AUTO(buf_free) struct buf english = {0};
    const struct tx_type *type = schema_find(act->type);
    const char *named = act->arguments == NULL ? NULL : strrchr(act->arguments, ' ');
    named = named != NULL ? named + 1 : act->arguments != NULL ? act->arguments : "acts_on";
    append_subject(&chinese, key, true);
    append_subject(&english, key, false);
    (void)faults_add(&faults, ERR_SUBJECT, type->clause, "%s", named);
    doc_set_text(body, "acts_on", any);
    (void)schema_check(type, body, &faults);
    return cli_refuse(cli, &faults,
                      "账上没有%s，请核对代码或编号 The ledger has no %s: look at the code or "
                      "number again; nothing was submitted.",
                      buf_text(&chinese), buf_text(&english));
}

/* What was given as nothing goes. */
static void go(struct doc *given)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(given, &cursor, &name, &value)) {
        if (doc_text(value) != NULL && doc_text(value)[0] == 0) {
            doc_remove(given, name);
            cursor = 0;
        }
    }
}

/* What was not given of the object stays as it is. */
static void stay(struct doc *given, const struct doc *recorded)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(recorded, &cursor, &name, &value)) {
        const struct doc *own = doc_get(given, name);
        if (own == NULL) {
            doc_set(given, name, doc_ref(value));
        } else if (doc_kind(own) == DOC_OBJECT && doc_kind(value) == DOC_OBJECT) {
            struct doc *inner = doc_copy(own);
            stay(inner, value);
            go(inner);
            doc_set(given, name, inner);
        }
    }
}

static void amend(struct cli *cli, const struct cli_act *act, struct doc *body,
                  const struct doc *record)
{
    if (act->amends == NULL || cli_options_text(&cli->options, "from") != NULL) {
        return;
    }
    const struct doc *given = doc_get(body, act->amends);
    const struct doc *recorded = doc_get(record, act->amends);
    if (doc_kind(given) == DOC_OBJECT && doc_kind(recorded) == DOC_OBJECT) {
        struct doc *whole = doc_copy(given);
        stay(whole, recorded);
        go(whole);
        doc_set(body, act->amends, whole);
    }
}

int cli_act_complete(struct cli_node *node, const struct cli_act *act, struct doc *body,
                     const char *member)
{
    AUTO(buf_free) struct buf key = {0};
    AUTO(doc_free) struct doc *record = NULL;
    const struct field *acts_on = field_named(cli_act_fields(act), "acts_on");
    bool complete = doc_get(body, "acts_on") != NULL && act->amends == NULL;
    if (act->subject == NULL || acts_on == NULL || complete ||
        !fill_key(&key, act->subject, body, member, NULL)) {
        return 0; /* what is missing is told by the check that follows */
    }
    int status = cli_node_state(node, &record, buf_text(&key));
    const char *version = doc_get_text(record, "version");
    if (status != 0) {
        return status;
    }
    if (version != NULL) {
        if (doc_get(body, "acts_on") == NULL) {
            doc_set_text(body, "acts_on", version);
        }
        amend(node->cli, act, body, record); /* of another version the ledger takes nothing */
    } else if (acts_on->required) {
        return refuse_unknown(node->cli, act, body, buf_text(&key));
    }
    return 0;
}

int cli_act_refuse(struct cli *cli, const char *type_name, const struct faults *faults)
{
    const struct tx_type *type = schema_find(type_name);
    return cli_refuse(cli, faults,
                      "%s %s 内容有误，未提交 The body is not in order; nothing was submitted.",
                      type->chinese, type->english);
}

int cli_act_check(struct cli *cli, const char *type_name, const struct doc *body)
{
    struct faults faults = {0};
    return schema_check(schema_find(type_name), body, &faults) == 0
               ? 0
               : cli_act_refuse(cli, type_name, &faults);
}

/* ---- telling ---- */

/* What a clerk asks next: number, status, route, term. */
static void append_outcome(struct buf *words, const struct doc *record)
{
    static const struct {
        const char *field;
        const char *label;
        struct cli_column as;
    } shown[] = {
        {"number", "编号 number", {.as = CLI_AS_TEXT}},
        {"route", "路径 route", {.path = "route", .as = CLI_AS_WORD}},
        {"status", "状态 status", {.path = "status", .as = CLI_AS_WORD}},
        {"affected", "受影响的目录 affected entries", {.as = CLI_AS_TEXT}},
        {"affected_more", "另有未列出的 further ones", {.as = CLI_AS_TEXT}},
        {"expires_ms", "有效期至 until", {.as = CLI_AS_DATE, .end = true}},
        {"terms.*.due_ms", "期限 due", {.as = CLI_AS_TIME, .end = true}},
        {"terms.*.clause", "依据 clause", {.as = CLI_AS_TEXT}},
        {"terms.*.provisional", "暂定（日历未发布） provisional", {.as = CLI_AS_TEXT}},
    };
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct doc *value = cli_doc_at(record, shown[i].field);
        if (value != NULL && doc_kind(value) != DOC_NULL) {
            buf_append_format(words, "  %s  ", shown[i].label);
            cli_value_append(words, value, &shown[i].as);
            buf_append_text(words, "\n");
        }
    }
}

void cli_append_committed(struct buf *words, const char *type_name, const char *txid,
                          int64_t height)
{
    const struct tx_type *type = schema_find(type_name);
    buf_append_format(words, "%s %s %s\n",
                      height > 0 ? "已上链 Committed:" : "已提交，等待上链 Submitted:",
                      type == NULL ? type_name : type->chinese, type == NULL ? "" : type->english);
    buf_append_format(words, "  交易 txid  %s\n", txid);
    if (height > 0) {
        buf_append_format(words, "  区块 height  %" PRId64 "\n", height);
    }
}

static int tell(struct cli_node *node, const struct cli_act *act, const struct doc *body,
                const char *member, const char *txid, int64_t height)
{
    AUTO(buf_free) struct buf words = {0};
    AUTO(buf_free) struct buf key = {0};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(doc_free) struct doc *result = doc_new_object();
    const char *template = act->shows == NULL ? act->subject : act->shows;
    if (height > 0 && template != NULL && fill_key(&key, template, body, member, txid)) {
        int status = cli_node_state(node, &record, buf_text(&key));
        if (status != 0) {
            return status;
        }
    }
    cli_append_committed(&words, act->type, txid, height);
    append_outcome(&words, record);
    doc_set_text(result, "type", act->type);
    doc_set_text(result, "txid", txid);
    doc_set_int(result, "height", height);
    if (record != NULL) {
        doc_set(result, "record", doc_ref(record));
    }
    return cli_result(node->cli, result, &words);
}

int cli_act_submit(struct cli *cli, const struct cli_act *act, struct doc *body)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    AUTO(doc_free) struct doc *answer = NULL;
    AUTO(buf_free) struct buf jws = {0};
    AUTO(cli_chain_close) struct cli_chain chain = {.genesis = NULL};
    int64_t height = 0;
    char txid[2 * HASH_BYTES + 1];
    int status = cli_signer_peek(&signer, cli);
    status = status != 0 ? status : cli_node_open(&node, cli);
    status = status != 0 ? status : cli_act_complete(&node, act, body, signer.member);
    status = status != 0 ? status : cli_act_check(cli, act->type, body);
    status = status != 0 ? status : cli_chain_open(&chain, &node, &signer);
    status = status != 0 ? status : cli_signer_open(&signer, cli);
    status = status != 0 ? status : cli_sign(cli, &jws, txid, &chain, &signer, act->type, body);
    status = status != 0 ? status : cli_submit(&node, &answer, view_of_buf(&jws));
    status = status != 0 ? status : cli_receipt_check(cli, &height, &chain, answer, txid);
    return status != 0 ? status : tell(&node, act, body, signer.member, txid, height);
}

int cli_act_run(struct cli *cli)
{
    AUTO(doc_free) struct doc *body = NULL;
    int status = cli_act_body(cli, &body);
    return status != 0 ? status : cli_act_submit(cli, cli->command->act, body);
}
