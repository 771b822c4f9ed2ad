/* What wire.c and wire_bodies.c read with. Only they include this. */
#ifndef DIRCHAIN_NODE_WIRE_INTERNAL_H
#define DIRCHAIN_NODE_WIRE_INTERNAL_H

#include "node/wire.h"

/* ERR_ENCODING where something is left over or was missing. */
int wire_done(const struct reader *reader);
void wire_read_hash(struct hash *out, struct reader *reader);

#endif
