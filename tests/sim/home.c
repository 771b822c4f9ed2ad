/* The disk of a node: its home with files, ledger and safety records, and an operator's copy of it.
 * What is here stands in for files, ledger_place.c, safety_file.c and home.c. */
#include "sim.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "chain/store.h"
#include "base/file.h"
#include "base/memory.h"
#include "node/ledger_place.h"
#include "node/resume.h"

#include <errno.h>
#include <string.h>

/* ---- small files: written whole, and durable at once ---- */

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static struct sim_file *find_file(struct sim_host *host, const char *path)
{
    for (size_t i = 0; i < SIM_FILES; i++) {
        if (strcmp(host->file[i].name, name_in(path)) == 0)
            return &host->file[i];
    }
    return NULL;
}

static void remove_file(struct sim_file *file)
{
    buf_free(&file->bytes);
    *file = (struct sim_file){.name = ""};
}

void home_put_file(struct sim_host *host, const char *name, struct view bytes)
{
    struct sim_file *file = find_file(host, name);
    for (size_t i = 0; file == NULL && i < SIM_FILES; i++)
        file = host->file[i].name[0] == '\0' ? &host->file[i] : NULL;
    ENSURE(file != NULL && strlen(name) < sizeof file->name);
    (void)snprintf(file->name, sizeof file->name, "%s", name);
    buf_clear(&file->bytes);
    buf_append_view(&file->bytes, bytes);
}

bool home_has_file(struct sim_host *host, const char *name)
{
    return find_file(host, name) != NULL;
}

int __wrap_file_read(struct buf *out, const char *path, size_t bytes_max);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_file_sync_directory(const char *path);

int __wrap_file_read(struct buf *out, const char *path, size_t bytes_max)
{
    const struct sim_file *file = find_file(sim_here, path);
    if (file == NULL)
        return ERR_NOT_FOUND;
    ENSURE(file->bytes.len <= bytes_max);
    buf_append_view(out, view_of_buf(&file->bytes));
    return 0;
}

int __wrap_rename(const char *from, const char *to)
{
    struct sim_file *file = find_file(sim_here, from), *old = find_file(sim_here, to);
    errno = file == NULL ? ENOENT : EIO;
    if (file == NULL || sim_here->dead)
        return -1;
    if (old != NULL)
        remove_file(old);
    (void)snprintf(file->name, sizeof file->name, "%s", name_in(to));
    return 0;
}

int __wrap_unlink(const char *path)
{
    struct sim_file *file = find_file(sim_here, path);
    if (file != NULL && !sim_here->dead)
        remove_file(file);
    return 0;
}

int __wrap_file_sync_directory(const char *path)
{
    (void)path;
    return 0;
}

/* ---- ledgers ---- */

void __real_kv_close(struct kv **kv);

static uint64_t height_in(struct kv *kv)
{
    struct store_view view;
    if (kv == NULL || store_view_open(&view, kv) != 0)
        return 0;
    uint64_t height = view.height;
    store_view_close(&view);
    return height;
}

/* Directories of ledgers (in place of node/ledger_place.c). What was restored is durable: its store
 * was written with a sync at the end. */
int ledger_place_settle(const char *data_directory)
{
    struct sim_host *host = sim_here;
    (void)data_directory;
    __real_kv_close(&host->restoring);
    if (host->restored != NULL && height_in(host->restored) <= height_in(host->kv)) {
        __real_kv_close(&host->restored);
    } else if (host->restored != NULL) {
        __real_kv_close(&host->kv);
        host->kv = host->restored;
        host->restored = NULL;
        host->ledger_rotten = false;
        host->world->counters->restored++;
    }
    return 0;
}

int ledger_place_begin(struct kv **out, const char *data_directory)
{
    (void)data_directory;
    __real_kv_close(&sim_here->restoring);
    *out = sim_here->restoring = kv_open_memory();
    return 0;
}

int ledger_place_finish(const char *data_directory)
{
    (void)data_directory;
    if (sim_here->dead)
        return ERR_IO;
    if (height_in(sim_here->restoring) <= host_height(sim_here))
        sim_fail(sim_here->world, "n%zu restores what it has passed", sim_here->index);
    if (sim_here->restored != NULL)
        __real_kv_close(&sim_here->restored);
    sim_here->restored = sim_here->restoring;
    sim_here->restoring = NULL;
    return 0;
}

int ledger_place_discard(const char *data_directory)
{
    (void)data_directory;
    if (sim_here->restoring != NULL)
        __real_kv_close(&sim_here->restoring);
    return 0;
}

/* ---- safety records ---- */

static struct sim_disk *find_record(struct sim_host *host, const char *path)
{
    for (size_t i = 0; i < SIM_RECORDS; i++) {
        if (host->record[i].made && strcmp(host->record[i].name, name_in(path)) == 0)
            return &host->record[i];
    }
    return NULL;
}

