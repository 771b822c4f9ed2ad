/* A validator that lies about its votes, and is honest otherwise: the node's own code, linked with
 * two of its calls replaced. Nothing in src/ knows of it.
 *
 *   signer_open       remembers the vote key
 *   peers_broadcast   sends a second vote, signed with it, for another block or nil
 *
 * Of four heights, in turn: both votes to everybody, so that everybody can prove it; one vote to
 * half of the peers and the other to the rest (twice); and a proposal that half of them never get,
 * with the votes of one honest node. */
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/sign.h"
#include "consensus/signer.h"
#include "node/peers.h"
#include "node/wire.h"

#include <inttypes.h>
#include <string.h>

int __real_signer_open(struct signer **out, struct safety **safety, const struct hash *genesis,
                       const char *member, const struct secret_key *secret,
                       signer_sign_function sign);
int __wrap_signer_open(struct signer **out, struct safety **safety, const struct hash *genesis,
                       const char *member, const struct secret_key *secret,
                       signer_sign_function sign);
void __real_peers_broadcast(struct peers *peers, struct view frames,
                            enum link_importance importance, bool validators_only);
void __wrap_peers_broadcast(struct peers *peers, struct view frames,
                            enum link_importance importance, bool validators_only);

enum manner { BOTH_TO_ALL, SPLIT, SPLIT_NIL, WITHHOLD, MANNERS };

static struct {
    struct hash genesis;
    char member[MEMBER_ID_CHARS + 1];
    struct secret_key secret;
} own;

int __wrap_signer_open(struct signer **out, struct safety **safety, const struct hash *genesis,
                       const char *member, const struct secret_key *secret,
                       signer_sign_function sign)
{
    int error = __real_signer_open(out, safety, genesis, member, secret, sign);
    if (error == 0) {
        own.genesis = *genesis;
        memcpy(own.member, member, MEMBER_ID_CHARS);
        own.secret = *secret;
        log_write(LOG_WARN, "equivocate", "this node signs two votes where it should sign one");
    }
    return error;
}

static enum manner manner_of(uint64_t height)
{
    return (enum manner)(height % MANNERS);
}

/* Nil, or a block that there is none of. */
static int contradict(struct vote *other, const struct vote *vote)
{
    *other = *vote;
    if (hash_is_zero(&vote->block) || manner_of(vote->height) != SPLIT_NIL) {
        other->block = hash_tagged("chaos/none", view_of(vote->block.bytes, HASH_BYTES));
    } else {
        other->block = (struct hash){{0}};
    }
    struct hash digest;
    vote_digest(&digest, &own.genesis, other);
    return schnorr_sign(&other->signature, &own.secret, &digest);
}

static bool is_own_vote(struct message *message, const struct frame *frame)
{
    struct reader reader = reader_of(frame->body);
    return frame->kind == FRAME_VOTES && message_decode(message, &reader) == 0 &&
           message->kind == MESSAGE_VOTE && strcmp(message->vote.validator, own.member) == 0;
}

/* The true frames to peers of even places, the other ones to the rest; both to all if so. */
static void send_split(struct peers *peers, struct view truth, struct view other, bool both)
{
    for (size_t i = 0; i < peers_count(peers); i++) {
        struct peer *peer = peers_at(peers, i);
        if (peer->validator && (both || i % 2 == 0)) {
            (void)peer_send(peer, truth, LINK_REQUIRED);
        }
        if (peer->validator && (both || i % 2 == 1) && other.len > 0) {
            (void)peer_send(peer, other, LINK_REQUIRED);
        }
    }
}

static bool lie(struct peers *peers, struct view frames, const struct vote *vote)
{
    enum manner manner = manner_of(vote->height);
    struct message other = {.kind = MESSAGE_VOTE};
    if (manner == WITHHOLD || contradict(&other.vote, vote) != 0) {
        return false;
    }
    AUTO(buf_free) struct buf bytes = {0};
    size_t begun = wire_begin(&bytes, FRAME_VOTES);
    message_encode(&bytes, &other);
    wire_end(&bytes, begun);
    send_split(peers, frames, view_of_buf(&bytes), manner == BOTH_TO_ALL);
    return true;
}

static bool withhold(struct peers *peers, struct view frames, const struct frame *frame)
{
    struct message message;
    struct reader reader = reader_of(frame->body);
    if (frame->kind != FRAME_PROPOSAL || message_decode(&message, &reader) != 0 ||
        manner_of(message_height(&message)) != WITHHOLD) {
        return false;
    }
    send_split(peers, frames, (struct view){0}, false);
    return true;
}

void __wrap_peers_broadcast(struct peers *peers, struct view frames,
                            enum link_importance importance, bool validators_only)
{
    struct view rest = frames;
    size_t wanted;
    struct frame frame;
    struct message message;
    bool whole = wire_next(&frame, &rest, &wanted) == 0;
    if (whole && is_own_vote(&message, &frame) && lie(peers, frames, &message.vote)) {
        return;
    }
    if (whole && withhold(peers, frames, &frame)) {
        return;
    }
    __real_peers_broadcast(peers, frames, importance, validators_only);
}
