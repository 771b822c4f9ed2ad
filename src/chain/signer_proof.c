/* Proofs of a signer's key record. */
#include "chain/signer_proof.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/key_record.h"

#include <stdio.h>

#define PROOF_BYTES_MAX ((STATE_PROOF_HASHES_MAX + 4) * HASH_BYTES)
#define STATE_KEY_CHARS (STATE_KEY_BYTES_MAX + 1)

static void key_of(char out[STATE_KEY_CHARS], const char *member, const char *key_name)
{
    (void)snprintf(out, STATE_KEY_CHARS, "key/%s/%s", member, key_name);
}

int signer_proof_make(struct doc **out, const struct store_view *view, const char *member,
                      const char *key_name, uint64_t height)
{
    char key[STATE_KEY_CHARS];
    struct state_proof proof;
    bool present = false;
    AUTO(buf_free) struct buf value = {0}, encoded = {0};
    AUTO(doc_free) struct doc *record = NULL;
    key_of(key, member, key_name);
    int error = store_prove_state(&proof, &present, &value, view, height, key);
    if (error != 0)
        return error;
    if (!present || doc_parse(&record, view_of_buf(&value), STATE_VALUE_BYTES_MAX) != 0)
        return ERR_CORRUPT;
    state_proof_encode(&encoded, &proof);
    *out = doc_new_object();
    doc_set(*out, "record", doc_ref(record));
    doc_set_bytes(*out, "proof", view_of_buf(&encoded));
    return 0;
}

int signer_proof_verify(struct public_key *out, struct faults *faults, const struct doc *proof,
                        const char *member, const char *key_name, const struct header *header,
                        const char *claim)
{
    AUTO(buf_free) struct buf bytes = {0}, value = {0};
    const struct doc *record = doc_get(proof, "record");
    struct state_proof decoded;
    char key[STATE_KEY_CHARS];
    int error = doc_get_bytes(&bytes, proof, "proof", PROOF_BYTES_MAX);
    if (error != 0)
        return faults_add(faults, error, NULL, "%s.proof", claim);
    struct reader reader = reader_of(view_of_buf(&bytes));
    if (doc_kind(record) != DOC_OBJECT || doc_count(proof) != 2 ||
        state_proof_decode(&decoded, &reader) != 0 || !reader_done(&reader))
        return faults_add(faults, ERR_PROOF_STATE, NULL, "%s.proof", claim);
    key_of(key, member, key_name);
    doc_append_canonical(&value, record);
    error = state_proof_verify(&decoded, key, view_of_buf(&value), &header->state_root);
    if (error != 0)
        return faults_add(faults, error, NULL, "%s.record", claim);
    /* A key acts from the block after the one that adds it; `to` is the last height it acts in. */
    error = key_check(record, header->height);
    if (error != 0)
        return faults_add(faults, error, NULL, "%s.record", claim);
    const char *text = doc_get_text(record, "public");
    if (!text || hex_decode(out->bytes, sizeof out->bytes, view_of_text(text)) != 0)
        return faults_add(faults, ERR_KEY_INVALID, NULL, "%s.record.public", claim);
    return 0;
}
