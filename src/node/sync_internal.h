/* What the files of block sync share. Only sync*.c include this.
 *
 *   sync.c          which heights to believe, when to fetch; life
 *   sync_fetch.c    asking peers, and what they answer
 *   sync_apply.c    decoding, checking and applying what came */
#ifndef DIRCHAIN_NODE_SYNC_INTERNAL_H
#define DIRCHAIN_NODE_SYNC_INTERNAL_H

#include "node/sync.h"
#include "node/tellers.h"

#define NOBODY UINT32_MAX
#define LATE_MAX 4

enum place_state { PLACE_EMPTY, PLACE_ASKED, PLACE_RECEIVED, PLACE_DECODING, PLACE_READY };

/* Whoever gives it first, the others are waited for until it is applied: it may be a lie. */
struct place {
    enum place_state state;
    uint64_t height; /* which one it stands for, while EMPTY the one it stood for last */
    uint64_t first;  /* of the range that was asked for with it */
    uint32_t peer;   /* is waited for; or NOBODY: it has given it, or gone */
    uint32_t second; /* is asked for it, too, since the first is slow; or NOBODY */
    struct {
        uint32_t peer;
        int64_t since_ms; /* or since it gave anything late */
    } late[LATE_MAX];     /* the last ones that were asked and are waited for no more */
    size_t late_count;    /* how many there were; the latest take the places of the oldest */
    uint32_t giver;       /* RECEIVED and after it */
    size_t size;          /* the same: of its bytes */
    int64_t asked_ms;
    int64_t awaited_ms; /* since then, or since the block before it in the range came */
    struct buf bytes;   /* RECEIVED */
    struct certificate certificate;
    struct block *block; /* READY */
};

/* Validators whose certified block for the next height did not hold here. */
struct disowned {
    uint64_t height;
    size_t count;
    uint32_t peer[FAULTY_MAX + 1];
};

struct sync {
    const struct node_parts *parts;
    struct sync_handler handler;
    uv_timer_t timer;
    struct place place[SYNC_WINDOW];
    size_t decoding;
    size_t bytes;
    struct disowned disowned;
    bool fetching, moving, checking, patient, held, closing;
    uint64_t told;           /* the highest that any peer tells: reason enough to ask it, no more */
    uint64_t target;         /* the highest to be believed */
    uint64_t likely;         /* the same, or the highest told while too few tell anything */
    uint64_t turn;           /* of the peers that are asked */
    int64_t applied_ms;      /* last time a block was applied */
    int64_t looked_ms;       /* last time what does not come was looked for */
    int64_t behind_since_ms; /* 0: not behind */
};

/* ---- sync.c ---- */

uint64_t sync_tip(const struct sync *sync);
struct place *sync_place(struct sync *sync, uint64_t height);
/* What came is dropped; whoever is waited for still is, or it is open for others. */
void sync_place_reopen(struct sync *sync, struct place *place);
/* The same, and nobody is known any more to have been asked for it. */
void sync_place_clear(struct sync *sync, struct place *place);
/* Looks at where the others are: starts, goes on, or is done. */
void sync_review(struct sync *sync);
/* Consensus rests from each block applied until they stop coming. */
void sync_rest_consensus(struct sync *sync);
/* Whatever can be done now: check and apply, ask, decode. */
void sync_pump(struct sync *sync);

/* ---- sync_fetch.c ---- */

bool sync_is_disowned(const struct sync *sync, uint64_t height, uint32_t peer);
void sync_ask_missing(struct sync *sync);
void sync_drop_late(struct sync *sync, int64_t now_ms);
/* What came is dropped; who was asked may still give it. */
void sync_wait_for_nobody(struct sync *sync);
/* The peer, if it is still known, has no block of that height, or gave one that does not hold: it
 * is blamed, and is not asked for it before it tells again. */
void sync_refute(struct sync *sync, uint32_t id, uint64_t height, unsigned points, const char *why);
/* The block holds. Who was waited for beside its giver was slower. */
void sync_note_giver(struct sync *sync, const struct place *place);

/* ---- sync_apply.c ---- */

void sync_decode_some(struct sync *sync);
/* The block after the tip, when it is there: its certificate first, then the work. */
void sync_check_next(struct sync *sync);

#endif
