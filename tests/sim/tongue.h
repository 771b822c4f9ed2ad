/* What a node's frames become on their way out to one peer: nothing, unless it is a liar. */
#ifndef DIRCHAIN_TESTS_SIM_TONGUE_H
#define DIRCHAIN_TESTS_SIM_TONGUE_H

#include "base/bytes.h"

/* Appends what sim_here says in place of these frames. */
void tongue_say(struct buf *out, struct view frames);

#endif
