/* When a peer is dialled again: the plan of one peer, without clock or socket.
 *
 * A network that is whole again must not wait for us: whoever cannot be reached is tried about once
 * a second for as long as it takes. Tries are counted from when they began, so that one that nobody
 * answered is followed by the next at once. Who turned us away after the handshake would do so
 * again: it is left alone for longer and longer. */
#ifndef DIRCHAIN_NODE_REDIAL_H
#define DIRCHAIN_NODE_REDIAL_H

#include <stdbool.h>
#include <stdint.h>

#define REDIAL_FIRST_MS 250
#define REDIAL_MAX_MS 1000         /* between tries of who cannot be reached, ±50% */
#define REDIAL_SPURNED_MAX_MS 8000 /* of who turns us away */
#define REDIAL_STEADY_MS 10000     /* up that long: the next loss begins anew */

struct redial {
    int64_t next_ms; /* not before */
    int64_t wait_ms; /* 0: nothing has failed yet */
};

/* A link was up since then, and is lost. */
void redial_lost(struct redial *redial, int64_t now_ms, int64_t up_since_ms, uint64_t random);
/* A try that began then came to nothing. `spurned`: after the handshake, by the other side. */
void redial_failed(struct redial *redial, int64_t began_ms, bool spurned, uint64_t random);

#endif
