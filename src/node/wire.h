/* What nodes say to each other. Over the peer channel (peer_tls.h) runs a sequence of frames:
 *
 *   u32 length of the rest ‖ u8 kind ‖ body          length ≤ PEER_FRAME_BYTES_MAX
 *
 *   HELLO        u32 version ‖ 32 genesis ‖ 18 member ‖ 16 session       first, both ways
 *   STATUS       u64 height ‖ u32 round ‖ u8 flags        tip of the sender, round of the next
 * height TXS          txs                                      gossip VOTES        message … votes
 * (consensus/message.h) PROPOSAL     message ‖ compact                        a proposal and what
 * leads to its body WANT_BODY    u64 height ‖ 32 block                    answered by BODY or NONE
 *   BODY         header ‖ compact
 *   WANT_TXS     u64 height ‖ 32 block ‖ u16 count ‖ 32 txid …   answered by GIVE_TXS
 *   GIVE_TXS     32 block ‖ txs                           as many as the sender has
 *   WANT_BLOCKS  u64 from ‖ u32 count                     answered by BLOCK …, then BLOCKS_END
 *   BLOCK        u32 length ‖ block ‖ certificate
 *   BLOCKS_END   u64 from ‖ u64 next                      next: first height not given
 *   EVIDENCE     evidence …
 *   NONE         32 block                                 the answer to WANT_BODY of who has none
 *   WANT_ROLL                                             the roll call: answered by ROLL
 *   ROLL         u64 height ‖ message …                   tip of the sender; what the asker signed
 *   OFFER        u64 first block kept ‖ u8 count ‖ u64 height …  snapshots, ascending
 *   WANT_PART    part (chain/snapshot.h)                  answered by PART
 *   PART         part ‖ payload                           none: not to be had here any more
 *
 *   txs          u16 count ‖ (u32 length ‖ JWS) …
 *   compact      u16 count ‖ evidence … ‖ u32 count ‖ 32 txid …
 *
 * Decoders check form and bounds only; what is said is judged by whoever uses it. */
#ifndef DIRCHAIN_NODE_WIRE_H
#define DIRCHAIN_NODE_WIRE_H

#include "chain/block.h"
#include "chain/certificate.h"
#include "chain/snapshot.h"
#include "consensus/message.h"

#define WIRE_VERSION 1
#define WIRE_SESSION_BYTES 16
#define WIRE_FRAME_HEAD_BYTES 5

enum frame_kind {
    FRAME_HELLO = 1,
    FRAME_STATUS,
    FRAME_TXS,
    FRAME_VOTES,
    FRAME_PROPOSAL,
    FRAME_WANT_BODY,
    FRAME_BODY,
    FRAME_WANT_TXS,
    FRAME_GIVE_TXS,
    FRAME_WANT_BLOCKS,
    FRAME_BLOCK,
    FRAME_BLOCKS_END,
    FRAME_EVIDENCE,
    FRAME_NONE,
    FRAME_WANT_ROLL,
    FRAME_ROLL,
    FRAME_OFFER,
    FRAME_WANT_PART,
    FRAME_PART,
    FRAME_KINDS
};

struct frame {
    enum frame_kind kind;
    struct view body;
};

/* Takes the next frame off the front of *bytes: 0; ERR_NOT_FOUND when it is not complete yet
 * (*wanted_bytes then says how much must be there); ERR_TOO_LARGE, ERR_ENCODING (kind). */
int wire_next(struct frame *out, struct view *bytes, size_t *wanted_bytes);
/* Frames are written in place: begin, append the body, end. */
size_t wire_begin(struct buf *out, enum frame_kind kind);
void wire_end(struct buf *out, size_t begun);

struct wire_hello {
    uint32_t version;
    struct hash genesis;
    char member[MEMBER_ID_CHARS + 1];
    uint8_t session[WIRE_SESSION_BYTES]; /* random for each run of a node */
};
void wire_append_hello(struct buf *out, const struct wire_hello *hello);
int wire_read_hello(struct wire_hello *out, struct view body); /* ERR_ENCODING */

/* The second one: it has the vote key that the ledger has for its member, so that it could vote. */
enum { WIRE_STATUS_SYNCING = 1, WIRE_STATUS_VOTE_KEY = 2 };
struct wire_status {
    uint64_t height;
    uint32_t round;
    uint8_t flags;
};
void wire_append_status(struct buf *out, const struct wire_status *status);
int wire_read_status(struct wire_status *out, struct view body); /* ERR_ENCODING */

