/* The state as rules see it: documents by key, on an overlay over a committed version.
 *
 *   committed values (store or memory)  ←  block overlay  ←  transaction overlay
 *
 * A transaction's changes are kept or discarded as a whole. Reads and writes of a transaction are
 * counted against its declared bounds. Keys are text such as "member/<id>"; the key space is
 * documented in docs/spec/state.md. Deterministic: iteration is in byte order of the key. */
#ifndef DIRCHAIN_CHAIN_STATE_H
#define DIRCHAIN_CHAIN_STATE_H

#include "base/doc.h"

#include <stdbool.h>

/* Where committed values come from. `get` returns an owned reference or NULL when absent; `next`
 * gives the first present key > after (or ≥ from prefix when after is NULL) with the prefix, into
 * key[STATE_KEY_BYTES_MAX + 1]. Environment failures: non-zero error. `may_have` (or NULL) knows
 * without reading that a key is absent; what it says yes to may be absent, too. */
struct state_source {
    int (*get)(void *context, struct doc **out, const char *key);
    int (*next)(void *context, char *key, const char *prefix, const char *after);
    void *context;
    bool (*may_have)(void *context, const char *key);
};
/* next returns 0 with key[0] == 0 at the end. */

struct state;
struct state *state_open(const struct state_source *source); /* copies the struct */
void state_close(struct state **state);

/* Borrowed until the key is changed or the state closed; NULL when absent. */
const struct doc *state_get(struct state *state, const char *key);
const struct doc *state_getf(struct state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The value is taken over. */
void state_put(struct state *state, const char *key, struct doc *value);
void state_putf(struct state *state, struct doc *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void state_delete(struct state *state, const char *key);
/* Next present key after `after` (NULL: from the start) with the prefix, copied to `key`; false
 * at the end. Sees the overlays. */
bool state_next(struct state *state, char *key, const char *prefix, const char *after);

/* An environment error met by a read makes all later results void: execution must stop. */
int state_error(const struct state *state);

void state_begin(struct state *state); /* a transaction or act; not nested */
void state_keep(struct state *state);
void state_discard(struct state *state);
/* Since state_begin: distinct keys read (a step of state_next counts as one), distinct keys
 * written. */
unsigned state_reads(const struct state *state);
unsigned state_writes(const struct state *state);
/* Whether the canonical form of every value written since state_begin has at most
 * STATE_VALUE_TX_BYTES_MAX bytes, or fewer than it had before. */
bool state_writes_fit(const struct state *state);
/* The bytes that the canonical form of the value under a key has beyond `room`; 0 where it has no
 * more, or there is none. Costs next to nothing where the value is small. */
size_t state_value_beyond(struct state *state, const char *key, size_t room);

/* Visits the block overlay in the order of first writing: value NULL is a deletion. Values equal
 * to the committed ones are left out; so are deletions of what is not there, unless the source has
 * may_have, and says yes: what goes is not read for that. */
void state_each_change(struct state *state,
                       void (*visit)(void *context, const char *key, const struct doc *value),
                       void *context);

#endif
