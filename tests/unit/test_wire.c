/* Frames: what is written is read back, in any pieces; nothing malformed gets through. */
#include "note_txs.h"

#include "base/errors.h"
#include "node/wire.h"

static struct header some_header(uint64_t height)
{
    struct header header = {.version = HEADER_VERSION,
                            .genesis = note_genesis(),
                            .height = height,
                            .time_ms = 1700000000000,
                            .proposer = NOTE_MEMBER};
    return header;
}

/* A block of `count` transactions; nothing but its form matters here. */
static struct block *some_block(unsigned count)
{
    struct block *block = memory_alloc(sizeof *block);
    atomic_init(&block->references, 1);
    block->header = some_header(7);
    header_hash(&block->hash, &block->header);
    block->tx_count = count;
    block->txs = memory_alloc(count * sizeof(struct tx *));
    for (unsigned i = 0; i < count; i++) {
        block->txs[i] = note_tx(NOTE_MEMBER, i, NOTE_EXPIRES_MS);
    }
    return block;
}

static struct view only_frame(const struct buf *bytes, enum frame_kind kind)
{
    struct frame frame;
    struct view rest = view_of_buf(bytes);
    size_t wanted;
    assert_int_equal(wire_next(&frame, &rest, &wanted), 0);
    assert_int_equal(frame.kind, kind);
    assert_int_equal(rest.len, 0);
    return frame.body;
}

static void test_frames_in_pieces(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    const struct wire_status status = {.height = 9, .round = 2, .flags = WIRE_STATUS_SYNCING};
    struct hash hash = note_genesis();
    wire_append_status(&bytes, &status);
    wire_append_none(&bytes, &hash);
    for (size_t len = 0; len < bytes.len; len++) {
        struct view rest = view_of(bytes.data, len);
        struct frame frame;
        size_t wanted = 0;
        size_t frames = 0;
        int error;
        while ((error = wire_next(&frame, &rest, &wanted)) == 0) {
            frames++;
        }
        assert_int_equal(error, ERR_NOT_FOUND);
        assert_true(frames < 2);
        assert_true(wanted > rest.len);
    }
    struct view rest = view_of_buf(&bytes);
    struct frame frame;
    size_t wanted;
    struct wire_status read;
    assert_int_equal(wire_next(&frame, &rest, &wanted), 0);
    assert_int_equal(wire_read_status(&read, frame.body), 0);
    assert_int_equal(read.height, 9);
    assert_int_equal(read.round, 2);
    assert_int_equal(read.flags, WIRE_STATUS_SYNCING);
    assert_int_equal(wire_next(&frame, &rest, &wanted), 0);
    assert_int_equal(frame.kind, FRAME_NONE);
}

static void test_bad_frames(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        int error;
    } cases[] = {
        {"\x00\x00\x00\x00\x01", ERR_TOO_LARGE}, /* no room for a kind */
        {"\x00\x90\x00\x01\x01", ERR_TOO_LARGE}, /* one more than a frame may have */
        {"\xff\xff\xff\xff\x01", ERR_TOO_LARGE}, /* four gigabytes */
        {"\x00\x00\x00\x01\x00", ERR_ENCODING},  /* no such kind */
        {"\x00\x00\x00\x01\x14", ERR_ENCODING},  /* no such kind */
        {"\x00\x00\x00\x01\xff", ERR_ENCODING},  /* no such kind */
    };
    assert_int_equal(FRAME_KINDS, 0x14);
    assert_int_equal(PEER_FRAME_BYTES_MAX, 0x900000);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct view rest = view_of(cases[i].bytes, 5);
        struct frame frame;
        size_t wanted;
        if (wire_next(&frame, &rest, &wanted) != cases[i].error) {
            fail_msg("case %zu", i);
        }
    }
}

static void test_hello(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    struct wire_hello hello = {
        .version = WIRE_VERSION, .genesis = note_genesis(), .member = NOTE_MEMBER, .session = "s"};
    struct wire_hello read;
    wire_append_hello(&bytes, &hello);
    struct view body = only_frame(&bytes, FRAME_HELLO);
    assert_int_equal(wire_read_hello(&read, body), 0);
    assert_memory_equal(&read, &hello, sizeof hello);
    for (size_t len = 0; len < body.len; len++) {
        assert_int_equal(wire_read_hello(&read, view_of(body.data, len)), ERR_ENCODING);
    }
}

