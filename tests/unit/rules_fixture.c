/* Part of rules_fixture.h: the ledger itself. Blocks, transactions, and looking at what came of
 * them. */
#include "base/civil.h"
#include "base/memory.h"
#include "base/sign.h"
#include "chain/key_record.h"
#include "chain/schema.h"
#include "chain/validators.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the ledger ---- */

static int fixture_get(void *context, struct doc **out, const char *key)
{
    (void)context;
    (void)key;
    *out = NULL; /* nothing is committed: everything stays on the block overlay */
    return 0;
}

static int fixture_next(void *context, char *key, const char *prefix, const char *after)
{
    (void)context;
    (void)prefix;
    (void)after;
    key[0] = 0;
    return 0;
}

struct ledger *ledger_open(const char *profile)
{
    const struct state_source empty = {.get = fixture_get, .next = fixture_next};
    struct ledger *ledger = memory_alloc(sizeof *ledger);
    ledger->state = state_open(&empty);
    ledger->acts = doc_new_array();
    ledger->genesis = fixture_genesis(profile);
    doc_hash(&ledger->genesis_hash, "dirchain/genesis/1", ledger->genesis);
    assert_int_equal(rules_init_state(ledger->state, &ledger->faults, ledger->genesis), 0);
    assert_int_equal(ledger->faults.count, 0);
    ledger_at(ledger, "2026-01-05T09:00:01+08:00");
    return ledger;
}

void ledger_close(struct ledger **ledger)
{
    state_close(&(*ledger)->state);
    doc_free(&(*ledger)->acts);
    doc_free(&(*ledger)->genesis);
    memory_free(*ledger);
    *ledger = NULL;
}

int64_t at(const char *time)
{
    int64_t time_ms = 0;
    assert_int_equal(civil_parse_time(&time_ms, time), 0);
    return time_ms;
}

static struct rule_context fixture_context(struct ledger *ledger)
{
    return (struct rule_context){.state = ledger->state,
                                 .faults = &ledger->faults,
                                 .height = ledger->height,
                                 .time_ms = ledger->time_ms,
                                 .test = true,
                                 .acts = ledger->acts};
}

/* The first in turn that is not down, as consensus has it. */
static const char *fixture_proposer(struct ledger *ledger)
{
    static struct validator_set set;
    assert_int_equal(rules_validators(&set, ledger->state, ledger->height), 0);
    for (uint32_t round = 0;; round++) {
        const char *member = set.item[validators_proposer(&set, ledger->height, round)].member;
        bool down = false;
        for (size_t i = 0; i < COUNT_OF(ledger->down); i++) {
            down = down || (ledger->down[i] != NULL && strcmp(ledger->down[i], member) == 0);
        }
        if (!down) {
            return member;
        }
    }
}

static void fixture_begin_block(struct ledger *ledger, int64_t time_ms)
{
    assert_true(time_ms > ledger->time_ms);
    ledger->height++;
    ledger->time_ms = time_ms;
    ledger->faults = (struct faults){0};
}

static void fixture_block(struct ledger *ledger, int64_t previous_ms, int64_t time_ms)
{
    fixture_begin_block(ledger, time_ms);
    struct rule_context context = fixture_context(ledger);
    state_begin(ledger->state);
    rules_note_proposer(&context, fixture_proposer(ledger));
    assert_int_equal(rules_sweep_removals(&context), 0);
    assert_int_equal(rules_sweep_due(&context, previous_ms), 0);
    state_keep(ledger->state);
}

void ledger_at_ms(struct ledger *ledger, int64_t time_ms)
{
    int64_t previous_ms = time_ms - 1 > ledger->time_ms ? time_ms - 1 : ledger->time_ms;
    fixture_block(ledger, previous_ms, time_ms);
}

void ledger_at(struct ledger *ledger, const char *time)
{
    ledger_at_ms(ledger, at(time));
}

void ledger_blocks(struct ledger *ledger, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ledger_at_ms(ledger, ledger->time_ms + 1000);
    }
}

