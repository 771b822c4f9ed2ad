/* Evidence of a fork: putting it together and judging it. */
#include "chain/fork.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define FORK_FORMAT "dirchain-fork/1"

/* ---- putting together ---- */

static bool signed_by(const struct certificate *certificate, const char *member)
{
    for (size_t i = 0; i < certificate->count; i++)
        if (strcmp(certificate->signer[i].member, member) == 0)
            return true;
    return false;
}

/* In the order of the certificates, which is that of member ids. */
static struct doc *signed_both(const struct certificate *one, const struct certificate *other)
{
    struct doc *members = doc_new_array();
    for (size_t i = 0; i < one->count; i++)
        if (signed_by(other, one->signer[i].member))
            doc_push_text(members, one->signer[i].member);
    return members;
}

static struct doc *history_below(const struct doc *history, uint64_t height)
{
    struct doc *below = doc_new_array();
    for (size_t i = 0; i < doc_count(history); i++) {
        struct header header;
        struct certificate certificate;
        const struct doc *step = doc_at(history, i);
        if (certified_header_get(&header, &certificate, NULL, step, "history") == 0 &&
            header.height < height)
            doc_push(below, doc_ref(step));
    }
    return below;
}

static struct doc *block_doc(const struct header *header, const struct certificate *certificate)
{
    struct doc *object = doc_new_object();
    certified_header_put(object, header, certificate);
    return object;
}

static void append_text(struct buf *out, const struct doc *document)
{
    doc_append_canonical(out, document);
    buf_append_u8(out, '\n');
}

void fork_append(struct buf *out, const struct hash *genesis_hash, const struct doc *history,
                 const struct light_item *one, const struct light_item *other)
{
    AUTO(doc_free) struct doc *document = doc_new_object();
    struct doc *blocks = doc_new_array();
    bool in_order = hash_compare(&one->place.hash, &other->place.hash) < 0;
    const struct light_item *first = in_order ? one : other, *second = in_order ? other : one;
    doc_push(blocks, block_doc(&first->header, &first->certificate));
    doc_push(blocks, block_doc(&second->header, &second->certificate));
    doc_set_text(document, "format", FORK_FORMAT);
    doc_set_hash(document, "genesis", genesis_hash);
    doc_set_int(document, "height", (int64_t)one->place.height);
    doc_set(document, "history", history_below(history, one->place.height));
    doc_set(document, "blocks", blocks);
    doc_set(document, "signed_both", signed_both(&first->certificate, &second->certificate));
    append_text(out, document);
}

/* ---- judging ---- */

/* One of the two blocks: of that height, certified by the set that the history leads to. */
static int verify_block(struct fork_facts *facts, struct certificate *certificate,
                        struct faults *faults, const struct validator_walk *walk,
                        const struct doc *object, size_t index)
{
    static const char *const claims[] = {"blocks[0]", "blocks[1]"};
    const char *claim = claims[index];
    struct header header;
    int error = certified_header_get(&header, certificate, faults, object, claim);
    if (error != 0)
        return error;
    if (doc_count(object) != 2 || header.height != facts->height)
        return faults_add(faults, ERR_FORK_EVIDENCE, NULL, "%s", claim);
    facts->block[index].round = certificate->round;
    facts->block[index].time_ms = header.time_ms;
    header_hash(&facts->block[index].hash, &header);
    return validator_walk_verify(walk, faults, &header, certificate, claim);
}

/* The list must be the one that the certificates give; facts get it too. */
static int verify_signed_both(struct fork_facts *facts, struct faults *faults,
                              const struct doc *list, const struct certificate certificates[2])
{
    AUTO(doc_free) struct doc *expected = signed_both(&certificates[0], &certificates[1]);
    if (doc_kind(list) != DOC_ARRAY || !doc_equal(list, expected))
        return faults_add(faults, ERR_FORK_EVIDENCE, NULL, "signed_both");
    facts->signed_both_count = doc_count(expected);
    for (size_t i = 0; i < facts->signed_both_count; i++)
        memcpy(facts->signed_both[i], doc_text(doc_at(expected, i)), MEMBER_ID_CHARS + 1);
    return 0;
}

/* One encoding: what was read, written again, gives the same bytes. */
static int read_document(struct doc **out, struct faults *faults, struct view text)
{
    AUTO(buf_free) struct buf again = {0};
    int error = doc_parse(out, text, FORK_BYTES_MAX);
    if (error != 0)
        return faults_add(faults, error, NULL, "%s", "");
    append_text(&again, *out);
    bool canonical = view_equal(view_of_buf(&again), text);
    return canonical && doc_count(*out) == 6 && doc_text_is(*out, "format", FORK_FORMAT)
               ? 0
               : faults_add(faults, ERR_FORK_EVIDENCE, NULL, "format");
}

static int verify_content(struct fork_facts *facts, struct faults *faults,
                          const struct doc *document, const struct doc *genesis,
                          const struct hash *genesis_hash, struct certificate certificates[2])
{
    struct validator_walk walk;
    struct hash hash;
    const struct doc *blocks = doc_get(document, "blocks"), *history = doc_get(document, "history");
    int64_t height = doc_get_int(document, "height", 0);
    if (hash_from_hex(&hash, doc_get_text(document, "genesis")) != 0 ||
        !hash_equal(&hash, genesis_hash))
        return faults_add(faults, ERR_GENESIS, NULL, "genesis");
    if (height < 1 || doc_kind(blocks) != DOC_ARRAY || doc_count(blocks) != 2)
        return faults_add(faults, ERR_FORK_EVIDENCE, NULL, height < 1 ? "height" : "blocks");
    facts->height = (uint64_t)height;
    facts->validator_changes = doc_count(history);
    int error = validator_walk_start(&walk, genesis, genesis_hash);
    if (error != 0)
        return faults_add(faults, error, NULL, "genesis");
    error = validator_walk_steps(&walk, faults, history, "history");
    for (size_t i = 0; error == 0 && i < 2; i++)
        error = verify_block(facts, &certificates[i], faults, &walk, doc_at(blocks, i), i);
    if (error != 0)
        return error;
    if (hash_compare(&facts->block[0].hash, &facts->block[1].hash) >= 0)
        return faults_add(faults, ERR_FORK_EVIDENCE, NULL, "blocks: not two, in order");
    facts->validators = walk.set.count;
    facts->quorum = validators_quorum(walk.set.count);
    facts->faulty_at_least = 2 * facts->quorum - facts->validators;
    return verify_signed_both(facts, faults, doc_get(document, "signed_both"), certificates);
}

int fork_verify(struct fork_facts *out, struct faults *faults, struct view text,
                const struct doc *genesis, const struct hash *genesis_hash)
{
    AUTO(doc_free) struct doc *document = NULL;
    *out = (struct fork_facts){0};
    int error = read_document(&document, faults, text);
    if (error != 0)
        return error;
    struct certificate *certificates = memory_alloc(2 * sizeof *certificates);
    error = verify_content(out, faults, document, genesis, genesis_hash, certificates);
    memory_free(certificates);
    return error;
}
