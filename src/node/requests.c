/* An account is a point in time: until when its share pays for what was answered. Behind now there
 * is budget; it never falls back by more than BURST_MS, and an answer may move it far ahead, since
 * what that costs is known only afterwards. */
#include "node/requests.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "base/thread_clock.h"

#include <string.h>

#define BURST_MS 250   /* of its share may be used at once */
#define SLICE_US 10000 /* of waiting requests, before the loop has its turn */
#define TICK_MS 10
#define BYTES_PER_US 512 /* to encrypt and write an answer */
#define BLAME_FLOOD 10

struct account {
    int64_t per_second_us;
    int64_t paid_until_us;
};

struct request {
    struct request *next;
    enum frame_kind kind;
    struct buf body;
};

struct client {
    struct account account;
    struct request *first;
    size_t waiting;
    int64_t second; /* in which `arrived` is counted */
    unsigned arrived;
};

struct requests {
    const struct node_parts *parts;
    struct requests_handler handler;
    uv_timer_t timer;
    struct account validators, others;
    struct client *clients; /* by peer id */
    size_t client_count;
    size_t turn;
    size_t waiting, waiting_bytes;
    bool closing;
};

/* ---- accounts ---- */

static bool has_budget(const struct account *account, int64_t now_us)
{
    return account->paid_until_us <= now_us;
}

static void charge(struct account *account, int64_t now_us, int64_t cost_us)
{
    int64_t earliest_us = now_us - 1000 * BURST_MS;
    if (account->paid_until_us < earliest_us) {
        account->paid_until_us = earliest_us;
    }
    account->paid_until_us += cost_us * 1000000 / account->per_second_us;
}

/* Of the time that an answer took without the processor. The two clocks do not tick as one. */
static int64_t wait_charged(int64_t waited_us)
{
    return waited_us < 0 ? 0 : waited_us < REQUESTS_WAIT_MAX_US ? waited_us : REQUESTS_WAIT_MAX_US;
}

static struct account *account_of_all(struct requests *requests, const struct peer *peer)
{
    return peer->validator ? &requests->validators : &requests->others;
}

static struct client *client_of(struct requests *requests, const struct peer *peer)
{
    if (peer->id >= requests->client_count) {
        size_t count = (size_t)peer->id + 1;
        requests->clients = memory_resize(requests->clients, count * sizeof *requests->clients);
        for (size_t i = requests->client_count; i < count; i++) {
            requests->clients[i] = (struct client){.account = {.per_second_us = REQUESTS_PEER_US}};
        }
        requests->client_count = count;
    }
    return &requests->clients[peer->id];
}

static bool may_answer(struct requests *requests, const struct peer *peer)
{
    int64_t now_us = clock_monotonic_us();
    return has_budget(&client_of(requests, peer)->account, now_us) &&
           has_budget(account_of_all(requests, peer), now_us);
}

static void answer(struct requests *requests, struct peer *peer, const struct frame *frame)
{
    int64_t begun_us = clock_monotonic_us(), used_us = clock_thread_us();
    size_t bytes = requests->handler.answer(requests->handler.context, peer, frame);
    used_us = clock_thread_us() - used_us;
    int64_t waited_us = clock_monotonic_us() - begun_us - used_us;
    int64_t write_us = (int64_t)(bytes / BYTES_PER_US) + 1;
    int64_t cost_us = used_us + write_us + wait_charged(waited_us);
    charge(&client_of(requests, peer)->account, begun_us, cost_us);
    charge(account_of_all(requests, peer), begun_us, cost_us);
    count_add(&requests->parts->counters->requests_served, 1);
    count_add(&requests->parts->counters->serve_us, (uint64_t)(used_us + waited_us + write_us));
}

/* ---- those that wait ---- */

static void take_out(struct requests *requests, struct client *client, struct request *out)
{
    struct request *request = client->first;
    *out = *request;
    client->first = request->next;
    client->waiting--;
    requests->waiting--;
    requests->waiting_bytes -= request->body.len;
    memory_free(request);
}

static void drop_waiting(struct requests *requests, struct client *client)
{
    while (client->first != NULL) {
        struct request request;
        take_out(requests, client, &request);
        buf_free(&request.body);
    }
}

/* Of the same kind and for the same thing: a block, a range from the same height, a part. */
static bool is_same(const struct request *request, const struct frame *frame)
{
    size_t len = frame->kind == FRAME_WANT_BLOCKS ? 8
                 : frame->kind == FRAME_WANT_PART ? SNAPSHOT_PART_KEY_BYTES
                                                  : 8 + HASH_BYTES;
    return request->kind == frame->kind && memcmp(request->body.data, frame->body.data, len) == 0;
}