void ledger_after_gap(struct ledger *ledger, const char *time)
{
    fixture_block(ledger, ledger->time_ms, at(time));
}

void ledger_unswept(struct ledger *ledger, const char *time)
{
    fixture_begin_block(ledger, at(time));
}

/* How many records have this version. */
static size_t fixture_count_version(struct ledger *ledger, const char *version)
{
    char key[300], after[300];
    size_t count = 0;
    for (bool more = state_next(ledger->state, key, "", NULL); more;) {
        count += doc_text_is(state_get(ledger->state, key), "version", version);
        (void)snprintf(after, sizeof after, "%s", key);
        more = state_next(ledger->state, key, "", after);
    }
    return count;
}

/* What a transaction of this type acts on becomes a new version. Requests, bindings and accesses
 * only name the version that they saw, as does a profile for a day to come; a rotation replaces
 * the set of validators besides, and keys change together with their officer. */
static const char *fixture_replaced_version(const struct tx *tx)
{
    /* clang-format off */
    static const char *const naming[] = {
        "access.batch",
        "access.open",
        "catalog.bind",
        "catalog.change",
        "catalog.collect",
        "catalog.retire",
        "delegation.end",
        "dispute.raise",
        "fusion.dispute",
        "key.retire",
        "key.rotate",
        "need.dispute",
        "officer.end",
        "open.list",
        "plan.sign",
        "profile.publish",
        "request.submit",
        "validator.rotate",
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT_OF(naming); i++) {
        if (strcmp(tx->type->name, naming[i]) == 0) {
            return NULL;
        }
    }
    return doc_get_text(tx->body, "acts_on");
}

/* A rule says itself what it refuses by, and does not leave it to the transaction's type. */
static void fixture_check_refusal(const struct ledger *ledger)
{
    assert_true(ledger->faults.count > 0);
    for (size_t i = 0; i < ledger->faults.count; i++) {
        const struct fault *fault = &ledger->faults.item[i];
        if (fault->clause[0] == 0) {
            fail_msg("%s at \"%s\" names no clause", error_code(fault->error), fault->field);
        }
    }
}

/* The whole way: signed, parsed, verified; then standing as execution judges it, and the rule. */
/* What the ledger takes is in order as far as a body shows by itself, too (struct tx_type). */
static void fixture_check_body(const struct tx *tx)
{
    struct faults faults = {0};
    AUTO(doc_free) struct doc *readable = schema_readable(tx->type->fields, tx->body);
    struct rule_context context = {.faults = &faults, .body = readable};
    assert_true(doc_equal(readable, tx->body));
    if (tx->type->check != NULL) {
        tx->type->check(&context);
    }
    assert_int_equal(faults.count, 0);
}

