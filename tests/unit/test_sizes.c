/* Networks of one to ten validators, each the production state machine, over a bus and a clock of
 * the test's own: they decide as long as no more are down than the table bears, stop exactly with
 * one more, and go on when it is back. Signatures are taken as verified: here it is about counting.
 */
#include "check.h"

#include "base/memory.h"
#include "chain/header.h"
#include "consensus/consensus.h"

#include <stdio.h>
#include <string.h>

#define NODES_MAX 10
#define QUEUE_MAX 8192
#define BLOCKS_MAX 64
#define START_MS INT64_C(1770000000000)
#define LINK_MS 5
#define REPAIR_MS 1000

struct node {
    struct consensus *core; /* NULL: down */
    struct {
        bool set;
        int64_t due_ms;
        uint64_t height;
        uint32_t round;
    } timer[TIMER_KINDS];
    bool decided;
    struct hash block;
};

struct net {
    size_t n;
    struct validator_set set;
    struct node node[NODES_MAX];
    int64_t now_ms;
    size_t first, count; /* of the queue */
    struct {
        size_t to;
        int64_t due_ms;
        struct message message;
    } queue[QUEUE_MAX];
    size_t blocks;
    struct header block[BLOCKS_MAX];
};

static void step(struct net *net, size_t who, const struct event *event);

/* ---- what a node wants done ---- */

static void send_to_all(struct net *net, const struct message *message)
{
    for (size_t to = 0; to < net->n; to++) {
        assert_true(net->count < QUEUE_MAX);
        size_t at = (net->first + net->count++) % QUEUE_MAX;
        net->queue[at].to = to;
        net->queue[at].due_ms = net->now_ms + LINK_MS;
        net->queue[at].message = *message;
    }
}

static void build(struct event *answer, struct net *net, size_t who, const struct effect *effect)
{
    struct event event = {.kind = EVENT_BUILT, .now_ms = net->now_ms};
    struct header *header = &event.built.header;
    event.built.height = effect->build.height;
    event.built.round = effect->build.round;
    *header = (struct header){.version = HEADER_VERSION,
                              .height = effect->build.height,
                              .time_ms = effect->build.time_ms};
    validators_hash(&header->validators, &net->set);
    header->next_validators = header->validators;
    memcpy(header->proposer, net->set.item[who].member, sizeof header->proposer);
    assert_true(net->blocks < BLOCKS_MAX);
    net->block[net->blocks++] = *header;
    *answer = event;
}

static void execute(struct event *answer, struct net *net, const struct hash *block)
{
    for (size_t i = 0; i < net->blocks; i++) {
        struct event event = {.kind = EVENT_VERDICT, .now_ms = net->now_ms};
        header_hash(&event.verdict.block, &net->block[i]);
        if (hash_equal(&event.verdict.block, block)) {
            event.verdict.valid = true;
            event.verdict.header = net->block[i];
            *answer = event;
            return;
        }
    }
    fail_msg("a block that nobody built");
}

static void decide(struct net *net, size_t who, const struct effect *effect)
{
    struct node *node = &net->node[who];
    assert_false(node->decided);
    assert_true(effect->decide.certificate->count >= validators_quorum(net->n));
    node->decided = true;
    node->block = effect->decide.block;
    for (size_t i = 0; i < net->n; i++) { /* agreement */
        assert_true(!net->node[i].decided || hash_equal(&net->node[i].block, &node->block));
    }
}

static void set_timer(struct net *net, size_t who, const struct effect *effect)
{
    struct node *node = &net->node[who];
    node->timer[effect->timer.kind].set = true;
    node->timer[effect->timer.kind].due_ms = net->now_ms + effect->timer.delay_ms;
    node->timer[effect->timer.kind].height = effect->timer.height;
    node->timer[effect->timer.kind].round = effect->timer.round;
}

static void step(struct net *net, size_t who, const struct event *event)
{
    struct effects *effects = memory_alloc(sizeof *effects);
    struct event *answers = memory_alloc(EFFECTS_MAX * sizeof *answers);
    size_t answered = 0; /* fed back when the whole list is done */
    (void)consensus_step(net->node[who].core, event, effects); /* late or known: not taken */
    for (size_t i = 0; i < effects->count; i++) {
        const struct effect *effect = &effects->item[i];
        switch (effect->kind) {
        case EFFECT_SEND:
            send_to_all(net, &effect->send);
            break;
        case EFFECT_BUILD:
            build(&answers[answered++], net, who, effect);
            break;
        case EFFECT_EXECUTE:
            execute(&answers[answered++], net, &effect->execute.block);
            break;
        case EFFECT_DECIDE:
            decide(net, who, effect);
            break;
        case EFFECT_TIMER:
            set_timer(net, who, effect);
            break;
        case EFFECT_PERSIST:
            break; /* nobody loses a memory here */
        case EFFECT_EVIDENCE:
        case EFFECT_DIVERGED:
            fail_msg("all are honest");
        }
    }
    memory_free(effects);
    for (size_t i = 0; i < answered; i++) {
        step(net, who, &answers[i]);
    }
    memory_free(answers);
}