static void let_wait(struct requests *requests, struct client *client, const struct frame *frame)
{
    struct request **at = &client->first;
    while (*at != NULL && !is_same(*at, frame)) {
        at = &(*at)->next;
    }
    size_t before = *at != NULL ? (*at)->body.len : 0;
    if ((*at == NULL && client->waiting == REQUESTS_WAITING_MAX) ||
        requests->waiting_bytes - before + frame->body.len > REQUESTS_WAITING_BYTES_MAX) {
        count_add(&requests->parts->counters->requests_dropped, 1);
        return;
    }
    if (*at == NULL) {
        *at = memory_alloc(sizeof **at);
        (*at)->kind = frame->kind;
        client->waiting++;
        requests->waiting++;
    }
    buf_clear(&(*at)->body);
    buf_append_view(&(*at)->body, frame->body);
    requests->waiting_bytes += frame->body.len - before;
    count_add(&requests->parts->counters->requests_delayed, 1);
}

/* One request of the next client in turn that has budget. */
static bool answer_one(struct requests *requests)
{
    for (size_t i = 0; i < requests->client_count; i++) {
        size_t id = requests->turn++ % requests->client_count;
        struct client *client = &requests->clients[id];
        struct peer *peer = peers_find(requests->parts->peers, (uint32_t)id);
        if (client->first == NULL || !may_answer(requests, peer)) {
            continue;
        }
        struct request request;
        take_out(requests, client, &request);
        const struct frame frame = {.kind = request.kind, .body = view_of_buf(&request.body)};
        answer(requests, peer, &frame);
        buf_free(&request.body);
        return true;
    }
    return false;
}

static void on_timer(uv_timer_t *timer)
{
    struct requests *requests = timer->data;
    int64_t begun_us = clock_monotonic_us();
    while (requests->waiting > 0 && clock_monotonic_us() - begun_us < SLICE_US &&
           answer_one(requests)) {
    }
    if (requests->waiting == 0) {
        uv_timer_stop(timer);
    }
}

/* ---- frames and peers ---- */

static int check_form(const struct frame *frame)
{
    struct wire_want want;
    struct wire_range range;
    struct view txids;
    struct snapshot_part part;
    switch (frame->kind) {
    case FRAME_WANT_BODY:
        return wire_read_want_body(&want, frame->body);
    case FRAME_WANT_TXS:
        return wire_read_want_txs(&want, &txids, frame->body);
    case FRAME_WANT_BLOCKS:
        return wire_read_want_blocks(&range, frame->body);
    case FRAME_WANT_PART:
        return wire_read_want_part(&part, frame->body);
    default:
        return ERR_ENCODING;
    }
}

static bool is_flood(struct requests *requests, struct peer *peer)
{
    struct client *client = client_of(requests, peer);
    int64_t second = clock_monotonic_ms() / 1000;
    if (client->second != second) {
        client->second = second;
        client->arrived = 0;
    }
    if (++client->arrived <= REQUESTS_PER_SECOND_MAX) {
        return false;
    }
    count_add(&requests->parts->counters->requests_dropped, 1);
    peer_blame(requests->parts->peers, peer, BLAME_FLOOD, "asks without end");
    return true;
}

int requests_frame(struct requests *requests, struct peer *peer, const struct frame *frame)
{
    int error = check_form(frame);
    if (error != 0 || requests->closing || is_flood(requests, peer)) {
        return error;
    }
    struct client *client = client_of(requests, peer);
    if (client->first == NULL && may_answer(requests, peer)) {
        answer(requests, peer, frame);
        return 0;
    }
    let_wait(requests, client, frame);
    if (!uv_is_active((uv_handle_t *)&requests->timer)) {
        uv_timer_start(&requests->timer, on_timer, TICK_MS, TICK_MS);
    }
    return 0;
}

void requests_peer_down(struct requests *requests, const struct peer *peer)
{
    drop_waiting(requests, client_of(requests, peer));
}

/* ---- life ---- */

void requests_open(struct requests **out, const struct node_parts *parts,
                   const struct requests_handler *handler)
{
    struct requests *requests = memory_alloc(sizeof *requests);
    requests->parts = parts;
    requests->handler = *handler;
    requests->validators.per_second_us = REQUESTS_VALIDATORS_US;
    requests->others.per_second_us = REQUESTS_OTHERS_US;
    ENSURE(uv_timer_init(parts->loop, &requests->timer) == 0);
    requests->timer.data = requests;
    *out = requests;
}

void requests_close(struct requests *requests)
{
    if (!requests->closing) {
        requests->closing = true;
        uv_close((uv_handle_t *)&requests->timer, NULL);
    }
}

void requests_free(struct requests **requests)
{
    if (*requests == NULL) {
        return;
    }
    for (size_t i = 0; i < (*requests)->client_count; i++) {
        drop_waiting(*requests, &(*requests)->clients[i]);
    }
    memory_free((*requests)->clients);
    memory_free(*requests);
    *requests = NULL;
}
