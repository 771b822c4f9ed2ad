/* The head of a snapshot. From the set of genesis on, each step to another set is certified by the
 * one before it; the set reached must have certified the head. Steps that were left out are noticed
 * where they lead elsewhere; where the sets between came to the same again, by the state of the
 * head: it keeps a running hash over all sets from genesis on. */
#include "chain/restore_parts.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/store_layout.h"

#include <string.h>

static void add_term(struct restore *restore, uint64_t first, const struct validator_set *set)
{
    if (restore->term_count == restore->term_capacity) {
        restore->term_capacity = restore->term_capacity ? 2 * restore->term_capacity : 16;
        restore->terms =
            memory_resize(restore->terms, restore->term_capacity * sizeof *restore->terms);
    }
    struct restore_term *term = &restore->terms[restore->term_count++];
    struct hash history = {0};
    if (restore->term_count > 1)
        history = term[-1].history;
    validator_history_add(&history, first, set);
    *term = (struct restore_term){.first = first, .history = history};
    validators_hash(&term->set, set);
    store_put_validators(restore->batch, first, set);
}

int restore_head_open(struct restore *restore)
{
    const struct restore_plan *plan = &restore->plan;
    int error = validator_walk_start(&restore->walk, plan->genesis, &plan->genesis_hash);
    if (!error)
        add_term(restore, 1, &restore->walk.set);
    return error;
}

/* Each step that was taken is true, but one before it may have been left out, or the answers of the
 * honest would come to nothing too. What was written of these steps stays right. */
uint64_t restore_head_anew(struct restore *restore)
{
    restore->term_count = 0;
    ENSURE(restore_head_open(restore) == OK); /* it was, once */
    return restore->walk.from;
}

/* ---- steps ---- */

static int read_certified(struct header *header, struct certificate *certificate,
                          struct reader *reader)
{
    int error = header_decode(header, reader);
    return error ? error : certificate_decode(certificate, reader);
}

/* The set that this node knows for a height must be the one of this history. */
static int check_known(const struct restore *restore, uint64_t until)
{
    struct hash hash;
    uint64_t known = restore->plan.known_height;
    if (known < restore->walk.from || known > until)
        return OK;
    validators_hash(&hash, &restore->walk.set);
    return hash_equal(&hash, &restore->plan.known_validators) ? OK : ERR_VALIDATORS;
}

static int take_step(struct restore *restore, struct reader *reader)
{
    struct header header;
    struct certificate certificate;
    struct validator_set next;
    int error = read_certified(&header, &certificate, reader);
    if (!error)
        error = validators_decode(&next, reader);
    if (!error && header.height > restore->plan.height)
        error = ERR_BLOCK_LINK;
    if (!error)
        error = check_known(restore, header.height);
    if (!error)
        error = validator_walk_to(&restore->walk, NULL, &header, &certificate, &next, "step");
    if (error)
        return error;
    store_put_header(restore->batch, &header);
    store_put_certificate(restore->batch, &certificate);
    add_term(restore, header.height + 1, &next);
    if (header.height == restore->plan.height) { /* it is certified by this */
        header_hash(&restore->head_hash, &header);
        restore->certificate = certificate;
    }
    return OK;
}

/* The walk has come to the set of the snapshot, or the step at its own height past it. What is kept
 * is the certificate that was verified: that of the step then, whatever is given for the head. */
static int certify_head(struct restore *restore, const struct header *head,
                        const struct certificate *certificate)
{
    struct hash hash;
    header_hash(&hash, head);
    int error =
        head->height == restore->plan.height ? check_known(restore, head->height) : ERR_BLOCK_LINK;
    if (error)
        return error;
    if (restore->walk.from > head->height)
        return hash_equal(&hash, &restore->head_hash) ? OK : ERR_CERT_BLOCK;
    error = validator_walk_verify(&restore->walk, NULL, head, certificate, "head");
    if (!error && !hash_equal(&head->validators, &head->next_validators))
        error = ERR_VALIDATORS; /* the step to the next set is missing */
    restore->head_hash = hash;
    restore->certificate = *certificate;
    return error;
}

/* ---- what the state says ---- */

const struct restore_term *restore_term_of(const struct restore *restore, uint64_t height)
{
    size_t i = restore->term_count - 1;
    while (i > 0 && restore->terms[i].first > height)
        i--;
    return &restore->terms[i];
}

/* The newest set of the record for a height up to the one after the head is the last one walked to,
 * and came about by the same sets. One to come after that is not walked to yet. */
static int check_history(const struct restore *restore, const struct doc *record)
{
    const struct doc *sets = doc_get(record, "sets");
    struct hash history;
    for (size_t i = doc_count(sets); i > 0; i--) {
        const struct doc *entry = doc_at(sets, i - 1);
        if ((uint64_t)doc_get_int(entry, "from", 0) > restore->plan.height + 1)
            continue;
        if (hash_from_hex(&history, doc_get_text(entry, "history")) != 0)
            return ERR_VALIDATORS;
        const struct restore_term *last = &restore->terms[restore->term_count - 1];
        return hash_equal(&history, &last->history) ? OK : ERR_VALIDATORS;
    }
    return ERR_VALIDATORS;
}

struct proven {
    struct view value;
    struct state_proof proof;
};

static void read_proven(struct proven *out, struct reader *reader)
{
    out->value = reader_take(reader, reader_u32(reader));
    (void)state_proof_decode(&out->proof, reader);
}

static int check_proven(struct restore *restore, const struct proven *proven,
                        const struct header *head)
{
    AUTO(doc_free) struct doc *record = NULL;
    if (proven->value.len == 0)
        return ERR_PROOF_STATE; /* without data it would prove absence */
    int error = state_proof_verify(&proven->proof, "validators", proven->value, &head->state_root);
    if (!error)
        error = doc_parse(&record, proven->value, STATE_VALUE_BYTES_MAX) ? ERR_VALIDATORS : OK;
    if (error)
        return error;
    return check_history(restore, record);
}

/* ---- the head ---- */

/* More steps follow only where a part is full: in small ones it would go on for ever. */
static int take_steps(struct restore *restore, struct reader *reader, bool more)
{
    uint16_t steps = reader_u16(reader);
    size_t bytes = reader->rest.len;
    if (more && bytes < SNAPSHOT_PART_BYTES_GOAL)
        return ERR_ENCODING;
    int error = OK;
    for (uint16_t i = 0; !error && i < steps; i++)
        error = take_step(restore, reader);
    return !error && !reader_done(reader) ? ERR_ENCODING : error;
}

int restore_take_head(struct restore *restore, struct reader *reader)
{
    struct header head;
    struct certificate certificate;
    struct proven proven;
    int error = read_certified(&head, &certificate, reader);
    read_proven(&proven, reader);
    bool more = reader_u8(reader) == 1;
    if (!error)
        error = take_steps(restore, reader, more);
    if (error)
        return error;
    if (more) {
        error = restore_write(restore);
        if (!error)
            restore_want_at(restore, SNAPSHOT_HEAD, restore->walk.from);
        return error;
    }
    error = certify_head(restore, &head, &certificate);
    if (!error)
        error = check_proven(restore, &proven, &head);
    if (error)
        return error;
    restore->head = restore->oldest = head;
    store_put_header(restore->batch, &head);
    store_put_certificate(restore->batch, &restore->certificate);
    error = restore_write(restore);
    if (!error)
        restore_begin_window(restore);
    return error;
}
