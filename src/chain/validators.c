/* Validator sets: arithmetic of quorums, order, and the one encoding that is hashed into headers.
 *
 * Invariant of every set that validators_check accepted: ids strictly ascending, so the position
 * of a member, and with it the proposer of a round, is the same on every node. */
#include "chain/validators.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define VALIDATOR_BYTES (MEMBER_ID_CHARS + VOTE_KEY_BYTES)

static bool member_id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static bool member_id_form(const char *member)
{
    for (size_t i = 0; i < MEMBER_ID_CHARS; i++) {
        if (!member_id_char(member[i])) /* the NUL of a shorter text stops here */
            return false;
    }
    return member[MEMBER_ID_CHARS] == '\0';
}

void member_id_read(char out[MEMBER_ID_CHARS + 1], struct reader *reader)
{
    reader_copy(reader, out, MEMBER_ID_CHARS);
    out[MEMBER_ID_CHARS] = '\0';
    if (!member_id_form(out))
        reader->bad = true;
}

void member_id_write(struct buf *out, const char *member)
{
    ENSURE(member_id_form(member));
    buf_append(out, member, MEMBER_ID_CHARS);
}

size_t validators_quorum(size_t count)
{
    return 2 * count / 3 + 1;
}

size_t validators_faulty_max(size_t count)
{
    ENSURE(count > 0);
    return (count - 1) / 3;
}

size_t validators_round_skip(size_t count)
{
    return validators_faulty_max(count) + 1;
}

size_t validators_proposer(const struct validator_set *set, uint64_t height, uint32_t round)
{
    ENSURE(set->count > 0);
    /* Reduced before adding: height + round may pass 2^64. */
    return (size_t)((height % set->count + round % set->count) % set->count);
}

/* Linear on purpose: it also serves sets that are still being put together, and at most
 * VALIDATORS_MAX short comparisons cost little beside the signature that follows. */
int validators_find(const struct validator_set *set, const char *member)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->item[i].member, member) == 0)
            return (int)i;
    }
    return -1;
}

/* Keys break ties, so that the result never depends on the order of the input. */
static int validator_compare(const void *left, const void *right)
{
    const struct validator *a = left;
    const struct validator *b = right;
    int order = memcmp(a->member, b->member, sizeof a->member);
    return order != 0 ? order : memcmp(a->key.bytes, b->key.bytes, sizeof a->key.bytes);
}

void validators_sort(struct validator_set *set)
{
    ENSURE(set->count <= VALIDATORS_MAX);
    qsort(set->item, set->count, sizeof set->item[0], validator_compare);
}

static bool key_repeats(const struct validator_set *set, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (memcmp(set->item[i].key.bytes, set->item[index].key.bytes, VOTE_KEY_BYTES) == 0)
            return true;
    }
    return false;
}

int validators_check(const struct validator_set *set)
{
    if (set->count < 1 || set->count > VALIDATORS_MAX)
        return ERR_VALIDATORS;
    for (size_t i = 0; i < set->count; i++) {
        const struct validator *item = &set->item[i];
        if (!member_id_form(item->member))
            return ERR_VALIDATORS;
        if (i > 0 && memcmp(set->item[i - 1].member, item->member, MEMBER_ID_CHARS) >= 0)
            return ERR_VALIDATORS;
        /* One key under two names would be two votes of one machine. */
        if (key_repeats(set, i) || !vote_key_valid(&item->key))
            return ERR_VALIDATORS;
    }
    return OK;
}

void validators_encode(struct buf *out, const struct validator_set *set)
{
    ENSURE(set->count <= VALIDATORS_MAX);
    buf_reserve(out, 2 + set->count * VALIDATOR_BYTES);
    buf_append_u16(out, (uint16_t)set->count);
    for (size_t i = 0; i < set->count; i++) {
        member_id_write(out, set->item[i].member);
        buf_append(out, set->item[i].key.bytes, VOTE_KEY_BYTES);
    }
}

int validators_decode(struct validator_set *out, struct reader *reader)
{
    *out = (struct validator_set){.count = reader_u16(reader)};
    if (reader->bad || out->count > VALIDATORS_MAX)
        return ERR_VALIDATORS;
    for (size_t i = 0; i < out->count; i++) {
        member_id_read(out->item[i].member, reader);
        reader_copy(reader, out->item[i].key.bytes, VOTE_KEY_BYTES);
    }
    return reader->bad ? ERR_VALIDATORS : validators_check(out);
}

void validators_hash(struct hash *out, const struct validator_set *set)
{
    AUTO(buf_free) struct buf bytes = {0};
    validators_encode(&bytes, set);
    *out = hash_tagged("dirchain/validators/1", view_of_buf(&bytes));
}

struct doc *validators_doc(const struct validator_set *set)
{
    struct doc *list = doc_new_array();
    for (size_t i = 0; i < set->count; i++) {
        char key[2 * VOTE_KEY_BYTES + 1];
        hex_encode(key, view_of(set->item[i].key.bytes, VOTE_KEY_BYTES));
        struct doc *seat = doc_new_object();
        doc_set_text(seat, "key", key);
        doc_set_text(seat, "member", set->item[i].member);
        doc_push(list, seat);
    }
    return list;
}
