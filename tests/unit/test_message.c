/* Bytes of proposals and votes: round trips, and everything that must not decode. */
#include "check.h"

#include "base/errors.h"
#include "base/memory.h"
#include "consensus/message.h"

#include <string.h>

static struct message a_proposal(void)
{
    struct message message = {.kind = MESSAGE_PROPOSAL};
    struct proposal *proposal = &message.proposal;
    proposal->height = 7;
    proposal->round = 3;
    proposal->valid_round = 1;
    proposal->header = (struct header){.version = HEADER_VERSION, .height = 7, .time_ms = 1000};
    memcpy(proposal->header.proposer, "910000000000000001", MEMBER_ID_CHARS);
    memset(proposal->signature.bytes, 5, SIGNATURE_BYTES);
    header_hash(&proposal->block, &proposal->header);
    return message;
}

static struct message a_vote(void)
{
    struct message message = {.kind = MESSAGE_VOTE};
    message.vote = (struct vote){.type = VOTE_PRECOMMIT, .height = 7, .round = 2};
    memcpy(message.vote.validator, "910000000000000002", MEMBER_ID_CHARS);
    memset(message.vote.block.bytes, 9, HASH_BYTES);
    memset(message.vote.signature.bytes, 6, SIGNATURE_BYTES);
    return message;
}

static int decode(struct message *out, const struct buf *bytes)
{
    struct reader reader = reader_of(view_of_buf(bytes));
    int error = message_decode(out, &reader);
    return error != OK || reader_done(&reader) ? error : ERR_TOO_LARGE;
}

static void test_round_trip(void **state)
{
    (void)state;
    const struct message messages[] = {a_proposal(), a_vote()};
    const size_t lengths[] = {1 + PROPOSAL_BYTES, 1 + VOTE_BYTES};
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        AUTO(buf_free) struct buf bytes = {0}, again = {0};
        message_encode(&bytes, &messages[i]);
        assert_int_equal(bytes.len, lengths[i]);
        assert_true(bytes.len <= MESSAGE_BYTES_MAX);
        struct message out;
        assert_int_equal(decode(&out, &bytes), OK);
        message_encode(&again, &out);
        assert_true(view_equal(view_of_buf(&bytes), view_of_buf(&again)));
        assert_int_equal(message_height(&out), 7);
        assert_int_equal(message_round(&out), message_round(&messages[i]));
    }
}

/* Pitfall 11 (FISCO-BCOS #2448): the block hash is computed from the header that came. */
static void test_hash_is_recomputed(void **state)
{
    (void)state;
    struct message sent = a_proposal(), out;
    memset(sent.proposal.block.bytes, 0xff, HASH_BYTES);
    AUTO(buf_free) struct buf bytes = {0};
    message_encode(&bytes, &sent);
    assert_int_equal(decode(&out, &bytes), OK);
    struct hash expected;
    header_hash(&expected, &sent.proposal.header);
    assert_true(hash_equal(&out.proposal.block, &expected));
}

/* Every signed field changes the digest, and the two kinds never share one. */
static void test_digest_covers_everything(void **state)
{
    (void)state;
    struct hash genesis = {{1}}, other = {{2}}, digests[12];
    size_t count = 0;
    struct message message = a_proposal();
    message_digest(&digests[count++], &genesis, &message);
    message_digest(&digests[count++], &other, &message);
    message.proposal.height++;
    message_digest(&digests[count++], &genesis, &message);
    message.proposal.round++;
    message_digest(&digests[count++], &genesis, &message);
    message.proposal.valid_round = ROUND_NONE;
    message_digest(&digests[count++], &genesis, &message);
    message.proposal.block.bytes[31] ^= 1;
    message_digest(&digests[count++], &genesis, &message);
    message = a_vote();
    message_digest(&digests[count++], &genesis, &message);
    message.vote.type = VOTE_PREVOTE;
    message_digest(&digests[count++], &genesis, &message);
    message.vote.round++;
    message_digest(&digests[count++], &genesis, &message);
    message.vote.height++;
    message_digest(&digests[count++], &genesis, &message);
    message.vote.block.bytes[0] ^= 1;
    message_digest(&digests[count++], &genesis, &message);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++)
            assert_false(hash_equal(&digests[i], &digests[j]));
    }
}

static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    const struct message messages[] = {a_proposal(), a_vote()};
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        AUTO(buf_free) struct buf bytes = {0};
        message_encode(&bytes, &messages[i]);
        size_t full = bytes.len;
        for (bytes.len = 0; bytes.len < full; bytes.len++) {
            struct message out;
            assert_int_not_equal(decode(&out, &bytes), OK);
        }
    }
}

/* Pitfalls 9 and 11: what a peer may claim is bounded before anything is looked up by it. */
static void test_hostile_fields_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        bool vote;
        size_t offset; /* of a big-endian u32 */
        uint32_t value;
        int error;
    } cases[] = {
        {"kind", false, 0, 0x03000000, ERR_ENCODING},
        {"proposal height", false, 5, 8, ERR_CONSENSUS_HEIGHT},
        {"proposal round", false, 9, ROUND_MAX + 1, ERR_CONSENSUS_ROUND},
        {"proposal round, huge", false, 9, UINT32_MAX, ERR_CONSENSUS_ROUND},
        {"valid round = round", false, 13, 3 + 1, ERR_CONSENSUS_ROUND},
        {"valid round, huge", false, 13, UINT32_MAX, ERR_CONSENSUS_ROUND},
        {"header version", false, 17, 2, ERR_BLOCK_FORM},
        {"vote type 0", true, 1, 0, ERR_ENCODING},
        {"vote type 3", true, 1, 0x03000000, ERR_ENCODING},
        {"vote height, huge", true, 2, UINT32_MAX, ERR_ENCODING},
        {"vote round", true, 10, ROUND_MAX + 1, ERR_ENCODING},
        {"member", true, 1 + 1 + 8 + 4 + 32, 0x61616161, ERR_ENCODING},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct message message = cases[i].vote ? a_vote() : a_proposal(), out;
        AUTO(buf_free) struct buf bytes = {0};
        message_encode(&bytes, &message);
        for (size_t b = 0; b < 4; b++)
            bytes.data[cases[i].offset + b] = (uint8_t)(cases[i].value >> (24 - 8 * b));
        if (decode(&out, &bytes) != cases[i].error)
            fail_msg("%s: %s", cases[i].what, error_code(decode(&out, &bytes)));
    }
}

/* One message is read, and what follows it stays in the reader. */
static void test_rest_is_left(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    struct message vote = a_vote(), out;
    message_encode(&bytes, &vote);
    buf_append_u16(&bytes, 0x1234);
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(message_decode(&out, &reader), OK);
    assert_int_equal(reader_u16(&reader), 0x1234);
    assert_true(reader_done(&reader));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_hash_is_recomputed),
        cmocka_unit_test(test_digest_covers_everything),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_hostile_fields_are_refused),
        cmocka_unit_test(test_rest_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
