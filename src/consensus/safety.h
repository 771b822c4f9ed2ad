/* The safety record: what a validator must never forget, in a file of its own.
 *
 * It names the last position (height, round, step) this key signed at, the lock, the valid value
 * with the prevotes that prove it, and everything signed in that round with its signatures. A
 * signature leaves the process only when the record that holds it is synced (signer.h).
 *
 * File: two slots, written in turn; a slot holds two copies of one record, each in its own
 * SAFETY_COPY_BYTES with magic, format, sequence number, genesis hash, vote key, length and
 * SHA-256. Loading takes the highest sequence number among the copies that verify:
 *
 *   torn write   both copies of the slot being written are bad → the other slot, whose record is
 *                the last one that was synced, so nothing signed later can have left
 *   bit rot      one copy of the newest slot is bad → the other copy
 *   else         no copy verifies → ERR_SAFETY_DAMAGED: the node must not sign
 *
 * A failed write or sync is never retried (what the disk holds is unknown then): the safety
 * object refuses everything from there on, and the node stops. */
#ifndef DIRCHAIN_CONSENSUS_SAFETY_H
#define DIRCHAIN_CONSENSUS_SAFETY_H

#include "consensus/message.h"

/* Positions within a round, in order; also the steps of the state machine. */
enum step {
    STEP_NEW = 0,       /* nothing signed in this round / waiting for something to order */
    STEP_PROPOSE = 1,   /* proposal signed          / waiting for a proposal */
    STEP_PREVOTE = 2,   /* prevote signed */
    STEP_PRECOMMIT = 3, /* precommit signed */
    STEP_DECIDED = 4    /* never in a record */
};

/* Why nothing is signed up to some height, although the position is lower. */
enum hold_reason {
    HOLD_NONE = 0,
    HOLD_ROLLED_BACK = 1, /* the key has signed what this record does not know: an older copy */
    HOLD_NEW_RECORD = 2,  /* the record was made when the chain had blocks already */
    HOLD_ALONE = 3        /* the record is new, and nobody can be asked: HOLD_EVERYTHING */
};
#define HOLD_EVERYTHING UINT64_MAX /* a hold height that no height passes */

/* A vote of a quorum worth keeping; index into the height's validator set. */
struct safety_vote {
    uint16_t validator;
    struct hash block;
    struct signature signature;
};
#define SAFETY_QUORUM_MAX (2 * VALIDATORS_MAX / 3 + 1)

struct safety_record {
    uint64_t height; /* 0: nothing was ever signed */
    uint32_t round;
    enum step step; /* of the last message signed in that round */
    int64_t locked_round;
    struct hash locked_block;
    int64_t valid_round;
    struct hash valid_block;
    /* Signed in (height, round); the state machine leaves signatures zero, the signer fills. */
    bool has_proposal, has_prevote, has_precommit;
    struct proposal proposal;
    struct vote prevote, precommit;
    /* Two quorums that keep the chain alive after all nodes lost their memory at once: prevotes of
     * valid_round for valid_block, with which others accept the valid value again (line 28), and
     * the precommits of round - 1 with which this round was entered, if it was entered that way
     * (line 47), so that nobody has to wait in a round that others have left for good. */
    size_t valid_prevote_count, entry_precommit_count;
    struct safety_vote valid_prevotes[SAFETY_QUORUM_MAX];
    struct safety_vote entry_precommits[SAFETY_QUORUM_MAX];
    /* The hold: nothing is signed at this height or below it. 0: none. The signer's own; what the
     * state machine says here counts for nothing. */
    uint64_t hold_height;
    enum hold_reason hold_reason;
};

void safety_record_init(struct safety_record *record); /* height 0, no lock */
void safety_record_encode(struct buf *out, const struct safety_record *record);
/* Takes all that is left of the reader. ERR_ENCODING. */
int safety_record_decode(struct safety_record *out, struct reader *reader);

#define SAFETY_COPY_BYTES 16384
#define SAFETY_COPIES 4 /* slot 0 copy 0, slot 0 copy 1, slot 1 copy 0, slot 1 copy 1 */
#define SAFETY_FILE_BYTES (SAFETY_COPIES * SAFETY_COPY_BYTES)

/* The disk as the safety record sees it, so that a simulator can be one. All return 0 or
 * ERR_IO / ERR_DISK_FULL. `write` need not be durable before `sync` returned 0. */
struct safety_disk {
    void *context;
    int (*read)(void *context, void *out, size_t len, uint64_t offset);
    int (*write)(void *context, struct view data, uint64_t offset);
    int (*sync)(void *context);
    void (*close)(void *context);
};

struct safety;

/* Makes the file for a new validator, with an empty record bound to genesis and key, mode 0600,
 * durable. Done once, when the node's home is made: a lost file is never replaced silently.
 * `alone`: it is held (HOLD_ALONE) from the beginning, so that no crash leaves it free. ERR_EXISTS,
 * ERR_IO, ERR_DISK_FULL. */
int safety_create_file(const char *path, const struct hash *genesis, const struct vote_key *key,
                       bool alone);
/* Opens and locks it. ERR_NOT_FOUND, ERR_BUSY (another process holds this file),
 * ERR_VOTE_KEY_BUSY (one on this machine runs with this key, from whatever file),
 * ERR_SAFETY_LINK, ERR_SAFETY_DAMAGED, ERR_SAFETY_FORM (of another version), ERR_SAFETY_OTHER
 * (bound to another genesis or key), ERR_IO. */
int safety_open_file(struct safety **out, const char *path, const struct hash *genesis,
                     const struct vote_key *key);
/* Whose record a file is, for tools; looks at no more than that, and locks nothing. ERR_NOT_FOUND,
 * ERR_SAFETY_DAMAGED, ERR_IO. */
int safety_peek_file(struct vote_key *out, const char *path);
/* The key of one copy of SAFETY_COPY_BYTES. ERR_CORRUPT, ERR_SAFETY_FORM. */
int safety_copy_key(struct vote_key *out, const uint8_t *bytes);
/* The same on any disk; takes over `disk`, also on error. */
int safety_create(const struct safety_disk *disk, const struct hash *genesis,
                  const struct vote_key *key, bool alone);
int safety_open(struct safety **out, const struct safety_disk *disk, const struct hash *genesis,
                const struct vote_key *key);
void safety_close(struct safety **safety);

/* The newest durable record; valid until the next save. */
const struct safety_record *safety_loaded(const struct safety *safety);
/* Copies that did not verify when opened (0…3): a reason to look at the disk. */
unsigned safety_damaged_copies(const struct safety *safety);
/* Writes and syncs. After any error every further call gives ERR_IO. */
int safety_save(struct safety *safety, const struct safety_record *record);

#endif