static void test_proposals_and_bodies(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = some_block(5);
    struct message message = {.kind = MESSAGE_PROPOSAL};
    message.proposal = (struct proposal){
        .height = 7, .valid_round = ROUND_NONE, .header = block->header, .block = block->hash};
    wire_append_proposal(&bytes, &message, block);
    struct message read;
    AUTO(compact_free) struct compact compact = {0};
    struct view body = only_frame(&bytes, FRAME_PROPOSAL);
    assert_int_equal(wire_read_proposal(&read, &compact, body), 0);
    assert_true(hash_equal(&read.proposal.block, &block->hash));
    assert_int_equal(compact.tx_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(hash_equal(&compact.txids[i], &block->txs[i]->id));
    }
    for (size_t len = 0; len < body.len; len++) {
        struct compact cut;
        assert_int_not_equal(wire_read_proposal(&read, &cut, view_of(body.data, len)), 0);
        assert_null(cut.txids);
    }
    AUTO(buf_free) struct buf other = {0};
    struct header header;
    AUTO(compact_free) struct compact again = {0};
    wire_append_body(&other, block);
    assert_int_equal(wire_read_body(&header, &again, only_frame(&other, FRAME_BODY)), 0);
    assert_int_equal(again.tx_count, 5);
    assert_int_equal(header.height, 7);
}

static void append_compact(struct buf *out, uint16_t evidence, uint32_t count, unsigned distinct)
{
    buf_append_u16(out, evidence);
    buf_append_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = i % distinct;
        struct hash id = hash_sha256(view_of(&number, sizeof number));
        buf_append_view(out, hash_view(&id));
    }
}

static void test_compact_is_bounded(void **state)
{
    (void)state;
    static const struct {
        uint16_t evidence;
        uint32_t count;
        unsigned distinct;
        int error;
    } cases[] = {
        {0, 0, 1, 0},
        {0, BLOCK_TXS_MAX, BLOCK_TXS_MAX, 0},
        {0, BLOCK_TXS_MAX + 1, BLOCK_TXS_MAX + 1, ERR_ENCODING},
        {0, 2, 1, ERR_ENCODING}, /* the same twice */
        {0, 100, 99, ERR_ENCODING},
        {1, 0, 1, ERR_ENCODING}, /* evidence that is not there */
        {BLOCK_EVIDENCE_MAX + 1, 0, 1, ERR_ENCODING},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_free) struct buf bytes = {0};
        AUTO(compact_free) struct compact compact = {0};
        append_compact(&bytes, cases[i].evidence, cases[i].count, cases[i].distinct);
        struct reader reader = reader_of(view_of_buf(&bytes));
        if (compact_read(&compact, &reader) != cases[i].error) {
            fail_msg("case %zu", i);
        }
    }
    /* Counts that promise more than there is reserve nothing. */
    struct compact compact;
    struct reader reader = reader_of(view_of("\x00\x00\x00\x00\x0f\xff", 6));
    assert_int_equal(compact_read(&compact, &reader), ERR_ENCODING);
}

static void test_wants(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    struct wire_want want = {.height = 3, .block = note_genesis()};
    struct wire_want read;
    struct hash ids[3] = {note_genesis(), note_genesis(), note_genesis()};
    ids[2].bytes[0] ^= 1;
    struct view txids;
    wire_append_want_txs(&bytes, &want, ids, 3);
    struct view body = only_frame(&bytes, FRAME_WANT_TXS);
    assert_int_equal(wire_read_want_txs(&read, &txids, body), 0);
    assert_int_equal(read.height, 3);
    assert_int_equal(txids.len, sizeof ids);
    assert_memory_equal(txids.data, ids, sizeof ids);
    assert_int_equal(wire_read_want_txs(&read, &txids, view_of(body.data, body.len - 1)),
                     ERR_ENCODING);
    buf_clear(&bytes);
    wire_append_want_body(&bytes, &want);
    assert_int_equal(wire_read_want_body(&read, only_frame(&bytes, FRAME_WANT_BODY)), 0);
    assert_true(hash_equal(&read.block, &want.block));
    struct wire_range range = {.from = 17, .count = 5}, range_read;
    buf_clear(&bytes);
    wire_append_want_blocks(&bytes, &range);
    assert_int_equal(wire_read_want_blocks(&range_read, only_frame(&bytes, FRAME_WANT_BLOCKS)), 0);
    assert_int_equal(range_read.from, 17);
    assert_int_equal(range_read.count, 5);
}

