/* Transaction types for tests of execution: small rules that do one thing each, beside real ones.
 * They stand in for the ledger's registry at link time. Include once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_LEDGER_TYPES_H
#define DIRCHAIN_TESTS_UNIT_LEDGER_TYPES_H

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/registry.h"
#include "chain/rules/tables.h"

/* Writes {"value","version"} to test/<key>; with `acts_on` only over that version; with `act` it
 * records an automatic act; `reads` reads as many other keys, `writes` writes them; `grow` stores
 * the text so many times; with `fail` it fails after all that, at its key. */
static int test_put(struct rule_context *context)
{
    const char *key = doc_get_text(context->body, "key");
    const char *acts_on = doc_get_text(context->body, "acts_on");
    const struct doc *current = state_getf(context->state, "test/%s", key);
    if (acts_on != NULL && !doc_text_is(current, "version", acts_on))
        return rule_fault(context, ERR_VERSION_STALE, "PT 13", "acts_on");
    for (int64_t i = 0; i < doc_get_int(context->body, "reads", 0); i++)
        (void)state_getf(context->state, "test/%s/%d", key, (int)i);
    struct doc *value = doc_new_object();
    doc_set_int(value, "value", doc_get_int(context->body, "value", 0));
    doc_set_text(value, "version", context->txid);
    for (int64_t i = 0; i < doc_get_int(context->body, "grow", 0); i++) {
        char name[32];
        snprintf(name, sizeof name, "text%d", (int)i);
        doc_set(value, name, doc_ref(doc_get(context->body, "text")));
    }
    state_putf(context->state, value, "test/%s", key);
    for (int64_t i = 0; i < doc_get_int(context->body, "writes", 0); i++)
        state_putf(context->state, doc_new_object(), "test/%s/%d", key, (int)i);
    if (doc_get_bool(context->body, "act", false))
        rule_act(context, "PT 20", key, "noted");
    if (doc_get_bool(context->body, "fail", false))
        rule_fault(context, ERR_STATUS, NULL, "key");
    return context->error; /* all faults at once, as real rules do */
}

static const struct field fields_test_put[] = {
    F("key", CODE, MUST, 1, 64, "Key.", "键。", NULL),
    F("value", INT, MAY, 0, DOC_INT_MAX, "Value.", "值。", NULL),
    F("acts_on", HASH, MAY, 0, 0, "Version.", "版本。", NULL),
    F("reads", INT, MAY, 0, 200, "Further reads.", "额外读取。", NULL),
    F("writes", INT, MAY, 0, 100, "Further writes.", "额外写入。", NULL),
    F("act", BOOL, MAY, 0, 0, "Record an act.", "记录行为。", NULL),
    F("fail", BOOL, MAY, 0, 0, "Fail at the end.", "最后失败。", NULL),
    F("text", TEXT, MAY, 0, 100000, "Ballast.", "填充。", NULL),
    F("grow", INT, MAY, 0, 100, "Times the ballast is stored.", "填充次数。", NULL),
    F_END,
};
#define TEST_TYPE(type_name, by, of, test)                                                         \
    {                                                                                              \
        .name = (type_name), .english = "Test.", .chinese = "测试。", .clause = "A4",              \
        .roles = (by), .parties = (of), .fields = fields_test_put, .reads_max = 8,                 \
        .writes_max = 3, .cost = 100, .test_only = (test), .delegable = true, .apply = test_put    \
    }
static const struct tx_type type_test_center = TEST_TYPE("test.center", BY(ADMIN), PARTY_CENTER, 0);
static const struct tx_type type_test_only = TEST_TYPE("test.only", BY(COMPILE), 0, 1);
static const struct tx_type type_test_put = TEST_TYPE("test.put", BY(COMPILE), 0, 0);

const struct tx_type *const rules_types[] = {
    &type_delegation_grant, &type_key_add,          &type_key_retire,       &type_key_suspend,
    &type_member_suspend,   &type_test_center,      &type_test_only,        &type_test_put,
    &type_validator_change, &type_validator_resume, &type_validator_rotate,
};
const size_t rules_type_count = COUNT_OF(rules_types);

static inline struct doc *test_body(const char *key, int64_t value)
{
    struct doc *body = doc_new_object();
    doc_set_text(body, "key", key);
    doc_set_int(body, "value", value);
    return body;
}

#endif
