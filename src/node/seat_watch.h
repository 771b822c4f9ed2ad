/* What the operator has to know of seats and double votes, told in the log when it happens: this
 * node votes, with which key; it does no more, and why; a validator was shown to have voted twice,
 * and what follows. Loop's thread only. */
#ifndef DIRCHAIN_NODE_SEAT_WATCH_H
#define DIRCHAIN_NODE_SEAT_WATCH_H

#include "node/engine.h"

enum seat_state {
    SEAT_NONE = 0,  /* an observer by choice: no vote key here, no seat */
    SEAT_VOTES,     /* the set names a key that is here */
    SEAT_UNSEATED,  /* a vote key is here, and the member has no seat */
    SEAT_REMOVED,   /* the same, its seat having been taken for a double vote */
    SEAT_OTHER_KEY, /* the seat's key is not here */
};

struct seat_watch {
    enum seat_state state;
    struct vote_key key; /* of the seat; all zero without one */
    uint64_t changes_at; /* height from which the seat's key is another; 0: no such change */
};

/* Whether the node has the vote key that the ledger names for its member, and could vote with a
 * seat. */
bool seat_holds_key(const struct node_parts *parts, const struct engine *engine);
/* At the start: how it stands. */
void seat_watch_start(struct seat_watch *watch, const struct node_parts *parts,
                      const struct engine *engine);
/* After each commit. */
void seat_watch_committed(struct seat_watch *watch, const struct node_parts *parts,
                          const struct engine *engine, const struct app_commit *commit);

#endif