static void test_blocks(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    struct certificate certificate = {.height = 7, .block = note_genesis()}, read;
    struct view block;
    wire_append_block(&bytes, view_of_text("the block"), &certificate);
    struct view body = only_frame(&bytes, FRAME_BLOCK);
    assert_int_equal(wire_read_block(&block, &read, body), 0);
    assert_true(view_equal(block, view_of_text("the block")));
    assert_int_equal(read.height, 7);
    for (size_t len = 0; len < body.len; len++) {
        assert_int_not_equal(wire_read_block(&block, &read, view_of(body.data, len)), 0);
    }
    uint64_t from, next;
    buf_clear(&bytes);
    wire_append_blocks_end(&bytes, 5, 9);
    assert_int_equal(wire_read_blocks_end(&from, &next, only_frame(&bytes, FRAME_BLOCKS_END)), 0);
    assert_int_equal(from, 5);
    assert_int_equal(next, 9);
}

static void test_roll_call(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf want = {0}, roll = {0}, long_roll = {0};
    wire_append_want_roll(&want);
    assert_int_equal(wire_read_want_roll(only_frame(&want, FRAME_WANT_ROLL)), 0);
    assert_int_equal(wire_read_want_roll(view_of("x", 1)), ERR_ENCODING);
    struct message message = {.kind = MESSAGE_VOTE,
                              .vote = {.type = VOTE_PREVOTE, .height = 9, .round = 3}};
    memcpy(message.vote.validator, NOTE_MEMBER, MEMBER_ID_CHARS);
    size_t begun = wire_begin_roll(&roll, 8);
    message_encode(&roll, &message);
    message_encode(&roll, &message);
    wire_end(&roll, begun);
    uint64_t height;
    struct reader reader;
    struct view body = only_frame(&roll, FRAME_ROLL);
    assert_int_equal(wire_read_roll(&height, &reader, body), 0);
    assert_int_equal(height, 8);
    for (int i = 0; i < 2; i++) {
        struct message read;
        assert_int_equal(message_decode(&read, &reader), 0);
        assert_memory_equal(&read.vote, &message.vote, sizeof read.vote);
    }
    assert_true(reader_done(&reader));
    for (size_t len = 0; len < 8; len++) {
        assert_int_equal(wire_read_roll(&height, &reader, view_of(body.data, len)), ERR_ENCODING);
    }
    size_t most = 8 + WIRE_ROLL_MESSAGES_MAX * (size_t)MESSAGE_BYTES_MAX;
    begun = wire_begin_roll(&long_roll, 8);
    while (long_roll.len < most + WIRE_FRAME_HEAD_BYTES + 1) {
        buf_append_u8(&long_roll, 0);
    }
    wire_end(&long_roll, begun);
    body = only_frame(&long_roll, FRAME_ROLL);
    assert_int_equal(wire_read_roll(&height, &reader, body), ERR_ENCODING);
    body.len--;
    assert_int_equal(wire_read_roll(&height, &reader, body), 0);
}

static void test_offers(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    const struct wire_offer offer = {.first_block = 81, .count = 2, .height = {80, 100}};
    struct wire_offer read;
    wire_append_offer(&bytes, &offer);
    struct view body = only_frame(&bytes, FRAME_OFFER);
    assert_int_equal(wire_read_offer(&read, body), 0);
    assert_int_equal(read.first_block, 81);
    assert_int_equal(read.count, 2);
    assert_int_equal(read.height[0], 80);
    assert_int_equal(read.height[1], 100);
    for (size_t len = 0; len < body.len; len++) {
        assert_int_equal(wire_read_offer(&read, view_of(body.data, len)), ERR_ENCODING);
    }
    static const struct wire_offer wrong[] = {
        {.count = 2, .height = {100, 100}}, /* not ascending */
        {.count = 1, .height = {0}},
        {.count = 1, .height = {UINT64_C(1) << 53}},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        buf_clear(&bytes);
        wire_append_offer(&bytes, &wrong[i]);
        assert_int_equal(wire_read_offer(&read, only_frame(&bytes, FRAME_OFFER)), ERR_ENCODING);
    }
    assert_int_equal(wire_read_offer(&read, view_of("\0\0\0\0\0\0\0\1\3", 9)), ERR_ENCODING);
}

