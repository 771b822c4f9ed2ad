/* Who waits for the read model to reach the chain's tip: for so long, not with too many others, and
 * to the end of the indexer, which is there for them still when it answers. */
#include "check.h"

#include "api/indexer.h"
#include "base/civil.h"
#include "base/limits.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"

void __wrap_http_continue(struct http_request *request,
                          void (*then)(void *argument, struct http_request *request),
                          void *argument);
void __wrap_http_continue(struct http_request *request,
                          void (*then)(void *argument, struct http_request *request),
                          void *argument)
{
    then(argument, request); /* as a request that is abandoned goes on: there */
}

/* As the API has it: who is answered asks for the indexer there. */
struct place {
    struct api_backend backend;
    struct events *events;
    struct indexer *indexer;
    atomic_uint answered, without; /* an indexer */
};

/* A store of nothing: each step of the indexer is an error, after which it pauses for 5 s. */
static void place_open(struct place *place)
{
    *place = (struct place){.backend = {.kv = kv_open_memory()}};
    memset(place->backend.genesis_hash.bytes, 1, HASH_BYTES);
    place->events = events_open(&place->backend);
    assert_int_equal(
        indexer_open(&place->indexer, scratch_directory, &place->backend, place->events), 0);
}

static void place_close(struct place *place)
{
    events_close(&place->events);
    kv_close(&place->backend.kv);
    assert_int_equal(scratch_remove(NULL) + scratch_make(NULL), 0);
}

static void answer(void *argument, struct http_request *request)
{
    struct place *place = argument;
    assert_null(request);
    place->without += place->indexer == NULL;
    place->answered++;
}

static void wait_for_a_block(struct place *place)
{
    indexer_wait(place->indexer, 1, NULL, answer, place);
}

static void who_waits_at_the_end_is_answered(void **state)
{
    (void)state;
    struct place place;
    place_open(&place);
    wait_for_a_block(&place);
    indexer_close(&place.indexer);
    assert_int_equal(place.answered, 1);
    assert_int_equal(place.without, 0);
    assert_null(place.indexer);
    place_close(&place);
}

static void who_waits_in_vain_is_answered(void **state)
{
    (void)state;
    struct place place;
    place_open(&place);
    int64_t begun_ms = clock_monotonic_ms();
    wait_for_a_block(&place);
    while (place.answered == 0 && clock_monotonic_ms() < begun_ms + 40000)
        usleep(5000);
    assert_int_equal(place.answered, 1);
    assert_in_range(clock_monotonic_ms() - begun_ms, INDEX_WAIT_MS, 4000);
    indexer_close(&place.indexer);
    assert_int_equal(place.answered, 1);
    place_close(&place);
}

static void no_more_wait_than_may(void **state)
{
    (void)state;
    struct place place;
    place_open(&place);
    for (unsigned i = 0; i < INDEX_WAITERS_MAX; i++)
        wait_for_a_block(&place);
    assert_int_equal(place.answered, 0);
    wait_for_a_block(&place);
    assert_int_equal(place.answered, 1);
    indexer_close(&place.indexer);
    assert_int_equal(place.answered, INDEX_WAITERS_MAX + 1);
    place_close(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_at_the_end_is_answered),
        cmocka_unit_test(who_waits_in_vain_is_answered),
        cmocka_unit_test(no_more_wait_than_may),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