static int fixture_submit(struct ledger *ledger, const char *kid, const char *type,
                          const struct doc *body)
{
    AUTO(buf_free) struct buf raw = {0};
    AUTO(tx_free) struct tx *tx = NULL;
    char member[MEMBER_ID_CHARS + 1], nonce[32];
    struct public_key key;
    struct secret_key secret = fixture_secret_of(kid);
    (void)snprintf(member, sizeof member, "%.*s", MEMBER_ID_CHARS, kid);
    (void)snprintf(nonce, sizeof nonce, "nonce-%08u", ledger->serial++);
    struct tx_draft draft = {.genesis = &ledger->genesis_hash,
                             .member = member,
                             .key_name = kid + MEMBER_ID_CHARS + 1,
                             .type = type,
                             .nonce = nonce,
                             .expires_ms = ledger->time_ms + 60000,
                             .body = body};
    assert_int_equal(tx_sign(&raw, &draft, &secret), 0);
    int error = tx_parse(&tx, &ledger->faults, view_of_buf(&raw), &ledger->genesis_hash);
    if (error != 0) {
        return error;
    }
    const struct doc *record = state_getf(ledger->state, "key/%s", kid);
    const char *hex = doc_get_text(record, "public");
    enum role role;
    if (key_check(record, ledger->height) != 0) {
        return key_check(record, ledger->height);
    }
    assert_int_equal(hex_decode(key.bytes, sizeof key.bytes, view_of_text(hex)), 0);
    assert_int_equal(tx_verify(tx, &key), 0);
    assert_int_equal(role_from_text(&role, doc_get_text(record, "role")), 0);
    AUTO(doc_free) struct doc *signer = doc_ref(state_getf(ledger->state, "member/%s", member));
    AUTO(doc_free) struct doc *signer_key = doc_ref(record);
    if ((tx->type->roles & 1u << role) == 0) {
        return ERR_TX_ROLE;
    }
    if (tx->type->parties != 0 &&
        (party_bits(doc_get(signer, "parties")) & tx->type->parties) == 0) {
        return ERR_PARTY;
    }
    if (!doc_text_is(signer, "status", "active")) {
        return ERR_TX_SUSPENDED;
    }
    struct rule_context context = fixture_context(ledger);
    size_t acts = doc_count(ledger->acts);
    context.tx = tx;
    context.body = tx->body;
    context.member = signer;
    context.key = signer_key;
    hash_to_hex(context.txid, &tx->id);
    memcpy(ledger->txid, context.txid, sizeof ledger->txid);
    const char *replaced = fixture_replaced_version(tx);
    size_t before = replaced == NULL ? 0 : fixture_count_version(ledger, replaced);
    state_begin(ledger->state);
    error = rules_judge_delegate(&context);
    error = error != 0 ? error : tx->type->apply(&context);
    ledger->reads = rule_reads(&context);
    ledger->writes = state_writes(ledger->state);
    unsigned extra = doc_get(signer_key, "delegation") != NULL ? DELEGATE_READS_MAX : 0;
    assert_true(error != 0 || ledger->reads <= tx->type->reads_max + extra);
    assert_true(error != 0 || ledger->writes <= tx->type->writes_max);
    if (error == 0) {
        assert_int_equal(ledger->faults.count, 0);
        fixture_check_body(tx);
        state_keep(ledger->state);
        if (replaced != NULL) {
            assert_true(fixture_count_version(ledger, replaced) < before);
            assert_true(fixture_count_version(ledger, ledger->txid) > 0);
        }
        return 0;
    }
    fixture_check_refusal(ledger);
    state_discard(ledger->state);
    AUTO(doc_free) struct doc *kept = doc_new_array();
    for (size_t i = 0; i < acts; i++) {
        doc_push(kept, doc_ref(doc_at(ledger->acts, i)));
    }
    doc_free(&ledger->acts);
    ledger->acts = doc_ref(kept);
    return error;
}

static struct doc *fixture_body(const char *format, va_list arguments)
{
    char *text = NULL;
    struct doc *body = NULL;
    assert_true(vasprintf(&text, format, arguments) >= 0);
    for (char *c = text; *c != 0; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    if (doc_parse(&body, view_of_text(text), 1 << 20) != 0) {
        fail_msg("not JSON: %s", text);
    }
    free(text);
    return body;
}

static struct doc *fixture_parse(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct doc *body = fixture_body(format, arguments);
    va_end(arguments);
    return body;
}

int ledger_do(struct ledger *ledger, const char *kid, const char *type, const char *body, ...)
{
    va_list arguments;
    va_start(arguments, body);
    AUTO(doc_free) struct doc *doc = fixture_body(body, arguments);
    va_end(arguments);
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, kid, type, doc);
}

void ledger_must(struct ledger *ledger, const char *kid, const char *type, const char *body, ...)
{
    va_list arguments;
    va_start(arguments, body);
    AUTO(doc_free) struct doc *doc = fixture_body(body, arguments);
    va_end(arguments);
    ledger->faults = (struct faults){0};
    int error = fixture_submit(ledger, kid, type, doc);
    if (error != 0) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &ledger->faults);
        fail_msg("%s by %s: %s\n%s", type, kid, error_code(error), buf_text(&text));
    }
}

int ledger_policy(struct ledger *ledger, const char *section, const char *value)
{
    return ledger_policy_from(ledger, section, value, NULL);
}

