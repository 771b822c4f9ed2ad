/* key.rotate: another key in the place of one, with its role and its officer.
 *
 *   block H: registered ──► H: the old key still signs ──► from H+1 on: only the new one
 *
 * The holder rotates with the old key itself, or the chief does, when that is lost. The new key
 * signs that it is there, so that nobody puts another's key, or a misprint, in the place of one
 * that works: what the chief signs with its own hand cannot lock the officer out. */
#include "chain/rules/possession.h"

#include "base/errors.h"
#include "base/memory.h"
#include "base/sign.h"
#include "chain/key_record.h"
#include "chain/rules/members.h"
#include "chain/rules/officers.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"

#include <string.h>

void possession_digest(struct hash *out, const struct hash *genesis, const char *member,
                       const char *name, const char *public)
{
    AUTO(doc_free) struct doc *claim = doc_new_object();
    doc_set_hash(claim, "chain", genesis);
    doc_set_text(claim, "member", member);
    doc_set_text(claim, "name", name);
    doc_set_text(claim, "public", public);
    doc_hash(out, POSSESSION_TAG, claim);
}

int possession_check(struct rule_context *context, const char *member, const char *name,
                     const char *public, const char *proof, const char *field)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct public_key key;
    struct signature signature;
    struct hash genesis, digest;
    const char *chain = doc_get_text(state_get(context->state, "network"), "genesis");
    if (chain == NULL) {
        return ERR_CORRUPT; /* the disk failed under us: state_error says so */
    }
    if (base64url_decode(&bytes, view_of_text(proof)) != 0 || bytes.len != SIGNATURE_BYTES) {
        return rule_fault(context, ERR_BASE64URL, "PT 6", "%s", field);
    }
    int error = hex_decode(genesis.bytes, sizeof genesis.bytes, view_of_text(chain));
    error = error != 0 ? error : hex_decode(key.bytes, sizeof key.bytes, view_of_text(public));
    if (error != 0) {
        return error;
    }
    memcpy(signature.bytes, bytes.data, sizeof signature.bytes);
    possession_digest(&digest, &genesis, member, name, public);
    return es256k_verify(&key, &digest, &signature)
               ? 0
               : rule_fault(context, ERR_SIGNATURE, "PT 6", "%s", field);
}

/* The key as it will be: everything but name and public key is the old one's. */
static struct doc *successor_of(struct rule_context *context, const struct doc *key)
{
    static const char *const kept[] = {"delegate", "delegation", "officer", "role"};
    struct doc *after = doc_new_object();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        record_share(after, kept[i], doc_get(key, kept[i]));
    }
    record_share(after, "name", doc_get(context->body, "new_name"));
    record_share(after, "public", doc_get(context->body, "new_public"));
    return after;
}

int key_rotate(struct rule_context *context)
{
    const char *id = context->tx->member, *name = rule_body_text(context, "name");
    const char *new_name = rule_body_text(context, "new_name");
    const struct doc *found = rule_subjectf(context, "key/%s/%s", id, name);
    if (found == NULL) {
        return rule_failed(context);
    }
    AUTO(doc_free) struct doc *key = doc_ref(found);
    if (!doc_text_is(context->key, "role", "chief") && strcmp(context->tx->key_name, name) != 0) {
        faults_note_may(context->faults, ERR_TX_ROLE, "chief");
        return rule_fault(context, ERR_TX_ROLE, "PT 6", "name");
    }
    if (!key_stands(key)) { /* a suspended one is restored or retired first */
        return key_fault_standing(context, key, "in-force", "PT 6");
    }
    AUTO(doc_free) struct doc *after = successor_of(context, key);
    (void)key_check_new(context, context->member, after, "new_");
    (void)possession_check(context, id, new_name, rule_body_text(context, "new_public"),
                           rule_body_text(context, "proof"), "proof");
    if (context->error != 0) {
        return context->error;
    }
    key_end(context, id, name);
    key_put(context->state, id, after, context->txid, context->height + 1);
    officer_release(context, id, key, new_name);
    delegation_rename_key(context, key, new_name);
    return 0;
}
