/* Judge of restores: a node asks for no blocks while it waits for a snapshot, and asks for them
 * again as soon as that has come to nothing. */
#include "sim.h"

#include "node/restorer.h"
#include "node/sync_internal.h"

void judge_restore(struct sim_host *host)
{
    struct counters *counters = host->world->counters;
    bool waits = restorer_active(host->node->restorer);
    if (host->node->sync->held != waits)
        sim_fail(host->world, "n%zu %s", host->index,
                 waits ? "asks for blocks while it waits for a snapshot"
                       : "asks for no blocks, and waits for no snapshot");
    counters->restores_held += waits && !host->waits;
    counters->restores_given_up += !waits && host->waits;
    host->waits = waits;
}