int ledger_policy_from(struct ledger *ledger, const char *section, const char *value,
                       const char *day)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    AUTO(doc_free) struct doc *wrapped = fixture_parse("{'value':%s}", value);
    struct doc *profile = doc_copy(doc_get(ledger_get(ledger, "profile"), "profile"));
    if (doc_kind(doc_get(wrapped, "value")) == DOC_NULL) {
        doc_remove(profile, section);
    } else {
        doc_set(profile, section, doc_ref(doc_get(wrapped, "value")));
    }
    doc_set(body, "profile", profile);
    doc_set_text(body, "acts_on", ledger_text(ledger, "profile", "version"));
    doc_set_text(body, "reason", "修订");
    if (day != NULL) {
        doc_set_text(body, "from", day);
    }
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, CENTER "/admin", "profile.publish", body);
}

/* ---- looking ---- */

const struct doc *ledger_get(struct ledger *ledger, const char *format, ...)
{
    char key[300];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(key, sizeof key, format, arguments);
    va_end(arguments);
    return state_get(ledger->state, key);
}

static const struct doc *fixture_find(struct ledger *ledger, const char *key, const char *path)
{
    char parts[200];
    const struct doc *at_doc = state_get(ledger->state, key);
    (void)snprintf(parts, sizeof parts, "%s", path);
    for (char *save = NULL, *part = strtok_r(parts, ".", &save); part != NULL;
         part = strtok_r(NULL, ".", &save)) {
        at_doc = doc_get(at_doc, part);
    }
    return at_doc;
}

const char *ledger_text(struct ledger *ledger, const char *key, const char *path)
{
    const char *text = doc_text(fixture_find(ledger, key, path));
    return text == NULL ? "" : text;
}

int64_t ledger_int(struct ledger *ledger, const char *key, const char *path)
{
    return doc_int(fixture_find(ledger, key, path), -1);
}

const char *ledger_version(struct ledger *ledger, const char *format, ...)
{
    static char versions[4][2 * HASH_BYTES + 1];
    static size_t next;
    char key[300];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(key, sizeof key, format, arguments);
    va_end(arguments);
    char *out = versions[next++ % COUNT_OF(versions)];
    (void)snprintf(out, sizeof versions[0], "%s", ledger_text(ledger, key, "version"));
    return out;
}

bool ledger_fault(const struct ledger *ledger, int error, const char *field)
{
    for (size_t i = 0; i < ledger->faults.count; i++) {
        if (ledger->faults.item[i].error == error &&
            strcmp(ledger->faults.item[i].field, field) == 0) {
            return true;
        }
    }
    AUTO(buf_free) struct buf text = {0};
    faults_append_text(&text, &ledger->faults);
    print_message("no fault %s at \"%s\" among:\n%s", error_code(error), field, buf_text(&text));
    return false;
}

bool ledger_act_is(const struct ledger *ledger, size_t back, const char *subject,
                   const char *effect)
{
    size_t count = doc_count(ledger->acts);
    const struct doc *act = back < count ? doc_at(ledger->acts, count - 1 - back) : NULL;
    return doc_text_is(act, "subject", subject) && doc_text_is(act, "effect", effect);
}

size_t ledger_count(struct ledger *ledger, const char *prefix)
{
    char key[300], after[300];
    size_t count = 0;
    for (bool more = state_next(ledger->state, key, prefix, NULL); more; count++) {
        (void)snprintf(after, sizeof after, "%s", key);
        more = state_next(ledger->state, key, prefix, after);
    }
    return count;
}

size_t ledger_due(struct ledger *ledger, const char *term)
{
    char key[300], after[300], name[64];
    size_t count = 0;
    (void)snprintf(name, sizeof name, "/%s/", term);
    for (bool more = state_next(ledger->state, key, "due/", NULL); more;) {
        count += strncmp(key + strlen("due/0123456789abcdef"), name, strlen(name)) == 0;
        (void)snprintf(after, sizeof after, "%s", key);
        more = state_next(ledger->state, key, "due/", after);
    }
    return count;
}