/* What leads from a header to a body. Owned; release with compact_free. */
struct compact {
    size_t evidence_count;
    struct evidence *evidence;
    size_t tx_count;
    struct hash *txids;
};
void compact_free(struct compact *compact);
void compact_append(struct buf *out, const struct block *block);
/* At most BLOCK_EVIDENCE_MAX and BLOCK_TXS_MAX, no txid twice. ERR_ENCODING. */
int compact_read(struct compact *out, struct reader *reader);

void wire_append_proposal(struct buf *out, const struct message *proposal,
                          const struct block *block);
int wire_read_proposal(struct message *message, struct compact *compact, struct view body);
void wire_append_body(struct buf *out, const struct block *block);
int wire_read_body(struct header *header, struct compact *compact, struct view body);

/* Of WANT_BODY; also the head of WANT_TXS. */
struct wire_want {
    uint64_t height;
    struct hash block;
};
void wire_append_want_body(struct buf *out, const struct wire_want *want);
int wire_read_want_body(struct wire_want *out, struct view body);
void wire_append_none(struct buf *out, const struct hash *block);
int wire_read_none(struct hash *out, struct view body);

void wire_append_want_txs(struct buf *out, const struct wire_want *want, const struct hash *txids,
                          size_t count);
/* *txids borrows: 32 bytes each. */
int wire_read_want_txs(struct wire_want *out, struct view *txids, struct view body);

struct wire_range {
    uint64_t from;
    uint32_t count;
};
void wire_append_want_blocks(struct buf *out, const struct wire_range *range);
int wire_read_want_blocks(struct wire_range *out, struct view body);
void wire_append_block(struct buf *out, struct view block, const struct certificate *certificate);
/* *block borrows. ERR_ENCODING, ERR_CERT_FORM. */
int wire_read_block(struct view *block, struct certificate *certificate, struct view body);
void wire_append_blocks_end(struct buf *out, uint64_t from, uint64_t next);
int wire_read_blocks_end(uint64_t *from, uint64_t *next, struct view body);

/* An answer to the roll call: begin, message_encode at most WIRE_ROLL_MESSAGES_MAX times, wire_end.
 * Of each round kept proposal and both votes, and what a safety record may add. */
#define WIRE_ROLL_MESSAGES_MAX (3 * ROUNDS_TRACKED_MAX + 2)
void wire_append_want_roll(struct buf *out);
int wire_read_want_roll(struct view body);
size_t wire_begin_roll(struct buf *out, uint64_t height);
/* *messages: for message_decode, until nothing is left. */
int wire_read_roll(uint64_t *height, struct reader *messages, struct view body);
/* What a node keeps of the past. */
struct wire_offer {
    uint64_t first_block;
    size_t count;
    uint64_t height[SNAPSHOTS_OFFERED_MAX]; /* of snapshots */
};
void wire_append_offer(struct buf *out, const struct wire_offer *offer);
int wire_read_offer(struct wire_offer *out, struct view body);
void wire_append_want_part(struct buf *out, const struct snapshot_part *part);
int wire_read_want_part(struct snapshot_part *out, struct view body);
void wire_append_part(struct buf *out, const struct snapshot_part *part, struct view payload);
/* *payload borrows. */
int wire_read_part(struct snapshot_part *out, struct view *payload, struct view body);

/* A list of transactions being written: txs_begin, any number of txs_add, txs_end. */
struct wire_txs {
    size_t frame;
    size_t count_at;
    uint16_t count;
};
void wire_txs_begin(struct wire_txs *txs, struct buf *out, enum frame_kind kind,
                    const struct hash *block /* of GIVE_TXS, else NULL */);
void wire_txs_add(struct wire_txs *txs, struct buf *out, struct view raw);
void wire_txs_end(struct wire_txs *txs, struct buf *out);
/* Next transaction of a list: true and a borrowed *raw; false at the end or when malformed, which
 * reader_done tells apart. Start with wire_txs_count. */
uint16_t wire_txs_count(struct reader *reader);
bool wire_txs_next(struct view *raw, struct reader *reader);

/* txid of a JWS without parsing it: SHA-256 of what is before the last dot. ERR_TX_FORM. */
int wire_txid(struct hash *out, struct view raw);

#endif
