/* The head of a snapshot, taken apart and put together otherwise. Header only. */
#ifndef DIRCHAIN_TESTS_UNIT_SNAPSHOT_HEAD_H
#define DIRCHAIN_TESTS_UNIT_SNAPSHOT_HEAD_H

#include "check.h"

#include "chain/snapshot.h"

#include <string.h>

#define HEAD_STEPS_MAX 512

struct head { /* views borrow the payload */
    struct header header;
    struct certificate certificate;
    struct view sets; /* what the state says, with proof */
    uint8_t more;
    uint16_t steps;
    struct view step[HEAD_STEPS_MAX];
};

static inline struct view since(struct view all, const struct reader *reader)
{
    return view_of(all.data, all.len - reader->rest.len);
}

static inline void read_head(struct head *head, struct view payload)
{
    struct reader reader = reader_of(payload);
    struct state_proof proof;
    assert_int_equal(header_decode(&head->header, &reader), 0);
    assert_int_equal(certificate_decode(&head->certificate, &reader), 0);
    struct view from = reader.rest;
    (void)reader_take(&reader, reader_u32(&reader));
    assert_int_equal(state_proof_decode(&proof, &reader), 0);
    head->sets = since(from, &reader);
    head->more = reader_u8(&reader);
    head->steps = reader_u16(&reader);
    assert_true(head->steps <= COUNT_OF(head->step));
    for (unsigned i = 0; i < head->steps; i++) {
        struct header header;
        struct certificate certificate;
        struct validator_set set;
        from = reader.rest;
        assert_int_equal(header_decode(&header, &reader), 0);
        assert_int_equal(certificate_decode(&certificate, &reader), 0);
        assert_int_equal(validators_decode(&set, &reader), 0);
        head->step[i] = since(from, &reader);
    }
    assert_true(reader_done(&reader));
}

static inline void write_head(struct buf *out, const struct head *head)
{
    buf_clear(out);
    header_encode(out, &head->header);
    certificate_encode(out, &head->certificate);
    buf_append_view(out, head->sets);
    buf_append_u8(out, head->more);
    buf_append_u16(out, head->steps);
    for (unsigned i = 0; i < head->steps; i++)
        buf_append_view(out, head->step[i]);
}

/* The height from which a part goes on that comes after this one. */
static inline uint64_t head_end(const struct head *head)
{
    struct reader reader = reader_of(head->step[head->steps - 1]);
    struct header header;
    assert_int_equal(header_decode(&header, &reader), 0);
    return header.height + 1;
}

/* Without its first two steps, which come to nothing, but as full as before: with two of the next
 * part. */
static inline void head_leave_out_two(struct head *head, const struct head *next)
{
    memmove(&head->step[0], &head->step[2], (head->steps - 2u) * sizeof head->step[0]);
    memcpy(&head->step[head->steps - 2], next->step, 2 * sizeof next->step[0]);
}

#endif
