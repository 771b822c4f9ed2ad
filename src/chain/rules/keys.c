/* Keys (A2): one key, one role, so that compile, review and approve are always done under
 * different keys. A key is never deleted and its name never used again: a receipt of any year
 * proves under which key record it was signed.
 *
 * A member's chief looks after its keys. When a chief is gone without a successor's key, the
 * center's admin registers one; that act is on the ledger like every other. How long a key may
 * sign: chain/key_record.h; suspension and rotation: key_standing.c, key_rotate.c. */
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/key_record.h"
#include "chain/rules/members.h"
#include "chain/rules/officers.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/tx_header.h"

#include <stdio.h>
#include <string.h>

const struct doc *keys_owner(struct rule_context *context, const char *role)
{
    const char *named = rule_body_text(context, "member");
    if (named == NULL || rule_signed_by(context, named)) {
        if (!doc_text_is(context->key, "role", "chief")) {
            faults_note_may(context->faults, ERR_TX_ROLE, "chief");
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
        rule_fault(context, ERR_SUBJECT, "CN 24", "member");
    } else if (doc_text_is(member, "status", "removed")) {
        rule_fault_record(context, member, "active suspended", "CN 24", "member");
        member = NULL;
    }
    return member;
}

int key_fault_standing(struct rule_context *context, const struct doc *key, const char *may,
                       const char *clause)
{
    const char *now = doc_kind(doc_get(key, "to")) != DOC_NULL ? "retired"
                      : doc_get(key, "suspended") != NULL      ? "suspended"
                                                               : "in-force";
    return rule_fault_status(context, now, may, clause, "name");
}

/* ---- how many there are ---- */

static bool is_needed(const char *role)
{
    return strcmp(role, "chief") == 0 || strcmp(role, "admin") == 0;
}

/* How many keys of the role the officer has that can sign. */
static int64_t holds_standing(struct rule_context *context, const char *member, const char *code,
                              const char *role)
{
    int64_t count = 0;
    const struct doc *officer = state_getf(context->state, "officer/%s/%s", member, code);
    const struct doc *names = doc_get(officer, "keys");
    for (size_t i = 0; i < doc_count(names); i++) {
        const struct doc *key =
            state_getf(context->state, "key/%s/%s", member, doc_text(doc_at(names, i)));
        count += key_stands(key) && doc_text_is(key, "role", role);
    }
    return count;
}

bool keys_spare_key(struct rule_context *context, const struct doc *key)
{
    const char *role = doc_get_text(key, "role");
    return !is_needed(role) ||
           keys_standing(context->state, doc_get_text(key, "member"), role) > key_stands(key);
}

bool keys_spare_officer(struct rule_context *context, const char *member, const char *code)
{
    static const char *const needed[] = {"chief", "admin"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        int64_t held = holds_standing(context, member, code, needed[i]);
        if (held > 0 && keys_standing(context->state, member, needed[i]) <= held) {
            return false;
        }
    }
    return true;
}

int keys_have_room(struct rule_context *context, const char *member, size_t more, const char *field)
{
    return keys_in_force(context->state, member) + (int64_t)more <= KEYS_PER_MEMBER_MAX
               ? 0
               : rule_fault(context, ERR_KEYS_FULL, "CN 24", "%s", field);
}

void key_end(struct rule_context *context, const char *member, const char *name)
{
    struct doc *record = record_edit(state_getf(context->state, "key/%s/%s", member, name));
    doc_set_int(record, "to", (int64_t)context->height);
    record_stamp(context, record);
    key_record_put(context->state, record);
    keys_heard(context, member, doc_get_text(record, "role"));
}

/* PT 31: what the center stopped by a gateway's key no key of the member's own starts again. */
static bool gateway_is_held(struct rule_context *context, const char *member, const char *role)
{
    return strcmp(role, "gateway") == 0 && keys_held(context->state, member, role) > 0;
}

/* The center brought a chief in for another: for all to see, its own chiefs first of all. */
void keys_tell_chief(struct rule_context *context, const char *member, const char *family,
                     const char *name)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_signed_by(context, member)) {
        record_key(subject, "%s/%s/%s", family, member, name);
        rule_act(context, "CN 24", subject, "chief-brought-in");
    }
}

