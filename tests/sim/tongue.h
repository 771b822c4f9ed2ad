/* What a node's frames become on their way out to one peer: nothing, unless it is a liar. */
#ifndef DIRCHAIN_TESTS_SIM_TONGUE_H
#define DIRCHAIN_TESTS_SIM_TONGUE_H

#include "node/peer_tls.h"

/* Appends what sim_here says to `peer` in place of these whole frames. */
void tongue_say(struct buf *out, const struct peer_key *peer, struct view frames);

#endif
