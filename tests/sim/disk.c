/* The disk under a safety record. Writes go to a cache; a sync makes them durable. A power loss
 * keeps, loses or tears what was not synced, sector by sector; a kill loses nothing. After a failed
 * sync the cache shows data that will never reach the disk, as real kernels do. */
#include "sim.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

#define SECTOR_BYTES 512

static int disk_read(void *context, void *out, size_t len, uint64_t offset)
{
    struct sim_disk *disk = context;
    ENSURE(offset + len <= SAFETY_FILE_BYTES);
    uint8_t view[SAFETY_FILE_BYTES];
    memcpy(view, disk->durable, sizeof view);
    for (size_t i = 0; i < disk->write_count; i++)
        memcpy(view + disk->write[i].offset, disk->write[i].data, disk->write[i].len);
    memcpy(out, view + offset, len);
    return OK;
}

static int disk_write_at(void *context, struct view data, uint64_t offset)
{
    struct sim_disk *disk = context;
    struct world *world = disk->host->world;
    if (disk->host->dead)
        return ERR_IO;
    if (sim_rarely(world, 40 * world->storm.disk_one_in)) {
        world->counters->write_errors++;
        disk->host->expected_error = ERR_DISK_FULL;
        return ERR_DISK_FULL;
    }
    ENSURE(offset + data.len <= SAFETY_FILE_BYTES && data.len <= SAFETY_COPY_BYTES);
    for (size_t i = 0; i < disk->write_count; i++) { /* a new write covers what was cached there */
        if (disk->write[i].offset == offset)
            memmove(&disk->write[i], &disk->write[i + 1],
                    (--disk->write_count - i) * sizeof disk->write[0]);
    }
    ENSURE(disk->write_count < DISK_WRITES_MAX);
    struct disk_write *write = &disk->write[disk->write_count++];
    write->offset = offset;
    write->len = data.len;
    write->phantom = false;
    memcpy(write->data, data.data, data.len);
    return OK;
}

static int disk_sync(void *context)
{
    struct sim_disk *disk = context;
    struct world *world = disk->host->world;
    if (!disk->host->dead && sim_rarely(world, world->storm.crash_one_in)) {
        world->counters->crash_in_persist++;
        host_kill(disk->host, sim_chance(world, 60)); /* gone before the sync ends */
    }
    if (disk->host->dead)
        return ERR_IO;
    bool broken = sim_rarely(world, 20 * world->storm.disk_one_in);
    disk->rotten &= disk->write_count == 0 || broken;
    size_t kept = 0;
    for (size_t i = 0; i < disk->write_count; i++) {
        struct disk_write *write = &disk->write[i];
        if (broken || write->phantom) {
            write->phantom = true;
            if (kept != i)
                disk->write[kept] = *write;
            kept++;
            continue;
        }
        memcpy(disk->durable + write->offset, write->data, write->len);
    }
    disk->write_count = kept;
    if (broken) {
        world->counters->sync_errors++;
        disk->host->expected_error = ERR_IO;
        return ERR_IO;
    }
    return OK;
}

struct safety_disk disk_open(struct sim_disk *disk)
{
    return (struct safety_disk){
        .context = disk, .read = disk_read, .write = disk_write_at, .sync = disk_sync};
}

enum fate { FATE_LOST, FATE_KEPT, FATE_TORN, FATES };

static void lose_or_tear(struct sim_disk *disk, const struct disk_write *write, enum fate fate)
{
    struct world *world = disk->host->world;
    switch (fate) {
    case FATE_LOST:
        world->counters->writes_lost++;
        return;
    case FATE_KEPT: /* it got there, though nobody was told */
        memcpy(disk->durable + write->offset, write->data, write->len);
        return;
    case FATE_TORN: /* some sectors did, in any order */
    case FATES:
        world->counters->writes_torn++;
        for (size_t at = 0; at < write->len; at += SECTOR_BYTES) {
            size_t len = write->len - at < SECTOR_BYTES ? write->len - at : SECTOR_BYTES;
            if (sim_chance(world, 50))
                memcpy(disk->durable + write->offset + at, write->data + at, len);
        }
    }
}

void disk_crash(struct sim_disk *disk, bool power)
{
    if (!power)
        return;
    struct world *world = disk->host->world;
    bool same_fate = sim_chance(world, 50);
    enum fate fate = (enum fate)sim_below(world, FATES);
    for (size_t i = 0; i < disk->write_count; i++) {
        if (!same_fate)
            fate = (enum fate)sim_below(world, FATES);
        if (!disk->write[i].phantom)
            lose_or_tear(disk, &disk->write[i], fate);
    }
    disk->write_count = 0;
}

void disk_settle(struct sim_disk *disk)
{
    for (size_t i = 0; i < disk->write_count; i++) {
        const struct disk_write *write = &disk->write[i];
        if (!write->phantom)
            memcpy(disk->durable + write->offset, write->data, write->len);
    }
    disk->write_count = 0;
}

/* One bit of one copy; the other copy of its slot is what saves us. */
void disk_rot(struct sim_disk *disk)
{
    struct world *world = disk->host->world;
    if (!disk->made || disk->rotten)
        return; /* two at once may be too many: then the node rightly refuses to start */
    disk->rotten = true;
    uint64_t copy = sim_below(world, SAFETY_COPIES);
    uint64_t at = copy * SAFETY_COPY_BYTES + sim_below(world, 1000);
    disk->durable[at] ^= (uint8_t)(1U << sim_below(world, 8));
    world->counters->bit_rot++;
}
