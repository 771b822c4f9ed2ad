/* Bytes a second. No product here overflows, whatever rate is configured. */
#include "exchange/rate.h"

#define US_PER_S 1000000

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void rate_open(struct rate *rate, uint64_t bytes_per_s, uint64_t burst, int64_t now_us)
{
    *rate = (struct rate){.bytes_per_s = bytes_per_s,
                          .burst = burst > bytes_per_s ? burst : bytes_per_s,
                          .filled_us = now_us};
    rate->saved = (int64_t)rate->burst;
}

static void fill(struct rate *rate, int64_t now_us)
{
    uint64_t room = rate->burst - (uint64_t)rate->saved; /* right also when it is a debt */
    uint64_t passed_us = (uint64_t)(now_us - rate->filled_us);
    uint64_t whole_s = passed_us / US_PER_S, rest_us = passed_us % US_PER_S;
    uint64_t fresh = room;
    if (whole_s <= room / rate->bytes_per_s) {
        fresh = rate->bytes_per_s * whole_s + rate->bytes_per_s / US_PER_S * rest_us +
                rate->bytes_per_s % US_PER_S * rest_us / US_PER_S;
        fresh = smaller(fresh, room);
    }
    if (fresh > 0 || room == 0) {
        rate->saved += (int64_t)fresh;
        rate->filled_us = now_us;
    }
}

uint64_t rate_missing(struct rate *rate, uint64_t bytes, int64_t now_us)
{
    if (rate->bytes_per_s == 0) {
        return 0;
    }
    fill(rate, now_us);
    int64_t least = (int64_t)smaller(bytes, rate->burst);
    return rate->saved >= least ? 0 : (uint64_t)(least - rate->saved);
}

void rate_take(struct rate *rate, uint64_t bytes)
{
    rate->saved -= rate->bytes_per_s == 0 ? 0 : (int64_t)bytes;
}

int64_t rate_wait_ms(const struct rate *rate, uint64_t bytes)
{
    return rate->bytes_per_s == 0 ? 0 : (int64_t)(bytes * 1000 / rate->bytes_per_s) + 1;
}