/* ---- key.add ---- */

int key_check_names(struct rule_context *context, const struct doc *key, const char *path)
{
    static const char *const names[] = {"name", "officer"};
    int error = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = doc_get_text(key, names[i]);
        if (text != NULL && !tx_key_name_valid(view_of_text(text))) {
            faults_note_may(context->faults, ERR_FIELD_FORMAT, "key-name");
            error = rule_fault(context, ERR_FIELD_FORMAT, "A2", "%s%s", path, names[i]);
        }
    }
    return error;
}

int key_check_new(struct rule_context *context, const struct doc *member, const struct doc *key,
                  const char *path)
{
    const char *name = doc_get_text(key, "name");
    int error = key_check_names(context, key, path);
    if (doc_text_is(key, "role", "admin") && !doc_has_text(doc_get(member, "parties"), "center")) {
        error = rule_fault(context, ERR_ADMIN_KEY, "PT 11", "%srole", path);
    }
    if (doc_get(key, "officer") != NULL && officer_of(key) == NULL) {
        error = rule_fault(context, ERR_FIELD_CHOICE, "PT 6", "%srole", path); /* a system's */
    }
    /* A key has one owner for ever, or a signature would not say who signed. */
    if (key_is_taken(context->state, key)) {
        error = rule_fault(context, ERR_KEY_DUPLICATE, "CN 24", "%spublic", path);
    }
    if (state_getf(context->state, "key/%s/%s", doc_get_text(member, "id"), name) != NULL) {
        error = rule_fault(context, ERR_KEY_DUPLICATE, "A2", "%sname", path);
    }
    return error;
}

int key_add(struct rule_context *context)
{
    const struct doc *member = keys_owner(context, rule_body_text(context, "role"));
    if (member == NULL) {
        return rule_failed(context);
    }
    const char *id = doc_get_text(member, "id");
    (void)keys_have_room(context, id, 1, "name");
    (void)key_check_new(context, member, context->body, "");
    if (gateway_is_held(context, id, rule_body_text(context, "role"))) {
        rule_fault(context, ERR_GATEWAY_HELD, "PT 31", "role");
    }
    if (context->error != 0) {
        return context->error;
    }
    int error = key_write(context->state, context->faults, id, context->body, context->txid,
                          context->height + 1, "");
    keys_heard(context, id, rule_body_text(context, "role"));
    if (error == 0) {
        keys_tell_chief(context, id, "key", rule_body_text(context, "name"));
    }
    return error;
}

/* ---- key.retire ---- */

/* Whether the signer may retire this key: who looks after it, or, of a gateway's that it suspended,
 * the center alone. */
static bool may_retire(struct rule_context *context, const struct doc *key)
{
    if (!doc_text_is(key, "role", "gateway") || !key_is_held(key)) {
        return keys_owner(context, doc_get_text(key, "role")) != NULL;
    }
    if (!rule_center_signs(context, "admin")) {
        rule_fault(context, ERR_GATEWAY_HELD, "PT 31", "name");
    }
    return context->error == 0;
}

int key_retire(struct rule_context *context)
{
    const char *named = rule_body_text(context, "member");
    const char *owner = named == NULL ? context->tx->member : named;
    const char *name = rule_body_text(context, "name");
    const struct doc *found = rule_subjectf(context, "key/%s/%s", owner, name);
    if (found == NULL || !may_retire(context, found)) {
        return rule_failed(context);
    }
    AUTO(doc_free) struct doc *key = doc_ref(found);
    if (doc_kind(doc_get(key, "to")) != DOC_NULL) {
        return key_fault_standing(context, key, "in-force suspended", "PT 6");
    }
    /* A member without a chief, a center without an admin, could never be mended. */
    if (!keys_spare_key(context, key)) {
        return rule_fault(context, ERR_LAST_CHIEF, "PT 6", "name");
    }
    key_end(context, owner, name);
    officer_release(context, owner, key, NULL);
    return 0;
}