int safety_create_file(const char *path, const struct hash *genesis, const struct vote_key *key,
                       bool alone)
{
    struct sim_disk *disk = NULL;
    if (find_record(sim_here, path) != NULL)
        return ERR_EXISTS;
    for (size_t i = 0; disk == NULL && i < SIM_RECORDS; i++)
        disk = sim_here->record[i].made ? NULL : &sim_here->record[i];
    ENSURE(disk != NULL && strlen(name_in(path)) < sizeof disk->name);
    struct safety_disk as = disk_open(disk);
    bool later = sim_here->life > 0; /* for the first one somebody said dirchaind --init */
    int error = safety_create(&as, genesis, key, alone && later);
    disk->made = error == 0;
    (void)snprintf(disk->name, sizeof disk->name, "%s", name_in(path));
    return error;
}

int safety_open_file(struct safety **out, const char *path, const struct hash *genesis,
                     const struct vote_key *key)
{
    struct sim_disk *disk = find_record(sim_here, path);
    if (disk == NULL)
        return ERR_NOT_FOUND;
    struct safety_disk as = disk_open(disk);
    if (sim_here->conduct == CONDUCT_EQUIVOCATING && sim_here->life > 0) {
        sim_here->world->counters->amnesia++;
        int error = safety_create(&as, genesis, key, false);
        if (error != 0)
            return error;
    }
    return safety_open(out, &as, genesis, key);
}

/* ---- keys ---- */

int __wrap_home_open(struct home *out, struct faults *faults, const struct config *config);

static void fill_key(struct keyfile *key, enum keyfile_kind kind, const uint8_t secret[32],
                     const uint8_t public[32])
{
    *key = (struct keyfile){.kind = kind, .public_len = 32, .secret = memory_alloc(32)};
    memcpy(key->secret, secret, 32);
    memcpy(key->public_bytes, public, 32);
}

static void fill_vote_key(struct keyfile *key, const struct sim_identity *identity, bool next)
{
    fill_key(key, KEYFILE_VOTE, identity->secret[next ? SIM_KEY_NEXT : SIM_KEY_VOTE].bytes,
             next ? identity->vote_next.bytes : identity->vote.bytes);
}

int __wrap_home_open(struct home *out, struct faults *faults, const struct config *config)
{
    const struct founding *founding = sim_here->world->founding;
    const struct sim_identity *identity = sim_here->identity;
    (void)faults;
    (void)config;
    *out = (struct home){.lock = -1,
                         .genesis = doc_ref(founding->genesis),
                         .genesis_hash = founding->genesis_hash,
                         .test = true,
                         .validator = sim_here->voter};
    fill_key(&out->peer, KEYFILE_PEER, identity->peer_seed, identity->peer.bytes);
    if (out->validator)
        fill_vote_key(&out->vote, identity, sim_here->keys == SIM_HAS_NEXT);
    if (sim_here->keys == SIM_HAS_BOTH)
        fill_vote_key(&out->vote_next, identity, true);
    return 0;
}

/* ---- the operator's copy: taken and put back while the node is down ---- */

struct sim_copy {
    struct kv *kv;
    struct sim_disk record[SIM_RECORDS];
    bool rotten; /* the ledger */
    uint64_t height;
    size_t releases; /* of the judge, when it was taken */
};

void home_copy(struct sim_host *host)
{
    ENSURE(!host->up);
    if (host->copy == NULL)
        host->copy = memory_alloc(sizeof *host->copy);
    kv_close(&host->copy->kv);
    host->copy->kv = kv_memory_copy(host->kv);
    memcpy(host->copy->record, host->record, sizeof host->record);
    host->copy->rotten = host->ledger_rotten;
    host->copy->height = host->height;
    host->copy->releases = judge_release_count(host->world);
    host->world->counters->copies++;
    sim_trace(host->world, "n%zu its home is copied at height %llu", host->index,
              (unsigned long long)host->height);
}

void home_put_back(struct sim_host *host)
{
    ENSURE(!host->up && host->copy != NULL);
    kv_close(&host->kv);
    kv_close(&host->restoring);
    kv_close(&host->restored);
    host->kv = kv_memory_copy(host->copy->kv);
    memcpy(host->record, host->copy->record, sizeof host->record);
    for (size_t i = 0; i < SIM_RECORDS; i++) /* what a kill left in its cache is on this disk */
        disk_settle(&host->record[i]);
    for (size_t i = 0; i < SIM_FILES; i++)
        remove_file(&host->file[i]);
    host->ledger_rotten = host->copy->rotten;
    host->height = host->copy->height;
    judge_forget(host, host->copy->releases);
    host->world->counters->put_back++;
    sim_trace(host->world, "n%zu its home is put back to height %llu", host->index,
              (unsigned long long)host->height);
}

void home_forget(struct sim_host *host)
{
    if (host->copy != NULL)
        judge_forget(host, host->copy->releases);
}

void home_free(struct sim_host *host)
{
    for (size_t i = 0; i < SIM_FILES; i++)
        remove_file(&host->file[i]);
    if (host->copy != NULL)
        kv_close(&host->copy->kv);
    memory_free(host->copy);
}
