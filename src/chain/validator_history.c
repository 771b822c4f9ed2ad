/* Validator history: reading it from a store, walking it without one. */
#include "chain/validator_history.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define CERTIFICATE_BYTES_MAX (64 + VALIDATORS_MAX * (MEMBER_ID_CHARS + SIGNATURE_BYTES))
#define SET_BYTES_MAX (2 + VALIDATORS_MAX * (MEMBER_ID_CHARS + VOTE_KEY_BYTES))

void validator_history_add(struct hash *history, uint64_t from, const struct validator_set *set)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct hash hash;
    validators_hash(&hash, set);
    buf_append(&bytes, history->bytes, HASH_BYTES);
    buf_append_u64(&bytes, from);
    buf_append(&bytes, hash.bytes, HASH_BYTES);
    *history = hash_tagged("dirchain/validator-history/1", view_of_buf(&bytes));
}

void certified_header_put(struct doc *object, const struct header *header,
                          const struct certificate *certificate)
{
    AUTO(buf_free) struct buf bytes = {0};
    header_encode(&bytes, header);
    doc_set_bytes(object, "header", view_of_buf(&bytes));
    buf_clear(&bytes);
    certificate_encode(&bytes, certificate);
    doc_set_bytes(object, "certificate", view_of_buf(&bytes));
}

int certified_header_get(struct header *header, struct certificate *certificate,
                         struct faults *faults, const struct doc *object, const char *claim)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = doc_get_bytes(&bytes, object, "header", HEADER_BYTES);
    if (error != 0)
        return faults_add(faults, error, NULL, "%s.header", claim);
    struct reader reader = reader_of(view_of_buf(&bytes));
    error = header_decode(header, &reader);
    if (error != 0 || !reader_done(&reader))
        return faults_add(faults, ERR_BLOCK_FORM, NULL, "%s.header", claim);
    buf_clear(&bytes);
    error = doc_get_bytes(&bytes, object, "certificate", CERTIFICATE_BYTES_MAX);
    if (error != 0)
        return faults_add(faults, error, NULL, "%s.certificate", claim);
    reader = reader_of(view_of_buf(&bytes));
    error = certificate_decode(certificate, &reader);
    if (error != 0 || !reader_done(&reader))
        return faults_add(faults, ERR_CERT_FORM, NULL, "%s.certificate", claim);
    return 0;
}

void validator_set_put(struct doc *object, const struct validator_set *set)
{
    AUTO(buf_free) struct buf bytes = {0};
    validators_encode(&bytes, set);
    doc_set_bytes(object, "set", view_of_buf(&bytes));
}

int validator_set_get(struct validator_set *set, const struct doc *object)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = doc_get_bytes(&bytes, object, "set", SET_BYTES_MAX);
    if (error != 0)
        return error;
    struct reader reader = reader_of(view_of_buf(&bytes));
    error = validators_decode(set, &reader);
    return error != 0 ? error : reader_done(&reader) ? 0 : ERR_VALIDATORS;
}

/* A member's vote key among the join requests of a genesis document. */
static int genesis_vote_key(struct vote_key *out, const struct doc *genesis, const char *member)
{
    const struct doc *members = doc_get(genesis, "members");
    for (size_t i = 0; i < doc_count(members); i++) {
        const struct doc *join = doc_at(members, i);
        if (!doc_text_is(join, "member", member))
            continue;
        const char *key = doc_get_text(join, "vote_key");
        return key ? hex_decode(out->bytes, sizeof out->bytes, view_of_text(key)) : ERR_GENESIS;
    }
    return ERR_GENESIS;
}

int validator_walk_start(struct validator_walk *out, const struct doc *genesis,
                         const struct hash *genesis_hash)
{
    *out = (struct validator_walk){.genesis = *genesis_hash, .from = 1};
    const struct doc *ids = doc_get(genesis, "validators");
    size_t count = doc_count(ids);
    if (count == 0 || count > VALIDATORS_MAX)
        return ERR_GENESIS;
    for (size_t i = 0; i < count; i++) {
        struct validator *validator = &out->set.item[i];
        const char *member = doc_text(doc_at(ids, i));
        if (!member || strlen(member) != MEMBER_ID_CHARS)
            return ERR_GENESIS;
        memcpy(validator->member, member, MEMBER_ID_CHARS + 1);
        if (genesis_vote_key(&validator->key, genesis, member) != 0)
            return ERR_GENESIS;
    }
    out->set.count = count;
    validators_sort(&out->set);
    return validators_check(&out->set) == 0 ? 0 : ERR_GENESIS;
}

