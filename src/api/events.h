/* What happens, as it happens: the events of committed blocks for those who listen (server-sent
 * events). A listener is a height and a place; nothing is queued for it. What it has not read yet
 * is made from the last blocks kept here, or from the store, when it reads. */
#ifndef DIRCHAIN_API_EVENTS_H
#define DIRCHAIN_API_EVENTS_H

#include "api/api.h"
#include "api/http.h"

struct events;

struct events *events_open(const struct api_backend *backend); /* borrowed */
void events_close(struct events **events);                     /* after the server has stopped */
/* On the node's thread: keeps a reference to the block, wakes the listeners. */
void events_committed(struct events *events, const struct app_commit *commit);
/* Answers with a stream of everything after a height (-1: from now on), or of one kind of event
 * only (static text, or NULL). ERR_UNAVAILABLE: too many listen; not answered then. */
int events_listen(struct events *events, struct http_request *request, int64_t after,
                  const char *only);
/* References to a block and its acts, if it is among the last. */
bool events_kept(struct events *events, uint64_t height, struct block **block, struct doc **acts);
uint64_t events_height(struct events *events); /* of the newest block */
unsigned events_listeners(struct events *events);

#endif
