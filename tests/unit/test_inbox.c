/* The inbox: everything posted by several threads is run once, in each thread's order. */
#include "check.h"

#include "base/errors.h"
#include "base/memory.h"
#include "node/inbox.h"

#include <pthread.h>

#define THREADS 4
#define POSTS 20000

struct poster {
    struct inbox *inbox;
    unsigned ran, refused;
    bool out_of_order;
};

struct post {
    struct poster *poster;
    unsigned number;
};

static void run_post(void *argument)
{
    struct post *post = argument;
    struct poster *poster = post->poster;
    poster->out_of_order = poster->out_of_order || post->number < poster->ran;
    poster->ran++;
    memory_free(post);
}

static void *post_all(void *argument)
{
    struct poster *poster = argument;
    for (unsigned i = 0; i < POSTS; i++) {
        struct post *post = memory_alloc(sizeof *post);
        *post = (struct post){poster, i};
        if (inbox_post(poster->inbox, run_post, post) != 0) {
            memory_free(post);
            poster->refused++;
        }
    }
    return NULL;
}

static void on_timer(uv_timer_t *timer)
{
    struct poster *posters = timer->data;
    unsigned seen = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        seen += posters[i].ran;
    }
    if (seen > 0) { /* some came while the loop ran: close in the middle of it */
        inbox_close(posters[0].inbox);
        uv_close((uv_handle_t *)timer, NULL);
    }
}

static void test_threads_post(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct inbox *inbox = NULL;
    struct poster posters[THREADS] = {0};
    pthread_t threads[THREADS];
    uv_timer_t timer = {.data = posters};
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(inbox_open(&inbox, &loop, 1000), 0);
    assert_int_equal(uv_timer_init(&loop, &timer), 0);
    uv_timer_start(&timer, on_timer, 1, 1);
    for (unsigned i = 0; i < THREADS; i++) {
        posters[i].inbox = inbox;
        assert_int_equal(pthread_create(&threads[i], NULL, post_all, &posters[i]), 0);
    }
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(posters[i].ran + posters[i].refused, POSTS);
        assert_false(posters[i].out_of_order);
    }
    inbox_free(&inbox);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static unsigned runs;

static void count_run(void *argument)
{
    (void)argument;
    runs++;
}

static void test_bounds(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct inbox *inbox = NULL;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(inbox_open(&inbox, &loop, 3), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(inbox_post(inbox, count_run, NULL), 0);
    }
    assert_int_equal(inbox_post(inbox, count_run, NULL), ERR_UNAVAILABLE);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(runs, 3);
    assert_int_equal(inbox_post(inbox, count_run, NULL), 0);
    inbox_close(inbox); /* runs what is left */
    assert_int_equal(runs, 4);
    assert_int_equal(inbox_post(inbox, count_run, NULL), ERR_UNAVAILABLE);
    inbox_close(inbox);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(runs, 4);
    inbox_free(&inbox);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_post),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