/* ---- time ---- */

static void deliver(struct net *net)
{
    while (net->count > 0 && net->queue[net->first].due_ms <= net->now_ms) {
        size_t to = net->queue[net->first].to;
        struct event event = {.kind = EVENT_MESSAGE, .now_ms = net->now_ms};
        event.message.message = net->queue[net->first].message;
        event.message.verified = true;
        net->first = (net->first + 1) % QUEUE_MAX;
        net->count--;
        if (net->node[to].core != NULL) {
            step(net, to, &event);
        }
    }
}

static void fire(struct net *net)
{
    for (size_t i = 0; i < net->n; i++) {
        for (int kind = 0; net->node[i].core != NULL && kind < TIMER_KINDS; kind++) {
            if (net->node[i].timer[kind].set && net->node[i].timer[kind].due_ms <= net->now_ms) {
                struct event event = {.kind = EVENT_TIMEOUT, .now_ms = net->now_ms};
                event.timeout.kind = (enum timer_kind)kind;
                event.timeout.height = net->node[i].timer[kind].height;
                event.timeout.round = net->node[i].timer[kind].round;
                net->node[i].timer[kind].set = false;
                step(net, i, &event);
            }
        }
    }
}

/* What is lost because somebody was down is said again. */
static void repair(struct net *net)
{
    for (size_t i = 0; i < net->n; i++) {
        struct consensus_cursor cursor = {0};
        struct message message;
        while (net->node[i].core != NULL && net->count < QUEUE_MAX / 2 &&
               consensus_next_message(&message, &cursor, net->node[i].core)) {
            send_to_all(net, &message);
        }
    }
}

static size_t decided(const struct net *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->n; i++) {
        count += net->node[i].decided;
    }
    return count;
}

static size_t up(const struct net *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->n; i++) {
        count += net->node[i].core != NULL;
    }
    return count;
}

/* Until all that are up have decided, or the time is over. */
static void run(struct net *net, int64_t for_ms)
{
    for (int64_t end_ms = net->now_ms + for_ms; net->now_ms < end_ms && decided(net) < up(net);) {
        net->now_ms += LINK_MS;
        deliver(net);
        fire(net);
        if (net->now_ms % REPAIR_MS == 0) {
            repair(net);
        }
    }
}

/* ---- networks ---- */

static void bring_up(struct net *net, size_t who)
{
    struct consensus_config config = {.timing = consensus_timing_default()};
    struct safety_record *empty = memory_alloc(sizeof *empty);
    safety_record_init(empty);
    memcpy(config.member, net->set.item[who].member, MEMBER_ID_CHARS);
    net->node[who].core = consensus_create(&config);
    struct event event = {.kind = EVENT_START_HEIGHT,
                          .now_ms = net->now_ms,
                          .start = {.height = 1,
                                    .set = &net->set,
                                    .next_set = &net->set,
                                    .previous_time_ms = START_MS - 1000,
                                    .work = true,
                                    .resume = empty,
                                    .timing = &config.timing}};
    step(net, who, &event);
    memory_free(empty);
}

static struct net *net_open(size_t n)
{
    struct net *net = memory_alloc(sizeof *net);
    net->n = net->set.count = n;
    net->now_ms = START_MS;
    for (size_t i = 0; i < n; i++) {
        struct secret_key secret = {{0}};
        secret.bytes[31] = (uint8_t)(i + 1);
        (void)snprintf(net->set.item[i].member, sizeof net->set.item[i].member, "%018u",
                       (unsigned)i);
        assert_int_equal(sign_vote_key(&net->set.item[i].key, &secret), 0);
    }
    return net;
}

static void net_close(struct net *net)
{
    for (size_t i = 0; i < net->n; i++) {
        consensus_free(&net->node[i].core);
    }
    memory_free(net);
}

/* How many may be down, written out. */
static const size_t bears[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3};

static void test_decides_with_as_many_down_as_it_bears(void **state)
{
    (void)state;
    for (size_t n = 1; n <= NODES_MAX; n++) {
        for (size_t down = 0; down <= bears[n]; down++) {
            for (size_t shift = 0; shift < n; shift++) { /* whoever's turn it is */
                struct net *net = net_open(n);
                for (size_t i = down; i < n; i++) {
                    bring_up(net, (i + shift) % n);
                }
                run(net, 600000);
                assert_int_equal(decided(net), n - down);
                net_close(net);
            }
        }
    }
}

static void test_stops_with_one_more_and_goes_on_with_it(void **state)
{
    (void)state;
    for (size_t n = 1; n <= NODES_MAX; n++) {
        struct net *net = net_open(n);
        for (size_t i = bears[n] + 1; i < n; i++) {
            bring_up(net, i);
        }
        run(net, 300000);
        assert_int_equal(decided(net), 0);
        bring_up(net, 0);
        run(net, 1200000);
        assert_int_equal(decided(net), n - bears[n]);
        net_close(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decides_with_as_many_down_as_it_bears),
        cmocka_unit_test(test_stops_with_one_more_and_goes_on_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
