/* A bell: something has happened that a waiting thread should look at. Counted references, so that
 * a callback that comes late rings one that still exists. */
#ifndef DIRCHAIN_EXCHANGE_BELL_H
#define DIRCHAIN_EXCHANGE_BELL_H

#include <stdint.h>

struct bell;
struct bell *bell_new(void);
struct bell *bell_ref(struct bell *bell);
void bell_free(struct bell **bell); /* drops one reference, leaves NULL */

void bell_ring(struct bell *bell); /* any thread; remembered until somebody waits */
/* Returns when it is rung, or at the latest after so long. */
void bell_wait(struct bell *bell, int64_t at_most_ms);

#endif