static void test_parts(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    const struct snapshot_part part = {.height = 80, .kind = SNAPSHOT_LEAVES, .at = 73};
    struct snapshot_part read;
    struct view payload;
    wire_append_want_part(&bytes, &part);
    struct view body = only_frame(&bytes, FRAME_WANT_PART);
    assert_int_equal(body.len, SNAPSHOT_PART_KEY_BYTES);
    assert_int_equal(wire_read_want_part(&read, body), 0);
    assert_true(snapshot_part_equal(&read, &part));
    assert_int_equal(wire_read_want_part(&read, view_of(body.data, body.len - 1)), ERR_ENCODING);
    buf_clear(&bytes);
    wire_append_part(&bytes, &part, view_of_text("payload"));
    body = only_frame(&bytes, FRAME_PART);
    assert_int_equal(wire_read_want_part(&read, body), ERR_ENCODING); /* more behind it */
    assert_int_equal(wire_read_part(&read, &payload, body), 0);
    assert_true(snapshot_part_equal(&read, &part));
    assert_true(view_equal(payload, view_of_text("payload")));
    AUTO(buf_free) struct buf large = {0};
    buf_reserve(&large, SNAPSHOT_PART_BYTES_MAX + 1);
    memset(large.data, 0, SNAPSHOT_PART_BYTES_MAX + 1);
    for (size_t len = SNAPSHOT_PART_BYTES_MAX; len <= SNAPSHOT_PART_BYTES_MAX + 1; len++) {
        buf_clear(&bytes);
        wire_append_part(&bytes, &part, view_of(large.data, len));
        assert_int_equal(wire_read_part(&read, &payload, only_frame(&bytes, FRAME_PART)),
                         len > SNAPSHOT_PART_BYTES_MAX ? ERR_ENCODING : 0);
    }
}

static void test_lists_of_transactions(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(tx_free) struct tx *tx = note_tx(NOTE_MEMBER, 1, NOTE_EXPIRES_MS);
    struct wire_txs txs;
    wire_txs_begin(&txs, &bytes, FRAME_TXS, NULL);
    wire_txs_add(&txs, &bytes, view_of_buf(&tx->raw));
    wire_txs_add(&txs, &bytes, view_of_text("other"));
    wire_txs_end(&txs, &bytes);
    struct reader reader = reader_of(only_frame(&bytes, FRAME_TXS));
    struct view raw;
    assert_int_equal(wire_txs_count(&reader), 2);
    assert_true(wire_txs_next(&raw, &reader));
    struct hash id;
    assert_int_equal(wire_txid(&id, raw), 0);
    assert_true(hash_equal(&id, &tx->id));
    assert_true(wire_txs_next(&raw, &reader));
    assert_int_equal(wire_txid(&id, raw), ERR_TX_FORM);
    assert_true(reader_done(&reader));
    assert_false(wire_txs_next(&raw, &reader));
    assert_false(reader_done(&reader));
    reader = reader_of(view_of("\x00\x00\x00\x00", 4)); /* an empty transaction */
    assert_false(wire_txs_next(&raw, &reader));
    reader = reader_of(view_of("\x00\x10\x00\x00", 4)); /* larger than any may be */
    assert_false(wire_txs_next(&raw, &reader));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_in_pieces),
        cmocka_unit_test(test_bad_frames),
        cmocka_unit_test(test_hello),
        cmocka_unit_test(test_proposals_and_bodies),
        cmocka_unit_test(test_compact_is_bounded),
        cmocka_unit_test(test_wants),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_roll_call),
        cmocka_unit_test(test_offers),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_lists_of_transactions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
