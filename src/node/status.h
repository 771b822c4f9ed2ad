/* What a node tells about itself (backend.status, /metrics). Made on the loop's thread. */
#ifndef DIRCHAIN_NODE_STATUS_H
#define DIRCHAIN_NODE_STATUS_H

#include "node/engine.h"
#include "node/restorer.h"
#include "node/resume.h"
#include "node/sync.h"

/* {"member","height","peers":[…],"mempool":{…},"consensus":{…},"sync":{…},"verifier":{…},
 *  "traffic":{…},"counters":{…}}; caller owns. */
struct doc *status_doc(const struct node_parts *parts, const struct engine *engine,
                       const struct sync *sync, const struct restorer *restorer,
                       const struct wire_offer *offer, const struct resume *resume);

#endif