int validator_walk_verify(const struct validator_walk *walk, struct faults *faults,
                          const struct header *header, const struct certificate *certificate,
                          const char *claim)
{
    struct hash expected, block;
    validators_hash(&expected, &walk->set);
    header_hash(&block, header);
    if (!hash_equal(&header->genesis, &walk->genesis))
        return faults_add(faults, ERR_TX_CHAIN, NULL, "%s.header.genesis", claim);
    if (header->height < walk->from)
        return faults_add(faults, ERR_BLOCK_LINK, NULL, "%s.header.height", claim);
    if (!hash_equal(&header->validators, &expected))
        return faults_add(faults, ERR_VALIDATORS, NULL, "%s.header.validators", claim);
    int error = certificate_verify(certificate, &walk->genesis, header->height, &block, &walk->set);
    return error ? faults_add(faults, error, NULL, "%s.certificate", claim) : 0;
}

int validator_walk_to(struct validator_walk *walk, struct faults *faults,
                      const struct header *header, const struct certificate *certificate,
                      const struct validator_set *next, const char *claim)
{
    struct hash hash;
    int error = validator_walk_verify(walk, faults, header, certificate, claim);
    if (error != 0)
        return error;
    if (hash_equal(&header->validators, &header->next_validators))
        return faults_add(faults, ERR_VALIDATORS, NULL, "%s: not a step to another set", claim);
    validators_hash(&hash, next);
    if (!hash_equal(&hash, &header->next_validators))
        return faults_add(faults, ERR_VALIDATORS, NULL, "%s.set", claim);
    walk->set = *next;
    walk->from = header->height + 1;
    return 0;
}

int validator_walk_step(struct validator_walk *walk, struct faults *faults, const struct doc *step,
                        const char *claim)
{
    struct header header;
    struct certificate certificate;
    int error = certified_header_get(&header, &certificate, faults, step, claim);
    if (error != 0)
        return error;
    if (doc_count(step) != 3)
        return faults_add(faults, ERR_VALIDATORS, NULL, "%s: not a step to another set", claim);
    struct validator_set next;
    error = validator_set_get(&next, step);
    if (error != 0)
        return faults_add(faults, error, NULL, "%s.set", claim);
    return validator_walk_to(walk, faults, &header, &certificate, &next, claim);
}

int validator_walk_steps(struct validator_walk *walk, struct faults *faults,
                         const struct doc *history, const char *claim)
{
    int error = 0;
    if (doc_kind(history) != DOC_ARRAY)
        return faults_add(faults, ERR_FIELD_TYPE, NULL, "%s", claim);
    for (size_t i = 0; error == 0 && i < doc_count(history); i++)
        error = validator_walk_step(walk, faults, doc_at(history, i), claim);
    return error;
}

int certified_header_read(struct doc *object, const struct store_view *view, uint64_t height)
{
    struct header header;
    struct certificate certificate;
    struct validator_set set;
    int error = store_read_header(&header, view, height);
    if (error == 0)
        error = store_read_certificate(&certificate, view, height);
    if (error != 0)
        return error;
    certified_header_put(object, &header, &certificate);
    if (hash_equal(&header.validators, &header.next_validators))
        return 0;
    error = store_read_validators(&set, view, height + 1);
    if (error == 0)
        validator_set_put(object, &set);
    return error;
}

/* Not from the state: that keeps the sets of recent heights only. */
int validator_history_read(struct doc **out, const struct store_view *view, uint64_t height)
{
    AUTO(doc_free) struct doc *newest_first = doc_new_array();
    struct validator_set set;
    uint64_t first_height;
    int error = store_read_term(&set, &first_height, view, height);
    while (error == 0 && first_height > 1) {
        struct doc *step = doc_new_object();
        doc_push(newest_first, step);
        error = certified_header_read(step, view, first_height - 1);
        if (error != 0)
            return error;
        error = store_read_term(&set, &first_height, view, first_height - 1);
    }
    if (error != 0)
        return error;
    *out = doc_new_array();
    for (size_t i = doc_count(newest_first); i > 0; i--)
        doc_push(*out, doc_ref(doc_at(newest_first, i - 1)));
    return 0;
}
