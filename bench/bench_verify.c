/* See bench_verify.h. */
#include "bench_verify.h"

#include "base/civil.h"
#include "base/memory.h"

#include <pthread.h>

#define PASSES 12

struct core {
    pthread_t thread;
    const struct bench_signature *items;
    size_t count;
    double best; /* verifications per second */
};

static void *verify_passes(void *argument)
{
    struct core *core = argument;
    for (int pass = 0; pass < PASSES; pass++) {
        int64_t start_us = clock_monotonic_us();
        for (size_t i = 0; i < core->count; i++) {
            const struct bench_signature *item = &core->items[i];
            if (!es256k_verify(&item->key, &item->digest, &item->signature)) {
                core->best = 0;
                return NULL;
            }
        }
        double rate = (double)core->count * 1e6 / (double)(clock_monotonic_us() - start_us);
        core->best = rate > core->best ? rate : core->best;
    }
    return NULL;
}

double bench_verify_rate(const struct bench_signature *items, size_t count, size_t cores)
{
    struct core *core = memory_alloc(cores * sizeof *core);
    size_t started = 0;
    double sum = 0;
    bool good = true;
    for (; started < cores; started++) {
        core[started].items = items;
        core[started].count = count;
        if (pthread_create(&core[started].thread, NULL, verify_passes, &core[started]) != 0)
            break;
    }
    good = started == cores;
    for (size_t i = 0; i < started; i++) {
        pthread_join(core[i].thread, NULL);
        good = good && core[i].best > 0;
        sum += core[i].best;
    }
    memory_free(core);
    return good ? sum / (double)cores : 0;
}
