/* Keys (A2): one key, one role, so that compile, review and approve are always done under
 * different keys. A key is never deleted and its name never used again: a receipt of any year
 * proves under which key record it was signed.
 *
 * A member's chief looks after its keys. When a chief is gone without a successor's key, the
 * center's admin registers one; that act is on the ledger like every other. */
#include "base/errors.h"
#include "base/limits.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/tx_header.h"

#include <string.h>

/* The member whose key this is about; NULL when the signer may not act for it. `role` is what the
 * center may touch of another member: only a chief's key. */
static const struct doc *key_owner(struct rule_context *context, const char *role)
{
    const char *named = rule_body_text(context, "member");
    if (named == NULL || rule_signed_by(context, named)) {
        if (!doc_text_is(context->key, "role", "chief")) {
            rule_fault(context, ERR_TX_ROLE, "PT 6", "%s", "");
            return NULL;
        }
        return context->member;
    }
    if (!rule_center_signs(context, "admin") || role == NULL || strcmp(role, "chief") != 0) {
        rule_fault(context, ERR_PARTY, "CN 24", "member");
        return NULL;
    }
    const struct doc *member = state_getf(context->state, "member/%s", named);
    if (member == NULL) {
        rule_fault(context, ERR_SUBJECT, NULL, "member");
    } else if (doc_text_is(member, "status", "removed")) {
        rule_fault(context, ERR_STATUS, NULL, "member");
        member = NULL;
    }
    return member;
}

/* ---- key.add ---- */

static int check_new_key(struct rule_context *context, const struct doc *member)
{
    int error = 0;
    if (!tx_key_name_valid(view_of_text(rule_body_text(context, "name")))) {
        error = rule_fault(context, ERR_FIELD_FORMAT, NULL, "name");
    }
    if (doc_text_is(context->body, "role", "admin") &&
        !doc_has_text(doc_get(member, "parties"), "center")) {
        error = rule_fault(context, ERR_ADMIN_KEY, "PT 11", "role");
    }
    /* A key has one owner for ever, or a signature would not say who signed. */
    if (key_is_taken(context->state, context->body)) {
        error = rule_fault(context, ERR_KEY_DUPLICATE, "CN 24", "public");
    }
    char prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES];
    record_key(prefix, "key/%s/", doc_get_text(member, "id"));
    size_t count = 0;
    for (bool more = state_next(context->state, key, prefix, NULL); more; count++) {
        const struct doc *other = state_get(context->state, key);
        if (doc_text_is(other, "name", rule_body_text(context, "name"))) {
            error = rule_fault(context, ERR_KEY_DUPLICATE, NULL, "name");
        }
        char after[RECORD_KEY_BYTES];
        memcpy(after, key, sizeof after);
        more = state_next(context->state, key, prefix, after);
    }
    return count >= KEYS_PER_MEMBER_MAX ? rule_fault(context, ERR_QUOTA, NULL, "name") : error;
}

int key_add(struct rule_context *context)
{
    const struct doc *member = key_owner(context, rule_body_text(context, "role"));
    if (member == NULL) {
        return rule_failed(context);
    }
    int error = check_new_key(context, member);
    if (error == 0) {
        key_write(context->state, doc_get_text(member, "id"), context->body, context->txid,
                  context->height + 1);
    }
    return error;
}

/* ---- key.retire ---- */

/* Whether the member has another key in force with the role of this one. */
static bool has_other_key(struct rule_context *context, const char *member, const struct doc *key)
{
    char prefix[RECORD_KEY_BYTES], at[RECORD_KEY_BYTES];
    record_key(prefix, "key/%s/", member);
    for (bool more = state_next(context->state, at, prefix, NULL); more;) {
        const struct doc *other = state_get(context->state, at);
        if (doc_kind(doc_get(other, "to")) == DOC_NULL &&
            doc_text_is(other, "role", doc_get_text(key, "role")) &&
            !doc_text_is(other, "name", doc_get_text(key, "name"))) {
            return true;
        }
        char after[RECORD_KEY_BYTES];
        memcpy(after, at, sizeof after);
        more = state_next(context->state, at, prefix, after);
    }
    return false;
}

int key_retire(struct rule_context *context)
{
    const char *named = rule_body_text(context, "member");
    const char *owner = named == NULL ? context->tx->member : named;
    const char *name = rule_body_text(context, "name");
    const struct doc *key = rule_subjectf(context, "key/%s/%s", owner, name);
    if (key == NULL || key_owner(context, doc_get_text(key, "role")) == NULL) {
        return rule_failed(context);
    }
    if (doc_kind(doc_get(key, "to")) != DOC_NULL) {
        return rule_fault(context, ERR_STATUS, NULL, "name");
    }
    /* A member without a chief, a center without an admin, could never be mended. */
    bool needed = doc_text_is(key, "role", "chief") || doc_text_is(key, "role", "admin");
    if (needed && !has_other_key(context, owner, key)) {
        return rule_fault(context, ERR_STATUS, "PT 6", "name");
    }
    struct doc *record = record_edit(key);
    doc_set_int(record, "to", (int64_t)context->height);
    record_stamp(context, record);
    state_putf(context->state, record, "key/%s/%s", owner, name);
    return 0;
}
