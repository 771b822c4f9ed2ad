/* Turns and shares where real gateways meet: a rate limit with chunks of another size than today's,
 * many callers at once, and what of a provider's answers its turns are judged by. */
#include "exchange_net.h"

#include "base/limits.h"
#include "exchange/transfer_step.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#define CHUNK_BEFORE 262144
#define CHUNK_AFTER 65536
#define RATE 200000 /* less than a chunk of before */

/* Asks until the answer is there; NET_WAIT would ask once more. */
static void ask_until_here(const char *open, const char *what, const char *header)
{
    int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (net_ask(NULL, gamma_agency.seed, open, what, header)[0] != 0) {
        assert_true(clock_monotonic_ms() < until_ms);
        usleep(5000);
    }
}

/* What was prepared before a restart keeps its large chunks: they leave at the rate all the same,
 * and another consumer's leave in between. */
static void chunks_of_before_a_restart(void **state)
{
    (void)state;
    static const struct agency_plan before = {.chunk_bytes = CHUNK_BEFORE,
                                              .rate_bytes_per_s = 4 * RATE};
    static const struct agency_plan after = {.chunk_bytes = CHUNK_AFTER, .rate_bytes_per_s = RATE};
    char grant[65], others[65], id[65], by_hand[65], what[32];
    AUTO(buf_free) struct buf header = {0};
    net_start("chunks", &before);
    net_grant(grant, "TREES", NULL, "");
    net_grant_to(others, GAMMA, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, CHUNK_BEFORE);
    agency_stop(&alpha);
    agency_start(&alpha, &after);
    int64_t moved = net_field(id, "bytes_done"), begun_ms = clock_monotonic_ms(), of_other = 0;
    net_open_by_hand(by_hand, &header, GAMMA, others);
    ask_until_here(by_hand, "manifest", buf_text(&header));
    for (int i = 0; i < 4; i++) {
        snprintf(what, sizeof what, "chunks/%d", i);
        ask_until_here(by_hand, what, NULL);
        of_other += CHUNK_AFTER;
    }
    net_until_moved(id, moved + 2 * CHUNK_BEFORE);
    moved = net_field(id, "bytes_done") - moved;
    int64_t took_ms = clock_monotonic_ms() - begun_ms;
    /* One chunk may be ahead of the rate, and one full bucket. */
    assert_true(moved + of_other <= RATE * took_ms / 1000 + RATE + CHUNK_BEFORE);
    agency_stop(&alpha);
    agency_start(&alpha, &(struct agency_plan){0});
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    net_stop();
}

/* ---- many callers ---- */

#define CALLERS 8

struct caller {
    pthread_t thread;
    const struct doc *body;
    size_t taken;
    int error;
};

static void *run_caller(void *argument)
{
    struct caller *caller = argument;
    while (caller->error == 0) {
        struct faults faults = {0};
        struct hash id;
        caller->error = gateway_transfer_start(&id, beta.gateway, &faults, caller->body);
        caller->taken += caller->error == 0;
    }
    return NULL;
}

/* A grant's share is the same however many ask for it at one time. */
static void callers_at_once(void **state)
{
    (void)state;
    char grant[65];
    struct caller callers[CALLERS];
    AUTO(doc_free) struct doc *body = doc_new_object();
    net_start("callers", &(struct agency_plan){0});
    http_server_stop(&alpha.server); /* nothing ends */
    net_grant(grant, "TREES", NULL, "");
    doc_set_text(body, "grant", grant);
    doc_set_text(body, "operator", "gateway");
    doc_set_text(body, "purpose", PURPOSE);
    doc_set_text(body, "system", SYSTEM);
    for (size_t i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){.body = body};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, run_caller, &callers[i]), 0);
    }
    size_t taken = 0;
    for (size_t i = 0; i < CALLERS; i++) {
        (void)pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].error, ERR_TRANSFER_SHARE);
        taken += callers[i].taken;
    }
    assert_int_equal(taken, TRANSFERS_PROVIDER_MAX / 3); /* as many as half of what is left then */
    net_stop();
}

/* ---- what a provider is judged by ---- */

/* Asks as a step does; what it told about the provider. */
static enum transfer_heard ask_once(const char *endpoint)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct gateway_client *client = gateway_client_new(&beta.gateway->tls, &net_never);
    const struct transfer_work work = {.gateway = beta.gateway, .lock = &lock, .client = client};
    struct transfer *transfer = transfer_new();
    const struct step step = {.transfer = transfer, .work = &work, .gateway = beta.gateway};
    AUTO(buf_free) struct buf body = {0};
    struct gateway_request request = {.answer_bytes_max = 1 << 20, .deadline_ms = 10000};
    int64_t wait_ms;
    snprintf(transfer->provider, sizeof transfer->provider, "%s", ALPHA);
    memset(transfer->hex, 'a', sizeof transfer->hex - 1);
    atomic_store(&net_diverted, endpoint);
    assert_int_not_equal(step_ask(&body, &wait_ms, &step, "manifest", &request), 0);
    atomic_store(&net_diverted, NULL);
    enum transfer_heard heard = transfer->heard;
    transfer_free(transfer);
    gateway_client_free(&client);
    return heard;
}

/* A refusal is an answer; silence takes long; where nobody listens nothing is learnt. */
static void what_questions_tell(void **state)
{
    (void)state;
    char silent[32];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    net_start("heard", &(struct agency_plan){0});
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    snprintf(silent, sizeof silent, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    assert_int_equal(ask_once(NULL), HEARD_SOON);
    assert_int_equal(ask_once(silent), HEARD_LATE);
    close(listener);
    assert_int_equal(ask_once(silent), HEARD_NOTHING);
    net_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_of_before_a_restart),
        cmocka_unit_test(callers_at_once),
        cmocka_unit_test(what_questions_tell),
    };
    return cmocka_run_group_tests_name("exchange_turns", tests, net_open_all, net_close_all);
}
