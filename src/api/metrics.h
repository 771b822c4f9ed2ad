/* Prometheus text: the node's own numbers as backend.status tells them, and the API's. */
#ifndef DIRCHAIN_API_METRICS_H
#define DIRCHAIN_API_METRICS_H

#include "base/doc.h"

#include <stdint.h>

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* One number, with its help line. `labels` such as class="2xx", or NULL; help lines appear with the
 * first of several in a row (help NULL afterwards). */
void metrics_put(struct buf *out, const char *type, const char *name, const char *help,
                 const char *labels, int64_t value);
/* Every number of a status document: dirchain_<section>_<name>; peers by member. */
void metrics_put_status(struct buf *out, const struct doc *status);

#endif
