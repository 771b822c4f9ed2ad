/* A limit of bytes a second: what time brings is saved up to `burst`. Whatever is larger than that
 * leaves when all of it is there, and what is missing then is a debt that time pays first: anything
 * leaves some time, and never more than the rate in the long run. The caller locks. */
#ifndef DIRCHAIN_EXCHANGE_RATE_H
#define DIRCHAIN_EXCHANGE_RATE_H

#include <stdint.h>

struct rate {
    uint64_t bytes_per_s; /* 0: no limit */
    uint64_t burst;       /* at least what a second brings */
    int64_t saved;        /* bytes; below 0 a debt */
    int64_t filled_us;    /* monotonic: up to when time was counted */
};

/* Both at most INT64_MAX; full to begin with. */
void rate_open(struct rate *rate, uint64_t bytes_per_s, uint64_t burst, int64_t now_us);
/* What has to come yet before so many bytes may leave; 0: they may. */
uint64_t rate_missing(struct rate *rate, uint64_t bytes, int64_t now_us);
/* They leave; nothing was missing. */
void rate_take(struct rate *rate, uint64_t bytes);
/* How long so many bytes take, rounded up. */
int64_t rate_wait_ms(const struct rate *rate, uint64_t bytes);

#endif
